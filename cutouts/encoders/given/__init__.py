"""Where a model lies goes in, an encoder made of it out: a local folder of a known layout."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from pathlib import Path

from cutouts.assets import cache_folder
from cutouts.encoders.description import Encoder
from cutouts.encoders.given.folder import Given, open_given
from cutouts.encoders.given.model2vec import model2vec_encoder
from cutouts.encoders.given.sentence import read_sentence
from cutouts.encoders.given.transformer import transformer_encoder
from cutouts.encoders.kept import load_kept
from cutouts.errors import UsageError

PARTS = (".json", ".safetensors", ".onnx", ".onnx_data", ".data", ".md")
RECIPE = 1  # raised whenever the same files would give another encoder


def is_given(name: str) -> bool:
    """Return whether this is no single word: a path, or owner/name of a hub."""
    return "/" in name or Path(name).is_dir()


def load_given(name: str, max_bytes: int | None = None) -> Encoder:
    """Return the encoder made of the model there, from the cache or built now.

    Raises UsageError when nothing is there, EncoderError when what is there cannot run in a
    browser as it runs here.
    """
    path = Path(name).expanduser()
    if not path.is_dir():
        raise UsageError(f"there is no folder {name}: give the folder of a model")
    given = open_given(path)
    if _is_model2vec(given):
        return load_kept(_kept_folder(given), partial(model2vec_encoder, given))
    read_sentence(given, max_bytes)  # also when it is kept: the budget may be another now
    return load_kept(_kept_folder(given), partial(transformer_encoder, given, max_bytes))


def _is_model2vec(given: Given) -> bool:
    if not given.has("config.json"):
        return False
    return bool(given.json("config.json").get("model_type") == "model2vec")


def _kept_folder(given: Given) -> Path:
    """Return where the encoder is kept: named by every file that may have a part in it."""
    hashes = {}
    for path in sorted([*given.path.glob("*"), *given.path.glob("*/*")]):
        if path.is_file() and path.suffix in PARTS:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            hashes[path.relative_to(given.path).as_posix()] = digest
    about = json.dumps([RECIPE, given.name, given.revision, hashes], sort_keys=True)
    key = hashlib.sha256(about.encode()).hexdigest()[:16]
    return cache_folder() / "encoders" / f"given-{key}"
