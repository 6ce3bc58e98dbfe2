"""Pieces in, vectors out, each computed once: a cache on disk by space and text."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
from tqdm import tqdm

from cutouts.assets import cache_folder
from cutouts.encoders.description import Description, Encoder, Matrix
from cutouts.encoders.tokenizer import Pieces

log = logging.getLogger("cutouts")

AT_ONCE = 512  # texts encoded between two writes: what an interrupted run keeps
BUSY_SECONDS = 60
DAMAGED = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
ROUNDING = 1e-3  # a vector that is not of length 1 within this was changed on disk

Found = dict[bytes, bytes]  # a text's key, its vector


def encode_texts(encoder: Encoder, pieces: Pieces) -> Matrix:
    """Return one vector per text, (texts, dim), with the rate on stderr.

    A transformer's vectors are kept on disk; those of a table are faster made than read.
    """
    description = encoder.description
    if description.kind == "static":
        return encoder.encode(pieces)
    path = cache_folder() / "embeddings" / f"{description.space}.sqlite"
    keys = _keys(pieces, description)
    found: Found = {}
    try:
        _encode_cached(encoder, pieces, keys, path, found)
    except (sqlite3.Error, OSError) as error:
        log.warning("%s cannot be used (%s): vectors are not kept", path, error)
        _encode_missing(encoder, pieces, keys, found, keep=lambda _: None)
    flat = np.frombuffer(b"".join(found[key] for key in keys), np.float32)
    return flat.reshape(len(keys), description.dim).copy()


def encode_without_keeping(encoder: Encoder, pieces: Pieces) -> Matrix:
    """Return one vector per text, (texts, dim); those that the cache holds are not made again.

    Nothing is added to the cache: who encodes millions of texts keeps their vectors elsewhere.
    """
    description = encoder.description
    path = cache_folder() / "embeddings" / f"{description.space}.sqlite"
    if description.kind == "static" or not path.exists():
        return encoder.encode(pieces)
    keys = _keys(pieces, description)
    found: Found = {}
    try:
        with closing(
            sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)
        ) as base:
            _look_up(base, keys, description.dim, found)
    except sqlite3.Error as error:
        log.warning("%s cannot be used (%s): its vectors are made again", path, error)
    missing = [row for row, key in enumerate(keys) if key not in found]
    vectors = np.zeros((len(keys), description.dim), np.float32)
    vectors[missing] = encoder.encode(pieces.take(missing))
    for row, key in enumerate(keys):
        if key in found:
            vectors[row] = np.frombuffer(found[key], np.float32)
    return vectors


def _look_up(base: sqlite3.Connection, keys: list[bytes], dim: int, found: Found) -> None:
    """Add to `found` the vectors that are kept under these keys and are whole."""
    for key in set(keys):
        row = base.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
        if row and _is_vector(row[0], dim):
            found[key] = row[0]


def _encode_cached(
    encoder: Encoder, pieces: Pieces, keys: list[bytes], path: Path, found: Found
) -> None:
    """Fill `found` from the cache and by encoding; a damaged cache is put aside, once."""
    try:
        _encode_with(encoder, pieces, keys, path, found)
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in DAMAGED:
            raise
        log.warning("%s cannot be used (%s): it is put aside and begun again", path, error)
        path.replace(path.with_suffix(".damaged"))
        Path(f"{path}-journal").unlink(missing_ok=True)
        _encode_with(encoder, pieces, keys, path, found)


def _encode_with(
    encoder: Encoder, pieces: Pieces, keys: list[bytes], path: Path, found: Found
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as base:
        base.execute(
            "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID"
        )
        _look_up(base, keys, encoder.description.dim, found)

        def keep(fresh: Found) -> None:
            with base:
                base.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", fresh.items())

        _encode_missing(encoder, pieces, keys, found, keep)


def _is_vector(stored: object, dim: int) -> bool:
    """Return whether this is a vector of length 1, as every vector of a transformer is."""
    if not isinstance(stored, bytes) or len(stored) != 4 * dim:
        return False
    length = np.linalg.norm(np.frombuffer(stored, np.float32).astype(np.float64))
    return bool(abs(length - 1) <= ROUNDING)  # false for NaN too


def _encode_missing(
    encoder: Encoder,
    pieces: Pieces,
    keys: list[bytes],
    found: Found,
    keep: Callable[[Found], None],
) -> None:
    """Encode the texts whose keys are not in `found`, add them, and give them to `keep`."""
    wanted = {key: row for row, key in enumerate(keys) if key not in found}
    rows = sorted(wanted.values(), key=lambda row: -int(pieces.lengths[row]))
    title = f"{encoder.description.name}: {len(found)} texts known, encoding"
    with tqdm(total=len(rows), desc=title, unit=" texts", file=sys.stderr, disable=None) as bar:
        for start in range(0, len(rows), AT_ONCE):
            part = rows[start : start + AT_ONCE]
            vectors = encoder.encode(pieces.take(part), bar.update)
            fresh = {keys[row]: vector.tobytes() for row, vector in zip(part, vectors, strict=True)}
            found |= fresh
            keep(fresh)


def _keys(pieces: Pieces, description: Description) -> list[bytes]:
    """Return 16 bytes per text that stand for the pieces that the encoder reads."""
    read = description.pieces_read
    return [hashlib.blake2b(ids[:read].tobytes(), digest_size=16).digest() for ids in pieces]
