"""A large file that comes in: it can be stopped from any window, and the app goes on meanwhile."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.app import WAIT_MS, App
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

ROWS = 10_000
DROP = """
(rows) => {
  const line = (row) => `https://example.org/${row},Title ${row},tag ${row % 7}`;
  const lines = Array.from({ length: rows }, (_, row) => line(row));
  const data = new DataTransfer();
  data.items.add(new File([["url,title,tags", ...lines].join("\\n")], "many.csv"));
  const about = { bubbles: true, cancelable: true, dataTransfer: data };
  document.body.dispatchEvent(new DragEvent("drop", about));
}
"""
# What the library of this window answers, by the name of what was asked, in that order.
ANSWERS = """
globalThis.answers = [];
const names = new Map();
const post = Worker.prototype.postMessage;
Worker.prototype.postMessage = function (message, ...rest) {
  if (message?.type === "call") {
    if (names.size === 0) this.addEventListener("message", ({ data }) => {
      if (data.type === "answered") answers.push(names.get(data.id));
    });
    const { id, name, ask } = message;
    names.set(id, name === "find" ? `find ${ask.text}` : name);
  }
  return post.call(this, message, ...rest);
};
"""


def begin_import(app: App) -> None:
    """Bring many rows in, and return when some are durable and most are not."""
    app.page.evaluate(DROP, ROWS)
    app.page.get_by_role("button", name="Bring in many.csv").click()
    expect(app.sheet("Bring this in?").get_by_role("status")).to_have_text(
        re.compile(r"many\.csv: [1-9][\d,]* rows"), timeout=WAIT_MS
    )


@pytest.mark.parametrize("holds", [True, False], ids=["its own window", "another window"])
def test_an_import_is_stopped_whichever_window_holds_the_library_and_what_came_in_is_undone(
    context: BrowserContext, site: Site, *, holds: bool
) -> None:
    first = App(context, site.address).later().seed_titles("kept")
    app = first if holds else App(context, site.address).open()
    begin_import(app)
    app.page.get_by_role("button", name="Stop").click()
    report = app.page.locator(".report p").first
    expect(report).to_contain_text("It was stopped before its end.", timeout=WAIT_MS)
    added = int(re.sub(r".*: ([\d,]+) added.*", r"\1", report.inner_text()).replace(",", ""))
    assert 0 < added < ROWS
    assert first.ask("contents")["cutouts"] == added + 1
    app.page.get_by_role("button", name="Close").click()
    app.page.keyboard.press("z")
    app.expect_notice("Undone")
    assert first.ask("contents")["cutouts"] == 1
    assert first.ask("check") == {"problems": []}


@pytest.mark.parametrize("holds", [True, False], ids=["its own window", "another window"])
def test_what_is_typed_while_rows_come_in_is_answered_before_they_all_are(
    context: BrowserContext, site: Site, *, holds: bool
) -> None:
    context.add_init_script(ANSWERS)
    app = App(context, site.address).later().seed_titles("an apple pie")
    if not holds:
        app = App(context, site.address).open()
    begin_import(app)
    page = app.page
    page.keyboard.press("Escape")
    page.get_by_label("Search", exact=True).fill("apple")
    expect(page.locator("mark")).to_have_text("apple", timeout=WAIT_MS)
    page.wait_for_function("() => answers.includes('importFile')", timeout=6 * WAIT_MS)
    app.expect_notice(f"{ROWS:,} cutouts added from many.csv")
    answers = page.evaluate("answers")
    assert answers.index("find apple") < answers.index("importFile")
    expect(page.locator("[role=status]").first).to_have_text("1 cutout")
