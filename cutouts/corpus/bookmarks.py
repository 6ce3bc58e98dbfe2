"""A file of bookmarks as browsers export it (Netscape HTML) goes in, its rows come out."""

from dataclasses import dataclass, field, replace

from cutouts.corpus.addresses import Source
from cutouts.corpus.columns import Asked, choose_columns
from cutouts.corpus.decoding import is_text, lines
from cutouts.corpus.markup import Tag, tags_and_text
from cutouts.corpus.rows import Found, Row
from cutouts.errors import CorpusError, RowError

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


def read_bookmarks(path: Source, asked: Asked) -> Found:
    """Return one row per bookmark: title and description, labelled with its innermost folder.

    A file without any folder gives the tags (`TAGS="a,b"`) instead. The searches that Firefox
    saves among bookmarks (`place:`) are not read.
    """
    outline = _Outline()
    for piece in tags_and_text("".join(lines(path, streamed=asked.streamed))):
        if isinstance(piece, str):
            outline.text(piece)
        elif piece.name.startswith("/"):
            outline.end(piece.name[1:])
        else:
            outline.start(piece)
    searches = [mark.url for mark in outline.bookmarks if _is_search(mark)]
    found = [mark for mark in outline.bookmarks if not _is_search(mark)]
    if not found:
        raise CorpusError(f"{path} holds no bookmarks: expected <DL><DT><A HREF=...> as exported")
    if asked.label_column is None:
        has_folders = any(mark.folder for mark in found)
        asked = replace(asked, label_column="folder" if has_folders else "tags")
    columns = choose_columns(NAMES, asked, path, "bookmark")

    def row(numbered: tuple[int, Bookmark]) -> Row:
        number, mark = numbered
        cells = [mark.cell(name) for name in columns.text]
        if asked.streamed and not all(is_text(str(cell)) for cell in cells):
            said = f"{path}, bookmark {number}: holds bytes that are no text: save it as UTF-8"
            raise RowError(said, "undecodable")
        label = None if columns.label is None else mark.cell(columns.label)
        return number, columns.read_text(cells, number), columns.read_labels(label, number)

    rows = map(row, enumerate(found, start=1))
    ignored = tuple(url[:60] for url in searches)
    return Found(
        rows,
        "bookmark",
        columns.origin,
        ignored,
        labelled=columns.label is not None,
        count=lambda: len(found),
    )


def _is_search(mark: Bookmark) -> bool:
    return mark.url.lower().startswith("place:")


class _Outline:
    """Follows <DL>, <DT>, <H3>, <A> and <DD>, most of which are never closed in such files."""

    def __init__(self) -> None:
        self.bookmarks: list[Bookmark] = []
        self._folders: list[str] = []  # one name per open <DL>; empty for built-in ones
        self._heading: list[str] = []  # of the last <H3>, for the <DL> that follows it
        self._in_item = False  # after <DT> or <LI>: an <A> is a bookmark, a <DD> describes it
        self._into: list[str] | None = None  # where text goes now

    def text(self, text: str) -> None:
        """Add to the title, name or description that is open."""
        if self._into is not None:
            self._into.append(text)

    def start(self, tag: Tag) -> None:
        """Take a start tag into account."""
        if tag.name in ("dt", "li"):
            self._in_item, self._into = True, None
        elif tag.name == "dl":
            self._folders.append(" ".join("".join(self._heading).split()))
            self._heading, self._into = [], None
        elif tag.name == "h3":
            built_in = any(tag.attributes.get(name, "").lower() == "true" for name in BUILT_IN)
            self._heading, self._in_item = [], False
            self._into = None if built_in else self._heading
        elif tag.name == "a" and self._in_item:
            folder = self._folders[-1] if self._folders else ""
            tags = tag.attributes.get("tags", "").split(",")
            self.bookmarks.append(Bookmark(tag.attributes.get("href", ""), folder, tags))
            self._into = self.bookmarks[-1].title
        elif tag.name == "dd":
            described = self._in_item and bool(self.bookmarks)
            self._into = self.bookmarks[-1].description if described else None
            self._in_item = False  # links in the description are part of it
        elif tag.name in ("br", "p"):
            self.text("\n")

    def end(self, name: str) -> None:
        """Take an end tag into account."""
        if name == "dl":
            self._folders[-1:] = []
        if name in ("dl", "li"):
            self._in_item = False
        if name in ("dl", "li", "h3") or (name == "a" and self._in_item):
            self._into = None
