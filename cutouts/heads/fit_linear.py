"""Word pieces, vectors and true labels in; a linear head, its out-of-fold scores and settings out.

Each label has its own linear support vector machine with squared hinge loss (Fan et al. 2008,
LIBLINEAR) over sublinear tf-idf of pieces and pairs next to the encoder's vector. How much the
vector weighs and how strongly weights are held back is chosen by cross-validation.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from cutouts.encoders.tokenizer import Pieces
from cutouts.heads.folds import Evidence, Fitted, Stage, folds, quality
from cutouts.heads.linear import LinearHead, bytes_per_feature, linear_head
from cutouts.heads.words import (
    SINGLE,
    Keys,
    document_frequency,
    inverse_document_frequency,
    word_matrix,
)

HEAD_BYTES = 1_300_000
CANDIDATES = 300_000  # features looked at; the most frequent
PAIRS_IN_TEXTS = 2  # a pair in one text only is chance
VECTOR_WEIGHTS = (0.12, 0.25, 0.5, 1.0, 2.0, 4.0)
COSTS = (0.1, 0.2, 0.5, 1.5, 4.0)
TOLERANCE = 0.1  # of the solver; a tenth or a hundredth of it gave the same accuracy


@dataclass(frozen=True, slots=True)
class Settings:
    """What cross-validation chooses."""

    vector_weight: float = 0.5
    cost: float = 0.5


@dataclass(frozen=True, slots=True)
class Features:
    """The words that a head knows, and how much each counts."""

    keys: Keys
    idf: NDArray[np.float32]

    def matrix(self, evidence: Evidence, vector_weight: float) -> sparse.csr_array:
        """Return words and vector side by side, (texts, features + dim)."""
        words = word_matrix(evidence.pieces, self.keys, self.idf)
        vectors = sparse.csr_array(evidence.vectors.astype(np.float64) * vector_weight)
        both = sparse.hstack([words, vectors], format="csr")
        both.indices = both.indices.astype(np.int32)  # the solver takes no wider index
        both.indptr = both.indptr.astype(np.int32)
        return both


def fit_linear(
    evidence: Evidence, *, head_bytes: int = HEAD_BYTES, stage: Stage = lambda _: None
) -> Fitted:
    """Return the head fitted to all of the evidence, and scores from folds that had not seen it."""
    features = candidates(evidence.pieces)
    settings, tried = _choose_settings(evidence, features, stage)
    stage("pruning words")
    features = _prune(evidence, features, settings, _room(evidence, head_bytes))
    stage("scoring held-out texts")
    scores = np.zeros((len(evidence), evidence.labels))
    matrix = features.matrix(evidence, settings.vector_weight)
    for train, held_out in folds(evidence):
        weights, bias = _fit(matrix[train], evidence.truth[train], settings.cost)
        scores[held_out] = matrix[held_out] @ weights + bias
    stage("fitting the head")
    weights, bias = _fit(matrix, evidence.truth, settings.cost)
    head = _head(features, weights, bias, settings)
    chosen = {
        "vector_weight": settings.vector_weight,
        "cost": settings.cost,
        "word_features": len(features.keys),
    }
    return Fitted(head, scores, chosen, tried)


def cross_validated(evidence: Evidence, head_bytes: int) -> float:
    """Return the quality on held-out texts of a head of this size, with the first settings."""
    features = candidates(evidence.pieces)
    features = _prune(evidence, features, Settings(), _room(evidence, head_bytes))
    matrix = features.matrix(evidence, Settings().vector_weight)
    return _cross_validate(evidence, matrix, Settings().cost)


def _room(evidence: Evidence, head_bytes: int) -> int:
    """Return how many word features fit a head of `head_bytes`."""
    others = 4 * evidence.labels * (evidence.vectors.shape[1] + 3) + 1000
    return int(max(0, head_bytes - others) // bytes_per_feature(evidence.labels))


def candidates(pieces: Pieces) -> Features:
    """Return every single piece and every pair in two texts or more, the most frequent if many."""
    keys, frequency = document_frequency(pieces)
    kept = (frequency >= PAIRS_IN_TEXTS) | (keys >> 16 == SINGLE)
    keys, frequency = keys[kept], frequency[kept]
    if len(keys) > CANDIDATES:
        kept = np.sort(np.argsort(-frequency, kind="stable")[:CANDIDATES])
        keys, frequency = keys[kept], frequency[kept]
    return Features(keys, inverse_document_frequency(len(pieces), frequency))


def _choose_settings(
    evidence: Evidence, features: Features, stage: Stage
) -> tuple[Settings, dict[str, float]]:
    """Return the best settings, one after the other, and what each that was tried reached."""
    tried: dict[str, float] = {}
    matrices: dict[float, sparse.csr_array] = {}

    def reached(settings: Settings) -> float:
        name = f"vector weight {settings.vector_weight:g}, cost {settings.cost:g}"
        if name not in tried:
            stage(f"cross-validating {name}")
            weight = settings.vector_weight
            if weight not in matrices:
                matrices[weight] = features.matrix(evidence, weight)
            tried[name] = _cross_validate(evidence, matrices[weight], settings.cost)
        return tried[name]

    best = Settings()
    best = _climb([replace(best, vector_weight=weight) for weight in VECTOR_WEIGHTS], best, reached)
    best = _climb([replace(best, cost=cost) for cost in COSTS], best, reached)
    return best, tried


def _climb(
    steps: Sequence[Settings], start: Settings, reached: Callable[[Settings], float]
) -> Settings:
    """Return the best of these, found by going up from `start` as long as it gets better."""
    best = steps.index(start)
    for direction in (1, -1):
        following = best + direction
        while 0 <= following < len(steps) and reached(steps[following]) > reached(steps[best]):
            best, following = following, following + direction
    return steps[best]


def _cross_validate(evidence: Evidence, matrix: sparse.csr_array, cost: float) -> float:
    results = []
    for train, held_out in folds(evidence, few=True):
        weights, bias = _fit(matrix[train], evidence.truth[train], cost)
        scores = matrix[held_out] @ weights + bias
        results.append(quality(scores, evidence.truth[held_out], multiple=evidence.multiple))
    return float(np.mean(results))


def _prune(evidence: Evidence, features: Features, settings: Settings, room: int) -> Features:
    """Return the `room` features with the largest weights."""
    if len(features.keys) <= room:
        return features
    matrix = features.matrix(evidence, settings.vector_weight)
    weights, _ = _fit(matrix, evidence.truth, settings.cost)
    size = np.linalg.norm(weights[: len(features.keys)], axis=1)
    kept = np.sort(np.argsort(-size, kind="stable")[:room])
    return Features(features.keys[kept], features.idf[kept])


def _fit(
    matrix: sparse.csr_array, truth: NDArray[np.bool_], cost: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return weights, (columns, labels), and one bias per label."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = pool.map(
            lambda label: _fit_label(matrix, truth[:, label], cost), range(truth.shape[1])
        )
        weights, bias = zip(*parts, strict=True)
    return np.stack(weights, axis=1), np.array(bias)


def _fit_label(
    matrix: sparse.csr_array, truth: NDArray[np.bool_], cost: float
) -> tuple[NDArray[np.float64], float]:
    from sklearn.svm import LinearSVC

    if truth.all() or not truth.any():  # a label that this fold lacks, or that is everywhere
        return np.zeros(matrix.shape[1]), 1.0 if truth.all() else -1.0
    machine = LinearSVC(C=cost, tol=TOLERANCE, dual=True, max_iter=20_000, random_state=0)
    machine.fit(matrix, truth)
    return machine.coef_[0], float(machine.intercept_[0])


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
