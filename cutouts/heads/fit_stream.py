"""Rows in buckets on disk in; a linear head, its scores on the part held out and settings out.

What `fit_linear` does in memory, in as much memory as a few buckets take: words are chosen by the
weights of a fit to the training buckets, settings by fits to the first of these, measured on the
part held out. The head is then fitted to all training buckets, and after it has told the part held
out, which calibration needs, fitted further with that part too.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from cutouts.encoders.tokenizer import join
from cutouts.errors import HeadError
from cutouts.heads.block_machines import Block, BlockMachines
from cutouts.heads.buckets import HELD_OUT, HELD_OUT_SCORES, Buckets
from cutouts.heads.fit_linear import (
    HEAD_BYTES,
    Features,
    Fold,
    frequent,
    trials_on,
    word_room,
)
from cutouts.heads.folds import SEED, Evidence, Fitted, Stage
from cutouts.heads.linear import LinearHead, linear_head
from cutouts.heads.settings import Settings, best_settings
from cutouts.heads.words import Keys, inverse_document_frequency, word_matrix

TRIAL_ROWS = 20_000  # that settings are tried on, beside those held out
CHOOSING_ROWS = 200_000  # that words are chosen by
CHOOSING_PASSES = 3
MOST_PASSES = 8
SETTLED = 0.1  # of all that pulls: a pass that changes less is the last

Words = tuple[Keys, NDArray[np.float32]]  # features, sorted, and the idf of each


class StreamFit:
    """A fit of machines to buckets, pass after pass; their pulls lie on disk between passes."""

    def __init__(
        self,
        buckets: Buckets,
        words: Words,
        settings: Settings,
        at: Path,
        stage: Stage = lambda _: None,
    ) -> None:
        """Begin with weights of zero; `at` is a folder that is made for the pulls."""
        self.keys, self.idf = words
        self.settings = settings
        self.machines = BlockMachines(
            len(self.keys), buckets.dim, len(buckets.labels), settings.cost
        )
        self.passes = 0
        self._buckets = buckets
        self._at = at
        self._stage = stage
        at.mkdir()

    def run(self, numbers: Sequence[int], most: int, what: str) -> None:
        """Pass over these buckets until a pass changes little, or `most` times."""
        for number in range(1, most + 1):
            order = np.random.default_rng([SEED, self.passes])
            title = f"{what}, pass {number} of at most {most}"
            moved = pulled = 0.0
            for bucket in _bar(order.permutation(numbers).tolist(), title):
                one_moved, one_pulled = self._learn(bucket, order)
                moved, pulled = moved + one_moved, pulled + one_pulled
            self.passes += 1
            share = moved / pulled if pulled else 0.0
            self._stage(f"{title}: {100 * share:.0f} % of the pulls changed")
            if moved <= SETTLED * pulled:
                return

    def block(self, evidence: Evidence) -> Block:
        """Return texts in the terms of the machines."""
        vectors = evidence.vectors.astype(np.float64) * self.settings.vector_weight
        return Block(word_matrix(evidence.pieces, self.keys, self.idf), vectors, evidence.truth)

    def head(self) -> LinearHead:
        """Return the head with the weights that were reached."""
        return linear_head(
            self.keys,
            self.idf,
            self.machines.words.astype(np.float32),
            (self.machines.meaning.T * self.settings.vector_weight).astype(np.float32),
            self.machines.bias.astype(np.float32),
        )

    def _learn(self, bucket: int, order: np.random.Generator) -> tuple[float, float]:
        """Learn from a bucket; return how much its pulls changed, and how large they are."""
        evidence, path = self._buckets.read(bucket), self._at / f"{bucket}.pulls"
        pulls = np.zeros(evidence.truth.shape, np.float32)
        if path.exists():
            pulls = np.fromfile(path, np.float32).reshape(evidence.truth.shape)
        moved = self.machines.learn(self.block(evidence), pulls, order.permutation(len(evidence)))
        path.write_bytes(pulls.tobytes())  # `tofile` does not say that the disk is full
        return moved, float(pulls.sum(dtype=np.float64))


def fit_stream(
    buckets: Buckets, at: Path, *, head_bytes: int = HEAD_BYTES, stage: Stage = lambda _: None
) -> tuple[Fitted, Evidence]:
    """Return the head fitted to all rows, and the rows whose scores are from a fit without them.

    `at` is an empty folder for what lies on disk meanwhile: 4 bytes for each row and label. Raises
    HeadError when too few rows are there to hold some out.
    """
    held_out = buckets.read(HELD_OUT)
    most = HELD_OUT_SCORES // len(buckets.labels)
    held_out = join_evidence([held_out], most) if len(held_out) > most else held_out
    trial = _first(buckets, TRIAL_ROWS)
    if not len(trial) or not held_out.truth.any():
        raise HeadError(
            f"{buckets.rows:,} rows are too few to hold a part with labels out: train on the texts"
        )
    stage("choosing words")
    words = choose_words(buckets, at / "choosing", head_bytes, stage)
    stage(f"trying settings on {len(trial):,} rows")
    settings, tried = choose_settings(trial, held_out, words, stage)
    stage(f"fitting {buckets.rows:,} rows with {settings}")
    fit = StreamFit(buckets, words, settings, at / "fitting", stage)
    fit.run(buckets.training, MOST_PASSES, "fitting without the rows held out")
    scores = fit.machines.scores(fit.block(held_out))
    fit.run([HELD_OUT, *buckets.training], MOST_PASSES, "fitting with all rows")
    chosen = {
        "vector_weight": settings.vector_weight,
        "cost": settings.cost,
        "word_features": len(fit.keys),
        "passes": fit.passes,
        "counted_too_low_by_at_most": buckets.counting.lost,
    }
    return Fitted(fit.head(), scores, chosen, tried), held_out


def choose_words(buckets: Buckets, at: Path, head_bytes: int, stage: Stage) -> Words:
    """Return the words that fit a head of `head_bytes`, and the idf of each.

    They are those with the largest weights in a fit to the first training buckets.
    """
    labels = len(buckets.labels)
    keys, frequency = frequent(*buckets.counting.found(), labels)
    idf = inverse_document_frequency(buckets.counting.texts, frequency)
    room = word_room(labels, buckets.dim, head_bytes)
    if len(keys) <= room:
        return keys, idf
    fit = StreamFit(buckets, (keys, idf), Settings(), at, stage)
    share = CHOOSING_ROWS / max(1, buckets.rows)
    count = max(1, round(len(buckets.training) * min(1.0, share)))
    fit.run(buckets.training[:count], CHOOSING_PASSES, "choosing words")
    size = np.linalg.norm(fit.machines.words, axis=1)
    kept = np.sort(np.argsort(-size, kind="stable")[:room])
    return keys[kept], idf[kept]


def choose_settings(
    trial: Evidence,
    held_out: Evidence,
    words: Words,
    stage: Stage = lambda _: None,
) -> tuple[Settings, dict[str, float]]:
    """Return the settings that do best on the rows held out by fits to `trial`, and all tried."""
    both = join_evidence([trial, held_out])
    features = Features(*words, word_matrix(both.pieces, *words))
    rows = np.arange(len(both))
    fold = Fold(rows[: len(trial)], rows[len(trial) :], features)
    trials = trials_on(both, [fold], stage)
    settings = best_settings(trials.is_better)
    return settings, dict(trials.tried())


def join_evidence(parts: Sequence[Evidence], most: int | None = None) -> Evidence:
    """Return the rows of all parts, or the first `most` of them."""
    pieces = join([ids for part in parts for ids in part.pieces][:most])
    vectors = np.concatenate([part.vectors for part in parts])[:most]
    truth = np.concatenate([part.truth for part in parts])[:most]
    return Evidence(pieces, vectors, truth, parts[0].multiple)


def _first(buckets: Buckets, most: int) -> Evidence:
    """Return the rows of the first training buckets, which are as good as any, at most so many."""
    parts: list[Evidence] = []
    for number in buckets.training:
        parts.append(buckets.read(number))
        if sum(map(len, parts)) >= most:
            break
    return join_evidence(parts, most)


def _bar(numbers: list[int], what: str) -> Any:
    return tqdm(numbers, desc=what, unit=" buckets", file=sys.stderr, disable=None, leave=False)
