"""An encoder and a fitted head in, a bundle's folder out, whole or not at all."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import platform
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutouts.bundle import GOLDEN_FILE, HEAD_FILE, Bundle, open_bundle
from cutouts.encoders import MAX_CHARS, Encoder
from cutouts.errors import BundleError
from cutouts.former import BUNDLE, Kind, refuse_foreign
from cutouts.golden import TEXTS
from cutouts.heads import Head, write_head
from cutouts.heads.calibration import Calibration
from cutouts.manifest import FORMAT, MANIFEST, PROOF, Manifest, check_manifest, file_entry

TOLERANCE = {"static": 1e-5, "onnx": 1e-4}
LICENCE = "Apache-2.0"
VERSIONS = ("cutouts", "numpy", "scipy", "scikit-learn", "tokenizers", "onnxruntime")
MEANT_FOR_PEOPLE = {"metrics.json", "report.html", "card.md"}  # no runtime loads them


@dataclass(frozen=True, slots=True)
class Tagger:
    """What a bundle is made of."""

    name: str
    encoder: Encoder
    head: Head
    calibration: Calibration
    labels: tuple[str, ...]
    thresholds: NDArray[np.float64]
    multiple: bool
    metrics: dict[str, float | str | None]
    provenance: dict[str, float | str | bool]


def pack(tagger: Tagger, folder: Path) -> Bundle:
    """Write the files that a runtime loads, and golden.json with Python's answers, to `folder`."""
    encoder_folder = folder / "encoder" / tagger.encoder.description.space
    encoder_folder.mkdir(parents=True)
    tagger.encoder.write(encoder_folder)
    (folder / "head").mkdir()
    (folder / HEAD_FILE).write_bytes(write_head(tagger.head, tagger.calibration))
    (folder / GOLDEN_FILE).write_text('{"texts": []}')
    manifest = _manifest(tagger, folder)
    bundle = open_bundle(folder, manifest, _contents(folder))
    (folder / GOLDEN_FILE).write_text(json.dumps({"texts": _golden(bundle)}))
    write_manifest(folder, manifest)
    return open_bundle(folder, manifest, _contents(folder))


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """List every file of the folder in the manifest, check it and write it."""
    manifest["files"] = _files(folder)
    check_manifest(manifest)
    text = json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


@contextmanager
def put_in_place(out: Path, kind: Kind = BUNDLE) -> Iterator[Path]:
    """Yield an empty folder beside `out` that takes its place at the end, or vanishes on failure.

    Raises BundleError when `out` holds anything but a former folder of this kind, or cannot be
    written, for instance because the disk is full.
    """
    refuse_foreign(out, kind)
    place = out.resolve()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        for debris in place.parent.glob(f".{escape(place.name)}-part-*"):
            shutil.rmtree(debris, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{place.name}-part-") as part:
            fresh = Path(part) / "bundle"
            fresh.mkdir()
            yield fresh
            _swap(fresh, place, Path(part) / "former")
    except OSError as error:
        raise BundleError(
            f"{out} cannot be written ({error.strerror}): make room there or choose another --out"
        ) from None


def _swap(fresh: Path, place: Path, former: Path) -> None:
    """Put `fresh` in its place; what was there goes to `former`, or stays when that fails."""
    try:
        if place.exists():
            place.rename(former)
        fresh.rename(place)
    except BaseException:  # Ctrl-C too: the former bundle is not lost
        if former.exists() and not place.exists():
            former.rename(place)
        raise


def _manifest(tagger: Tagger, folder: Path) -> Manifest:
    kind = "linear" if tagger.head.layers() is None else "cnn"
    head: dict[str, Any] = {"kind": kind, "link": tagger.calibration.link}
    if kind == "cnn":
        head["layers"] = tagger.head.layers()
    named = zip(tagger.labels, tagger.thresholds, strict=True)
    return {
        "format": FORMAT,
        "name": tagger.name,
        "created": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "encoder": tagger.encoder.description.as_json(),
        "head": head,
        "labels": [{"name": name, "threshold": float(value)} for name, value in named],
        "multiple": tagger.multiple,
        "max_chars": MAX_CHARS,
        "tolerance": TOLERANCE[tagger.encoder.description.kind],
        "metrics": tagger.metrics,
        "provenance": {**tagger.provenance, **versions()},
        "licence": LICENCE,
        "files": _files(folder),
    }


def versions() -> dict[str, str]:
    """Return the version of Python and of each library that has a part in the answers."""
    found = {name: importlib.metadata.version(name) for name in VERSIONS}
    return {"python": platform.python_version(), **found}


def _files(folder: Path) -> list[dict[str, Any]]:
    listed = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in (MANIFEST, PROOF):
            loaded = name not in MEANT_FOR_PEOPLE
            listed.append(file_entry(name, path.read_bytes(), load=loaded))
    return listed


def _contents(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _golden(bundle: Bundle) -> list[dict[str, Any]]:
    answers = bundle.answers(TEXTS)
    return [
        {
            "text": text,
            "ids": answer.ids,
            "vector": [float(f"{number:.9g}") for number in answer.vector],
            "scores": answer.scores.tolist(),
            "probabilities": answer.probabilities.tolist(),
            "tags": answer.tags,
        }
        for text, answer in zip(TEXTS, answers, strict=True)
    ]
