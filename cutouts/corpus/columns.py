"""Column names go in, the text and label columns among them come out, and read the cells."""

import difflib
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cutouts.corpus.addresses import Source
from cutouts.corpus.decoding import MAX_FIELD_CHARS, too_long
from cutouts.errors import CorpusError, RowError

TITLE = "title"
BODIES = ("body", "description", "selection", "content", "excerpt", "summary", "note", "notes")
LABELS = ("label", "labels", "tags", "category")  # the first that is there
SEVERAL = ("labels", "tags")  # their cells may hold several labels
BAR = "|"
MOST_KNOWN = 10_000  # cells of labels that are remembered
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the caller says about columns; None leaves the choice to their names."""

    text_column: str | None = None
    label_column: str | None = None
    separator: str | None = None  # between the labels in one cell
    streamed: bool = False  # texts without labels are welcome, and bad rows are skipped

    @property
    def chooses(self) -> bool:
        """Return whether a column or a separator was asked for."""
        return (self.text_column, self.label_column, self.separator) != (None, None, None)


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns hold text and labels, by their names in the file."""

    text: tuple[str, ...]  # joined by line feeds; the first must be there in each row
    label: str | None  # None: the texts have no labels
    separator: str | None  # None: a cell is one label, whatever it holds
    before_place: str  # what comes before a row's place in an error, as "corpus.csv, row "
    # The same few cells come back in row after row: each is taken apart once.
    _known: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def origin(self) -> str:
        """Return the choice as a line for the report."""
        labels = f", labels from {self.label!r}" if self.label is not None else ", no labels"
        return f"text from {_quoted(self.text, ' and ')}{labels}"

    def read_text(self, cells: Sequence[object], place: int | str) -> str:
        """Return the text of the cells of `self.text`, in that order; None stands for no cell."""
        parts: list[str] = []
        for name, cell in zip(self.text, cells, strict=True):
            if cell is None and name != self.text[0]:
                continue
            if not isinstance(cell, str):
                kind = "undecodable" if isinstance(cell, bytes) else "malformed"
                said = f"{name!r} is {_what(cell)}: expected text"
                raise RowError(f"{self.before_place}{place}: {said}", kind)
            if len(cell) > MAX_FIELD_CHARS:
                raise RowError(f"{self.before_place}{place}: {too_long(len(cell))}", "large")
            if cell:
                parts.append(cell)
        text = parts[0] if len(parts) == 1 else "\n".join(parts)
        # What Cutouts does to each text before it is tagged; JSON alone can hold such halves.
        return text if text.isascii() else LONE_SURROGATE.sub("\ufffd", text)

    def read_labels(self, cell: object, place: int | str) -> tuple[str, ...]:
        """Return the labels in a cell: each once, stripped, in sorted order; None is no label."""
        if cell is None:
            return ()
        if not isinstance(cell, str):
            many = cell if isinstance(cell, list) else [cell]
            there = [one for one in many if not _is_missing(one)]
            return self._clean([self._label(one, place) for one in there], place)
        labels = self._known.get(cell)
        if labels is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            parts = cell.split(self.separator) if self.separator else [cell]
            labels = self._known[cell] = self._clean(parts, place)
        return labels

    def _label(self, value: object, place: int | str) -> str:
        """Return a label that came as a value of JSON or Parquet; numbers are names too.

        Whole numbers beside missing ones come as 1.0 from pandas: 1 is meant.
        """
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return str(int(value) if isinstance(value, float) and value.is_integer() else value)
        if isinstance(value, str):
            return value
        said = f"{self.label!r} holds {_what(value)}: expected a label, or a list of them"
        raise RowError(f"{self.before_place}{place}: {said}")

    def _clean(self, parts: Iterable[str], place: int | str) -> tuple[str, ...]:
        """Return labels stripped, in one Unicode form (file systems differ), each once, sorted."""
        labels = {
            part.strip() if part.isascii() else unicodedata.normalize("NFC", part).strip()
            for part in parts
        }
        for label in labels:
            if LONE_SURROGATE.search(label):
                said = f"{self.label!r} holds half a character: {label!a}: rename it"
                raise RowError(f"{self.before_place}{place}: {said}")
        return tuple(sorted(labels - {""}))


def choose_columns(names: Iterable[str], asked: Asked, path: Source, unit: str) -> Columns:
    """Return the columns that were asked for, or those whose names say what they hold."""
    known = tuple(names)
    text: tuple[str, ...]
    if asked.text_column is not None:
        text = (_named(asked.text_column, known, path),)
    elif one := _first(known, ("text",), path):
        text = one
    elif one := _first(known, (TITLE,), path):
        text = (*one, *(found for body in BODIES for found in _first(known, (body,), path)))
    else:
        raise CorpusError(_missing("text", "'text' or 'title'", known, path))
    label: str | None = None
    if asked.label_column is not None:
        label = _named(asked.label_column, known, path)
    elif one := _first(known, LABELS, path):
        label = one[0]
    elif not asked.streamed:
        raise CorpusError(_missing("label", _quoted(LABELS, " or "), known, path))
    if asked.separator == "":
        raise CorpusError("the separator between labels is empty: expected at least one character")
    bar = BAR if label is not None and label.strip().lower() in SEVERAL else None
    return Columns(text, label, asked.separator or bar, f"{path}, {unit} ")


def _first(known: tuple[str, ...], wanted: tuple[str, ...], path: Source) -> tuple[str, ...]:
    """Return the first wanted column that is there, as a tuple of one, or an empty one."""
    for name in wanted:
        same = [column for column in known if column.strip().lower() == name]
        if len(same) > 1:
            raise CorpusError(f"{path} has {len(same)} columns named {name!r}: rename all but one")
        if same:
            return (same[0],)
    return ()


def _named(name: str, known: tuple[str, ...], path: Source) -> str:
    if known.count(name) == 1:
        return name
    if same := _first(known, (name.strip().lower(),), path):
        return same[0]
    lower = {column.lower(): column for column in known}
    near = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.5)
    hint = f"; did you mean {lower[near[0]]!r}?" if near else ""
    raise CorpusError(f"{path} has no column {name!r}, only {_quoted(known, ', ')}{hint}")


def _missing(kind: str, expected: str, known: tuple[str, ...], path: Source) -> str:
    return (
        f"{path} has no {kind} column, only {_quoted(known, ', ')}: expected {expected}: "
        f"rename one, or say which one is the {kind} column"
    )


def _quoted(names: Sequence[str], between: str) -> str:
    shown = [repr(name if len(name) <= 40 else name[:40] + "...") for name in names[:20]]
    return between.join([*shown, "..."] if len(names) > 20 else shown)


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _what(value: object) -> str:
    if value is None:
        return "missing"
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    return f"{str(value)[:40]!r} ({type(value).__name__})"
