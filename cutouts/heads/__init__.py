"""Heads: word pieces and vectors to labels, trained here, the same in Python and in a browser."""

from __future__ import annotations

from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from cutouts.errors import HeadError
from cutouts.heads.calibration import Calibration
from cutouts.heads.cnn import read_cnn
from cutouts.heads.folds import Evidence, Fitted, Head
from cutouts.heads.linear import read_linear

__all__ = ["Evidence", "Fitted", "Head", "read_head", "write_head"]


def write_head(head: Head, calibration: Calibration) -> bytes:
    """Return the bytes of head.safetensors."""
    tensors = {**head.tensors(), "slope": calibration.slope, "offset": calibration.offset}
    return save({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()})


def read_head(content: bytes, manifest: dict[str, Any]) -> tuple[Head, Calibration]:
    """Return the head and calibration that a bundle holds; raise HeadError when they do not fit."""
    try:
        tensors = load(content)
    except (SafetensorError, KeyError) as error:  # KeyError: a type that numpy has not
        raise HeadError(f"head.safetensors cannot be read ({error})") from None
    labels, dim = len(manifest["labels"]), manifest["encoder"]["dim"]
    slope, offset = tensors.get("slope"), tensors.get("offset")
    if slope is None or offset is None or slope.shape != (labels,) or offset.shape != (labels,):
        raise HeadError(f"head.safetensors lacks a slope and an offset for {labels} labels")
    for name, tensor in (("slope", slope), ("offset", offset)):
        if tensor.dtype != np.float32 or not np.isfinite(tensor).all():
            raise HeadError(f"head.safetensors holds a {name} that is not finite float32")
    calibration = Calibration(manifest["head"]["link"], slope, offset)
    if manifest["head"]["kind"] == "linear":
        return read_linear(tensors, labels, dim), calibration
    return read_cnn(tensors, manifest["head"]["layers"], labels, dim), calibration
