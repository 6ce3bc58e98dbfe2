"""An encoder's name in, the encoder out: built from the pinned weights once, then kept."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from filelock import FileLock
from safetensors.numpy import load_file
from tqdm import tqdm

from cutouts.assets import MINILM_TOKENIZER, MINILM_WEIGHTS, cache_folder, fetch
from cutouts.encoders import use_lite_graph
from cutouts.encoders.description import Description, Encoder, Matrix
from cutouts.encoders.distil import alone, components, distil, fit_rows, pieces_with_rows
from cutouts.encoders.graph import Weights, float32_graph
from cutouts.encoders.int8_graph import int8_graph
from cutouts.encoders.minilm import OnnxEncoder, onnx_encoder, read_onnx
from cutouts.encoders.passages import choose_passages
from cutouts.encoders.receipt import cosines, neighbours_kept
from cutouts.encoders.static import StaticEncoder, count_rows, read_static, static_encoder
from cutouts.encoders.tokenizer import Pieces, plain_tokenizer
from cutouts.encoders.use_lite import use_lite_encoder, use_lite_sources
from cutouts.errors import AssetError, EncoderError, UsageError
from cutouts.samples import SAMPLES, read_sample

log = logging.getLogger("cutouts")

RECIPES = {"static": 4, "use-lite": 6, "minilm": 4}
"""By name, a number that is raised whenever the same weights would give another encoder."""
ENCODERS = tuple(RECIPES)
RECEIPT_TEXTS = 1000
RECEIPT_CHARS = 500


def load_encoder(name: str) -> Encoder:
    """Return a built-in encoder, from the cache or built now (some minutes, once).

    Raises UsageError for an unknown name and AssetError when the weights are nowhere to be had.
    """
    if name not in ENCODERS:
        raise UsageError(f"no encoder is called {name!r}: choose one of {', '.join(ENCODERS)}")
    folder = encoder_folder(name)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_suffix(".lock")):
            return _load_locked(name, folder)
    except OSError as error:
        raise EncoderError(
            f"{folder} cannot be written ({error.strerror or error}): make room there, "
            "or set CUTOUTS_CACHE to another folder"
        ) from None


def encoder_folder(name: str) -> Path:
    """Return where a built encoder is kept."""
    return cache_folder() / "encoders" / f"{name}-{RECIPES[name]}"


def _load_locked(name: str, folder: Path) -> Encoder:
    if folder.exists():
        try:
            return _read_kept(folder)
        except (EncoderError, OSError, ValueError, KeyError, TypeError) as error:
            log.warning("%s is damaged (%s): building it again", folder, error)
            shutil.rmtree(folder)
    encoder = _build(name)
    _keep(encoder, folder)
    return encoder


def _build(name: str) -> Encoder:
    if name == "static":
        return _build_static()
    return _build_use_lite() if name == "use-lite" else _build_minilm()


def read_encoder(contents: Mapping[str, bytes], description: Description) -> Encoder:
    """Return the encoder whose files are `contents`, by name."""
    read = read_static if description.kind == "static" else read_onnx
    try:
        return read(contents, description)
    except KeyError as missing:
        raise EncoderError(
            f"the encoder has no {missing.args[0]}: build the bundle again"
        ) from None


def _keep(encoder: Encoder, folder: Path) -> None:
    """Write the encoder beside `folder` and put it in place whole."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="part-") as part:
        encoder.write(Path(part))
        files = [path for path in sorted(Path(part).rglob("*")) if path.is_file()]
        hashes = {path.relative_to(part).as_posix(): _hash(path.read_bytes()) for path in files}
        kept = {"description": encoder.description.as_json(), "files": hashes}
        (Path(part) / "encoder.json").write_text(json.dumps(kept))
        shutil.copytree(part, folder.with_suffix(".new"), dirs_exist_ok=True)
    folder.with_suffix(".new").replace(folder)


