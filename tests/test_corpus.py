"""Small files go in through `read_corpus`; what is kept, counted and refused comes out."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutouts.corpus import check_trainable, read_corpus
from cutouts.errors import CorpusError


def corpus_of(folder: Path, *rows: str, head: str = "text,label") -> Path:
    path = folder / "corpus.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8", newline="")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(CorpusError) as caught:
        check_trainable(read_corpus(path))
    return str(caught.value)


def test_texts_and_labels_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    corpus = read_corpus(corpus_of(tmp_path, "a cat,animal", "a car,machine", "a dog,animal"))
    assert corpus.name == "corpus"
    assert corpus.texts == ("a cat", "a car", "a dog")
    assert corpus.labels == (("animal",), ("machine",), ("animal",))
    assert corpus.label_names == ("animal", "machine")
    assert not corpus.multiple


def test_an_exact_duplicate_is_kept_once_and_counted(tmp_path: Path) -> None:
    corpus = read_corpus(corpus_of(tmp_path, "x,a", "y,b", "x,a", "x,a"))
    assert corpus.texts == ("x", "y")
    assert corpus.report.duplicates == 2
    assert "exact duplicates, kept once: 2 (row 4, row 5)" in str(corpus.report)


def test_of_conflicting_labels_the_most_frequent_is_kept(tmp_path: Path) -> None:
    corpus = read_corpus(corpus_of(tmp_path, "x,a", "x,b", "x,b", "y,a"))
    assert corpus.labels == (("b",), ("a",))
    assert (corpus.report.conflicts, corpus.report.duplicates) == (1, 1)
    assert "with the most frequent label: 1 (row 3)" in str(corpus.report)


def test_of_equally_frequent_labels_the_first_is_kept(tmp_path: Path) -> None:
    assert read_corpus(corpus_of(tmp_path, "x,b", "x,a")).labels == (("b",),)


def test_a_label_outvotes_its_absence(tmp_path: Path) -> None:
    assert read_corpus(corpus_of(tmp_path, "x,", "x,", "x,a")).labels == (("a",),)


def test_with_several_labels_per_text_copies_are_united(tmp_path: Path) -> None:
    corpus = read_corpus(corpus_of(tmp_path, "x,a|b", "x,c", "y,a", head="text,labels"))
    assert corpus.labels == (("a", "b", "c"), ("a",))
    assert corpus.multiple
    assert "with the labels of all copies together: 1 (row 3)" in str(corpus.report)


def test_empty_texts_are_set_aside_and_counted(tmp_path: Path) -> None:
    corpus = read_corpus(corpus_of(tmp_path, ",a", "  ,b", "x,a"))
    assert corpus.texts == ("x",)
    assert "empty texts, set aside: 2 (row 2, row 3)" in str(corpus.report)
    assert (corpus.report.rows, corpus.report.kept) == (3, 1)


def test_a_text_without_a_label_is_an_example_of_none(tmp_path: Path) -> None:
    corpus = read_corpus(corpus_of(tmp_path, "x,a", "y,", "z,  "))
    assert corpus.labels == (("a",), (), ())
    assert "texts without a label, kept as examples of none: 2 (row 3, row 4)" in str(corpus.report)


def test_a_label_with_a_single_text_is_named_and_kept(tmp_path: Path) -> None:
    corpus = read_corpus(corpus_of(tmp_path, "x,a", "y,a", "z,rare"))
    assert corpus.report.lonely == ("rare",)
    assert "labels with a single text: 1 ('rare')" in str(corpus.report)


def test_a_benchmark_keeps_every_row_and_still_counts(tmp_path: Path) -> None:
    path = corpus_of(tmp_path, "x,a", "x,a", "x,b", ",a")
    corpus = read_corpus(path, keep_duplicates=True)
    assert corpus.texts == ("x", "x", "x", "")
    assert corpus.labels == (("a",), ("a",), ("b",), ("a",))
    report = corpus.report
    assert (report.rows, report.kept, report.duplicates) == (4, 4, 1)
    assert (report.conflicts, report.empty) == (1, 1)
    assert "exact duplicates, kept: 1" in str(report)


def test_the_report_shows_only_the_first_places(tmp_path: Path) -> None:
    report = read_corpus(corpus_of(tmp_path, *["x,a"] * 9)).report
    assert "kept once: 8 (row 3, row 4, row 5, row 6, row 7, ...)" in str(report)


def test_a_clean_corpus_has_a_report_of_two_lines(tmp_path: Path) -> None:
    report = read_corpus(corpus_of(tmp_path, "x,a", "y,b", "z,a", "w,b")).report
    assert str(report).splitlines() == [
        "texts: 4 read, 4 kept; labels: 2, one each",
        "text from 'text', labels from 'label'",
    ]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "lost.csv") == f"{tmp_path / 'lost.csv'} is not there: check the name"


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    assert "pipe.csv is no file but a pipe or a device: save" in refusal(tmp_path / "pipe.csv")


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_bytes(b"")
    assert refusal(path) == f"{path} is empty: expected labelled texts"


def test_a_header_alone_holds_no_texts(tmp_path: Path) -> None:
    assert "corpus holds no texts" in refusal(corpus_of(tmp_path))


def test_a_single_label_is_refused_by_name(tmp_path: Path) -> None:
    path = corpus_of(tmp_path, "x,cats", "y,cats", "z,cats")
    assert refusal(path) == "all 3 texts are labelled 'cats': add a second label"


def test_a_single_label_beside_none_is_refused_too(tmp_path: Path) -> None:
    path = corpus_of(tmp_path, "x,cats", "y,cats", "z,")
    assert "2 of 3 texts are labelled 'cats', the others have none: add a second" in refusal(path)


def test_no_label_at_all_is_refused(tmp_path: Path) -> None:
    assert "none of the 2 texts of corpus has a label" in refusal(corpus_of(tmp_path, "x,", "y,"))


def test_a_column_of_unique_values_is_doubted_as_labels(tmp_path: Path) -> None:
    path = corpus_of(tmp_path, "x,1", "y,2", "z,3")
    assert "each of the 3 labels of corpus has a single text: is this the label" in refusal(path)


def test_two_labels_can_be_learned(tmp_path: Path) -> None:
    check_trainable(read_corpus(corpus_of(tmp_path, "x,a", "y,a", "z,b")))


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (
            b"SQLite format 3\0",
            "the SQLite database of another program: export its texts as CSV; CSV",
        ),
        (b"PK\x03\x04", "a ZIP archive or an office document: save its table as CSV"),
        (b"\x1f\x8b\x08", "compressed with gzip: unpack it first"),
        (b"%PDF-1.7", "a PDF document"),
    ],
)
def test_a_file_of_another_kind_is_refused_by_its_kind(
    tmp_path: Path, start: bytes, said: str
) -> None:
    path = tmp_path / "corpus.csv"
    path.write_bytes(start + b"text,label\n")
    assert said in refusal(path)


def test_an_unknown_suffix_is_refused_with_what_is_read(tmp_path: Path) -> None:
    path = tmp_path / "corpus.xml2"
    path.write_text("text,label\nx,a\n")
    assert "has the unknown suffix '.xml2': expected CSV, TSV, JSON Lines" in refusal(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("corpus", "text,label\nx,a\n"),
        ("corpus.txt", "text\tlabel\nx\ta\n"),
        ("corpus.json", '{"text": "x", "label": "a"}\n'),
        ("corpus.CSV", "text,label\nx,a\n"),
        ("corpus.csv", "text;label\nx;a\n"),
        ("corpus.ndjson", '\n{"text": "x", "label": "a"}\n'),
    ],
)
def test_the_format_is_found_by_content_and_suffix(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    corpus = read_corpus(path)
    assert (corpus.texts, corpus.labels) == (("x",), (("a",),))


STARTS = [
    b"",
    b"text,label\n",
    b"text\tlabel\n",
    b'{"text":"',
    b"\xff\xfet\0e\0",
    b"PAR1",
    b"<DL><DT>",
    b"SQLite format 3\0",
    b"SQLite format 3\0" + b"\0" * 52 + b"Cuts",
]


@given(
    start=st.sampled_from(STARTS),
    rest=st.binary(max_size=60),
    suffix=st.sampled_from(["", ".csv", ".tsv", ".jsonl", ".parquet", ".html", ".db"]),
)
def test_no_bytes_end_in_anything_but_a_corpus_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, start: bytes, rest: bytes, suffix: str
) -> None:
    path = tmp_path_factory.mktemp("bytes") / f"corpus{suffix}"
    path.write_bytes(start + rest)
    try:
        assert read_corpus(path).report.rows > 0
    except CorpusError as error:
        assert "corpus" in str(error)


def test_a_file_called_train_takes_the_name_of_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "pets"
    folder.mkdir()
    rows = "text,label\na cat,cat\na dog,dog\n"
    for name in ("train.csv", "animals.csv"):
        (folder / name).write_text(rows)
    assert read_corpus(folder / "train.csv").name == "pets"
    assert read_corpus(folder / "animals.csv").name == "animals"
