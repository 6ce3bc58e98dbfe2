"""An encoder's name in, the encoder out: built from the pinned weights once, then kept."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from safetensors.numpy import load_file

from cutouts.assets import MINILM_TOKENIZER, MINILM_WEIGHTS, cache_folder, fetch
from cutouts.encoders import use_lite_graph
from cutouts.encoders.description import Encoder
from cutouts.encoders.distil import alone, components, distil, fit_rows, pieces_with_rows
from cutouts.encoders.given import is_given, load_given, load_original
from cutouts.encoders.graph import Weights, float32_graph
from cutouts.encoders.int8_graph import int8_graph
from cutouts.encoders.kept import load_kept
from cutouts.encoders.minilm import OnnxEncoder, onnx_encoder
from cutouts.encoders.passages import choose_passages
from cutouts.encoders.receipt import encoded, neighbours_kept, real_texts, with_receipt
from cutouts.encoders.static import StaticEncoder, count_rows, static_encoder
from cutouts.encoders.tokenizer import plain_tokenizer
from cutouts.encoders.use_lite import drawn_texts, use_lite_encoder, use_lite_sources
from cutouts.errors import AssetError, UsageError
from cutouts.samples import SAMPLES, read_sample

log = logging.getLogger("cutouts")

RECIPES = {"static": 4, "use-lite": 7, "minilm": 4}
"""By name, a number that is raised whenever the same weights would give another encoder."""
ENCODERS = tuple(RECIPES)


def load_encoder(name: str, max_bytes: int | None = None) -> Encoder:
    """Return an encoder, from the cache or built now (some minutes, once).

    `name` is a built-in one, or says where a model lies (`cutouts.encoders.given`); a model
    of which nothing could fit `max_bytes` is refused before its weights are read.
    Raises UsageError for an unknown name and AssetError when the weights are nowhere to be had.
    """
    if name in ENCODERS:
        return load_kept(encoder_folder(name), partial(_build, name))
    if is_given(name):
        return load_given(name, max_bytes)
    raise UsageError(
        f"no encoder is called {name!r}: choose one of {', '.join(ENCODERS)}, or give a folder"
    )


def load_teacher(name: str) -> OnnxEncoder:
    """Return a transformer in float32, for a table to be made from.

    Raises UsageError for an encoder that no table of word pieces can be made from.
    """
    if name == "minilm":
        weights, tokenizer_json = _sources()
        return onnx_encoder(float32_graph(weights), tokenizer_json, weights, {})
    if name in ENCODERS or not is_given(name):
        raise UsageError(
            f"{name} is no teacher: give minilm, or a sentence-transformers model with BERT's "
            "word pieces"
        )
    return load_original(name)


def encoder_folder(name: str) -> Path:
    """Return where a built encoder is kept."""
    return cache_folder() / "encoders" / f"{name}-{RECIPES[name]}"


def _build(name: str) -> Encoder:
    if name == "static":
        return _build_static()
    return _build_use_lite() if name == "use-lite" else _build_minilm()


def _sources() -> tuple[Weights, bytes]:
    return load_file(fetch(MINILM_WEIGHTS)), plain_tokenizer(fetch(MINILM_TOKENIZER).read_bytes())


def _build_minilm() -> OnnxEncoder:
    weights, tokenizer_json = _sources()
    encoder = onnx_encoder(int8_graph(weights), tokenizer_json, weights, {})
    return with_receipt(encoder, float32_graph(weights), "MiniLM in float32")


def _build_use_lite() -> OnnxEncoder:
    weights, tokenizer_json = use_lite_sources()
    layers = use_lite_graph.int8_layers(weights, drawn_texts(tokenizer_json))
    encoder = use_lite_encoder(use_lite_graph.int8_graph(weights, layers), tokenizer_json, {})
    return with_receipt(encoder, use_lite_graph.float32_graph(weights), "USE lite in float32")


def _build_static() -> StaticEncoder:
    teacher = load_teacher("minilm")
    pieces = pieces_with_rows(teacher.tokenizer_json)
    vectors = encoded("static, every piece through MiniLM", teacher, alone(pieces))
    axes = components(vectors)
    rows = distil(vectors, axes)
    if texts := _passage_texts():
        passages = choose_passages(texts, teacher.tokenizer)
        wanted = encoded("static, passages through MiniLM", teacher, passages)
        rows = fit_rows(rows, count_rows(passages, pieces), wanted, axes)
    encoder = static_encoder(teacher.tokenizer_json, pieces, rows, {})
    receipt: dict[str, float | str] = {}
    if texts := real_texts():
        read = encoder.tokenizer.pieces(texts)
        reference = encoded("static, compared with MiniLM", teacher, read)
        kept = neighbours_kept(encoder.encode(read), reference)
        receipt = {
            "texts": len(texts),
            "compared_with": "MiniLM in float32",
            "neighbours_kept": kept,
        }
    return replace(encoder, description=replace(encoder.description, receipt=receipt))


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
