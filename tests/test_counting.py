"""Counting words batch by batch: the same as at once, and what is forgotten when room ends."""

import numpy as np

from cutouts.encoders.tokenizer import Pieces, join
from cutouts.heads.counting import Counting
from cutouts.heads.words import SINGLE, document_frequency


def texts(count: int, vocabulary: int) -> Pieces:
    random = np.random.default_rng(0)
    ranks = (vocabulary * random.random((count, 8)) ** 3).astype(np.uint32)
    return join(list(ranks))


def count(pieces: Pieces, table: int, at_once: int = 10) -> Counting:
    counting = Counting(table)
    for start in range(0, len(pieces), at_once):
        counting.add(pieces.take(np.arange(start, min(start + at_once, len(pieces)))))
    return counting


def test_batches_count_as_all_texts_at_once_do() -> None:
    pieces = texts(95, 30)
    counting = count(pieces, table=10_000)
    keys, counts = counting.found()
    wanted_keys, wanted_counts = document_frequency(pieces)
    assert np.array_equal(keys, wanted_keys)
    assert np.array_equal(counts, wanted_counts)
    assert (counting.texts, counting.lost) == (95, 0)


def test_a_full_table_keeps_every_piece_and_what_is_most_frequent() -> None:
    pieces = texts(2_000, 60)
    counting = count(pieces, table=500)
    keys, counts = counting.found()
    exact = dict(zip(*(column.tolist() for column in document_frequency(pieces)), strict=True))
    assert len(exact) > 1_000
    assert len(keys) <= 500
    assert counting.lost > 0
    assert {key for key in exact if key >> 16 == SINGLE} <= set(keys.tolist())
    for key, counted in zip(keys.tolist(), counts.tolist(), strict=True):
        assert exact[key] - counting.lost <= counted <= exact[key]
    often = {key for key, frequency in exact.items() if frequency > counting.lost}
    assert often <= set(keys.tolist())


def test_nothing_counted_is_nothing_found() -> None:
    keys, counts = Counting().found()
    assert len(keys) == len(counts) == 0
