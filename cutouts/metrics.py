"""Probabilities and true labels in, numbers out: how good a tagger is, and where it errs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]  # (texts, labels)
Truth = NDArray[np.bool_]  # (texts, labels)

BINS = 15  # of the calibration error
COVERAGE_STEPS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99)
CONFUSIONS = 20


@dataclass(frozen=True, slots=True)
class LabelMetrics:
    """How well one label is found; F1 and its parts count the tags given at the threshold."""

    label: str
    texts: int  # that have it
    given: int  # that were given it
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """What leaving out unsure answers gains: the share that is left, and how much is right."""

    threshold: float
    coverage: float
    accuracy: float | None  # None where nothing is that sure


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of similar confidence: how sure they are on average and how often right."""

    confidence: float
    accuracy: float
    answers: int


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often texts of one label were taken for another."""

    label: str
    taken_for: str
    texts: int


@dataclass(frozen=True, slots=True)
class Metrics:
    """What was measured on a split.

    With one label per text, accuracy, F1 and confusions are those of the most probable label,
    thresholds aside; `answered` and `accuracy_answered` say what the thresholds do. With several,
    accuracy is the share of texts whose whole set of tags is right, and F1 is that of the tags
    given at the thresholds.
    """

    texts: int
    accuracy: float
    macro_f1: float
    micro_f1: float
    calibration_error: float
    answered: float
    accuracy_answered: float | None
    unknown_labels: int  # labels of the split that training never saw, text by text
    labels: tuple[LabelMetrics, ...]
    confusions: tuple[Confusion, ...]
    coverage: tuple[Coverage, ...]
    reliability: tuple[Bin, ...]

    def as_json(self) -> dict[str, Any]:
        """Return plain values, as metrics.json holds them."""
        return asdict(self)


def measure(
    probabilities: Scores,
    truth: Truth,
    labels: Sequence[str],
    thresholds: NDArray[np.float64],
    *,
    multiple: bool,
    unknown: NDArray[np.int64] | None = None,
) -> Metrics:
    """Return the metrics of these probabilities, (texts, labels).

    `thresholds` is (labels,), or with several labels per text also (texts, labels), where each
    text has its own. `unknown`, (texts,), counts each text's labels that training never saw: no
    column stands for them, and each is a miss.
    """
    unknown = np.zeros(len(truth), np.int64) if unknown is None else unknown
    answers = probabilities.argmax(axis=1)
    right = truth[np.arange(len(truth)), answers]
    if multiple:
        given = probabilities >= thresholds
        sure, correct = probabilities.ravel(), truth.ravel()
        answered = given.any(axis=1)
    else:
        given = np.zeros_like(truth)
        given[np.arange(len(truth)), answers] = True
        sure, correct = probabilities.max(axis=1), right
        answered = probabilities[np.arange(len(truth)), answers] >= thresholds[answers]
    per_label = _per_label(given, truth, labels)
    bins = _bins(sure, correct)
    good = (given == truth).all(axis=1) & (unknown == 0) if multiple else right
    scored = [label.f1 for label in per_label if label.texts or label.given]
    return Metrics(
        texts=len(truth),
        accuracy=float(good.mean()),
        macro_f1=float(np.mean(scored)) if scored else 0.0,
        micro_f1=_f1(
            int((given & truth).sum()), int(given.sum()), int(truth.sum() + unknown.sum())
        ),
        calibration_error=sum(abs(b.confidence - b.accuracy) * b.answers for b in bins) / len(sure),
        answered=float(answered.mean()),
        accuracy_answered=float(good[answered].mean()) if answered.any() else None,
        unknown_labels=int(unknown.sum()),
        labels=per_label,
        confusions=() if multiple else _confusions(answers, truth, labels),
        coverage=_coverage(probabilities.max(axis=1), right),
        reliability=bins,
    )


def best_micro_f1(scores: Scores, truth: Truth) -> float:
    """Return the highest micro F1 that one threshold for all labels reaches."""
    order = np.argsort(-scores, axis=None)
    hits = np.cumsum(truth.ravel()[order])
    return float(np.max(2 * hits / (np.arange(1, hits.size + 1) + truth.sum())))


def _f1(hits: int, given: int, true: int) -> float:
    return 2 * hits / (given + true) if given + true else 0.0


def _per_label(given: Truth, truth: Truth, labels: Sequence[str]) -> tuple[LabelMetrics, ...]:
    rows = []
    for column, label in enumerate(labels):
        hits = int((given[:, column] & truth[:, column]).sum())
        guesses, texts = int(given[:, column].sum()), int(truth[:, column].sum())
        precision = hits / guesses if guesses else 0.0
        recall = hits / texts if texts else 0.0
        rows.append(
            LabelMetrics(label, texts, guesses, precision, recall, _f1(hits, guesses, texts))
        )
    return tuple(rows)


def _bins(sure: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[Bin, ...]:
    """Return the answers in bins of equal width; empty ones are left out (Guo et al. 2017)."""
    number = np.minimum((sure * BINS).astype(np.int64), BINS - 1)
    bins = []
    for i in np.unique(number):
        mine = number == i
        bins.append(Bin(float(sure[mine].mean()), float(right[mine].mean()), int(mine.sum())))
    return tuple(bins)


def _coverage(sure: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[Coverage, ...]:
    points = []
    for step in COVERAGE_STEPS:
        kept = sure >= step
        accuracy = float(right[kept].mean()) if kept.any() else None
        points.append(Coverage(step, float(kept.mean()), accuracy))
    return tuple(points)


def _confusions(
    answers: NDArray[np.int64], truth: Truth, labels: Sequence[str]
) -> tuple[Confusion, ...]:
    labelled = truth.any(axis=1)
    counts = np.zeros((len(labels), len(labels)), np.int64)
    np.add.at(counts, (truth[labelled].argmax(axis=1), answers[labelled]), 1)
    np.fill_diagonal(counts, 0)
    order = np.argsort(-counts, axis=None, kind="stable")[:CONFUSIONS]
    pairs = zip(*np.unravel_index(order, counts.shape), strict=True)
    return tuple(
        Confusion(labels[true], labels[taken], int(counts[true, taken]))
        for true, taken in pairs
        if counts[true, taken]
    )
