"""The side panel, opened by a click in a notice: what is from the page beside it, and the way there."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.extension import Reader, Served
from tests.browser.notice import Notice
from tests.browser.panel import Panel

pytestmark = pytest.mark.browser

TITLES = "[...document.querySelectorAll('.line .title')].map((one) => one.textContent)"
FROM = "[...document.querySelectorAll('.line .near')].map((one) => one.textContent)"
STATUS = "document.querySelector('.status').textContent"


def save(reader: Reader, address: str) -> Page:
    """Save a page, and wait until that is said."""
    page = reader.read(address)
    reader.press(page)
    Notice(page).wait_for("Saved")
    return page


@pytest.fixture
def addresses(read_site: Served) -> list[str]:
    """Give two pages of one site and one of another, in the order in which they are saved."""
    for name in ("one", "two", "other"):
        read_site.page(name, f"<title>{name}</title><h1>apple</h1>")
    elsewhere = read_site.address.replace("127.0.0.1", "localhost")
    return [f"{read_site.address}/one", f"{read_site.address}/two", f"{elsewhere}/other"]


def test_beside_a_page_its_cutouts_come_first_then_those_of_its_site(
    reader: Reader, addresses: list[str]
) -> None:
    pages = [save(reader, address) for address in addresses]
    Notice(pages[2]).button("Open Cutouts").click()
    panel = Panel(reader)
    panel.wait_for(f"{TITLES}.join() === 'other,two,one' && {FROM}.join() === 'This page'")
    pages[0].bring_to_front()
    panel.wait_for(f"{TITLES}.join() === 'one,two,other'")
    assert panel.evaluate(FROM) == ["This page", "This site"]
    if folder := os.environ.get("SCREENSHOTS"):
        for width in (320, 400):
            for dark in (False, True):
                name = f"panel-{width}-{'dark' if dark else 'light'}.png"
                (Path(folder) / name).write_bytes(panel.picture(width, 640, dark=dark))


def test_of_a_tab_that_the_person_did_not_use_the_panel_says_that_it_knows_nothing(
    reader: Reader, addresses: list[str]
) -> None:
    page = save(reader, addresses[0])
    Notice(page).button("Open Cutouts").click()
    panel = Panel(reader)
    panel.wait_for(f"{TITLES}.join() === 'one'")
    other = reader.read(addresses[1])
    other.bring_to_front()
    panel.wait_for(f"{STATUS}.includes('does not tell the address of this tab')")
    reader.press(other)
    panel.wait_for(f"!{STATUS}.includes('does not tell') && {TITLES}.join() === 'two,one'")


def test_a_cutout_opens_in_its_own_tab_if_that_is_beside_else_in_a_new_one(
    reader: Reader, addresses: list[str]
) -> None:
    page = save(reader, addresses[0])
    save(reader, addresses[1]).close()
    page.bring_to_front()
    reader.press(page)  # it is shown: this only opens the tab to the panel
    Notice(page).button("Open Cutouts").click()
    panel = Panel(reader)
    panel.wait_for(f"{TITLES}.join() === 'one,two'")
    before = len(reader.context.pages)
    for place, url in enumerate(addresses[:2]):
        panel.evaluate(f"document.querySelectorAll('.line .title')[{place}].click()")
        panel.wait_for("document.querySelector('dialog[open] .source a') !== null")
        panel.evaluate("document.querySelector('dialog[open] .source a').click()")
        panel.evaluate("document.querySelector('dialog[open] .icon').click()")
        page.wait_for_timeout(500)
        assert len(reader.context.pages) == before + place
        assert reader.context.pages[-1 if place else reader.context.pages.index(page)].url == url


def test_a_cutout_opens_at_its_place_in_a_frame_of_the_page_beside(
    reader: Reader, read_site: Served
) -> None:
    far = "<p>Other words.</p>" * 200 + "<p id=words>An apple a day.</p>"
    read_site.page("inner", far)
    outer = "<title>Outer</title><iframe src=inner width=300 height=300></iframe>"
    page = reader.read(read_site.page("outer", outer))
    page.frames[1].evaluate("getSelection().selectAllChildren(document.getElementById('words'))")
    reader.press(page)
    Notice(page).button("Open Cutouts").click()
    page.frames[1].evaluate("{ getSelection().empty(); scrollTo(0, 0); }")
    panel = Panel(reader)
    panel.wait_for(f"{TITLES}.length === 1")
    panel.evaluate("document.querySelector('.line .title').click()")
    panel.wait_for("document.querySelector('dialog[open] .source a') !== null")
    panel.evaluate("document.querySelector('dialog[open] .source a').click()")
    page.frames[1].wait_for_function("getSelection().toString() === 'An apple a day.'")
    assert page.frames[1].evaluate("scrollY") > 0


def test_the_panel_searches_all_that_was_saved(reader: Reader, addresses: list[str]) -> None:
    page = [save(reader, address) for address in addresses][-1]
    Notice(page).button("Open Cutouts").click()
    panel = Panel(reader)
    panel.wait_for(f"{TITLES}.length === 3")
    panel.evaluate(
        "{ const field = document.querySelector('#search'); field.value = 'site:127.0.0.1';"
        " field.dispatchEvent(new Event('input', { bubbles: true })) }"
    )
    panel.wait_for(f"{TITLES}.join() === 'two,one'")


def test_a_selection_looks_in_the_panel_as_it_did_on_its_page(
    reader: Reader, read_site: Served
) -> None:
    html = "<html lang=fr><title>Poires</title><p id=words>Une <b>poire</b> par jour.</p>"
    page = reader.read(read_site.page("a", html))
    page.evaluate("() => getSelection().selectAllChildren(document.getElementById('words'))")
    reader.press(page)
    Notice(page).wait_for("Saved")
    Notice(page).button("Open Cutouts").click()
    panel = Panel(reader)
    panel.wait_for(f"{TITLES}.join() === 'Poires'")
    panel.evaluate("document.querySelector('.line .title').click()")
    assert panel.wait_for("document.querySelector('.formatted b')?.textContent") == "poire"
    assert panel.evaluate("document.querySelector('.formatted').lang") == "fr"
    if folder := os.environ.get("SCREENSHOTS"):
        (Path(folder) / "panel-formatted.png").write_bytes(panel.picture(400, 640))


def test_the_row_of_lists_shows_no_scrollbar_and_a_wheel_goes_along_it(reader: Reader) -> None:
    page = reader.context.new_page()
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"chrome-extension://{reader.id}/panel.html")
    row = page.locator(".lists")
    assert row.evaluate("(row) => row.scrollWidth > row.clientWidth")
    assert row.evaluate("(row) => row.offsetHeight - row.clientHeight") == 0
    row.hover()
    page.mouse.wheel(0, 200)
    page.wait_for_function("() => document.querySelector('.lists').scrollLeft > 0")
