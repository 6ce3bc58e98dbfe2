"""20 Newsgroups in; how long `cutouts train` takes and how much memory all its processes hold, out."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.command import run_command
from bench.table import print_table
from cutouts.samples import write_sample

ROUNDS = 3


def main(folders: Sequence[Path]) -> None:  # noqa: ARG001  (the same for every measurement)
    """Train with the encoder cached, each time in a process of its own."""
    rows = []
    with tempfile.TemporaryDirectory() as out:
        train, test = write_sample("20newsgroups", out)[:2]
        command = [sys.executable, "-m", "cutouts.cli", "train", str(train), "--test", str(test)]
        for number in range(ROUNDS):
            ran = run_command([*command, "--out", f"{out}/bundle"])
            rows.append((number + 1, f"{ran.seconds:.1f}", f"{ran.peak_bytes / 1e6:,.0f}"))
    print_table(("run", "seconds", "peak memory of all processes, MB"), rows)
