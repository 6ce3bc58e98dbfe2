"""Vectors and pieces go in, columns of a shard come out, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutouts.embed.blocks import HASH_BYTES
from cutouts.encoders import Matrix, Pieces

LARGEST = 127  # of an int8


def shard_schema(dim: int, numbers: str, *, labelled: bool) -> Any:
    """Return the columns of a shard as a pyarrow.Schema, without metadata."""
    import pyarrow as pa

    def column(name: str, kind: Any) -> Any:
        return pa.field(name, kind, nullable=False)

    number = pa.float16() if numbers == "float16" else pa.int8()
    fields = [
        column("id", pa.string()),
        column("hash", pa.binary(HASH_BYTES)),
        column("vector", pa.list_(column("element", number), dim)),
        *([column("scale", pa.float32())] if numbers == "int8" else []),
        column("pieces", pa.list_(column("element", pa.uint16()))),
        *([column("labels", pa.list_(column("element", pa.string())))] if labelled else []),
    ]
    return pa.schema(fields)


def pack(batch: Any, vectors: Matrix, pieces: Pieces, schema: Any) -> Any:
    """Return a record batch of `schema`: the ids, hashes and labels of `batch`, and their vectors."""
    import pyarrow as pa

    columns = {"id": batch["id"], "hash": batch["hash"]}
    if "scale" in schema.names:
        numbers, scales = to_int8(vectors)
        columns["scale"] = pa.array(scales, pa.float32())
    else:
        numbers = vectors.astype(np.float16)
    flat = pa.array(numbers.reshape(-1), schema.field("vector").type.value_type)
    columns["vector"] = pa.FixedSizeListArray.from_arrays(flat, type=schema.field("vector").type)
    starts = pa.array(pieces.starts.astype(np.int32), pa.int32())
    ids = pa.array(pieces.ids.astype(np.uint16), pa.uint16())
    columns["pieces"] = pa.ListArray.from_arrays(starts, ids, type=schema.field("pieces").type)
    if "labels" in schema.names:
        columns["labels"] = batch["labels"].cast(schema.field("labels").type)
    return pa.record_batch([columns[name] for name in schema.names], schema=schema)


def to_int8(vectors: Matrix) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return each vector in whole steps, (n, dim), and the step of each, (n,)."""
    scales = np.abs(vectors).max(axis=1, initial=0) / np.float32(LARGEST)
    steps = np.where(scales == 0, np.float32(1), scales)[:, None]
    return np.rint(vectors / steps).astype(np.int8), scales.astype(np.float32)


def unpack_vectors(batch: Any, dim: int) -> Matrix:
    """Return the vectors of a record batch, (n, dim), in float32."""
    flat = np.from_dlpack(batch["vector"].flatten())  # `to_numpy` would import pandas
    vectors = flat.astype(np.float32).reshape(len(batch), dim)
    if "scale" in batch.schema.names:
        vectors *= np.from_dlpack(batch["scale"]).astype(np.float32)[:, None]
    return np.asarray(vectors, np.float32)


def unpack_pieces(batch: Any) -> Pieces:
    """Return the pieces of a record batch."""
    column = batch["pieces"]
    starts = np.from_dlpack(column.offsets).astype(np.int64)
    ids = np.from_dlpack(column.flatten()).astype(np.uint32)
    return Pieces(ids, starts - starts[0])
