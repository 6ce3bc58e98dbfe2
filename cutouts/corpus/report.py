"""Counts of what was found in a corpus go in, a few lines that a person reads come out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

EXAMPLES = 5  # places shown for each kind of finding


@dataclass(frozen=True, slots=True)
class CorpusReport:
    """What was found while reading: counts of texts, and the first places of each finding.

    `rows` texts were read and `kept` of them are in the corpus. `places` maps the name of a count
    ("duplicates", "conflicts", "empty", "unlabelled", "ignored", "trashed", "untagged", "overlap")
    to its first places.
    """

    rows: int = 0
    kept: int = 0
    labels: int = 0
    duplicates: int = 0  # same text, same labels: kept once
    conflicts: int = 0  # same text, other labels: one answer kept
    empty: int = 0  # set aside
    unlabelled: int = 0  # kept, as examples of "none of these"
    ignored: int = 0  # files of a folder, searches among bookmarks: not read
    trashed: int = 0  # cutouts in the trash of a library: not among the rows
    untagged: int = 0  # cutouts of a library without a tag from the person: not among the rows
    overlap: int = 0  # texts that the test corpus holds too, removed from the training part
    lonely: tuple[str, ...] = ()  # labels with a single text
    multiple: bool = False
    every_row_kept: bool = False  # duplicates, conflicts and empty texts were counted, and kept
    origin: str = ""  # which columns or folders texts and labels come from
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the report as lines, the sizes first, then only what was found."""
        kind = "one or several each" if self.multiple else "one each"
        lines = [f"texts: {self.rows:,} read, {self.kept:,} kept; labels: {self.labels:,}, {kind}"]
        if self.origin:
            lines.append(self.origin)
        lines += [line for name, told in self._findings() for line in self._line(name, told)]
        if self.lonely:
            names = ", ".join(repr(name) for name in self.lonely[:EXAMPLES])
            more = ", ..." if len(self.lonely) > EXAMPLES else ""
            lines.append(f"labels with a single text: {len(self.lonely):,} ({names}{more})")
        return "\n".join(lines)

    def _findings(self) -> list[tuple[str, str]]:
        once = "kept" if self.every_row_kept else "kept once"
        chosen = "the labels of all copies together" if self.multiple else "the most frequent label"
        answer = "all kept" if self.every_row_kept else f"kept once, with {chosen}"
        aside = "kept" if self.every_row_kept else "set aside"
        return [
            ("duplicates", f"exact duplicates, {once}"),
            ("conflicts", f"copies of a text with other labels, {answer}"),
            ("empty", f"empty texts, {aside}"),
            ("unlabelled", "texts without a label, kept as examples of none"),
            ("ignored", "files or entries not read"),
            ("trashed", "cutouts in the trash, left out"),
            ("untagged", "cutouts that you gave no tag, left out"),
            ("overlap", "texts removed because the test corpus holds them"),
        ]

    def _line(self, name: str, told: str) -> list[str]:
        count: int = getattr(self, name)
        if count == 0:
            return []
        places = self.places.get(name, ())
        more = ", ..." if count > len(places) else ""
        return [f"{told}: {count:,}" + (f" ({', '.join(places)}{more})" if places else "")]
