"""Folders of shards of a stranger in; each thing that is not as it should be is said in one line."""

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cutouts.embed import Layout, read_shards
from cutouts.embed.journal import hash_file
from cutouts.errors import EmbedError
from tests.test_embed import run, write_csv
from tests.tiny import FRUIT, sentences, tiny_static

pytest.importorskip("pyarrow.parquet", reason="pip install 'cutouts[parquet]'")

INDEX, SHARD = "embeddings.json", "part-00001.parquet"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    run(write_csv(tmp_path / "a.csv", sentences(FRUIT, 20, 0)), tmp_path / "out")
    return tmp_path / "out"


def said_of(folder: Path) -> str:
    with pytest.raises(EmbedError) as caught:
        list(read_shards(folder))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def change(folder: Path, **fields: object) -> None:
    """Write other fields into the index."""
    index = json.loads((folder / INDEX).read_text())
    (folder / INDEX).write_text(json.dumps({**index, **fields}))


def rewrite(folder: Path, made: Callable[[Any], Any]) -> None:
    """Put another table into the second shard, and its hash into the index."""
    parquet: Any = importlib.import_module("pyarrow.parquet")
    path = folder / SHARD
    parquet.write_table(made(parquet.read_table(path)), path)
    index = json.loads((folder / INDEX).read_text())
    index["shards"][1] |= {"bytes": path.stat().st_size, "sha256": hash_file(path)}
    change(folder, shards=index["shards"])


def test_a_shard_that_is_cut_off_is_named(folder: Path) -> None:
    path = folder / SHARD
    path.write_bytes(path.read_bytes()[:-100])
    assert f"{SHARD} has " in said_of(folder)
    assert "run cutouts embed again" in said_of(folder)


def test_a_missing_shard_is_named(folder: Path) -> None:
    (folder / SHARD).unlink()
    assert f"{SHARD} is missing" in said_of(folder)


def test_an_altered_shard_is_named(folder: Path) -> None:
    path = folder / SHARD
    content = bytearray(path.read_bytes())
    content[200] ^= 1
    path.write_bytes(content)
    assert f"{SHARD} was altered" in said_of(folder)


def test_a_shard_that_is_no_parquet_is_named_even_with_its_hash(folder: Path) -> None:
    path = folder / SHARD
    path.write_bytes(b"PAR1" + b"x" * 100 + b"PAR1")
    index = json.loads((folder / INDEX).read_text())
    index["shards"][1] |= {"bytes": path.stat().st_size, "sha256": hash_file(path)}
    change(folder, shards=index["shards"])
    assert f"{SHARD} cannot be read as Parquet" in said_of(folder)


def test_a_shard_of_another_space_is_named(folder: Path, tmp_path: Path) -> None:
    source = write_csv(tmp_path / "b.csv", sentences(FRUIT, 20, 0))
    run(source, tmp_path / "other", encoder=tiny_static(made_up=3))
    (tmp_path / "other" / SHARD).replace(folder / SHARD)
    rewrite(folder, lambda table: table)
    space = tiny_static(made_up=3).description.space
    assert f"{SHARD} says space {space}, {INDEX} says " in said_of(folder)


def test_a_shard_of_other_columns_is_named(folder: Path) -> None:
    rewrite(folder, lambda table: table.drop_columns(["pieces"]))
    assert f"{SHARD} has columns id, hash, vector, labels" in said_of(folder)


def test_a_shard_of_other_numbers_is_named(folder: Path, tmp_path: Path) -> None:
    source = write_csv(tmp_path / "b.csv", sentences(FRUIT, 20, 0))
    run(source, tmp_path / "other", layout=Layout("int8", 10))
    (tmp_path / "other" / SHARD).replace(folder / SHARD)
    rewrite(folder, lambda table: table)
    assert f"{SHARD} has columns id, hash, vector, scale, pieces, labels" in said_of(folder)


def test_rows_that_were_taken_out_are_noticed(folder: Path) -> None:
    rewrite(folder, lambda table: table.slice(1))
    assert f"{SHARD} holds 9 rows, {INDEX} says 10" in said_of(folder)


def numbers_of(table: Any, name: str, value: object) -> Any:
    """Return the table with this value in the first place of a column of lists."""
    pyarrow: Any = importlib.import_module("pyarrow")
    field = table.schema.field(name)
    values = [[value, *row[1:]] for row in table[name].to_pylist()]
    return table.set_column(
        table.schema.get_field_index(name), field, pyarrow.array(values, field.type)
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 7.0])
def test_numbers_that_no_vector_has_are_refused(folder: Path, value: float) -> None:
    rewrite(folder, lambda table: numbers_of(table, "vector", value))
    assert f"{SHARD} holds numbers that no vector has" in said_of(folder)


def test_pieces_that_no_tokenizer_gives_are_refused(folder: Path) -> None:
    rewrite(folder, lambda table: numbers_of(table, "pieces", 65_535))
    assert f"{SHARD} holds pieces beyond the " in said_of(folder)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"format": 2}, "has format 2, this version reads 1: update Cutouts"),
        ({"dim": -1}, "dim is '-1'"),
        ({"dim": True}, "dim is 'True'"),
        ({"dim": 10**9}, "dim is '1000000000'"),
        ({"space": "../../etc"}, "space is '../../etc'"),
        ({"numbers": "float64"}, "numbers is 'float64'"),
        ({"encoder": "a\nb"}, "encoder is "),
        ({"tokenizer": None}, "tokenizer is 'None'"),
        ({"shards": {}}, "lists no shards"),
        ({"shards": ["part-00000.parquet"]}, "as a shard"),
        ({"shards": [{"number": 0, "rows": 1, "bytes": 1, "sha256": "../x"}]}, "sha256 is"),
        ({"shards": [{"number": 1, "rows": 1, "bytes": 1, "sha256": "0" * 64}]}, "out of order"),
    ],
)
def test_an_index_that_is_none_is_refused_by_the_field(
    folder: Path, fields: dict[str, object], said: str
) -> None:
    change(folder, **fields)
    assert said in said_of(folder)


@pytest.mark.parametrize("text", ["", "[1]", "{", "[" * 100_000, "\xff"])
def test_an_index_that_is_no_object_is_refused(folder: Path, text: str) -> None:
    (folder / INDEX).write_bytes(text.encode("latin-1"))
    assert INDEX in said_of(folder)


def test_a_folder_without_an_index_is_not_read(tmp_path: Path) -> None:
    assert "holds no embeddings.json: run cutouts embed to its end" in said_of(tmp_path)
