"""How often the app asks the library for its list: once for each thing that a person does."""

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.app import App
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

# Counts what the page asks its worker.
COUNT = """
globalThis.asked = [];
const post = Worker.prototype.postMessage;
Worker.prototype.postMessage = function (message, ...rest) {
  if (message?.type === "call") asked.push(message.name);
  return post.call(this, message, ...rest);
};
"""
LATER_MS = 1000  # by a clock that the test moves


@pytest.mark.parametrize("window", ["owner", "follower"])
def test_a_change_is_followed_by_one_look_at_the_list(
    context: BrowserContext, site: Site, window: str
) -> None:
    if window == "follower":
        App(context, site.address).later()
    context.add_init_script(COUNT)
    app = App(context, site.address)
    app.page.clock.install()
    if window == "follower":
        app.open()
    else:
        app.later()
    app.page.clock.run_for(LATER_MS)
    for title in ("one", "two", "three"):
        app.page.evaluate("() => void (asked.length = 0)")
        app.carry("paste", text_plain=title)
        expect(app.title(title)).to_be_visible()
        app.page.clock.run_for(LATER_MS)
        app.ask("contents")  # a later question: what was asked before is answered
        assert app.page.evaluate("asked.filter((name) => name !== 'asset')") == [
            *("save", "find", "tags", "contents"),
            "contents",  # the one above
        ]


def test_a_change_of_another_window_is_followed_by_one_look(
    context: BrowserContext, site: Site
) -> None:
    context.add_init_script(COUNT)
    app = App(context, site.address).later()
    other = App(context, site.address).open()
    app.page.evaluate("() => void (asked.length = 0)")
    other.carry("paste", text_plain="from elsewhere")
    expect(app.title("from elsewhere")).to_be_visible()
    assert app.page.evaluate("asked") == ["find", "tags", "contents"]


def test_a_window_opened_later_knows_the_model_that_another_one_loaded(
    context: BrowserContext, site: Site
) -> None:
    App(context, site.address).begin()
    later = App(context, site.address).open()
    expect(later.page.locator(".side .hint")).to_have_text("Everything is tagged.")
