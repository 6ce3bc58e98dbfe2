"""Pages made to mislead or stop what reads them: all is cut to its limit, nothing throws."""

from __future__ import annotations

import pytest

from tests.browser.capture import PAGE, Stranger, stranger

__all__ = ["stranger"]
pytestmark = pytest.mark.browser

OF_DOCUMENTS = (
    "title body head documentElement getSelection querySelectorAll activeElement defaultView"
    " implementation createTreeWalker createRange hasFocus getElementsByTagName childNodes"
    " firstChild cloneNode location baseURI nodeType importNode performance"
)
OF_ELEMENTS = (
    "parentNode parentElement childNodes nodeType textContent innerText localName tagName"
    " getAttribute attributes ownerDocument shadowRoot checkVisibility getRootNode cloneNode"
    " nextSibling previousSibling firstChild lastChild querySelectorAll id style scrollIntoView"
    " getBoundingClientRect getElementsByTagName removeChild nodeName children baseURI"
    " openOrClosedShadowRoot isConnected remove className matches"
)
CLOBBERED = (
    "".join(f"<form name={name}></form><img name={name} alt>" for name in OF_DOCUMENTS.split())
    + "<form id=form><p>Words in a form.</p>"
    + "".join(f"<input type=hidden name={name}>" for name in OF_ELEMENTS.split())
    + "</form>"
)
MILLION = (
    "const all = document.createDocumentFragment();"
    "for (let n = 0; n < 500_000; n++) {"
    " const one = document.createElement('b'); one.textContent = `w${n} `; all.append(one); }"
    "document.body.append(all);"
)


def test_names_of_elements_hide_nothing_of_a_page(stranger: Stranger) -> None:
    stranger.open(f"<head><title>Named</title></head><body>{CLOBBERED}<p id=end>And after.</p>")
    page = stranger.capture("page")
    assert page["title"] == "Named"
    assert page["address"] == PAGE
    assert page["body"].startswith("Words in a form.")
    assert "And after." in page["body"]
    stranger.select("range.setStartBefore(form); range.setEndAfter(end)")
    selection = stranger.capture("selection")
    assert selection["html"] == "<p>Words in a form.</p><p>And after.</p>"
    assert selection["anchor"] == {"text": "Words in a form.\nAnd after."}
    for words in ("Words in a form.", "And after."):
        assert stranger.place({"text": words})
    assert stranger.capture("video") is None
    assert stranger.capture("image", srcUrl="https://example.org/none.png") is None


def test_an_article_is_found_among_names_that_hide_it(stranger: Stranger) -> None:
    article = "".join(
        f"<p>{n}: ink is older than paper, and people wrote on skins.</p>" * 3 for n in range(9)
    )
    hidden = "".join(f"<input type=hidden name={name}>" for name in OF_ELEMENTS.split())
    nav = "<nav><a href=/>Menu</a></nav>"
    stranger.open(f"<title>Ink</title>{nav}<article><form>{hidden}{article}</form></article>")
    body = stranger.capture("page")["body"]
    assert body.startswith("0: ink")
    assert "Menu" not in body


def test_what_a_page_puts_into_prototypes_does_not_reach_the_script(stranger: Stranger) -> None:
    stranger.open(
        "<title>Mine</title><p id=it>Words.</p><script>"
        "const no = () => { throw new Error('mine'); };"
        "for (const owner of [Node, Element, Document, Range, Selection, Array, String, RegExp])"
        " for (const name of Object.getOwnPropertyNames(owner.prototype))"
        " if (name !== 'constructor' && Object.getOwnPropertyDescriptor(owner.prototype, name)"
        ".configurable) Object.defineProperty(owner.prototype, name, { get: no, set: no });"
        "</script>"
    )
    assert stranger.capture("page")["body"] == "Words."


def test_a_title_of_ten_megabytes_and_control_characters_are_cut_and_cleaned(
    stranger: Stranger,
) -> None:
    stranger.open("<head><meta name=description><link rel=canonical href='java\nscript:x()'><p>.")
    stranger.page.evaluate(
        "() => { document.title = 'a\\u0000\\u0007\\ud800\\u009b b ' + 'c'.repeat(1e7);"
        " document.querySelector('meta').content = 'd'.repeat(1e7);"
        " document.documentElement.lang = 'e'.repeat(1e7); }"
    )
    found = stranger.capture("page")
    assert found["title"].startswith("a \ufffd b ccc")
    assert len(found["title"]) == 1_000
    assert len(found["description"]) == 2_000
    assert found["language"] == ""
    assert found["address"] == PAGE


