"""A file with one JSON object per line goes in, its rows of text and labels come out."""

import json
from collections.abc import Iterator
from pathlib import Path

from cutouts.corpus.columns import Asked, choose_columns
from cutouts.corpus.decoding import lines
from cutouts.corpus.rows import Found, Row
from cutouts.errors import CorpusError


def read_jsonl(path: Path, asked: Asked) -> Found:
    """Return the rows of a JSON Lines file; a line without labels is a text without labels.

    The file is read twice: a name may appear for the first time in its last line.
    """
    names: dict[str, None] = {}
    for _, entry in _entries(path):
        names.update(dict.fromkeys(entry))
    columns = choose_columns(names, asked, path, "line")

    def rows() -> Iterator[Row]:
        for number, entry in _entries(path):
            text = columns.read_text([entry.get(name) for name in columns.text], number)
            yield number, text, columns.read_labels(entry.get(columns.label), number)

    return Found(rows(), "line", columns.origin)


def _entries(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    decode = json.JSONDecoder().decode
    for number, line in enumerate(lines(path), start=1):
        if not line.strip():
            continue
        try:
            entry = decode(line)
        except (ValueError, RecursionError) as error:
            raise CorpusError(
                f"{path}, line {number}: not JSON ({error}): expected one object per line, "
                'as {"text": "...", "label": "..."}; jq -c ".[]" makes lines of a list'
            ) from error
        if not isinstance(entry, dict):
            raise CorpusError(
                f"{path}, line {number}: {type(entry).__name__}, expected one object per line, "
                'as {"text": "...", "label": "..."}; jq -c ".[]" makes lines of a list'
            )
        yield number, entry
