"""A number of rows in; a folder of shards that no text was needed for out, and the encoder it names."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from cutouts.embed.columns import pack, shard_schema
from cutouts.embed.journal import hash_file
from cutouts.embed.plan import FORMAT, make_recipe
from cutouts.embed.shards import INDEX, metadata_of, shard_name
from cutouts.encoders import Pieces, load_encoder
from cutouts.encoders.description import TOKENIZER_FILE
from cutouts.encoders.static import StaticEncoder, static_encoder

DIM = 256
LABELS = 20
SHARD_ROWS = 100_000
PIECES = 12  # of a row
OWN = 0.3  # of the pieces of a row are those of its label
OWN_PIECES = 400  # of each label
WRONG = 0.1  # of the labels


def made_encoder() -> StaticEncoder:
    """Return an encoder of DIM random numbers per piece, with the pieces of the published one."""
    published = load_encoder("static")
    if not isinstance(published, StaticEncoder):
        raise SystemExit("the encoder static has no table")
    tokenizer = make_recipe(published, "float16").contents[TOKENIZER_FILE]
    rows = np.random.default_rng(0).normal(size=(len(published.pieces), DIM)).astype(np.float32)
    return static_encoder(tokenizer, published.pieces, rows, {"texts": 0})


def write_made(folder: Path, rows: int) -> None:
    """Write shards of rows whose words and vectors tell their labels about as well as texts do."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    recipe = make_recipe(made_encoder(), "float16")
    about = recipe.description
    index: dict[str, Any] = {
        "format": FORMAT,
        "space": about.space,
        "encoder": about.name,
        "dim": DIM,
        "tokenizer": recipe.tokenizer,
        "numbers": "float16",
        "vocabulary": about.vocabulary,
        "labelled": True,
        "shards": [],
    }
    schema = shard_schema(DIM, "float16", labelled=True)
    centres = np.random.default_rng(1).normal(size=(LABELS, DIM)).astype(np.float32)
    for number, start in enumerate(range(0, rows, SHARD_ROWS)):
        batch, vectors, pieces = _rows(number, start, min(SHARD_ROWS, rows - start), centres)
        made = pack(batch, vectors, pieces, schema)
        table = pa.Table.from_batches([made]).replace_schema_metadata(metadata_of(index))
        path = folder / shard_name(number)
        pq.write_table(table, path)
        entry = {"number": number, "rows": len(batch), "bytes": path.stat().st_size}
        index["shards"].append({**entry, "sha256": hash_file(path)})
    (folder / INDEX).write_text(json.dumps(index))


def _rows(number: int, start: int, count: int, centres: Any) -> tuple[Any, Any, Pieces]:
    """Return the ids, hashes and labels of a shard as a record batch, its vectors and pieces."""
    import pyarrow as pa

    chance = np.random.default_rng([2, number])
    label = chance.integers(0, LABELS, count)
    vectors = 0.3 * centres[label] + chance.normal(size=(count, DIM)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    common = 1_000 + (20_000 * chance.random((count, PIECES)) ** 3).astype(np.int64)
    own = 1_000 + label[:, None] * OWN_PIECES + chance.integers(0, OWN_PIECES, (count, PIECES))
    ids = np.where(chance.random((count, PIECES)) < OWN, own, common).astype(np.uint32)
    wrong = chance.random(count) < WRONG
    label = np.where(wrong, chance.integers(0, LABELS, count), label)
    names = [str(row) for row in range(start, start + count)]
    hashes = [hashlib.blake2b(name.encode(), digest_size=16).digest() for name in names]
    columns = {
        "id": pa.array(names, pa.string()),
        "hash": pa.array(hashes, pa.binary(16)),
        "labels": pa.array([[f"label {one}"] for one in label], pa.list_(pa.string())),
    }
    starts = np.arange(count + 1, dtype=np.int64) * PIECES
    return pa.record_batch(columns), vectors, Pieces(ids.ravel(), starts)
