"""The published files of USE lite go in, its weights by short names and its pieces come out.

The model is a TensorFlow.js graph: model.json lists the weights in order, and the shards hold them
one after the other as little-endian numbers of four bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutouts.errors import EncoderError

Weights = Mapping[str, NDArray[np.float32]]

PIECES = 8_000
ROWS = 8_002  # of the embedding: the last two belong to no piece
WIDTH = 256  # of the embedding and of the first block's attention
DIM = 512  # of everything after it
HIDDEN = 1_536

_ENCODE = "Encoder_en/KonaTransformer/Encode/"
_LAYER = f"module_apply_default/{_ENCODE}Layer_{{0}}/TransformerLayer/"
_STACK = f"module_apply_default/{_ENCODE}TransformerStack/Layer_{{0}}/"
_PLAIN = f"module/{_ENCODE}Layer_{{0}}/TransformerLayer/MultiheadAttention/"
_TANH = "module/Encoder_en/hidden_layers/tanh_layer_0/"
_WHOLE = "ConcatPartitions/concat"
_NORM = f"layer_prepostprocess/layer_norm/layer_norm_{{0}}/{_WHOLE}"


def _names(layer: int) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Return the published name and the shape of each weight of a block, by short name."""
    width = WIDTH if layer == 0 else DIM
    here, plain = _LAYER.format(layer), _PLAIN.format(layer)
    attention, up = f"{here}MultiheadAttention/", f"{here}FFN/conv1/bias/{_WHOLE}"
    stack = f"{_STACK.format(layer)}TransformerLayer/FFN/"
    found = {
        "norm.scale": (here + _NORM.format("scale"), (width,)),
        "norm.bias": (here + _NORM.format("bias"), (width,)),
        "qkv.kernel": (f"{plain}qkv_transform_single/kernel/part_0", (width, 3 * width)),
        "qkv.bias": (f"{attention}qkv_transform_single/bias/{_WHOLE}", (3 * width,)),
        "out.kernel": (f"{plain}output_transform_single/kernel/part_0", (width, DIM)),
        "out.bias": (f"{attention}output_transform_single/bias/{_WHOLE}", (DIM,)),
        "ffn.norm.scale": (f"{here}FFN/{_NORM.format('scale')}", (DIM,)),
        "ffn.norm.bias": (f"{here}FFN/{_NORM.format('bias')}", (DIM,)),
        "up.kernel": (f"{stack}conv1/Tensordot/Reshape_1", (DIM, HIDDEN)),
        "up.bias": (up, (HIDDEN,)),
        "down.kernel": (f"{stack}conv2/Tensordot/Reshape_1", (HIDDEN, DIM)),
        "down.bias": (f"{here}FFN/conv2/bias/{_WHOLE}", (DIM,)),
    }
    if layer == 0:  # the first block widens its input before it is added
        found["skip.kernel"] = (f"{here}dense/kernel/{_WHOLE}", (WIDTH, DIM))
        found["skip.bias"] = (f"{here}dense/bias/{_WHOLE}", (DIM,))
    return {f"{layer}.{name}": value for name, value in found.items()}


def _all_names() -> dict[str, tuple[str, tuple[int, ...]]]:
    return {
        "embedding": ("module/Embeddings_en", (ROWS, WIDTH)),
        "frequencies": (
            f"{_STACK.format(0)}AddTimingSignal/TimingSignal/ExpandDims_1",
            (WIDTH // 2,),
        ),
        **_names(0),
        **_names(1),
        "tanh.kernel": (f"{_TANH}weights", (DIM, DIM)),
        "tanh.bias": (f"{_TANH}bias", (DIM,)),
    }


def read_weights(model_json: bytes, shards: Sequence[bytes]) -> dict[str, NDArray[np.float32]]:
    """Return the weights by short name; raise EncoderError when the files do not fit together."""
    entries: list[dict[str, Any]] = [
        entry for group in json.loads(model_json)["weightsManifest"] for entry in group["weights"]
    ]
    data = b"".join(shards)
    wanted = sum(4 * _size(entry) for entry in entries)
    if len(data) != wanted:
        raise EncoderError(
            f"the shards of USE lite hold {len(data):,} bytes, model.json lists {wanted:,}: "
            "take all of them from one package"
        )
    published: dict[str, NDArray[np.float32]] = {}
    start = 0
    for entry in entries:
        kind = "<f4" if entry["dtype"] == "float32" else "<i4"
        published[entry["name"]] = np.frombuffer(data, kind, _size(entry), start)
        start += 4 * _size(entry)
    return {short: _shaped(published, *named) for short, named in _all_names().items()}


def _size(entry: Mapping[str, Any]) -> int:
    return int(np.prod(entry["shape"], dtype=np.int64))


def _shaped(
    published: Mapping[str, NDArray[np.float32]], name: str, shape: tuple[int, ...]
) -> NDArray[np.float32]:
    found = published.get(name)
    if found is None or found.size != np.prod(shape) or found.dtype != np.float32:
        what = "nothing" if found is None else f"{found.size:,} numbers of {found.dtype}"
        raise EncoderError(
            f"model.json of USE lite has {what} for {name}, expected float32 {shape}: "
            "take the published files"
        )
    return found.reshape(shape)


def read_vocabulary(vocab_json: bytes) -> list[tuple[str, float]]:
    """Return the pieces with their scores, in order of their ids.

    Nine scores are odd, since the file was once read as a spreadsheet: ":" and its like have none
    (which JavaScript adds as 0) and ":30" has 30. The original adds them as they are, and so do we.
    """
    listed = json.loads(vocab_json)
    if len(listed) != PIECES:
        raise EncoderError(
            f"vocab.json of USE lite lists {len(listed):,} pieces, expected {PIECES:,}: "
            "take the published file"
        )
    return [(str(piece), float(score or 0)) for piece, score in listed]
