"""Raw scores and true labels in; probabilities that mean what they say, and thresholds, out.

One label per text: temperature scaling (Guo et al. 2017), one slope for all labels. Several: Platt
scaling (Platt 1999), a slope and an offset for each. Both are fitted on out-of-fold scores.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit, log_softmax, softmax

Scores = NDArray[np.float64]  # (texts, labels)
Truth = NDArray[np.bool_]  # (texts, labels)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Scores to probabilities, and from which probability on a label is given."""

    link: str  # softmax or sigmoid
    slope: NDArray[np.float32]  # (labels,)
    offset: NDArray[np.float32]  # (labels,)

    def probabilities(self, scores: Scores) -> Scores:
        """Return the probability of each label, (texts, labels)."""
        logits = scores * self.slope.astype(np.float64) + self.offset.astype(np.float64)
        return np.asarray(softmax(logits, axis=1) if self.link == "softmax" else expit(logits))


def fit_calibration(scores: Scores, truth: Truth, *, multiple: bool) -> Calibration:
    """Return what makes probabilities of these scores, for one label per text or several."""
    return fit_platt(scores, truth) if multiple else fit_temperature(scores, truth)


def fit_temperature(scores: Scores, truth: Truth) -> Calibration:
    """Return the one slope under which the true labels are most likely; rows without any are left."""
    labelled = truth.any(axis=1)
    kept, answers = scores[labelled], truth[labelled].argmax(axis=1)

    def loss(log_slope: float) -> float:
        likely = log_softmax(kept * np.exp(log_slope), axis=1)
        return -float(likely[np.arange(len(kept)), answers].mean())

    found = minimize_scalar(loss, bounds=(-7.0, 7.0), method="bounded")
    slope = np.full(scores.shape[1], np.exp(found.x), np.float32)
    return Calibration("softmax", slope, np.zeros_like(slope))


def fit_platt(scores: Scores, truth: Truth) -> Calibration:
    """Return a slope and an offset per label, with Platt's smoothed targets."""
    fitted = [_platt(scores[:, label], truth[:, label]) for label in range(scores.shape[1])]
    slope, offset = np.array(fitted, np.float32).T
    return Calibration("sigmoid", slope, offset)


def _platt(scores: NDArray[np.float64], truth: NDArray[np.bool_]) -> tuple[float, float]:
    yes, no = int(truth.sum()), int((~truth).sum())
    target = np.where(truth, (yes + 1) / (yes + 2), 1 / (no + 2))

    def loss(line: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = line[0] * scores + line[1]
        wrong = expit(logits) - target
        value = np.logaddexp(0, logits) - target * logits
        return float(value.mean()), np.array([(wrong * scores).mean(), wrong.mean()])

    start = np.array([1.0, np.log((yes + 1) / (no + 1))])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0.01, 100), (-50, 50)])
    return float(found.x[0]), float(found.x[1])


def fit_thresholds(probabilities: Scores, truth: Truth, *, multiple: bool) -> NDArray[np.float64]:
    """Return the probability from which on each label is given, (labels,)."""
    if multiple:
        return best_f1_thresholds(probabilities, truth)
    return trusted_thresholds(probabilities, truth)


def trusted_thresholds(probabilities: Scores, truth: Truth) -> NDArray[np.float64]:
    """Return for each label where answers begin to be right at least as often as wrong.

    The answers that name a label are sorted by probability. The threshold is put where leaving
    out everything below it gains the most (right answers kept minus wrong answers kept); texts
    that have no label count as wrong. Without a wrong answer it is 0: every answer is given.
    """
    answers = probabilities.argmax(axis=1)
    sure = probabilities.max(axis=1)
    right = truth[np.arange(len(truth)), answers]
    thresholds = np.zeros(probabilities.shape[1])
    for label in range(probabilities.shape[1]):
        mine = np.flatnonzero(answers == label)
        order = mine[np.argsort(sure[mine])]
        gain = np.concatenate([[0], np.cumsum(np.where(right[order], -1, 1))])
        first = int(gain.argmax())  # so many of the least sure answers are better not given
        if first == len(order):
            thresholds[label] = np.nextafter(sure[order[-1]], 1) if first else 0
        elif first:
            thresholds[label] = (sure[order[first - 1]] + sure[order[first]]) / 2
    return thresholds


def best_f1_thresholds(probabilities: Scores, truth: Truth) -> NDArray[np.float64]:
    """Return the thresholds with the best micro F1, one label at a time, a few times over.

    Starts from the one threshold that is best for all labels, so that a label with few examples
    stays near it: a label moves only for a gain in the F1 of all (coordinate ascent; Fan and
    Lin 2007).
    """
    common = _best_common(probabilities, truth)
    thresholds = np.full(probabilities.shape[1], common)
    given = probabilities >= thresholds
    hits, guesses, total = (given & truth).sum(axis=0), given.sum(axis=0), truth.sum()
    for _ in range(3):
        for label in range(probabilities.shape[1]):
            other_hits, other_guesses = hits.sum() - hits[label], guesses.sum() - guesses[label]
            column, mine = probabilities[:, label], truth[:, label]
            order = np.argsort(-column)
            found = np.concatenate([[0], np.cumsum(mine[order])])
            asked = np.arange(len(order) + 1)
            score = 2 * (other_hits + found) / (other_guesses + asked + total)
            best = int(score.argmax())
            now = 2 * hits.sum() / (guesses.sum() + total)
            enough = mine.sum() >= FEW and score[best] > now
            if enough:
                thresholds[label] = _between(column[order], best)
                hits[label], guesses[label] = found[best], asked[best]
    return thresholds


FEW = 10  # with fewer examples a label keeps the threshold of all


def _between(descending: NDArray[np.float64], count: int) -> float:
    """Return a threshold that the first `count` of these pass and the others do not."""
    above = descending[count - 1] if count else 1.0
    below = descending[count] if count < len(descending) else 0.0
    return float((above + below) / 2)


def _best_common(probabilities: Scores, truth: Truth) -> float:
    flat, right = probabilities.ravel(), truth.ravel()
    order = np.argsort(-flat)
    hits = np.cumsum(right[order])
    score = 2 * hits / (np.arange(1, len(order) + 1) + right.sum())
    return _between(flat[order], int(score.argmax()) + 1)
