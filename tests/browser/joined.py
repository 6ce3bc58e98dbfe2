"""The extension and the app side by side in one browser, and what a person does to join them.

The browser's question for the permission is none of a page's, so no debugger answers it. Here the
person answered it on another day and kept the permission: the browser first ran with a manifest
that has the site in it, as a browser remembers it that was asked. What is tested is the extension
as it ships. `test_extension_screen.py` presses the question itself.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, Playwright, expect

from tests.browser.app import ASK, SEED, WAIT_MS, App
from tests.browser.conftest import chromium_options
from tests.browser.extension import Reader

SEND, FETCH = "Send to the app", "Fetch from the app"
GRANTED = "chrome.permissions.getAll().then(({ origins }) => origins)"
# What a hand-over left in the storage of a page's site.
PARCELS = """
async () => {
  const names = await Array.fromAsync((await navigator.storage.getDirectory()).keys());
  return names.filter((name) => name.includes("parcel"));
}
"""


def allow(playwright: Playwright, profile: Path, extension: Path, sites: tuple[str, ...]) -> None:
    """Let a browser remember that the extension in this folder was let into these sites."""
    manifest = extension / "manifest.json"
    shipped = manifest.read_text()
    wanted = {**json.loads(shipped), "host_permissions": [f"{site}/*" for site in sites]}
    manifest.write_text(json.dumps(wanted))
    try:
        Reader(playwright, profile, extension, chromium_options()).close()
    finally:
        manifest.write_text(shipped)


class Joined:
    """A person with the app in one tab and the extension's panel in another."""

    def __init__(self, reader: Reader, address: str) -> None:
        self.reader = reader
        self.app = App(reader.context, address).later()
        self.address = f"{address}/library.html"
        self.panel = self.open_panel()

    def open_panel(self) -> Page:
        """Return the panel, opened in a tab, at "Your data"."""
        page = self.reader.context.new_page()
        page.goto(f"chrome-extension://{self.reader.id}/panel.html")
        expect(page.locator(".status")).to_contain_text("cutout", timeout=WAIT_MS)
        page.get_by_role("button", name="Your data").click()
        return page

    def save(self, *cutouts: dict[str, Any]) -> None:
        """Save cutouts in the extension's library."""
        self.panel.evaluate(SEED, list(cutouts))

    def ask(self, name: str, ask: object = None) -> Any:
        """Return what the extension's library answers."""
        return self.panel.evaluate(ASK, [name, ask])

    def begin(self, button: str, address: str | None = None) -> None:
        """Press a button of the part "Join with the app"."""
        self.panel.get_by_label("Address of the app").fill(address or self.address)
        self.panel.get_by_role("button", name=button).click()

    def hand_over(self, button: str, report: str) -> None:
        """Press a button and wait for this report."""
        self.begin(button)
        expect(self.said()).to_contain_text(report, timeout=WAIT_MS)

    def said(self) -> Locator:
        """Return the part of the panel that says what goes on."""
        return self.panel.get_by_role("region", name="Join with the app")

    def granted(self) -> Any:
        """Return the sites that the extension is let into."""
        return self.panel.evaluate(GRANTED)


@contextmanager
def joining(playwright: Playwright, extension: Path, folder: Path, *sites: str) -> Iterator[Joined]:
    """Give the extension with a cutout beside the app of the first site with another.

    The extension is a copy in `folder`, since its manifest is another one for a time.
    """
    own, profile = folder / "extension", folder / "profile"
    shutil.copytree(extension, own)
    allow(playwright, profile, own, sites)
    reader = Reader(playwright, profile, own, chromium_options())
    try:
        joined = Joined(reader, sites[0])
        joined.save({"key": "bread", "title": "Bread", "tags": ["recipe"]})
        joined.app.seed({"key": "soup", "title": "Soup", "tags": ["recipe", "winter"]})
        yield joined
    finally:
        reader.close()
