"""A Chromium with the extension in it, a site to read, and what a person does there.

The toolbar button is pressed by the browser itself (`Extensions.triggerAction` of its debugging
protocol), which grants what a person's press grants: nothing but the tab. The extension under test
is the one that ships.
"""

from __future__ import annotations

import http.server
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, CDPSession, Page, Playwright, Worker

from cutouts.browsers import find_browser
from tests.browser.conftest import OPTIONS

WAIT_MS = 20_000
ASK = """
async ([name, ask]) => {
  const { openLibrary } = await import(chrome.runtime.getURL("library/index.js"));
  const library = openLibrary();
  try {
    return await library.ask(name, ask);
  } finally {
    library.close();
  }
}
"""


@dataclass
class Served:
    """A site whose pages the test writes."""

    address: str
    pages: dict[str, tuple[str, Mapping[str, str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def page(self, name: str, html: str, **headers: str) -> str:
        """Write a page, and return its address."""
        self.pages[f"/{name}"] = (html, {k.replace("_", "-"): v for k, v in headers.items()})
        return f"{self.address}/{name}"


@contextmanager
def served() -> Iterator[Served]:
    """Serve pages on this machine."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            html, headers = site.pages.get(self.path.split("?")[0], ("", {}))
            self.send_response(200 if html else 404)
            for name, value in ({"Content-Type": "text/html; charset=utf-8"} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = Served(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Reader:
    """A person who reads, with the extension in the browser."""

    def __init__(self, playwright: Playwright, profile: Path, extension: Path) -> None:
        self.playwright = playwright
        self.profile = profile
        self.extension = extension
        self.begin()

    def begin(self) -> None:
        """Start the browser, again if it was ended."""
        self.context: BrowserContext = self.playwright.chromium.launch_persistent_context(
            self.profile,
            executable_path=str(find_browser("chromium")),
            headless=False,  # the old headless mode has no extensions
            args=[
                "--headless=new",
                *OPTIONS,
                *(["--no-sandbox"] if os.geteuid() == 0 else []),
                f"--disable-extensions-except={self.extension}",
                f"--load-extension={self.extension}",
                "--enable-unsafe-extension-debugging",
            ],
        )
        browser = self.context.browser
        assert browser is not None
        self.devtools: CDPSession = browser.new_browser_cdp_session()
        self.id = self.worker.url.split("/")[2]

    @property
    def worker(self) -> Worker:
        """Return the service worker, started if it is not running."""
        known = self.context.service_workers
        return known[-1] if known else self.context.wait_for_event("serviceworker")

    def read(self, address: str) -> Page:
        """Open a page in a new tab."""
        page = self.context.new_page()
        page.goto(address)
        return page

    def press(self, page: Page) -> None:
        """Press the toolbar button while this page is in front."""
        page.bring_to_front()
        tabs = self.devtools.send("Target.getTargets", {"filter": [{"type": "tab"}]})
        [tab] = [
            info["targetId"]
            for info in tabs["targetInfos"]
            if info.get("embedderData", {}).get("tabActive")
        ]
        self.devtools.send("Extensions.triggerAction", {"id": self.id, "targetId": tab})

    def ask(self, name: str, ask: object = None) -> Any:
        """Return what the library answers to a page of the extension."""
        page = self.context.new_page()
        try:
            page.goto(f"chrome-extension://{self.id}/icon.svg")
            return page.evaluate(ASK, [name, ask])
        finally:
            page.close()

    def saved(self) -> list[dict[str, Any]]:
        """Return every cutout, the newest first."""
        hits = self.ask("find", {"text": "", "limit": 50, "offset": 0})["hits"]
        return [self.ask("get", {"key": hit["key"]}) for hit in hits]

    def close(self) -> None:
        """Close the browser as a person does."""
        self.context.close()


class Notice:
    """The notice in a page. Its shadow root is closed to scripts: only the debugger sees in."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.devtools = page.context.new_cdp_session(page)

    def nodes(self) -> list[Node]:
        """Return what is in the notice, from its top; nothing when none is shown."""
        root = self.devtools.send("DOM.getDocument", {"depth": -1, "pierce": True})["root"]
        return [
            Node(self.devtools, self.page, inner)
            for node in inside(root)
            for shadow in node.get("shadowRoots", [])
            if shadow["shadowRootType"] == "closed"
            for inner in inside(shadow)
        ]

    def find(self, name: str, **attributes: str) -> list[Node]:
        """Return the elements of this name and with these attributes."""
        return [
            node
            for node in self.nodes()
            if node.name == name and attributes.items() <= node.attributes.items()
        ]

    def text(self) -> str:
        """Return what can be read in the notice; nothing when none is shown."""
        words = [node.value for node in self.nodes() if node.name == "#text"]
        return " ".join(words).replace("\u00a0", " ")

    def wait_for(self, *texts: str) -> None:
        """Wait until all of this can be read there."""
        self._until(lambda: all(text in self.text() for text in texts), " and ".join(texts))

    def wait_until_gone(self) -> None:
        """Wait until no notice is shown."""
        self._until(lambda: self.text() == "", "no notice")

    def tags(self) -> list[str]:
        """Return the names of the tags."""
        return [node.inner_text() for node in self.find("span", **{"class": "name"})]

    def button(self, words: str) -> Node:
        """Return the button with this name."""
        buttons = [
            node
            for node in self.find("button")
            if words in (node.attributes.get("aria-label"), node.inner_text())
        ]
        assert len(buttons) == 1, f"{len(buttons)} buttons {words!r} in {self.text()!r}"
        return buttons[0]

    def _until(self, is_so: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + WAIT_MS / 1000
        while not is_so():
            assert time.monotonic() < end, f"expected {what}, found {self.text()!r}"
            self.page.wait_for_timeout(20)


@dataclass
class Node:
    """A node in the notice."""

    devtools: CDPSession
    page: Page
    raw: dict[str, Any]

    @property
    def name(self) -> str:
        """Return its name in small letters."""
        return str(self.raw["nodeName"]).lower()

    @property
    def value(self) -> str:
        """Return the words of a text."""
        return str(self.raw["nodeValue"])

    @property
    def attributes(self) -> dict[str, str]:
        """Return its attributes."""
        listed = self.raw.get("attributes", [])
        return dict(zip(listed[::2], listed[1::2], strict=True))

    def inner_text(self) -> str:
        """Return the words in it."""
        return "".join(str(node["nodeValue"]) for node in inside(self.raw))

    def box(self) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom in the window."""
        about = {"backendNodeId": self.raw["backendNodeId"]}
        quad = self.devtools.send("DOM.getBoxModel", about)["model"]["border"]
        return quad[0], quad[1], quad[4], quad[5]

    def click(self) -> None:
        """Click it with the mouse, as a person does."""
        left, top, right, bottom = self.box()
        self.page.mouse.click((left + right) / 2, (top + bottom) / 2)


def inside(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the node and all below it, shadow roots left out."""
    yield node
    for child in node.get("children", []):
        yield from inside(child)


