"""A browser, a tab or a worker is killed in the middle of an import or of a change of the tables."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Site
from tests.browser.library import HEAD, ON_LINUX, OPEN, Person, Window

pytestmark = pytest.mark.browser

ROWS = 20_000
COPY = "/library-1-version-1.sqlite"
IMPORT = """
(rows) => {
  globalThis.rows = 0;
  const line = (row) => `https://example.org/${row},Title ${row},tag ${row % 7}`;
  const text = `url,title,tags\\n${Array.from({ length: rows }, (_, row) => line(row)).join("\\n")}\\n`;
  const onRows = (durable) => { globalThis.rows = durable; };
  const file = new Blob([text]);
  const said = ({ message }) => message;
  globalThis.importing = library.ask("importFile", { file }, { onRows }).catch(said);
}
"""
# The worker of a library whose tables have one more step, so slow that it can be stopped in between.
SLOW_STEP = """CREATE TABLE later (x);
INSERT INTO later WITH RECURSIVE n (x) AS (
  SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < ROWS
) SELECT x FROM n;
CREATE INDEX later_x ON later (x);"""


def import_on(window: Window) -> None:
    """Begin an import and return when some of it is durable and most is not."""
    window.page.evaluate(IMPORT, ROWS)
    window.page.wait_for_function("() => rows >= 1000")


def check_import(window: Window, durable: int) -> None:
    """Check that the import stands in whole batches, and that undo takes all of it back."""
    kept = window.ask("contents")["cutouts"] - 1
    assert kept % 250 == 0
    assert durable <= kept < ROWS
    assert window.ask("check") == {"problems": []}
    assert window.ask("undo") == {"what": "import"}
    assert window.ask("contents")["cutouts"] == 1
    window.page.evaluate(IMPORT, 2000)
    assert window.page.evaluate("importing")["added"] == 2000
    assert window.ask("contents")["cutouts"] == 2001


@ON_LINUX
def test_an_import_in_which_the_browser_was_killed_is_there_in_whole_batches_and_undone_at_once(
    person: Person,
) -> None:
    window = person.window()
    window.save("before", title="kept")
    import_on(window)
    durable = window.page.evaluate("rows")
    person.kill()
    check_import(person.window(), durable)


def with_step(rows: int) -> Any:
    """Return what makes a worker one of the next version."""
    end = "does the rest\nEND;\n`]"
    step = SLOW_STEP.replace("ROWS", str(rows))

    def edit(script: str) -> str:
        assert script.count(end) == 1
        return script.replace(end, f"{end[:-1]},`{step}`]")

    return edit


def read(path: Path, to: Path) -> sqlite3.Connection:
    """Return a file of the pool as Python's own SQLite sees it."""
    to.write_bytes(path.read_bytes()[HEAD:])
    return sqlite3.connect(to)


def in_the_change(person: Person, site: Site, wait_ms: int) -> Page:
    """Return a page whose worker is in the middle of a change of the tables, for so long already."""
    page = person.started().new_page()
    page.goto(f"{site.address}/library/index.js")
    page.evaluate(OPEN)
    while COPY not in person.files():
        page.wait_for_timeout(20)
    page.wait_for_timeout(wait_ms)
    assert page.evaluate("states") == []  # it is still at it
    return page


@ON_LINUX
def test_a_change_of_the_tables_in_which_the_browser_was_killed_is_whole_or_not_begun(
    person: Person, site: Site, tmp_path: Path
) -> None:
    window = person.window()
    for number in range(5):
        window.save(f"{number}", "Bread", title=f"No. {number}")
    person.close()
    site.line.edits["/library/worker.js"] = with_step(100_000_000)
    for wait_ms in (0, 300, 1500):
        in_the_change(person, site, wait_ms)
        person.kill()
    copy = read(person.files()[COPY], tmp_path / "copy.sqlite")
    assert copy.execute("SELECT count(*) FROM cutout").fetchone() == (5,)
    assert copy.execute("PRAGMA user_version").fetchone() == (1,)
    assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    copy.close()

    del site.line.edits["/library/worker.js"]
    window = person.window()  # the former version opens it: the step was not begun
    assert window.ask("contents")["cutouts"] == 5
    assert window.ask("check") == {"problems": []}
    person.close()

    site.line.edits["/library/worker.js"] = with_step(10)
    window = person.window()
    assert window.ask("get", {"key": "4"})["title"] == "No. 4"
    assert window.ask("check") == {"problems": []}
    person.close()
    del site.line.edits["/library/worker.js"]
    refused = person.window().ask("contents")["error"]
    assert "the library is of version 2 and this app knows 1: reload the page" in refused


def kill_tab(person: Person, page: Page) -> None:
    """End the process of the tab, as the system does when memory runs out."""
    process = person.process_of(page)
    with page.expect_event("crash"):
        os.kill(process, signal.SIGKILL)


def end_worker(_: Person, page: Page) -> None:
    """End the worker alone."""
    page.evaluate("library.worker.terminate()")


@ON_LINUX
@pytest.mark.parametrize("kill", [kill_tab, end_worker], ids=["the tab", "the worker"])
def test_a_change_of_the_tables_in_which_a_tab_or_its_worker_was_killed_is_whole_or_not_begun(
    person: Person, site: Site, kill: Callable[[Person, Page], None]
) -> None:
    window = person.window()
    for number in range(5):
        window.save(f"{number}", "Bread", title=f"No. {number}")
    window.page.close()
    for wait_ms in (0, 300, 1500):
        site.line.edits["/library/worker.js"] = with_step(100_000_000)
        page = in_the_change(person, site, wait_ms)
        kill(person, page)
        del site.line.edits["/library/worker.js"]
        window = person.window()  # the browser lives on; the former version opens the library
        assert window.ask("contents")["cutouts"] == 5
        assert window.ask("check") == {"problems": []}
        window.page.close()
        page.close()

    site.line.edits["/library/worker.js"] = with_step(10)
    window = person.window()
    assert window.ask("get", {"key": "4"})["tags"][0]["name"] == "Bread"
    assert window.ask("contents")["setAside"] == []
    assert window.ask("check") == {"problems": []}
