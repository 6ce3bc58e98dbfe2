"""USE lite's weights in, ONNX graphs out: float32 to compare with, and int8 to ship.

The graph is that of the published model.json, node by node: rows of an embedding, doubled, plus a
timing signal of sines and cosines; two blocks that normalise before they attend (four heads) and
before their hidden layer (relu); the mean over the text's pieces; a tanh layer; unit length
(Cer et al. 2018, Universal Sentence Encoder). The published graph packs the texts of a batch
without padding. Here they are padded, and a mask keeps what stands there out of every sum.
A text without pieces becomes one masked place: its mean is zero, as in the original.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutouts.encoders.exact import (
    absent,
    attend,
    by_text,
    dense,
    embed,
    in_steps,
    layer_norm,
    quantise,
)
from cutouts.encoders.graph import MICROSOFT, Graph, Weights, positions
from cutouts.encoders.use_lite_weights import DIM

Matrix = NDArray[np.float32]

BLOCKS = 2
HEADS = 4
EPSILON = 1e-6  # of the layer normalisations
MAX_TOKENS = 128  # as published: ClipToMaxLength
TWO_LIMBS = frozenset({"0.qkv", "0.out", "0.skip", "0.up", "1.out", "tanh"})
"""Layers whose weights are kept in two bytes: the narrow ones, the one that runs once per text, and
the one whose second byte gains most."""


@dataclass(frozen=True, slots=True)
class Int8Layer:
    """A dense layer, and how its numbers become bytes."""

    weight: Matrix  # (outputs, inputs)
    bias: Matrix
    limbs: int  # bytes of a weight
    bits: (
        int  # of an activation; a weight of one byte needs the eighth more than an activation does
    )
    is_positive: bool  # what goes in comes from a relu


def float32_graph(weights: Weights) -> bytes:
    """Return the model in float32."""
    graph = Graph()
    rows = graph.op("Gather", graph.const(2 * weights["embedding"]), "input_ids")
    x = _with_signal(graph, rows, weights)
    present = graph.op("Cast", "attention_mask", to=6)  # int32, as MultiHeadAttention wants it
    for number in range(BLOCKS):
        x = _block_float32(graph, x, present, weights, f"{number}.")
    return graph.model(_unit(graph, _dense(graph, _mean(graph, x), weights, "tanh")), DIM)


def int8_graph(weights: Weights) -> bytes:
    """Return the graph that ships, of the layers of `exact`."""
    graph = Graph()
    table = 2 * weights["embedding"]
    x = _with_signal(graph, embed(graph, table), weights)
    x = graph.op("Reshape", x, graph.const(np.array([-1, table.shape[1]])))
    far = absent(graph)
    for number in range(BLOCKS):
        x = _block_int8(graph, x, far, weights, f"{number}.")
    out = _dense_int8(graph, _mean(graph, by_text(graph, x, DIM)), weights, "tanh")
    return graph.model(_unit(graph, out), DIM)


def timing_signal(frequencies: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what is added at each place, (places, 256): sines, then cosines, of slowing waves."""
    places = np.arange(MAX_TOKENS, dtype=np.float32)
    angles = (places[:, None] * frequencies).astype(np.float64)  # rounded to float32 before
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)


def _with_signal(graph: Graph, rows: str, weights: Weights) -> str:
    return graph.op("Add", rows, positions(graph, timing_signal(weights["frequencies"])))


def _block_float32(graph: Graph, x: str, present: str, weights: Weights, name: str) -> str:
    normed = _norm(graph, x, weights, f"{name}norm")
    qkv = graph.op("MatMul", normed, graph.const(weights[f"{name}qkv.kernel"]))
    query, key, value = graph.ops("Split", qkv, outputs=3, axis=-1)
    bias = graph.const(weights[f"{name}qkv.bias"])
    attended = graph.op(
        "MultiHeadAttention", query, key, value, bias, present, domain=MICROSOFT, num_heads=HEADS
    )
    if f"{name}skip.kernel" in weights:
        x = _dense(graph, x, weights, f"{name}skip")
    x = graph.op("Add", _dense(graph, attended, weights, f"{name}out"), x)
    normed = _norm(graph, x, weights, f"{name}ffn.norm")
    hidden = graph.op("Relu", _dense(graph, normed, weights, f"{name}up"))
    return graph.op("Add", _dense(graph, hidden, weights, f"{name}down"), x)


def _block_int8(graph: Graph, x: str, far: str, weights: Weights, name: str) -> str:
    def norm_of(x: str, part: str) -> str:
        scale, shift = weights[f"{name}{part}.scale"], weights[f"{name}{part}.bias"]
        return layer_norm(graph, x, scale, shift, EPSILON)

    width = len(weights[f"{name}norm.scale"])
    merged = _dense_int8(graph, norm_of(x, "norm"), weights, f"{name}qkv")
    attended = attend(graph, merged, width, HEADS, far)
    if f"{name}skip.kernel" in weights:
        x = _dense_int8(graph, x, weights, f"{name}skip")
    x = graph.op("Add", _dense_int8(graph, attended, weights, f"{name}out"), x)
    hidden = _dense_int8(graph, norm_of(x, "ffn.norm"), weights, f"{name}up")
    hidden = graph.op("Relu", hidden)
    return graph.op("Add", _dense_int8(graph, hidden, weights, f"{name}down"), x)


def _dense_int8(graph: Graph, x: str, weights: Weights, name: str) -> str:
    layer = int8_layer(weights, name)
    whole = quantise(graph, x, layer.bits, is_positive=layer.is_positive)
    return dense(graph, whole, layer.weight, layer.bias, layer.limbs)


def int8_layer(weights: Weights, name: str) -> Int8Layer:
    """Return the layer of this name."""
    weight, bias = weights[f"{name}.kernel"].T, weights[f"{name}.bias"]
    if name.endswith("qkv"):
        weight, bias = in_steps(weight, bias, HEADS)
    limbs, bits = (2, 8) if name in TWO_LIMBS else (1, 7)
    return Int8Layer(weight, bias, limbs, bits, is_positive=name.endswith("down"))


def _norm(graph: Graph, x: str, weights: Weights, name: str) -> str:
    scale, bias = graph.const(weights[f"{name}.scale"]), graph.const(weights[f"{name}.bias"])
    return graph.op("LayerNormalization", x, scale, bias, axis=-1, epsilon=EPSILON)


def _dense(graph: Graph, x: str, weights: Weights, name: str) -> str:
    product = graph.op("MatMul", x, graph.const(weights[f"{name}.kernel"]))
    return graph.op("Add", product, graph.const(weights[f"{name}.bias"]))


def _mean(graph: Graph, x: str) -> str:
    """Return the mean over the text's pieces, (batch, 512); zeros for a text without pieces.

    The sum is taken in float64: the int8 graph rounds what comes of it.
    """
    mask = graph.op("Cast", "attention_mask", to=11)
    row, one = graph.op("Unsqueeze", mask, graph.const(np.array([2]))), graph.const(np.array([1]))
    total = graph.op("Mul", graph.op("Cast", x, to=11), row)
    total = graph.op("ReduceSum", total, one, keepdims=0)
    count = graph.op("ReduceSum", mask, one, keepdims=1)
    mean = graph.op("Div", total, graph.op("Max", count, graph.const(np.float64(1))))
    return graph.op("Cast", mean, to=1)


def _unit(graph: Graph, x: str) -> str:
    return graph.op("LpNormalization", graph.op("Tanh", x), axis=-1, p=2)
