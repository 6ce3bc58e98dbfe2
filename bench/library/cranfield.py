"""Judged queries in; how well words, meaning and both together rank, out.

A folder has docs.jsonl (id, title, text), queries.jsonl (id, text) and qrels.tsv (query_id, doc_id,
relevance). nDCG@10 with the relevance as gain and a logarithmic discount (Järvelin and Kekäläinen,
2002). What is learned is learned on the other queries: five parts, each held out in turn.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.library.node import a_cutout, run, write_inputs
from bench.table import print_table
from cutouts.encoders import load_encoder

ENCODERS = ("static", "minilm")
TITLES = (1, 2, 4, 8)  # what a word in a title counts beside one in the text
SHARES = tuple(round(0.05 * step, 2) for step in range(21))  # of meaning
PARTS, ROUNDS = 5, 20
DEPTH = 10

Scores = NDArray[np.float64]  # (queries, settings)


@dataclass(frozen=True, slots=True)
class Judged:
    """Documents, queries, and the relevance of documents (counted from 1) for each query."""

    cutouts: list[dict[str, object]]
    queries: list[str]
    relevance: list[Mapping[int, int]]


def main(folders: Sequence[Path]) -> None:
    """Print one row for each encoder and folder."""
    rows = [
        (folder.name, name, *_cells(_rankings(judged, name), judged))
        for folder in folders
        for judged in (read_judged(folder),)
        for name in ENCODERS
    ]
    header = ("queries", "encoder", "words alone", "meaning alone", "reciprocal ranks", "learned")
    print_table((*header, "queries better / worse than by ranks", "share of meaning, title"), rows)


def read_judged(folder: Path) -> Judged:
    """Return what is in the folder."""
    docs, queries = (_lines(folder / name) for name in ("docs.jsonl", "queries.jsonl"))
    place = {doc["id"]: number for number, doc in enumerate(docs, start=1)}
    relevance: dict[str, dict[int, int]] = {query["id"]: {} for query in queries}
    with (folder / "qrels.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            relevance[row["query_id"]][place[row["doc_id"]]] = int(row["relevance"])
    cutouts = [a_cutout(doc["id"], title=doc["title"], body=doc["text"]) for doc in docs]
    return Judged(cutouts, [query["text"] for query in queries], list(relevance.values()))


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _rankings(judged: Judged, name: str) -> list[dict[str, Any]]:
    encoder = load_encoder(name)
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        write_inputs(folder, judged.cutouts, judged.queries, encoder)
        settings = {"dim": encoder.description.dim, "titles": TITLES, "shares": SHARES}
        run("rankings", folder, settings)
        found: list[dict[str, Any]] = json.loads((folder / "rankings.json").read_text())
    return found


def ndcg(ranking: Sequence[int], relevance: Mapping[int, int]) -> float:
    """Return the discounted gain of the first ten, as a share of the highest possible."""
    discounts = 1 / np.log2(np.arange(2, DEPTH + 2))
    gains = [relevance.get(doc, 0) for doc in ranking[:DEPTH]]
    ideal = sorted(relevance.values(), reverse=True)[:DEPTH]
    highest = float(np.dot(ideal, discounts[: len(ideal)]))
    return float(np.dot(gains, discounts[: len(gains)])) / highest if highest else 0.0


def _cells(rankings: Sequence[Mapping[str, Any]], judged: Judged) -> Sequence[str]:
    pairs = list(zip(rankings, judged.relevance, strict=True))
    words = np.array([[ndcg(t["words"], r) for t in one["byTitle"]] for one, r in pairs])
    ranks = np.array([[ndcg(t["ranks"], r) for t in one["byTitle"]] for one, r in pairs])
    fused = np.array(
        [[[ndcg(f, r) for f in t["fused"]] for t in one["byTitle"]] for one, r in pairs]
    )
    meaning = float(np.mean([ndcg(one["meaning"], r) for one, r in pairs]))
    flat = fused.reshape(len(pairs), -1)
    chosen = int(flat.mean(axis=0).argmax())
    title, share = TITLES[chosen // len(SHARES)], SHARES[chosen % len(SHARES)]
    learned, by_ranks = held_out(flat), held_out(ranks)
    better, worse = (learned > by_ranks + 1e-9).sum(), (learned < by_ranks - 1e-9).sum()
    means = (held_out(words).mean(), meaning, by_ranks.mean(), learned.mean())
    return (*(f"{mean:.4f}" for mean in means), f"{better} / {worse}", f"{share}, {title}")


def held_out(scores: Scores) -> NDArray[np.float64]:
    """Return each query's score by the setting best on the other parts: its mean over rounds."""
    total = np.zeros(len(scores))
    for seed in range(ROUNDS):
        part = np.random.default_rng(seed).permutation(len(scores)) % PARTS
        for number in range(PARTS):
            best = scores[part != number].mean(axis=0).argmax()
            total[part == number] += scores[part == number, best]
    return total / ROUNDS
