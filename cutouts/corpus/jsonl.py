"""A file with one JSON object per line goes in, its rows of text and labels come out."""

import json
from collections.abc import Iterator

from cutouts.corpus.addresses import Source
from cutouts.corpus.columns import Asked, choose_columns
from cutouts.corpus.decoding import MAX_LINE_CHARS, is_text, lines
from cutouts.corpus.rows import Found, Row
from cutouts.errors import RowError

DECODE = json.JSONDecoder().decode


def read_jsonl(path: Source, asked: Asked) -> Found:
    """Return the rows of a JSON Lines file; a line without labels is a text without labels.

    The file is read twice: a name may appear for the first time in its last line.
    """
    names: dict[str, None] = {}
    total = 0
    for number, line in _lines(path, asked):
        total += 1
        try:
            names.update(dict.fromkeys(_entry(path, number, line)))
        except RowError:
            if not asked.streamed:
                raise
    columns = choose_columns(names, asked, path, "line")

    def row(numbered: tuple[int, str]) -> Row:
        number, line = numbered
        entry = _entry(path, number, line)
        text = columns.read_text([entry.get(name) for name in columns.text], number)
        label = None if columns.label is None else entry.get(columns.label)
        return number, text, columns.read_labels(label, number)

    return Found(
        map(row, _lines(path, asked)),
        "line",
        columns.origin,
        labelled=columns.label is not None,
        count=lambda: total,
    )


def _lines(path: Source, asked: Asked) -> Iterator[tuple[int, str]]:
    """Yield each line that is not blank, with its number."""
    for number, line in enumerate(lines(path, streamed=asked.streamed), start=1):
        if line.strip():
            yield number, line


def _entry(path: Source, number: int, line: str) -> dict[str, object]:
    """Return the object in a line; raise RowError when there is none."""
    place = f"{path}, line {number}"
    if len(line) == MAX_LINE_CHARS:
        raise RowError(f"{place}: longer than {MAX_LINE_CHARS:,} characters: cut it up", "large")
    if not is_text(line):
        raise RowError(f"{place}: holds bytes that are no text: save it as UTF-8", "undecodable")
    expected = (
        'expected one object per line, as {"text": "...", "label": "..."}; '
        'jq -c ".[]" makes lines of a list'
    )
    try:
        entry = DECODE(line)
    except (ValueError, RecursionError) as error:
        raise RowError(f"{place}: not JSON ({error}): {expected}") from error
    if not isinstance(entry, dict):
        raise RowError(f"{place}: {type(entry).__name__}, {expected}")
    return entry
