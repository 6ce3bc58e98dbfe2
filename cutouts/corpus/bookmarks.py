"""A file of bookmarks as browsers export it (Netscape HTML) goes in, its rows come out."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path

from cutouts.corpus.columns import Asked, choose_columns
from cutouts.corpus.decoding import lines
from cutouts.corpus.rows import Found, Row
from cutouts.errors import CorpusError

# Folders that the browser made, marked so by attributes: where things land, not what they are.
BUILT_IN = ("personal_toolbar_folder", "unfiled_bookmarks_folder")
NAMES = ("title", "description", "url", "folder", "tags")


@dataclass(slots=True)
class Bookmark:
    """One saved address; `folder` is the innermost that it lies in, or empty."""

    url: str
    folder: str
    tags: list[str]
    title: list[str] = field(default_factory=list)  # pieces, in the order in which they came
    description: list[str] = field(default_factory=list)

    def cell(self, name: str) -> object:
        """Return what a column of NAMES holds for this bookmark."""
        if name == "title":
            return " ".join("".join(self.title).split())
        if name == "description":
            return "".join(self.description).strip()
        return {"url": self.url, "folder": self.folder, "tags": self.tags}[name]


def read_bookmarks(path: Path, asked: Asked) -> Found:
    """Return one row per bookmark: title and description, labelled with its innermost folder.

    A file without any folder gives the tags (`TAGS="a,b"`) instead. The searches that Firefox
    saves among bookmarks (`place:`) are not read.
    """
    parser = _Parser()
    try:
        parser.feed("".join(lines(path)))
        parser.close()
    except AssertionError as error:  # how html.parser says that it cannot go on
        raise CorpusError(f"{path} is broken HTML ({error}): export the bookmarks again") from error
    searches = [mark.url for mark in parser.bookmarks if _is_search(mark)]
    found = [mark for mark in parser.bookmarks if not _is_search(mark)]
    if not found:
        raise CorpusError(f"{path} holds no bookmarks: expected <DL><DT><A HREF=...> as exported")
    if asked.label_column is None:
        has_folders = any(mark.folder for mark in found)
        asked = replace(asked, label_column="folder" if has_folders else "tags")
    columns = choose_columns(NAMES, asked, path)

    def rows() -> Iterator[Row]:
        for number, mark in enumerate(found, start=1):
            place = f"{path}, bookmark {number}"
            text = columns.read_text([mark.cell(name) for name in columns.text], place)
            yield number, text, columns.read_labels(mark.cell(columns.label), place)

    return Found(rows(), "bookmark", columns.origin, tuple(url[:60] for url in searches))


def _is_search(mark: Bookmark) -> bool:
    return mark.url.lower().startswith("place:")


class _Parser(HTMLParser):
    """Follows <DL>, <DT>, <H3>, <A> and <DD>, most of which are never closed in such files."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.bookmarks: list[Bookmark] = []
        self._folders: list[str] = []  # one name per open <DL>; empty for built-in ones
        self._heading: list[str] = []  # of the last <H3>, for the <DL> that follows it
        self._in_item = False  # after <DT> or <LI>: an <A> is a bookmark, a <DD> describes it
        self._into: list[str] | None = None  # where text goes now

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag in ("dt", "li"):
            self._in_item, self._into = True, None
        elif tag == "dl":
            self._folders.append(" ".join("".join(self._heading).split()))
            self._heading, self._into = [], None
        elif tag == "h3":
            built_in = any((known.get(name) or "").lower() == "true" for name in BUILT_IN)
            self._heading, self._in_item = [], False
            self._into = None if built_in else self._heading
        elif tag == "a" and self._in_item:
            folder = self._folders[-1] if self._folders else ""
            tags = (known.get("tags") or "").split(",")
            self.bookmarks.append(Bookmark(known.get("href") or "", folder, tags))
            self._into = self.bookmarks[-1].title
        elif tag == "dd":
            described = self._in_item and bool(self.bookmarks)
            self._into = self.bookmarks[-1].description if described else None
            self._in_item = False  # links in the description are part of it
        elif tag in ("br", "p"):
            self.handle_data("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "dl":
            self._folders[-1:] = []
        if tag in ("dl", "li"):
            self._in_item = False
        if tag in ("dl", "li", "h3") or (tag == "a" and self._in_item):
            self._into = None

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into.append(data)
