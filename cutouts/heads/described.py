"""A Keras model as plain data: what a model in memory and a file of one have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cutouts.heads.instead import CHAIN

Settings = Mapping[str, Any]  # of a layer, by the names that Keras gives them

# For each class that has any: the settings that a layer is described and made again by.
SETTINGS: dict[str, tuple[str, ...]] = {
    "Dense": ("units", "activation", "use_bias"),
    "Conv1D": (
        *("filters", "kernel_size", "strides", "padding", "dilation_rate"),
        *("groups", "data_format", "activation", "use_bias"),
    ),
    "MaxPooling1D": ("pool_size", "strides", "padding", "data_format"),
    "AveragePooling1D": ("pool_size", "strides", "padding", "data_format"),
    "GlobalMaxPooling1D": ("data_format", "keepdims"),
    "GlobalAveragePooling1D": ("data_format", "keepdims"),
    "Flatten": ("data_format",),
    "Reshape": ("target_shape",),
    "BatchNormalization": ("axis", "momentum", "epsilon", "center", "scale"),
    "Rescaling": ("scale", "offset"),
    "Activation": ("activation",),
    "ReLU": ("max_value", "negative_slope", "threshold"),
    "LeakyReLU": ("negative_slope",),
    "ELU": ("alpha",),
    "Softmax": ("axis",),
    "Dropout": ("rate",),
    "SpatialDropout1D": ("rate",),
    "AlphaDropout": ("rate",),
    "GaussianDropout": ("rate",),
    "GaussianNoise": ("stddev",),
    "ActivityRegularization": ("l1", "l2"),
}


@dataclass(frozen=True, slots=True)
class Described:
    """A layer of a Keras model as plain data."""

    kind: str  # the name of its class
    name: str
    of_keras: bool  # its class is Keras' own, not one that inherits from it or shares its name
    settings: Settings
    follows: bool = True  # it reads what the layer before it gives, and nothing else
    unused: tuple[str, ...] = ()  # settings that are not taken over when it is made again


@dataclass(frozen=True, slots=True)
class Model:
    """A Keras model as plain data."""

    layers: tuple[Described, ...]
    input: tuple[int, ...] | None  # the shape of one text's input; None where it is not known
    complaint: str = ""  # what is wrong with the model as a whole


def count_ends(inputs: int, outputs: int) -> str:
    """Return what is wrong with so many inputs and outputs, nothing when there is one of each."""
    if inputs == outputs == 1:
        return ""
    return f"the model has {inputs} inputs and {outputs} outputs, expected one of each: {CHAIN}"
