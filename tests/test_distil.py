"""From a transformer's vectors to a table's rows."""

import json

import numpy as np
import pytest

from cutouts.encoders.distil import SMOOTHING, alone, distil, pieces_with_rows
from tests.tiny import SPECIAL, tokenizer_json

VECTORS = np.random.default_rng(0).normal(size=(60, 12)).astype(np.float32)


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
    rows = distil(VECTORS, dim=12)
    weight = np.arange(1, 61) / (np.arange(1, 61) + 1 / (SMOOTHING * np.sum(1 / np.arange(1, 61))))
    lengths = np.linalg.norm(rows / weight[:, None], axis=1)
    centred = np.linalg.norm(VECTORS - VECTORS.mean(axis=0), axis=1)
    assert np.corrcoef(lengths, centred)[0, 1] > 0.9


def test_frequent_pieces_count_less() -> None:
    same = np.tile(VECTORS[:2], (30, 1))  # two directions, again and again
    lengths = np.linalg.norm(distil(same, dim=2), axis=1)
    assert (np.diff(lengths[::2]) > 0).all()
    assert (np.diff(lengths[1::2]) > 0).all()


@pytest.mark.parametrize("dim", [1, 5, 12])
def test_the_widest_components_come_first(dim: int) -> None:
    rows = distil(VECTORS, dim)
    assert rows.shape == (60, dim)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, distil(VECTORS, 12)[:, :dim], rtol=0, atol=1e-6)


def test_the_sign_of_a_component_is_settled() -> None:
    np.testing.assert_allclose(distil(VECTORS, 5), distil(VECTORS.copy(order="F"), 5), atol=1e-6)
