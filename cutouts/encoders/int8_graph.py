"""The weights of a BERT in, the int8 ONNX graph that ships out: layers of `exact`, and its GELU."""

from __future__ import annotations

import numpy as np

from cutouts.encoders.exact import (
    NARROW,
    Levels,
    absent,
    attend,
    by_text,
    dense,
    embed,
    in_steps,
    layer_norm,
    levels,
    quantise,
)
from cutouts.encoders.graph import (
    MINILM,
    Graph,
    Shape,
    Weights,
    layer_count,
    pool,
    positions,
    x_dim,
)
from cutouts.encoders.rounding import Matrix, quantise_rows

LITTLE = 20  # the byte that stands for 0 after GELU, which is at least -0.17
LEAST_PEAK = 2.0  # of a token after GELU: with less, -0.17 would take more than LITTLE steps

GELU_END = 2.8  # from here on GELU(x) is x, and 0 below its negative
GELU_TERMS = (0.373776960, -0.0421668294, 0.00220257202)
"""Phi(x) - 0.5 as x (t0 + x^2 (t1 + x^2 t2)): the terms with the least error of GELU anywhere
(0.0081, less than a byte's step) among those that end at 0.5. A fourth halves it, for two more
operators in the widest place and 0.0003 in the cosine."""


def int8_graph(weights: Weights, shape: Shape = MINILM) -> bytes:
    """Return the graph that ships, from token ids and mask to sentence embeddings of length 1."""
    graph = Graph()
    x = _embed(graph, weights, shape)
    far = absent(graph)
    for layer in range(layer_count(weights)):
        name = f"encoder.layer.{layer}."
        x = _attend(graph, weights, name, x, far, shape)
        x = _feed_forward(graph, weights, name, x, shape)
    width = x_dim(weights)
    mask = graph.op("Cast", "attention_mask", to=1)
    return graph.model(pool(graph, by_text(graph, x, width), mask, shape.pooling), width)


def _embed(graph: Graph, weights: Weights, shape: Shape) -> str:
    x = embed(graph, weights["embeddings.word_embeddings.weight"])
    # There is one segment only, so its embedding is added to every position here, once.
    table = weights["embeddings.position_embeddings.weight"]
    table = table + weights["embeddings.token_type_embeddings.weight"][0]
    x = graph.op("Add", x, positions(graph, table))
    x = graph.op("Reshape", x, graph.const(np.array([-1, x_dim(weights)])))
    return _layer_norm(graph, x, weights, "embeddings.LayerNorm", shape)


def _attend(graph: Graph, weights: Weights, name: str, x: str, far: str, shape: Shape) -> str:
    """Return the layer normalisation of x, (tokens, width), plus what its tokens make of others."""
    parts = [f"{name}attention.self.{part}" for part in ("query", "key", "value")]
    merged = np.concatenate([weights[f"{part}.weight"] for part in parts])
    bias = np.concatenate([weights[f"{part}.bias"] for part in parts])
    merged, bias = in_steps(merged, bias, shape.heads)
    context = attend(
        graph, _dense(graph, quantise(graph, x), merged, bias), x_dim(weights), shape.heads, far
    )
    out = f"{name}attention.output"
    weight, bias = weights[f"{out}.dense.weight"], weights[f"{out}.dense.bias"]
    y = _dense(graph, quantise(graph, context), weight, bias)
    return _layer_norm(graph, graph.op("Add", y, x), weights, f"{out}.LayerNorm", shape)


def _feed_forward(graph: Graph, weights: Weights, name: str, x: str, shape: Shape) -> str:
    """Return the layer normalisation of x and of what two dense layers make of each token."""
    up, down = f"{name}intermediate.dense", f"{name}output.dense"
    y = _dense(graph, quantise(graph, x), weights[f"{up}.weight"], weights[f"{up}.bias"])
    hidden = _quantise_gelu(graph, _gelu(graph, y))
    y = _dense(graph, hidden, weights[f"{down}.weight"], weights[f"{down}.bias"])
    return _layer_norm(graph, graph.op("Add", y, x), weights, f"{name}output.LayerNorm", shape)


def _dense(graph: Graph, x: Levels, weight: Matrix, bias: Matrix) -> str:
    return dense(graph, x, quantise_rows(weight, NARROW), bias)


def _gelu(graph: Graph, x: str) -> str:
    near = graph.op("Clip", x, graph.number(-GELU_END), graph.number(GELU_END))
    square = graph.op("Mul", near, near)
    *terms, last = GELU_TERMS
    part = graph.number(last)
    for term in reversed(terms):
        part = graph.op("Add", graph.op("Mul", square, part), graph.number(term))
    part = graph.op("Add", graph.op("Mul", part, near), graph.number(0.5))
    return graph.op("Mul", part, x)


def _quantise_gelu(graph: Graph, x: str) -> Levels:
    """Return x, at least -0.17, in nearly all steps above 0, as wide as its token needs."""
    largest = graph.op("ReduceMax", x, axes=[-1], keepdims=0)
    return levels(
        graph, x, graph.op("Max", largest, graph.number(LEAST_PEAK)), LITTLE, 255 - LITTLE
    )


def _layer_norm(graph: Graph, x: str, weights: Weights, name: str, shape: Shape) -> str:
    scale, shift = weights[f"{name}.weight"], weights[f"{name}.bias"]
    return layer_norm(graph, x, scale, shift, shape.epsilon)
