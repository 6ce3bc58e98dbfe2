"""A file in CSV or TSV goes in, its rows of text and labels come out."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from cutouts.corpus.columns import Asked, choose_columns
from cutouts.corpus.decoding import MAX_FIELD_CHARS, lines
from cutouts.corpus.rows import Found, Row
from cutouts.errors import CorpusError

DELIMITERS = (",", ";", "\t")  # the one that parts the header into most columns; first wins a tie


def read_table(path: Path, asked: Asked) -> Found:
    """Return the rows of a table whose first row names its columns."""
    header = next((line for line in lines(path) if line.strip()), "")
    if not header:
        raise CorpusError(f"{path} holds only blank lines: expected a row of column names")
    with _field_limit(len(header)):
        delimiter = max(DELIMITERS, key=lambda mark: len(_cells(header, mark)))
    records = _records(path, delimiter)
    _, names = next(records)
    columns = choose_columns([name.strip() for name in names], asked, path, "row")
    stripped, width = [name.strip() for name in names], len(names)
    text_at = [stripped.index(name) for name in columns.text]
    label_at = stripped.index(columns.label)

    def rows() -> Iterator[Row]:
        for number, cells in records:
            if len(cells) != width:
                _check_width(path, number, cells, width)
            text = columns.read_text([cells[at] for at in text_at], number)
            yield number, text, columns.read_labels(cells[label_at], number)

    return Found(rows(), "row", columns.origin)


def _records(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number, as a spreadsheet counts, and the cells of each row that is not blank."""
    plain = delimiter == "\t" and _is_plain(path)
    quoting: Literal[0, 3] = csv.QUOTE_NONE if plain else csv.QUOTE_MINIMAL
    number = 0
    with _field_limit(MAX_FIELD_CHARS):
        reader = csv.reader(lines(path), delimiter=delimiter, quoting=quoting, strict=True)
        try:
            for cells in reader:
                number += 1
                if len(cells) > 1 or (cells and cells[0].strip()):
                    yield number, _unquoted(cells) if plain else cells
        except csv.Error as error:
            raise CorpusError(_explain(path, number + 1, reader.line_num, str(error))) from error


def _is_plain(path: Path) -> bool:
    """Return whether each line of a TSV file is a row: quotation marks then join no lines.

    Some programs quote cells as in CSV, others never do and write `"` for itself. A cell that
    holds a tab or a line feed is quoted by the first kind, and then lines differ in their tabs.
    """
    tabs = {line.count("\t") for line in lines(path) if line.strip()}
    return len(tabs) == 1


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


def _check_width(path: Path, number: int, cells: list[str], expected: int) -> None:
    if len(cells) < expected or any(cells[expected:]):
        raise CorpusError(
            f"{path}, row {number}: {len(cells)} cells, expected {expected} as in the first row: "
            "put quotation marks around a cell that holds the delimiter"
        )


def _explain(path: Path, row: int, line: int, said: str) -> str:
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
