"""Word pieces in, the direction of the sum of their rows out: an encoder that is one int8 table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save
from scipy import sparse

from cutouts.encoders.description import (
    TOKENIZER_FILE,
    Description,
    Matrix,
    Progress,
    space_of,
)
from cutouts.encoders.tokenizer import Pieces, Tokenizer
from cutouts.errors import EncoderError

TABLE_FILE = "table.safetensors"
NAME = "static"


@dataclass(frozen=True)
class StaticEncoder:
    """One row per word piece; a text's vector is the sum of its rows, scaled to length 1."""

    description: Description
    tokenizer_json: bytes
    pieces: NDArray[np.uint32]  # (rows,), sorted: the ids that have a row
    rows: NDArray[np.int8]  # (rows, dim)
    scales: NDArray[np.float32]  # (rows,)

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """Return what turns texts into pieces."""
        return Tokenizer(self.tokenizer_json)

    @cached_property
    def _table(self) -> NDArray[np.float64]:
        return self.rows.astype(np.float64) * self.scales[:, None]

    def encode(self, pieces: Pieces, progress: Progress | None = None) -> Matrix:
        """Return one vector per text, (texts, dim); a text without a known piece is all zeros."""
        sums = count_rows(pieces, self.pieces) @ self._table  # (texts, rows) @ (rows, dim)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        if progress is not None:
            progress(len(pieces))
        lengths[lengths == 0] = 1
        return np.asarray(sums / lengths, np.float32)

    @property
    def file_bytes(self) -> int:
        """Return the bytes of the files that `write` writes."""
        return self.table_bytes + len(self.tokenizer_json)

    @property
    def table_bytes(self) -> int:
        """Return the bytes of the table: rows, scales and piece numbers."""
        return self.rows.nbytes + self.scales.nbytes + 2 * len(self.pieces)

    def write(self, folder: Path) -> None:
        """Write tokenizer.json and table.safetensors."""
        for name, content in _contents(self).items():
            (folder / name).write_bytes(content)

    def smaller(self, dim: int, pieces: NDArray[np.uint32]) -> StaticEncoder:
        """Return the encoder with its first `dim` numbers and with rows for `pieces` only.

        Its receipt says that what it holds was measured on the whole table.
        """
        kept = np.isin(self.pieces, pieces)
        values = self._table[kept, :dim].astype(np.float32)
        whole = f"the whole table, {self.description.dim} numbers for {len(self.pieces)} pieces"
        receipt = {**self.description.receipt, "measured_on": whole}
        made = static_encoder(self.tokenizer_json, self.pieces[kept], values, receipt)
        space, dim = made.description.space, made.description.dim
        return replace(
            made, description=replace(self.description, space=space, dim=dim, receipt=receipt)
        )


def count_rows(pieces: Pieces, known: NDArray[np.uint32]) -> sparse.csr_array:
    """Return how often each text holds each piece of `known`, which is sorted: (texts, known)."""
    there = np.isin(pieces.ids, known)
    where = (pieces.texts()[there], np.searchsorted(known, pieces.ids[there]))
    shape = (len(pieces), len(known))
    return sparse.coo_array((np.ones(len(where[0])), where), shape=shape).tocsr()


def static_encoder(
    tokenizer_json: bytes,
    pieces: NDArray[np.uint32],
    values: NDArray[np.float32],
    receipt: Mapping[str, float | str],
) -> StaticEncoder:
    """Return the encoder with these rows, (len(pieces), dim), rounded to int8 with a scale each."""
    scales = np.maximum(np.abs(values).max(axis=1), 1e-12) / np.float32(127)
    rows = np.rint(values / scales[:, None]).astype(np.int8)
    description = Description(
        kind="static",
        name=NAME,
        space="",
        dim=values.shape[1],
        max_tokens=0,
        vocabulary=Tokenizer(tokenizer_json).vocabulary,
        receipt=receipt,
    )
    encoder = StaticEncoder(description, tokenizer_json, pieces, rows, scales.astype(np.float32))
    space = space_of(_contents(encoder), pooling="sum", normalised=True)
    return replace(encoder, description=replace(description, space=space))


def read_static(contents: Mapping[str, bytes], description: Description) -> StaticEncoder:
    """Return the encoder whose files are `contents`; raise EncoderError when they do not fit."""
    try:
        table = load(contents[TABLE_FILE])
        pieces, rows, scales = table["pieces"], table["rows"], table["scales"]
    except (SafetensorError, KeyError) as error:
        raise EncoderError(
            f"{TABLE_FILE} cannot be read ({error}): build the bundle again"
        ) from None
    if (
        rows.dtype != np.int8
        or rows.shape != (len(pieces), description.dim)
        or len(scales) != len(pieces)
    ):
        raise EncoderError(
            f"{TABLE_FILE} holds {rows.shape} rows of {rows.dtype} for {len(pieces)} pieces, "
            f"the manifest says {description.dim} numbers of int8 each: build the bundle again"
        )
    if scales.dtype != np.float32 or scales.ndim != 1 or not np.isfinite(scales).all():
        raise EncoderError(
            f"{TABLE_FILE} holds scales of {scales.dtype} {scales.shape} or that are not finite, "
            f"expected float32 ({len(pieces)},): build the bundle again"
        )
    _check_pieces(pieces, description.vocabulary)
    return StaticEncoder(
        description, contents[TOKENIZER_FILE], pieces.astype(np.uint32), rows, scales
    )


def _check_pieces(pieces: NDArray[np.generic], vocabulary: int) -> None:
    """Raise EncoderError unless these are sorted piece numbers of the vocabulary."""
    kinds = (np.uint16, np.uint32)
    if pieces.dtype not in kinds or pieces.ndim != 1:
        raise EncoderError(
            f"{TABLE_FILE} holds pieces of {pieces.dtype} {pieces.shape}, "
            "expected uint16 or uint32 in a row: build the bundle again"
        )
    numbers = pieces.astype(np.int64)
    if (np.diff(numbers) <= 0).any() or (numbers >= vocabulary).any():
        raise EncoderError(
            f"{TABLE_FILE} holds pieces that are not sorted or not below {vocabulary}: "
            "build the bundle again"
        )


def _contents(encoder: StaticEncoder) -> dict[str, bytes]:
    small = encoder.description.vocabulary <= np.iinfo(np.uint16).max + 1
    table = {
        "pieces": encoder.pieces.astype(np.uint16 if small else np.uint32),
        "rows": encoder.rows,
        "scales": encoder.scales,
    }
    return {TOKENIZER_FILE: encoder.tokenizer_json, TABLE_FILE: save(table)}
