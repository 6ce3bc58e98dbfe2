"""What the app tells its library when a result is opened: the search, the place, and what was above."""

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.app import App
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

TOLD = """
globalThis.told = [];
const post = Worker.prototype.postMessage;
Worker.prototype.postMessage = function (message, ...rest) {
  if (message?.name === "opened") told.push(message.ask);
  return post.call(this, message, ...rest);
};
"""


@pytest.fixture
def app(context: BrowserContext, site: Site) -> App:
    """Give the app with three cutouts, no model, and an ear on what it tells of openings."""
    context.add_init_script(TOLD)
    return App(context, site.address).later().seed_titles("rye bread", "white bread", "bread")


def test_an_opened_result_is_told_with_its_search_its_place_and_those_above(app: App) -> None:
    page = app.page
    page.get_by_label("Search", exact=True).fill("bread")
    expect(page.locator("mark")).to_have_count(3)
    titles = app.titles()
    app.title(titles[2]).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(app.title(titles[2])).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(app.title(titles[1])).to_be_focused()
    page.keyboard.press("e")
    assert page.evaluate("told") == [
        {"query": "bread", "place": 2, "key": titles[2], "above": titles[:2]},
        {"query": "bread", "place": 1, "key": titles[1], "above": titles[:1]},
    ]


def test_what_is_opened_among_likes_belongs_to_no_search(app: App) -> None:
    page = app.page
    page.get_by_label("Search", exact=True).fill("rye")
    expect(page.locator("mark")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(app.title("rye bread")).to_be_focused()
    page.keyboard.press("m")
    expect(page.locator(".status")).to_contain_text("2 cutouts like")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert [told["query"] for told in page.evaluate("told")] == [""]
