"""A folder with one folder of text files per label goes in, its rows come out, named by file."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from cutouts.corpus.addresses import check_name
from cutouts.corpus.columns import Columns
from cutouts.corpus.decoding import MAX_FIELD_CHARS, whole_text
from cutouts.corpus.rows import Found, Row
from cutouts.errors import CorpusError, RowError

MAX_FILE_BYTES = 4 * MAX_FIELD_CHARS  # no encoding takes more than four for one character


def read_folder(root: Path, *, streamed: bool = False) -> Found:
    """Return one row per file; its label is the folder directly in `root` that it lies in.

    Each file is read, whatever its suffix; hidden ones are none of the corpus. Files beside the
    label folders, links to folders, links that lead out of `root`, and what is no file (a socket,
    a pipe) are not read, and listed; with `streamed` not listed, for there may be millions.
    """
    if streamed:
        parts = (path for path in _walk(root) if _is_part(path, root))
        origin = "text from files, labels from folders"
        return Found(_rows(root, parts), "", origin, count=lambda: sum(1 for _ in _walk(root)))
    paths = list(_walk(root))
    files = [path for path in paths if _is_part(path, root)]
    ignored = tuple(str(path.relative_to(root)) for path in paths if not _is_part(path, root))
    if not files:
        expected = f"expected {root.name}/LABEL/FILE.txt"
        others = f", but {', '.join(ignored[:3])}" if ignored else ""
        raise CorpusError(f"{root} holds no folder of text files{others}: {expected}")
    return Found(_rows(root, files), "", "text from files, labels from folders", ignored)


def _rows(root: Path, files: Iterable[Path]) -> Iterator[Row]:
    columns = Columns(("file",), "folder", None, f"{root}{os.sep}")

    def row(path: Path) -> Row:
        if path.suffix.lower() == ".parquet":
            said = f"a Parquet file: give {root}/**/*.parquet instead of the folder"
            raise RowError(f"{path}: {said}", "undecodable")
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            said = f"{size:,} bytes, at most {MAX_FILE_BYTES:,} are read: cut it into passages"
            raise RowError(f"{path}: {said}", "large")
        inside = path.relative_to(root)
        text = columns.read_text([whole_text(path)], str(inside))
        return str(inside), text, columns.read_labels(inside.parts[0], str(inside))

    return map(row, files)


def _walk(root: Path) -> Iterator[Path]:
    """Yield what lies under `root` but real folders, in an order that is the same everywhere."""
    for folder, folders, files in os.walk(root, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links = [name for name in folders if Path(folder, name).is_symlink()]
        for name in sorted([*files, *links]):
            check_name(name, f"{folder}: ")
            if not name.startswith("."):
                yield Path(folder, name)


def _is_part(path: Path, root: Path) -> bool:
    """Return whether this is a file in a label folder, which does not lie elsewhere."""
    inside_label = len(path.relative_to(root).parts) > 1
    return inside_label and path.is_file() and path.resolve().is_relative_to(root.resolve())


def _refuse(error: OSError) -> None:
    raise CorpusError(f"{error.filename} cannot be read: {error.strerror}") from error
