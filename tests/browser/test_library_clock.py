"""A clock that is set back: saves, their order, undo and the model's work stay right."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Site
from tests.browser.library import Window
from tests.browser.test_library import wait_until_read

pytestmark = pytest.mark.browser

OpenWindow = Callable[[], Window]
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


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
