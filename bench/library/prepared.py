"""Corpora, a bundle and a number in; the file of a library with so many cutouts and their vectors, out.

The file has the library's own tables, with triggers and full text, and is filled by Python's SQLite:
in the browser the same takes hours for a million. What reads it is the library itself.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from bench.library.node import embed, passages_of, run
from bench.library.stock import make_cutouts
from cutouts.encoders import Encoder, Matrix
from cutouts.manifest import Manifest

AT_ONCE = 20_000  # cutouts embedded in one go
EMBEDDED = 100_000  # passages; later ones get vectors near those, which takes a tenth of the time
APART = 0.5  # length of what is added to a vector of length 1
COMMIT = 2000  # cutouts in one transaction
PAGE_BYTES = 4096
UNSAFE = "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF; PRAGMA cache_size = -400000"
TIE = 1e-6  # what the order of additions may change in a sum of float32

INSERT = """
INSERT INTO cutout (id, key, kind, title, body, note, tags, address, site, created, changed,
  title_hash)
VALUES (:id, :key, :kind, :title, :body, :note,
  coalesce((SELECT names FROM tag_names WHERE cutout = :id), ''), :address, :site,
  :created, :created, :title_hash)
"""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A library's file, and what it was made of."""

    path: Path
    titles: list[str]
    own_bytes: int  # of titles, bodies, notes and addresses
    vectors: Matrix  # (passages, dim), exact
    owners: NDArray[np.int32]  # (passages,): the cutout of each, from 1


def prepare(
    folder: Path, corpora: Sequence[Path], number: int, manifest: Manifest, encoder: Encoder
) -> Prepared:
    """Write `library.sqlite` to `folder`; the bundle of `manifest` has read all of it."""
    path = folder / "library.sqlite"
    tables = _tables(folder)
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.executescript(f"PRAGMA page_size = {PAGE_BYTES}; {UNSAFE}")
        for step in tables["steps"]:
            db.executescript(step)
        db.execute(f"PRAGMA application_id = {tables['applicationId']}")
        db.execute(f"PRAGMA user_version = {len(tables['steps'])}")
        _register(db, manifest, encoder)
        titles, own, vectors, owners = _fill(db, folder, make_cutouts(corpora, number), encoder)
    finally:
        db.close()
    return Prepared(path, titles, own, vectors, owners)


def recall(
    prepared: Prepared, queries: Matrix, found: Sequence[Sequence[Sequence[int]]]
) -> list[float]:
    """Return for each way of finding ten cutouts per query which share of them is right.

    Right is what an exact scan in float32 could give too: a cutout at least as near as its tenth.
    """
    right = np.zeros(len(found))
    for number, query in enumerate(queries):
        best = np.full(len(prepared.titles) + 1, -2, np.float32)
        np.maximum.at(best, prepared.owners, prepared.vectors @ query)  # (passages,)
        tenth = np.partition(best, -10)[-10]
        right += [(best[way[number]] >= tenth - TIE).sum() for way in found]
    return list(right / (10 * len(queries)))


