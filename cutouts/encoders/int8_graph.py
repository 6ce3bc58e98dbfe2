"""MiniLM's weights in, the int8 ONNX graph that ships out, with the same answers on every machine.

Weights are int8 with a scale for each output channel, activations one byte with a scale for each
token (so a vector does not depend on the other texts of its batch). Such a graph tends to answer
differently natively and in WebAssembly: both add float32 numbers in another order, the last digits
differ, now and then one rounds to the next step of a byte, and twenty-four roundings in a row
spread that to 2e-2 in a score. Two bytes per activation only dampen it, at twice the work. Here
whatever comes before a rounding is exact, so nothing is left to differ:

* Products of bytes are summed in int32.
* Queries, keys, values and attention's shares are whole numbers held in float32, so small that
  every sum stays below 2**24 and is exact in any order.
* The sums of layer normalisation are taken in float64. Their last digits are lost when the mean
  and the deviation become float32 again.
* Exponentials and GELU, which every library computes in its own way, are made of multiplications
  and additions of single numbers, which IEEE 754 leaves no choice in.

What comes after the last rounding (the mean over tokens) may differ by 1e-7, and does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutouts.encoders.graph import (
    EPSILON,
    HEADS,
    MICROSOFT,
    Graph,
    Weights,
    layer_count,
    pool,
    positions,
    quantise_rows,
    x_dim,
)

LARGEST_WEIGHT = 63
"""Weights take 7 of their 8 bits: two products of 255 and 63 still fit the int16 in which
processors without VNNI add them up, so every processor gives the same sums."""

MIDDLE = 128  # the byte that stands for 0 where numbers of both signs are alike
LITTLE = 20  # the byte that stands for 0 after GELU, which is at least -0.17
LEAST_PEAK = 2.0  # of a token after GELU: with less, -0.17 would take more than LITTLE steps

FINE = 128  # steps in 1 of a query, key or value; MiniLM's stay below 6, so below 768 steps
SHARES = 512  # steps of the largest share of attention
FAR = 16  # a share of exp(-16) and less is none

GELU_END = 2.8  # from here on GELU(x) is x, and 0 below its negative
GELU_TERMS = (0.373776960, -0.0421668294, 0.00220257202)
"""Phi(x) - 0.5 as x (t0 + x^2 (t1 + x^2 t2)): the terms with the least error of GELU anywhere
(0.0081, less than a byte's step) among those that end at 0.5. A fourth halves it, for two more
operators in the widest place and 0.0003 in the cosine."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Names of an activation's bytes, (tokens, n), and of its tokens' steps; what byte 0 is."""

    bytes: str
    step: str  # (tokens, 1)
    zero: int


def int8_graph(weights: Weights) -> bytes:
    """Return the graph that ships, from token ids and mask to sentence embeddings of length 1."""
    graph = Graph()
    x = _embed(graph, weights)
    mask = graph.op("Cast", "attention_mask", to=1)
    # (batch, length) -> (batch, 1, 1, length): 0 where there is text, too far below where not
    absent = graph.op("Sub", mask, graph.number(1))
    absent = graph.op("Mul", absent, graph.number(1e4 * FINE**2))
    absent = graph.op("Unsqueeze", absent, graph.const(np.array([1, 2], np.int64)))
    for layer in range(layer_count(weights)):
        name = f"encoder.layer.{layer}."
        x = _attend(graph, weights, name, x, absent)
        x = _feed_forward(graph, weights, name, x)
    width = x_dim(weights)
    return graph.model(pool(graph, _by_text(graph, x, width), mask), width)


def _by_text(graph: Graph, x: str, *width: int) -> str:
    """Return (tokens, n) as (batch, length, *width)."""
    shape = graph.op("Concat", graph.op("Shape", "input_ids"), graph.const(np.array(width)), axis=0)
    return graph.op("Reshape", x, shape)


def _embed(graph: Graph, weights: Weights) -> str:
    rows, scales = quantise_rows(weights["embeddings.word_embeddings.weight"])
    words = graph.op("Cast", graph.op("Gather", graph.const(rows), "input_ids"), to=1)
    x = graph.op("Mul", words, graph.op("Gather", graph.const(scales[:, None]), "input_ids"))
    # There is one segment only, so its embedding is added to every position here, once.
    table = weights["embeddings.position_embeddings.weight"]
    table = table + weights["embeddings.token_type_embeddings.weight"][0]
    x = graph.op("Add", x, positions(graph, table))
    x = graph.op("Reshape", x, graph.const(np.array([-1, x_dim(weights)])))
    return _layer_norm(graph, x, weights, "embeddings.LayerNorm")


def _attend(graph: Graph, weights: Weights, name: str, x: str, absent: str) -> str:
    """Return the layer normalisation of x, (tokens, width), plus what its tokens make of others."""
    width = x_dim(weights)
    root = np.sqrt(np.sqrt(width // HEADS))  # of queries and of keys: their product is divided
    parts = {"query": FINE / root, "key": FINE / root, "value": float(FINE)}
    names = {f"{name}attention.self.{part}": np.float32(by) for part, by in parts.items()}
    merged = np.concatenate([weights[f"{part}.weight"] * by for part, by in names.items()])
    bias = np.concatenate([weights[f"{part}.bias"] * by for part, by in names.items()])
    whole = graph.op("Round", _dense(graph, quantise(graph, x), merged, bias))
    heads = _by_text(graph, whole, 3 * HEADS, width // HEADS)
    heads = graph.op("Transpose", heads, perm=[0, 2, 1, 3])
    query, key, value = graph.ops("Split", heads, outputs=3, axis=1)
    logits = graph.op("MatMul", query, graph.op("Transpose", key, perm=[0, 1, 3, 2]))
    shares = _shares(graph, graph.op("Add", logits, absent))
    total = graph.op("ReduceSum", shares, graph.const(np.array([-1])), keepdims=1)
    context = graph.op("Div", graph.op("MatMul", shares, value), total)
    context = graph.op("Transpose", context, perm=[0, 2, 1, 3])
    context = graph.op("Reshape", context, graph.const(np.array([-1, width])))
    out = f"{name}attention.output"
    weight = weights[f"{out}.dense.weight"] / np.float32(FINE)
    y = _dense(graph, quantise(graph, context), weight, weights[f"{out}.dense.bias"])
    return _layer_norm(graph, graph.op("Add", y, x), weights, f"{out}.LayerNorm")


def _shares(graph: Graph, logits: str) -> str:
    """Return exp(logits - the row's largest) in whole steps, the largest SHARES of them.

    Logits come in steps of 1 / FINE**2. exp(d) is taken as ((1 + (1 + d/16)^2) / 2)^16, whose
    error is d^3/1536 of it: a thousandth at -1, a twentieth at -4, where the share is 0.018.
    """
    steps = FINE**2
    farthest = graph.op("ReduceMax", logits, axes=[-1], keepdims=1)
    farthest = graph.op("Sub", farthest, graph.number(FAR * steps))
    near = graph.op("Relu", graph.op("Sub", logits, farthest))  # (FAR + d) * steps
    power = graph.op("Add", graph.op("Mul", near, near), graph.number((FAR * steps) ** 2))
    power = graph.op("Mul", power, graph.number(SHARES ** (1 / 16) / (2 * (FAR * steps) ** 2)))
    for _ in range(4):
        power = graph.op("Mul", power, power)
    return graph.op("Round", power)


def _feed_forward(graph: Graph, weights: Weights, name: str, x: str) -> str:
    """Return the layer normalisation of x and of what two dense layers make of each token."""
    up, down = f"{name}intermediate.dense", f"{name}output.dense"
    y = _dense(graph, quantise(graph, x), weights[f"{up}.weight"], weights[f"{up}.bias"])
    levels = _quantise_gelu(graph, _gelu(graph, y))
    y = _dense(graph, levels, weights[f"{down}.weight"], weights[f"{down}.bias"])
    return _layer_norm(graph, graph.op("Add", y, x), weights, f"{name}output.LayerNorm")


def _gelu(graph: Graph, x: str) -> str:
    near = graph.op("Clip", x, graph.number(-GELU_END), graph.number(GELU_END))
    square = graph.op("Mul", near, near)
    *terms, last = GELU_TERMS
    part = graph.number(last)
    for term in reversed(terms):
        part = graph.op("Add", graph.op("Mul", square, part), graph.number(term))
    part = graph.op("Add", graph.op("Mul", part, near), graph.number(0.5))
    return graph.op("Mul", part, x)


def quantise(graph: Graph, x: str) -> Levels:
    """Return x in 127 steps to either side, as wide as its token needs."""
    largest = graph.op("ReduceMax", graph.op("Abs", x), axes=[-1], keepdims=0)
    return _levels(graph, x, graph.op("Max", largest, graph.number(1e-9)), MIDDLE, 127)


def _quantise_gelu(graph: Graph, x: str) -> Levels:
    """Return x, at least -0.17, in nearly all steps above 0, as wide as its token needs."""
    largest = graph.op("ReduceMax", x, axes=[-1], keepdims=0)
    return _levels(
        graph, x, graph.op("Max", largest, graph.number(LEAST_PEAK)), LITTLE, 255 - LITTLE
    )


def _levels(graph: Graph, x: str, largest: str, zero: int, steps: int) -> Levels:
    step = graph.op("Mul", largest, graph.number(1 / steps))
    zeros = graph.op("Expand", graph.const(np.uint8(zero)), graph.op("Shape", step))
    whole = graph.op("QuantizeLinear", x, step, zeros, axis=0)
    return Levels(whole, graph.op("Unsqueeze", step, graph.const(np.array([1]))), zero)


def _dense(graph: Graph, x: Levels, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
    """Return x @ weight.T + bias."""
    rows, scales = quantise_rows(weight, LARGEST_WEIGHT)
    product = graph.op(
        "MatMulIntegerToFloat",
        x.bytes,
        graph.const(rows.T),
        graph.number(1),
        graph.const(scales),
        graph.const(np.uint8(x.zero)),
        domain=MICROSOFT,
    )
    return graph.op("Add", graph.op("Mul", product, x.step), graph.const(bias))


def _layer_norm(graph: Graph, x: str, weights: Weights, name: str) -> str:
    """Return x with mean 0 and deviation 1, scaled and shifted, by sums in float64."""
    scale, shift = weights[f"{name}.weight"], weights[f"{name}.bias"]
    double = graph.op("Cast", x, to=11)
    mean = graph.op("ReduceMean", double, axes=[-1])
    square = graph.op("ReduceSumSquare", double, axes=[-1])
    square = graph.op("Mul", square, graph.const(np.float64(1 / len(scale))))
    variance = graph.op("Sub", square, graph.op("Mul", mean, mean))
    variance = graph.op("Max", variance, graph.const(np.float64(0)))  # never -1e-17
    deviation = graph.op("Sqrt", graph.op("Add", variance, graph.const(np.float64(EPSILON))))
    inverse = graph.op("Cast", graph.op("Reciprocal", deviation), to=1)
    x = graph.op("Mul", graph.op("Sub", x, graph.op("Cast", mean, to=1)), inverse)
    return graph.op("Add", graph.op("Mul", x, graph.const(scale)), graph.const(shift))
