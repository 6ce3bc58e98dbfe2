"""Parquet files go in where pyarrow is installed; where it is not, what to install comes out."""

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cutouts.corpus import read_corpus
from cutouts.errors import CorpusError


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
