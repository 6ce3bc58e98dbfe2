"""A page cut out: what it says about itself, and what a person reads on it."""

from __future__ import annotations

import pytest

from tests.browser.capture import PAGE, Stranger, stranger

__all__ = ["stranger"]
pytestmark = pytest.mark.browser

ARTICLE = "".join(
    f"<p>Ink is older than paper, part {n}: people wrote on skins, on clay, and on bark, long before"
    " they knew how to make paper, and they made ink from soot.</p>"
    for n in range(12)
)
PAGE_OF_ARTICLE = (
    "<html lang=en><head><title>Ink – A Journal</title>"
    "<meta property=og:title content=Ink><meta name=description content=' Soot\nand water '>"
    "<link rel='shortcut icon' href=/16.png sizes=16x16><link rel=icon href=/32.png sizes=32x32>"
    "<link rel=canonical href='/ink?id=7'></head><body><nav><a href=/>Home</a> <a href=/x>All</a>"
    f"</nav><main><article><h1>Ink</h1>{ARTICLE}<ul><li>soot<li>water</ul></article></main>"
    "<footer>Imprint and cookies</footer>"
)


def test_a_page_is_its_article_with_what_it_says_about_itself(stranger: Stranger) -> None:
    before = stranger.open(PAGE_OF_ARTICLE).page.content()
    asked = len(stranger.asked)
    found = stranger.capture("page")
    body = found.pop("body")
    assert found == {
        "kind": "page",
        "title": "Ink",
        "html": "",
        "address": "https://example.org/ink?id=7",
        "anchor": None,
        "note": "",
        "description": "Soot and water",
        "language": "en",
        "favicon": "https://example.org/32.png",
        "image": None,
    }
    assert "part 0: people" in body
    assert "part 11: people" in body
    assert body.endswith("soot.\n\nsoot\nwater")
    assert "Home" not in body
    assert "Imprint" not in body
    assert stranger.page.content() == before
    assert stranger.asked[asked:] == []


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title> A\n title </title>", "A title"),
        ("<title>New page</title><meta property=og:title content='The page before'>", "New page"),
        ("<meta property=og:title content='Shared title'>", "Shared title"),
        ("<title> </title><body><h1> </h1><h1>A <b>heading</b></h1>", "A heading"),
        ("", ""),
    ],
)
def test_the_title_is_the_one_that_fits(stranger: Stranger, head: str, title: str) -> None:
    assert stranger.open(f"<head>{head}").capture("page")["title"] == title


@pytest.mark.parametrize(
    ("claimed", "address"),
    [
        ("https://www.example.org/other?b=1#part", "https://www.example.org/other?b=1"),
        ("http://m.example.org/story", "http://m.example.org/story"),
        ("https://example.org/", PAGE),  # the first page of the site is not this one
        ("https://evil.example/story", PAGE),
        ("https://example.org.evil.example/story", PAGE),
        ("https://sub.example.org/story", PAGE),
        ("https://example.org:8443/story", PAGE),
        ("javascript:alert(1)", PAGE),
        ("data:text/html,x", PAGE),
        ("https://example.org:bad:port/", PAGE),
        ("https://person:secret@example.org/story/7", "https://example.org/story/7"),
        ("https://example.org/" + "x" * 9_000, ""),
    ],
)
def test_a_canonical_address_counts_when_it_is_one_of_the_same_site(
    stranger: Stranger, claimed: str, address: str
) -> None:
    found = stranger.open(f"<head><link rel=canonical href='{claimed}'>").capture("page")
    assert found["address"] == address


def test_a_canonical_address_in_the_text_of_a_page_does_not_count(stranger: Stranger) -> None:
    found = stranger.open("<p>Comment:<link rel=canonical href=/elsewhere>").capture("page")
    assert found["address"] == PAGE


def test_a_page_that_went_on_without_loading_is_where_it_is_now(stranger: Stranger) -> None:
    stranger.open(PAGE_OF_ARTICLE)
    stranger.page.evaluate("() => history.pushState({}, '', '/next?page=2#part')")
    assert stranger.capture("page")["address"] == "https://example.org/next?page=2"
    stranger.page.evaluate("() => history.pushState({}, '', '#/inbox/7')")
    assert stranger.capture("page")["address"] == "https://example.org/next?page=2#/inbox/7"


@pytest.mark.parametrize(
    ("attributes", "language"),
    [
        ("lang=pt_BR", "pt-BR"),
        ("lang='de, en'", "de"),
        ("lang=en-a", ""),
        ("lang='\"><script>'", ""),
        ("", ""),
    ],
)
def test_a_language_is_one_that_browsers_know(
    stranger: Stranger, attributes: str, language: str
) -> None:
    assert stranger.open(f"<html {attributes}>").capture("page")["language"] == language


@pytest.mark.parametrize("href", ["data:image/png;base64,AAAA", "javascript:x()", "http://[bad/"])
def test_an_icon_is_the_address_of_one_or_none(stranger: Stranger, href: str) -> None:
    found = stranger.open(f"<head><link rel=icon href='{href}'>").capture("page")
    assert found["favicon"] == ""


def test_a_page_without_an_article_is_what_is_seen_of_it(stranger: Stranger) -> None:
    stranger.open("<body><p>One</p><p style='display: none'>Unseen</p><my-box></my-box>")
    stranger.page.evaluate(
        "() => { document.querySelector('my-box').attachShadow({ mode: 'open' }).innerHTML ="
        " '<style>p{}</style><p>Two</p><ul><li>Three<li>Four</ul>'; }"
    )
    assert stranger.capture("page")["body"] == "One\n\nTwo\n\nThree\nFour"


def test_an_svg_document_and_one_without_a_body_are_pages(stranger: Stranger) -> None:
    stranger.answers[PAGE] = {
        "body": "<svg xmlns='http://www.w3.org/2000/svg'><title>Ink</title><text>drawn</text></svg>",
        "content_type": "image/svg+xml",
    }
    stranger.page.goto(PAGE)
    assert stranger.inject().capture("page")["title"] == "Ink"
    stranger.open("<title>Gone</title>")
    stranger.page.evaluate("() => document.documentElement.remove()")
    assert stranger.capture("page")["body"] == ""
    assert stranger.capture("auto")["address"] == PAGE