def _read_kept(folder: Path) -> Encoder:
    kept = json.loads((folder / "encoder.json").read_text())
    contents = {name: (folder / name).read_bytes() for name in kept["files"]}
    for name, content in contents.items():
        if _hash(content) != kept["files"][name]:
            raise EncoderError(f"{name} has changed")
    return read_encoder(contents, Description(**kept["description"]))


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _sources() -> tuple[Weights, bytes]:
    return load_file(fetch(MINILM_WEIGHTS)), plain_tokenizer(fetch(MINILM_TOKENIZER).read_bytes())


def _build_minilm() -> OnnxEncoder:
    weights, tokenizer_json = _sources()
    encoder = onnx_encoder(int8_graph(weights), tokenizer_json, weights, {})
    return _with_receipt(encoder, float32_graph(weights), "MiniLM in float32")


def _build_use_lite() -> OnnxEncoder:
    weights, tokenizer_json = use_lite_sources()
    encoder = use_lite_encoder(use_lite_graph.int8_graph(weights), tokenizer_json, {})
    return _with_receipt(encoder, use_lite_graph.float32_graph(weights), "USE lite in float32")


def _with_receipt(encoder: OnnxEncoder, float32: bytes, called: str) -> OnnxEncoder:
    """Return the encoder with how close its vectors of real texts are to those of `float32`."""
    texts = _real_texts()
    if not texts:
        return encoder
    name = encoder.description.name
    pieces = encoder.tokenizer.pieces(texts)
    close = cosines(
        _encoded(f"{name}, int8", encoder, pieces),
        _encoded(f"{name}, float32", replace(encoder, model=float32), pieces),
    )
    receipt: dict[str, float | str] = {"texts": len(texts), "compared_with": called, **close}
    return replace(encoder, description=replace(encoder.description, receipt=receipt))


def _build_static() -> StaticEncoder:
    weights, tokenizer_json = _sources()
    teacher = onnx_encoder(float32_graph(weights), tokenizer_json, weights, {})
    pieces = pieces_with_rows(tokenizer_json)
    vectors = _encoded("static, every piece through MiniLM", teacher, alone(pieces))
    axes = components(vectors)
    rows = distil(vectors, axes)
    if texts := _passage_texts():
        passages = choose_passages(texts, teacher.tokenizer)
        wanted = _encoded("static, passages through MiniLM", teacher, passages)
        rows = fit_rows(rows, count_rows(passages, pieces), wanted, axes)
    encoder = static_encoder(tokenizer_json, pieces, rows, {})
    receipt: dict[str, float | str] = {}
    if texts := _real_texts():
        read = encoder.tokenizer.pieces(texts)
        reference = _encoded("static, compared with MiniLM", teacher, read)
        kept = neighbours_kept(encoder.encode(read), reference)
        receipt = {
            "texts": len(texts),
            "compared_with": "MiniLM in float32",
            "neighbours_kept": kept,
        }
    return replace(encoder, description=replace(encoder.description, receipt=receipt))


def _encoded(title: str, encoder: Encoder, pieces: Pieces) -> Matrix:
    with tqdm(total=len(pieces), desc=title, unit=" texts", file=sys.stderr, disable=None) as bar:
        return encoder.encode(pieces, bar.update)


def _passage_texts() -> Sequence[str]:
    """Return the training parts of the samples, or none (and a warning) where they are not there."""
    try:
        return [text for name in SAMPLES for text in read_sample(name, "train").texts]
    except AssetError as error:
        log.warning(
            "the static table is made from single pieces only, which tags less well, for want of "
            "passages (%s): once they can be had, remove %s",
            error,
            encoder_folder("static"),
        )
        return ()


def _real_texts() -> Sequence[str]:
    """Return texts to measure on, or none (and a warning) where the sample cannot be had."""
    try:
        corpus = read_sample("20newsgroups", "test")
    except AssetError as error:
        log.warning("the encoder is not compared with its original, for want of texts: %s", error)
        return ()
    step = len(corpus.texts) // RECEIPT_TEXTS
    return [text[:RECEIPT_CHARS] for text in corpus.texts[::step]][:RECEIPT_TEXTS]
