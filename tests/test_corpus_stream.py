"""Files with bad rows in; each bad row is told and the rows behind it come, whatever the format."""

import csv
import importlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from cutouts.corpus import Row, find_sources, mark_of, read_corpus, stream_corpus
from cutouts.corpus.decoding import MAX_FIELD_CHARS
from cutouts.errors import CorpusError, RowError

HUGE = "x" * (MAX_FIELD_CHARS + 1)


def streamed(path: Path, **columns: str) -> tuple[list[Row], list[str]]:
    """Return the rows, and the kinds of the bad ones."""
    rows: list[Row] = []
    bad: list[str] = []
    found = iter(stream_corpus(path, **columns).rows)
    while True:
        try:
            rows.append(next(found))
        except StopIteration:
            return rows, bad
        except RowError as error:
            bad.append(error.kind)


def texts(rows: list[Row]) -> list[str]:
    return [text for _, text, _ in rows]


def test_bad_rows_of_a_table_are_told_and_the_others_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = [b"text,label", b"one,a", b"caf\xe9,b", b"nul\0,b", HUGE.encode() + b",a"]
    lines += [b"too,many,cells", b'"quoted" and not,b', b"two,b", b""]
    path.write_bytes(b"\n".join(lines))
    rows, bad = streamed(path)
    assert rows == [(2, "one", ("a",)), (8, "two", ("b",))]
    assert bad == ["undecodable", "undecodable", "large", "malformed", "malformed"]
    with pytest.raises(CorpusError, match="byte 0xE9"):
        read_corpus(path)


def test_a_bad_row_of_several_lines_ends_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('text,label\none,a\n"open\nstill" open,b\ntwo,b\n')
    with pytest.raises(CorpusError, match=r"row 3 \(line 4\): text after a closing") as caught:
        streamed(path)
    assert not isinstance(caught.value, RowError)


def test_bad_lines_of_json_are_told_and_the_others_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = [b'{"text": "one"}', b"{", b"[1]", b'{"text": 1}', b'{"text": "\xff"}', b'{"no": ""}']
    lines += [b'{"text": "' + HUGE.encode() + b'"}', b'{"text": "two"}']
    path.write_bytes(b"\n".join(lines))
    rows, bad = streamed(path)
    assert texts(rows) == ["one", "two"]
    assert bad == [*["malformed"] * 3, "undecodable", "malformed", "large"]


def test_a_line_longer_than_any_is_one_bad_row(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("cutouts.corpus.decoding.MAX_LINE_CHARS", 40)
    monkeypatch.setattr("cutouts.corpus.jsonl.MAX_LINE_CHARS", 40)
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "one"}\n{"text": "' + "x" * 200 + '"}\n{"text": "two"}\n')
    rows, bad = streamed(path)
    assert (texts(rows), bad) == (["one", "two"], ["large"])


