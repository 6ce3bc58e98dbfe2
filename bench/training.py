"""20 Newsgroups in; how long `cutouts train` takes and how much memory all its processes hold, out."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.memory import family, held
from bench.table import print_table
from cutouts.samples import write_sample

ROUNDS = 3
PAUSE_SECONDS = 0.3  # between two looks at the memory


def main(folders: Sequence[Path]) -> None:  # noqa: ARG001  (the same for every measurement)
    """Train with the encoder cached, each time in a process of its own."""
    rows = []
    with tempfile.TemporaryDirectory() as out:
        train, test = write_sample("20newsgroups", out)[:2]
        command = [sys.executable, "-m", "cutouts.cli", "train", str(train), "--test", str(test)]
        for number in range(ROUNDS):
            seconds, peak = _run([*command, "--out", f"{out}/bundle"])
            rows.append((number + 1, f"{seconds:.1f}", f"{peak / 1e6:,.0f}"))
    print_table(("run", "seconds", "peak memory of all processes, MB"), rows)


def _run(command: Sequence[str]) -> tuple[float, int]:
    """Return the seconds that the command took and the most bytes that its processes held."""
    begun, peak = time.monotonic(), 0
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        peak = max(peak, sum(held(one) for one in family(process.pid)))
        time.sleep(PAUSE_SECONDS)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with exit code {process.returncode}")
    return time.monotonic() - begun, peak
