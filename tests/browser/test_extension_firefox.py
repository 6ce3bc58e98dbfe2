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
from tests.browser.extension import Served
from tests.browser.marionette import Firefox, firefox

pytestmark = pytest.mark.browser

OLDEST = 140  # as the manifest says
STRICT = "default-src 'none'; style-src 'none'; require-trusted-types-for 'script'"
ARTICLE = "<title>Of apples</title><h1>apple</h1>"
LINES = "[...document.querySelectorAll('.line .title')].map((one) => one.textContent)"
ICON = "document.querySelector('.line .icon-of-site')"
TAGGED = "document.querySelector('.line .chip')?.textContent"
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
