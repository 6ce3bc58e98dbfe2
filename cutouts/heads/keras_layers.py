"""A Keras layer as plain data in; what a browser runs in its place out, or why nothing does.

The layers come from a model in memory (`keras_model`) or from a file (`keras_file`): what is known
about them is said here once. Keras itself is not needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, NoReturn

import numpy as np

from cutouts.errors import HeadError
from cutouts.heads.described import Described, Model, Settings
from cutouts.heads.instead import CHAIN, NO_SHAPE, why_and_instead
from cutouts.heads.layers import ACTIVATIONS, Shape, build_layer

Layer = dict[str, Any]  # as head.layers of the manifest lists it
Export = Callable[[Settings, Shape | None], Layer]  # the shape before it, where that is known

LEFT_OUT = (
    "InputLayer",
    "Identity",
    "Dropout",
    "SpatialDropout1D",
    "AlphaDropout",
    "GaussianDropout",
    "GaussianNoise",
    "ActivityRegularization",
)
SAME_CONVOLUTION = {"groups": 1, "data_format": "channels_last"}
MAX_WEIGHTS = 10_000_000  # 40 MB, more than everything else that a page loads
MAX_NUMBERS = 1_000_000  # that one layer gives for a text
NUMBERS = ("rate", "stddev", "l1", "l2", "momentum", "epsilon")  # settings that only training uses
SWITCHES = ("use_bias", "center")
NOWHERE = "which cannot run in a browser"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a layer in a browser."""

    number: int
    layer: Described
    exported: Layer | None  # None when it does nothing while tagging, or cannot run
    shape: Shape | None  # what comes out of it for each text, where that is known
    complaint: str = ""
    repair: str = ""

    @property
    def runs(self) -> bool:
        """Return whether a browser gives the answers that Keras gives."""
        return not self.complaint

    def message(self) -> str:
        """Return one line that names the layer, what is wrong with it, and what to use."""
        name = f"layer {self.number} ({self.layer.kind} {self.layer.name!r})"
        return f"{name} {self.complaint}" + (f": {self.repair}" if self.repair else "")


class Refused(Exception):  # noqa: N818  (no error: what a function here found, for `_judge` to hold)
    """A complaint about a layer, and the repair."""

    def __init__(self, complaint: str, repair: str) -> None:
        super().__init__(complaint, repair)
        self.complaint, self.repair = complaint, repair


def judge(model: Model) -> tuple[Verdict, ...]:
    """Return a verdict for each layer of a model."""
    verdicts: list[Verdict] = []
    shape = model.input if model.input and prod(model.input) <= MAX_NUMBERS else None
    for number, layer in enumerate(model.layers):
        verdicts.append(_judge(number, layer, shape))
        shape = verdicts[-1].shape
    return tuple(verdicts)


def runnable(model: Model) -> tuple[Verdict, ...]:
    """Return the verdicts on a model that runs; raise HeadError with the first complaint."""
    verdicts = judge(model)
    if complaint := first_complaint(model, verdicts):
        raise HeadError(complaint)
    return verdicts


def first_complaint(model: Model, verdicts: tuple[Verdict, ...]) -> str:
    """Return why a browser cannot run the model, nothing when it can."""
    if model.complaint:
        return model.complaint
    for verdict in verdicts:
        if not verdict.runs:
            return verdict.message()
    if model.input is None:
        return f"the model has no shape yet: {NO_SHAPE}"
    if len(model.input) != 1 or model.input[0] > MAX_NUMBERS:
        found, most = shown(list(model.input)), f"at most {MAX_NUMBERS:,} numbers in a row"
        return f"the model reads shape {found}, expected {most}: {NO_SHAPE}"
    if not any(verdict.exported for verdict in verdicts):
        return "the model has no layer that does anything: end it with Dense(labels)"
    if (given := verdicts[-1].shape) is not None and len(given) != 1:
        repair = "end it with Flatten or a global pooling, then Dense(labels)"
        return f"the model gives shape {list(given)}, expected one row of scores: {repair}"
    return ""


def _judge(number: int, layer: Described, shape: Shape | None) -> Verdict:
    try:
        exported = _exported(layer, shape)
        if not layer.follows:
            raise Refused("does not follow the layer before it", CHAIN)
        if exported is not None and shape is not None:
            shape = _shape_after(exported, layer.settings, shape)
        return Verdict(number, layer, exported, shape)
    except Refused as found:
        return Verdict(number, layer, None, None, found.complaint, found.repair)


