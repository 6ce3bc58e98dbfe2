"""Labelled texts in, folds and fits out: what every kind of head is trained from and gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cutouts.encoders.tokenizer import Pieces
from cutouts.metrics import best_micro_f1

Matrix = NDArray[np.float32]  # (texts, dim)
Scores = NDArray[np.float64]  # (texts, labels)
Truth = NDArray[np.bool_]  # (texts, labels)
Rows = NDArray[np.int64]
Stage = Callable[[str], object]  # told what begins

FOLDS = 3
MANY = 8_000  # from so many texts on, one held-out part is enough: three take minutes
SEED = 0


class Head(Protocol):
    """Pieces and vectors to one raw score per label."""

    def scores(self, pieces: Pieces, vectors: Matrix) -> Scores:
        """Return raw scores, (texts, labels)."""
        ...

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return the weights by name, as head.safetensors holds them."""
        ...

    def layers(self) -> list[dict[str, Any]] | None:
        """Return the manifest's list of layers, or None for a head that has none."""
        ...


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a head learns from: texts as pieces and vectors, and the labels of each."""

    pieces: Pieces
    vectors: Matrix  # (texts, dim)
    truth: Truth  # (texts, labels)
    multiple: bool

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def labels(self) -> int:
        """Return the number of labels."""
        return int(self.truth.shape[1])


@dataclass(frozen=True, slots=True)
class Fitted:
    """A head, and how it does on texts that it had not seen."""

    head: Head
    scores: Scores  # (texts, labels): each row from a fold that was trained without it
    settings: Mapping[str, float | str]
    tried: Mapping[str, float] = field(default_factory=dict)  # quality by what was tried
    learning_curve: Sequence[float] = ()  # quality on held-out texts, pass by pass


def folds(evidence: Evidence, *, few: bool = False) -> Iterator[tuple[Rows, Rows]]:
    """Yield row numbers to train on and to hold out; each row is held out once.

    Labels are spread evenly. With `few`, only one held-out part is made of many texts.
    """
    parts = min(FOLDS, len(evidence))
    fold = spread(evidence.truth, parts)
    for number in range(1 if few and len(evidence) >= MANY else parts):
        yield np.flatnonzero(fold != number), np.flatnonzero(fold == number)


def spread(truth: Truth, parts: int) -> Rows:
    """Return a part for each row, so that each label's rows are dealt out evenly.

    A row goes by its rarest label; rows without any go together.
    """
    order = np.random.default_rng(SEED).permutation(len(truth))
    rarity = np.where(truth, truth.sum(axis=0), len(truth) + 1)
    group = np.where(truth.any(axis=1), rarity.argmin(axis=1), truth.shape[1])
    part = np.zeros(len(truth), np.int64)
    dealt = order[np.argsort(group[order], kind="stable")]
    part[dealt] = np.arange(len(truth)) % parts
    return part


def quality(scores: Scores, truth: Truth, *, multiple: bool) -> float:
    """Return what settings are chosen by: accuracy, or the best micro F1 of one threshold.

    Where nothing is labelled (a part of a very small corpus) it is 0.
    """
    labelled = truth.any(axis=1)
    if not labelled.any():
        return 0.0
    if multiple:
        return best_micro_f1(scores, truth)
    right = truth[np.arange(len(truth)), scores.argmax(axis=1)]
    return float(right[labelled].mean())
