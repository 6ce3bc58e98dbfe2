"""Python's answers and a browser's to the same texts go in; a proof that they agree comes out."""

from __future__ import annotations

import hashlib
import json
import math
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cutouts.errors import ProofError
from cutouts.manifest import MANIFEST, PROOF

if TYPE_CHECKING:
    from cutouts.bundle import Answer

WORST_SHOWN = 5
EXCERPT = 80


@dataclass(frozen=True, slots=True)
class BrowserAnswer:
    """What a browser answered to one text; a number that is no number is NaN."""

    ids: list[int]
    scores: list[float]
    probabilities: list[float]
    tags: list[str]
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Difference:
    """How one text was answered by a browser, next to Python."""

    same_ids: bool
    same_tags: bool
    worst: float  # largest difference in a score or probability; infinite for what is no number
    what: str  # the most telling difference in words

    def within(self, tolerance: float) -> bool:
        """Return whether this counts as the same answer."""
        return self.same_ids and self.same_tags and self.worst <= tolerance


@dataclass(frozen=True, slots=True)
class WorstText:
    """The beginning of a text that was answered differently, and what differs."""

    text: str
    what: str


@dataclass(frozen=True, slots=True)
class Proof:
    """How far one browser agrees with Python on one bundle."""

    manifest: str  # sha256 of the manifest that was proved
    engine: str
    user_agent: str
    date: str
    texts: int
    same_ids: int
    same_tags: int
    worst_difference: float  # infinite when a number was missing
    tolerance: float
    milliseconds: float  # median per text
    load_milliseconds: float
    passed: bool
    versions: dict[str, str]
    worst: tuple[WorstText, ...]  # for display; no text goes into proof.json

    def entry(self) -> dict[str, Any]:
        """Return its entry in proof.json (docs/bundle.md); an infinite difference is null."""
        difference = self.worst_difference if math.isfinite(self.worst_difference) else None
        return {
            "engine": self.engine,
            "user_agent": self.user_agent,
            "date": self.date,
            "texts": self.texts,
            "same_ids": self.same_ids,
            "same_tags": self.same_tags,
            "worst_difference": difference,
            "tolerance": self.tolerance,
            "milliseconds": self.milliseconds,
            "load_milliseconds": self.load_milliseconds,
            "passed": self.passed,
            "versions": self.versions,
        }

    def verdict(self) -> str:
        """Return the result in one line."""
        found = (
            f"{self.same_ids} of {self.texts} with the same token ids, "
            f"{self.same_tags} with the same tags, "
            f"largest difference {self.worst_difference:.1e} (allowed: {self.tolerance:.0e})"
        )
        if self.passed:
            return f"{self.engine} gives the same answers as Python: {found}"
        return f"{self.engine} gives other answers than Python: {found}"


def compare(expected: Answer, got: BrowserAnswer, labels: Sequence[str]) -> Difference:
    """Return how `got` differs from `expected`; NaN is never the same as anything."""
    same_ids, same_tags = list(expected.ids) == got.ids, list(expected.tags) == got.tags
    kinds = {
        "score": _distances(expected.scores.tolist(), got.scores),
        "probability": _distances(expected.probabilities.tolist(), got.probabilities),
    }
    kind = max(kinds, key=lambda name: max(kinds[name], default=0.0))
    worst = max(kinds[kind], default=0.0)
    if not same_ids:
        what = _differing_ids(list(expected.ids), got.ids)
    elif not same_tags:
        what = f"tags: Python {list(expected.tags)}, browser {got.tags}"
    elif len(kinds[kind]) != len(labels):
        numbers = f"{len(got.scores)} scores and {len(got.probabilities)} probabilities"
        what = f"{numbers} for {len(labels)} labels"
    else:
        what = f"{kind} of {labels[kinds[kind].index(worst)]!r}: {worst:.2e} apart"
    return Difference(same_ids, same_tags, worst, _printable(what))


def summarise(
    texts: Sequence[str], differences: Sequence[Difference], tolerance: float
) -> tuple[float, bool, tuple[WorstText, ...]]:
    """Return the largest difference, whether all texts passed, and the worst that did not."""
    beyond = [
        (found.same_ids, found.same_tags, -found.worst, index)
        for index, found in enumerate(differences)
        if not found.within(tolerance)
    ]
    worst = tuple(
        WorstText(_printable(texts[index][:EXCERPT]), differences[index].what)
        for *_, index in sorted(beyond)[:WORST_SHOWN]
    )
    largest = max((found.worst for found in differences), default=math.inf)
    return largest, not beyond and bool(differences), worst


def manifest_hash(bundle_folder: Path) -> str:
    """Return the sha256 of the manifest, by which a proof is tied to its bundle."""
    return hashlib.sha256((bundle_folder / MANIFEST).read_bytes()).hexdigest()


def read_proofs(bundle_folder: Path) -> list[dict[str, Any]]:
    """Return the entries of proof.json that are about the bundle as it is now."""
    return _entries(bundle_folder / PROOF, manifest_hash(bundle_folder))


def write_proof(bundle_folder: Path, proof: Proof) -> Path:
    """Put the proof into proof.json, in place of an older one of its engine; return the path.

    Entries about another manifest are dropped. Raises ProofError when the bundle was changed since.
    """
    if manifest_hash(bundle_folder) != proof.manifest:
        raise ProofError(
            f"the bundle in {bundle_folder} was changed while it was proved: prove it again"
        )
    path = bundle_folder / PROOF
    kept = [entry for entry in _entries(path, proof.manifest) if entry["engine"] != proof.engine]
    entries = sorted([*kept, proof.entry()], key=lambda entry: str(entry["engine"]))
    content = (
        json.dumps({"manifest": proof.manifest, "browsers": entries}, indent=2, allow_nan=False)
        + "\n"
    )
    handle, temporary = tempfile.mkstemp(prefix=".proof-", dir=bundle_folder)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return path


def _entries(path: Path, manifest: str) -> list[dict[str, Any]]:
    """Return what proof.json holds about this manifest; a missing or damaged one holds nothing."""
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError, RecursionError):
        return []
    if (
        not isinstance(found, dict)
        or found.get("manifest") != manifest
        or not isinstance(found.get("browsers"), list)
    ):
        return []
    return [
        entry
        for entry in found["browsers"]
        if isinstance(entry, dict) and isinstance(entry.get("engine"), str)
    ]


def _distances(expected: list[float], got: list[float]) -> list[float]:
    if len(expected) != len(got):
        return [math.inf]
    distances = np.abs(np.subtract(expected, got))  # inf - inf is nan, and so infinitely far
    return [float(distance) for distance in np.where(np.isnan(distances), math.inf, distances)]


def _differing_ids(expected: list[int], got: list[int]) -> str:
    pairs = zip(expected, got, strict=False)
    place = next(
        (index for index, (ours, theirs) in enumerate(pairs) if ours != theirs),
        min(len(expected), len(got)),
    )
    ours, theirs = expected[place : place + 3], got[place : place + 3]
    sides = f"Python {ours} (of {len(expected)}), browser {theirs} (of {len(got)})"
    return f"token ids differ at {place}: {sides}"


def _printable(text: str) -> str:
    """Return the text with everything that could steer a terminal escaped."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )
