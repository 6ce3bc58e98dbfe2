"""What was cut out is found again from the panel: in the page beside, or in a new tab of it."""

import base64
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.conftest import chromium_options
from tests.browser.extension import Reader, Served
from tests.browser.film import is_at, recorded, save_moment, serve_film
from tests.browser.joined import GRANTED, allow
from tests.browser.notice import Notice
from tests.browser.panel import Panel

pytestmark = pytest.mark.browser

FAR = "<p>Other words.</p>" * 200
SELECT = "(one) => getSelection().selectAllChildren(one)"
FROM = "[...document.querySelectorAll('.line .near')].map((one) => one.textContent)"
HINT = "document.querySelector('dialog[open] .hint')?.textContent"
# As a page whose process it broke out into: capture.js cannot put its own functions there any more.
LIE = """
chrome.tabs.query({ active: true }).then(([{ id: tabId }]) => {
  globalThis.inTab = (func) => chrome.scripting.executeScript({ target: { tabId }, func });
  return inTab(() => {
    const lies = {
      cutoutsAddress: async () => { globalThis.wasAsked = true; return "LIE"; },
      cutoutsPlace: async (anchor) => { globalThis.wasTold = anchor; return true; },
    };
    for (const [name, value] of Object.entries(lies))
      Object.defineProperty(globalThis, name, { get: () => value, set: () => undefined });
  });
})
"""
WAS_ASKED = "inTab(() => globalThis.wasAsked).then(([{ result }]) => result)"
WAS_TOLD = "inTab(() => globalThis.wasTold).then(([{ result }]) => result)"


def save_passage(reader: Reader, address: str, words: str) -> Page:
    """Select what a selector finds in a page, whatever it is in, save it, and go back to the top."""
    page = reader.read(address)
    frame = page.frames[-1]
    frame.locator(words).evaluate(SELECT)
    reader.press(page)
    Notice(page).wait_for("Saved")
    frame.evaluate("() => { getSelection().empty(); scrollTo(0, 0); }")
    return page


@pytest.fixture
def let_in(
    playwright: Playwright, extension: Path, read_site: Served, tmp_path: Path
) -> Iterator[Reader]:
    """Give a person who lets the extension into the site for good."""
    own, profile = tmp_path / "extension", tmp_path / "profile"
    shutil.copytree(extension, own)
    allow(playwright, profile, own, (read_site.address,))
    reader = Reader(playwright, profile, own, chromium_options())
    yield reader
    reader.close()


def test_a_moment_is_kept_with_its_frame_and_captions_and_sought_in_the_page_beside(
    reader: Reader, read_site: Served
) -> None:
    page = reader.read(serve_film(reader, read_site))
    at = save_moment(reader, page)
    [cutout] = reader.saved()
    assert (cutout["kind"], cutout["body"]) == ("video", "Ink & soot\nand water")
    assert cutout["anchor"] == {"start": pytest.approx(at, abs=0.06)}
    assert reader.asset(cutout["asset"])["type"] == "image/jpeg"
    Notice(page).button("Open Cutouts").click()
    before = len(reader.context.pages)
    Panel(reader).open("Film")
    is_at(page, cutout["anchor"]["start"])
    assert len(reader.context.pages) == before


def test_where_no_address_leads_a_new_tab_of_a_site_that_is_let_in_is_led_to_the_place(
    let_in: Reader, read_site: Served
) -> None:
    at = save_moment(let_in, let_in.read(serve_film(let_in, read_site)))
    read_site.page("inner", f"{FAR}<p id=words>An apple a day.</p>")
    outer = read_site.page("outer", "<title>Outer</title><iframe src=inner height=300></iframe>")
    save_passage(let_in, outer, "#words")
    page = let_in.read(read_site.page("other", "<title>Other</title>"))
    let_in.press(page)
    Notice(page).button("Open Cutouts").click()
    panel = Panel(let_in)
    opened = {}
    for title in ("Film", "Outer"):
        page.bring_to_front()
        with let_in.context.expect_page() as new:
            panel.open(title)
        opened[title] = new.value
    is_at(opened["Film"], at)
    opened["Outer"].wait_for_function("() => frames[0].scrollY > 0")
    frame = opened["Outer"].frames[1]
    assert frame.evaluate("() => getSelection().toString()") == "An apple a day."
    assert panel.evaluate(HINT) is None
    assert panel.evaluate(GRANTED) == [f"{read_site.address}/*"]  # as the person left it