def _exported(layer: Described, shape: Shape | None) -> Layer | None:
    """Return what a browser runs, None for a layer to leave out."""
    if layer.of_keras and layer.kind in (*EXPORTS, *LEFT_OUT):
        _check_types(layer.settings)
        export = EXPORTS.get(layer.kind)
        return export(layer.settings, shape) if export else None
    why, instead = why_and_instead(layer.kind, of_keras=layer.of_keras)
    raise Refused(f"cannot run in a browser ({why})", instead or f"use {', '.join(NAMES)}")


def _shape_after(exported: Layer, settings: Settings, shape: Shape) -> Shape:
    """Return the shape that the bundle's own reader finds, with zeros for weights."""
    sizes = _weight_shapes(exported["type"], settings, shape)
    count = sum(map(prod, sizes.values()))
    if count > MAX_WEIGHTS:
        raise Refused(f"has {count:,} weights, expected at most {MAX_WEIGHTS:,}", "make it smaller")
    zeros = {f"0.{name}": np.zeros(size, np.float32) for name, size in sizes.items()}
    try:
        after = build_layer(exported, zeros, 0, shape).shape
    except HeadError as error:
        said = str(error).removeprefix(f"layer 0 ({exported['type']}) ")
        complaint, _, repair = said.partition(": ")
        raise Refused(complaint, repair) from None
    if prod(after) > MAX_NUMBERS:
        complaint = f"gives {prod(after):,} numbers, expected at most {MAX_NUMBERS:,}"
        raise Refused(complaint, "make it smaller")
    return after


def _weight_shapes(kind: str, settings: Settings, shape: Shape) -> dict[str, tuple[int, ...]]:
    if kind == "dense":
        units = _size(settings, "units")
        return {"kernel": (shape[-1], units), "bias": (units,)}
    if kind == "conv1d":
        filters = _size(settings, "filters")
        kernel = (_size(settings, "kernel_size"), shape[-1], filters)
        return {"kernel": kernel, "bias": (filters,)}
    if kind == "batch_normalization":
        return {"scale": (shape[-1],), "shift": (shape[-1],)}
    return {}


