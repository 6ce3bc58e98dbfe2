"""Word pieces in, batch by batch; how many texts hold each piece and pair out, in bounded memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cutouts.encoders.tokenizer import Pieces
from cutouts.heads.words import SINGLE, Keys, document_frequency

TABLE = 4_000_000  # features that are counted at once: 48 MB, and some times that when it is sorted

Counts = NDArray[np.int64]


class Counting:
    """Document frequencies of features, exact until there are more than `table` of them.

    Then the rarest pairs are forgotten, until half of the room is free, as in lossy counting (Manku
    and Motwani 2002). A pair that comes again is counted anew: a count is at most `lost` too low.
    """

    def __init__(self, table: int = TABLE) -> None:
        """Begin with nothing counted."""
        self.texts = 0
        self.lost = 0
        self._table = table
        self._keys: Keys = np.zeros(0, np.uint32)
        self._counts: Counts = np.zeros(0, np.int64)
        self._waiting: list[tuple[Keys, Counts]] = []

    def add(self, pieces: Pieces) -> None:
        """Count the features of these texts."""
        self.texts += len(pieces)
        self._waiting.append(document_frequency(pieces))
        if sum(len(keys) for keys, _ in self._waiting) > self._table // 2:
            self._merge()

    def found(self) -> tuple[Keys, Counts]:
        """Return the features, sorted, and the number of texts that hold each."""
        self._merge()
        return self._keys, self._counts

    def _merge(self) -> None:
        """Add what waits to the table, which takes a sort, and forget what has no room."""
        waiting, self._waiting = self._waiting, []
        keys = np.concatenate([self._keys, *(keys for keys, _ in waiting)])
        counts = np.concatenate([self._counts, *(counts for _, counts in waiting)])
        order = np.argsort(keys, kind="stable")
        keys, counts = keys[order], counts[order]
        first = np.flatnonzero(np.diff(keys, prepend=~keys[:1]))
        self._keys = keys[first]
        self._counts = np.add.reduceat(counts, first) if len(first) else counts
        if len(self._keys) > self._table:
            self._forget()

    def _forget(self) -> None:
        """Keep every piece, and of the pairs the most frequent that fill half of the table."""
        rank = len(self._counts) - self._table // 2
        least = int(np.partition(self._counts, rank)[rank])
        kept = (self._counts > least) | (self._keys >> 16 == SINGLE)
        self._keys, self._counts = self._keys[kept], self._counts[kept]
        self.lost += least
