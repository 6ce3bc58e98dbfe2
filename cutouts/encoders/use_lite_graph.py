"""USE lite's weights in, ONNX graphs out: float32 to compare with, and int8 to ship.

The graph is that of the published model.json, node by node: rows of an embedding, doubled, plus a
timing signal of sines and cosines; two blocks that normalise before they attend (four heads) and
before their hidden layer (relu); the mean over the text's pieces; a tanh layer; unit length
(Cer et al. 2018, Universal Sentence Encoder). The published graph packs the texts of a batch
without padding. Here they are padded, and a mask keeps what stands there out of every sum.
A text without pieces becomes one masked place: its mean is zero, as in the original.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cutouts.encoders.graph import (
    MICROSOFT,
    Graph,
    Weights,
    _dense_int8,
    _quantise,
    quantise_rows,
)
from cutouts.encoders.use_lite_weights import DIM

BLOCKS = 2
HEADS = 4
EPSILON = 1e-6  # of the layer normalisations
MAX_TOKENS = 128  # as published: ClipToMaxLength


def float32_graph(weights: Weights) -> bytes:
    """Return the model in float32."""
    graph = Graph()
    rows = graph.op("Gather", graph.const(2 * weights["embedding"]), "input_ids")
    return _finish(graph, rows, weights, int8=False)


def int8_graph(weights: Weights) -> bytes:
    """Return the graph that ships: int8 weights per channel, activations of two bytes."""
    graph = Graph()
    table, scales = quantise_rows(2 * weights["embedding"])
    rows = graph.op("Cast", graph.op("Gather", graph.const(table), "input_ids"), to=1)
    rows = graph.op("Mul", rows, graph.op("Gather", graph.const(scales[:, None]), "input_ids"))
    return _finish(graph, rows, weights, int8=True)


def timing_signal(frequencies: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what is added at each place, (places, 256): sines, then cosines, of slowing waves."""
    places = np.arange(MAX_TOKENS, dtype=np.float32)
    angles = (places[:, None] * frequencies).astype(np.float64)  # rounded to float32 before
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)


def _finish(graph: Graph, rows: str, weights: Weights, *, int8: bool) -> bytes:
    zero = graph.const(np.array([0]))
    length = graph.op("Gather", graph.op("Shape", "input_ids"), graph.const(np.array([1])))
    signal = graph.op(
        "Slice", graph.const(timing_signal(weights["frequencies"])), zero, length, zero
    )
    x = graph.op("Add", rows, signal)
    present = graph.op("Cast", "attention_mask", to=6)  # int32, as MultiHeadAttention wants it
    for number in range(BLOCKS):
        x = _block(graph, x, present, weights, f"{number}.", int8=int8)
    mean = _mean(graph, x)
    out = graph.op("Tanh", _dense(graph, mean, weights, "tanh", int8=int8))
    return graph.model(graph.op("LpNormalization", out, axis=-1, p=2), DIM)


def _block(graph: Graph, x: str, present: str, weights: Weights, name: str, *, int8: bool) -> str:
    normed = _norm(graph, x, weights, f"{name}norm")
    qkv = _product(graph, normed, weights[f"{name}qkv.kernel"], int8=int8)
    query, key, value = graph.ops("Split", qkv, outputs=3, axis=-1)
    bias = graph.const(weights[f"{name}qkv.bias"])
    attended = graph.op(
        "MultiHeadAttention", query, key, value, bias, present, domain=MICROSOFT, num_heads=HEADS
    )
    if f"{name}skip.kernel" in weights:
        x = _dense(graph, x, weights, f"{name}skip", int8=int8)
    x = graph.op("Add", _dense(graph, attended, weights, f"{name}out", int8=int8), x)
    normed = _norm(graph, x, weights, f"{name}ffn.norm")
    hidden = graph.op("Relu", _dense(graph, normed, weights, f"{name}up", int8=int8))
    return graph.op("Add", _dense(graph, hidden, weights, f"{name}down", int8=int8), x)


def _norm(graph: Graph, x: str, weights: Weights, name: str) -> str:
    scale, bias = graph.const(weights[f"{name}.scale"]), graph.const(weights[f"{name}.bias"])
    return graph.op("LayerNormalization", x, scale, bias, axis=-1, epsilon=EPSILON)


def _dense(graph: Graph, x: str, weights: Weights, name: str, *, int8: bool) -> str:
    product = _product(graph, x, weights[f"{name}.kernel"], int8=int8)
    return graph.op("Add", product, graph.const(weights[f"{name}.bias"]))


def _product(graph: Graph, x: str, kernel: NDArray[np.float32], *, int8: bool) -> str:
    """Return x @ kernel, (…, in) by (in, out)."""
    if int8:
        return _dense_int8(graph, _quantise(graph, x), kernel.T)
    return graph.op("MatMul", x, graph.const(kernel))


def _mean(graph: Graph, x: str) -> str:
    """Return the mean over the text's pieces, (batch, 512); zeros for a text without pieces."""
    mask = graph.op("Cast", "attention_mask", to=1)
    one = graph.const(np.array([1], np.int64))
    row = graph.op("Unsqueeze", mask, one)
    total = graph.op("Squeeze", graph.op("MatMul", row, x), one)
    count = graph.op("ReduceSum", mask, one, keepdims=1)
    return graph.op("Div", total, graph.op("Max", count, graph.const(np.float32(1))))
