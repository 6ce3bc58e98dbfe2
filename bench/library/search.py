"""Judged queries and corpora in; how well and how fast the library is searched, out.

Folders with docs.jsonl are judged queries (cranfield.py), those with train.csv give the texts of
10,000 and 100,000 cutouts (stock.py). Node runs the library's own code, on a database in memory.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.library import cranfield
from bench.library.node import run, write_inputs
from bench.library.stock import make_cutouts, make_queries
from bench.table import print_table
from cutouts.encoders import load_encoder

NUMBERS = (10_000, 100_000)
QUERIES = 400
CANDIDATES = (250, 500, 1000, 2000, 4000)  # passages that are scored with their rows
WAYS = ("words", "vectors", "hybrid", "list")


def main(folders: Sequence[Path]) -> None:
    """Print what ranks best, then how fast it is."""
    judged = [folder for folder in folders if (folder / "docs.jsonl").exists()]
    corpora = [folder for folder in folders if (folder / "train.csv").exists()]
    if judged:
        print("nDCG@10; what is learned is learned on other queries\n")
        cranfield.main(judged)
    found = {number: _measure(corpora, number) for number in NUMBERS}
    print("\nMilliseconds in Node, p50 / p95, 20 hits with snippets; vectors of `static`\n")
    print_table(
        ("cutouts", "passages", *WAYS, "slowest by words", "bytes beyond the text", "filled, s"),
        [_speed_row(number, one) for number, one in found.items()],
    )
    print(
        "\nRecall@10 by passages scored: beside all vectors in float32 / beside all rows in int8\n"
    )
    rows = [
        (f"{number:,}", *(f"{r['exact']:.4f} / {r['rows']:.4f}" for r in one["recall"]))
        for number, one in found.items()
    ]
    print_table(("cutouts", *(f"{count:,}" for count in CANDIDATES), "all"), rows)


def _measure(corpora: Sequence[Path], number: int) -> dict[str, Any]:
    encoder = load_encoder("static")
    cutouts = list(make_cutouts(corpora, number))
    titles = [str(one["title"]) for one in cutouts]
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        write_inputs(folder, cutouts, make_queries(titles, QUERIES), encoder)
        run("speed", folder, {"dim": encoder.description.dim, "candidates": CANDIDATES})
        found: dict[str, Any] = json.loads((folder / "speed.json").read_text())
    return found


def _speed_row(number: int, found: dict[str, Any]) -> Sequence[str]:
    cells = [
        f"{np.median(found['times'][way]):.1f} / {np.percentile(found['times'][way], 95):.1f}"
        for way in WAYS
    ]
    slowest = f"{max(found['times']['words']):.0f}"
    beyond, filling = f"{found['beyondText']:,.0f}", f"{found['filling'] / 1000:.0f}"
    return (f"{number:,}", f"{found['passages']:,}", *cells, slowest, beyond, filling)
