"""What each encoder and head did on the same held-out texts in; which to take, and why, out.

Quality is accuracy with one label per text and micro F1 with several: sums over texts divided by
each other. Whether a difference is more than chance is told by approximate randomisation (Noreen
1989; Yeh 2000): how often it is as large when each text's two answers are swapped at random.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutouts.report.format import size

Counts = NDArray[np.float64]  # (texts,)
Table = NDArray[np.float64]  # (texts, labels)
Truth = NDArray[np.bool_]  # (texts, labels)

CHANCE = 0.05  # a difference that chance makes at least this often is no reason to take more bytes
ROUNDS = 10_000  # of swapping at random
AT_ONCE = 4_000_000  # swaps drawn at once: 32 MB
SEED = 0


@dataclass(frozen=True, slots=True)
class Answers:
    """What each text adds to the quality: `gained` of `possible`."""

    gained: Counts  # 1 for a right answer; with several labels, 2 for each label rightly given
    possible: Counts  # 1; with several labels, labels given and labels there

    @property
    def quality(self) -> float:
        """Return accuracy, or micro F1 with several labels per text."""
        return float(self.gained.sum() / max(1.0, self.possible.sum()))

    @property
    def standard_error(self) -> float:
        """Return the standard error of the quality over texts (of a ratio: Cochran 1977)."""
        texts, total = len(self.gained), max(1.0, self.possible.sum())
        rest = self.gained - self.quality * self.possible
        return float(np.sqrt(texts / max(1, texts - 1) * (rest**2).sum()) / total)


def answers_of(probabilities: Table, truth: Truth, thresholds: Table, *, multiple: bool) -> Answers:
    """Return what each text adds; thresholds, (texts, labels), count with several labels only."""
    if multiple:
        given = probabilities >= thresholds
        possible = given.sum(axis=1) + truth.sum(axis=1)
        return Answers(2.0 * (given & truth).sum(axis=1), possible.astype(np.float64))
    right = truth[np.arange(len(truth)), probabilities.argmax(axis=1)]
    return Answers(right.astype(np.float64), np.ones(len(truth)))


def chance(one: Answers, other: Answers) -> float:
    """Return how often chance alone parts two candidates at least as far, between 0 and 1."""
    differ = (one.gained != other.gained) | (one.possible != other.possible)
    if not differ.any():
        return 1.0
    gained = (other.gained - one.gained)[differ]
    possible = (other.possible - one.possible)[differ]
    observed = abs(one.quality - other.quality)
    random = np.random.default_rng(SEED)
    left, as_far = ROUNDS, 0
    while left:
        rounds = min(left, max(1, AT_ONCE // len(gained)))
        swapped = random.integers(0, 2, (rounds, len(gained))).astype(np.float64)
        moved, moved_possible = swapped @ gained, swapped @ possible  # (rounds,)
        first = (one.gained.sum() + moved) / (one.possible.sum() + moved_possible)
        second = (other.gained.sum() - moved) / (other.possible.sum() - moved_possible)
        as_far += int((abs(first - second) >= observed - 1e-9).sum())
        left -= rounds
    return (1 + as_far) / (1 + ROUNDS)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One encoder with one head: how good on held-out texts, how large, how fast."""

    encoder: str
    head: str
    answers: Answers
    accuracy: float
    macro_f1: float
    calibration_error: float
    bundle_bytes: int  # of the whole folder, which a budget is about
    payload_raw: int  # bytes that a browser downloads before the first tag
    payload_sent: int  # the same after brotli
    fits: bool = True  # `train` makes it within the budget
    milliseconds: float | None = None  # median per text in the browser; None: not measured
    complaint: str = (
        ""  # why the browser's answers are no proof; empty: they are, or none was asked
    )

    @property
    def name(self) -> str:
        """Return what it is called."""
        return f"{self.encoder} with {self.head}"

    @property
    def eligible(self) -> bool:
        """Return whether it may be taken: it fits, and no browser gave other answers."""
        return self.fits and not self.complaint


@dataclass(frozen=True, slots=True)
class Choice:
    """Which candidate to take and which is best, or None, and the sentences that say why."""

    taken: Candidate | None
    best: Candidate | None  # within the budget
    why: str
    chances: tuple[float | None, ...]  # per candidate: of so large a difference from the best