def varied(embedded: Sequence[Matrix], count: int, seed: int) -> Matrix:
    """Return so many vectors of length 1 near some of those that are embedded."""
    chance = np.random.default_rng(seed)
    known = np.concatenate(embedded[: -(-EMBEDDED // AT_ONCE)])  # (passages, dim)
    dim = known.shape[1]
    near = known[chance.integers(len(known), size=count)]
    near = near + chance.standard_normal((count, dim), np.float32) * np.float32(APART / dim**0.5)
    return np.asarray(near / np.linalg.norm(near, axis=1, keepdims=True), np.float32)


def stored(vectors: Matrix) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Return the rows and scales that the library keeps of vectors (web/library/search/stored.ts)."""
    largest = np.abs(vectors).max(axis=1).astype(np.float64)
    scales = np.where(largest == 0, 1, largest / 2047)
    numbers = np.floor(vectors / scales[:, None] + 0.5).astype(np.int16)  # (passages, dim)
    low = (numbers & 15).astype(np.uint8)
    rows = np.hstack([(numbers >> 4).astype(np.uint8), low[:, ::2] | low[:, 1::2] << 4])
    return rows, scales  # (passages, 1.5 dim), (passages,)


def _tables(folder: Path) -> dict[str, Any]:
    run("tables", folder)
    tables: dict[str, Any] = json.loads((folder / "tables.json").read_text(encoding="utf-8"))
    return tables


def _register(db: sqlite3.Connection, manifest: Manifest, encoder: Encoder) -> None:
    head = next(one for one in manifest["files"] if one["path"] == "head/head.safetensors")
    space = encoder.description.space
    if space != manifest["encoder"]["space"]:
        raise ValueError(
            f"the bundle is of space {manifest['encoder']['space']}, the encoder of {space}"
        )
    db.execute(
        "INSERT INTO model VALUES (1, ?, ?, ?, 1)", (head["sha256"], manifest["name"], space)
    )
    db.execute("INSERT INTO space VALUES (1, ?, ?)", (space, encoder.description.dim))


def _fill(
    db: sqlite3.Connection, folder: Path, cutouts: Iterator[dict[str, object]], encoder: Encoder
) -> tuple[list[str], int, Matrix, NDArray[np.int32]]:
    titles: list[str] = []
    own = 0
    vectors: list[Matrix] = []
    owners: list[int] = []
    known: dict[str, int] = {}
    while batch := list(itertools.islice(cutouts, AT_ONCE)):
        first = len(titles) + 1
        passages = passages_of(folder, batch)
        hashes = json.loads((folder / "title_hashes.json").read_text(encoding="utf-8"))
        batch = [{**one, "title_hash": number} for one, number in zip(batch, hashes, strict=True)]
        texts = [text for one in passages for text in one]
        is_embedded = len(owners) < EMBEDDED
        made = embed(texts, encoder) if is_embedded else varied(vectors, len(texts), first)
        _insert(db, first, batch, passages, made, known)
        titles += [str(one["title"]) for one in batch]
        own += sum(_own_bytes(one) for one in batch)
        vectors.append(made)
        owners += [first + place for place, one in enumerate(passages) for _ in one]
    return titles, own, np.concatenate(vectors), np.array(owners, np.int32)


def _own_bytes(cutout: Mapping[str, object]) -> int:
    return sum(len(str(cutout[part]).encode()) for part in ("title", "body", "note", "address"))


def _insert(
    db: sqlite3.Connection,
    first: int,
    batch: Sequence[dict[str, Any]],
    passages: Sequence[Sequence[str]],
    vectors: Matrix,
    known: dict[str, int],
) -> None:
    rows, scales = stored(vectors)
    passage = 0
    for place, cutout in enumerate(batch):
        if place % COMMIT == 0:
            db.execute("BEGIN")
        number = first + place
        for name in cutout["tags"]:  # before the cutout, as the library does
            tag = known.setdefault(name, len(known) + 1)
            db.execute("INSERT OR IGNORE INTO tag VALUES (?, ?, ?)", (tag, name, name.lower()))
            given = (number, tag, "person", None, None, cutout["created"])
            db.execute("INSERT INTO cutout_tag VALUES (?, ?, ?, ?, ?, ?)", given)
        site = urlsplit(cutout["address"]).hostname or ""
        db.execute(INSERT, {**_texts(cutout), "id": number, "site": site})
        for part in range(len(passages[place])):
            vector = (1, number, part, float(scales[passage]), rows[passage].tobytes())
            db.execute("INSERT INTO vector VALUES (?, ?, ?, ?, ?)", vector)
            passage += 1
        if place % COMMIT == COMMIT - 1 or place == len(batch) - 1:
            db.execute("DELETE FROM job")
            db.execute("COMMIT")


def _texts(cutout: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in cutout.items() if name not in ("tags", "anchor")}
