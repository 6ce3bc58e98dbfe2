"""Where a cutout is from, as a person writes it: an address as it is meant, or said to be none."""

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from tests.browser.app import WAIT_MS, App
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser


@pytest.fixture
def app(context: BrowserContext, site: Site) -> App:
    """Give the app without a model."""
    return App(context, site.address).later()


def expect_refused(sheet: Locator, field: Locator) -> None:
    """Expect that the field says why, is read out with it, and has the focus."""
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(
        "the address is not absolute: expected one such as https://…"
    )
    expect(field).to_be_focused()
    expect(sheet).to_be_visible()


def test_a_new_cutout_keeps_a_host_as_an_address_and_is_refused_what_is_none(app: App) -> None:
    app.page.keyboard.press("n")
    sheet = app.sheet("New cutout")
    field = sheet.get_by_label("Where it is from")
    sheet.get_by_label("Text or address").fill("some words")
    field.fill("a book of mine")
    field.press("Enter")
    expect_refused(sheet, field)
    expect(sheet.get_by_label("Text or address")).to_have_value("some words")
    expect(field).to_have_value("a book of mine")
    assert app.ask("contents")["cutouts"] == 0
    field.fill("example.org/foo")
    field.press("Enter")
    app.expect_notice("Saved “some words”")
    app.page.locator(".line .title").click()
    expect(app.page.get_by_label("Address")).to_have_value("https://example.org/foo")


def test_an_edit_keeps_a_host_as_an_address_and_is_refused_what_is_none(app: App) -> None:
    app.seed({"key": "a", "title": "Story", "address": "https://example.org/"})
    app.title("Story").click(timeout=WAIT_MS)
    sheet = app.sheet("Story")
    field = sheet.get_by_label("Address")
    sheet.get_by_label("Note").fill("a note")
    field.fill("a book of mine")
    field.press("Enter")
    expect_refused(sheet, field)
    assert app.ask("get", {"key": "a"})["address"] == "https://example.org/"
    field.fill("example.net/bar")
    field.press("Enter")
    app.expect_notice("Changed")
    kept = app.ask("get", {"key": "a"})
    assert (kept["address"], kept["site"], kept["note"]) == (
        "https://example.net/bar",
        "example.net",
        "a note",
    )