def choose(candidates: Sequence[Candidate], *, multiple: bool, max_bytes: int | None) -> Choice:
    """Return the smallest candidate that chance may make as good as the best within the budget.

    Those whose browser answered otherwise than Python are not taken.
    """
    eligible = [one for one in candidates if one.eligible]
    if not eligible:
        return Choice(None, None, _nothing(candidates, max_bytes), (None,) * len(candidates))
    best = max(eligible, key=lambda one: (one.answers.quality, *_lightness(one)))
    chances = tuple(
        chance(best.answers, one.answers) if one.eligible else None for one in candidates
    )
    as_good = [
        one
        for one, p in zip(candidates, chances, strict=True)
        if one is best or (p is not None and p >= CHANCE)
    ]
    taken = max(as_good, key=_lightness)
    p = {id(one): p for one, p in zip(candidates, chances, strict=True) if p is not None}
    quality = "micro F1" if multiple else "accuracy"
    if taken is not best:
        why = _as_good(taken, best, p[id(taken)], quality)
    else:
        smaller = [one for one in eligible if _lightness(one) > _lightness(best)]
        next_best = max(smaller, key=lambda one: one.answers.quality, default=None)
        why = _best(best, next_best, p[id(next_best)] if next_best else 1.0, quality)
    return Choice(taken, best, why + _beyond(candidates, best, max_bytes, quality), chances)


def _lightness(one: Candidate) -> tuple[float, float]:
    """Return what is larger for fewer bytes, and among equals for fewer milliseconds."""
    return -one.payload_sent, -(one.milliseconds or 0.0)


def _best(best: Candidate, smaller: Candidate | None, p: float, quality: str) -> str:
    reached = f"{best.name} has the best {quality}, {best.answers.quality:.3f}"
    if smaller is None:
        return f"{reached}, and is the smallest to load: {size(best.payload_sent)}."
    ahead = best.answers.quality - smaller.answers.quality
    return (
        f"{reached}: {ahead:.3f} more than {smaller.name}, the best of those that are smaller to "
        f"load, which is more than chance explains ({probability(p)})."
    )


def _as_good(taken: Candidate, best: Candidate, p: float, quality: str) -> str:
    behind = best.answers.quality - taken.answers.quality
    cost = f"{size(taken.payload_sent)} to the first tag instead of {size(best.payload_sent)}"
    if taken.milliseconds is not None and best.milliseconds is not None:
        cost += f", {milliseconds(taken.milliseconds)} per text instead of "
        cost += milliseconds(best.milliseconds)
    if not behind:
        return f"{taken.name} and {best.name} are equal in {quality}, so the smaller: {cost}."
    return (
        f"{best.name} has the best {quality}, {best.answers.quality:.3f}, but chance alone may "
        f"explain its lead of {behind:.3f} over {taken.name} on {len(best.answers.gained):,} texts "
        f"({probability(p)}), so the smaller: {cost}."
    )


def _beyond(
    candidates: Sequence[Candidate], best: Candidate, max_bytes: int | None, quality: str
) -> str:
    """Return what a larger budget would gain, where it would gain anything."""
    beyond = [
        one
        for one in candidates
        if not one.fits and not one.complaint and one.answers.quality > best.answers.quality
    ]
    if max_bytes is None or not beyond:
        return ""
    one = max(beyond, key=lambda one: one.answers.quality)
    p = chance(best.answers, one.answers)
    return (
        f" Beyond {max_bytes:,} bytes, {one.name} has {quality} {one.answers.quality:.3f} "
        f"({probability(p)} against {best.name}), in a bundle of {one.bundle_bytes:,} bytes."
    )


def _nothing(candidates: Sequence[Candidate], max_bytes: int | None) -> str:
    """Return why no candidate can be taken."""
    fitting = [one for one in candidates if one.fits]
    if fitting:
        return f"None is proved in the browser; {fitting[0].name}: {fitting[0].complaint}"
    least = min(candidates, key=lambda one: one.bundle_bytes)
    return (
        f"None fits {max_bytes or 0:,} bytes; the smallest is {least.name}, "
        f"with {least.bundle_bytes:,} bytes."
    )


def probability(p: float) -> str:
    """Return `p = 0.21`, or `p < 0.001`."""
    return f"p = {p:.2g}" if p >= 0.001 else "p < 0.001"


def milliseconds(time: float) -> str:
    """Return a time with three digits or more: `0.129 ms`, `14.0 ms`, `1,234 ms`."""
    digits = max(0, 2 - math.floor(math.log10(time))) if time > 0 else 3
    return f"{time:,.{min(digits, 4)}f} ms"
