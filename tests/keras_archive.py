"""Layers in; the archive that Keras 3 would write of them, or that somebody hostile would, out."""

import json
import zipfile
from pathlib import Path
from typing import Any

METADATA = {"keras_version": "3.15.1", "date_saved": "2026-11-24@16:21:42"}


def layer(kind: str, *, module: str | None = "keras.layers", **config: Any) -> dict[str, Any]:
    """Return a layer as Keras writes it."""
    return {
        "module": module,
        "class_name": kind,
        "config": {"name": kind.lower(), **config},
        "registered_name": None,
    }


def dense(units: Any = 3, **config: Any) -> dict[str, Any]:
    return layer("Dense", **{"units": units, "activation": "linear", **config})


def sequential(*layers: Any, dim: int = 12) -> dict[str, Any]:
    first = layer("InputLayer", batch_shape=[None, dim], dtype="float32")
    config = {"name": "sequential", "layers": [first, *layers]}
    return {"module": "keras", "class_name": "Sequential", "config": config}


def functional(*layers: dict[str, Any]) -> dict[str, Any]:
    """Return a chain of layers as Keras writes a functional model."""
    chain = [layer("InputLayer", batch_shape=[None, 12]), *layers]
    for number, entry in enumerate(chain):
        entry["name"] = entry["config"]["name"] = f"layer_{number}"
        history = {"class_name": "__keras_tensor__", "config": {}}
        history["config"] = {"keras_history": [f"layer_{number - 1}", 0, 0]}
        entry["inbound_nodes"] = [{"args": [history], "kwargs": {}}] if number else []
    ends = {
        "input_layers": ["layer_0", 0, 0],
        "output_layers": [[f"layer_{len(layers)}", 0, 0]],
    }
    config = {"name": "functional", "layers": chain, **ends}
    return {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "config": config,
        "registered_name": "Functional",
    }


def archive(folder: Path, config: Any, *, metadata: Any = METADATA, **more: str | bytes) -> Path:
    """Write a .keras file and return its path."""
    path = folder / "model.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("metadata.json", json.dumps(metadata))
        file.writestr("config.json", config if isinstance(config, str) else json.dumps(config))
        file.writestr("model.weights.h5", b"\x89HDF")
        for name, data in more.items():
            file.writestr(name, data)
    return path
