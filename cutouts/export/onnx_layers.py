"""A small network as a bundle lists it in, its layers as ONNX' own operators out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutouts.encoders.graph import Graph
from cutouts.heads.cnn import CnnHead, before_link
from cutouts.heads.layers import SELU_ALPHA, SELU_SCALE

LEAKY_SLOPE = 0.2

Activate = Callable[[Graph, str], str]


def _gelu(graph: Graph, x: str) -> str:
    error = graph.op("Erf", graph.op("Mul", x, graph.number(np.sqrt(0.5))))
    half = graph.op("Mul", x, graph.number(0.5))
    return graph.op("Mul", half, graph.op("Add", error, graph.number(1)))


ACTIVATIONS: Mapping[str, Activate] = {
    "linear": lambda _, x: x,
    "relu": lambda graph, x: graph.op("Relu", x),
    "relu6": lambda graph, x: graph.op("Clip", x, graph.number(0), graph.number(6)),
    "leaky_relu": lambda graph, x: graph.op("LeakyRelu", x, alpha=LEAKY_SLOPE),
    "elu": lambda graph, x: graph.op("Elu", x, alpha=1.0),
    "selu": lambda graph, x: graph.op("Selu", x, alpha=SELU_ALPHA, gamma=SELU_SCALE),
    "gelu": _gelu,
    "silu": lambda graph, x: graph.op("Mul", x, graph.op("Sigmoid", x)),
    "sigmoid": lambda graph, x: graph.op("Sigmoid", x),
    "hard_sigmoid": lambda graph, x: graph.op("HardSigmoid", x, alpha=1 / 6, beta=0.5),
    "tanh": lambda graph, x: graph.op("Tanh", x),
    "softplus": lambda graph, x: graph.op("Softplus", x),
    "softsign": lambda graph, x: graph.op("Softsign", x),
    "exponential": lambda graph, x: graph.op("Exp", x),
    "softmax": lambda graph, x: graph.op("Softmax", x, axis=-1),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A layer where it stands: its settings, its weights, the shape it gets and the one it gives."""

    layer: Mapping[str, Any]
    weights: Mapping[str, NDArray[np.float32]]
    before: tuple[int, ...]
    after: tuple[int, ...]


def network_scores(graph: Graph, head: CnnHead, vector: str) -> str:
    """Return the scores of a vector, (batch, labels), before calibration."""
    x = vector
    shape: tuple[int, ...] = (head.dim,)
    for index, (layer, step) in enumerate(zip(head.network, head.steps, strict=True)):
        if index == len(head.network) - 1:
            layer = before_link(layer)
        weights = {
            name.partition(".")[2]: values
            for name, values in head.weights.items()
            if name.partition(".")[0] == str(index)
        }
        x = LAYERS[layer["type"]](graph, x, Place(layer, weights, shape, step.shape))
        x = ACTIVATIONS[layer.get("activation", "linear")](graph, x)
        shape = step.shape
    return x


def _dense(graph: Graph, x: str, place: Place) -> str:
    product = graph.op("MatMul", x, graph.const(place.weights["kernel"]))
    return graph.op("Add", product, graph.const(place.weights["bias"]))


def _conv1d(graph: Graph, x: str, place: Place) -> str:
    kernel = place.weights["kernel"].transpose(2, 1, 0)  # (size, in, out) -> (out, in, size)
    dilation = place.layer.get("dilation", 1)
    window = _window(place, (kernel.shape[2] - 1) * dilation + 1, 1)
    return _by_channel(
        graph,
        "Conv",
        [x, graph.const(kernel), graph.const(place.weights["bias"])],
        **window,
        kernel_shape=[kernel.shape[2]],
        dilations=[dilation],
    )


def _max_pooling(graph: Graph, x: str, place: Place) -> str:
    size = place.layer.get("size", 2)
    return _by_channel(graph, "MaxPool", [x], **_window(place, size, size), kernel_shape=[size])


def _average_pooling(graph: Graph, x: str, place: Place) -> str:
    size = place.layer.get("size", 2)
    window = _window(place, size, size)
    return _by_channel(
        graph, "AveragePool", [x], **window, kernel_shape=[size], count_include_pad=0
    )


def _by_channel(graph: Graph, kind: str, inputs: list[str], **settings: Any) -> str:
    """Return an operator on (batch, steps, channels), which ONNX has as (batch, channels, steps)."""
    x = graph.op("Transpose", inputs[0], perm=[0, 2, 1])
    return graph.op("Transpose", graph.op(kind, x, *inputs[1:], **settings), perm=[0, 2, 1])


def _window(place: Place, extent: int, default_strides: int) -> dict[str, list[int]]:
    """Return strides and padding; with `same`, the odd step of padding goes to the right."""
    strides = place.layer.get("strides", default_strides)
    total = 0
    if place.layer.get("padding", "valid") == "same":
        total = max((place.after[0] - 1) * strides + extent - place.before[0], 0)
    return {"strides": [strides], "pads": [total // 2, total - total // 2]}


def _scale_and_shift(graph: Graph, x: str, place: Place) -> str:
    scaled = graph.op("Mul", x, graph.const(place.weights["scale"]))
    return graph.op("Add", scaled, graph.const(place.weights["shift"]))


def _reshape(graph: Graph, x: str, place: Place) -> str:
    return graph.op("Reshape", x, graph.const(np.array([-1, *place.after])))


LAYERS: Mapping[str, Callable[[Graph, str, Place], str]] = {
    "dense": _dense,
    "conv1d": _conv1d,
    "max_pooling1d": _max_pooling,
    "average_pooling1d": _average_pooling,
    "global_max_pooling1d": lambda graph, x, _: graph.op("ReduceMax", x, axes=[1], keepdims=0),
    "global_average_pooling1d": lambda graph, x, _: graph.op("ReduceMean", x, axes=[1], keepdims=0),
    "flatten": _reshape,
    "reshape": _reshape,
    "batch_normalization": _scale_and_shift,
    "activation": lambda _, x, __: x,
}
