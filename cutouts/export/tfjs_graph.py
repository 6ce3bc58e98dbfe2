"""Names of a graph's numbers in, a TensorFlow.js graph model out: topology, weights and shards.

The files are those that TensorFlow's converter writes: model.json holds the nodes and a list of the
weights, the shards hold the weights one after the other, little-endian, at most 4 MiB in each.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

SHARD = 4 << 20  # bytes
GENERATOR = "cutouts export"
TYPES = {"float32": "DT_FLOAT", "int32": "DT_INT32"}

Files = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Weight:
    """An array by the name that a model knows it by."""

    name: str
    values: NDArray[Any]

    @property
    def dtype(self) -> str:
        """Return what a browser holds: int8 is only how whole numbers travel."""
        return "float32" if self.values.dtype == np.int8 else str(self.values.dtype)

    def spec(self) -> dict[str, Any]:
        """Return the weight's entry in model.json."""
        entry: dict[str, Any] = {
            "name": self.name,
            "shape": list(self.values.shape),
            "dtype": self.dtype,
        }
        if self.values.dtype == np.int8:  # a byte b stands for b * scale + min, here exactly
            entry["quantization"] = {"dtype": "uint8", "scale": 1.0, "min": -128.0}
        return entry

    def data(self) -> bytes:
        """Return the weight as its shard holds it."""
        if self.values.dtype == np.int8:
            return (self.values.astype(np.int16) + 128).astype(np.uint8).tobytes()
        return self.values.astype(self.values.dtype.newbyteorder("<")).tobytes()


def model_files(model: dict[str, Any], weights: Sequence[Weight]) -> Files:
    """Return model.json, with the list of its weights, and its shards, by name."""
    data = b"".join(weight.data() for weight in weights)
    parts = [data[start : start + SHARD] for start in range(0, len(data), SHARD)]
    names = [f"group1-shard{n}of{len(parts)}.bin" for n in range(1, len(parts) + 1)]
    listed = [{"paths": names, "weights": [weight.spec() for weight in weights]}]
    whole = {**model, "generatedBy": GENERATOR, "convertedBy": None, "weightsManifest": listed}
    return {"model.json": json.dumps(whole, allow_nan=False).encode()} | dict(
        zip(names, parts, strict=True)
    )


@dataclass(slots=True)
class TfjsGraph:
    """Nodes and constants collected in order; each method returns the name of what it adds."""

    nodes: list[dict[str, Any]] = field(default_factory=list)
    weights: list[Weight] = field(default_factory=list)

    def placeholder(self, name: str, *shape: int) -> str:
        """Add an input of int32; -1 stands for any size."""
        self.nodes.append(
            {
                "name": name,
                "op": "Placeholder",
                "attr": {"dtype": {"type": "DT_INT32"}, "shape": {"shape": _sizes(shape)}},
            }
        )
        return name

    def const(self, array: NDArray[Any] | Sequence[int]) -> str:
        """Add an array: int8 as whole numbers in float32, anything else as it is."""
        values = np.asarray(array, np.int32) if isinstance(array, Sequence) else array
        weight = Weight(f"c{len(self.weights)}", values)
        kind = TYPES[weight.dtype]
        value = {"tensor": {"dtype": kind, "tensorShape": _sizes(values.shape)}}
        attributes = {"value": value, "dtype": {"type": kind}}
        self.nodes.append({"name": weight.name, "op": "Const", "attr": attributes})
        self.weights.append(weight)
        return weight.name

    def number(self, value: float) -> str:
        """Add one number in float32."""
        return self.const(np.asarray(value, np.float32))

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node; numbers, true, false and types are written as TensorFlow does."""
        name = f"n{len(self.nodes)}"
        attr = {key: _attribute(value) for key, value in attributes.items()}
        self.nodes.append({"name": name, "op": kind, "input": list(inputs), "attr": attr})
        return name

    def files(self, output: str, dim: int, metadata: dict[str, Any]) -> Files:
        """Return the model's files; `metadata` goes along with them wherever they are kept."""
        inputs = [node["name"] for node in self.nodes if node["op"] == "Placeholder"]
        signature = {
            "inputs": {name: {"name": f"{name}:0", "dtype": "DT_INT32"} for name in inputs},
            "outputs": {
                "vector": {
                    "name": f"{output}:0",
                    "dtype": "DT_FLOAT",
                    "tensorShape": _sizes([-1, dim]),
                }
            },
        }
        model = {
            "format": "graph-model",
            "signature": signature,
            "userDefinedMetadata": metadata,
            "modelTopology": {"node": self.nodes, "versions": {"producer": 1}},
        }
        return model_files(model, self.weights)


def _sizes(shape: Sequence[int]) -> dict[str, Any]:
    return {"dim": [{"size": str(size)} for size in shape]}


def _attribute(value: bool | float | str) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"b": value}
    if isinstance(value, float):
        return {"f": value}
    return {"type": value} if isinstance(value, str) else {"i": str(value)}
