"""A page with the app in it comes out, and what a person does there."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, FilePayload, Locator, Page, expect

from tests.browser.conftest import Watched, watch

WAIT_MS = 20_000
SEED = """
async (cutouts) => {
  const { openLibrary } = await import(new URL("./library/index.js", document.baseURI));
  const library = openLibrary();
  const plain = { kind: "page", title: "", body: "", note: "", address: "", anchor: null, asset: null };
  for (const cutout of cutouts)
    await library.ask("save", { cutout: { ...plain, tags: [], created: 1.76e12, ...cutout } });
  library.close();
}
"""
ASK = """
async ([name, ask]) => {
  const { openLibrary } = await import(new URL("./library/index.js", document.baseURI));
  const library = openLibrary();
  try {
    return await library.ask(name, ask);
  } finally {
    library.close();
  }
}
"""
# What a paste or a drop holds: words and addresses by type, and files as [name, type, text].
CARRY = """
([event, texts, files]) => {
  const data = new DataTransfer();
  for (const [type, text] of Object.entries(texts)) data.setData(type, text);
  for (const [name, type, text] of files) data.items.add(new File([text], name, { type }));
  const about = { bubbles: true, cancelable: true };
  document.body.dispatchEvent(event === "paste"
    ? new ClipboardEvent("paste", { ...about, clipboardData: data })
    : new DragEvent("drop", { ...about, dataTransfer: data }));
}
"""
# A form of another site, as any page may have one; it stands for the system's share menu.
FORM = """<form action="{}share" method="post" enctype="multipart/form-data">
<input name="title" value="{}"><input name="text" value="{}"><input name="url" value="">
<input type="file" name="files" multiple><button>Share</button></form>"""
# Two frames later whatever was to be drawn has been.
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
WIDTHS = {1280: 800, 768: 1024, 390: 800}


def share(page: Page, scope: str, title: str, text: str, *names: str) -> None:
    """Send the form to the app at `scope`, and come out there."""
    page.goto("about:blank")
    page.set_content(FORM.format(scope, title, text))
    files: list[FilePayload] = [
        {"name": name, "mimeType": "image/png", "buffer": name.encode()} for name in names
    ]
    page.locator("input[type=file]").set_input_files(files)
    page.get_by_role("button", name="Share").click()


def take_pictures(page: Page, name: str) -> None:
    """Leave pictures in three widths in the folder that SCREENSHOTS names, if there is one."""
    for width, height in WIDTHS.items() if "SCREENSHOTS" in os.environ else ():
        page.set_viewport_size({"width": width, "height": height})
        take_picture(page, f"{name}-{width}")
    page.set_viewport_size({"width": 1280, "height": 800})


def take_picture(page: Page, name: str) -> None:
    """Leave a picture in the folder that SCREENSHOTS names, if there is one."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.evaluate(DRAWN)  # for the picture alone
        page.screenshot(path=Path(folder) / f"{name}.png")


class App:
    """The app in a page; `address` is that of its site, without a slash at the end."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.address = address
        self.watched: Watched = watch(context.new_page())

    @property
    def page(self) -> Page:
        """Return the page."""
        return self.watched.page

    def open(self, rest: str = "") -> App:
        """Open the app and wait until its library is read."""
        self.page.goto(f"{self.address}/library.html{rest}")
        expect(self.page.locator(".status")).to_contain_text("cutout", timeout=WAIT_MS)
        return self

    def begin(self) -> App:
        """Open the app for the first time and load the model."""
        self.open()
        self.page.get_by_role("button", name="Begin and load the model").click()
        expect(self.page.locator(".side .hint")).to_have_text(
            "Everything is tagged.", timeout=WAIT_MS
        )
        return self

    def seed(self, *cutouts: dict[str, Any]) -> App:
        """Save cutouts as another window would; each needs a key."""
        self.page.evaluate(SEED, list(cutouts))
        return self

    def seed_titles(self, *titles: str) -> App:
        """Save a page for each title, the first on top of the list."""
        made = [
            {"key": title, "title": title, "created": 1_760_000_000_000 - place}
            for place, title in enumerate(titles)
        ]
        self.seed(*made)
        expect(self.title(titles[-1])).to_be_visible(timeout=WAIT_MS)
        return self

    def carry(self, event: str, files: list[list[str]] | None = None, **texts: str) -> None:
        """Paste or drop; `text_plain` stands for text/plain."""
        by_type = {
            name.replace("_", "/", 1).replace("_", "-"): text for name, text in texts.items()
        }
        self.page.evaluate(CARRY, [event, by_type, files or []])

    def title(self, text: str) -> Locator:
        """Return the title of a line, which opens the cutout."""
        return self.page.locator(".title", has_text=re.compile(f"^{re.escape(text)}$"))

    def titles(self) -> list[str]:
        """Return the titles in the list, from its top."""
        return self.page.locator(".line .title").all_inner_texts()

    def line(self, text: str) -> Locator:
        """Return the line of the cutout with this title."""
        return self.page.locator("li.line").filter(has=self.title(text))

    def tags(self, text: str) -> Locator:
        """Return the tags of the cutout with this title."""
        return self.line(text).get_by_role("list", name="Tags").get_by_role("listitem")

    def sheet(self, name: str) -> Locator:
        """Return the sheet with this title."""
        return self.page.get_by_role("dialog", name=name)

    def expect_notice(self, text: str) -> None:
        """Wait until this is said."""
        expect(self.page.locator(".notice")).to_contain_text(text, timeout=WAIT_MS)

    def wait_until_kept(self) -> None:
        """Wait until a service worker answers for this page."""
        self.page.wait_for_function("() => navigator.serviceWorker.controller !== null")

    def later(self) -> App:
        """Open the app for the first time and put the model off."""
        self.open()
        self.page.get_by_role("button", name="Later").click()
        return self

    def ask(self, name: str, ask: object = None) -> Any:
        """Return what the library answers to another window."""
        return self.page.evaluate(ASK, [name, ask])


def watched_app(context: BrowserContext, address: str) -> App:
    """Return the app in a page that notes whatever runs, and every dialog."""
    context.add_init_script("globalThis.ran = (what) => { (globalThis.list ??= []).push(what); };")
    app = App(context, address).later()
    app.page.on("dialog", lambda dialog: app.watched.complaints.append(dialog.message))
    return app
