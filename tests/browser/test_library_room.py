"""A device without room: said, nothing acknowledged is lost, and saving goes on once there is some."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.app import App, share
from tests.browser.axe import look
from tests.browser.conftest import Site
from tests.browser.library import OPEN, Window

pytestmark = pytest.mark.browser

NO_ROOM = (
    "there is no room left to save on this device: empty the trash, or free some storage, and "
    "save again"
)
OpenWindow = Callable[[], Window]


class Device:
    """The room that a site has, as long as the session with the browser lasts."""

    def __init__(self, page: Page, address: str) -> None:
        self.session = page.context.new_cdp_session(page)
        self.about = {"origin": address}

    def leave(self, room: int) -> None:
        """Leave that much room beside what is kept."""
        usage = self.session.send("Storage.getUsageAndQuota", self.about)["usage"]
        self.session.send(
            "Storage.overrideQuotaForOrigin", {**self.about, "quotaSize": usage + room}
        )

    def free(self) -> None:
        """Leave as much room as there is."""
        self.session.send("Storage.overrideQuotaForOrigin", self.about)


def fill(window: Window, size: int, begin: int = 0) -> int:
    """Save texts of this size until there is no room, and return how many are acknowledged."""
    for number in range(begin, begin + 10_000):
        found = window.save(f"{number}", body="x" * size)
        if "error" in found:
            assert found == {"error": f"LibraryError: {NO_ROOM}"}
            return number
    raise AssertionError("there is still room")


@pytest.mark.parametrize(("size", "room"), [(100, 0), (30_000, 3_000_000), (1_000_000, 0)])
def test_without_room_nothing_acknowledged_is_lost_and_an_emptied_trash_gives_some(
    windows: OpenWindow, site: Site, size: int, room: int
) -> None:
    window = windows()
    for number in range(3):
        window.save(f"before {number}", body="y" * 1_000_000)
    device = Device(window.page, site.address)
    device.leave(room)
    count = fill(window, size)
    assert window.ask("check") == {"problems": []}
    window.page.reload()
    window.page.evaluate(OPEN)
    assert window.ask("contents")["cutouts"] == count + 3
    assert window.ask("check") == {"problems": []}
    keys = [f"before {number}" for number in range(3)]
    assert window.ask("trash", {"keys": keys, "isTrashed": True}) is None
    assert window.ask("emptyTrash")["cutouts"] == 3
    more = fill(window, 30_000, begin=10_000)
    assert more > 10_000
    device.free()
    assert window.save("last") == {"isNew": True}
    assert window.ask("check") == {"problems": []}


def test_an_import_without_room_says_so_and_stands_in_whole_batches(
    windows: OpenWindow, site: Site
) -> None:
    window = windows()
    window.save("before")
    device = Device(window.page, site.address)
    device.leave(2_000_000)
    bring = """
    async () => {
      const line = (row) => `https://example.org/${row},${"words ".repeat(100)}`;
      const rows = Array.from({ length: 20000 }, (_, row) => line(row)).join("\\n");
      const file = new Blob([`url,text\\n${rows}\\n`]);
      return await library.ask("importFile", { file }).catch(({ message }) => message);
    }
    """
    assert window.page.evaluate(bring) == NO_ROOM
    kept = window.ask("contents")["cutouts"] - 1
    assert kept > 0
    assert kept % 250 == 0
    assert window.ask("check") == {"problems": []}
    assert window.ask("undo") == {"what": "import"}
    assert window.ask("contents")["cutouts"] == 1
    device.free()
    assert window.page.evaluate(bring)["added"] == 20_000


def test_a_person_is_told_that_there_is_no_room_and_what_was_typed_stays(
    context: BrowserContext, site: Site
) -> None:
    app = App(context, site.address).later()
    page = app.page
    app.seed_titles("kept")
    device = Device(page, site.address)
    device.leave(0)
    page.keyboard.press("n")
    page.get_by_label("Text or address").evaluate(
        "(field) => { field.value = 'much\\n'.repeat(60_000); }"
    )
    page.get_by_label("Title").fill("A long text")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_have_text(NO_ROOM)
    assert look(page, "no-room") == []
    expect(page.get_by_label("Title")).to_have_value("A long text")
    device.free()
    page.get_by_role("button", name="Save", exact=True).click()
    app.expect_notice("Saved “A long text”")
    assert app.titles() == ["A long text", "kept"]


def test_what_is_shared_without_room_is_said_to_be_lost_and_comes_in_once_there_is_room(
    context: BrowserContext, site: Site
) -> None:
    app = App(context, site.address).later()
    app.wait_until_kept()
    device = Device(app.page, site.address)
    words = "many words " * 200_000
    device.leave(0)
    share(app.page, f"{site.address}/", "Shared", words)
    app.expect_notice("What was shared could not be kept: free some storage, then share it again")
    expect(app.page).to_have_url(f"{site.address}/library.html")
    assert app.ask("contents")["cutouts"] == 0
    device.free()
    share(app.page, f"{site.address}/", "Shared", words)
    app.expect_notice("Saved 1 cutout from another app")
    assert app.titles() == ["Shared"]
