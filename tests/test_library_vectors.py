"""The library that the app's code made goes in; the vectors that Python reads come out."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from cutouts import library
from cutouts.errors import LibraryError

GOLDEN = Path(__file__).resolve().parent / "golden" / "library.sqlite"


def test_vectors_are_rows_times_their_scale() -> None:
    with library.open(GOLDEN) as opened:
        assert opened.spaces() == ("tiny",)
        vectors = opened.vectors("tiny")
    assert vectors.keys == ("pie", "pie", "gone")
    assert vectors.passages.tolist() == [0, 1, 0]
    assert vectors.rows.dtype == np.float32
    assert vectors.rows[:2].tolist() == [[0.5, -0.5, 1023.5, -1023.5], [0, 0.5, 5, -512]]
    assert vectors.rows[2:].tolist() == [[3, 3, 3, 3]]


def test_a_space_without_vectors_has_no_rows(tmp_path: Path) -> None:
    path = Path(shutil.copy(GOLDEN, tmp_path))
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("DELETE FROM vector")
    with library.open(path) as opened:
        assert opened.vectors("tiny").rows.shape == (0, 4)


def test_a_space_that_is_not_there_is_named_beside_those_that_are() -> None:
    with library.open(GOLDEN) as opened, pytest.raises(LibraryError) as caught:
        opened.vectors("large")
    assert str(caught.value).endswith("has no vectors of the space 'large', only of: 'tiny'")
