"""A Keras model in; the layers and tensors that a browser runs out, or what it cannot run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from cutouts.errors import HeadError
from cutouts.heads.layers import ACTIVATIONS

Layer = dict[str, Any]  # as head.layers of the manifest lists it
Tensors = dict[str, NDArray[np.float32]]
Export = Callable[[Any, str], tuple[Layer, dict[str, Any]]]  # a Keras layer and its name

CONVOLVE = "use Conv1D, then GlobalMaxPooling1D or Flatten"
ONE_DIMENSION = "use the same layer in one dimension (Conv1D, MaxPooling1D, ...)"
CHAIN = "use a Sequential model: one layer after the other"
INSTEAD = {
    "LSTM": CONVOLVE,
    "GRU": CONVOLVE,
    "RNN": CONVOLVE,
    "Bidirectional": CONVOLVE,
    "TimeDistributed": "use the layer itself: Dense goes over the last axis",
    "Attention": CONVOLVE,
    "Embedding": "leave it out: the input is a text's vector, Reshape((dim, 1)) makes steps of it",
    "Lambda": "use Activation, Dense or BatchNormalization",
    "TextVectorization": "leave it out: the input is a text's vector",
    "LayerNormalization": "use BatchNormalization",
    "RMSNormalization": "use BatchNormalization",
    "GroupNormalization": "use BatchNormalization",
    "UnitNormalization": "leave it out: the input has length 1, or use BatchNormalization",
    "SeparableConv1D": "use Conv1D",
    "DepthwiseConv1D": "use Conv1D",
    "Conv1DTranspose": "use Conv1D",
    "ZeroPadding1D": "use padding='same' in the layer that follows",
    "PReLU": "use ReLU or LeakyReLU(negative_slope=0.2)",
    "Sequential": "put its layers in one by one",
    "Functional": "put its layers in one by one",
}
FAMILIES = (
    (("2D", "3D"), ONE_DIMENSION),
    (("LSTM", "GRU", "RNN"), CONVOLVE),
    (("Attention",), CONVOLVE),
    (("Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract"), CHAIN),
)
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


def export_model(model: Any) -> tuple[list[Layer], Tensors]:
    """Return the layers of a built Keras model and their weights, ready for `read_cnn`.

    Layers that do nothing when tagging are left out. Raises HeadError naming the first layer that
    no browser can run, and what to use instead; so call it before training as well.
    """
    layers: list[Layer] = []
    tensors: Tensors = {}
    exports = [(layer, _export_of(layer, number)) for number, layer in enumerate(_chain(model))]
    if not model.built:
        raise HeadError("the model has no shape yet: begin it with keras.Input((dim,))")
    for number, (layer, export) in enumerate(exports):
        if export is None:
            continue
        description, weights = export(layer, _name(layer, number))
        for weight, values in weights.items():
            tensors[f"{len(layers)}.{weight}"] = np.asarray(values, np.float32)
        layers.append(description)
    return layers, tensors


def _name(layer: Any, number: int) -> str:
    return f"layer {number} ({type(layer).__name__} {layer.name!r})"


def _export_of(layer: Any, number: int) -> Export | None:
    """Return how the layer is exported, None when it is left out; raise HeadError when neither."""
    kind = type(layer).__name__
    if _is_of_keras(layer) and kind in EXPORTS:
        return EXPORTS[kind]
    if not _is_of_keras(layer) or kind not in LEFT_OUT:
        _refuse(_name(layer, number), "cannot run in a browser", _instead(layer))
    return None


def _refuse(name: str, complaint: str, repair: str) -> NoReturn:
    raise HeadError(f"{name} {complaint}: {repair}")


def _is_of_keras(layer: Any) -> bool:
    """Return whether the layer's class is Keras' own, not one that inherits from it."""
    return type(layer).__module__.startswith("keras.")


def _instead(layer: Any) -> str:
    kind = type(layer).__name__
    if _is_of_keras(layer):
        if kind in INSTEAD:
            return INSTEAD[kind]
        for parts, repair in FAMILIES:
            if any(part in kind for part in parts):
                return repair
    return f"use {', '.join(NAMES)} or an activation"


def _chain(model: Any) -> list[Any]:
    """Return the layers of a model that is one chain; raise HeadError for any other."""
    kind = type(model).__name__
    if not _is_of_keras(model) or kind not in ("Sequential", "Functional"):
        raise HeadError(f"the model is a {kind}, which cannot run in a browser: {CHAIN}")
    layers = list(model.layers)
    if kind == "Sequential":
        return layers
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise HeadError(
            f"the model has {len(model.inputs)} inputs and {len(model.outputs)} outputs, "
            f"expected one of each: {CHAIN}"
        )
    for number, layer in enumerate(layers):
        once = len(layer._inbound_nodes) == 1
        if not once or (number and layer.input is not layers[number - 1].output):
            _refuse(_name(layer, number), "does not follow the layer before it", CHAIN)
    return layers


def _activation(function: Any, name: str) -> str:
    """Return the name of a Keras activation; raise HeadError for one that no browser knows."""
    import keras

    for known in ACTIVATIONS:
        if function is getattr(keras.activations, known):
            return known
    found = getattr(function, "__name__", type(function).__name__)
    choice = ", ".join(ACTIVATIONS)
    _refuse(
        name, f"has activation {found!r}, which cannot run in a browser", f"use one of {choice}"
    )


def _require(layer: Any, name: str, **expected: Any) -> None:
    """Raise HeadError when a setting of the layer is not the one that a browser runs."""
    for setting, wanted in expected.items():
        found = getattr(layer, setting)
        if found != wanted:
            _refuse(
                name,
                f"has {setting}={found!r}, which cannot run in a browser",
                f"use {setting}={wanted!r}",
            )


def _weights(layer: Any) -> dict[str, Any]:
    """Return kernel and bias, which is zeros for a layer without."""
    kernel = _numbers(layer.kernel)
    bias = np.zeros(kernel.shape[-1]) if layer.bias is None else _numbers(layer.bias)
    return {"kernel": kernel, "bias": bias}


def _numbers(weight: Any) -> NDArray[np.float64]:
    """Return a Keras variable as an array, whatever Keras computes with."""
    from keras import ops

    return np.asarray(ops.convert_to_numpy(ops.convert_to_tensor(weight)), np.float64)


def _dense(layer: Any, name: str) -> tuple[Layer, dict[str, Any]]:
    _require(layer, name, quantization_mode=None)
    return {"type": "dense", "activation": _activation(layer.activation, name)}, _weights(layer)


def _conv1d(layer: Any, name: str) -> tuple[Layer, dict[str, Any]]:
    _require(layer, name, **SAME_CONVOLUTION)
    description = {
        "type": "conv1d",
        "activation": _activation(layer.activation, name),
        "strides": int(layer.strides[0]),
        "padding": _padding(layer, name),
        "dilation": int(layer.dilation_rate[0]),
    }
    return description, _weights(layer)


def _padding(layer: Any, name: str) -> str:
    if layer.padding not in ("valid", "same"):
        complaint = f"has padding={layer.padding!r}, which cannot run in a browser"
        _refuse(name, complaint, "use padding='same' or 'valid'")
    return str(layer.padding)


def _pooling(kind: str) -> Export:
    def export(layer: Any, name: str) -> tuple[Layer, dict[str, Any]]:
        _require(layer, name, data_format="channels_last")
        description = {
            "type": kind,
            "size": int(layer.pool_size[0]),
            "strides": int(layer.strides[0]),
            "padding": _padding(layer, name),
        }
        return description, {}

    return export


def _global_pooling(kind: str) -> Export:
    def export(layer: Any, name: str) -> tuple[Layer, dict[str, Any]]:
        _require(layer, name, data_format="channels_last", keepdims=False)
        return {"type": kind}, {}

    return export


def _flatten(layer: Any, name: str) -> tuple[Layer, dict[str, Any]]:
    _require(layer, name, data_format="channels_last")
    return {"type": "flatten"}, {}


def _reshape(layer: Any, name: str) -> tuple[Layer, dict[str, Any]]:
    shape = [int(size) for size in layer.output.shape[1:]]  # a -1 is filled in here
    if len(shape) not in (1, 2):
        complaint = f"gives shape {shape}, which cannot run in a browser"
        _refuse(name, complaint, "use one size, or two: (steps, channels)")
    return {"type": "reshape", "shape": shape}, {}


def _rescaling(layer: Any, name: str) -> tuple[Layer, dict[str, Any]]:
    channels = int(layer.output.shape[-1])
    try:
        scale = np.broadcast_to(np.asarray(layer.scale, np.float32), (channels,))
        shift = np.broadcast_to(np.asarray(layer.offset, np.float32), (channels,))
    except ValueError:
        _refuse(name, "scales more than the last axis", "give it one scale and one offset")
    return {"type": "batch_normalization"}, {"scale": scale, "shift": shift}


def _batch_normalization(layer: Any, name: str) -> tuple[Layer, dict[str, Any]]:
    if layer.axis not in (-1, len(layer.output.shape) - 1):
        complaint = f"has axis={layer.axis}, which cannot run in a browser"
        _refuse(name, complaint, "use axis=-1")

    scale = 1 / np.sqrt(_numbers(layer.moving_variance) + layer.epsilon)
    if layer.gamma is not None:
        scale *= _numbers(layer.gamma)
    shift = -_numbers(layer.moving_mean) * scale
    if layer.beta is not None:
        shift += _numbers(layer.beta)
    return {"type": "batch_normalization"}, {"scale": scale, "shift": shift}


def _activation_layer(layer: Any, name: str) -> tuple[Layer, dict[str, Any]]:
    return {"type": "activation", "activation": _activation(layer.activation, name)}, {}


def _relu(layer: Any, name: str) -> tuple[Layer, dict[str, Any]]:
    _require(layer, name, negative_slope=0, threshold=0)
    if layer.max_value not in (None, 6):
        complaint = f"has max_value={layer.max_value}, which cannot run in a browser"
        _refuse(name, complaint, "use max_value=6, or none")
    found = "relu" if layer.max_value is None else "relu6"
    return {"type": "activation", "activation": found}, {}


def _fixed(activation: str, **expected: Any) -> Export:
    """Export an activation layer whose settings must be the ones that a browser runs."""

    def export(layer: Any, name: str) -> tuple[Layer, dict[str, Any]]:
        _require(layer, name, **expected)
        return {"type": "activation", "activation": activation}, {}

    return export


EXPORTS: dict[str, Export] = {
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
NAMES = tuple(EXPORTS)[:9]
