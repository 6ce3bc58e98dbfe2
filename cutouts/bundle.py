"""A bundle's folder in, a tagger out: what a browser answers, answered in Python."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutouts.encoders import Description, Encoder, Matrix, Pieces, read_encoder
from cutouts.errors import BundleError, EncoderError, HeadError
from cutouts.heads import Head, read_head
from cutouts.heads.calibration import Calibration
from cutouts.manifest import Manifest, read_file, read_manifest

HEAD_FILE = "head/head.safetensors"
GOLDEN_FILE = "golden.json"


@dataclass(frozen=True, slots=True)
class Tag:
    """A label and how sure the model is of it."""

    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that was computed for one text, as a proof compares it."""

    ids: list[int]
    vector: NDArray[np.float32]  # (dim,)
    scores: NDArray[np.float64]  # (labels,)
    probabilities: NDArray[np.float64]  # (labels,)
    tags: list[str]


@dataclass(frozen=True, slots=True)
class Bundle:
    """An encoder, a head and its labels, read from a folder and checked."""

    folder: Path
    manifest: Manifest
    encoder: Encoder
    head: Head
    calibration: Calibration
    golden: tuple[dict[str, Any], ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the label names, in the order of scores and probabilities."""
        return tuple(label["name"] for label in self.manifest["labels"])

    @property
    def thresholds(self) -> NDArray[np.float64]:
        """Return the probability from which on each label is given."""
        return np.array([label["threshold"] for label in self.manifest["labels"]])

    def tag(self, texts: Sequence[str]) -> list[tuple[Tag, ...]]:
        """Return each text's tags, most probable first; none where nothing is probable enough."""
        probabilities = self.probabilities(texts)
        return [self.decide(row) for row in probabilities]

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the probability of each label, (texts, labels)."""
        pieces = self.pieces(texts)
        scores = self.head.scores(pieces, self.vectors(pieces))
        return self.calibration.probabilities(scores)

    def answers(self, texts: Sequence[str]) -> list[Answer]:
        """Return everything that was computed for each text."""
        pieces = self.pieces(texts)
        vectors = self.vectors(pieces)
        scores = self.head.scores(pieces, vectors)
        probabilities = self.calibration.probabilities(scores)
        return [
            Answer(
                ids=[int(i) for i in pieces[row]],
                vector=vectors[row],
                scores=scores[row],
                probabilities=probabilities[row],
                tags=[tag.label for tag in self.decide(probabilities[row])],
            )
            for row in range(len(pieces))
        ]

    def decide(self, probabilities: NDArray[np.float64]) -> tuple[Tag, ...]:
        """Return the tags that one text's probabilities, (labels,), amount to."""
        enough = probabilities >= self.thresholds
        if self.manifest["multiple"]:
            order = np.argsort(-probabilities, kind="stable")
            chosen = [int(label) for label in order if enough[label]]
        else:
            best = int(probabilities.argmax())
            chosen = [best] if enough[best] else []
        return tuple(Tag(self.labels[label], float(probabilities[label])) for label in chosen)

    def pieces(self, texts: Sequence[str]) -> Pieces:
        """Return the word pieces of each text."""
        return self.encoder.tokenizer.pieces(texts, max_chars=self.manifest["max_chars"])

    def vectors(self, pieces: Pieces) -> Matrix:
        """Return the vector of each text, (texts, dim)."""
        return self.encoder.encode(pieces)

    def golden_texts(self) -> list[str]:
        """Return the texts that every runtime checks itself against."""
        return [entry["text"] for entry in self.golden]


def load_bundle(folder: str | Path) -> Bundle:
    """Return the bundle in a folder, every file checked against its manifest.

    Raises BundleError when something is missing, damaged, of a newer format, or when this
    machine's answers to the golden texts are not those in the bundle.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    contents = {
        entry["path"]: read_file(folder, entry) for entry in manifest["files"] if entry["load"]
    }
    try:
        bundle = open_bundle(folder, manifest, contents)
        _check_golden(bundle)
    except KeyError as missing:
        raise BundleError(f"{folder} has no {missing.args[0]}: train again") from None
    except (EncoderError, HeadError) as error:
        raise BundleError(f"{folder} cannot be used: {error}") from None
    return bundle


def open_bundle(folder: Path, manifest: Manifest, contents: dict[str, bytes]) -> Bundle:
    """Return the bundle made of these files, by path."""
    prefix = f"encoder/{manifest['encoder']['space']}/"
    description = Description(**manifest["encoder"])
    files = {path[len(prefix) :]: c for path, c in contents.items() if path.startswith(prefix)}
    head, calibration = read_head(contents[HEAD_FILE], manifest)
    try:
        golden = json.loads(contents[GOLDEN_FILE])["texts"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BundleError(f"{folder / GOLDEN_FILE} cannot be read ({error}): train again") from None
    return Bundle(
        folder, manifest, read_encoder(files, description), head, calibration, tuple(golden)
    )


def _check_golden(bundle: Bundle) -> None:
    path = bundle.folder / GOLDEN_FILE
    if not bundle.golden:
        raise BundleError(f"{path} holds no texts to check the answers with: train again")
    try:
        for answer, entry in zip(bundle.answers(bundle.golden_texts()), bundle.golden, strict=True):
            _check_answer(bundle, answer, entry)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BundleError(f"{path} is not as it should be ({error!r}): train again") from None


def _check_answer(bundle: Bundle, answer: Answer, entry: dict[str, Any]) -> None:
    difference = max(
        _difference(answer.scores, entry["scores"]),
        _difference(answer.probabilities, entry["probabilities"]),
    )
    same = answer.ids == entry["ids"] and answer.tags == entry["tags"]
    if not same or difference > bundle.manifest["tolerance"]:
        raise BundleError(
            f"{bundle.folder} gives other answers here than where it was made (to "
            f"{entry['text'][:40]!r}, {difference:.2g} apart): update cutouts or train again"
        )


def _difference(found: NDArray[np.float64], expected: list[float]) -> float:
    """Return the largest difference, infinite where the lengths differ or one is no number."""
    if found.shape != np.shape(expected):
        return float("inf")
    worst = float(np.abs(found - expected).max())
    return worst if np.isfinite(worst) else float("inf")
