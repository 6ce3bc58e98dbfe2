"""A selection cut out of a page: its words, clean HTML, and a place that is found again."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.app import WAIT_MS
from tests.browser.capture import PAGE, Stranger, stranger
from tests.browser.conftest import QUIET, Site

__all__ = ["stranger"]
pytestmark = pytest.mark.browser

TALL = "".join(
    f"<p id=p{n} style='height: 60vh'>It was so, and so it was, they said: <b>{n}</b> times over,"
    f" and <a href='/note#{n}'>well-known</a> &amp; told.</p>"
    for n in range(20)
)
PLACE_OF = """
async (cutout) => {
  const { placeOf } = await import("/library/index.js");
  return placeOf(cutout);
}
"""


def opened_at(context: BrowserContext, site: Site, found: dict[str, Any]) -> Page:
    """Open the page of what was captured by the address that the library makes."""
    page = context.new_page()
    page.goto(site.address + QUIET)
    address = page.evaluate(PLACE_OF, found)
    assert ":~:text=" in address
    page.goto(address)
    return page


def test_a_selection_has_its_words_clean_html_and_its_place(stranger: Stranger) -> None:
    stranger.open(f"<html lang=en_gb><title>Story</title><article>{TALL}</article>")
    stranger.select("range.setStart(p7.firstChild, 7); range.setEnd(p7.lastChild, 4)")
    found = stranger.capture("selection")
    assert found == {
        "kind": "text",
        "title": "Story",
        "body": "so, and so it was, they said: 7 times over, and well-known & t",
        "html": "so, and so it was, they said: <b>7</b> times over, and "
        '<a href="https://example.org/note#7">well-known</a> &amp; t',
        "address": PAGE,
        "anchor": {
            "text": "so, and so it was, they said: 7 times over, and well-known & t",
            "before": ", and well-known & told.\nIt was ",
            "after": "old.\nIt was so, and so it was,",
        },
        "note": "",
        "description": "",
        "language": "en-GB",
        "favicon": "",
        "image": None,
    }
    assert stranger.capture("auto") == found


@pytest.mark.parametrize(
    ("selected", "top"),
    [
        ("range.setStart(p9.firstChild, 3); range.setEnd(p9.lastChild, 8)", "p9"),
        ("range.selectNodeContents(p12.querySelector('a'))", "p12"),  # the same words everywhere
        ("range.setStart(p15.firstChild, 11); range.setEnd(p15.firstChild, 21)", "p15"),
        ("range.setStart(p5, 0); range.setEnd(p6, 0)", "p5"),  # a triple click
        ("range.setStart(p4.firstChild, 4); range.setEnd(p14.lastChild, 4)", "p4"),
        ("range.setStart(p8.firstChild, 8); range.setEnd(p8.firstChild, 20)", "p8"),  # half words
    ],
)
def test_the_address_of_a_selection_leads_to_it(
    context: BrowserContext, site: Site, selected: str, top: str
) -> None:
    stranger = Stranger(context)
    context.unroute_all()
    context.route("https://example.org/**", stranger.answer)
    found = stranger.open(f"<title>Story</title>{TALL}").select(selected).capture("selection")
    page = opened_at(context, site, found)
    expect(page.locator(f"#{top}")).to_be_in_viewport(timeout=WAIT_MS)
    assert page.evaluate("scrollY") > 0


def test_words_that_80_characters_before_tell_apart_are_led_to(
    context: BrowserContext, site: Site
) -> None:
    stranger = Stranger(context)
    context.unroute_all()
    context.route("https://example.org/**", stranger.answer)
    same = (
        "of all that was ever told in that house, and of all that was heard, one word was theirs."
    )
    html = "".join(f"<p id=p{n} style='height: 60vh'>{n}: {same}</p>" for n in range(9))
    text = "p6.firstChild"
    selected = f"range.setStart({text}, {text}.data.indexOf('one word')); range.setEnd({text}, 80)"
    found = stranger.open(f"<title>Story</title>{html}").select(selected).capture("selection")
    assert "6: of all" in found["anchor"]["before"]
    page = opened_at(context, site, found)
    expect(page.locator("#p6")).to_be_in_viewport(timeout=WAIT_MS)


WRITTEN = {
    "arabic": "كان الحبر أقدم من الورق، وكان الناس يكتبون به على الجلد قبل أن يعرفوا الورق.",
    "japanese": "墨は紙よりも古く、人々は紙を知る前に皮の上に書いていた。それは長く続いた。",
    "hyphens": "A well-known, state-of-the-art ink – 100% black & glossy, they said, on paper.",
    "capitals": "Ink is <span style='text-transform: uppercase'>older than paper</span>, they say.",
    "cells": "<table><tr><td>Ink and soot<td>Older than paper<tr><td>Iron<td>Younger</table>",
    "code": "<pre>def ink():\n\treturn 'older than paper'\n\nprint(ink())</pre>",
    "breaks": "Ink is older<br>than paper<br>and people wrote on skins",
}


@pytest.mark.parametrize("name", WRITTEN)
def test_scripts_signs_tables_and_code_are_led_to(
    context: BrowserContext, site: Site, name: str
) -> None:
    stranger = Stranger(context)
    context.unroute_all()
    context.route("https://example.org/**", stranger.answer)
    direction = "rtl" if name == "arabic" else "ltr"
    words = f"<div style='height: 300vh'></div><div id=it>{WRITTEN[name]}</div><p>The end."
    stranger.open(f"<html dir={direction}><title>Ink</title><p>The beginning.{words}")
    found = stranger.select("range.selectNodeContents(it)").capture("selection")
    expect(opened_at(context, site, found).locator("#it")).to_be_in_viewport(timeout=WAIT_MS)
    stranger.page.evaluate("() => getSelection().removeAllRanges()")
    assert stranger.place(found["anchor"])
    assert "".join(stranger.selected().split()) == "".join(found["body"].split())


def test_a_passage_is_told_from_the_same_one_by_as_many_words_as_that_takes(
    stranger: Stranger,
) -> None:
    same = "<p>The same words as before, and the same words around them, for a whole line.</p>"
    stranger.open(f"<title>Same</title><h2>One</h2>{same * 3}<h2>Two</h2>{same * 3}<p>End")
    last = "document.querySelectorAll('p')[4].firstChild"
    stranger.select(f"range.setStart({last}, 4); range.setEnd({last}, 14)")
    anchor = stranger.capture("selection")["anchor"]
    assert len(anchor["before"]) > 60
    stranger.page.evaluate("() => getSelection().removeAllRanges()")
    assert stranger.place(anchor)
    assert stranger.page.evaluate(f"() => getSelection().anchorNode === {last}")


def test_words_are_found_again_where_they_moved_and_where_they_changed(stranger: Stranger) -> None:
    story = (
        "<p id=iron>Iron gall ink came later; it <b>bites</b> into the page and turns black.</p>"
    )
    stranger.open(f"<title>Story</title>{TALL}{story}<p>Printers wanted something else.</p>")
    anchor = stranger.select("range.selectNodeContents(iron)").capture("selection")["anchor"]
    stranger.page.evaluate("() => document.body.prepend(iron)")
    assert stranger.place(anchor)
    assert stranger.selected() == anchor["text"]
    stranger.page.evaluate(
        "() => { iron.firstChild.data = 'Iron gall ink came much later, and '; }"
    )
    assert stranger.place(anchor)
    assert stranger.selected() == (
        "Iron gall ink came much later, and bites into the page and turns black."
    )
    assert not stranger.place({"text": "Nobody ever wrote these words on that page, or anything."})


def test_of_the_same_words_the_place_that_is_seen_is_led_to(stranger: Stranger) -> None:
    stranger.open("<p hidden>Ink is older.</p><p id=seen>Ink is older.</p>")
    assert stranger.place({"text": "Ink is older."})
    assert stranger.page.evaluate("() => seen.contains(getSelection().anchorNode)")


@pytest.mark.parametrize("mode", ["open", "closed"])
def test_a_selection_in_a_shadow_tree_is_taken_and_found_again(
    stranger: Stranger, mode: str
) -> None:
    stranger.open(
        "<title>Shadow</title><p>Light.</p><my-box></my-box><script>"
        f"globalThis.root = document.querySelector('my-box').attachShadow({{ mode: '{mode}' }});"
        "root.innerHTML = '<p>Words in the <i>shadow</i> of it.</p><p>And more of them.</p>'"
        "</script>"
    )
    # What an extension is given to look into closed trees.
    stranger.run(
        "globalThis.chrome = { dom: { openOrClosedShadowRoot: (one) => one.shadowRoot } }; 0"
    )
    stranger.page.evaluate(
        "() => { const [one, two] = root.querySelectorAll('p');"
        " getSelection().setBaseAndExtent(one.firstChild, 6, two.firstChild, 8); }"
    )
    found = stranger.capture("selection")
    assert found["body"] == "in the shadow of it.\n\nAnd more"
    if mode == "open":
        assert found["html"] == "<p>in the <i>shadow</i> of it.</p><p>And more</p>"
        assert found["anchor"]["before"] == "Words "
        stranger.page.evaluate("() => getSelection().removeAllRanges()")
        assert stranger.place(found["anchor"])
        assert stranger.page.evaluate("() => getSelection().getComposedRanges().length") == 1


def test_a_selection_in_a_frame_of_the_same_site_is_taken_with_the_address_of_the_page(
    stranger: Stranger,
) -> None:
    stranger.serve("https://example.org/inner", "<p id=it>Words in the frame.</p>")
    stranger.open("<title>Outer</title><p>Words outside.</p><iframe src=/inner></iframe>")
    frame = stranger.page.frames[1]
    frame.evaluate("() => { focus(); getSelection().selectAllChildren(it); }")
    found = stranger.capture("selection")
    assert [found[name] for name in ("title", "body", "address")] == [
        "Outer",
        "Words in the frame.",
        PAGE,
    ]
    frame.evaluate("() => getSelection().removeAllRanges()")
    assert stranger.place(found["anchor"])
    assert frame.evaluate("() => String(getSelection())") == "Words in the frame."


def test_a_frame_of_another_site_is_left_alone(stranger: Stranger) -> None:
    stranger.serve("https://other.example/", "<p id=it>Secret words.</p>")
    stranger.open("<title>Outer</title><iframe src=https://other.example/></iframe>")
    stranger.page.frames[1].evaluate("() => { focus(); getSelection().selectAllChildren(it); }")
    assert stranger.capture("selection") is None


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("<textarea id=it>some words here</textarea>", "words"),
        ("<input id=it value='some words here'>", "words"),
        ("<input id=it type=password value='some words here'>", None),
    ],
)
def test_what_is_selected_in_a_field_is_taken_and_a_password_is_not(
    stranger: Stranger, field: str, body: str | None
) -> None:
    stranger.open(f"<title>Field</title>{field}")
    stranger.page.evaluate("() => { it.focus(); it.setSelectionRange(5, 10); }")
    found = stranger.capture("selection")
    assert (found and (found["body"], found["anchor"], found["html"])) == (
        body and (body, None, "")
    )


def test_clean_html_keeps_words_and_loads_nothing(stranger: Stranger) -> None:
    stranger.open(
        "<div id=it onclick='x()' style='color: red' class=c data-x=1><h2 id=a>Ink</h2>"
        "<p>is <a href='/older' target=_blank>older</a> <a href='javascript:x()'>than</a>"
        "<img src='https://other.example/track.gif' alt=paper><script>x()</script>"
        "<style>p{}</style><span hidden>unseen</span><font>, <b>they</b></font> say</p>"
        "<svg><a href='javascript:x()'><text>no</text></a></svg><iframe srcdoc=x></iframe>"
        "<math><mtext><style><img src=x onerror=x()></style></mtext></math></div>",
        content_security_policy="default-src 'none'; style-src 'unsafe-inline'",
    )
    before = len(stranger.asked)
    found = stranger.select("range.selectNode(it)").capture("selection")
    assert found["html"] == (
        '<div><h2>Ink</h2><p>is <a href="https://example.org/older">older</a> <a>than</a>, '
        "<b>they</b> say</p></div>"
    )
    assert stranger.asked[before:] == []


def test_clean_html_keeps_languages_directions_and_what_tables_and_lists_need(
    stranger: Stranger,
) -> None:
    kept = (
        '<table><tbody><tr><td colspan="2" rowspan="1">Ink</td></tr></tbody></table>'
        '<ol start="3"><li lang="fr" dir="ltr">encre</li></ol>'
        '<time datetime="2026-11-26">today</time> <abbr title="not: this">n.</abbr>'
    )
    stranger.open(f"<div id=it>{kept}</div>")
    assert stranger.select("range.selectNodeContents(it)").capture("selection")["html"] == kept


def test_a_copied_element_of_the_pages_own_does_not_run_the_pages_code(stranger: Stranger) -> None:
    stranger.open(
        "<script>globalThis.made = 0; customElements.define('my-word', class extends HTMLElement {"
        " constructor() { super(); made += 1; } });"
        " customElements.define('my-line', class extends HTMLParagraphElement {"
        " constructor() { super(); made += 1; } }, { extends: 'p' });</script>"
        "<div id=it><my-word>Ink</my-word> is <p is=my-line>old</p></div>"
    )
    found = stranger.select("range.selectNodeContents(it)").capture("selection")
    assert found["html"] == "Ink is <p>old</p>"
    stranger.capture("page")
    assert stranger.page.evaluate("() => made") == 2


def test_nothing_selected_is_nothing_captured(stranger: Stranger) -> None:
    stranger.open("<p>Words</p>")
    assert stranger.capture("selection") is None
    assert stranger.capture("auto")["kind"] == "page"
