"""A small network and its calibration in, a TensorFlow.js layers model out: probabilities at its end.

The model is what `tf.loadLayersModel` reads: Keras' list of layers, and the weights beside it. Where
TensorFlow.js 4.22 computes a layer otherwise than the bundle does, that layer is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cutouts.encoders import Matrix
from cutouts.errors import ExportError
from cutouts.export.tfjs_graph import Files, Weight, model_files
from cutouts.heads.calibration import Calibration
from cutouts.heads.cnn import CnnHead, before_link

Config = dict[str, Any]
Layer = Mapping[str, Any]  # as head.layers of the manifest lists it

ACTIVATIONS = {
    **{name: name for name in ("linear", "relu", "relu6", "elu", "selu", "gelu", "sigmoid")},
    **{name: name for name in ("tanh", "softplus", "softsign", "softmax")},
    "silu": "swish",  # the same function by its older name
}
LEAKY_SLOPE = 0.2
WITH_ACTIVATION = {"dense", "conv1d", "activation"}  # others get a layer after them
INSTEAD = {
    "hard_sigmoid": "TensorFlow.js computes max(0, min(1, 0.2x + 0.5)), Keras x/6 + 0.5: use sigmoid",
    "exponential": "TensorFlow.js has no such activation: use softplus",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A layer of the bundle where it stands: its settings, its weights and the shape it gives."""

    layer: Layer
    weights: Mapping[str, Matrix]
    shape: tuple[int, ...]


def layers_model(head: CnnHead, calibration: Calibration, name: str) -> Files:
    """Return model.json and its shards: a vector of the bundle in, (labels,) probabilities out.

    Raises ExportError naming the layer that TensorFlow.js has not, or computes otherwise.
    """
    layers: list[Config] = [
        _entry("InputLayer", "vector", batch_input_shape=[None, head.dim], dtype="float32")
    ]
    weights: list[Weight] = []
    for index, (layer, step) in enumerate(zip(head.network, head.steps, strict=True)):
        last = index == len(head.network) - 1
        found = {
            key.partition(".")[2]: values
            for key, values in head.weights.items()
            if key.partition(".")[0] == str(index)
        }
        place = Place(before_link(layer) if last else layer, found, step.shape)
        own = f"layer_{index}"
        layers += _entries(place, own)
        if layer["type"] in WEIGHTS:
            named = WEIGHTS[layer["type"]](place)
            weights += [Weight(f"{own}/{part}", values) for part, values in named.items()]
    # Calibration is one more layer: z = score * slope + offset, and the link.
    layers.append(_dense_entry("calibration", head.labels, calibration.link))
    weights.append(Weight("calibration/kernel", np.diag(calibration.slope)))
    weights.append(Weight("calibration/bias", calibration.offset))
    topology = {
        "keras_version": "2.15.0",  # the format's version: the last before Keras 3 changed it
        "backend": "tensorflow",
        "model_config": {"class_name": "Sequential", "config": {"name": name, "layers": layers}},
    }
    return model_files({"format": "layers-model", "modelTopology": topology}, weights)


def _entries(place: Place, name: str) -> list[Config]:
    """Return the layer, and after it an activation that it cannot have within."""
    kind, activation = place.layer["type"], place.layer.get("activation", "linear")
    build = LAYERS.get(kind)
    if build is None:
        raise ExportError(
            f"{name} is {kind}, which is not exported to TensorFlow.js: "
            f"train a network of {', '.join(LAYERS)}"
        )
    if activation == "leaky_relu":
        leaky = _entry("LeakyReLU", f"{name}_activation", alpha=LEAKY_SLOPE)
        return [build(place, name, "linear"), leaky]
    if activation not in ACTIVATIONS:
        raise ExportError(
            f"{name} ({kind}) has activation {activation}, "
            f"which is not exported ({INSTEAD.get(activation, 'it is not known')}), and train again"
        )
    if kind in WITH_ACTIVATION or activation == "linear":
        return [build(place, name, ACTIVATIONS[activation])]
    after = _entry("Activation", f"{name}_activation", activation=ACTIVATIONS[activation])
    return [build(place, name, "linear"), after]


def _entry(class_name: str, name: str, **config: Any) -> Config:
    return {"class_name": class_name, "config": {"name": name, **config}}


def _dense_entry(name: str, units: int, activation: str) -> Config:
    return _entry("Dense", name, units=units, activation=activation, use_bias=True)


def _dense(place: Place, name: str, activation: str) -> Config:
    return _dense_entry(name, place.shape[-1], activation)


def _conv1d(place: Place, name: str, activation: str) -> Config:
    strides, dilation = place.layer.get("strides", 1), place.layer.get("dilation", 1)
    if strides > 1 and dilation > 1:
        raise ExportError(
            f"{name} (conv1d) has strides {strides} and dilation {dilation}, of which "
            "TensorFlow.js takes only one: set the other to 1, and train again"
        )
    return _entry(
        "Conv1D",
        name,
        filters=place.shape[-1],
        kernel_size=[place.weights["kernel"].shape[0]],
        strides=[strides],
        padding=place.layer.get("padding", "valid"),
        dilation_rate=[dilation],
        activation=activation,
        use_bias=True,
    )


def _pooling(class_name: str) -> Callable[[Place, str, str], Config]:
    def build(place: Place, name: str, _: str) -> Config:
        size = place.layer.get("size", 2)
        strides, padding = place.layer.get("strides", size), place.layer.get("padding", "valid")
        return _entry(class_name, name, pool_size=[size], strides=[strides], padding=padding)

    return build


def _plain(class_name: str, **config: Any) -> Callable[[Place, str, str], Config]:
    return lambda _, name, __: _entry(class_name, name, **config)


def _reshape(place: Place, name: str, _: str) -> Config:
    return _entry("Reshape", name, target_shape=list(place.shape))


def _activation(_: Place, name: str, activation: str) -> Config:
    return _entry("Activation", name, activation=activation)


def _kernel_and_bias(place: Place) -> Mapping[str, Matrix]:
    return {"kernel": place.weights["kernel"], "bias": place.weights["bias"]}


def _scale_and_shift(place: Place) -> Mapping[str, Matrix]:
    scale, shift = place.weights["scale"], place.weights["shift"]
    return {
        "gamma": scale,
        "beta": shift,
        "moving_mean": np.zeros_like(scale),
        "moving_variance": np.ones_like(scale),
    }


LAYERS: Mapping[str, Callable[[Place, str, str], Config]] = {
    "dense": _dense,
    "conv1d": _conv1d,
    "max_pooling1d": _pooling("MaxPooling1D"),
    "average_pooling1d": _pooling("AveragePooling1D"),
    "global_max_pooling1d": _plain("GlobalMaxPooling1D"),
    "global_average_pooling1d": _plain("GlobalAveragePooling1D"),
    "flatten": _plain("Flatten"),
    "reshape": _reshape,
    "batch_normalization": _plain("BatchNormalization", axis=-1, epsilon=0.0),
    "activation": _activation,
}
WEIGHTS: Mapping[str, Callable[[Place], Mapping[str, Matrix]]] = {
    "dense": _kernel_and_bias,
    "conv1d": _kernel_and_bias,
    "batch_normalization": _scale_and_shift,
}
