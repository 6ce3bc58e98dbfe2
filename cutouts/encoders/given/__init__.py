"""Where a model lies goes in, an encoder made of it out: a local folder of a known layout."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

from cutouts.assets import cache_folder
from cutouts.encoders.description import Encoder
from cutouts.encoders.given.folder import Given, open_given
from cutouts.encoders.given.model2vec import model2vec_encoder
from cutouts.encoders.kept import load_kept
from cutouts.errors import EncoderError, UsageError

PARTS = (".json", ".safetensors", ".onnx", ".onnx_data", ".data", ".md")
RECIPE = 1  # raised whenever the same files would give another encoder


def is_given(name: str) -> bool:
    """Return whether this is no single word: a path, or owner/name of a hub."""
    return "/" in name or Path(name).is_dir()


def load_given(name: str) -> Encoder:
    """Return the encoder made of the model there, from the cache or built now.

    Raises UsageError when nothing is there, EncoderError when what is there cannot run in a
    browser as it runs here.
    """
    path = Path(name).expanduser()
    if not path.is_dir():
        raise UsageError(f"there is no folder {name}: give the folder of a model")
    given = open_given(path)
    build = _builder(given)
    return load_kept(_kept_folder(given), partial(build, given))


def _builder(given: Given) -> Callable[[Given], Encoder]:
    """Return what reads a folder of this layout."""
    if given.has("config.json") and given.json("config.json").get("model_type") == "model2vec":
        return model2vec_encoder
    raise EncoderError(
        f"{given.name} has no config.json of model_type model2vec: "
        "give the folder of a Model2Vec model"
    )


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
