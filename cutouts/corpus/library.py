"""An exported library goes in; its texts come out, labelled with the tags that the person gave."""

from collections.abc import Iterator
from pathlib import Path

from cutouts import library
from cutouts.corpus.addresses import Source
from cutouts.corpus.columns import Asked, Columns
from cutouts.corpus.rows import Found, Row
from cutouts.errors import CorpusError, LibraryError, UsageError

ORIGIN = "text from title and body, labels from the tags that you gave"
SHOWN_CHARS = 40  # of a title, in the report


def read_library(path: Source, asked: Asked) -> Found:
    """Return one row per cutout that has a tag from the person; the others are counted.

    A cutout without a tag says nothing about the tags it might have: perhaps nobody looked yet. So
    it is left out, where a row without a label in a table would be an example of "none of these".
    Tags that a model gave are left out too, or it would learn from its own mistakes.
    """
    if asked.chooses:
        raise UsageError(f"{path} is a library: it has no columns to choose and no separator")
    if not isinstance(path, Path):
        raise CorpusError(f"{path} is a library, which is read from this machine only: fetch it")
    if asked.streamed:
        return Found(_all_rows(path), "cutout", ORIGIN)
    columns = Columns(("text",), "tags", None, f"{path}, cutout ")
    rows: list[Row] = []
    trashed: list[str] = []
    untagged: list[str] = []
    try:
        with library.open(path) as opened:
            for cutout in opened.cutouts():
                place = _place(cutout)
                labels = columns.read_labels(list(cutout.tags), place)
                if cutout.is_trashed:
                    trashed.append(place)
                elif labels:
                    rows.append((place, columns.read_text([cutout.text], place), labels))
                else:
                    untagged.append(place)
    except LibraryError as error:
        raise CorpusError(str(error)) from error
    if not rows:
        raise CorpusError(
            f"{path} holds no cutout with a tag that you gave "
            f"({len(untagged):,} without, {len(trashed):,} in the trash): tag some first"
        )
    return Found(rows, origin=ORIGIN, trashed=tuple(trashed), untagged=tuple(untagged))


def _all_rows(path: Path) -> Iterator[Row]:
    """Yield every cutout that is not in the trash, by its key, with a tag or without."""
    columns = Columns(("text",), "tags", None, f"{path}, cutout ")
    try:
        with library.open(path) as opened:
            for cutout in opened.cutouts():
                if not cutout.is_trashed:
                    labels = columns.read_labels(list(cutout.tags), cutout.key)
                    yield cutout.key, columns.read_text([cutout.text], cutout.key), labels
    except LibraryError as error:
        raise CorpusError(str(error)) from error


def _place(cutout: library.Cutout) -> str:
    """Return how a person finds a cutout again: the beginning of its title, or else its key."""
    return repr((cutout.title or cutout.key)[:SHOWN_CHARS])
