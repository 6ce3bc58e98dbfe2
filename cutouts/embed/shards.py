"""A folder of shards goes in, checked like any file of a stranger; batches of vectors come out."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cutouts.embed.columns import shard_schema, unpack_pieces, unpack_vectors
from cutouts.embed.plan import FORMAT, MOST_PIECES, NUMBERS
from cutouts.encoders import Matrix, Pieces
from cutouts.errors import EmbedError

INDEX = "embeddings.json"
# The plan, then a line per shard; INDEX takes its place at the end.
JOURNAL_FILE = "unfinished.jsonl"
REPAIR = "run cutouts embed again, with --again if it refuses"
MOST_INDEX_BYTES = 1 << 28
BATCH_ROWS = 4_096
HEX = re.compile(r"[0-9a-f]{64}")
SPACE = re.compile(r"[0-9a-f]{16}")
ENCODER = re.compile(r"[^\0-\x1f]{1,255}")  # a name of ours, of a folder, or of the hub
IN_EACH_SHARD = ("space", "encoder", "dim", "tokenizer", "numbers")
LARGEST_NUMBER = 1.01  # vectors have length 1 or are all zeros; the rest is rounding


@dataclass(frozen=True, slots=True)
class Entry:
    """One shard, as embeddings.json lists it."""

    number: int
    rows: int
    bytes: int
    sha256: str

    def as_json(self) -> dict[str, Any]:
        """Return the object of embeddings.json."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts that stand side by side: what is known of each, without the text."""

    ids: tuple[str, ...]  # the name of the input and the row
    hashes: tuple[bytes, ...]  # blake2b of the text in UTF-8, 16 bytes
    vectors: Matrix  # (n, dim) in float32, of length 1 or all zeros
    pieces: Pieces
    labels: tuple[tuple[str, ...], ...] | None  # None where no input has labels


@dataclass(frozen=True, slots=True)
class Shards:
    """A folder of vectors whose index has been checked; shards are checked as they are read."""

    folder: Path
    encoder: str
    space: str
    dim: int
    vocabulary: int
    tokenizer: str  # sha256 of tokenizer.json
    numbers: str
    labelled: bool
    entries: tuple[Entry, ...]

    @property
    def rows(self) -> int:
        """Return how many texts all shards hold."""
        return sum(entry.rows for entry in self.entries)

    def __iter__(self) -> Iterator[Batch]:
        """Yield all texts in the order of the input, some thousands at once."""
        return self.batches()

    def batches(self, size: int = BATCH_ROWS) -> Iterator[Batch]:
        """Yield all texts in the order of the input, at most `size` at once.

        Raises EmbedError at the shard that is missing, altered, or not what the index says.
        """
        for entry in self.entries:
            yield from self._read(entry, size)

    def _read(self, entry: Entry, size: int) -> Iterator[Batch]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.folder / shard_name(entry.number)
        _check_bytes(path, entry)
        try:
            with pq.ParquetFile(path) as file:
                self._check_schema(path, file, entry)
                for batch in file.iter_batches(batch_size=size):
                    yield self._batch(path, batch)
        except (pa.ArrowException, OSError) as error:
            said = str(error).splitlines()[0]
            raise EmbedError(f"{path} cannot be read as Parquet ({said}): {REPAIR}") from None

    def _check_schema(self, path: Path, file: Any, entry: Entry) -> None:
        expected = shard_schema(self.dim, self.numbers, labelled=self.labelled)
        found = file.schema_arrow
        if not found.equals(expected):
            raise EmbedError(f"{path} has columns {', '.join(found.names)[:200]}: {REPAIR}")
        stored = {key.decode(): value.decode() for key, value in (found.metadata or {}).items()}
        wanted = metadata_of({name: getattr(self, name) for name in IN_EACH_SHARD})
        for name, value in wanted.items():
            if stored.get(name) != value:
                said = f"says {name} {str(stored.get(name))[:60]}, {INDEX} says {value}"
                raise EmbedError(f"{path} {said}: {REPAIR}")
        if file.metadata.num_rows != entry.rows:
            said = f"holds {file.metadata.num_rows:,} rows, {INDEX} says {entry.rows:,}"
            raise EmbedError(f"{path} {said}: {REPAIR}")

    def _batch(self, path: Path, batch: Any) -> Batch:
        vectors, pieces = unpack_vectors(batch, self.dim), unpack_pieces(batch)
        if not (np.abs(vectors) <= LARGEST_NUMBER).all():  # false for NaN too
            raise EmbedError(f"{path} holds numbers that no vector has: {REPAIR}")
        if pieces.ids.max(initial=0) >= self.vocabulary:
            raise EmbedError(f"{path} holds pieces beyond the {self.vocabulary:,} known: {REPAIR}")
        labels = None
        if self.labelled:
            labels = tuple(tuple(names) for names in batch["labels"].to_pylist())
        ids, hashes = batch["id"].to_pylist(), batch["hash"].to_pylist()
        return Batch(tuple(ids), tuple(hashes), vectors, pieces, labels)


