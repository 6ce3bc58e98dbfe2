"""A Keras model in memory in; its description, or the layers and tensors of a bundle, out."""

from __future__ import annotations

import logging
import os
import random
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutouts.errors import HeadError
from cutouts.heads.described import SETTINGS, Described, Model, count_ends
from cutouts.heads.folds import SEED
from cutouts.heads.instead import CHAIN
from cutouts.heads.keras_layers import Layer, Verdict, runnable
from cutouts.heads.layers import ACTIVATIONS

Tensors = dict[str, NDArray[np.float32]]


def import_keras() -> Any:
    """Return Keras, on JAX and the CPU unless the user chose; raise HeadError without it."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    logging.getLogger("jax").setLevel(logging.ERROR)  # tells of accelerators that it does not find
    try:
        import keras
    except ImportError as missing:
        raise HeadError(
            f"the cnn head needs Keras and JAX ({missing.name} is missing): "
            "run pip install 'cutouts[cnn]'"
        ) from None
    return keras


@contextmanager
def quiet_and_seeded() -> Iterator[None]:
    """Make what Keras draws the same each time, and leave the caller's random numbers alone."""
    keras = import_keras()
    python, legacy = random.getstate(), np.random.get_state()
    keras.utils.set_random_seed(SEED)
    try:
        with warnings.catch_warnings():
            # Keras 3.15 reads its own variables in a way that numpy 2 warns of.
            warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
            yield
    finally:
        random.setstate(python)
        np.random.set_state(legacy)


def build_model(model: Model) -> Any:
    """Return a new Keras model, untrained, of a description that runs; raise HeadError if not.

    Only the classes that a browser runs or leaves out are made, from plain settings: nothing that
    a file holds is executed.
    """
    verdicts = runnable(model)
    keras = import_keras()
    made = []
    for verdict in verdicts:
        layer = verdict.layer
        if layer.kind == "InputLayer":
            continue
        names = SETTINGS.get(layer.kind, ())
        settings = {name: layer.settings[name] for name in names if name in layer.settings}
        try:
            made.append(getattr(keras.layers, layer.kind)(**settings))
        except (TypeError, ValueError) as error:
            said = first_line(error)
            refused = Verdict(verdict.number, layer, None, None, "is refused by Keras", said)
            raise HeadError(refused.message()) from None
    try:
        return keras.Sequential([keras.Input(model.input), *made])
    except (TypeError, ValueError) as error:
        raise HeadError(f"the model is refused by Keras: {first_line(error)}") from None


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says, its name when it says nothing."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def export_model(model: Any) -> tuple[list[Layer], Tensors]:
    """Return the layers of a built Keras model and their weights, ready for `read_cnn`.

    Layers that do nothing when tagging are left out. Raises HeadError naming the first layer that
    no browser can run, and what to use instead; so call it before training as well.
    """
    layers: list[Layer] = []
    tensors: Tensors = {}
    for verdict, layer in zip(runnable(describe_model(model)), model.layers, strict=True):
        if verdict.exported is None:
            continue
        if weights := WEIGHTS.get(verdict.layer.kind):
            for name, values in weights(layer).items():
                tensors[f"{len(layers)}.{name}"] = np.asarray(values, np.float32)
        layers.append(verdict.exported)
    return layers, tensors


def describe_model(model: Any) -> Model:
    """Return a Keras model as plain data; raise HeadError for what is no model of Keras 3."""
    keras = import_keras()
    kind = type(model).__name__
    if not isinstance(model, keras.Model):
        raise HeadError(f"what was built is a {kind}, expected a model of Keras 3: {CHAIN}")
    if not _is_of_keras(model) or kind not in ("Sequential", "Functional"):
        return Model((), None, f"the model is a {kind}, which cannot run in a browser: {CHAIN}")
    layers = list(model.layers)
    if kind == "Sequential":
        return Model(tuple(_described(layer) for layer in layers), _input_shape(model))
    complaint = count_ends(len(model.inputs), len(model.outputs))
    described = tuple(
        _described(layer, follows=_follows(layers, number)) for number, layer in enumerate(layers)
    )
    return Model(described, None if complaint else _input_shape(model), complaint)


def _input_shape(model: Any) -> tuple[int, ...] | None:
    if not model.built or not model.inputs:
        return None
    shape = tuple(model.inputs[0].shape[1:])
    return shape if all(type(size) is int for size in shape) else None


def _is_of_keras(layer: Any) -> bool:
    """Return whether the layer's class is Keras' own, not one that inherits from it."""
    return type(layer).__module__.startswith("keras.")


def _follows(layers: list[Any], number: int) -> bool:
    """Return whether a layer is used once, on what the layer before it gives."""
    layer = layers[number]
    once = len(layer._inbound_nodes) == 1
    return once and (number == 0 or layer.input is layers[number - 1].output)


def _described(layer: Any, *, follows: bool = True) -> Described:
    kind = type(layer).__name__
    names = (*SETTINGS.get(kind, ()), "quantization_mode") if _is_of_keras(layer) else ()
    settings = {name: getattr(layer, name, None) for name in names}
    if "activation" in settings:
        settings["activation"] = _activation_name(layer.activation)
    return Described(kind, layer.name, _is_of_keras(layer), settings, follows)


def _activation_name(function: Any) -> str:
    """Return the name of a Keras activation, or one that says that it is not."""
    import keras

    for known in ACTIVATIONS:
        if function is getattr(keras.activations, known):
            return known
    found = str(getattr(function, "__name__", type(function).__name__))
    return f"{function.__module__}.{found}" if found in ACTIVATIONS else found


def _kernel_and_bias(layer: Any) -> dict[str, Any]:
    """Return kernel and bias, which is zeros for a layer without."""
    kernel = _numbers(layer.kernel)
    bias = np.zeros(kernel.shape[-1]) if layer.bias is None else _numbers(layer.bias)
    return {"kernel": kernel, "bias": bias}


def _numbers(weight: Any) -> NDArray[np.float64]:
    """Return a Keras variable as an array, whatever Keras computes with."""
    from keras import ops

    return np.asarray(ops.convert_to_numpy(ops.convert_to_tensor(weight)), np.float64)


def _rescaling(layer: Any) -> dict[str, Any]:
    channels = (int(layer.output.shape[-1]),)
    return {
        "scale": np.broadcast_to(np.asarray(layer.scale, np.float32), channels),
        "shift": np.broadcast_to(np.asarray(layer.offset, np.float32), channels),
    }


def _batch_normalization(layer: Any) -> dict[str, Any]:
    """Return the scale and shift that mean, variance, gamma and beta come to."""
    scale = 1 / np.sqrt(_numbers(layer.moving_variance) + layer.epsilon)
    if layer.gamma is not None:
        scale *= _numbers(layer.gamma)
    shift = -_numbers(layer.moving_mean) * scale
    if layer.beta is not None:
        shift += _numbers(layer.beta)
    return {"scale": scale, "shift": shift}


WEIGHTS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "Dense": _kernel_and_bias,
    "Conv1D": _kernel_and_bias,
    "BatchNormalization": _batch_normalization,
    "Rescaling": _rescaling,
}
