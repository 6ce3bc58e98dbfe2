"""Labelled texts in; which similarity is the least for "more like this", by encoder, out.

Two things can go wrong. A text that nothing is like (one of another corpus) is shown something, or
a text with others of its label is told that nothing is like it. The bound is where both happen to
the same share of texts, each corpus counting alike. Texts have one passage, of at most 200 words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.library.node import embed
from bench.table import print_table
from cutouts.corpus import Corpus, read_corpus
from cutouts.encoders import ENCODERS, Matrix, load_encoder
from cutouts.samples import read_sample

SAMPLE = "20newsgroups"
TEXTS, FOREIGN = 2000, 500  # of a corpus; of each other corpus
WORDS = 200
BOUNDS = np.arange(0, 1, 0.01)


@dataclass(frozen=True, slots=True)
class Texts:
    """Some texts of a corpus, each with one label."""

    texts: list[str]
    labels: NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Similar:
    """Cosines of a corpus: of pairs, and of each text with the nearest."""

    random: NDArray[np.float32]  # pairs of different labels
    same: NDArray[np.float32]  # pairs of one label
    own: NDArray[np.float32]  # each text with the nearest of its label
    foreign: NDArray[np.float32]  # each text of another corpus with the nearest of this one

    def errors(self, bound: float) -> tuple[float, float]:
        """Return the shares of texts told nothing though there is, and shown something though not."""
        return float(np.mean(self.own < bound)), float(np.mean(self.foreign >= bound))


def main(folders: Sequence[Path]) -> None:
    """Print for each encoder what pairs of texts have in common, and the bound."""
    if not folders:
        raise ValueError("one corpus knows no text that nothing is like: give more with --data")
    chosen = {folder.name: _chosen(read_corpus(folder / "train.csv")) for folder in folders}
    chosen[SAMPLE] = _chosen(read_sample(SAMPLE, "train"))
    rows = [row for encoder in ENCODERS for row in _rows(encoder, chosen)]
    pairs = ("random pairs, 50 / 99 / 99.9 %", "same label, 10 / 50 / 90 %")
    errors = ("told nothing", "shown something")
    print_table(("encoder", "texts", *pairs, "bound", "pairs above, random / same", *errors), rows)


def _chosen(corpus: Corpus) -> Texts:
    places = np.random.default_rng(0).permutation(len(corpus.texts))
    single = [place for place in places if len(corpus.labels[place]) == 1][:TEXTS]
    texts = [" ".join(corpus.texts[place].split()[:WORDS]) for place in single]
    return Texts(texts, np.array([corpus.labels[place][0] for place in single]))


def _rows(name: str, chosen: Mapping[str, Texts]) -> list[tuple[str, ...]]:
    encoder = load_encoder(name)
    vectors = {each: embed(one.texts, encoder) for each, one in chosen.items()}
    found = {each: _similar(each, one.labels, vectors) for each, one in chosen.items()}
    errors = np.array([[one.errors(bound) for one in found.values()] for bound in BOUNDS])
    means = errors.mean(axis=1)  # (bounds, 2)
    best = int(np.abs(means[:, 0] - means[:, 1]).argmin())
    pairs = [(each, *_pairs(one, BOUNDS[best])) for each, one in found.items()]
    shares = [[f"{error:.3f}" for error in both] for both in (*errors[best], means[best])]
    return [
        (name, *pair, *share)
        for pair, share in zip((*pairs, ("mean", "", "", "", "")), shares, strict=True)
    ]


def _similar(name: str, labels: NDArray[np.str_], vectors: Mapping[str, Matrix]) -> Similar:
    mine = vectors[name]
    cosines = mine @ mine.T  # (texts, texts)
    is_same = labels[:, None] == labels[None]
    np.fill_diagonal(is_same, val=False)
    with_like = is_same.any(axis=1)
    own = np.where(is_same, cosines, -1).max(axis=1)[with_like]
    others = np.concatenate([each[:FOREIGN] for other, each in vectors.items() if other != name])
    different = labels[:, None] != labels[None]
    return Similar(cosines[different], cosines[is_same], own, (others @ mine.T).max(axis=1))


def _pairs(one: Similar, bound: float) -> tuple[str, str, str, str]:
    above = " / ".join(f"{np.mean(pairs >= bound):.4f}" for pairs in (one.random, one.same))
    random, same = _percentiles(one.random, (50, 99, 99.9)), _percentiles(one.same, (10, 50, 90))
    return random, same, f"{bound:.2f}", above


def _percentiles(cosines: NDArray[np.float32], percents: Sequence[float]) -> str:
    return " / ".join(f"{value:.2f}" for value in np.percentile(cosines, percents))
