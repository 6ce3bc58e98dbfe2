"""Corpora in; rows a second and memory of `cutouts embed` on 10,000 to 1,000,000 texts out."""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.command import run_command
from bench.table import print_table
from cutouts.corpus import read_corpus
from cutouts.embed import Engine, embed
from cutouts.embed.blocks import cut_blocks
from cutouts.embed.plan import SHARD_ROWS, find_inputs

SIZES = (10_000, 100_000, 1_000_000)
WORKERS = (1, 2)
PARTS_ROWS = 500_000
TRANSFORMER_ROWS = 10_000
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


def parts(folders: Sequence[Path]) -> None:
    """Measure what the plan for a hundred million rows is made of, beside what `main` tells."""
    for folder in folders:
        _measure_parts(folder)


def _measure_parts(folder: Path) -> None:
    titles = read_corpus(folder / "train.csv").texts
    print(f"{folder.name}: two of its {len(titles):,} titles joined, words left out\n")
    with tempfile.TemporaryDirectory() as made:
        path, out = Path(made) / "texts.csv", Path(made) / "out"
        _write(path, titles, PARTS_ROWS)
        begun = time.process_time()  # of this process, which reads and writes, alone
        embed([str(path)], out, engine=Engine(workers=2))
        both = (time.process_time() - begun) / PARTS_ROWS
        shards = range(PARTS_ROWS // SHARD_ROWS)
        begun = time.process_time()
        rows = sum(
            block.rows for block in cut_blocks(find_inputs([str(path)], {}), SHARD_ROWS, shards)
        )
        over = (time.process_time() - begun) / rows
        _write(path, titles, TRANSFORMER_ROWS)
        shutil.rmtree(out)
        held = [
            _embed(path, out, "local", TRANSFORMER_ROWS, number, "minilm")[-2] for number in WORKERS
        ]
    print_table(
        ("part", "value"),
        [
            (f"read and write, µs a row of {PARTS_ROWS:,}", f"{both * 1e6:.1f}"),
            ("read over finished rows, µs a row", f"{over * 1e6:.1f}"),
            *(
                (f"peak memory of minilm, workers: {number}, MB", peak)
                for number, peak in zip(WORKERS, held, strict=True)
            ),
        ],
    )


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


def _embed(
    path: Path, out: Path, engine: str, count: int, workers: int, encoder: str = "static"
) -> tuple[str, ...]:
    """Return a row of the table. One worker has one core, its tokenizer too."""
    words = [sys.executable, "-m", "cutouts.cli", "embed", str(path), "--out", str(out)]
    options = ["--encoder", encoder, "--engine", engine, "--workers", str(workers), "--json"]
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
