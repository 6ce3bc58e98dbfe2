"""A path goes in, a Corpus comes out: texts with their labels, checked, and a report on them."""

from pathlib import Path

from cutouts.corpus.addresses import Source, find_sources, mark_of
from cutouts.corpus.bookmarks import read_bookmarks
from cutouts.corpus.columns import Asked
from cutouts.corpus.decoding import MARKS, first_bytes
from cutouts.corpus.folders import read_folder
from cutouts.corpus.jsonl import read_jsonl
from cutouts.corpus.library import read_library
from cutouts.corpus.parquet import read_parquet
from cutouts.corpus.report import CorpusReport
from cutouts.corpus.rows import Corpus, Found, Row, gather
from cutouts.corpus.splits import (
    check_sizes,
    check_trainable,
    overlap,
    split_corpus,
    without_overlap,
)
from cutouts.corpus.tables import read_table
from cutouts.corpus.truth import truth_of
from cutouts.errors import CorpusError, UsageError
from cutouts.library import SUFFIXES, is_library

__all__ = [
    "Corpus",
    "CorpusReport",
    "Found",
    "Row",
    "Source",
    "check_sizes",
    "check_trainable",
    "find_sources",
    "mark_of",
    "overlap",
    "read_corpus",
    "split_corpus",
    "stream_corpus",
    "truth_of",
    "without_overlap",
]

READERS = {
    "table": read_table,
    "jsonl": read_jsonl,
    "parquet": read_parquet,
    "bookmarks": read_bookmarks,
    "library": read_library,
}
BY_SUFFIX = {
    ".csv": "table",
    ".tsv": "table",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".html": "bookmarks",
    ".htm": "bookmarks",
    **dict.fromkeys(SUFFIXES, "library"),
}
READ = (
    "CSV, TSV, JSON Lines, Parquet, bookmark HTML, a library, or a folder with a folder per label"
)
PART_NAMES = ("train", "training", "test", "dev", "val", "validation")
REFUSED = (
    (b"SQLite format 3\0", "the SQLite database of another program", "export its texts as CSV"),
    (b"PK\x03\x04", "a ZIP archive or an office document", "save its table as CSV"),
    (b"\x1f\x8b", "compressed with gzip", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "unpack it first"),
    (b"%PDF", "a PDF document", "save its texts as CSV"),
)


def read_corpus(
    path: str | Path,
    *,
    text_column: str | None = None,
    label_column: str | None = None,
    separator: str | None = None,
    keep_duplicates: bool = False,
) -> Corpus:
    """Return the labelled texts of a file or folder; what was set aside is in `.report`.

    Columns are found by name: `text`, or `title` with `body`, `description` or `selection`; and
    `label`, `labels`, `tags` or `category`. Cells of `labels` and `tags` hold several labels
    joined by a bar, those of the others one, unless a `separator` is given. A library has neither
    columns nor separator: its labels are the tags that the person gave.
    `keep_duplicates=True` keeps every row, for the test part of a benchmark.
    Raises CorpusError when something cannot be read, with file, row and repair.
    """
    path = Path(path)
    asked = Asked(text_column, label_column, separator)
    if not path.is_dir():
        found = _open_file(path, asked)
    elif asked.chooses:
        raise UsageError(f"{path} is a folder: it has no columns to choose and no separator")
    else:
        found = read_folder(path)
    return gather(_name(path), found, keep_duplicates=keep_duplicates)


def stream_corpus(
    source: Source,
    *,
    text_column: str | None = None,
    label_column: str | None = None,
    separator: str | None = None,
) -> Found:
    """Return the rows of a file or folder, not read yet; labels need not be there.

    Asking for the next row may raise RowError, after which the one behind it can be asked for.
    Raises CorpusError when nothing can be read, or nothing further.
    """
    asked = Asked(text_column, label_column, separator, streamed=True)
    if not isinstance(source, Path) or not source.is_dir():
        return _open_file(source, asked)
    if asked.chooses:
        raise UsageError(f"{source} is a folder: it has no columns to choose and no separator")
    return read_folder(source, streamed=True)


def _name(path: Path) -> str:
    """Return what a corpus is called: its file's name, or its folder's where that says nothing."""
    path = path.absolute()
    plain = path.is_file() and path.stem.lower() in PART_NAMES and path.parent.name
    return path.parent.name if plain else path.name if path.is_dir() else path.stem


def _open_file(path: Source, asked: Asked) -> Found:
    if isinstance(path, Path) and path.exists() and not path.is_file():
        raise CorpusError(f"{path} is no file but a pipe or a device: save its texts to a file")
    start = first_bytes(path)
    return READERS[_format(path, start)](path, asked)


def _format(path: Source, start: bytes) -> str:
    """Return the key of READERS by what the file begins with, or else by its suffix."""
    if is_library(start):
        return "library"
    for magic, what, repair in REFUSED:
        if start.startswith(magic):
            raise CorpusError(f"{path} is {what}: {repair}; {READ} are read")
    if start.startswith(b"PAR1"):
        return "parquet"
    encoding, mark = next(
        ((name, mark) for mark, name in MARKS if start.startswith(mark)), ("utf-8", b"")
    )
    text = start[len(mark) :].decode(encoding, errors="ignore").lstrip().lower()
    if "<!doctype netscape-bookmark" in text:
        return "bookmarks"
    suffix = path.suffix.lower()
    if suffix in BY_SUFFIX:
        return BY_SUFFIX[suffix]
    if text.startswith(("{", "[")):
        return "jsonl"
    if text.startswith("<"):
        return "bookmarks"
    if suffix in ("", ".txt"):
        return "table"
    raise CorpusError(f"{path} has the unknown suffix {suffix!r}: expected {READ}")
