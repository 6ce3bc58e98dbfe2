"""A clock that is set back or jumps: saves, their order, undo and the model's work stay right."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.app import App
from tests.browser.conftest import Site
from tests.browser.library import Window
from tests.browser.test_library import wait_until_read

pytestmark = pytest.mark.browser

OpenWindow = Callable[[], Window]
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
# The clock of a worker that runs, in its first lines: it is behind by what it is told.
CLOCK = """
const Real = Date;
let behind = 0;
globalThis.Date = class extends Real {
  constructor(...given) { if (given.length > 0) super(...given); else super(Real.now() - behind); }
  static now() { return Real.now() - behind; }
};
const told = new BroadcastChannel("test: clock");
told.onmessage = ({ data }) => { behind = data; told.postMessage("jumped"); };
"""
JUMP = """
(ms) => new Promise((resolve) => {
  const clock = new BroadcastChannel("test: clock");
  clock.onmessage = () => { clock.close(); resolve(); };
  clock.postMessage(ms);
})
"""


def set_back(site: Site, by_ms: int) -> None:
    """Let every worker of the library that starts from now on see a clock that is behind."""
    clock = f"const Real = Date; globalThis.Date = class extends Real {{ constructor(...given) {{ \
if (given.length > 0) super(...given); else super(Real.now() - {by_ms}); }} \
static now() {{ return Real.now() - {by_ms}; }} }};\n"

    # After the imports of a module anything may stand; before its own code this must.
    def edit(script: str) -> str:
        return clock + script

    site.line.edits["/library/worker.js"] = edit


@pytest.mark.parametrize(
    "by_ms", [HOUR_MS, 365 * DAY_MS, 60 * 365 * DAY_MS], ids=["an hour", "a year", "before 1970"]
)
def test_after_the_clock_was_set_back_everything_is_saved_tagged_and_undone_in_its_order(
    windows: OpenWindow, site: Site, by_ms: int
) -> None:
    window = windows()
    window.ask("useModel", {"url": "/bundle/"})
    now = window.page.evaluate("Date.now()")
    window.save("first", title="an apple", created=now)
    window.ask("tag", {"keys": ["first"], "name": "mine"})
    wait_until_read(window)
    before = window.ask("get", {"key": "first"})["changed"]
    assert window.ask("tag", {"keys": ["first"], "name": "early"}) is None
    assert window.ask("undo") == {"what": "tag"}
    window.page.close()

    set_back(site, by_ms)
    window = windows()
    window.ask("useModel", {"url": "/bundle/"})
    assert window.save("second", title="and", created=now - by_ms) == {"isNew": True}
    wait_until_read(window)
    assert [tag["name"] for tag in window.ask("get", {"key": "second"})["tags"]] == ["rest"]
    window.ask("edit", {"key": "first", "edit": {"note": "later"}})
    window.ask("untag", {"keys": ["first"], "name": "mine"})
    first = window.ask("get", {"key": "first"})
    assert first["changed"] >= before
    hits = window.ask("find", {"text": "", "limit": 9, "offset": 0})["hits"]
    assert [hit["key"] for hit in hits] == [
        "first",
        "second",
    ]  # by the clock that each was saved by
    assert window.ask("undo") == {"what": "untag"}
    assert window.ask("undo") == {"what": "edit"}
    assert window.ask("undo") == {"what": "save"}
    assert window.ask("check") == {"problems": []}


@pytest.mark.parametrize(
    "by_ms", [HOUR_MS, 365 * DAY_MS, 60 * 365 * DAY_MS], ids=["an hour", "a year", "before 1970"]
)
def test_a_clock_that_jumps_back_and_forth_while_the_library_is_open_changes_no_order(
    windows: OpenWindow, site: Site, by_ms: int
) -> None:
    site.line.edits["/library/worker.js"] = lambda script: CLOCK + script
    window = windows()
    window.ask("useModel", {"url": "/bundle/"})
    now = window.page.evaluate("Date.now()")
    behind = (0, by_ms, -DAY_MS, by_ms)  # right, back, a day ahead, back again
    changed = []
    for number, ms in enumerate(behind):
        window.page.evaluate(JUMP, ms)
        key = f"{number}"
        assert window.save(key, title=f"an apple {number}", created=now - ms) == {"isNew": True}
        assert window.save(key, title="again") == {"isNew": False}
        window.ask("edit", {"key": "0", "edit": {"note": f"note {number}"}})
        window.ask("tag", {"keys": [key], "name": "mine"})
        wait_until_read(window)
        tags = {tag["name"] for tag in window.ask("get", {"key": key})["tags"]}
        assert tags == {"fruit", "mine"}
        changed.append(window.ask("get", {"key": "0"})["changed"])
    assert changed == sorted(changed)
    hits = window.ask("find", {"text": "", "limit": 9, "offset": 0})["hits"]
    assert [hit["key"] for hit in hits] == ["2", "0", "3", "1"]  # equal times: the later one first
    for number in reversed(range(len(behind))):
        assert window.ask("undo") == {"what": "tag"}
        assert window.ask("undo") == {"what": "edit"}
        before = f"note {number - 1}" if number > 0 else ""
        assert window.ask("get", {"key": "0"})["note"] == before
        assert window.ask("undo") == {"what": "save"}
        assert window.ask("contents")["cutouts"] == number
    assert window.ask("undo") == {"what": None}
    assert window.ask("check") == {"problems": []}


def test_what_is_pasted_after_the_clock_of_the_page_jumped_back_stands_by_that_clock_and_is_undone(
    context: BrowserContext, site: Site
) -> None:
    app = App(context, site.address).later()
    now = app.page.evaluate("Date.now()")
    for title, ms in (
        ("first", 0),
        ("second", -DAY_MS),
        ("third", -2 * DAY_MS),
        ("fourth", DAY_MS),
    ):
        app.page.clock.set_fixed_time(now + ms)
        app.carry("paste", text_plain=title)
        app.expect_notice(f"Saved “{title}”")
    order = ["fourth", "first", "second", "third"]
    titles = app.page.locator(".line .title")
    expect(titles).to_have_text(order)
    for title in ("fourth", "third", "second", "first"):
        app.page.keyboard.press("z")
        order.remove(title)
        expect(titles).to_have_text(order)
    assert app.ask("check") == {"problems": []}
