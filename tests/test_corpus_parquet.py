"""Parquet files go in where pyarrow is installed; where it is not, what to install comes out."""

import importlib
import sys
import tracemalloc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cutouts.corpus import read_corpus, stream_corpus
from cutouts.errors import CorpusError, RowError


def write(folder: Path, columns: Mapping[str, object]) -> Path:
    pytest.importorskip("pyarrow.parquet", reason="pip install 'cutouts[parquet]'")
    pyarrow: Any = importlib.import_module("pyarrow")
    parquet: Any = importlib.import_module("pyarrow.parquet")
    path = folder / "corpus.parquet"
    parquet.write_table(pyarrow.table(dict(columns)), path)
    return path


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    path = write(tmp_path, {"Title": ["x", "y"], "body": [None, "z"], "category": ["a", None]})
    corpus = read_corpus(path)
    assert (corpus.texts, corpus.labels) == (("x", "y\nz"), (("a",), ()))


def test_labels_may_be_lists_or_numbers(tmp_path: Path) -> None:
    path = write(tmp_path, {"text": ["x", "y"], "labels": [["b", "a"], []], "label": [1, 2]})
    assert read_corpus(path).labels == (("1",), ("2",))
    assert read_corpus(path, label_column="labels").labels == (("a", "b"), ())


def test_what_pandas_makes_of_missing_labels_is_read_as_it_was_meant(tmp_path: Path) -> None:
    nan = float("nan")
    columns = {"text": ["x", "y", "z"], "label": [1.0, nan, 2.5], "tags": [["a", None], None, []]}
    path = write(tmp_path, columns)
    assert read_corpus(path).labels == (("1",), (), ("2.5",))
    assert read_corpus(path, label_column="tags").labels == (("a",), (), ())


def test_text_that_is_stored_as_bytes_is_text(tmp_path: Path) -> None:
    path = write(tmp_path, {"text": [b"x", "\u00e4".encode()], "label": [b"a", b"b"]})
    corpus = read_corpus(path)
    assert (corpus.texts, corpus.labels) == (("x", "\u00e4"), (("a",), ("b",)))


def test_a_label_in_a_list_that_is_no_text_is_one_bad_row(tmp_path: Path) -> None:
    pyarrow: Any = importlib.import_module("pyarrow")
    lists = pyarrow.array([[b"a"], [b"\xff"], [b"b"]])
    broken = lists.view(pyarrow.list_(pyarrow.string()))
    rows = iter(stream_corpus(write(tmp_path, {"text": ["x", "y", "z"], "labels": broken})).rows)
    assert next(rows) == (1, "x", ("a",))
    with pytest.raises(RowError, match="row 2: 'labels' holds"):
        next(rows)
    assert next(rows) == (3, "z", ("b",))


def test_a_large_file_is_never_in_memory(tmp_path: Path) -> None:
    pyarrow: Any = importlib.import_module("pyarrow")
    parquet: Any = importlib.import_module("pyarrow.parquet")
    chance = np.random.default_rng(0)
    # Of chance, or Parquet would store each once.
    texts = [chance.bytes(20_000).hex() for _ in range(1_000)]
    for rows in (10, 1_000):  # in a row group
        path = tmp_path / "corpus.parquet"
        about = {"row_group_size": rows, "use_dictionary": False, "write_batch_size": 10}
        parquet.write_table(pyarrow.table({"text": texts}), path, **about)
        before = pyarrow.total_allocated_bytes()
        held = [pyarrow.total_allocated_bytes() - before for _ in stream_corpus(path).rows]
        assert len(held) == len(texts)
        assert max(held) < 0.25 * sum(map(len, texts))


def test_rows_of_megabytes_become_texts_one_by_one(tmp_path: Path) -> None:
    path = write(tmp_path, {"text": ["x" * 1_000_000, "y"] * 100, "label": ["a", "b"] * 100})
    tracemalloc.start()
    try:
        count = sum(1 for _ in stream_corpus(path).rows)
        _, peak = tracemalloc.get_traced_memory()  # Arrow's own memory is not in it
    finally:
        tracemalloc.stop()
    assert count == 200
    assert peak < 10_000_000


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["x", None], "row 2: 'text' is missing: expected text"),
        ([1.0, float("nan")], "row 1: 'text' is '1.0' (float): expected text"),
        ([float("nan"), 1.0], "row 1: 'text' is NaN: expected text"),
    ],
)
def test_a_text_that_is_none_is_named_with_its_row(
    tmp_path: Path, values: list[object], said: str
) -> None:
    path = write(tmp_path, {"text": values, "label": ["a", "b"]})
    with pytest.raises(CorpusError) as caught:
        read_corpus(path)
    assert str(caught.value) == f"{path}, {said}"


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, {"text": ["x"], "label": ["a"]})
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(CorpusError, match=r"corpus\.parquet cannot be read as Parquet \("):
        read_corpus(path)


def test_without_pyarrow_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path = tmp_path / "corpus.parquet"
    path.write_bytes(b"PAR1PAR1")
    with pytest.raises(CorpusError, match=r"not installed: pip install 'cutouts\[parquet\]'"):
        read_corpus(path)
