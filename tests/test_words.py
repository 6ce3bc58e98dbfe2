"""Word features against a naive loop."""

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutouts.encoders.tokenizer import Pieces, join
from cutouts.heads.words import (
    MAX_PIECE,
    SINGLE,
    count_words,
    document_frequency,
    inverse_document_frequency,
    word_matrix,
)

IDS = st.integers(0, 6) | st.integers(0, MAX_PIECE) | st.integers(MAX_PIECE, 1 << 20)
TEXTS = st.lists(st.lists(IDS, max_size=12), max_size=6)


def pieces_of(texts: list[list[int]]) -> Pieces:
    return join([np.array(ids, np.uint32) for ids in texts])


def counted(ids: list[int]) -> Counter[int]:
    singles = Counter((SINGLE << 16) + piece for piece in ids if piece <= MAX_PIECE)
    return singles + Counter(a * 65536 + b for a, b in pairwise(ids) if max(a, b) <= MAX_PIECE)


@given(TEXTS)
def test_words_are_counted_as_a_loop_counts_them(texts: list[list[int]]) -> None:
    rows, keys, counts = count_words(pieces_of(texts))
    found: list[Counter[int]] = [Counter() for _ in texts]
    for row, key, count in zip(rows.tolist(), keys.tolist(), counts.tolist(), strict=True):
        found[row][key] += count
    assert found == [counted(ids) for ids in texts]


@given(TEXTS)
def test_document_frequency_is_the_number_of_texts_that_hold_a_word(
    texts: list[list[int]],
) -> None:
    keys, frequency = document_frequency(pieces_of(texts))
    expected = Counter(key for ids in texts for key in counted(ids))
    assert dict(zip(keys.tolist(), frequency.tolist(), strict=True)) == dict(expected)
    assert (np.diff(keys.astype(np.int64)) > 0).all()


@given(TEXTS, st.data())
def test_the_matrix_is_that_of_a_loop(texts: list[list[int]], data: st.DataObject) -> None:
    known = sorted({key for ids in texts for key in counted(ids)} | {3, 5})
    kept = sorted(data.draw(st.sets(st.sampled_from(known))))
    idf = {key: 1 + key % 5 / 4 for key in kept}
    weights = np.array([idf[key] for key in kept], np.float32)
    matrix = word_matrix(pieces_of(texts), np.array(kept, np.uint32), weights)
    assert matrix.shape == (len(texts), len(kept))
    for row, ids in zip(matrix.toarray(), texts, strict=True):
        counts = {key: count for key, count in counted(ids).items() if key in idf}
        values = {key: (1 + math.log(count)) * idf[key] for key, count in counts.items()}
        length = math.sqrt(sum(value**2 for value in values.values()))
        expected = [values[key] / length if key in values else 0 for key in kept]
        np.testing.assert_allclose(row, expected, rtol=0, atol=1e-12)


def test_a_pair_does_not_reach_into_the_next_text() -> None:
    keys, _ = document_frequency(pieces_of([[1], [2]]))
    assert keys.tolist() == [(SINGLE << 16) + 1, (SINGLE << 16) + 2]


@pytest.mark.parametrize("texts", [[], [[]], [[], []]])
def test_without_pieces_there_are_no_words(texts: list[list[int]]) -> None:
    keys, frequency = document_frequency(pieces_of(texts))
    assert (len(keys), len(frequency)) == (0, 0)
    assert word_matrix(pieces_of(texts), keys, np.zeros(0, np.float32)).shape == (len(texts), 0)


def test_rare_words_weigh_more_and_words_of_every_text_weigh_1() -> None:
    idf = inverse_document_frequency(9, np.array([9, 4, 1]))
    assert idf.tolist() == pytest.approx([1, 1 + math.log(2), 1 + math.log(5)])


def test_a_piece_that_no_key_can_hold_is_no_feature_nor_is_a_pair_with_it() -> None:
    keys, _ = document_frequency(pieces_of([[65_535, 3, 65_540, 4, 5, 500_000]]))
    assert keys.tolist() == [4 << 16 | 5, *((SINGLE << 16) + piece for piece in (3, 4, 5))]
