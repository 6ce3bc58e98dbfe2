"""Shards in, buckets on disk out: the rows in chance order, some thousands at once, one part held out.

Shards may be sorted by label, and a solver that sees one label after another takes many passes. So
the rows are dealt into buckets at random, once. A row's hash says whether it is held out, so that
copies of a text are on one side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cutouts.embed import Batch, Shards
from cutouts.encoders.tokenizer import Pieces
from cutouts.errors import CorpusError
from cutouts.heads.counting import Counting
from cutouts.heads.folds import SEED, Evidence

BUCKET_ROWS = 8_192
HELD_OUT_SHARE = 0.2
HELD_OUT_ROWS = 20_000
HELD_OUT_SCORES = 4_000_000  # rows held out times labels: 32 MB for each of the settings tried
WAITING_ROWS = 32_768  # kept in memory before they are written
MOST_LABELS = 10_000
HELD_OUT = 0  # the number of the bucket that is held out; the others are trained on
FILES = {
    "pieces": np.uint16,
    "lengths": np.int32,
    "vectors": np.float16,
    "labels": np.int32,
    "label_counts": np.int32,
}


class Buckets:
    """Rows on disk, by bucket, with what was counted when they were dealt."""

    def __init__(self, folder: Path, shards: Shards, bucket_rows: int = BUCKET_ROWS) -> None:
        """Make room for these shards in an empty folder."""
        self.dim = shards.dim
        self.counting = Counting()
        self.sizes: Counter[str] = Counter()  # texts by label
        self.multiple = False
        self.rows = 0
        self.left_out = 0
        self.training = range(1, 1 + max(1, -(-shards.rows // bucket_rows)))
        self._folder = folder
        self._share = min(HELD_OUT_SHARE, HELD_OUT_ROWS / max(1, shards.rows))
        self._chance = np.random.default_rng(SEED)
        self._numbers: dict[str, int] = {}  # of labels, as they come
        self._waiting: list[tuple[NDArray[np.int64], Batch]] = []

    @property
    def labels(self) -> tuple[str, ...]:
        """Return every label once, sorted."""
        return tuple(sorted(self._numbers))

    def deal(
        self, shards: Shards, left_out: Collection[bytes], progress: Callable[[int], object]
    ) -> None:
        """Read all shards, count their words, and put each row into its bucket.

        Rows whose hash is in `left_out` are passed over. Raises EmbedError at a shard that is not
        what the index says, CorpusError when there are more labels than a head can tell apart.
        """
        for batch in shards:
            self._add(batch, left_out)
            progress(len(batch.ids))
        self._write()

    def read(self, number: int) -> Evidence:
        """Return the rows of a bucket, with their labels in the order of `labels`."""
        found = {
            name: np.fromfile(self._path(number, name), kind)
            if self._path(number, name).exists()
            else np.zeros(0, kind)
            for name, kind in FILES.items()
        }
        starts = np.concatenate([[0], np.cumsum(found["lengths"], dtype=np.int64)])
        pieces = Pieces(found["pieces"].astype(np.uint32), starts)
        rows = len(pieces)
        place = {name: column for column, name in enumerate(self.labels)}
        column = np.array([place[name] for name in self._numbers], np.int64)
        truth = np.zeros((rows, len(column)), np.bool_)
        truth[np.repeat(np.arange(rows), found["label_counts"]), column[found["labels"]]] = True
        vectors = found["vectors"].astype(np.float32).reshape(rows, self.dim)
        return Evidence(pieces, vectors, truth, self.multiple)

    def _add(self, batch: Batch, left_out: Collection[bytes]) -> None:
        kept = np.array([one not in left_out for one in batch.hashes], np.bool_)
        self.left_out += int((~kept).sum())
        buckets = self._chance.integers(1, self.training.stop, len(kept))
        first = np.array([int.from_bytes(one[:7]) for one in batch.hashes], np.float64)
        buckets[first < self._share * 2.0**56] = HELD_OUT
        buckets[~kept] = -1
        for names, keep in zip(batch.labels or (), kept.tolist(), strict=True):
            if keep:
                self.sizes.update(set(names))
                self.multiple |= len(set(names)) > 1
                for name in names:
                    self._numbers.setdefault(name, len(self._numbers))
        if len(self._numbers) > MOST_LABELS:
            raise CorpusError(
                f"{batch.ids[-1]}: more than {MOST_LABELS:,} labels up to here: is the label column "
                "the right one? Run cutouts embed with another --label-column"
            )
        self.rows += int(kept.sum())
        self.counting.add(batch.pieces if kept.all() else batch.pieces.take(np.flatnonzero(kept)))
        self._waiting.append((buckets, batch))
        if sum(len(buckets) for buckets, _ in self._waiting) >= WAITING_ROWS:
            self._write()

    def _write(self) -> None:
        """Append the rows that wait to the files of their buckets."""
        waiting, self._waiting = self._waiting, []
        parts: dict[int, list[tuple[Batch, NDArray[np.int64]]]] = {}
        for buckets, batch in waiting:
            order = np.argsort(buckets, kind="stable")
            numbers, starts = np.unique(buckets[order], return_index=True)
            for number, rows in zip(numbers.tolist(), np.split(order, starts[1:]), strict=True):
                parts.setdefault(number, []).append((batch, rows))
        for number in sorted(parts.keys() - {-1}):
            for name, values in self._columns(parts[number]).items():
                with self._path(number, name).open("ab") as file:
                    file.write(np.asarray(values, FILES[name]).tobytes())

    def _columns(
        self, parts: list[tuple[Batch, NDArray[np.int64]]]
    ) -> dict[str, NDArray[np.generic] | list[int]]:
        """Return these rows as the files of a bucket hold them."""
        pieces = [batch.pieces[row] for batch, rows in parts for row in rows.tolist()]
        names = [
            sorted({self._numbers[name] for name in (batch.labels or ())[row]})
            for batch, rows in parts
            for row in rows.tolist()
        ]
        return {
            "pieces": np.concatenate(pieces),
            "lengths": [len(ids) for ids in pieces],
            "vectors": np.concatenate([batch.vectors[rows] for batch, rows in parts]),
            "labels": [number for numbers in names for number in numbers],
            "label_counts": [len(numbers) for numbers in names],
        }

    def _path(self, number: int, name: str) -> Path:
        return self._folder / f"{number}.{name}"