def shown(value: Any) -> str:
    """Return a setting as a message holds it: a file may hold a very long one."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"


def _check_types(settings: Settings) -> None:
    for name in NUMBERS:
        found = settings.get(name, 0.0)
        if not isinstance(found, int | float) or not np.isfinite(float(found)):
            raise Refused(f"has {name}={shown(found)}", "use a number")
    for name in SWITCHES:
        if not isinstance(found := settings.get(name, True), bool):
            raise Refused(f"has {name}={shown(found)}", "use True or False")


def _refuse_setting(name: str, found: Any, repair: str) -> NoReturn:
    raise Refused(f"has {name}={shown(found)}, {NOWHERE}", repair)


def _require(settings: Settings, **expected: Any) -> None:
    """Refuse when a setting of the layer is not the one that a browser runs."""
    for name, wanted in expected.items():
        found = settings.get(name)
        if found != wanted:
            _refuse_setting(name, found, f"use {name}={wanted!r}")


def _size(settings: Settings, name: str) -> int:
    """Return a whole number from 1 on, which Keras may write as the only one of a list."""
    found = settings.get(name)
    value = found[0] if isinstance(found, list | tuple) and len(found) == 1 else found
    if type(value) is not int or value < 1:
        _refuse_setting(name, found, f"use a whole number from 1 on as {name}")
    return value


def _padding(settings: Settings) -> str:
    found = settings.get("padding")
    if found not in ("valid", "same"):
        _refuse_setting("padding", found, "use padding='same' or 'valid'")
    return str(found)


def _activation(settings: Settings) -> str:
    found = settings.get("activation")
    if not isinstance(found, str) or found not in ACTIVATIONS:
        choice = ", ".join(ACTIVATIONS)
        raise Refused(f"has activation {shown(found)}, {NOWHERE}", f"use one of {choice}")
    return found


def _dense(settings: Settings, _: Shape | None) -> Layer:
    _require(settings, quantization_mode=None)
    return {"type": "dense", "activation": _activation(settings)}


def _conv1d(settings: Settings, _: Shape | None) -> Layer:
    _require(settings, **SAME_CONVOLUTION)
    return {
        "type": "conv1d",
        "activation": _activation(settings),
        "strides": _size(settings, "strides"),
        "padding": _padding(settings),
        "dilation": _size(settings, "dilation_rate"),
    }


def _pooling(kind: str) -> Export:
    def export(settings: Settings, _: Shape | None) -> Layer:
        _require(settings, data_format="channels_last")
        return {
            "type": kind,
            "size": _size(settings, "pool_size"),
            "strides": _size(settings, "strides"),
            "padding": _padding(settings),
        }

    return export


def _global_pooling(kind: str) -> Export:
    def export(settings: Settings, _: Shape | None) -> Layer:
        _require(settings, data_format="channels_last", keepdims=False)
        return {"type": kind}

    return export


def _flatten(settings: Settings, _: Shape | None) -> Layer:
    _require(settings, data_format="channels_last")
    return {"type": "flatten"}


def _reshape(settings: Settings, shape: Shape | None) -> Layer:
    found = settings.get("target_shape")
    if not isinstance(found, list | tuple) or not all(type(size) is int for size in found):
        _refuse_setting("target_shape", found, "use one size, or two: (steps, channels)")
    sizes = list(found)
    if shape is not None and sizes.count(-1) == 1:  # what the other sizes leave over
        rest = prod(size for size in sizes if size != -1)
        sizes[sizes.index(-1)] = prod(shape) // rest if rest > 0 else -1
    if len(sizes) not in (1, 2):
        complaint = f"gives shape {shown(sizes)}, {NOWHERE}"
        raise Refused(complaint, "use one size, or two: (steps, channels)")
    return {"type": "reshape", "shape": sizes}


def _rescaling(settings: Settings, shape: Shape | None) -> Layer:
    channels = shape[-1:] if shape else (1,)
    try:
        for name in ("scale", "offset"):
            factors = np.broadcast_to(np.asarray(settings.get(name)), channels)
            if factors.dtype.kind not in "if" or not np.isfinite(factors).all():
                raise Refused(f"has {name}={shown(settings.get(name))}", "use a number")
    except (TypeError, ValueError):
        complaint = "scales more than the last axis"
        raise Refused(complaint, "give it one scale and one offset") from None
    return {"type": "batch_normalization"}


def _batch_normalization(settings: Settings, shape: Shape | None) -> Layer:
    axis = settings.get("axis")
    if axis != -1 and (shape is None or axis != len(shape)):  # Keras counts the texts as axis 0
        _refuse_setting("axis", axis, "use axis=-1")
    return {"type": "batch_normalization"}


def _activation_layer(settings: Settings, _: Shape | None) -> Layer:
    return {"type": "activation", "activation": _activation(settings)}


def _relu(settings: Settings, _: Shape | None) -> Layer:
    _require(settings, negative_slope=0, threshold=0)
    highest = settings.get("max_value")
    if highest not in (None, 6):
        _refuse_setting("max_value", highest, "use max_value=6, or none")
    return {"type": "activation", "activation": "relu" if highest is None else "relu6"}


def _fixed(activation: str, **expected: Any) -> Export:
    """Export an activation layer whose settings must be the ones that a browser runs."""

    def export(settings: Settings, _: Shape | None) -> Layer:
        _require(settings, **expected)
        return {"type": "activation", "activation": activation}

    return export


EXPORTS: Mapping[str, Export] = {
    "Dense": _dense,
    "Conv1D": _conv1d,
    "MaxPooling1D": _pooling("max_pooling1d"),
    "AveragePooling1D": _pooling("average_pooling1d"),
    "GlobalMaxPooling1D": _global_pooling("global_max_pooling1d"),
    "GlobalAveragePooling1D": _global_pooling("global_average_pooling1d"),
    "Flatten": _flatten,
    "Reshape": _reshape,
    "BatchNormalization": _batch_normalization,
    "Rescaling": _rescaling,
    "Activation": _activation_layer,
    "ReLU": _relu,
    "LeakyReLU": _fixed("leaky_relu", negative_slope=0.2),
    "ELU": _fixed("elu", alpha=1.0),
    "Softmax": _fixed("softmax", axis=-1),
}
NAMES = (*tuple(EXPORTS)[:9], "an activation")
