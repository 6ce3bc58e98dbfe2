"""Things dropped together: each is saved, offered, or named as not taken."""

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.app import App
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"/>'
IMAGE = ["drawing.svg", "image/svg+xml", DRAWING]
# A drop on a field, with a file; whether the browser is left to open the file is what comes back.
DROP_ON = """
(field) => {
  const data = new DataTransfer();
  data.items.add(new File(["url"], "saved.csv", { type: "text/csv" }));
  const about = { bubbles: true, cancelable: true, dataTransfer: data };
  return field.dispatchEvent(new DragEvent("drop", about));
}
"""


def rows(name: str, title: str) -> list[str]:
    """Return a table with one bookmark, as a file."""
    return [name, "text/csv", f"title,url\n{title},https://example.org/{title}\n"]


@pytest.fixture
def app(context: BrowserContext, site: Site) -> App:
    """Give the app without a model."""
    return App(context, site.address).later()


def test_an_image_is_saved_and_the_file_dropped_with_it_is_offered(app: App) -> None:
    app.carry("drop", [IMAGE, rows("saved.csv", "Bread")])
    sheet = app.sheet("Bring this in?")
    sheet.get_by_role("button", name="Bring in saved.csv").click()
    expect(sheet.get_by_role("status")).to_contain_text("1 added")
    app.page.keyboard.press("Escape")
    expect(app.title("drawing.svg")).to_be_visible()
    expect(app.title("Bread")).to_be_visible()


def test_of_several_files_none_is_offered_again_once_it_was_brought_in(app: App) -> None:
    app.carry("drop", [rows("one.csv", "One"), rows("two.csv", "Two")])
    app.carry("drop", [rows("one.csv", "Three")])  # another file of the same name
    sheet = app.sheet("Bring this in?")
    offers = sheet.get_by_role("button", name="Bring in")
    expect(offers).to_have_text(["Bring in one.csv", "Bring in two.csv", "Bring in one.csv"])
    left = [["Bring in two.csv", "Bring in one.csv"], ["Bring in one.csv"], []]
    for offered in left:
        offers.first.click()
        expect(offers).to_have_text(offered)
        expect(sheet.get_by_role("status")).to_contain_text("1 added")
    app.page.keyboard.press("Escape")
    for title in ("One", "Two", "Three"):
        expect(app.title(title)).to_be_visible()


def test_each_of_several_links_is_saved(app: App) -> None:
    links = "https://example.org/1\nhttps://example.org/2"
    app.carry("drop", text_uri_list=links, text_plain=links)
    expect(app.page.locator(".status")).to_have_text("2 cutouts")


def test_a_drop_that_holds_nothing_to_save_is_said_not_to_be_taken(app: App) -> None:
    app.carry("drop", text_html="<hr>")
    app.expect_notice("Not taken: there is no text, link, image or file in it")


def test_a_file_dropped_on_a_form_is_named_as_not_taken_and_what_was_typed_stays(app: App) -> None:
    app.page.keyboard.press("n")
    field = app.sheet("New cutout").get_by_label("Title")
    field.fill("half a title")
    assert field.evaluate(DROP_ON) is False
    app.expect_notice("Not taken: “saved.csv”, close what is open first")
    expect(field).to_have_value("half a title")
