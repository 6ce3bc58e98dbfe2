"""A connection to a checked library goes in; cutouts, tags, assets and vectors come out.

Each value may be of any type, whatever its column says: the file may come from anywhere. What is
not as the app writes it is a LibraryError that names the row. Addresses are text, never opened.
"""

import hashlib
import math
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from cutouts.errors import LibraryError
from cutouts.library.opening import damaged, telling

KINDS = ("text", "page", "image", "video")
MAX_TEXT_CHARS = 10_000_000  # as many as a corpus reads of one text
MAX_DIM = 65_536
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Matrix = NDArray[np.float32]  # (rows, dim)
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Cutout:
    """One saved piece of the web, with the tags that the person gave, sorted."""

    key: str  # names it in every library that it is copied to
    kind: str  # text, page, image or video
    title: str
    body: str  # the saved passage, or the page's readable text
    note: str  # what the person wrote about it
    address: str  # absolute, or empty
    site: str
    tags: tuple[str, ...]
    created: datetime  # in UTC
    is_trashed: bool
    asset: str | None  # SHA-256 of its image in hexadecimal, for `Library.asset`
    icon: str | None  # the same of its page's icon
    language: str  # of title and body, as en or pt-BR, or empty
    description: str  # what the page said of itself, or empty
    html: str  # how a selection looked: a stranger's HTML, to be cleaned before it is shown

    @property
    def text(self) -> str:
        """Return what a tagger reads of it: title, a line feed, body.

        The note is left out: a new cutout has none yet when it is tagged, so a model that had
        learned from notes would look better than it is. `textOf` of web/library/cutout.ts is the
        same rule, for tagging.
        """
        return f"{self.title}\n{self.body}"


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of the person's vocabulary, and how many cutouts outside the trash they gave it to."""

    name: str
    cutouts: int


@dataclass(frozen=True, slots=True)
class Asset:
    """An image as it was saved."""

    type: str  # image/png
    bytes: bytes


@dataclass(frozen=True, slots=True)
class Vectors:
    """Vectors of one space, several for a long cutout, those in the trash included."""

    keys: tuple[str, ...]  # of the cutout that each row stands for
    passages: NDArray[np.int64]  # (rows,), which passage of the cutout, from 0
    rows: Matrix