def test_bad_cells_of_parquet_are_told_and_the_others_read(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow.parquet", reason="pip install 'cutouts[parquet]'")
    pyarrow: Any = importlib.import_module("pyarrow")
    parquet: Any = importlib.import_module("pyarrow.parquet")
    stored = pyarrow.array([b"one", b"\xff", None, b"two"]).view(pyarrow.string())
    parquet.write_table(pyarrow.table({"text": stored}), tmp_path / "a.parquet")
    rows, bad = streamed(tmp_path / "a.parquet")
    assert (texts(rows), bad) == (["one", "two"], ["undecodable", "malformed"])
    assert stream_corpus(tmp_path / "a.parquet").total == 4


def test_bad_files_of_a_folder_are_told_and_the_others_read(tmp_path: Path) -> None:
    (tmp_path / "label").mkdir()
    for name, content in (("a", b"one"), ("b", b"\xff"), ("c", b"two")):
        (tmp_path / "label" / name).write_bytes(content)
    rows, bad = streamed(tmp_path)
    assert rows == [("label/a", "one", ("label",)), ("label/c", "two", ("label",))]
    assert bad == ["undecodable"]


def test_a_table_without_labels_is_streamed_and_not_trained_on(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text\none\n")
    assert stream_corpus(path).labelled is False
    assert streamed(path) == ([(2, "one", ())], [])
    with pytest.raises(CorpusError, match="no label column"):
        read_corpus(path)


def test_every_cutout_of_a_library_is_streamed_with_its_key(root: Path) -> None:
    path = root / "tests" / "golden" / "library.sqlite"
    rows, bad = streamed(path)
    tagged = read_corpus(path, keep_duplicates=True)
    assert not bad
    assert len({place for place, _, _ in rows}) == len(rows)
    assert len(rows) == tagged.report.rows + tagged.report.untagged


def test_a_pattern_finds_files_in_order_and_one_that_fits_nothing_is_named(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "c.txt"):
        (tmp_path / name).touch()
    assert find_sources(f"{tmp_path}/*.csv") == [tmp_path / "a.csv", tmp_path / "b.csv"]
    with pytest.raises(CorpusError, match=r"no file is called .*\*.html: check the pattern"):
        find_sources(f"{tmp_path}/*.html")


def test_the_mark_of_a_file_changes_with_it(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text\none\n")
    before = mark_of(path)
    assert mark_of(path) == before
    path.write_text("text\none\ntwo\n")
    assert mark_of(path) != before


def test_an_address_is_read_as_a_file_is(tmp_path: Path) -> None:
    pytest.importorskip("fsspec", reason="pip install fsspec")
    for name, text in (("a.csv", "text,label\none,a\n"), ("b.jsonl", '{"text": "two"}\n')):
        (tmp_path / name).write_text(text)
    first, second = find_sources(f"file://{tmp_path}/*")
    assert [*stream_corpus(first).rows, *stream_corpus(second).rows] == [
        (2, "one", ("a",)),
        (1, "two", ()),
    ]
    assert mark_of(first) != mark_of(second)


def test_parquet_at_an_address_is_read(tmp_path: Path) -> None:
    pytest.importorskip("fsspec", reason="pip install fsspec")
    pytest.importorskip("pyarrow.parquet", reason="pip install 'cutouts[parquet]'")
    pyarrow: Any = importlib.import_module("pyarrow")
    parquet: Any = importlib.import_module("pyarrow.parquet")
    parquet.write_table(pyarrow.table({"text": ["one", "two"]}), tmp_path / "a.parquet")
    (source,) = find_sources(f"file://{tmp_path}/a.parquet")
    assert [text for _, text, _ in stream_corpus(source).rows] == ["one", "two"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nowhere://a/b.csv", "cannot be opened (Protocol not known: nowhere): install its driver"),
        ("file:///not/there.csv", "is not there: check the name"),
    ],
)
def test_an_address_that_cannot_be_read_is_named(address: str, said: str) -> None:
    pytest.importorskip("fsspec", reason="pip install fsspec")
    with pytest.raises(CorpusError) as caught:
        stream_corpus(*find_sources(address))
    assert said in str(caught.value)
    assert address in str(caught.value)


NO_WAY = "no way to the endpoint"


@pytest.fixture
def faulty() -> Any:
    """Give a system whose driver has errors of its own, as botocore has, beyond `good` bytes."""
    fsspec: Any = pytest.importorskip("fsspec", reason="pip install fsspec")

    class File(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() >= Faulty.good:
                raise RuntimeError(f"{NO_WAY}\nsecond line")
            return super().read(size)

    class Faulty(fsspec.AbstractFileSystem):  # type: ignore[misc]
        protocol = "faulty"
        content = b""
        good = 1 << 30
        tag = "first"

        def info(self, path: str, **_: Any) -> dict[str, object]:
            if not self.good:
                raise RuntimeError(NO_WAY)
            return {"name": path, "size": len(self.content), "ETag": self.tag}

        def open(self, *_: Any, **__: Any) -> Any:
            return File(self.content)

    fsspec.register_implementation("faulty", Faulty, clobber=True)
    return Faulty


def in_parquet(texts: list[str]) -> bytes:
    pyarrow: Any = importlib.import_module("pyarrow")
    parquet: Any = importlib.import_module("pyarrow.parquet")
    sink = pyarrow.BufferOutputStream()
    parquet.write_table(pyarrow.table({"text": texts}), sink, compression=None)
    content: bytes = sink.getvalue().to_pybytes()
    return content


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
@pytest.mark.parametrize("good", [0, 1 << 20])
def test_what_a_driver_raises_is_one_line(faulty: Any, name: str, good: int) -> None:
    texts = [f"a text of some words, and a number: {number}" for number in range(60_000)]
    content = {
        "a.csv": lambda: "\n".join(["text", *(f'"{text}"' for text in texts)]).encode(),
        "a.jsonl": lambda: "\n".join(json.dumps({"text": text}) for text in texts).encode(),
        "a.parquet": lambda: in_parquet([f"{text} {text}" for text in texts]),
    }[name]()
    assert len(content) > 2 << 20
    faulty.content = content
    (source,) = find_sources(f"faulty://{name}")
    assert len(list(stream_corpus(source).rows)) == len(texts)
    faulty.good = good
    with pytest.raises(CorpusError) as caught:
        list(stream_corpus(source).rows)
    assert str(caught.value) == f"faulty://{name} cannot be read: {NO_WAY}"
    if not good:
        with pytest.raises(CorpusError, match=f"faulty://{name} cannot be read: {NO_WAY}"):
            mark_of(source)


def test_what_is_told_of_a_file_elsewhere_marks_it_where_its_key_never_changes(faulty: Any) -> None:
    (source,) = find_sources("faulty://a.csv")
    before = mark_of(source)
    assert mark_of(source) == before
    faulty.tag = "second"
    assert mark_of(source) != before


def test_an_address_may_lead_into_an_archive(tmp_path: Path) -> None:
    pytest.importorskip("fsspec", reason="pip install fsspec")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("inside/b.csv", "text,label\none,a\ntwo,b\n")
    (source,) = find_sources(f"zip://inside/b.csv::file://{tmp_path}/a.zip")
    assert (source.name, source.suffix) == ("b.csv", ".csv")
    assert [text for _, text, _ in stream_corpus(source).rows] == ["one", "two"]
    assert mark_of(source) == mark_of(source)
    (source,) = find_sources(f"simplecache::file://{tmp_path}/a.zip")
    assert (source.name, source.suffix) == ("a.zip", ".zip")


@pytest.mark.parametrize("separator", [",", "\t"])
def test_the_rows_of_a_table_are_estimated_before_they_are_read(
    tmp_path: Path, separator: str
) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerow(["text", "label"])
        writer.writerows([f"line {n}\nand {'more ' * (n % 40)}", "a"] for n in range(30_000))
    assert stream_corpus(path).total == pytest.approx(30_000, rel=0.02)
    path.write_text("text,label\none,a\n\ntwo,b\n")
    assert stream_corpus(path).total == 2


def test_the_files_of_a_folder_are_counted_before_they_are_read(tmp_path: Path) -> None:
    for name in ("a/1.txt", "a/2.txt", "b/1.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("one")
    assert stream_corpus(tmp_path).total == 3
