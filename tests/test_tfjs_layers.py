"""A small network in; its TensorFlow.js layers model, or the layer that is refused, comes out."""

import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cutouts.errors import ExportError
from cutouts.export.tfjs_layers import layers_model
from cutouts.heads.calibration import Calibration
from cutouts.heads.cnn import read_cnn
from cutouts.heads.layers import ACTIVATIONS

CALIBRATION = Calibration("sigmoid", np.array([2, 3], np.float32), np.array([0, 1], np.float32))
LAYERS: list[dict[str, Any]] = [
    {"type": "reshape", "shape": [4, 1]},
    {"type": "conv1d", "activation": "silu", "strides": 2, "padding": "same"},
    {"type": "max_pooling1d"},
    {"type": "flatten"},
    {"type": "dense", "activation": "sigmoid"},
]


def tensors() -> dict[str, NDArray[np.float32]]:
    sizes = {"1.kernel": (3, 1, 5), "1.bias": (5,), "4.kernel": (5, 2), "4.bias": (2,)}
    random = np.random.default_rng(0)
    return {name: random.normal(size=size).astype(np.float32) for name, size in sizes.items()}


def export(layers: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, bytes]]:
    files = layers_model(read_cnn(tensors(), layers, 2, 4), CALIBRATION, "head")
    return json.loads(files.pop("model.json")), files


def test_layers_are_written_as_keras_names_them() -> None:
    model, _ = export(LAYERS)
    assert model["format"] == "layers-model"
    layers = model["modelTopology"]["model_config"]["config"]["layers"]
    classes = ["InputLayer", "Reshape", "Conv1D", "MaxPooling1D", "Flatten", "Dense", "Dense"]
    assert [layer["class_name"] for layer in layers] == classes
    conv, pool, last, calibration = (layers[n]["config"] for n in (2, 3, 5, 6))
    assert (conv["filters"], conv["kernel_size"], conv["strides"]) == (5, [3], [2])
    assert (conv["padding"], conv["activation"]) == ("same", "swish")
    assert (pool["pool_size"], pool["strides"], pool["padding"]) == ([2], [2], "valid")
    assert last["activation"] == "linear", "calibration replaces the last link"
    assert (calibration["units"], calibration["activation"]) == (2, "sigmoid")


def test_weights_lie_in_the_shards_in_the_order_of_the_list() -> None:
    model, files = export(LAYERS)
    (group,) = model["weightsManifest"]
    assert group["paths"] == list(files) == ["group1-shard1of1.bin"]
    read, start = {}, 0
    for entry in group["weights"]:
        assert entry["dtype"] == "float32"
        size = int(np.prod(entry["shape"]))
        values = np.frombuffer(files["group1-shard1of1.bin"], "<f4", size, 4 * start)
        read[entry["name"]] = values.reshape(entry["shape"])
        start += size
    assert 4 * start == len(files["group1-shard1of1.bin"])
    assert (read["layer_1/kernel"] == tensors()["1.kernel"]).all()
    assert (read["layer_4/bias"] == tensors()["4.bias"]).all()
    assert read["calibration/kernel"].tolist() == [[2, 0], [0, 3]]
    assert read["calibration/bias"].tolist() == [0, 1]


def test_a_leaky_relu_becomes_a_layer_of_its_own() -> None:
    model, _ = export([{**LAYERS[0]}, {**LAYERS[1], "activation": "leaky_relu"}, *LAYERS[2:]])
    layers = model["modelTopology"]["model_config"]["config"]["layers"]
    assert layers[2]["config"]["activation"] == "linear"
    assert layers[3]["class_name"] == "LeakyReLU"
    assert layers[3]["config"]["alpha"] == 0.2


@pytest.mark.parametrize(
    ("activation", "instead"),
    [("hard_sigmoid", "Keras x/6 + 0.5: use sigmoid"), ("exponential", "use softplus")],
)
def test_what_tensorflow_js_computes_otherwise_is_refused(activation: str, instead: str) -> None:
    with pytest.raises(ExportError) as caught:
        export([LAYERS[0], {**LAYERS[1], "activation": activation}, *LAYERS[2:]])
    said = str(caught.value)
    assert said.startswith(f"layer_1 (conv1d) has activation {activation}, which is not exported")
    assert said.endswith(f"{instead}), and train again")


def test_strides_and_dilation_together_are_refused() -> None:
    layers = [LAYERS[0], {**LAYERS[1], "dilation": 3}, *LAYERS[2:]]
    with pytest.raises(
        ExportError, match=r"layer_1 \(conv1d\) has strides 2 and dilation 3, of wh"
    ):
        export(layers)


def test_an_activation_on_any_other_layer_comes_after_it() -> None:
    model, _ = export([*LAYERS[:3], {"type": "flatten", "activation": "tanh"}, LAYERS[4]])
    layers = model["modelTopology"]["model_config"]["config"]["layers"]
    after = next(n for n, layer in enumerate(layers) if layer["class_name"] == "Flatten") + 1
    assert layers[after]["class_name"] == "Activation"
    assert layers[after]["config"]["activation"] == "tanh"


def test_every_other_activation_is_exported() -> None:
    for activation in ACTIVATIONS.keys() - {"hard_sigmoid", "exponential"}:
        export([LAYERS[0], {**LAYERS[1], "activation": activation}, *LAYERS[2:]])
