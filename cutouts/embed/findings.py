"""Rows that cannot be encoded go in, their counts and first places by kind come out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS = ("empty", "large", "undecodable", "malformed")
PLACES = 5  # that are kept of each kind


@dataclass(slots=True)
class Findings:
    """Counts of bad rows by kind, and where the first of each are, in the order of the input."""

    counts: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[str]] = field(default_factory=dict)

    def add(self, kind: str, place: str) -> None:
        """Count one more of this kind."""
        self.counts[kind] += 1
        first = self.places.setdefault(kind, [])
        if len(first) < PLACES:
            first.append(place)

    def append(self, later: Findings) -> None:
        """Count those that were found behind these."""
        self.counts.update(later.counts)
        for kind, places in later.places.items():
            first = self.places.setdefault(kind, [])
            first += places[: PLACES - len(first)]

    def as_json(self) -> dict[str, Any]:
        """Return the `bad` part of embeddings.json."""
        return {
            kind: {"count": self.counts[kind], "places": self.places.get(kind, [])}
            for kind in KINDS
            if self.counts[kind]
        }


def findings_of(bad: Mapping[str, Any]) -> Findings:
    """Return what `as_json` told of."""
    counts = Counter({kind: int(found["count"]) for kind, found in bad.items()})
    return Findings(counts, {kind: list(found["places"]) for kind, found in bad.items()})
