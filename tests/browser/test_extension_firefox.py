"""The extension in the Firefox of this machine, where there is one that is new enough."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cutouts.browsers import find_browser
from cutouts.errors import ProofError
from tests.browser.archive import DOT
from tests.browser.conftest import Site
from tests.browser.extension import Served
from tests.browser.marionette import Firefox, firefox

pytestmark = pytest.mark.browser

OLDEST = 140  # as the manifest says
STRICT = "default-src 'none'; style-src 'none'; require-trusted-types-for 'script'"
ARTICLE = "<title>Of apples</title><h1>apple</h1>"
LINES = "[...document.querySelectorAll('.line .title')].map((one) => one.textContent)"
ICON = "document.querySelector('.line .icon-of-site')"
TAGGED = "document.querySelector('.line .chip')?.textContent"
# What the sidebar lists, as another page of the extension sees it.
SIDEBAR = """(() => {
  const [view] = chrome.extension.getViews({ type: "sidebar" });
  const titles = [...(view?.document.querySelectorAll(".line .title") ?? [])];
  return titles.map((one) => one.textContent).join();
})()"""
KIND = "document.querySelector('.line .kind').className.replace('kind ', '')"
SELECT = "getSelection().selectAllChildren(document.querySelector('h1'))"
SELECT_IN_FRAME = (
    "frames[0].getSelection().selectAllChildren(frames[0].document.querySelector('h1'))"
)
JOIN = "document.querySelector('[aria-labelledby=join]')?.textContent"
YOUR_DATA = "[...document.querySelectorAll('button')].find((b) => b.textContent === 'Your data')"
GRANTED = "chrome.permissions.getAll().then(({ origins }) => origins)"
# The root is closed; that the notice stands at its place says that its style was read.
PLACE = """(() => {
  const { right, top, width } = document.documentElement.lastElementChild.getBoundingClientRect();
  return width === 340 && [document.documentElement.clientWidth - right, top].join();
})()"""


def program() -> Path | None:
    """Return a Firefox that takes the extension, if there is one."""
    try:
        found = find_browser("firefox")
    except ProofError:
        return None
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"Firefox (\d+)", said)
    return found if version is not None and int(version[1]) >= OLDEST else None


@pytest.fixture
def fox(extension: Path, tmp_path: Path) -> Iterator[Firefox]:
    """Give a Firefox with the extension in it."""
    found = program()
    if found is None:
        pytest.skip(f"there is no Firefox from {OLDEST} on: install firefox-esr")
    with firefox(found, tmp_path / "firefox", extension.with_name("firefox")) as fox:
        yield fox


def test_firefox_saves_and_tags_a_page_with_a_strict_policy_and_shows_the_notice(
    fox: Firefox, read_site: Served
) -> None:
    fox.read(read_site.page("a", ARTICLE, Content_Security_Policy=STRICT))
    fox.press()
    assert fox.wait_for(PLACE) == "16,16"
    if folder := os.environ.get("SCREENSHOTS"):
        (Path(folder) / "notice-firefox.png").write_bytes(fox.picture())
    fox.open_panel()
    assert fox.wait_for(f"{LINES}.length > 0 && {LINES}") == ["Of apples"]
    assert fox.wait_for(TAGGED).startswith("fruit")


def test_firefox_saves_after_its_event_page_was_stopped(fox: Firefox, read_site: Served) -> None:
    for name in ("one", "two"):
        fox.read(read_site.page(name, f"<title>{name}</title><h1>apple</h1>"))
        fox.press()
        fox.wait_for(PLACE)
        assert fox.stop_event_page() == "stopped"
    fox.open_panel()
    assert fox.wait_for(f"{LINES}.length > 1 && {LINES}") == ["two", "one"]


@pytest.mark.parametrize(
    ("script", "entry", "kind"),
    [("0", "Cut out this page", "page"), (SELECT, "Cut out the selection", "text")],
)
def test_an_entry_of_firefoxs_menu_saves_the_page_or_the_selection(
    fox: Firefox, read_site: Served, script: str, entry: str, kind: str
) -> None:
    fox.read(read_site.page("a", ARTICLE))
    fox.evaluate(script)
    fox.choose(entry)
    fox.wait_for(PLACE)
    fox.open_panel()
    assert fox.wait_for(f"{LINES}.length > 0 && {LINES}") == ["Of apples"]
    assert fox.evaluate(KIND) == kind


def test_firefoxs_sidebar_lists_what_is_from_the_page_beside_it_first(
    fox: Firefox, read_site: Served
) -> None:
    for name in ("one", "two"):
        fox.read(read_site.page(name, f"<title>{name}</title><h1>apple</h1>"))
        fox.press()
        fox.wait_for(PLACE)
    [first] = fox.tabs()
    fox.open_tab()
    fox.open_panel()  # in a tab: it looks into the sidebar
    [watcher] = [tab for tab in fox.tabs() if tab != first]
    fox.turn_to(first)
    fox.read(f"{read_site.address}/one")
    fox.press()
    fox.wait_for(PLACE)
    fox.open_sidebar()
    fox.send("WebDriver:SwitchToWindow", handle=watcher, focus=False)
    assert fox.wait_for(f"{SIDEBAR}.split(',').length === 3 && {SIDEBAR}") == "one,one,two"


def test_firefox_hands_over_both_ways_and_gives_the_permission_back(
    fox: Firefox, read_site: Served, site: Site
) -> None:
    fox.read(read_site.page("a", ARTICLE))
    fox.press()
    fox.wait_for(PLACE)
    [panel] = fox.tabs()
    fox.open_panel()
    fox.open_tab()
    fox.read(f"{site.address}/library.html")
    fox.wait_for("document.querySelector('.status')?.textContent === '0 cutouts'")
    app = next(tab for tab in fox.tabs() if tab != panel)
    fox.turn_to(panel)
    fox.evaluate(f"{YOUR_DATA}.click()")
    fox.wait_for(JOIN)
    fox.type("[aria-labelledby=join] input[type=url]", f"{site.address}/library.html")
    fox.click("[aria-labelledby=join] button:nth-of-type(1)")
    fox.wait_for(f"{JOIN}.includes('Into the app: 1 added')")
    fox.wait_for(f"{JOIN}.includes('The permission for {site.address} was given back.')")
    assert fox.evaluate(GRANTED) == []
    fox.click("[aria-labelledby=join] button:nth-of-type(2)")
    fox.wait_for(f"{JOIN}.includes('From the app: 0 added, 1 merged')")
    fox.turn_to(app)
    assert fox.wait_for(f"{LINES}.length > 0 && {LINES}") == ["Of apples"]


def test_firefox_leads_to_words_in_a_frame_in_a_new_tab_and_gives_the_permission_back(
    fox: Firefox, read_site: Served
) -> None:
    read_site.page("inner", "<p>Other words.</p>" * 200 + "<h1>An apple a day.</h1>")
    outer = "<title>Outer</title><iframe src=inner height=300></iframe>"
    fox.read(read_site.page("outer", outer))
    fox.evaluate(SELECT_IN_FRAME)
    fox.press()
    fox.wait_for(PLACE)
    [panel] = fox.tabs()
    fox.open_panel()
    fox.wait_for(f"{LINES}.length === 1")
    fox.click(".line .title")
    fox.wait_for("document.querySelector('dialog[open] .source a') !== null")
    fox.click("dialog[open] .source a")
    fox.wait_for("chrome.tabs.query({}).then(({ length }) => length === 2)")
    [opened] = [tab for tab in fox.tabs() if tab != panel]
    fox.turn_to(opened)
    fox.wait_for("frames[0]?.scrollY > 0")
    fox.turn_to(panel)
    fox.wait_for(f"{GRANTED}.then(({{ length }}) => length === 0)")


def test_firefox_has_the_bytes_of_an_icon_which_the_panel_shows(
    fox: Firefox, read_site: Served
) -> None:
    read_site.page("dot.bmp", DOT, Content_Type="image/bmp")
    fox.read(read_site.page("a", "<title>Dot</title><link rel=icon href=/dot.bmp><p>Words"))
    assert fox.icon().startswith("data:image/")
    fox.press()
    fox.wait_for(PLACE)
    asked = read_site.asked.count("/dot.bmp")
    fox.open_panel()
    assert fox.wait_for(f"{ICON}?.naturalWidth") == 1
    assert fox.evaluate(f"{ICON}.src").startswith("data:image/")
    assert read_site.asked.count("/dot.bmp") == asked
