"""Encoded blocks go in, shards on disk come out, each put in place when it is whole."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tqdm import tqdm

from cutouts.embed.blocks import Block
from cutouts.embed.columns import shard_schema
from cutouts.embed.findings import Findings
from cutouts.embed.journal import PARTIAL, Journal, hash_file
from cutouts.embed.plan import Plan
from cutouts.embed.shards import Entry, metadata_of, shard_name
from cutouts.errors import EmbedError

GROUP_ROWS = 16_384
GROUP_BYTES = 1 << 25  # rows are written when there are so many, or so much of them
COMPRESSED = {"id": "ZSTD", "pieces.list.element": "ZSTD", "labels.list.element": "ZSTD"}
"""Vectors and hashes are left as they are: zstd takes 8 % off float16 at a third of the speed."""


@dataclass(slots=True)
class Written:
    """What a run came to."""

    rows_read: int = 0
    encoded: int = 0
    bad: Findings = field(default_factory=Findings)


def write_shards(
    folder: Path, plan: Plan, journal: Journal, blocks: Iterable[Block], bar: tqdm[Any]
) -> Written:
    """Write the shards that are not finished; `blocks` come in the order of the input."""
    schema = _schema(plan)
    written = Written()
    for number, group in itertools.groupby(blocks, key=lambda block: block.shard):
        if number in journal.shards:
            for block in group:
                _count(written, block)
            continue
        with _Shard(folder, number, schema) as shard:
            for block in group:
                _count(written, block)
                written.encoded += shard.write(block.batch)
                bar.update(block.rows)
        journal.note(shard.entry())
    return written


def _count(written: Written, block: Block) -> None:
    written.rows_read += block.rows
    written.bad.append(block.bad)


def _schema(plan: Plan) -> Any:
    recipe = plan.recipe
    schema = shard_schema(recipe.description.dim, recipe.numbers, labelled=plan.inputs.labelled)
    return schema.with_metadata(metadata_of(plan.as_json()))


class _Shard:
    """A file that has no name of a shard until it is whole, and is gone when it is not."""

    def __init__(self, folder: Path, number: int, schema: Any) -> None:
        self._path = folder / shard_name(number)
        self._partial = self._path.with_name(self._path.name + PARTIAL)
        self._schema, self._number = schema, number
        self._waiting: list[Any] = []
        self._rows = 0

    def __enter__(self) -> Self:
        import pyarrow.parquet as pq

        names = self._schema.names
        columns = {"hash": "NONE", "vector.list.element": "NONE", **COMPRESSED}
        columns |= {"scale": "NONE"} if "scale" in names else {}
        repeated = ["labels.list.element"] if "labels" in names else []
        if "scale" in names:  # Parquet stores an int8 in four bytes, its number in a list in one
            repeated.append("vector.list.element")
        self._file = self._partial.open("wb")
        self._writer = pq.ParquetWriter(
            self._file,
            self._schema,
            compression={c: how for c, how in columns.items() if c.split(".")[0] in names},
            use_dictionary=repeated or False,
            write_statistics=False,
        )
        return self

    def write(self, batch: Any) -> int:
        """Add the rows of a batch; return how many."""
        self._waiting.append(batch)
        waiting = sum(len(one) for one in self._waiting)
        if waiting >= GROUP_ROWS or sum(one.nbytes for one in self._waiting) >= GROUP_BYTES:
            self._flush()
        return len(batch)

    def entry(self) -> Entry:
        """Return what embeddings.json says of this shard."""
        size = self._path.stat().st_size
        return Entry(self._number, self._rows, size, hash_file(self._path))

    def _flush(self) -> None:
        import pyarrow as pa

        if self._waiting:
            table = pa.Table.from_batches(self._waiting).replace_schema_metadata(
                self._schema.metadata
            )
            with self._writing():
                self._writer.write_table(table)
            self._rows += len(table)
            self._waiting = []

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._close()
        finally:
            self._writer.is_open = False  # or its destructor writes into the closed file
            self._file.close()
            self._partial.unlink(missing_ok=True)  # in place by now, unless something failed

    def _close(self) -> None:
        self._flush()
        with self._writing():
            self._writer.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._partial.replace(self._path)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Turn what the system says, such as that the disk is full, into an EmbedError."""
        try:
            yield
        except OSError as error:
            said = error.strerror or str(error).splitlines()[0]
            raise EmbedError(
                f"{self._path} cannot be written ({said}): "
                "make room and run again; the shards before it are kept"
            ) from None
