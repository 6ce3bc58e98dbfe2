"""How a bundle came about: what its report says next to the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """Where the numbers come from, what was chosen by them, and what it weighs."""

    created: str  # UTC, ISO 8601
    split: str  # what was measured on: "7,532 texts of the test corpus"
    multiple: bool  # a text may have several labels
    encoder: str  # one line
    head: str  # one line
    settings: Mapping[str, float | str]
    tried: Mapping[str, float]  # quality in cross-validation, by name
    files: Sequence[tuple[str, int]]  # path in the bundle, bytes
    learning_curve: Sequence[float] = ()  # quality on held-out texts, pass by pass
