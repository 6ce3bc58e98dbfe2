"""Random weights in; the exported graph, run by numpy, gives the vectors of the graph that ships."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cutouts.encoders.rounding import rounded
from cutouts.encoders.use_lite_graph import Layers, int8_graph, layers_of
from cutouts.encoders.use_lite_weights import read_weights
from cutouts.export.tfjs_use_lite import use_lite_files
from tests.test_use_lite import encoder_of, published, random_pieces

Array = NDArray[Any]


def _reduced(reduce: Any) -> Callable[..., Array]:
    return lambda x, axes, keep_dims: reduce(x, axis=tuple(axes), keepdims=keep_dims)


def _normalise(x: Array, epsilon: float) -> Array:
    double = x.astype(np.float64)
    mean = double.mean(axis=1, keepdims=True)
    variance = np.maximum((double**2).mean(axis=1, keepdims=True) - mean**2, 0)
    inverse = (1 / np.sqrt(variance + epsilon)).astype(np.float32)
    return np.asarray((x - mean.astype(np.float32)) * inverse)


def _mean(x: Array, text: Array) -> Array:
    rows = [x[text == one].astype(np.float64).mean(axis=0) for one in range(text.max() + 1)]
    return np.array(rows, np.float32)


def _batch_matmul(x: Array, y: Array, *, adj_x: bool, adj_y: bool) -> Array:
    assert not adj_x
    return np.asarray(x @ (y.swapaxes(1, 2) if adj_y else y))


OPS: Mapping[str, Callable[..., Any]] = {
    "Abs": np.abs,
    "AddV2": np.add,
    "BatchMatMulV2": _batch_matmul,
    "Cast": lambda x, DstT: x.astype({"DT_FLOAT": np.float32}[DstT]),
    "Equal": np.equal,
    "GatherV2": lambda x, at, axis: np.take(x, at, axis=int(axis[0])),
    "Less": np.less,
    "MatMul": lambda x, y, transpose_a, transpose_b: x @ y,  # noqa: ARG005  (both are false)
    "Max": _reduced(np.max),
    "Maximum": np.maximum,
    "MeanInFloat64": _mean,
    "Mul": np.multiply,
    "NormaliseInFloat64": _normalise,
    "RealDiv": np.divide,
    "Relu": lambda x: np.maximum(x, np.float32(0)),
    "Reshape": np.reshape,
    "Round": np.rint,
    "Sqrt": np.sqrt,
    "Sub": np.subtract,
    "Sum": _reduced(np.sum),
    "Tanh": np.tanh,
    "Transpose": np.transpose,
    "Where": np.argwhere,
}


def run(files: Mapping[str, bytes], indices: Array, values: Array) -> Array:
    """Return what the graph says, each node by the numpy function of its name."""
    model = json.loads(files["model.json"])
    (group,) = model["weightsManifest"]
    data, start = b"".join(files[path] for path in group["paths"]), 0
    known: dict[str, Array] = {"indices": indices, "values": values}
    for spec in group["weights"]:
        quantised = spec.get("quantization")
        kind = np.dtype(quantised["dtype"] if quantised else spec["dtype"])
        count = int(np.prod(spec["shape"]))
        found = np.frombuffer(data, kind, count, start).reshape(spec["shape"])
        start += count * kind.itemsize
        if quantised:
            found = found.astype(np.float32) + np.float32(quantised["min"])
        known[spec["name"]] = found
    assert start == len(data)
    for node in model["modelTopology"]["node"]:
        if node["op"] not in ("Const", "Placeholder"):
            attributes = {name: next(iter(value.values())) for name, value in node["attr"].items()}
            inputs = [known[name] for name in node["input"]]
            known[node["name"]] = OPS[node["op"]](*inputs, **attributes)
            assert known[node["name"]].dtype != np.float64, f"{node['op']} has left float32"
    return known[model["signature"]["outputs"]["vector"]["name"].removesuffix(":0")]


@pytest.fixture(scope="module")
def weights() -> Mapping[str, NDArray[np.float32]]:
    model, data = published()
    return read_weights(model, [data])


@pytest.fixture(scope="module")
def layers(weights: Mapping[str, NDArray[np.float32]]) -> Layers:
    return layers_of(weights, lambda _, weight: rounded(weight))


def test_vectors_are_those_of_the_graph_that_ships(
    weights: Mapping[str, NDArray[np.float32]], layers: Layers
) -> None:
    pieces = random_pieces(3, 40, 1, 128, 200)
    indices = [[text, place] for text, ids in enumerate(pieces) for place in range(len(ids))]
    values = np.concatenate(list(pieces)).astype(np.int32)
    files = use_lite_files(weights, layers, [])
    found = run(files, np.array(indices, np.int32), values)
    expected = encoder_of(int8_graph(weights, layers)).encode(pieces)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def test_a_weight_takes_a_byte(weights: Mapping[str, NDArray[np.float32]], layers: Layers) -> None:
    files = use_lite_files(weights, layers, [["a", -1.0]])
    numbers = sum(values.size for values in weights.values())
    assert sum(len(data) for data in files.values()) < 1.1 * numbers
    assert json.loads(files["model.json"])["userDefinedMetadata"] == {"vocabulary": [["a", -1.0]]}
