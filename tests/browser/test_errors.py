"""Errors of the rooms as they are built, where names of classes are made short."""

import pytest
from playwright.sync_api import Page

from tests.browser.app import App
from tests.browser.conftest import Site, Watched

pytestmark = pytest.mark.browser

CATCH = """
async ([room, kind, call]) => {
  const door = await import(`/${room}/index.js`);
  try {
    await (room === "library" ? door.openLibrary().ask(...call) : door.loadBundle(call));
  } catch (error) {
    return { isKind: error instanceof door[kind], name: error.name, message: error.message };
  }
}
"""


def caught(page: Page, room: str, kind: str, call: object) -> tuple[bool, str]:
    """Return whether what a call throws is of that class, and its name."""
    error = page.evaluate(CATCH, [room, kind, call])
    return error["isKind"], error["name"]


def test_an_error_of_the_library_is_of_its_class_again(open_page: Watched) -> None:
    call = ["tag", {"keys": ["gone"], "name": "x"}]
    assert caught(open_page.page, "library", "LibraryError", call) == (True, "LibraryError")


def test_an_error_of_the_runtime_is_of_its_class_again(open_page: Watched, site: Site) -> None:
    call = "/nowhere/"
    assert caught(open_page.page, "runtime", "NetworkError", call) == (True, "NetworkError")
    (site.bundle / "manifest.json").write_text('{"format": 2}')
    found = caught(open_page.page, "runtime", "BundleError", "/bundle/")
    assert found == (True, "BundleError")


def test_the_app_says_what_the_library_says_and_not_to_reload(
    open_page: Watched, site: Site
) -> None:
    app = App(open_page.page.context, site.address).later().seed_titles("an apple")
    app.page.get_by_label("Choose an apple").check()
    app.ask("trash", {"keys": ["an apple"], "isTrashed": True})
    app.ask("emptyTrash")
    app.page.keyboard.press("t")
    app.page.keyboard.type("late")
    app.page.keyboard.press("Enter")
    app.expect_notice("no cutout has the key an apple: it was deleted, perhaps in another window")
    assert "something went wrong" not in app.page.locator(".notice").inner_text()
