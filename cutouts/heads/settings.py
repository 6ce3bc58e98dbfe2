"""How well settings of a linear head tell held-out texts in, the settings to take out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from cutouts.heads.folds import Rows, Scores, Stage, Truth, quality

VECTOR_WEIGHTS = (0.12, 0.25, 0.5, 1.0, 2.0, 4.0)
COSTS = (0.1, 0.2, 0.5, 1.5, 4.0, 10.0)


@dataclass(frozen=True, slots=True)
class Settings:
    """What cross-validation chooses."""

    vector_weight: float = 0.5
    cost: float = 0.5

    def __str__(self) -> str:
        return f"vector weight {self.vector_weight:g}, cost {self.cost:g}"


@dataclass(frozen=True)
class Trials:
    """Settings tried on parts held out, each once.

    `score` returns a part's raw scores, (texts held out, labels), of a fit that had not seen it.
    """

    truth: Truth  # (texts, labels)
    held_out: Sequence[Rows]
    score: Callable[[int, Settings], Scores]  # the part's number
    multiple: bool
    stage: Stage = lambda _: None
    found: dict[Settings, list[Scores]] = field(default_factory=dict)
    qualities: dict[Settings, float] = field(default_factory=dict)

    def scores(self, settings: Settings) -> list[Scores]:
        """Return the scores of every part."""
        if settings not in self.found:
            self.stage(f"cross-validating {settings}")
            parts = range(len(self.held_out))
            self.found[settings] = [self.score(part, settings) for part in parts]
        return self.found[settings]

    def quality(self, settings: Settings) -> float:
        """Return the mean over the parts of the quality of their scores."""
        if settings not in self.qualities:
            each = [
                quality(scores, self.truth[rows], multiple=self.multiple)
                for scores, rows in zip(self.scores(settings), self.held_out, strict=True)
            ]
            self.qualities[settings] = float(np.mean(each))
        return self.qualities[settings]

    def right(self, settings: Settings) -> NDArray[np.bool_]:
        """Return for each labelled text held out whether its best score is its label's."""
        found = []
        for scores, rows in zip(self.scores(settings), self.held_out, strict=True):
            truth = self.truth[rows]
            found.append(truth[np.arange(len(truth)), scores.argmax(axis=1)][truth.any(axis=1)])
        return np.concatenate(found)

    def is_better(self, one: Settings, other: Settings, errors: float = 1) -> bool:
        """Return whether one is to be taken instead of the other; for `errors` see `gains`."""
        if self.multiple:
            return self.quality(one) > self.quality(other)
        return gains(self.right(one), self.right(other), errors)

    def tried(self) -> Mapping[str, float]:
        """Return the quality of all that was tried."""
        return {str(settings): self.quality(settings) for settings in self.found}


def best_settings(is_better: Callable[[Settings, Settings], bool]) -> Settings:
    """Return the settings from which no step to a neighbour is better."""
    best, before = Settings(), None
    while best != before:  # once more, since another cost may want another weight
        before = best
        best = climb(weights_beside(best), best, is_better)
        best = climb(costs_beside(best), best, is_better)
    return best


def weights_beside(settings: Settings) -> list[Settings]:
    """Return the settings at each weight of the vector."""
    return [replace(settings, vector_weight=weight) for weight in VECTOR_WEIGHTS]


def costs_beside(settings: Settings) -> list[Settings]:
    """Return the settings at each cost."""
    return [replace(settings, cost=cost) for cost in COSTS]


def climb(
    steps: Sequence[Settings], start: Settings, is_better: Callable[[Settings, Settings], bool]
) -> Settings:
    """Return the best of these, found by going up from `start` as long as it gets better."""
    best = steps.index(start)
    for direction in (1, -1):
        following = best + direction
        while 0 <= following < len(steps) and is_better(steps[following], steps[best]):
            best, following = following, following + direction
    return steps[best]


def gains(one: NDArray[np.bool_], other: NDArray[np.bool_], errors: float = 1) -> bool:
    """Return whether `one` is right on more texts than `other` by more than so many standard errors.

    A smaller lead is chance as often as not (the rule of Breiman et al. 1984, on paired texts).
    """
    lead = one.astype(np.int64) - other.astype(np.int64)
    return bool(lead.sum() > errors * np.sqrt(np.abs(lead).sum()))