@pytest.mark.parametrize("unit", ["a", "ab ", "墨", "\\ud83d\\ude00"])
def test_a_selection_of_ten_megabytes_is_cut(stranger: Stranger, unit: str) -> None:
    stranger.open("<title>Long</title><p id=it></p>")
    stranger.page.evaluate(f"() => {{ it.textContent = '{unit}'.repeat(1e7 / '{unit}'.length); }}")
    found = stranger.select("range.selectNodeContents(it)").capture("selection")
    assert 999_000 < len(found["body"].encode("utf-16-le")) / 2 <= 1_000_000
    assert len(found["html"]) <= 1_000_000
    anchor = found["anchor"]
    assert 0 < len(anchor["text"].encode("utf-16-le")) / 2 <= 100_000
    assert stranger.place(anchor)
    assert not stranger.place({"text": "b" * 50_000})
    page = stranger.capture("page")
    assert len(page["body"]) <= 1_000_000


def test_a_million_nodes_are_read_up_to_the_limits(stranger: Stranger) -> None:
    stranger.open("<title>Many</title><body>").page.evaluate(f"() => {{ {MILLION} }}")
    page = stranger.capture("page")
    assert 999_000 < len(page["body"]) <= 1_000_000
    stranger.select("range.selectNodeContents(document.body)")
    found = stranger.capture("selection")
    assert 999_000 < len(found["body"]) <= 1_000_000
    assert found["html"].startswith("<b>w0 </b><b>w1 </b>")
    assert found["html"].count("<b>") < 50_000
    assert stranger.place(found["anchor"])
    assert stranger.place({"text": "w499998 w499999"})
    assert stranger.selected() == "w499998 w499999"


def test_elements_that_stand_5000_deep_are_read(stranger: Stranger) -> None:
    stranger.open("<title>Deep</title><body><div id=it style='display: contents'>")
    stranger.page.evaluate(
        "() => { const words = ['<p>Words above.</p>']; let at = it; it.innerHTML = words[0];"
        " for (let n = 0; n < 5_000; n++) {"
        " const one = document.createElement('b'); one.style.display = 'none';"
        " at.append(one); at = one; } at.append('deep'); }"
    )
    assert stranger.capture("page")["body"] == "Words above."
    stranger.select("range.selectNodeContents(it)")
    found = stranger.capture("selection")
    assert (found["body"], found["html"]) == ("Words above.", "<p>Words above.</p>")
    assert stranger.place(found["anchor"])


def test_html_is_no_deeper_than_100_elements_and_keeps_the_words_below(stranger: Stranger) -> None:
    deep = "<div>" * 300 + "deep" + "</div>" * 300
    stranger.open(f"<title>Deep</title><div id=it>above{deep}</div>")
    html = stranger.select("range.selectNode(it)").capture("selection")["html"]
    assert html.count("<div>") == 100
    assert "deep" in html


def test_an_anchor_of_another_make_leads_nowhere_and_throws_nothing(stranger: Stranger) -> None:
    stranger.open("<title>Words</title><p>Words.</p>")
    for anchor in ({}, {"start": 5}, {"text": ""}, {"before": "Words"}, {"text": "\u0000 \u00ad"}):
        assert not stranger.place(anchor)


def test_under_a_policy_that_forbids_making_html_of_text_everything_is_captured(
    stranger: Stranger,
) -> None:
    stranger.open(
        "<title>Strict</title><p id=it>Words <b>in</b> bold.</p>",
        content_security_policy="default-src 'none'; require-trusted-types-for 'script';"
        " trusted-types 'none'; sandbox allow-scripts",
    )
    assert stranger.capture("page")["body"] == "Words in bold."
    found = stranger.select("range.selectNodeContents(it)").capture("selection")
    assert found["html"] == "Words <b>in</b> bold."
    assert found["anchor"] == {"text": "Words in bold."}
