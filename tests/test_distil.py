"""From a transformer's vectors to a table's rows."""

import json

import numpy as np
import pytest
from scipy import sparse

from cutouts.encoders.description import Matrix
from cutouts.encoders.distil import (
    HOLD,
    SMOOTHING,
    alone,
    components,
    distil,
    fit_rows,
    pieces_with_rows,
)
from tests.tiny import SPECIAL, tokenizer_json

RANDOM = np.random.default_rng(0)
VECTORS = RANDOM.normal(size=(60, 12)).astype(np.float32)
AXES = components(VECTORS, 5)


def first_rows(vectors: Matrix, dim: int) -> Matrix:
    return distil(vectors, components(vectors, dim))


def test_special_and_reserved_pieces_have_no_row() -> None:
    description = json.loads(tokenizer_json())
    vocabulary = description["model"]["vocab"]
    vocabulary["[unused7]"] = max(vocabulary.values()) + 1
    ids = pieces_with_rows(json.dumps(description).encode())
    names = {index: piece for piece, index in vocabulary.items()}
    assert not {names[i] for i in ids.tolist()} & {*SPECIAL, "[unused7]"}
    assert len(ids) == len(vocabulary) - len(SPECIAL) - 1
    assert (np.diff(ids.astype(np.int64)) > 0).all()


def test_each_piece_stands_alone_in_its_text() -> None:
    pieces = alone(np.array([9, 4, 7], np.uint32))
    assert [ids.tolist() for ids in pieces] == [[9], [4], [7]]


def test_with_every_component_directions_differ_only_by_the_weights() -> None:
    rows = first_rows(VECTORS, 12)
    weight = np.arange(1, 61) / (np.arange(1, 61) + 1 / (SMOOTHING * np.sum(1 / np.arange(1, 61))))
    lengths = np.linalg.norm(rows / weight[:, None], axis=1)
    centred = np.linalg.norm(VECTORS - VECTORS.mean(axis=0), axis=1)
    assert np.corrcoef(lengths, centred)[0, 1] > 0.9


def test_frequent_pieces_count_less() -> None:
    same = np.tile(VECTORS[:2], (30, 1))  # two directions, again and again
    lengths = np.linalg.norm(first_rows(same, 2), axis=1)
    assert (np.diff(lengths[::2]) > 0).all()
    assert (np.diff(lengths[1::2]) > 0).all()


@pytest.mark.parametrize("dim", [1, 5, 12])
def test_the_widest_components_come_first(dim: int) -> None:
    rows = first_rows(VECTORS, dim)
    assert rows.shape == (60, dim)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, first_rows(VECTORS, 12)[:, :dim], rtol=0, atol=1e-6)


def test_the_sign_of_a_component_is_settled() -> None:
    np.testing.assert_allclose(AXES, components(VECTORS.copy(order="F"), 5), atol=1e-6)


def unit(matrix: Matrix) -> Matrix:
    return np.asarray(matrix / np.linalg.norm(matrix, axis=1, keepdims=True))


def test_rows_are_moved_to_where_plain_ridge_regression_puts_them() -> None:
    counts = sparse.csr_array(RANDOM.integers(0, 3, size=(80, 60)).astype(np.float64))
    vectors = RANDOM.normal(size=(80, 12)).astype(np.float32)
    rows = distil(VECTORS, AXES, smoothing=1)  # as long as MiniLM's rows are
    sums = counts @ rows.astype(np.float64)
    shares = counts.toarray() / np.linalg.norm(sums, axis=1, keepdims=True)
    missing = unit((vectors - vectors.mean(axis=0)) @ AXES.T) - unit(sums)
    moved = np.linalg.solve(shares.T @ shares + HOLD * np.eye(60), shares.T @ missing)
    np.testing.assert_allclose(
        fit_rows(rows, counts, vectors, AXES), rows + moved, rtol=0, atol=1e-5
    )


def test_sums_of_fitted_rows_point_where_the_model_does() -> None:
    counts = sparse.csr_array(RANDOM.integers(0, 3, size=(500, 60)).astype(np.float64))
    hidden = RANDOM.normal(size=(60, 12)).astype(np.float32)  # what pieces mean in company
    vectors = unit(counts @ hidden).astype(np.float32)
    wanted = unit((vectors - vectors.mean(axis=0)) @ AXES.T)
    rows = distil(VECTORS, AXES)
    before, after = (
        float(np.mean(np.sum(unit(counts @ some) * wanted, axis=1)))
        for some in (rows, fit_rows(rows, counts, vectors, AXES))
    )
    assert after > 0.9 > before + 0.5


def test_a_piece_in_no_passage_and_an_empty_passage_change_nothing() -> None:
    counts = np.zeros((3, 60))
    counts[0, 4] = counts[1, 4] = 1
    vectors = RANDOM.normal(size=(3, 12)).astype(np.float32)
    rows = distil(VECTORS, AXES)
    fitted = fit_rows(rows, sparse.csr_array(counts), vectors, AXES)
    changed = np.flatnonzero(np.abs(fitted - rows).max(axis=1))
    assert changed.tolist() == [4]
    assert np.isfinite(fitted).all()
