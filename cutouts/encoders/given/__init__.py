"""Where a model lies goes in, an encoder made of it out: a folder or a hub, of a known layout."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from cutouts.assets import cache_folder
from cutouts.encoders.description import Encoder
from cutouts.encoders.given.exported import MODEL, check_start
from cutouts.encoders.given.folder import Given, open_given
from cutouts.encoders.given.hub import fetch_rest, open_hub_model
from cutouts.encoders.given.model2vec import model2vec_encoder, review_model2vec
from cutouts.encoders.given.sentence import read_sentence
from cutouts.encoders.given.transformer import original_encoder, transformer_encoder
from cutouts.encoders.kept import load_kept
from cutouts.encoders.minilm import OnnxEncoder
from cutouts.errors import UsageError

PARTS = (".json", ".safetensors", ".onnx", ".onnx_data", ".data", ".md")
RECIPE = 1  # raised whenever the same files would give another encoder

Build = Callable[[Given], Encoder]


def is_given(name: str) -> bool:
    """Return whether this is no single word: a path, or owner/name of a hub."""
    return "/" in name or Path(name).is_dir()


def load_given(name: str, max_bytes: int | None = None) -> Encoder:
    """Return the encoder made of the model there, from the cache or built now.

    `name` is a folder, or owner/name[@revision] of a hub. Raises UsageError when it is neither,
    AssetError when the hub does not give it, and EncoderError when it cannot run in a browser as
    it runs here; a model of the hub is refused before its weights are fetched.
    """
    given, build = _open(name, max_bytes)
    return load_kept(_kept_folder(given), partial(build, replace(given, hashes={})))


def load_original(name: str) -> OnnxEncoder:
    """Return the transformer there in float32, as it was published; raises as `load_given`."""
    given, build = _open(name, None)
    if build is model2vec_encoder:
        raise UsageError(f"{name} is a table already: give a sentence-transformers model")
    return original_encoder(given)


def _open(name: str, max_bytes: int | None) -> tuple[Given, Build]:
    """Return the folder of the model, whole, and what makes an encoder of it."""
    path = Path(name).expanduser()
    if path.is_dir():
        given = open_given(path)
        return given, review(given, max_bytes)
    if name.startswith((".", "/", "~")) or name.count("/") != 1:
        raise UsageError(f"there is no folder {name}: give the folder of a model, or owner/name")
    model = open_hub_model(name)
    build = review(model.given(), max_bytes)
    if build is model2vec_encoder:
        return fetch_rest(model, ["model.safetensors"]), build

    def look(name: str, start: bytes) -> None:
        if name == MODEL:
            check_start(model.given(), start)

    graph = sorted(name for name in model.files if name.startswith(MODEL))  # it, then its weights
    return fetch_rest(model, graph, look), build


def review(given: Given, max_bytes: int | None) -> Build:
    """Return what makes an encoder of this layout, all small files looked at."""
    if _is_model2vec(given):
        review_model2vec(given)
        return model2vec_encoder
    read_sentence(given, max_bytes)
    return transformer_encoder


def _is_model2vec(given: Given) -> bool:
    if not given.has("config.json"):
        return False
    return bool(given.json("config.json").get("model_type") == "model2vec")


def _kept_folder(given: Given) -> Path:
    """Return where the encoder is kept: named by every file that may have a part in it."""
    hashes = {}
    graph = (given.path / MODEL).parent  # whose weights may lie in files of any name below it
    found = {path for depth in ("*", "*/*") for path in given.path.glob(depth)}
    found = {path for path in found if path.suffix in PARTS}.union(graph.rglob("*"))
    for path in sorted(found):
        if path.is_file():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            hashes[path.relative_to(given.path).as_posix()] = digest
    about = json.dumps([RECIPE, given.name, given.revision, hashes], sort_keys=True)
    key = hashlib.sha256(about.encode()).hexdigest()[:16]
    return cache_folder() / "encoders" / f"given-{key}"
