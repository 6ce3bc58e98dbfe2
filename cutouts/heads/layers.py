"""A layer's settings and the shape before it in; a checked function on that shape out, float64."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, expit, softmax

from cutouts.errors import HeadError

Values = NDArray[np.float64]  # (texts, *shape)
Shape = tuple[int, ...]  # (units,) or (steps, channels)
Run = Callable[[Values], Values]

SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805

# As Keras 3 defines each by name; `softmax` goes over the last axis.
ACTIVATIONS: Mapping[str, Run] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "leaky_relu": lambda x: np.where(x < 0, 0.2 * x, x),
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "selu": lambda x: SELU_SCALE * np.where(x > 0, x, SELU_ALPHA * np.expm1(np.minimum(x, 0))),
    "gelu": lambda x: 0.5 * x * (1 + erf(x / np.sqrt(2))),
    "silu": lambda x: x * expit(x),
    "sigmoid": lambda x: np.asarray(expit(x)),
    "hard_sigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "tanh": np.tanh,
    "softplus": lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "exponential": np.exp,
    "softmax": lambda x: np.asarray(softmax(x, axis=-1)),
}


@dataclass(frozen=True, slots=True)
class Step:
    """A layer that is ready to run: what comes out has `shape` for each text."""

    shape: Shape
    run: Run


@dataclass(frozen=True, slots=True)
class Place:
    """A layer where it stands: its settings, its weights, its number, and the shape before it."""

    layer: Mapping[str, Any]
    tensors: Mapping[str, NDArray[Any]]
    index: int
    shape: Shape

    def refuse(self, complaint: str) -> NoReturn:
        """Raise HeadError that names the layer."""
        raise HeadError(f"layer {self.index} ({self.layer.get('type')}) {complaint}")

    def steps_and_channels(self) -> tuple[int, int]:
        """Return the shape before the layer; raise HeadError when it is not of two sizes."""
        if len(self.shape) != 2:
            self.refuse(
                f"gets shape {list(self.shape)}, expected (steps, channels): "
                "put a Reshape before it, for instance to (dim, 1)"
            )
        return self.shape[0], self.shape[1]

    def number(self, field: str, default: int) -> int:
        """Return a field that holds a whole number from 1 on."""
        value = self.layer.get(field, default)
        if type(value) is not int or value < 1:
            self.refuse(f"has {field} {value!r}, expected a whole number from 1 on")
        return int(value)

    def weights(self, name: str, expected: tuple[int | None, ...]) -> Values:
        """Return a weight in float64; None in `expected` stands for any size from 1 on."""
        found = self.tensors.get(f"{self.index}.{name}")
        wanted = "(" + ", ".join("any" if size is None else str(size) for size in expected) + ")"
        if found is None:
            self.refuse(f"has no tensor {self.index}.{name}, expected one of shape {wanted}")
        fits = len(found.shape) == len(expected) and all(
            size > 0 and size == (want or size)
            for size, want in zip(found.shape, expected, strict=True)
        )
        if found.dtype != np.float32 or not fits:
            self.refuse(f"has {name} {found.dtype} {found.shape}, expected float32 {wanted}")
        if not np.isfinite(found).all():
            self.refuse(f"has {name} with numbers that are not finite: train it again")
        return found.astype(np.float64)


def build_layer(
    layer: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]], index: int, shape: Shape
) -> Step:
    """Return the step that a layer makes of inputs of `shape`; raise HeadError naming the layer."""
    place = Place(layer, tensors, index, shape)
    build = BUILDERS.get(layer.get("type", ""))
    if build is None:
        place.refuse(f"is of no known type, expected one of {', '.join(BUILDERS)}")
    step = build(place)
    name = layer.get("activation", "linear")
    if name not in ACTIVATIONS:
        place.refuse(f"has activation {name!r}, expected one of {', '.join(ACTIVATIONS)}")
    if name == "linear":
        return step
    activate = ACTIVATIONS[name]
    return Step(step.shape, lambda x: activate(step.run(x)))


def _dense(place: Place) -> Step:
    kernel = place.weights("kernel", (place.shape[-1], None))
    bias = place.weights("bias", (kernel.shape[1],))
    return Step((*place.shape[:-1], kernel.shape[1]), lambda x: x @ kernel + bias)


def _conv1d(place: Place) -> Step:
    steps, channels = place.steps_and_channels()
    kernel = place.weights("kernel", (None, channels, None))  # (size, in, out)
    size, _, filters = kernel.shape
    bias = place.weights("bias", (filters,))
    dilation = place.number("dilation", 1)
    out, strides, left = _windows(place, steps, (size - 1) * dilation + 1, 1)

    def run(x: Values) -> Values:
        result = np.broadcast_to(bias, (len(x), out, filters)).copy()
        for k in range(size):
            # Output step s sees input step s * strides + shift; steps outside the input are zeros.
            shift = k * dilation - left
            first = max(0, -(shift // strides))  # the first s with s * strides + shift >= 0
            last = min(out, -((shift - steps) // strides))  # and the first that is past the end
            if first < last:
                begin = first * strides + shift
                end = (last - 1) * strides + shift + 1
                result[:, first:last] += x[:, begin:end:strides] @ kernel[k]
        return result

    return Step((out, filters), run)


def _pooling(place: Place, combine: Callable[[Values], Values]) -> Step:
    """Steps outside the input do not count, not even in an average."""
    steps, channels = place.steps_and_channels()
    size = place.number("size", 2)
    out, strides, left = _windows(place, steps, size, size)
    begins = [step * strides - left for step in range(out)]

    def run(x: Values) -> Values:
        windows = [combine(x[:, max(begin, 0) : begin + size]) for begin in begins]
        return np.stack(windows, axis=1)

    return Step((out, channels), run)


def _global_pooling(place: Place, combine: Callable[[Values], Values]) -> Step:
    _, channels = place.steps_and_channels()
    return Step((channels,), combine)


def _flatten(place: Place) -> Step:
    size = prod(place.shape)
    return Step((size,), lambda x: x.reshape(len(x), size))


def _reshape(place: Place) -> Step:
    shape = place.layer.get("shape", [])
    sizes = [size for size in shape if type(size) is int and size > 0]
    if len(sizes) != len(shape) or len(sizes) not in (1, 2) or prod(sizes) != prod(place.shape):
        place.refuse(
            f"reshapes {list(place.shape)} to {shape}, expected one or two sizes "
            f"of {prod(place.shape)} numbers together"
        )
    return Step(tuple(sizes), lambda x: x.reshape(len(x), *sizes))


def _batch_normalization(place: Place) -> Step:
    scale = place.weights("scale", (place.shape[-1],))
    shift = place.weights("shift", (place.shape[-1],))
    return Step(place.shape, lambda x: x * scale + shift)


def _activation(place: Place) -> Step:
    return Step(place.shape, lambda x: x)


def _highest(x: Values) -> Values:
    return np.asarray(x.max(axis=1))


def _average(x: Values) -> Values:
    return np.asarray(x.mean(axis=1))


BUILDERS: Mapping[str, Callable[[Place], Step]] = {
    "dense": _dense,
    "conv1d": _conv1d,
    "max_pooling1d": lambda place: _pooling(place, _highest),
    "average_pooling1d": lambda place: _pooling(place, _average),
    "global_max_pooling1d": lambda place: _global_pooling(place, _highest),
    "global_average_pooling1d": lambda place: _global_pooling(place, _average),
    "flatten": _flatten,
    "reshape": _reshape,
    "batch_normalization": _batch_normalization,
    "activation": _activation,
}


def _windows(place: Place, steps: int, extent: int, default_strides: int) -> tuple[int, int, int]:
    """Return how many windows there are, how far apart, and the padding on the left.

    As Keras counts: `same` gives ceil(steps / strides) windows, the odd step of padding goes right.
    """
    strides = place.number("strides", default_strides)
    padding = place.layer.get("padding", "valid")
    if padding == "same":
        out = -(-steps // strides)
        return out, strides, max((out - 1) * strides + extent - steps, 0) // 2
    if padding != "valid":
        place.refuse(f"has padding {padding!r}, expected 'valid' or 'same'")
    if extent > steps:
        place.refuse(
            f"gets shape {list(place.shape)}, expected at least {extent} steps: "
            "make its window smaller, or its padding 'same'"
        )
    return (steps - extent) // strides + 1, strides, 0
