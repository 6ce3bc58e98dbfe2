"""A sentence-transformers folder in, an encoder of kind `onnx` out: in int8 where that agrees.

A BERT is built anew from its weights, in the int8 layers of `exact` that answer alike natively and
in WebAssembly. The file itself is the judge: it is taken only if the same weights in float32 give
the file's own vectors, if int8 stays near them, and if two ways of running it agree. Any other
model keeps its own graph, its weights as float16 and its arithmetic in float32.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from cutouts.encoders.description import TOKENIZER_FILE, Description, space_of
from cutouts.encoders.given.exported import MODEL, bert_weights, halved, pooled, read_model
from cutouts.encoders.given.folder import MOST_WEIGHTS, Given
from cutouts.encoders.given.model2vec import origin_of
from cutouts.encoders.given.sentence import Sentence, read_sentence
from cutouts.encoders.graph import Shape, Weights, float32_graph, x_dim
from cutouts.encoders.int8_graph import int8_graph
from cutouts.encoders.minilm import MODEL_FILE, OnnxEncoder, open_session, run
from cutouts.encoders.receipt import cosines, encoded, pieces_to_measure
from cutouts.encoders.tokenizer import Pieces
from cutouts.errors import EncoderError

log = logging.getLogger("cutouts")

CHECKED = 64  # texts on which the model that was built anew is held against the file
SAME = 1e-4  # of a vector of length 1: two libraries' float32 stays a hundred times below
ALIKE = 1e-6  # between two ways of running int8; a rounding that falls otherwise moves 1e-3
LEAST_COSINE = 0.97  # of int8 to float32, the lowest of all texts; MiniLM's own is no lower


def transformer_encoder(given: Given) -> OnnxEncoder:
    """Return the encoder; raise EncoderError when it cannot run in a browser as it runs here."""
    sentence = read_sentence(given)
    model = read_model(given, MOST_WEIGHTS)
    original = _original(given, sentence, model)
    pieces, made = pieces_to_measure(original.tokenizer)
    few = pieces.take(np.arange(min(CHECKED, len(pieces))))
    best = _int8(given, sentence, bert_weights(model), original, few)
    if best is None:
        best = _encoder(given, sentence, halved(original.model), "float16")
    title = f"{given.name}, compared with its float32"
    reference = encoded(title, original, pieces)
    close = cosines(encoded(given.name, best, pieces), reference)
    receipt: dict[str, float | str] = {
        "texts": len(pieces),
        "compared_with": f"its own float32{f', on {made}' if made else ''}",
        **close,
    }
    if best.description.origin and best.description.origin["weights"] == "float16":
        log.warning("%s: weights are shipped as float16, computed in float32", given.name)
    return replace(best, description=replace(best.description, receipt=receipt))


def original_encoder(given: Given) -> OnnxEncoder:
    """Return the model in float32, pooled; raise EncoderError when it cannot be read."""
    return _original(given, read_sentence(given), read_model(given, MOST_WEIGHTS))


def _original(given: Given, sentence: Sentence, model: Any) -> OnnxEncoder:
    encoder = _encoder(given, sentence, pooled(given, model, sentence.pooling), "float16")
    _try(given, encoder)
    return encoder


def _int8(
    given: Given, sentence: Sentence, weights: Weights | None, original: OnnxEncoder, few: Pieces
) -> OnnxEncoder | None:
    """Return the model in int8, or None (and why, on stderr) where that is not the same model."""
    shape = _shape(sentence)
    if weights is None or shape is None or x_dim(weights) % shape.heads:
        log.warning("%s is no BERT whose layers int8 is known for", given.name)
        return None
    reference = original.encode(few)
    again = replace(original, model=float32_graph(weights, shape)).encode(few)
    apart = float(np.abs(again - reference).max())
    if not apart <= SAME:
        log.warning("%s, built anew, is %.2g from its file: not taken as int8", given.name, apart)
        return None
    made = _encoder(given, sentence, int8_graph(weights, shape), "int8")
    vectors = made.encode(few)
    lowest = cosines(vectors, reference)["lowest_cosine"]
    if not lowest >= LEAST_COSINE:
        log.warning("%s in int8 has a cosine of %.3f: not taken", given.name, lowest)
        return None
    plain = open_session(made.model, optimised=False)
    sequences = [made.sequence(ids) for ids in few]
    other = np.concatenate([run(plain, [sequence]) for sequence in sequences])
    apart = float(np.abs(other - vectors).max())
    if not apart <= ALIKE:
        log.warning("%s in int8 differs from itself by %.2g: not taken", given.name, apart)
        return None
    return made


def _shape(sentence: Sentence) -> Shape | None:
    """Return the shape of a BERT; None when the configuration is that of something else."""
    config = sentence.config
    heads, epsilon = config.get("num_attention_heads"), config.get("layer_norm_eps", 1e-12)
    is_bert = (
        config.get("model_type") == "bert"
        and config.get("hidden_act", "gelu") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
    )
    if not is_bert or type(heads) is not int or not 0 < heads <= 256:
        return None
    if not isinstance(epsilon, float) or not 0 < epsilon < 1:
        return None
    return Shape(heads, epsilon, sentence.pooling)


def _encoder(given: Given, sentence: Sentence, model: bytes, weights: str) -> OnnxEncoder:
    pieces = sentence.word_pieces
    contents = {TOKENIZER_FILE: pieces.json, MODEL_FILE: model}
    settings: Mapping[str, Any] = {"pooling": sentence.pooling, "max_tokens": sentence.max_tokens}
    dim = _dim(given, model)
    around = pieces.around or (None, None)
    description = Description(
        kind="onnx",
        name=given.name,
        space=space_of(contents, normalised=True, **settings),
        dim=dim,
        max_tokens=sentence.max_tokens,
        vocabulary=pieces.vocabulary,
        licence=given.licence,
        source=given.source,
        cls=around[0],
        sep=around[1],
        origin=origin_of(
            given, pooling=sentence.pooling, normalised=sentence.normalised, weights=weights
        ),
    )
    config = {
        "model_type": str(sentence.config.get("model_type", "bert"))[:60],
        "hidden_size": dim,
        "vocab_size": pieces.vocabulary,
        "max_position_embeddings": sentence.max_tokens,
    }
    return OnnxEncoder(description, pieces.json, json.dumps(config).encode(), model)


def _dim(given: Given, model: bytes) -> int:
    """Return the width of the vectors that the model gives to a text of two tokens."""
    try:
        found = run(open_session(model), [np.array([0, 0])])
    except EncoderError as error:
        said = str(error).partition("(")[2].rpartition(")")[0] or str(error)
        raise EncoderError(
            f"{given.name}: {MODEL} cannot be run ({said}): export the model again"
        ) from None
    if found.ndim != 2 or not 0 < found.shape[1] <= 4096:
        raise EncoderError(
            f"{given.name}: {MODEL} gives {found.shape} for a text, expected a vector of 1 to "
            "4096 numbers: export the model for feature extraction"
        )
    return int(found.shape[1])


def _try(given: Given, encoder: OnnxEncoder) -> None:
    """Raise EncoderError unless the model reads the last piece and as many as it says."""
    about = encoder.description
    last = np.full(about.max_tokens, about.vocabulary - 1, np.int64)
    try:
        vectors = run(open_session(encoder.model), [last, last[:3]])
    except EncoderError as error:
        said = str(error).partition("(")[2].rpartition(")")[0]
        raise EncoderError(
            f"{given.name}: {MODEL} fails on {about.max_tokens} tokens of the last of "
            f"{about.vocabulary} pieces ({said}): config.json and tokenizer.json must fit it"
        ) from None
    if not np.isfinite(vectors).all():
        raise EncoderError(f"{given.name}: {MODEL} gives no finite numbers: export it again")
