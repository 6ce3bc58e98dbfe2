"""A title and a body in; an HTML document out that needs no script, no network and no other file."""

from __future__ import annotations

from importlib.resources import files
from xml.etree.ElementTree import Element

from cutouts.report.elements import make, written
from cutouts.report.format import shortened

STYLES = ("page.css", "tables.css", "charts.css")
# What a document without scripts may do, wherever it is opened.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)


def document(title: str, kind: str, body: Element) -> str:
    """Return the page as HTML; `kind` says what made it and what it is, in two words."""
    page = make("html", {"lang": "en"}, _head(title, kind), body)
    return f"<!doctype html>\n{written(page)}\n"


def made_by(kind: str) -> str:
    """Return the tag that stands early in a document of this kind, and in no other."""
    return written(_mark(kind))


def _mark(kind: str) -> Element:
    return make("meta", {"name": "generator", "content": f"cutouts {kind}"})


def _head(title: str, kind: str) -> Element:
    style = Element("style")  # not by make: the lines of a style sheet stay as they are
    here = files("cutouts.report")
    style.text = "\n".join(here.joinpath(sheet).read_text(encoding="utf-8") for sheet in STYLES)
    return make(
        "head",
        {},
        make("meta", {"charset": "utf-8"}),
        _mark(kind),
        make("meta", {"http-equiv": "Content-Security-Policy", "content": POLICY}),
        make("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        make("title", {}, f"{shortened(title)}: {kind}"),
        make("link", {"rel": "icon", "href": "data:,"}),
        style,
    )
