"""USE lite's weights in, a TensorFlow.js graph model out whose vectors are those of the bundle.

The inputs are those of the published model: `indices` (pieces, 2), the text and the place of each
piece, and `values` (pieces), its id. The arithmetic is that of `encoders.exact`, layer by layer:
products of whole numbers are summed in float32, where all of these sums are exact (with the
published weights no text makes more than 5,491,170, which is below 2**24). Texts of a batch lie one
after the other, without padding.

TensorFlow.js has no float64. The two sums that need it, in a layer normalisation and in the mean,
are operators of our own, which the page registers (`NormaliseInFloat64`, `MeanInFloat64`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutouts.encoders.exact import FAR, FINE, SHARES, step_count
from cutouts.encoders.rounding import quantise_rows
from cutouts.encoders.use_lite_graph import (
    BLOCKS,
    EPSILON,
    HEADS,
    MAX_TOKENS,
    Int8Layer,
    Layers,
    timing_signal,
)
from cutouts.encoders.use_lite_weights import DIM, Weights
from cutouts.export.tfjs_graph import Files, TfjsGraph


def use_lite_files(weights: Weights, layers: Layers, vocabulary: list[Any]) -> Files:
    """Return model.json and its shards; the vocabulary, as published, goes along as metadata."""
    graph = TfjsGraph()
    indices = graph.placeholder("indices", -1, 2)
    values = graph.placeholder("values", -1)
    text, place, ids = _clipped(graph, indices, values)
    rows, scales = quantise_rows(2 * weights["embedding"])
    x = graph.op("Mul", _rows(graph, rows, ids), _rows(graph, scales[:, None], ids))
    x = graph.op("AddV2", x, _rows(graph, timing_signal(weights["frequencies"]), place))
    others = _others(graph, text)
    for number in range(BLOCKS):
        x = _block(graph, x, others, weights, layers, f"{number}.")
    mean = graph.op("MeanInFloat64", x, text)
    out = _dense(graph, mean, layers["tanh"])
    return graph.files(_unit(graph, out), DIM, {"vocabulary": vocabulary})


def _clipped(graph: TfjsGraph, indices: str, values: str) -> tuple[str, str, str]:
    """Return text, place and id of each piece that the model reads, the first 128 of a text."""
    place = _column(graph, indices, 1)
    read = graph.op("Less", place, graph.const(np.asarray(MAX_TOKENS, np.int32)))
    kept = graph.op("Reshape", graph.op("Where", read), graph.const([-1]))
    columns = (_column(graph, indices, 0), place, values)
    text, place, ids = (_take(graph, column, kept) for column in columns)
    return text, place, ids


def _column(graph: TfjsGraph, indices: str, number: int) -> str:
    column = graph.op("GatherV2", indices, graph.const([number]), graph.const([1]))
    return graph.op("Reshape", column, graph.const([-1]))


def _take(graph: TfjsGraph, values: str, places: str) -> str:
    return graph.op("GatherV2", values, places, graph.const([0]))


def _rows(graph: TfjsGraph, table: NDArray[Any], ids: str) -> str:
    return _take(graph, graph.const(table), ids)


def _others(graph: TfjsGraph, text: str) -> str:
    """Return what is added to logits, (pieces, pieces): 0 within a text, far below between two."""
    down, across = (graph.op("Reshape", text, graph.const(shape)) for shape in ([-1, 1], [1, -1]))
    same = graph.op("Cast", graph.op("Equal", down, across), DstT="DT_FLOAT")
    below = graph.op("Sub", same, graph.number(1))
    return graph.op("Mul", below, graph.number(1e4 * FINE**2))


def _block(
    graph: TfjsGraph, x: str, others: str, weights: Weights, layers: Layers, name: str
) -> str:
    def norm_of(x: str, part: str) -> str:
        scale, shift = weights[f"{name}{part}.scale"], weights[f"{name}{part}.bias"]
        normal = graph.op("NormaliseInFloat64", x, epsilon=EPSILON)
        scaled = graph.op("Mul", normal, graph.const(scale))
        return graph.op("AddV2", scaled, graph.const(shift))

    width = len(weights[f"{name}norm.scale"])
    merged = _dense(graph, norm_of(x, "norm"), layers[f"{name}qkv"])
    attended = _attend(graph, merged, width, others)
    if f"{name}skip" in layers:
        x = _dense(graph, x, layers[f"{name}skip"])
    x = graph.op("AddV2", _dense(graph, attended, layers[f"{name}out"]), x)
    hidden = graph.op("Relu", _dense(graph, norm_of(x, "ffn.norm"), layers[f"{name}up"]))
    return graph.op("AddV2", _dense(graph, hidden, layers[f"{name}down"]), x)


def _attend(graph: TfjsGraph, merged: str, width: int, others: str) -> str:
    """Return what pieces make of each other, (pieces, width), as `exact.attend` does."""
    whole = graph.op("Round", merged)
    shape = graph.const([-1, 3 * HEADS, width // HEADS])
    heads = graph.op("Transpose", graph.op("Reshape", whole, shape), graph.const([1, 0, 2]))
    query, key, value = (
        graph.op(
            "GatherV2",
            heads,
            graph.const(list(range(n * HEADS, (n + 1) * HEADS))),
            graph.const([0]),
        )
        for n in range(3)
    )  # each (heads, pieces, width of a head)
    logits = graph.op("BatchMatMulV2", query, key, adj_x=False, adj_y=True)
    shares = _shares(graph, graph.op("AddV2", logits, others))
    total = graph.op("Sum", shares, graph.const([-1]), keep_dims=True)
    total = graph.op("Mul", total, graph.number(FINE))
    context = graph.op("BatchMatMulV2", shares, value, adj_x=False, adj_y=False)
    context = graph.op("Transpose", graph.op("RealDiv", context, total), graph.const([1, 0, 2]))
    return graph.op("Reshape", context, graph.const([-1, width]))


def _shares(graph: TfjsGraph, logits: str) -> str:
    """Return exp(logits - the row's largest) in whole steps, as `exact.attend` takes it."""
    steps = FINE**2
    farthest = graph.op("Max", logits, graph.const([-1]), keep_dims=True)
    farthest = graph.op("Sub", farthest, graph.number(FAR * steps))
    near = graph.op("Relu", graph.op("Sub", logits, farthest))
    power = graph.op("AddV2", graph.op("Mul", near, near), graph.number((FAR * steps) ** 2))
    power = graph.op("Mul", power, graph.number(SHARES ** (1 / 16) / (2 * (FAR * steps) ** 2)))
    for _ in range(4):
        power = graph.op("Mul", power, power)
    return graph.op("Round", power)


def _dense(graph: TfjsGraph, x: str, layer: Int8Layer) -> str:
    """Return what the layer makes of x, which is taken in as many steps as a byte has."""
    largest = graph.op("Max", graph.op("Abs", x), graph.const([-1]), keep_dims=True)
    largest = graph.op("Maximum", largest, graph.number(1e-9))
    count = step_count(is_positive=layer.is_positive)
    step = graph.op("Mul", largest, graph.number(1 / count))
    whole = graph.op("Round", graph.op("RealDiv", x, step))
    kernel = graph.const(np.ascontiguousarray(layer.rows.whole.T))
    product = graph.op("MatMul", whole, kernel, transpose_a=False, transpose_b=False)
    product = graph.op("Mul", product, graph.const(layer.rows.scales))
    return graph.op("AddV2", graph.op("Mul", product, step), graph.const(layer.bias))


def _unit(graph: TfjsGraph, x: str) -> str:
    tanh = graph.op("Tanh", x)
    square = graph.op("Sum", graph.op("Mul", tanh, tanh), graph.const([-1]), keep_dims=True)
    return graph.op("RealDiv", tanh, graph.op("Sqrt", square))
