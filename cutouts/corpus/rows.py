"""Rows of text and labels go in, a Corpus comes out: checked, counted, each text once."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from cutouts.corpus.report import EXAMPLES, CorpusReport
from cutouts.errors import CorpusError

# Where it was found (a number of `Found.unit`, or a file's name), the text, its labels sorted.
Row = tuple[int | str, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Texts, and for each the names of its labels: none, one, or several, in sorted order."""

    name: str
    texts: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    report: CorpusReport

    @property
    def multiple(self) -> bool:
        """True when some text has more than one label."""
        return any(len(names) > 1 for names in self.labels)

    @property
    def label_names(self) -> tuple[str, ...]:
        """Return every label once, sorted."""
        return tuple(sorted({name for names in self.labels for name in names}))


@dataclass(frozen=True, slots=True)
class Found:
    """What a reader found in a file or folder: its rows, not read yet, and what they are.

    Asking `rows` for the next may raise RowError; who can do without that row asks again.
    """

    rows: Iterable[Row]
    unit: str = ""  # "row", "line", "bookmark": what the place of a row counts
    origin: str = ""
    ignored: tuple[str, ...] = ()  # files that are not read
    trashed: tuple[str, ...] = ()  # cutouts of a library that are in its trash
    untagged: tuple[str, ...] = ()  # cutouts of a library without a tag from the person
    labelled: bool = True  # there is a column, or what stands for one, that may hold labels
    count: Callable[[], int] | None = None  # counts or estimates the rows before they are read

    @property
    def total(self) -> int | None:
        """Return how many rows there are, about, where that can be known before they are read."""
        return None if self.count is None else self.count()


@dataclass(slots=True)
class _Findings:
    """Counts and first places of each kind, while rows are read."""

    unit: str
    counts: Counter[str] = field(default_factory=Counter)
    _first: defaultdict[str, list[tuple[int, int | str]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, kind: str, index: int, place: int | str) -> None:
        """Count one more of its kind, found in the row of that index and place."""
        self.counts[kind] += 1
        first = self._first[kind]
        if len(first) < EXAMPLES or index < first[-1][0]:
            self._first[kind] = sorted([*first, (index, place)])[:EXAMPLES]

    def places(self) -> dict[str, tuple[str, ...]]:
        """Return the first places of each kind, in the order of the rows."""
        before = f"{self.unit} " if self.unit else ""
        return {
            kind: tuple(f"{before}{place}" for _, place in first)
            for kind, first in self._first.items()
        }


def gather(name: str, found: Found, *, keep_duplicates: bool) -> Corpus:
    """Return the corpus of the rows that were found, and the report on them.

    With `keep_duplicates` every row stays as it is, as a benchmark's test part needs it.
    Otherwise a text is kept once and empty texts are set aside. When its copies have other labels
    it gets, in a corpus with one label per text, the most frequent one (the first among equals),
    because one text with two answers teaches neither; in a corpus with several, all of them.
    """
    findings = _Findings(found.unit)
    rows: list[Row] = []
    first: dict[str, int] = {}  # text -> index of its first row
    copies: defaultdict[int, list[int]] = defaultdict(list)  # that index -> those of its copies
    for index, row in enumerate(found.rows):
        rows.append(row)
        place, text, _ = row
        if not text or text.isspace():
            findings.add("empty", index, place)
        elif (before := first.setdefault(text, index)) != index:
            copies[before].append(index)
    if not rows:
        raise CorpusError(f"{name} holds no texts: expected at least two, with labels")
    multiple = any(len(labels) > 1 for _, _, labels in rows)
    agreed = {i: _agree([i, *copies[i]], rows, findings, multiple) for i in list(copies)}
    if not keep_duplicates:
        rows = [(*rows[i][:2], agreed.get(i, rows[i][2])) for i in first.values()]
    return _corpus(name, found, rows, findings, keep_duplicates)


def _agree(
    indexes: list[int], rows: list[Row], findings: _Findings, multiple: bool
) -> tuple[str, ...]:
    """Return the labels of a text that is in all these rows, and count its copies."""
    seen = {rows[indexes[0]][2]}
    for index in indexes[1:]:
        place, _, labels = rows[index]
        findings.add("duplicates" if labels in seen else "conflicts", index, place)
        seen.add(labels)
    votes = Counter(rows[i][2] for i in indexes if rows[i][2])
    if multiple:
        return tuple(sorted({name for labels in votes for name in labels}))
    return votes.most_common(1)[0][0] if votes else ()


def _corpus(
    name: str, found: Found, rows: list[Row], findings: _Findings, keep_duplicates: bool
) -> Corpus:
    for index, (place, _, labels) in enumerate(rows):
        if not labels:
            findings.add("unlabelled", index, place)
    counts = findings.counts
    read = len(rows)
    if not keep_duplicates:
        read += counts["duplicates"] + counts["conflicts"] + counts["empty"]
    sizes = Counter(label for _, _, labels in rows for label in labels)
    not_read = {
        name: getattr(found, name)[:EXAMPLES] for name in ("ignored", "trashed", "untagged")
    }
    report = CorpusReport(
        rows=read,
        kept=len(rows),
        labels=len(sizes),
        duplicates=counts["duplicates"],
        conflicts=counts["conflicts"],
        empty=counts["empty"],
        unlabelled=counts["unlabelled"],
        ignored=len(found.ignored),
        trashed=len(found.trashed),
        untagged=len(found.untagged),
        lonely=tuple(sorted(label for label, count in sizes.items() if count == 1)),
        multiple=any(len(labels) > 1 for _, _, labels in rows),
        every_row_kept=keep_duplicates,
        origin=found.origin,
        places={**findings.places(), **not_read},
    )
    return Corpus(name, tuple(r[1] for r in rows), tuple(r[2] for r in rows), report)
