"""Word pieces, vectors and true labels in; a linear head, its out-of-fold scores and settings out.

Each label has its own linear support vector machine with squared hinge loss (Fan et al. 2008,
LIBLINEAR) over sublinear tf-idf of pieces and pairs next to the encoder's vector. How much the
vector weighs and how strongly weights are held back is chosen by cross-validation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from cutouts.heads.folds import MANY, Evidence, Fitted, Rows, Scores, Stage, folds, quality
from cutouts.heads.linear import LinearHead, bytes_per_feature, linear_head
from cutouts.heads.machines import fit_machines
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
VECTOR_WEIGHTS = (0.12, 0.25, 0.5, 1.0, 2.0, 4.0)
COSTS = (0.1, 0.2, 0.5, 1.5, 4.0, 10.0)


@dataclass(frozen=True, slots=True)
class Settings:
    """What cross-validation chooses."""

    vector_weight: float = 0.5
    cost: float = 0.5


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
    words, room = candidates(evidence), _room(evidence, head_bytes)
    parts = [
        Fold(train, held_out, _prune(evidence, words, room, train))
        for train, held_out in folds(evidence)
    ]
    features = _prune(evidence, words, room, np.arange(len(evidence)))
    del words  # large, and no longer needed
    settings, tried, found = _choose_settings(evidence, parts, stage)
    stage("scoring held-out texts")
    scores = np.zeros((len(evidence), evidence.labels))
    for number, part in enumerate(parts):
        known = number < len(found)
        scores[part.held_out] = found[number] if known else part.scores(evidence, settings)
    stage("fitting the head")
    matrix = features.matrix(evidence, settings.vector_weight)
    weights, bias = fit_machines(matrix, evidence.truth, settings.cost)
    chosen = {
        "vector_weight": settings.vector_weight,
        "cost": settings.cost,
        "word_features": len(features.keys),
    }
    return Fitted(_head(features, weights, bias, settings), scores, chosen, tried)


def cross_validated(evidence: Evidence, head_bytes: int) -> float:
    """Return the quality on held-out texts of a head of this size, with the first settings."""
    words, room = candidates(evidence), _room(evidence, head_bytes)
    parts = [
        Fold(train, held_out, _prune(evidence, words, room, train))
        for train, held_out in folds(evidence, few=True)
    ]
    return _mean_quality(evidence, parts, [part.scores(evidence, Settings()) for part in parts])


def _room(evidence: Evidence, head_bytes: int) -> int:
    """Return how many word features fit a head of `head_bytes`."""
    others = 4 * evidence.labels * (evidence.vectors.shape[1] + 3) + 1000
    return int(max(0, head_bytes - others) // bytes_per_feature(evidence.labels))


def candidates(evidence: Evidence) -> Features:
    """Return every single piece and every pair in two texts or more, the most frequent if many."""
    keys, frequency = document_frequency(evidence.pieces)
    kept = (frequency >= PAIRS_IN_TEXTS) | (keys >> 16 == SINGLE)
    keys, frequency = keys[kept], frequency[kept]
    most = min(CANDIDATES, CANDIDATE_WEIGHTS // evidence.labels)
    if len(keys) > most:
        kept = np.sort(np.argsort(-frequency, kind="stable")[:most])
        keys, frequency = keys[kept], frequency[kept]
    idf = inverse_document_frequency(len(evidence), frequency)
    return Features(keys, idf, word_matrix(evidence.pieces, keys, idf))


def _prune(evidence: Evidence, features: Features, room: int, rows: Rows) -> Features:
    """Return the `room` features with the largest weights in a fit to the texts `rows`."""
    if len(features.keys) <= room:
        return features
    settings = Settings()
    matrix = features.matrix(evidence, settings.vector_weight)[rows]
    weights, _ = fit_machines(matrix, evidence.truth[rows], settings.cost)
    size = np.linalg.norm(weights[: len(features.keys)], axis=1)
    kept = np.sort(np.argsort(-size, kind="stable")[:room])
    words = unit_rows(features.words[:, kept])
    return Features(features.keys[kept], features.idf[kept], words)


def _choose_settings(
    evidence: Evidence, parts: Sequence[Fold], stage: Stage
) -> tuple[Settings, dict[str, float], Sequence[Scores]]:
    """Return the best settings, one after the other, and what each that was tried reached.

    The scores that the best gave on the first parts, or on all, come third.
    """
    tried: dict[str, float] = {}
    found: dict[Settings, Sequence[Scores]] = {}
    parts = parts[:1] if len(evidence) >= MANY else parts

    def scores_of(settings: Settings) -> Sequence[Scores]:
        if settings not in found:
            name = f"vector weight {settings.vector_weight:g}, cost {settings.cost:g}"
            stage(f"cross-validating {name}")
            found[settings] = [part.scores(evidence, settings) for part in parts]
            tried[name] = _mean_quality(evidence, parts, found[settings])
        return found[settings]

    def is_better(one: Settings, other: Settings) -> bool:
        if not evidence.multiple:
            return gains(
                _right(evidence, parts, scores_of(one)), _right(evidence, parts, scores_of(other))
            )
        qualities = [_mean_quality(evidence, parts, scores_of(each)) for each in (one, other)]
        return qualities[0] > qualities[1]

    best = best_settings(is_better)
    return best, tried, scores_of(best)


def best_settings(is_better: Callable[[Settings, Settings], bool]) -> Settings:
    """Return the settings from which no step to a neighbour is better."""
    best, before = Settings(), None
    while best != before:  # once more, since another cost may want another weight
        before = best
        weights = [replace(best, vector_weight=weight) for weight in VECTOR_WEIGHTS]
        best = _climb(weights, best, is_better)
        best = _climb([replace(best, cost=cost) for cost in COSTS], best, is_better)
    return best


def gains(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> bool:
    """Return whether `one` is right on more texts than `other` by more than one standard error.

    A smaller lead is chance as often as not (the rule of Breiman et al. 1984, on paired texts).
    """
    lead = one.astype(np.int64) - other.astype(np.int64)
    return bool(lead.sum() > np.sqrt(np.abs(lead).sum()))


def _right(
    evidence: Evidence, parts: Sequence[Fold], scores: Sequence[Scores]
) -> NDArray[np.bool_]:
    """Return for each labelled text held out whether its best score is its label's."""
    found = []
    for part, each in zip(parts, scores, strict=True):
        truth = evidence.truth[part.held_out]
        found.append(truth[np.arange(len(truth)), each.argmax(axis=1)][truth.any(axis=1)])
    return np.concatenate(found)


def _mean_quality(evidence: Evidence, parts: Sequence[Fold], scores: Sequence[Scores]) -> float:
    """Return the mean over the parts of the quality of their scores."""
    results = [
        quality(each, evidence.truth[part.held_out], multiple=evidence.multiple)
        for part, each in zip(parts, scores, strict=True)
    ]
    return float(np.mean(results))


def _climb(
    steps: Sequence[Settings], start: Settings, is_better: Callable[[Settings, Settings], bool]
) -> Settings:
    """Return the best of these, found by going up from `start` as long as it gets better."""
    best = steps.index(start)
    for direction in (1, -1):
        following = best + direction
        while 0 <= following < len(steps) and is_better(steps[following], steps[best]):
            best, following = following, following + direction
    return steps[best]


def _head(
    features: Features, weights: NDArray[np.float64], bias: NDArray[np.float64], settings: Settings
) -> LinearHead:
    words = len(features.keys)
    meaning = weights[words:].T * settings.vector_weight
    return linear_head(
        features.keys,
        features.idf,
        weights[:words].astype(np.float32),
        meaning.astype(np.float32),
        bias.astype(np.float32),
    )