def test_a_selection_that_the_address_names_is_scrolled_to_in_a_new_tab_and_nobody_is_asked(
    reader: Reader, read_site: Served
) -> None:
    article = f"<title>Of apples</title>{FAR}<p id=words>An apple a day.</p>"
    save_passage(reader, read_site.page("a", article), "#words")
    shadow = (
        f"<title>Shadow</title>{FAR}<my-box></my-box><script>"
        "document.querySelector('my-box').attachShadow({ mode: 'open' }).innerHTML ="
        " '<p>It is <b id=words>a pear a day</b>, or two.</p>'</script>"
    )
    page = save_passage(reader, read_site.page("shadow", shadow), "#words")
    Notice(page).button("Open Cutouts").click()
    panel = Panel(reader)
    reader.read(read_site.page("b", "<title>Other</title>")).bring_to_front()
    panel.evaluate("chrome.permissions.request = () => { throw new Error('asked'); }")
    for title in ("Of apples", "Shadow"):
        with reader.context.expect_page() as new:
            panel.open(title)
        new.value.wait_for_function("() => scrollY > 0")


def test_a_moment_of_youtube_is_sought_in_the_tab_that_was_opened_at_another(
    reader: Reader,
) -> None:
    film = base64.b64encode(recorded(reader.context)).decode("ascii")
    html = f"<title>Tube</title><video id=it src='data:video/webm;base64,{film}'></video>"
    watched = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
    reader.context.route(
        "https://www.youtube.com/**",
        lambda route: route.fulfill(body=html, content_type="text/html"),
    )
    page = reader.read(f"{watched}&list=PL1&t=1s")
    at = save_moment(reader, page)
    [cutout] = reader.saved()
    assert cutout["address"] == watched
    Notice(page).button("Open Cutouts").click()
    panel = Panel(reader)
    panel.wait_for(f"{FROM}.join() === 'This page'")
    before = len(reader.context.pages)
    panel.open("Tube")
    is_at(page, at)
    assert len(reader.context.pages) == before


def test_a_page_is_known_by_its_canonical_address_and_by_that_of_its_tab(
    reader: Reader, read_site: Served
) -> None:
    html = f"<title>Canonical</title><link rel=canonical href=/a>{FAR}<p id=words>An apple.</p>"
    read_site.page("read", html)
    address = f"{read_site.address}/read?from=elsewhere"
    page = save_passage(reader, address, "#words")
    [cutout] = reader.saved()
    assert cutout["address"] == f"{read_site.address}/a"
    reader.ask(
        "save",
        {
            "cutout": {
                **{name: cutout[name] for name in ("kind", "body", "note", "asset")},
                "address": address,
                "anchor": None,
                "key": "imported",
                "title": "Imported",
                "tags": [],
                "created": 0,
            }
        },
    )
    page.bring_to_front()
    Notice(page).button("Open Cutouts").click()
    panel = Panel(reader)
    panel.wait_for(f"{FROM}.join() === 'This page,This page'")
    before = len(reader.context.pages)
    panel.open("Canonical")
    page.wait_for_function("() => scrollY > 0")
    assert (len(reader.context.pages), page.url) == (before, address)


def test_a_page_that_lies_of_its_address_is_told_no_place_on_another(
    reader: Reader, read_site: Served
) -> None:
    elsewhere = read_site.address.replace("127.0.0.1", "localhost")
    read_site.page("a", "<title>Mine</title><p id=words>A secret.</p>")
    other = save_passage(reader, f"{elsewhere}/a", "#words")
    page = reader.read(read_site.page("b", "<title>Lies</title><h1>pear</h1>"))
    reader.press(page)
    Notice(page).button("Open Cutouts").click()
    panel = Panel(reader)
    panel.wait_for(f"{FROM}.join() === 'This page'")
    panel.evaluate(LIE.replace("LIE", f"{elsewhere}/a"))
    for one in (other, page):
        one.bring_to_front()  # so that the panel looks anew
    panel.wait_for(WAS_ASKED)
    with reader.context.expect_page() as new:
        panel.open("Mine")
    assert new.value.url.startswith(f"{elsewhere}/a")
    assert panel.evaluate(WAS_TOLD) is None


def test_what_is_taken_out_of_the_panel_is_brought_back_with_its_places(
    reader: Reader, read_site: Served, tmp_path: Path
) -> None:
    read_site.page("inner", "<p id=words>An apple a day.</p>")
    outer = read_site.page("outer", "<title>Outer</title><iframe src=inner></iframe>")
    save_passage(reader, outer, "#words")
    [cutout] = reader.saved()
    panel = reader.read(f"chrome-extension://{reader.id}/panel.html")
    panel.get_by_role("button", name="Your data").click()
    panel.get_by_label("As", exact=True).select_option(label="Everything, as a zip")
    with panel.expect_download() as saved:
        panel.get_by_role("button", name="Take out").click()
    archive = tmp_path / "library.zip"
    saved.value.save_as(archive)
    panel.get_by_role("button", name="Delete everything…").click()
    panel.get_by_role("button", name="Delete everything now").click()
    expect(panel.locator(".status")).to_contain_text("0 cutouts")
    panel.get_by_role("button", name="Your data").click()
    panel.locator("input[type=file]").set_input_files(archive)
    panel.get_by_text("1 added").wait_for()
    [back] = reader.saved()
    assert back["anchor"] == cutout["anchor"] == {"text": "An apple a day.", "isInFrame": True}
    assert (back["address"], back["body"]) == (outer, "An apple a day.")
