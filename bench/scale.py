"""Corpora in; rows a second and memory of `cutouts embed` on 10,000 to 1,000,000 texts out."""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.command import run_command
from bench.table import print_table
from cutouts.corpus import read_corpus

SIZES = (10_000, 100_000, 1_000_000)
WORKERS = (1, 2)
KEPT = 0.85  # of the words of each title
NUMBERS = ("seconds", "rows a second", "processor µs a row", "peak memory, MB", "bytes a row")
HEADER = ("engine", "texts", "workers", *NUMBERS)


def main(folders: Sequence[Path]) -> None:
    """Encode with processes of this machine."""
    for folder in folders:
        _measure(folder, "local")


def on_ray(folders: Sequence[Path]) -> None:
    """Encode with Ray on this machine; its start is in the seconds."""
    for folder in folders:
        _measure(folder, "ray")


def _measure(folder: Path, engine: str) -> None:
    titles = read_corpus(folder / "train.csv").texts
    print(f"{folder.name}: two of its {len(titles):,} titles joined, words left out\n")
    rows = []
    with tempfile.TemporaryDirectory() as made:
        for count in SIZES:
            path = Path(made) / f"{count}.csv"
            _write(path, titles, count)
            rows += [_embed(path, Path(made) / "out", engine, count, number) for number in WORKERS]
            path.unlink()
    print_table(HEADER, rows)


def _write(path: Path, titles: Sequence[str], count: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text"])
        writer.writerows([text] for text in _varied(titles, count))


def _varied(titles: Sequence[str], count: int) -> Iterator[str]:
    """Yield texts of real words in new neighbourhoods, the same ones each time."""
    chance = random.Random(0)  # noqa: S311  (no secret)
    for _ in range(count):
        words = f"{chance.choice(titles)} {chance.choice(titles)}".split()
        yield " ".join(word for word in words if chance.random() < KEPT) or words[0]


def _embed(path: Path, out: Path, engine: str, count: int, workers: int) -> tuple[str, ...]:
    """Return a row of the table. One worker has one core, its tokenizer too."""
    words = [sys.executable, "-m", "cutouts.cli", "embed", str(path), "--out", str(out)]
    options = ["--engine", engine, "--workers", str(workers), "--json"]
    ran = run_command([*words, *options], {**os.environ, "TOKENIZERS_PARALLELISM": "false"})
    shutil.rmtree(out)
    found = json.loads(ran.printed)
    if found["encoded"] != count:
        raise SystemExit(f"{found['encoded']:,} of {count:,} texts were encoded")
    seconds = found["seconds"]
    # Ray's processes are nobody's children: their time is not known here.
    used = "" if engine == "ray" else f"{ran.cpu_seconds / count * 1e6:.1f}"
    numbers = (f"{seconds:.1f}", f"{count / seconds:,.0f}", used)
    sizes = (f"{ran.peak_bytes / 1e6:,.0f}", f"{found['bytes'] / count:.0f}")
    return (engine, f"{count:,}", str(workers), *numbers, *sizes)
