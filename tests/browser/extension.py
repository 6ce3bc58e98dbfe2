"""A Chromium with the extension in it, a site to read, and what a person does there.

The toolbar button is pressed by the browser itself (`Extensions.triggerAction` of its debugging
protocol), which grants what a person's press grants: nothing but the tab. The extension under test
is the one that ships.
"""

from __future__ import annotations

import http.server
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, CDPSession, Page, Playwright, Worker, expect

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


__all__ = ["Reader", "Served", "expect", "served"]
