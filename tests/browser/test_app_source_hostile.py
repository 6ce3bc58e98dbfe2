"""A crafted zip in the app: its HTML is words, runs nothing, asks for nothing, stays in its place."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.app import WAIT_MS, App, watched_app
from tests.browser.archive import named, write_archive
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

FAR = "https://far.example"  # nothing of it may be asked for
RUNS = {
    "script": f"<script>ran('script')</script><script src={FAR}/a.js></script>",
    "image": f"<img src={FAR}/a.png onerror=ran('img') srcset='{FAR}/b.png 2x'>"
    f"<input type=image src={FAR}/c.png>",
    "svg": "<svg onload=ran('svg')><animate onbegin=ran('animate') attributeName=x dur=1s />"
    "<a xlink:href='javascript:ran(1)'><text>go</text></a>"
    "<foreignObject><iframe srcdoc='<script>parent.ran(2)</script>'>",
    "math": "<math><mtext><table><mglyph><style><!--</style>"
    "<img title='--&gt;&lt;img src=1 onerror=ran(`m`)&gt;'>",
    "template": "<template><img src=x onerror=ran('t')></template>"
    "<noscript><p title='</noscript><img src=x onerror=ran(1)>'>",
    "raw text": "<textarea><img title='</textarea><img src=x onerror=ran(1)>'>"
    "<xmp></xmp><img src=x onerror=ran(2)>",
    "links": "<a href=\"java\nscript:ran('a')\" id=one>one</a>"
    " <a href='data:text/html,<script>opener.ran(1)</script>'>two</a>"
    " <a href='//far.example/x' ping='https://far.example/ping' onclick=ran('c')>three</a>"
    " <a href='https://good.example/' target=_top rel=opener download>good</a>"
    "<area href='vbscript:ran()'>",
    "refresh": f"<meta http-equiv=refresh content='0;url={FAR}/'><base href='{FAR}/'>"
    f"<link rel=stylesheet href={FAR}/a.css>",
    "forms": f"<form action={FAR}/ id=theirs><input name=title value=theirs autofocus"
    " onfocus=ran('f')><button formaction='javascript:ran(1)'>Save</button></form></form>"
    "<select><option>x</select>",
    "frames": f"<iframe src='javascript:parent.ran(1)'></iframe><iframe src={FAR}/></iframe>"
    f"<object data={FAR}/></object><embed src={FAR}/><portal src={FAR}/>"
    f"<video src={FAR}/ poster={FAR}/p autoplay onloadstart=ran('v')></video>",
    "style": f"<style>@import '{FAR}/a.css'; body {{ display: none }}"
    " .sheet { position: fixed; left: -9999px }</style>"
    f'<p style="position: fixed; inset: 0; z-index: 99999; background: url({FAR}/x.png)"'
    " class=sheet hidden>cover</p>",
    "names": "<p id=app name=body>one</p><a id=cookie name=attributes>two</a>"
    "<b id=field-title>three</b><p id=sheet-title slot=x is=my-box part=p data-place=0"
    " aria-hidden=true role=dialog tabindex=0 contenteditable>4</p>",
    "popover": "<div popover=auto id=pop>pop</div><button popovertarget=pop>x</button>"
    "<dialog open>d</dialog><details open ontoggle=ran('d')><summary>s</summary>x</details>"
    "<marquee onstart=ran('m')>m</marquee>",
}
WIDE = (
    f"<table><tr><td colspan=100000 rowspan=100000>{'w' * 20_000}</table>"
    f"<pre>{'p' * 20_000}</pre>{'x' * 20_000}"
)
DEEP = f"{'<div>' * 3000}deep{'<table><tr><td>' * 500}"
TURNED = "<bdo dir=rtl>turned</bdo> \u202e\u202e\u2067 around"
ATTRIBUTES = {
    *("colspan", "datetime", "dir", "href", "lang", "rel", "rowspan", "start", "target", "title"),
}
GONE = {"img", "script", "style", "form", "input", "iframe", "svg", "math", "button", "dialog"}
# What Chromium says while HTML is read into a document apart: the policy of the page holds there.
REFUSED = ("error: Applying inline style violates", "error: Setting the document's base URI to")
SHOWN = """
() => {
  const root = document.querySelector(".formatted > div:last-child");
  const all = [...root.querySelectorAll("*")];
  const edge = document.querySelector(".formatted").getBoundingClientRect();
  const sheet = document.querySelector(".sheet").getBoundingClientRect();
  return {
    elements: [...new Set(all.map((one) => one.localName))],
    attributes: [...new Set(all.flatMap((one) => one.getAttributeNames()))],
    links: [...root.querySelectorAll("a[href]")].map(
      ({ protocol, target, rel }) => `${protocol} ${target} ${rel}`),
    placed: all.filter((one) => getComputedStyle(one).position !== "static").length,
    isInside: edge.left >= sheet.left && edge.right <= sheet.right && edge.height <= innerHeight,
    isStill: document.documentElement.scrollWidth <= innerWidth && sheet.left >= 0
      && sheet.right <= innerWidth,
    title: document.title,
    app: document.getElementById("app").localName,
  };
}
"""


@pytest.fixture
def app(context: BrowserContext, site: Site) -> App:
    return watched_app(context, site.address)


def bring(
    app: App, path: Path, *cutouts: dict[str, object], images: tuple[bytes, ...] = ()
) -> None:
    """Bring a zip of these cutouts in."""
    app.page.get_by_role("button", name="Your data").click()
    app.page.locator("input[type=file]").set_input_files(write_archive(path, [*cutouts], images))
    app.page.get_by_text(f"{len(cutouts)} added").wait_for()
    app.page.keyboard.press("Escape")


def source(html: str) -> dict[str, str]:
    """Return a source with this HTML."""
    return {"html": html, "description": "", "iconAddress": ""}


def expect_nothing_ran(app: App) -> None:
    """Check that nothing ran or tried to, was asked of another site, or opened a page."""
    app.page.wait_for_timeout(100)
    assert app.page.evaluate("globalThis.list ?? []") == []
    assert [said for said in app.watched.complaints if not said.startswith(REFUSED)] == []
    assert all(url.startswith((app.address, "data:")) for url in app.watched.requests)
    assert app.page.url == f"{app.address}/library.html"
    assert len(app.context.pages) == 1


def test_hostile_html_is_shown_as_words_and_runs_nothing(app: App, tmp_path: Path) -> None:
    cutouts: list[dict[str, object]] = [
        {
            "key": name,
            "title": name,
            "body": name,
            "source": source(f"<p>shown</p>{html}<p>after</p>"),
        }
        for name, html in RUNS.items()
    ]
    bring(app, tmp_path / "hostile.zip", *cutouts)
    title = app.page.title()
    for name in RUNS:
        app.page.get_by_label("Search", exact=True).fill(name)
        app.title(name).click()
        sheet = app.sheet(name)
        words = sheet.get_by_role("region", name="Text")
        expect(words.locator("p").first).to_have_text("shown", timeout=WAIT_MS)
        found = app.page.evaluate(SHOWN)
        assert not {*found["attributes"]} - ATTRIBUTES, name
        assert not {*found["elements"]} & GONE, name
        assert (found["placed"], found["isInside"], found["isStill"]) == (0, True, True), name
        assert (found["title"], found["app"]) == (title, "div")
        expected = ["https: _blank noopener noreferrer"] if name == "links" else []
        assert found["links"] == expected
        expect(sheet.get_by_label("Title", exact=True)).to_have_value(name)
        app.page.keyboard.press("Escape")
        expect(sheet).to_have_count(0)
    expect_nothing_ran(app)


def test_html_that_is_wide_deep_or_turned_stays_in_its_place(app: App, tmp_path: Path) -> None:
    odd = {"wide": WIDE, "deep": DEEP, "turned": TURNED}
    cutouts: list[dict[str, object]] = [
        {"key": name, "title": name, "source": source(html)} for name, html in odd.items()
    ]
    bring(app, tmp_path / "odd.zip", *cutouts)
    for name, width in itertools.product(odd, (390, 1280)):
        app.page.set_viewport_size({"width": width, "height": 800})
        app.title(name).click()
        app.page.wait_for_function(
            "() => document.querySelector('.formatted > div:last-child')?.firstChild"
        )
        found = app.page.evaluate(SHOWN)
        assert (found["placed"], found["isInside"], found["isStill"]) == (0, True, True), name
        app.page.keyboard.press("Escape")
        expect(app.sheet(name)).to_have_count(0)
    expect_nothing_ran(app)


def test_html_that_cannot_be_shown_leaves_the_plain_text(app: App, tmp_path: Path) -> None:
    odd = {
        "nothing but a script": "<script>ran(1)</script>",
        "more elements than are shown": "<b></b>" * 60_000,
        "no words": "<svg onload=ran(1)></svg>",
    }
    cutouts: list[dict[str, object]] = [
        {"key": name, "title": name, "body": f"plain, {name}", "source": source(html)}
        for name, html in odd.items()
    ]
    bring(app, tmp_path / "odd.zip", *cutouts)
    for name in odd:
        app.title(name).click()
        field = app.sheet(name).get_by_role("textbox", name="Text")
        expect(field).to_have_value(f"plain, {name}", timeout=WAIT_MS)
        app.page.keyboard.press("Escape")
    expect_nothing_ran(app)


def test_a_hostile_description_language_and_icon_are_text_or_nothing(
    app: App, tmp_path: Path
) -> None:
    svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload=\"parent.ran('icon')\"/>"
    about = {
        "description": "<img src=x onerror=ran('d')>",
        "html": "",
        "iconAddress": f"{FAR}/icon.png",
    }
    icons: list[dict[str, object]] = [
        {"title": "as an svg", "icon": named(svg, "image/svg+xml")},
        {"title": "as a png", "icon": named(svg)},
    ]
    common = {"address": f"{FAR}/", "language": "\" onclick=ran('l')", "source": about}
    cutouts = [{"key": one["title"], **common, **one} for one in icons]
    bring(app, tmp_path / "odd.zip", *cutouts, images=(svg,))
    for name in ("as an svg", "as a png"):
        app.title(name).click()
        expect(app.sheet(name).locator(".description")).to_have_text("<img src=x onerror=ran('d')>")
        assert app.page.locator("[onclick]").count() == 0
        app.page.keyboard.press("Escape")
    expect_nothing_ran(app)
