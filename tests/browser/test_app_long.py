"""A list of 3,000 cutouts: what is drawn, what is asked for, and where the list stands."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.app import WAIT_MS, App
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

MANY = 3000
MOST_LINES = 24  # of 800 pixels' height, and some above and below
MOST_ELEMENTS = 500
# Notes what is asked of the library, and, before the page hears of them, which answers came.
NOTE = """
globalThis.asked = [];
globalThis.mostWaiting = 0;
const waiting = new Set();
globalThis.Worker = class extends Worker {
  constructor(...about) {
    super(...about);
    this.addEventListener("message", ({ data }) => waiting.delete(data.id));
  }
  postMessage(message, ...rest) {
    if (message?.name === "find") {
      asked.push([message.ask.offset, message.ask.limit]);
      mostWaiting = Math.max(mostWaiting, waiting.add(message.id).size);
    }
    super.postMessage(message, ...rest);
  }
};
"""
FILL = """
async (count) => {
  const { openLibrary } = await import(new URL("./library/index.js", document.baseURI));
  const library = openLibrary();
  const plain = { kind: "page", body: "", note: "", address: "", tags: [] };
  const lines = Array.from({ length: count }, (_, number) =>
    JSON.stringify({ key: `${number}`, title: `No. ${number}`, created: 1.76e12 - number, ...plain }));
  await library.ask("importFile", { file: new Blob([lines.join("\\n")]) });
  library.close();
}
"""
SCROLL = """
(share) => {
  const list = document.querySelector(".list");
  list.scrollTop = list.scrollHeight * share;
}
"""
# Scrolls as soon as there is a list.
SCROLL_AT_ONCE = """
(share) => {
  const observer = new MutationObserver(() => {
    const list = document.querySelector(".list");
    if (list === null || list.scrollHeight < 100_000) return;
    observer.disconnect();
    list.scrollTop = list.scrollHeight * share;
  });
  observer.observe(document.body, { subtree: true, childList: true, attributes: true });
}
"""
# Scrolls so that the lower edge cuts a line below its title; returns where on the page the title is.
CUT_BY_THE_EDGE = """
async (place) => {
  const list = document.querySelector(".list");
  const line = list.querySelector(".ruler").offsetHeight;
  list.scrollTop = (place + 1) * line - list.clientHeight - line / 3;
  await new Promise((go) => setTimeout(go, 100));
  const title = list.querySelector(`.line[data-place="${place}"] .title`).getBoundingClientRect();
  return [title.left + 5, title.top + title.height / 2];
}
"""
# Notes whether any line in sight is without its cutout from now on.
WATCH = """
() => {
  globalThis.wasEmpty = false;
  const look = () => { wasEmpty ||= document.querySelector("li.line.empty") !== null };
  const about = { subtree: true, childList: true, attributes: true };
  new MutationObserver(look).observe(document.querySelector(".list"), about);
}
"""
DRAG = """
async () => {
  const list = document.querySelector(".list");
  for (let step = 0; step <= 60; step++) {
    list.scrollTop = (list.scrollHeight * step) / 60;
    await new Promise(requestAnimationFrame);
  }
}
"""


@pytest.fixture
def empty(context: BrowserContext, site: Site) -> App:
    """Give the app with nothing in it and no model."""
    context.add_init_script(NOTE)
    return App(context, site.address).later()


@pytest.fixture
def app(empty: App) -> App:
    """Give the app with many cutouts and no model."""
    empty.page.evaluate(FILL, MANY)
    expect(empty.page.locator(".status")).to_have_text("3,000 cutouts", timeout=WAIT_MS)
    return empty


def forget(app: App) -> None:
    app.page.evaluate("() => void (asked.length = 0)")


def asked(app: App) -> Any:
    """Return offset and limit of each question, once every line in sight is there."""
    expect(app.page.locator("li.line.empty")).to_have_count(0)
    return app.page.evaluate("asked")


def test_wherever_the_list_stands_only_lines_in_sight_are_in_the_page(app: App) -> None:
    page = app.page
    for share in (0, 0.5, 1):
        page.evaluate(SCROLL, share)
        expect(
            page.locator(f".line[data-place='{min(MANY - 1, int(MANY * share))}']")
        ).to_be_visible()
        expect(page.locator("li.line.empty")).to_have_count(0)
        assert page.locator("li.line").count() <= MOST_LINES
        assert page.locator("*").count() <= MOST_ELEMENTS


def test_a_place_far_away_is_asked_for_alone_and_a_place_seen_before_not_again(app: App) -> None:
    forget(app)
    app.page.evaluate(SCROLL, 0.5)
    expect(app.title("No. 1505")).to_be_visible()
    found = asked(app)
    assert set(map(tuple, found)) <= {(1450, 50), (1500, 50)}
    assert len(found) <= 2
    forget(app)
    app.page.keyboard.press("Home")
    app.page.evaluate(SCROLL, 0)
    expect(app.title("No. 0")).to_be_visible()
    assert asked(app) == []
    app.page.keyboard.press("End")
    expect(app.title(f"No. {MANY - 1}")).to_be_focused()
    assert asked(app) == [[MANY - 50, 50]]


def test_a_scrollbar_that_is_dragged_asks_one_question_at_a_time(app: App) -> None:
    app.page.evaluate("() => { mostWaiting = 0 }")
    app.page.evaluate(DRAG)
    expect(app.title(f"No. {MANY - 1}")).to_be_visible()
    assert asked(app)[-1] == [MANY - 50, 50]
    assert app.page.evaluate("mostWaiting") == 1


def test_a_list_stays_where_it_is_scrolled_in_the_moment_in_which_it_comes(empty: App) -> None:
    empty.page.evaluate(SCROLL_AT_ONCE, 0.5)
    empty.page.evaluate(FILL, MANY)
    expect(empty.title("No. 1502")).to_be_visible(timeout=WAIT_MS)


def test_a_change_leaves_what_is_in_sight_where_it_is(app: App) -> None:
    app.page.evaluate(SCROLL, 0.5)
    expect(app.title("No. 1502")).to_be_visible()
    app.page.evaluate(WATCH)
    app.ask("tag", {"keys": ["1502"], "name": "seen"})
    expect(app.tags("No. 1502")).to_have_text(["seen"])
    assert app.page.evaluate("wasEmpty") is False


def test_a_new_search_begins_at_its_first_result_however_far_the_list_was_scrolled(
    app: App,
) -> None:
    app.page.evaluate(SCROLL, 0.5)
    expect(app.title("No. 1502")).to_be_visible()
    app.page.get_by_label("Search", exact=True).fill("No")
    expect(app.page.locator(".line[data-place='0'] mark")).to_be_in_viewport()


def test_back_from_likes_leads_to_a_line_far_down(app: App) -> None:
    app.page.keyboard.press("End")
    expect(app.title(f"No. {MANY - 1}")).to_be_focused()
    app.page.keyboard.press("m")
    expect(app.page.locator(".status")).to_contain_text("like “No. 2999”")
    app.page.keyboard.press("Escape")
    expect(app.title(f"No. {MANY - 1}")).to_be_focused()
    expect(app.title(f"No. {MANY - 1}")).to_be_in_viewport()
    assert app.page.locator("li.line").count() <= MOST_LINES


def test_home_leads_to_the_first_line_from_wherever_the_list_is_scrolled_to(app: App) -> None:
    app.page.evaluate(SCROLL, 0.5)
    expect(app.title("No. 1502")).to_be_visible()
    app.page.keyboard.press("Home")
    expect(app.title("No. 0")).to_be_focused()


def test_a_line_that_the_edge_cuts_stays_where_it_is_pressed_and_is_opened(app: App) -> None:
    page = app.page
    x, y = page.evaluate(CUT_BY_THE_EDGE, 20)
    page.mouse.move(x, y)
    page.mouse.down()
    page.wait_for_timeout(150)  # as a finger on a button takes
    page.mouse.up()
    expect(page.get_by_role("dialog")).to_contain_text("No. 20")
