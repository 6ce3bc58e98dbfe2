"""Pieces in, vectors out, each computed once: a cache on disk by space and text."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import sys
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


def encode_texts(encoder: Encoder, pieces: Pieces) -> Matrix:
    """Return one vector per text, (texts, dim), with the rate on stderr.

    A transformer's vectors are kept on disk; those of a table are faster made than read.
    """
    description = encoder.description
    if description.kind == "static":
        return encoder.encode(pieces)
    path = cache_folder() / "embeddings" / f"{description.space}.sqlite"
    try:
        return _encode_cached(encoder, pieces, path)
    except sqlite3.DatabaseError as error:
        log.warning("%s cannot be used (%s): it is put aside and begun again", path, error)
        path.replace(path.with_suffix(".damaged"))
        return _encode_cached(encoder, pieces, path)


def _encode_cached(encoder: Encoder, pieces: Pieces, path: Path) -> Matrix:
    path.parent.mkdir(parents=True, exist_ok=True)
    keys = _keys(pieces, encoder.description)
    found: dict[bytes, bytes] = {}
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as base:
        base.execute(
            "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID"
        )
        width = 4 * encoder.description.dim
        for key in set(keys):
            row = base.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
            if row and len(row[0]) == width:
                found[key] = row[0]
        wanted = {key: row for row, key in enumerate(keys) if key not in found}
        rows = sorted(wanted.values(), key=lambda row: -int(pieces.lengths[row]))
        title = f"{encoder.description.name}: {len(found)} texts known, encoding"
        with tqdm(total=len(rows), desc=title, unit=" texts", file=sys.stderr, disable=None) as bar:
            for start in range(0, len(rows), AT_ONCE):
                part = rows[start : start + AT_ONCE]
                vectors = encoder.encode(pieces.take(part), bar.update)
                fresh = {
                    keys[row]: vector.tobytes() for row, vector in zip(part, vectors, strict=True)
                }
                with base:
                    base.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", fresh.items())
                found |= fresh
    flat = np.frombuffer(b"".join(found[key] for key in keys), np.float32)
    return flat.reshape(len(keys), encoder.description.dim).copy()


def _keys(pieces: Pieces, description: Description) -> list[bytes]:
    """Return 16 bytes per text that stand for the pieces that the encoder reads."""
    room = description.max_tokens - 2 if description.max_tokens else None
    return [hashlib.blake2b(ids[:room].tobytes(), digest_size=16).digest() for ids in pieces]