def read_shards(folder: str | Path) -> Shards:
    """Return the shards of a folder that `cutouts embed` has finished.

    Raises EmbedError when the folder is not finished, its index is damaged, or is of a newer format.
    """
    folder = Path(folder)
    path = folder / INDEX
    if not path.is_file():
        raise EmbedError(f"{folder} holds no {INDEX}: run cutouts embed to its end")
    index = read_json(path)
    if index.get("format") != FORMAT:
        said = f"has format {str(index.get('format'))[:20]}, this version reads {FORMAT}"
        raise EmbedError(f"{path} {said}: update Cutouts")
    entries = tuple(read_entries(index.get("shards"), path))
    if [entry.number for entry in entries] != list(range(len(entries))):
        raise EmbedError(f"{path} lists shards out of order: {REPAIR}")
    return Shards(
        folder,
        _text(index, "encoder", path, ENCODER),
        _text(index, "space", path, SPACE),
        _number(index, "dim", path, 1, 1 << 16),
        _number(index, "vocabulary", path, 1, MOST_PIECES),
        _text(index, "tokenizer", path, HEX),
        _text(index, "numbers", path, re.compile("|".join(NUMBERS))),
        index.get("labelled") is True,
        entries,
    )


def is_embedded(path: Path) -> bool:
    """Return whether this is a folder that `cutouts embed` has written to, finished or not."""
    return any((path / name).exists() for name in (INDEX, JOURNAL_FILE, shard_name(0)))


def shard_name(number: int) -> str:
    """Return the file name of a shard."""
    return f"part-{number:05}.parquet"


def metadata_of(index: Mapping[str, Any]) -> dict[str, str]:
    """Return what the schema of each shard says of it, from the fields of embeddings.json."""
    return {"format": str(FORMAT), **{name: str(index[name]) for name in IN_EACH_SHARD}}


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a file; raise EmbedError when there is none."""
    if path.stat().st_size > MOST_INDEX_BYTES:
        raise EmbedError(f"{path} is larger than any index: {REPAIR}")
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise EmbedError(f"{path} is not JSON ({error}): {REPAIR}") from None
    if not isinstance(found, dict):
        raise EmbedError(f"{path} holds no object: {REPAIR}")
    return found


def read_entries(listed: object, path: Path) -> list[Entry]:
    """Return the shards that a file lists; raise EmbedError when these are none."""
    if not isinstance(listed, list):
        raise EmbedError(f"{path} lists no shards: {REPAIR}")
    entries = []
    for one in listed:
        if not isinstance(one, dict):
            raise EmbedError(f"{path} lists {str(one)[:60]!r} as a shard: {REPAIR}")
        number, rows, size = (
            _number(one, name, path, 0, 1 << 50) for name in ("number", "rows", "bytes")
        )
        entries.append(Entry(number, rows, size, _text(one, "sha256", path, HEX)))
    return entries


def _text(index: Mapping[str, Any], name: str, path: Path, shape: re.Pattern[str]) -> str:
    found = index.get(name)
    if not isinstance(found, str) or not shape.fullmatch(found):
        raise EmbedError(f"{path}: {name} is {str(found)[:60]!r}: {REPAIR}")
    return found


def _number(index: Mapping[str, Any], name: str, path: Path, least: int, most: int) -> int:
    found = index.get(name)
    if not isinstance(found, int) or isinstance(found, bool) or not least <= found <= most:
        raise EmbedError(f"{path}: {name} is {str(found)[:60]!r}: {REPAIR}")
    return found


def _check_bytes(path: Path, entry: Entry) -> None:
    """Raise EmbedError unless the file is there and is the one that was written."""
    if not path.is_file():
        raise EmbedError(f"{path} is missing: {REPAIR}")
    if path.stat().st_size != entry.bytes:
        said = f"has {path.stat().st_size:,} bytes, {INDEX} says {entry.bytes:,}"
        raise EmbedError(f"{path} {said}: {REPAIR}")
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != entry.sha256:
            raise EmbedError(f"{path} was altered: {REPAIR}")
