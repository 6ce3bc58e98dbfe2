"""Windows of one library: one crashes, stands still, is reloaded or loses its worker."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.app import WAIT_MS, App
from tests.browser.axe import look
from tests.browser.conftest import Site
from tests.browser.library import ON_LINUX, OPEN, SAVE_ON, Person, Window
from tests.browser.test_library_faults import check_import, import_on

pytestmark = pytest.mark.browser

OpenWindow = Callable[[], Window]
SAVE_MANY = """
([name, count]) => {
  const plain = { kind: "page", body: "", note: "", address: "", anchor: null, asset: null };
  const keys = Array.from({ length: count }, (_, number) => `${name} ${number}`);
  const made = (key) => ({ ...plain, tags: [], created: 1, key, title: key });
  const save = (key) => library.ask("save", { cutout: made(key) });
  const added = (saved) => saved.filter(({ isNew }) => isNew).length;
  globalThis.saving = Promise.all(keys.map(save)).then(added);
}
"""


def save_on(window: Window) -> None:
    """Save one cutout after the other until the window ends; return when 20 are acknowledged."""
    window.page.evaluate(SAVE_ON)
    window.page.wait_for_function("() => saved > 20")


@pytest.mark.parametrize("count", [2, 5])
def test_windows_that_save_at_once_all_see_everything(windows: OpenWindow, count: int) -> None:
    opened = [windows() for _ in range(count)]
    for number, window in enumerate(opened):
        window.page.evaluate(SAVE_MANY, [f"window {number}", 40])
    for window in opened:
        assert window.page.evaluate("saving") == 40
    for window in opened:
        assert window.ask("contents")["cutouts"] == 40 * count
        assert window.ask("get", {"key": f"window {count - 1} 39"})["title"]
    assert [window.page.evaluate("states").count("owner") for window in opened].count(1) == 1
    assert opened[-1].ask("check") == {"problems": []}


@ON_LINUX
@pytest.mark.parametrize("count", [1, 4])
def test_when_the_owner_crashes_the_others_write_on_and_nothing_acknowledged_is_lost(
    person: Person, count: int
) -> None:
    owner, process = person.owner()
    others = [person.window() for _ in range(count)]
    save_on(owner)
    for number, window in enumerate(others):
        window.page.evaluate(SAVE_MANY, [f"window {number}", 60])
    acknowledged = owner.page.evaluate("saved")
    with owner.page.expect_event("crash"):
        os.kill(process, signal.SIGKILL)
    for window in others:
        assert window.page.evaluate("saving") == 60
    kept = others[0].ask("contents")["cutouts"]
    assert kept >= 60 * count + acknowledged
    assert others[0].ask("get", {"key": f"key {acknowledged - 1}"})["tags"][1]["name"] == "b"
    owners = [window for window in others if window.page.evaluate("states.at(-1)") == "owner"]
    assert len(owners) == 1
    assert others[0].ask("check") == {"problems": []}


@ON_LINUX
def test_an_import_goes_on_in_another_window_when_the_owner_crashes_and_is_undone_as_one(
    person: Person,
) -> None:
    owner, process = person.owner()
    other = person.window()
    other.save("before")
    import_on(other)
    with owner.page.expect_event("crash"):
        os.kill(process, signal.SIGKILL)
    assert other.page.evaluate("importing")["added"] == 20_000
    assert other.ask("contents")["cutouts"] == 20_001
    assert other.ask("undo") == {"what": "import"}
    assert other.ask("contents")["cutouts"] == 1
    assert other.ask("check") == {"problems": []}


@ON_LINUX
def test_while_the_owner_stands_still_the_others_say_so_and_are_answered_when_it_goes_on(
    person: Person,
) -> None:
    owner, process = person.owner()
    others = [person.window(), person.window()]
    others[0].save("before")
    os.kill(process, signal.SIGSTOP)
    try:
        for number, window in enumerate(others):
            window.page.evaluate(SAVE_MANY, [f"window {number}", 10])
            window.wait_for_state("waiting")
        late = person.window()  # opened meanwhile
        late.page.evaluate(SAVE_MANY, ["late", 10])
        late.wait_for_state("waiting")
    finally:
        os.kill(process, signal.SIGCONT)
    for window in [*others, late]:
        assert window.page.evaluate("saving") == 10
        window.wait_for_state("follower")
    assert owner.ask("contents")["cutouts"] == 31


@ON_LINUX
def test_a_person_sees_that_another_window_holds_the_library_and_whether_it_answers(
    person: Person,
) -> None:
    owner, process = person.owner()
    owner.save("before", "tag", title="kept")
    # A service worker may live in the owner's process: no page would load while that stands still.
    person.started().add_init_script("delete Navigator.prototype.serviceWorker;")
    app = App(person.started(), person.address).later()
    status = app.page.locator(".status")
    expect(status).to_have_text("1 cutout")
    assert look(app.page, "follower") == []
    os.kill(process, signal.SIGSTOP)
    try:
        app.page.reload()
        expect(status).to_contain_text("Asking the window that holds the library…")
        found = look(app.page, "follower-asking")
        expect(status).to_contain_text(
            "Another window holds the library and does not answer", timeout=WAIT_MS
        )
        found += look(app.page, "follower-waiting")
    finally:
        os.kill(process, signal.SIGCONT)
    assert found == []
    expect(status).to_have_text("1 cutout", timeout=WAIT_MS)
    owner.page.close()
    app.seed_titles("after")
    assert app.titles() == ["after", "kept"]


def test_a_person_sees_that_the_library_could_not_be_opened(
    context: BrowserContext, site: Site
) -> None:
    site.line.edits["/library/worker.js"] = lambda _: "throw new Error('not today')"
    page = context.new_page()
    page.goto(f"{site.address}/library.html")
    page.get_by_role("button", name="Later").click()
    expect(page.locator(".status")).to_contain_text("The library could not be opened.")
    expect(page.locator(".status").get_by_role("alert")).to_contain_text("not today")
    assert look(page, "not-opened") == []


def test_a_page_whose_worker_was_ended_in_the_middle_of_saving_says_so_and_loses_nothing(
    windows: OpenWindow,
) -> None:
    window = windows()
    save_on(window)
    window.page.evaluate("library.worker.terminate()")
    window.wait_for_state("failed")
    acknowledged = window.page.evaluate("saved")
    told = "the browser stopped library/worker.js: reload the page; what was saved is kept"
    assert window.ask("contents") == {"error": f"LibraryError: {told}"}
    window.page.reload()
    window.page.evaluate(OPEN)
    assert window.ask("get", {"key": f"key {acknowledged - 1}"})["tags"][1]["name"] == "b"
    assert window.ask("check") == {"problems": []}


def test_an_import_whose_worker_was_ended_is_there_in_whole_batches_and_undone_at_once(
    windows: OpenWindow,
) -> None:
    window = windows()
    window.save("before")
    import_on(window)
    window.page.evaluate("library.worker.terminate()")
    assert "the browser stopped library/worker.js" in window.page.evaluate("importing")
    durable = window.page.evaluate("rows")
    window.page.reload()
    window.page.evaluate(OPEN)
    check_import(window, durable)


def test_a_page_that_is_reloaded_at_ten_moments_of_its_start_opens_the_library(
    windows: OpenWindow,
) -> None:
    window = windows()
    window.save("before", title="kept")
    for moment in range(10):
        window.page.reload()
        window.page.evaluate(f"async () => {{ void ({OPEN})(); }}")
        window.page.wait_for_timeout(moment * 12)
    window.page.reload()
    window.page.evaluate(OPEN)
    assert window.ask("get", {"key": "before"})["title"] == "kept"
    assert window.ask("check") == {"problems": []}
    assert window.ask("contents")["setAside"] == []


def test_what_was_acknowledged_before_a_page_was_left_in_the_middle_of_saving_is_there(
    windows: OpenWindow,
) -> None:
    window = windows()
    acknowledged = 0
    for _ in range(3):
        window.page.evaluate(SAVE_ON.replace("saved = 0", f"saved = {acknowledged}"))
        window.page.wait_for_function("(least) => saved > least", arg=acknowledged + 20)
        acknowledged = window.page.evaluate("saved")
        window.page.goto("about:blank")
        window.page.go_back()
        window.page.evaluate(OPEN)
        kept = window.ask("contents")["cutouts"]
        assert acknowledged <= kept
        assert window.ask("get", {"key": f"key {acknowledged - 1}"})["tags"][1]["name"] == "b"
        assert window.ask("check") == {"problems": []}
        acknowledged = kept
