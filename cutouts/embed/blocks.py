"""Inputs go in, blocks of texts come out: what is encoded at once, cut at fixed row numbers."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cutouts.corpus import Row, stream_corpus
from cutouts.embed.findings import Findings, findings_of
from cutouts.embed.plan import Input, Inputs
from cutouts.encoders import MAX_CHARS
from cutouts.errors import RowError

NUMBERED = re.compile(r"^, (?:row|line|bookmark) (\d+).*")  # how an error tells of a row
MOST_TEXTS = 2_048  # of a block
MOST_CHARS = 1 << 18  # of a block, some 65,000 pieces; one text has at most MAX_CHARS
HASH_BYTES = 16


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one shard that stand side by side in the input, before or after they are encoded."""

    shard: int
    rows: int  # of the input, bad ones included
    bad: Findings
    batch: Any  # pyarrow.RecordBatch: texts, or their vectors; None in a shard that is finished

    def as_row(self) -> dict[str, Any]:
        """Return the block as one row of a table, which no engine parts."""
        import pyarrow as pa

        stored = b""
        if self.batch is not None:
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, self.batch.schema) as stream:
                stream.write_batch(self.batch)
            stored = sink.getvalue().to_pybytes()
        bad = json.dumps(self.bad.as_json())
        return {"shard": self.shard, "rows": self.rows, "bad": bad, "batch": stored}


def hash_of(text: str) -> bytes:
    """Return what shards call a text by: 16 bytes of blake2b, of its UTF-8."""
    return hashlib.blake2b(text.encode(), digest_size=HASH_BYTES).digest()


def block_of(row: Mapping[str, Any]) -> Block:
    """Return what `as_row` made a row of."""
    import pyarrow as pa

    batch = None
    if row["batch"]:
        with pa.ipc.open_stream(row["batch"]) as stream:
            batch = stream.read_next_batch()
    return Block(int(row["shard"]), int(row["rows"]), findings_of(json.loads(row["bad"])), batch)


@dataclass(slots=True)
class _Open:
    """The block that is being filled."""

    rows: int = 0
    chars: int = 0
    bad: Findings = field(default_factory=Findings)
    ids: list[str] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    labels: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, row: Row, name: str) -> None:
        """Take a row; an empty text is a bad one."""
        place, text, labels = row
        identity = f"{name}:{place}"
        if not text or text.isspace():
            self.bad.add("empty", identity)
            return
        self.ids.append(identity)
        self.hashes.append(hash_of(text))
        self.texts.append(text[:MAX_CHARS])  # no more of it is read, and ten MB travel nowhere
        self.labels.append(labels)
        self.chars += min(len(text), MAX_CHARS)

    def batch(self) -> Any:
        """Return the texts as a record batch."""
        import pyarrow as pa

        return pa.record_batch(
            {
                "id": pa.array(self.ids, pa.string()),
                "hash": pa.array(self.hashes, pa.binary(HASH_BYTES)),
                "text": pa.array(self.texts, pa.string()),
                "labels": pa.array(self.labels, pa.list_(pa.string())),
            }
        )


def cut_blocks(inputs: Inputs, shard_rows: int, finished: Collection[int]) -> Iterator[Block]:
    """Yield the inputs' rows in order; of shards that are `finished` only the counts.

    Row `n` of all inputs together, bad rows counted, belongs to shard `n // shard_rows`.
    """
    row = 0
    block = _Open()
    for one in inputs.each:
        for found in rows_of(one, inputs.columns):
            shard = row // shard_rows
            if isinstance(found, RowError):
                block.bad.add(found.kind, _place(found, one))
            elif shard not in finished or not found[1].strip():
                block.add(found, one.name)
            row, block.rows = row + 1, block.rows + 1
            full = len(block.texts) >= MOST_TEXTS or block.chars >= MOST_CHARS
            if full or row % shard_rows == 0:
                yield _closed(block, shard, finished)
                block = _Open()
    if block.rows:
        yield _closed(block, row // shard_rows, finished)


def _closed(block: _Open, shard: int, finished: Collection[int]) -> Block:
    return Block(shard, block.rows, block.bad, None if shard in finished else block.batch())


def rows_of(one: Input, columns: Mapping[str, str | None]) -> Iterator[Row | RowError]:
    """Yield each row of an input, or what is wrong with it."""
    rows = iter(stream_corpus(one.source, **columns).rows)
    while True:
        try:
            yield next(rows)
        except StopIteration:
            return
        except RowError as error:
            yield error


def _place(error: RowError, one: Input) -> str:
    """Return where a row is, as its id has it: what its error says before the colon."""
    said = str(error).removeprefix(str(one.source)).partition(": ")[0]
    return one.name + NUMBERED.sub(r":\1", said)
