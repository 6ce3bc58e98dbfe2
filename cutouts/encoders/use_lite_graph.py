"""USE lite's weights in, ONNX graphs out: float32 to compare with, and int8 to ship.

The graph is that of the published model.json, node by node: rows of an embedding, doubled, plus a
timing signal of sines and cosines; two blocks that normalise before they attend (four heads) and
before their hidden layer (relu); the mean over the text's pieces; a tanh layer; unit length
(Cer et al. 2018, Universal Sentence Encoder). The published graph packs the texts of a batch
without padding. Here they are padded, and a mask keeps what stands there out of every sum.
A text without pieces becomes one masked place: its mean is zero, as in the original.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

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
from cutouts.encoders.rounding import (
    Matrix,
    Rows,
    read_rows,
    rounded,
    seen_together,
)
from cutouts.encoders.use_lite_weights import DIM

BLOCKS = 2
HEADS = 4
EPSILON = 1e-6  # of the layer normalisations
MAX_TOKENS = 128  # as published: ClipToMaxLength
DENSE = ("0.qkv", "0.out", "0.skip", "0.up", "0.down", "1.qkv", "1.out", "1.up", "1.down", "tanh")


@dataclass(frozen=True, slots=True)
class Int8Layer:
    """A dense layer as it ships."""

    rows: Rows  # (outputs, inputs)
    bias: Matrix
    is_positive: bool  # what goes in comes from a relu


Layers = Mapping[str, Int8Layer]


def float32_graph(weights: Weights) -> bytes:
    """Return the model in float32."""
    graph = Graph()
    rows = graph.op("Gather", graph.const(2 * weights["embedding"]), "input_ids")
    x = _with_signal(graph, rows, weights)
    present = graph.op("Cast", "attention_mask", to=6)  # int32, as MultiHeadAttention wants it
    for number in range(BLOCKS):
        x = _block_float32(graph, x, present, weights, f"{number}.")
    return graph.model(_unit(graph, _dense(graph, _mean(graph, x), weights, "tanh")), DIM)


def int8_layers(weights: Weights, texts: Sequence[NDArray[np.int64]]) -> Layers:
    """Return the dense layers by name, each rounded for what `texts`, batches of ids, make of it.

    They go through the layers as they are when each weight is rounded by itself.
    """
    alone = layers_of(weights, lambda _, weight: rounded(weight))
    together = seen_together("use-lite", int8_graph(weights, alone), texts)
    return layers_of(weights, lambda name, weight: rounded(weight, together[name]))


def layers_of(weights: Weights, rounding: Callable[[str, Matrix], Rows]) -> Layers:
    """Return the dense layers by name, each weight as `rounding` makes it, which gets the name too."""
    made: dict[str, Int8Layer] = {}
    for name in tqdm(
        DENSE, desc="use-lite, rounding", unit=" layers", file=sys.stderr, disable=None, delay=1
    ):
        weight, bias = _in_steps(weights, name)
        made[name] = _layer(name, rounding(name, weight), bias)
    return made


def read_layers(weights: Weights, model: bytes) -> Layers:
    """Return the layers of a graph that ships; raise KeyError when it is none."""
    found = read_rows(model)
    return {name: _layer(name, found[name], _in_steps(weights, name)[1]) for name in DENSE}


def int8_graph(weights: Weights, layers: Layers) -> bytes:
    """Return the graph that ships, of the layers of `exact`."""
    graph = Graph()
    table = 2 * weights["embedding"]
    x = _with_signal(graph, embed(graph, table), weights)
    x = graph.op("Reshape", x, graph.const(np.array([-1, table.shape[1]])))
    far = absent(graph)
    for number in range(BLOCKS):
        x = _block_int8(graph, x, far, weights, layers, f"{number}.")
    out = _dense_int8(graph, _mean(graph, by_text(graph, x, DIM)), layers, "tanh")
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


def _block_int8(graph: Graph, x: str, far: str, weights: Weights, layers: Layers, name: str) -> str:
    def norm_of(x: str, part: str) -> str:
        scale, shift = weights[f"{name}{part}.scale"], weights[f"{name}{part}.bias"]
        return layer_norm(graph, x, scale, shift, EPSILON)

    width = len(weights[f"{name}norm.scale"])
    merged = _dense_int8(graph, norm_of(x, "norm"), layers, f"{name}qkv")
    attended = attend(graph, merged, width, HEADS, far)
    if f"{name}skip" in layers:
        x = _dense_int8(graph, x, layers, f"{name}skip")
    x = graph.op("Add", _dense_int8(graph, attended, layers, f"{name}out"), x)
    hidden = _dense_int8(graph, norm_of(x, "ffn.norm"), layers, f"{name}up")
    hidden = graph.op("Relu", hidden)
    return graph.op("Add", _dense_int8(graph, hidden, layers, f"{name}down"), x)


def _dense_int8(graph: Graph, x: str, layers: Layers, name: str) -> str:
    layer = layers[name]
    whole = quantise(graph, x, is_positive=layer.is_positive)
    return dense(graph, whole, layer.rows, layer.bias, name)


def _in_steps(weights: Weights, name: str) -> tuple[Matrix, Matrix]:
    """Return weight, (outputs, inputs), and bias as the int8 graph takes them."""
    weight, bias = weights[f"{name}.kernel"].T, weights[f"{name}.bias"]
    return in_steps(weight, bias, HEADS) if name.endswith("qkv") else (weight, bias)


def _layer(name: str, rows: Rows, bias: Matrix) -> Int8Layer:
    return Int8Layer(rows, bias, is_positive=name.endswith("down"))


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
