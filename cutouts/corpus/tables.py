"""A file in CSV or TSV goes in, its rows of text and labels come out."""

import csv
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from cutouts.corpus.addresses import Source, reading
from cutouts.corpus.columns import Asked, choose_columns
from cutouts.corpus.decoding import MAX_FIELD_CHARS, is_text, lines
from cutouts.corpus.rows import Found, Row
from cutouts.errors import CorpusError, RowError

Record = tuple[int, list[str] | RowError]  # the number of a row, and its cells or what is wrong

WEIGHED_BYTES = 1 << 20
DELIMITERS = (",", ";", "\t")  # the one that parts the header into most columns; first wins a tie


def read_table(path: Source, asked: Asked) -> Found:
    """Return the rows of a table whose first row names its columns."""
    header = next((x for x in lines(path, streamed=asked.streamed) if x.strip()), "")
    if not header:
        raise CorpusError(f"{path} holds only blank lines: expected a row of column names")
    with _field_limit(len(header)):
        delimiter = max(DELIMITERS, key=lambda mark: len(_cells(header, mark)))
    records = _records(path, delimiter, streamed=asked.streamed)
    _, names = next(records)
    if isinstance(names, RowError):
        raise names
    columns = choose_columns([name.strip() for name in names], asked, path, "row")
    stripped, width = [name.strip() for name in names], len(names)
    text_at = [stripped.index(name) for name in columns.text]
    label_at = None if columns.label is None else stripped.index(columns.label)

    def row(record: Record) -> Row:
        number, cells = record
        if isinstance(cells, RowError):
            raise cells
        if len(cells) != width:
            _check_width(path, number, cells, width)
        text = columns.read_text([cells[at] for at in text_at], number)
        return (
            number,
            text,
            columns.read_labels(None if label_at is None else cells[label_at], number),
        )

    return Found(
        map(row, records),
        "row",
        columns.origin,
        labelled=columns.label is not None,
        count=lambda: _estimated(path, delimiter),
    )


def _estimated(path: Source, delimiter: str) -> int:
    """Return about how many rows there are below the names: the first ones, and what they weigh."""
    with reading(path), path.open("rb") as file:
        start = file.read(WEIGHED_BYTES)
        size = file.seek(0, os.SEEK_END)
    text = io.StringIO(start.decode("utf-8", errors="replace"), newline="")
    with _field_limit(WEIGHED_BYTES):
        rows = sum(1 for cells in csv.reader(text, delimiter=delimiter) if cells)
    return max(1, round(rows * size / len(start)) - 1)


def _records(path: Source, delimiter: str, *, streamed: bool) -> Iterator[Record]:
    """Yield the number, as a spreadsheet counts, and the cells of each row that is not blank.

    Where a row cannot be parted into cells, the next line begins the next row. When such a row
    has taken several lines, nobody knows where it should have ended: CorpusError is raised.
    """
    plain = delimiter == "\t" and _is_plain(path, streamed=streamed)
    quoting: Literal[0, 3] = csv.QUOTE_NONE if plain else csv.QUOTE_MINIMAL
    number = 0
    with _field_limit(MAX_FIELD_CHARS):
        source = lines(path, streamed=streamed)
        reader = csv.reader(source, delimiter=delimiter, quoting=quoting, strict=True)
        while True:
            number, before = number + 1, reader.line_num
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                said = _explain(path, number, reader.line_num, str(error))
                if reader.line_num != before + 1:
                    raise CorpusError(said) from error
                yield number, RowError(said, "large" if "larger" in str(error) else "malformed")
                continue
            if len(cells) == 1 and not cells[0].strip():
                continue
            if streamed and not all(map(is_text, cells)):
                said = f"{path}, row {number}: holds bytes that are no text: save it as UTF-8"
                yield number, RowError(said, "undecodable")
            elif cells:
                yield number, _unquoted(cells) if plain else cells


def _is_plain(path: Source, *, streamed: bool) -> bool:
    """Return whether each line of a TSV file is a row: quotation marks then join no lines.

    Some programs quote cells as in CSV, others never do and write `"` for itself. A cell that
    holds a tab or a line ending is quoted by the first kind, and then lines differ in their tabs;
    or, where each such cell holds both, in their endings, and a quotation mark is left open.
    """
    tabs, endings, is_open = set(), set(), False
    for line in lines(path, streamed=streamed):
        endings.add(line[len(line.rstrip("\r\n")) :])
        if line.strip():
            tabs.add(line.count("\t"))
            is_open = is_open or line.count('"') % 2 == 1
    return len(tabs) == 1 and not (is_open and len(endings - {""}) > 1)


def _unquoted(cells: list[str]) -> list[str]:
    """Return cells without the quotation marks around them, where they are well formed."""
    return [
        cell[1:-1].replace('""', '"')
        if len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in cell[1:-1].replace('""', "")
        else cell
        for cell in cells
    ]


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


@contextmanager
def _field_limit(chars: int) -> Iterator[None]:
    """Let the csv module read fields of that length; its limit belongs to the whole process."""
    before = csv.field_size_limit(chars)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _check_width(path: Source, number: int, cells: list[str], expected: int) -> None:
    if len(cells) < expected or any(cells[expected:]):
        raise RowError(
            f"{path}, row {number}: {len(cells)} cells, expected {expected} as in the first row: "
            "put quotation marks around a cell that holds the delimiter"
        )


def _explain(path: Source, row: int, line: int, said: str) -> str:
    place = f"{path}, row {row}"
    if "field larger than" in said:
        return (
            f"{place}: a cell of more than {MAX_FIELD_CHARS:,} characters: "
            "cut it into passages, or close a quotation mark that was left open"
        )
    if "unexpected end of data" in said:
        return f"{place}: the file ends inside a quoted cell: close its quotation mark"
    if "expected after" in said:
        return (
            f"{place} (line {line}): text after a closing quotation mark: "
            'write a quotation mark inside a quoted cell twice ("")'
        )
    return f"{place} (line {line}): {said}: is this a CSV file?"
