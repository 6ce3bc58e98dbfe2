"""CSV and TSV files, well formed and not, go in; their rows or the row at fault come out."""

import csv
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from cutouts.corpus import read_corpus
from cutouts.corpus.decoding import MAX_FIELD_CHARS
from cutouts.errors import CorpusError

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)


def write(folder: Path, content: str, name: str = "corpus.csv") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8", newline="")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(CorpusError) as caught:
        read_corpus(path)
    return str(caught.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@example(rows=[("0\t\r1", "a")])
@example(rows=[("0\t\n1", "a"), ("2\t\n3", "b")])
@given(rows=st.lists(st.tuples(TEXTS, st.sampled_from("abc")), min_size=1))
def test_what_the_csv_module_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, delimiter: str, rows: list[tuple[str, str]]
) -> None:
    # With a tab and the file's own line ending in each cell, such lines are as good rows.
    assume(delimiter != "\t" or not any("\t" in text and "\r\n" in text for text, _ in rows))
    path = tmp_path_factory.mktemp("csv") / "corpus.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerows([("text", "label"), *rows])
    corpus = read_corpus(path, keep_duplicates=True)
    assert corpus.texts == tuple(text for text, _ in rows)
    assert corpus.labels == tuple((label,) for _, label in rows)


@given(
    rows=st.lists(
        st.text(st.sampled_from('ab" é😀,;'), min_size=1).filter(lambda text: text[0] != '"'),
        min_size=1,
    )
)
def test_a_tsv_file_without_quoting_is_read_as_it_stands(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str]
) -> None:
    path = tmp_path_factory.mktemp("tsv") / "corpus.tsv"
    path.write_text("label\ttext\n" + "".join(f"a\t{row}\n" for row in rows), encoding="utf-8")
    assert read_corpus(path, keep_duplicates=True).texts == tuple(rows)


def test_a_quotation_mark_in_plain_tsv_swallows_no_lines(tmp_path: Path) -> None:
    path = write(tmp_path, 'text\tlabel\n"half\ta\nx\tb\nhalf"\ta\n', "corpus.tsv")
    assert read_corpus(path).texts == ('"half', "x", 'half"')


def test_a_quoted_cell_of_tsv_may_hold_lines_and_tabs(tmp_path: Path) -> None:
    path = write(tmp_path, 'text\tlabel\n"one\ntwo\tthree ""x"""\ta\ny\tb\n', "corpus.tsv")
    assert read_corpus(path).texts == ('one\ntwo\tthree "x"', "y")


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(tmp_path: Path, ending: str) -> None:
    path = write(tmp_path, ending.join(["text,label", "x,a", "", "y,b", "  ", ""]))
    assert read_corpus(path).texts == ("x", "y")


def test_a_row_with_too_many_cells_is_named(tmp_path: Path) -> None:
    said = refusal(write(tmp_path, "text,label\nx,a\nHello, world,b\n"))
    assert "corpus.csv, row 3: 3 cells, expected 2 as in the first row" in said
    assert "put quotation marks around a cell that holds the delimiter" in said


def test_a_row_with_too_few_cells_is_named(tmp_path: Path) -> None:
    assert "row 2: 1 cells, expected 2" in refusal(write(tmp_path, "text,label\nx\n"))


def test_delimiters_at_the_end_of_a_row_are_no_cells(tmp_path: Path) -> None:
    assert read_corpus(write(tmp_path, "text,label\nx,a,,\n")).texts == ("x",)


def test_a_quotation_mark_left_open_is_named(tmp_path: Path) -> None:
    said = refusal(write(tmp_path, 'text,label\nx,a\n"y,b\nz,c\n'))
    assert "row 3: the file ends inside a quoted cell: close its quotation mark" in said


def test_text_after_a_closing_quotation_mark_is_named(tmp_path: Path) -> None:
    said = refusal(write(tmp_path, 'text,label\n"a" b,c\n'))
    assert "row 2 (line 2): text after a closing quotation mark" in said


def test_a_cell_beyond_the_limit_is_named(tmp_path: Path) -> None:
    content = f"text,label\nx,a\n{'y' * (MAX_FIELD_CHARS + 1)},b\n"
    said = refusal(write(tmp_path, content))
    assert f"row 3: a cell of more than {MAX_FIELD_CHARS:,} characters" in said


def test_a_cell_at_the_limit_is_read(tmp_path: Path) -> None:
    long = "y" * MAX_FIELD_CHARS
    assert read_corpus(write(tmp_path, f"text,label\n{long},b\n")).texts == (long,)


def test_the_limit_of_the_csv_module_is_left_as_it_was(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    read_corpus(write(tmp_path, "text,label\nx,a\n"))
    refusal(write(tmp_path, 'text,label\n"x,a\n'))
    assert csv.field_size_limit() == before


def test_a_first_row_that_is_a_long_text_is_no_header(tmp_path: Path) -> None:
    said = refusal(write(tmp_path, f"{'y' * 200_000},a\nx,b\n"))
    assert f"has no text column, only '{'y' * 40}...', 'a': expected" in said


def test_blank_lines_alone_are_refused(tmp_path: Path) -> None:
    assert "holds only blank lines" in refusal(write(tmp_path, "\n\n  \n"))
