"""Tags, attributes and text in; HTML and SVG out, in which no text can become markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element, tostring

from cutouts.report.format import shortened, visible

Child = Element | str

_LINE_MAY_END = re.compile(r"(?<=[/_])(?=\w)|(?<=[.-])(?=[^\W\d])")


def make(tag: str, attributes: Mapping[str, str | float], *children: Child) -> Element:
    """Return an element; its text and attributes are made visible here, escaped when written."""
    element = Element(tag, {name: visible(_text(value)) for name, value in attributes.items()})
    last: Element | None = None
    for child in children:
        if isinstance(child, Element):
            element.append(child)
            last = child
        elif last is None:
            element.text = (element.text or "") + visible(child)
        else:
            last.tail = (last.tail or "") + visible(child)
    return element


def name(text: str) -> Element:
    """Return a name from elsewhere: shortened, and isolated from the direction of its neighbours.

    A line may end after its punctuation, as in a.long.path/with-parts, but not inside 0.5.
    """
    first, *others = _LINE_MAY_END.split(shortened(text))
    return make("bdi", {}, first, *(part for other in others for part in (make("wbr", {}), other)))


def bar(share: float) -> Element:
    """Return a bar filled to this share of its width."""
    width = f"width:{min(1.0, max(0.0, share)):.1%}"
    return make("span", {"class": "bar"}, make("span", {"style": width}))


def table(
    caption: Child, columns: Iterable[Child], rows: Iterable[Iterable[Child]], *, kind: str = ""
) -> Element:
    """Return a table; the first cell of each row names the row, the other cells are numbers."""
    titles = [make("th", {"scope": "col"}, column) for column in columns]
    body = []
    for first, *others in rows:
        cells = [make("td", {}, cell) for cell in others]
        body.append(make("tr", {}, make("th", {"scope": "row"}, first), *cells))
    whole = make(
        "table",
        {"class": kind} if kind else {},
        make("caption", {}, caption),
        make("thead", {}, make("tr", {}, *titles)),
        make("tbody", {}, *body),
    )
    return make("div", {"class": "wide"}, whole)


def section(title: str, *parts: Child, kind: str = "") -> Element:
    """Return a part of the page under a heading of its own; `across` takes the whole width."""
    return make("section", {"class": kind} if kind else {}, make("h2", {}, title), *parts)


def numbers(content: Element) -> Element:
    """Return the numbers behind a chart, to be unfolded."""
    return make("details", {}, make("summary", {}, "The numbers"), content)


def written(element: Element) -> str:
    """Return the element as HTML."""
    return tostring(element, encoding="unicode", method="html")


def _text(value: str | float) -> str:
    """Return an attribute; coordinates to a tenth of a unit, which no eye can tell apart."""
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
