"""Corpora in; accuracy, seconds and memory of a head trained in memory and from shards out."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.command import run_command
from bench.made_shards import DIM, made_encoder, write_made
from bench.table import print_table
from cutouts.samples import SAMPLES, write_sample

MADE_ROWS = 2_000_000
ONE_THREAD = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
HEADER = (
    "corpus",
    "way",
    "accuracy",
    "macro F1",
    "calibration error",
    "seconds",
    "peak memory, MB",
)


def main(folders: Sequence[Path]) -> None:
    """Train on each corpus both ways, each in a process of its own, with the static encoder."""
    rows = []
    for folder in folders or [Path(name) for name in SAMPLES]:
        with tempfile.TemporaryDirectory() as made:
            rows += _both(folder, Path(made))
        print_table(HEADER, rows[-2:])
    print()
    print_table(HEADER, rows)


def on_made_rows(folders: Sequence[Path]) -> None:  # noqa: ARG001  (the same for every measurement)
    """Train on 2,000,000 made rows; the memory of the process is its largest resident set.

    With one thread per product of matrices: on a busy machine, two wait for each other.
    """
    with tempfile.TemporaryDirectory() as made:
        shards = Path(made) / "shards"
        shards.mkdir()
        write_made(shards, MADE_ROWS)
        ran = run_command([sys.executable, "-m", "bench.out_of_core", str(shards)], ONE_THREAD)
    found = json.loads(ran.printed)
    header = (
        *("rows", "numbers", "accuracy", "passes", "seconds"),
        *("largest resident set, MB", "all processes together, MB"),
    )
    cells = (f"{found['accuracy']:.4f}", found["passes"], f"{ran.seconds:.0f}")
    sizes = (f"{found['peak_bytes'] / 1e6:,.0f}", f"{ran.peak_bytes / 1e6:,.0f}")
    print_table(header, [(f"{MADE_ROWS:,}", DIM, *cells, *sizes)])


def _both(folder: Path, made: Path) -> list[tuple[str, ...]]:
    """Return the two rows of a corpus."""
    if str(folder) in SAMPLES:
        train, test = write_sample(str(folder), made)[:2]
    else:
        train, test = folder / "train.csv", folder / "test.csv"
    cutouts = [sys.executable, "-m", "cutouts.cli"]
    run_command([*cutouts, "embed", str(train), "--out", str(made / "shards"), "--workers", "1"])
    rows = []
    for way, source in (("in memory", train), ("shards", made / "shards")):
        words = [*cutouts, "train", str(source), "--test", str(test), "--json"]
        ran = run_command([*words, "--out", str(made / "bundle")], ONE_THREAD)
        found = json.loads(ran.printed)
        names = ("accuracy", "macro_f1", "calibration_error")
        numbers = [f"{found[name]:.4f}" for name in names]
        memory = f"{ran.peak_bytes / 1e6:,.0f}"
        rows.append((folder.name, way, *numbers, f"{ran.seconds:.0f}", memory))
    return rows


def _train_made(shards: Path) -> None:
    """Train in this process, and print what the caller puts into the table."""
    from cutouts.shard_training import train_shards

    with tempfile.TemporaryDirectory() as out:
        trained = train_shards(shards, encoder=made_encoder(), out=Path(out) / "bundle")
    # VmHWM and not ru_maxrss, which begins with the size of the process that started this one.
    status = Path(f"/proc/{os.getpid()}/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    found = {
        "accuracy": trained.metrics.accuracy,
        "passes": trained.bundle.manifest["provenance"]["passes"],
        "peak_bytes": int(peak.split()[1]) * 1024,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    _train_made(Path(sys.argv[1]))
