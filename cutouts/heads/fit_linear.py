"""Word pieces, vectors and true labels in; a linear head, its out-of-fold scores and settings out.

Each label has its own linear support vector machine with squared hinge loss (Fan et al. 2008,
LIBLINEAR) over sublinear tf-idf of pieces and pairs next to the encoder's vector. How much the
vector weighs and how strongly weights are held back is chosen by cross-validation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from cutouts.heads.folds import MANY, Evidence, Fitted, Rows, Scores, Stage, folds
from cutouts.heads.linear import LinearHead, bytes_per_feature, linear_head
from cutouts.heads.machines import fit_machines
from cutouts.heads.settings import Settings, Trials, best_settings
from cutouts.heads.words import (
    SINGLE,
    Keys,
    document_frequency,
    inverse_document_frequency,
    unit_rows,
    word_matrix,
)

HEAD_BYTES = 1_300_000
CANDIDATES = 200_000  # features looked at; the most frequent
CANDIDATE_WEIGHTS = 10_000_000  # their weights, all labels together: 80 MB
PAIRS_IN_TEXTS = 2  # a pair in one text only is chance


@dataclass(frozen=True, slots=True)
class Features:
    """The words that a head knows, how much each counts, and the texts in these terms.

    Kept together, since counting the words of all texts takes as long as a fit.
    """

    keys: Keys
    idf: NDArray[np.float32]
    words: sparse.csr_array  # (texts, features)

    def matrix(self, evidence: Evidence, vector_weight: float) -> sparse.csr_array:
        """Return words and vector side by side, (texts, features + dim)."""
        vectors = sparse.csr_array(evidence.vectors.astype(np.float64) * vector_weight)
        both = sparse.hstack([self.words, vectors], format="csr")
        both.indices = both.indices.astype(np.int32)  # the solver takes no wider index
        both.indptr = both.indptr.astype(np.int32)
        return both

    def only(self, kept: Rows) -> Features:
        """Return the features with these numbers, in their order."""
        kept = np.sort(kept)
        return Features(self.keys[kept], self.idf[kept], unit_rows(self.words[:, kept]))


@dataclass(frozen=True, slots=True)
class Fold:
    """A part held out, and the words chosen without it."""

    train: Rows
    held_out: Rows
    features: Features

    def scores(self, evidence: Evidence, settings: Settings) -> Scores:
        """Return the scores of the part held out, by a fit to the others."""
        matrix = self.features.matrix(evidence, settings.vector_weight)
        weights, bias = fit_machines(matrix[self.train], evidence.truth[self.train], settings.cost)
        return np.asarray(matrix[self.held_out] @ weights + bias)


def fit_linear(
    evidence: Evidence, *, head_bytes: int = HEAD_BYTES, stage: Stage = lambda _: None
) -> Fitted:
    """Return the head fitted to all of the evidence, and scores from folds that had not seen it."""
    stage("choosing words")
    parts, features = choose_words(evidence, head_bytes)
    trials = trials_on(evidence, parts[:1] if len(evidence) >= MANY else parts, stage)
    settings = best_settings(trials.is_better)
    stage("scoring held-out texts")
    scores = np.zeros((len(evidence), evidence.labels))
    for part, known in zip_longest(parts, trials.scores(settings)):
        scores[part.held_out] = part.scores(evidence, settings) if known is None else known
    stage("fitting the head")
    chosen = {
        "vector_weight": settings.vector_weight,
        "cost": settings.cost,
        "word_features": len(features.keys),
    }
    return Fitted(fit_head(evidence, features, settings), scores, chosen, trials.tried())


def choose_words(evidence: Evidence, head_bytes: int) -> tuple[list[Fold], Features]:
    """Return each fold with the words chosen without its held-out part, and those by all texts."""
    words, room = candidates(evidence), _room(evidence, head_bytes)
    parts = [
        Fold(train, held_out, _prune(evidence, words, room, train))
        for train, held_out in folds(evidence)
    ]
    return parts, _prune(evidence, words, room, np.arange(len(evidence)))


def trials_on(evidence: Evidence, parts: Sequence[Fold], stage: Stage = lambda _: None) -> Trials:
    """Return trials of settings on the parts that these folds hold out."""
    return Trials(
        evidence.truth,
        [part.held_out for part in parts],
        lambda part, settings: parts[part].scores(evidence, settings),
        evidence.multiple,
        stage,
    )


class Sizes:
    """Heads of several sizes, of one encoder or several of the same pieces, on the same folds.

    Words are counted once and ranked once for each fold, since each takes as long as a fit to those
    that are kept, and beside the vectors of another table their ranks are hardly others.
    """

    def __init__(self, evidence: Evidence) -> None:
        """Rank the words beside the vectors of this evidence."""
        self._words = candidates(evidence)
        self._folds = [
            (train, held_out, _ranked(evidence, self._words, train))
            for train, held_out in folds(evidence, few=True)
        ]

    def quality(self, evidence: Evidence, head_bytes: int) -> float:
        """Return the quality on held-out texts of a head of this size, with the first settings."""
        room, words = _room(evidence, head_bytes), self._words
        parts = [
            Fold(train, held_out, words if len(ranked) <= room else words.only(ranked[:room]))
            for train, held_out, ranked in self._folds
        ]
        return trials_on(evidence, parts).quality(Settings())


def _room(evidence: Evidence, head_bytes: int) -> int:
    return word_room(evidence.labels, evidence.vectors.shape[1], head_bytes)


def word_room(labels: int, dim: int, head_bytes: int) -> int:
    """Return how many word features fit a head of `head_bytes`."""
    others = 4 * labels * (dim + 3) + 1000
    return int(max(0, head_bytes - others) // bytes_per_feature(labels))


def candidates(evidence: Evidence) -> Features:
    """Return every single piece and every pair in two texts or more, the most frequent if many."""
    keys, frequency = frequent(*document_frequency(evidence.pieces), evidence.labels)
    idf = inverse_document_frequency(len(evidence), frequency)
    return Features(keys, idf, word_matrix(evidence.pieces, keys, idf))


def frequent(
    keys: Keys, frequency: NDArray[np.int64], labels: int
) -> tuple[Keys, NDArray[np.int64]]:
    """Return the features that are looked at, of all that were counted, with their counts."""
    kept = (frequency >= PAIRS_IN_TEXTS) | (keys >> 16 == SINGLE)
    keys, frequency = keys[kept], frequency[kept]
    most = min(CANDIDATES, CANDIDATE_WEIGHTS // labels)
    if len(keys) > most:
        kept = np.sort(np.argsort(-frequency, kind="stable")[:most])
        keys, frequency = keys[kept], frequency[kept]
    return keys, frequency


def _prune(evidence: Evidence, features: Features, room: int, rows: Rows) -> Features:
    """Return the `room` features with the largest weights in a fit to the texts `rows`."""
    if len(features.keys) <= room:
        return features
    return features.only(_ranked(evidence, features, rows)[:room])


def _ranked(evidence: Evidence, features: Features, rows: Rows) -> Rows:
    """Return the numbers of the features, those with the largest weights in a fit to `rows` first."""
    settings = Settings()
    matrix = features.matrix(evidence, settings.vector_weight)[rows]
    weights, _ = fit_machines(matrix, evidence.truth[rows], settings.cost)
    size = np.linalg.norm(weights[: len(features.keys)], axis=1)
    return np.argsort(-size, kind="stable")


def fit_head(evidence: Evidence, features: Features, settings: Settings) -> LinearHead:
    """Return the head that all of the evidence gives with these words and settings."""
    matrix = features.matrix(evidence, settings.vector_weight)
    weights, bias = fit_machines(matrix, evidence.truth, settings.cost)
    words = len(features.keys)
    meaning = weights[words:].T * settings.vector_weight
    return linear_head(
        features.keys,
        features.idf,
        weights[:words].astype(np.float32),
        meaning.astype(np.float32),
        bias.astype(np.float32),
    )
