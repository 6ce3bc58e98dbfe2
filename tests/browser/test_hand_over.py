"""The libraries of the extension and of the app join by a direct hand-over."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.app import WAIT_MS, take_picture
from tests.browser.conftest import Site
from tests.browser.joined import FETCH, PARCELS, SEND, Joined, joining

pytestmark = pytest.mark.browser

PICTURE = """
async () => {
  const { openLibrary, sha256Of } =
    await import(new URL("./library/index.js", document.baseURI));
  const bytes = Uint8Array.from({ length: 3_000_000 }, (_, place) => (place * place) % 251);
  const sha256 = await sha256Of(bytes);
  const library = openLibrary();
  const cutout = { key: "picture", kind: "image", title: "A picture", body: "", note: "",
    address: "https://example.org/p", anchor: null, asset: sha256, tags: ["mine"], created: 1.7e12 };
  await library.ask("save", { cutout, asset: { type: "image/png", bytes } });
  library.close();
  return sha256;
}
"""
SIZE = """
async (sha256) => {
  const { openLibrary, sha256Of } =
    await import(new URL("./library/index.js", document.baseURI));
  const library = openLibrary();
  const asset = await library.ask("asset", { sha256 });
  library.close();
  return asset === null ? null : [asset.type, await sha256Of(asset.bytes)];
}
"""

# Giving a permission back takes its time and tells which buttons can be pressed meanwhile.
SLOW_GIVING_BACK = """
() => {
  globalThis.meanwhile = [];
  const frame = () => new Promise(requestAnimationFrame);
  chrome.permissions.remove = async () => {
    await frame();
    await frame();
    const buttons = [...document.querySelectorAll("[aria-labelledby=join] .choices button")];
    meanwhile.push(buttons.filter((button) => !button.disabled).map((button) => button.textContent));
    return true;
  };
}
"""

# Deleting what came takes its time.
SLOW_DELETION = """
() => {
  const { removeEntry } = FileSystemDirectoryHandle.prototype;
  FileSystemDirectoryHandle.prototype.removeEntry = async function (...about) {
    await new Promise((go) => setTimeout(go, 500));
    return await removeEntry.apply(this, about);
  };
}
"""


def take_pictures(joined: Joined) -> None:
    """Leave pictures of both sides in the folder that SCREENSHOTS names, if there is one."""
    sides: tuple[tuple[str, Page, tuple[int, ...]], ...]
    sides = (("panel", joined.panel, (320, 400)), ("app", joined.app.page, (1280,)))
    for name, page, widths in sides if "SCREENSHOTS" in os.environ else ():
        page.bring_to_front()
        for width, dark in itertools.product(widths, (False, True)):
            page.set_viewport_size({"width": width, "height": 640 if name == "panel" else 800})
            page.emulate_media(color_scheme="dark" if dark else "light")
            if name == "panel":
                joined.said().evaluate("(part) => part.scrollIntoView()")
            take_picture(page, f"hand-over-{name}-{width}-{'dark' if dark else 'light'}")


@pytest.fixture
def joined(playwright: Playwright, extension: Path, site: Site, tmp_path: Path) -> Iterator[Joined]:
    """Give the extension beside the app, a cutout in each."""
    with joining(playwright, extension, tmp_path, site.address) as joined:
        yield joined


def test_what_the_extension_has_is_sent_to_the_app_and_taken_back_as_one(joined: Joined) -> None:
    sha256 = joined.panel.evaluate(PICTURE)
    joined.hand_over(SEND, "Into the app: 2 added, 0 merged with what was there, 0 left out.")
    page = joined.app.page
    expect(page.locator(".handed")).to_contain_text("From the extension: 2 added")
    expect(page.locator(".status")).to_contain_text("3 cutouts")
    assert sorted(joined.app.titles()) == ["A picture", "Bread", "Soup"]
    assert page.evaluate(SIZE, sha256) == ["image/png", sha256]
    bread = joined.app.ask("get", {"key": "bread"})
    assert [tag["name"] for tag in bread["tags"] if tag["origin"] == "person"] == ["recipe"]
    take_pictures(joined)
    assert len(joined.ask("find", {"text": "", "limit": 9, "offset": 0})["hits"]) == 2
    page.locator(".notice").get_by_role("button", name="Undo").click()
    expect(page.locator(".status")).to_contain_text("1 cutout")
    assert joined.app.titles() == ["Soup"]


def test_what_the_app_has_is_fetched_and_taken_back_as_one(joined: Joined) -> None:
    sha256 = joined.app.page.evaluate(PICTURE)
    joined.hand_over(FETCH, "From the app: 2 added, 0 merged with what was there, 0 left out.")
    expect(joined.app.page.locator(".handed")).to_contain_text("Into the extension: 2 added")
    assert joined.panel.evaluate(SIZE, sha256) == ["image/png", sha256]
    assert joined.ask("contents")["cutouts"] == 3
    assert joined.app.ask("contents")["cutouts"] == 2
    assert joined.ask("undo") == {"what": "import"}
    assert joined.ask("contents")["cutouts"] == 1


def test_a_second_hand_over_merges_and_adds_nothing(joined: Joined) -> None:
    joined.hand_over(SEND, "Into the app: 1 added")
    joined.hand_over(SEND, "Into the app: 0 added, 1 merged with what was there, 0 left out.")
    joined.hand_over(FETCH, "From the app: 1 added, 1 merged")
    joined.hand_over(FETCH, "From the app: 0 added, 2 merged")
    for ask in (joined.ask, joined.app.ask):
        found = ask("find", {"text": "", "limit": 9, "offset": 0})
        assert sorted(hit["key"] for hit in found["hits"]) == ["bread", "soup"]
        assert ask("check") == {"problems": []}
    assert joined.panel.evaluate(PARCELS) == joined.app.page.evaluate(PARCELS) == []


def test_the_next_is_begun_as_soon_as_one_is_said_to_be_done(joined: Joined) -> None:
    joined.app.page.evaluate(SLOW_DELETION)
    joined.hand_over(SEND, "Into the app: 1 added")
    joined.hand_over(FETCH, "From the app: 1 added, 1 merged")


def test_without_a_tab_of_the_app_one_is_opened(joined: Joined) -> None:
    joined.app.page.close()
    with joined.reader.context.expect_page() as opened:
        joined.hand_over(SEND, "Into the app: 1 added")
    expect(opened.value.locator(".handed")).to_contain_text("From the extension: 1 added")


def test_the_permission_is_kept_until_the_person_no_longer_wants_that(
    joined: Joined, site: Site
) -> None:
    joined.hand_over(SEND, f"The permission for {site.address} is kept.")
    assert joined.granted() == [f"{site.address}/*"]
    joined.panel.get_by_label("Keep the permission").uncheck()
    expect(joined.said()).to_contain_text(f"The permission for {site.address} was given back.")
    assert joined.granted() == []


def test_none_is_begun_while_the_permission_of_the_last_is_given_back(
    joined: Joined, site: Site
) -> None:
    joined.panel.get_by_label("Address of the app").fill(joined.address)
    kept = joined.panel.get_by_label("Keep the permission")
    expect(kept).to_be_checked()
    joined.panel.evaluate(SLOW_GIVING_BACK)
    kept.uncheck()
    given_back = f"The permission for {site.address} was given back."
    expect(joined.said()).to_contain_text(given_back)
    joined.panel.get_by_role("button", name=SEND).click()
    expect(joined.said()).to_contain_text("Into the app: 1 added", timeout=WAIT_MS)
    expect(joined.said()).to_contain_text(given_back)
    assert joined.panel.evaluate("meanwhile") == [[SEND, FETCH], []]


def test_the_address_of_no_app_is_refused(joined: Joined) -> None:
    for address in ("", "library.html", "http://example.org/library.html", "ftp://127.0.0.1/"):
        joined.panel.get_by_label("Address of the app").fill(address)
        joined.panel.get_by_role("button", name=SEND).click()
        expect(joined.said()).to_contain_text("it begins with https://")


def test_a_page_of_the_site_that_is_not_the_app_is_refused(joined: Joined, site: Site) -> None:
    heard = "globalThis.heard = []; addEventListener('message', ({ data }) => heard.push(data))"
    page = joined.reader.context.new_page()
    page.add_init_script(heard)
    page.goto(f"{site.address}/")
    joined.begin(SEND, f"{site.address}/")
    expect(joined.said()).to_contain_text("the page there is not Cutouts", timeout=WAIT_MS)
    assert page.evaluate("heard") == []