class Library:
    """An open library; `with` closes it. Each call reads the file as it was when it was opened."""

    def __init__(self, path: Path, base: sqlite3.Connection) -> None:
        """Take over a connection that `connect` returned."""
        self.path = path
        self._base = base

    def __enter__(self) -> Self:
        """Return the library itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file; nothing can be read any more."""
        self._base.close()

    def cutouts(self) -> Iterator[Cutout]:
        """Yield every cutout, the trash included, in the order in which they were saved."""
        given = self._given()
        stored = (
            "SELECT id, key, kind, title, body, note, address, site, asset, created, trashed,"
            " language, icon, source.cutout, description, html"
            " FROM cutout LEFT JOIN source ON source.cutout = cutout.id ORDER BY id"
        )
        for row in self._rows(stored, ordered_by=1):
            yield self._cutout(row, given.get(row[0], ()))

    def tags(self) -> tuple[Tag, ...]:
        """Return every tag of the library, by name."""
        trash = "SELECT id, trashed FROM cutout ORDER BY id"
        kept = {number for number, trashed in self._rows(trash, ordered_by=1) if trashed is None}
        names = self._names()
        counts = Counter(tag for cutout, tag in self._pairs(names) if cutout in kept)
        tags = [Tag(name, counts[number]) for number, name in names.items()]
        return tuple(sorted(tags, key=lambda tag: (tag.name.casefold(), tag.name)))

    def asset(self, sha256: str) -> Asset:
        """Return the image with this hash, in hexadecimal; raises LibraryError for any other."""
        if not re.fullmatch("[0-9a-f]{64}", sha256):
            said = f"{sha256[:80]!r} is no SHA-256: expected 64 hexadecimal digits, as Cutout.asset"
            raise LibraryError(said)
        found = self._rows("SELECT type, bytes FROM asset WHERE sha256 = ?", bytes.fromhex(sha256))
        for media_type, data in found:
            if not isinstance(data, bytes) or hashlib.sha256(data).hexdigest() != sha256:
                raise damaged(self.path, f"asset {sha256}: its bytes have another hash")
            return Asset(self._text(media_type, f"asset {sha256}: type"), data)
        raise LibraryError(
            f"{self.path} holds no asset {sha256}: Cutout.asset names those it holds"
        )

    def spaces(self) -> tuple[str, ...]:
        """Return the names of the spaces that there are vectors of."""
        rows = self._rows("SELECT id, name FROM space ORDER BY id", ordered_by=1)
        return tuple(self._text(name, f"space {place}: name") for place, name in rows)

    def vectors(self, space: str) -> Vectors:
        """Return the vectors of a space as float32, by cutout and passage."""
        number, dim = self._space(space)
        stored = (
            "SELECT vector.cutout, vector.passage, cutout.key, vector.scale, vector.row FROM vector"
            " LEFT JOIN cutout ON cutout.id = vector.cutout WHERE vector.space = ?"
            " ORDER BY vector.cutout, vector.passage"
        )
        keys, passages, scales, rows = [], [], [], []
        for cutout, passage, key, scale, row in self._rows(stored, number, ordered_by=2):
            place = f"vector {passage} of cutout {cutout}"
            keys.append(self._text(key, f"{place}: key"))
            if not isinstance(scale, float) or not math.isfinite(scale) or abs(scale) > 1e30:
                raise damaged(self.path, f"{place}: scale is {_what(scale)}, expected a number")
            if not isinstance(row, bytes) or len(row) != dim + (dim + 1) // 2:
                expected = f"expected {dim + (dim + 1) // 2} bytes"
                raise damaged(self.path, f"{place}: {_what(row)}, {expected}")
            passages.append(passage)
            scales.append(scale)
            rows.append(row)
        whole = _numbers(np.frombuffer(b"".join(rows), np.uint8), dim)
        matrix = whole * np.array(scales, np.float32)[:, None]  # (rows, dim) * (rows, 1)
        return Vectors(tuple(keys), np.array(passages, np.int64), matrix)

    def _space(self, wanted: str) -> tuple[int, int]:
        known = []
        stored = "SELECT id, name, dim FROM space ORDER BY id"
        for number, name, dim in self._rows(stored, ordered_by=1):
            if name == wanted:
                if not isinstance(dim, int) or not 0 < dim <= MAX_DIM:
                    expected = f"expected 1 to {MAX_DIM:,}"
                    raise damaged(self.path, f"space {number}: dim is {_what(dim)}, {expected}")
                return number, dim
            known.append(repr(name))
        others = ", ".join(known) or "none"
        raise LibraryError(f"{self.path} has no vectors of the space {wanted!r}, only of: {others}")

    def _names(self) -> dict[int, str]:
        """Return the name of each tag by its number."""
        rows = self._rows("SELECT id, name FROM tag ORDER BY id", ordered_by=1)
        return {number: self._text(name, f"tag {number}: name") for number, name in rows}

    def _pairs(self, names: Container[int]) -> Iterator[tuple[int, int]]:
        """Yield the numbers of each cutout and tag that the person gave it."""
        stored = "SELECT cutout, tag, origin FROM cutout_tag ORDER BY cutout, tag"
        for cutout, tag, origin in self._rows(stored, ordered_by=2):
            if tag not in names:
                raise damaged(self.path, f"cutout {cutout} has tag {tag}, which is not there")
            if origin == "person":
                yield cutout, tag

    def _given(self) -> dict[int, tuple[str, ...]]:
        """Return the names of the tags that the person gave, by the number of the cutout."""
        names = self._names()
        given: defaultdict[int, list[str]] = defaultdict(list)
        for cutout, tag in self._pairs(names):
            given[cutout].append(names[tag])
        return {cutout: tuple(sorted(tags)) for cutout, tags in given.items()}

    def _cutout(self, row: Row, tags: tuple[str, ...]) -> Cutout:
        number, key, kind, title, body, note, address, site, asset, created, trashed = row[:11]
        language, icon, source, description, html = row[11:]
        place = f"cutout {number}"
        if kind not in KINDS:
            raise damaged(self.path, f"{place}: kind is {_what(kind)}, expected {', '.join(KINDS)}")
        if trashed is not None:
            self._time(trashed, f"{place}: trashed")
        return Cutout(
            key=self._text(key, f"{place}: key"),
            kind=kind,
            title=self._text(title, f"{place}: title"),
            body=self._text(body, f"{place}: body"),
            note=self._text(note, f"{place}: note"),
            address=self._text(address, f"{place}: address"),
            site=self._text(site, f"{place}: site"),
            tags=tags,
            created=self._time(created, f"{place}: created"),
            is_trashed=trashed is not None,
            asset=self._hash(asset, f"{place}: asset"),
            icon=self._hash(icon, f"{place}: icon"),
            language=self._text(language, f"{place}: language"),
            description="" if source is None else self._text(description, f"{place}: description"),
            html="" if source is None else self._text(html, f"{place}: html"),
        )

    def _hash(self, value: object, what: str) -> str | None:
        if value is None:
            return None
        if not (isinstance(value, bytes) and len(value) == 32):
            raise damaged(self.path, f"{what} is {_what(value)}, expected 32 bytes")
        return value.hex()

    def _text(self, value: object, what: str) -> str:
        if not isinstance(value, str):
            raise damaged(self.path, f"{what} is {_what(value)}, expected text")
        if len(value) > MAX_TEXT_CHARS:
            said = f"{len(value):,} characters, at most {MAX_TEXT_CHARS:,} are read: cut it up"
            raise LibraryError(f"{self.path}, {what} has {said}")
        return value

    def _time(self, value: object, what: str) -> datetime:
        try:
            if isinstance(value, int):
                return EPOCH + timedelta(milliseconds=value)
        except OverflowError:
            pass
        raise damaged(self.path, f"{what} is {_what(value)}, expected milliseconds since 1970")

    def _rows(self, sql: str, *values: object, ordered_by: int = 0) -> Iterator[Row]:
        """Yield rows; the first `ordered_by` columns have to be whole numbers that increase.

        In a damaged file pages can point to each other so that rows never end. They repeat then.
        """
        before: Row = ()
        with telling(self.path):
            for row in self._base.execute(sql, values):
                if ordered_by:
                    now = row[:ordered_by]
                    if not _are_whole(now) or now <= before:
                        raise damaged(self.path, "rows are out of order")
                    before = now
                yield row


def _are_whole(values: Iterable[object]) -> bool:
    return all(isinstance(value, int) for value in values)


def _numbers(packed: NDArray[np.uint8], dim: int) -> NDArray[np.int16]:
    """Return the numbers of 12 bits in packed rows, (rows, dim)."""
    pairs_each = (dim + 1) // 2
    rows = packed.reshape(packed.size // (dim + pairs_each), dim + pairs_each)
    high, pairs = rows[:, :dim].view(np.int8), rows[:, dim:]
    low = np.stack((pairs & 15, pairs >> 4), axis=2).reshape(len(rows), 2 * pairs_each)[:, :dim]
    return high.astype(np.int16) << 4 | low


def _what(value: object) -> str:
    if value is None:
        return "missing"
    return f"{len(value)} bytes" if isinstance(value, bytes) else repr(value)[:40]
