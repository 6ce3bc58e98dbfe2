"""A Chromium with the extension in it, a site to read, and what a person does there.

The toolbar button is pressed by the browser itself (`Extensions.triggerAction` of its debugging
protocol), which grants what a person's press grants: nothing but the tab. The extension under test
is the one that ships.
"""

from __future__ import annotations

import contextlib
import http.server
import os
import re
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, CDPSession, Page, Playwright, Worker

from cutouts.browsers import find_browser
from tests.browser.library import processes_of
from tests.browser.notice import WAIT_MS

RANGE = re.compile(r"bytes=(\d+)-")
# A press that comes while the browser still sets the worker up is lost, as no person could press.
READY = """
async () => {
  while (self.serviceWorker.state !== "activated")
    await new Promise((resolve) => setTimeout(resolve, 10));
}
"""
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
SAVED = """
async () => {
  const { openLibrary } = await import(chrome.runtime.getURL("library/index.js"));
  const library = openLibrary();
  const { hits } = await library.ask("find", { text: "", limit: 100, offset: 0 });
  const cutouts = await Promise.all(hits.map(({ key }) => library.ask("get", { key })));
  library.close();
  return cutouts;
}
"""
ASSET = """
async (sha256) => {
  const { openLibrary } = await import(chrome.runtime.getURL("library/index.js"));
  const library = openLibrary();
  const { type, bytes } = await library.ask("asset", { sha256 });
  library.close();
  return { type, bytes: bytes.length, first: bytes[0] };
}
"""
PIXELS = """
async (sha256) => {
  const { openLibrary } = await import(chrome.runtime.getURL("library/index.js"));
  const library = openLibrary();
  const { type, bytes } = await library.ask("asset", { sha256 });
  library.close();
  const bitmap = await createImageBitmap(new Blob([bytes], { type }));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(bitmap.width / 2, bitmap.height / 2, 1, 1);
  return { size: [bitmap.width, bitmap.height], color: [...data] };
}
"""
MARK = """
async () => {
  const [{ id: tabId }] = await chrome.tabs.query({ active: true });
  for (;;) {
    const text = await chrome.action.getBadgeText({ tabId });
    const title = await chrome.action.getTitle({ tabId });
    if (text !== "" && title !== "Save to Cutouts") return [text, title];
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
"""
# A browser tells of a frame that an extension may not enter by another error than of none.
CLOSED_FRAME = """
async () => {
  const [{ id: tabId }] = await chrome.tabs.query({ active: true });
  for (let frame = 1; frame < 1000; frame++)
    try {
      await chrome.scripting.executeScript({ target: { tabId, frameIds: [frame] }, func: () => 0 });
    } catch (error) {
      if (!String(error).includes("No frame with id")) return frame;
    }
}
"""
MENU = """
async (info) => {
  const [tab] = await chrome.tabs.query({ active: true });
  chrome.contextMenus.onClicked.dispatch(info, tab);
}
"""


@dataclass
class Served:
    """A site whose pages the test writes."""

    address: str
    pages: dict[str, tuple[bytes, Mapping[str, str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def other(self) -> str:
        """Return another name of the same server, which for a browser is another site."""
        return self.address.replace("127.0.0.1", "localhost")

    def page(self, name: str, html: str | bytes, **headers: str) -> str:
        """Write a page or a file, and return its address."""
        written = html if isinstance(html, bytes) else html.encode()  # a PDF, too, is letters here
        self.pages[f"/{name}"] = (written, {k.replace("_", "-"): v for k, v in headers.items()})
        return f"{self.address}/{name}"


@contextlib.contextmanager
def served() -> Iterator[Served]:
    """Serve pages on this machine."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            written, headers = site.pages.get(self.path.split("?")[0], (b"", {}))
            part = RANGE.match(self.headers.get("Range", ""))  # a film is sought so
            self.send_response(404 if not written else 200 if part is None else 206)
            if part is not None:
                size, begin = len(written), int(part[1])
                self.send_header("Content-Range", f"bytes {begin}-{size - 1}/{size}")
                written = written[begin:]
            for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(written)

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

    def __init__(
        self,
        playwright: Playwright,
        profile: Path,
        extension: Path,
        options: list[str],
        *,
        display: str | None = None,
        scale: int | None = None,
    ) -> None:
        self.playwright = playwright
        self.profile = profile
        self.extension = extension
        self.options = options
        self.display = display  # the screen that it is drawn on, if any
        self.scale = scale  # device pixels for each CSS pixel, else those of Playwright's own size
        self.begin()

    def begin(self) -> None:
        """Start the browser, again if it was ended."""
        environment: dict[str, str | float | bool] = {**os.environ}
        if self.display is not None:
            environment["DISPLAY"] = self.display
        self.context: BrowserContext = self.playwright.chromium.launch_persistent_context(
            self.profile,
            executable_path=str(find_browser("chromium")),
            headless=False,  # the old headless mode has no extensions
            no_viewport=self.display is not None or self.scale is not None,
            env=environment,
            args=[
                *(["--headless=new"] if self.display is None else ["--window-position=0,0"]),
                *([] if self.scale is None else [f"--force-device-scale-factor={self.scale}"]),
                *self.options,
                f"--disable-extensions-except={self.extension}",
                f"--load-extension={self.extension}",
                "--enable-unsafe-extension-debugging",
            ],
        )
        browser = self.context.browser
        assert browser is not None
        self.devtools: CDPSession = browser.new_browser_cdp_session()
        self.id = self.worker.url.split("/")[2]
        self.worker.evaluate(READY)

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
        return self.evaluate(ASK, [name, ask])

    def evaluate(self, script: str, argument: object = None) -> Any:
        """Return what a script comes to in a page of the extension that does nothing else."""
        page = self.context.new_page()
        try:
            page.goto(f"chrome-extension://{self.id}/capture.js")  # shown as text
            return page.evaluate(script, argument)
        finally:
            page.close()

    def saved(self, count: int | None = None) -> list[dict[str, Any]]:
        """Return every cutout, the newest first; wait until there are `count`, if that is given."""
        end = time.monotonic() + WAIT_MS / 1000
        while True:
            found: list[dict[str, Any]] = self.evaluate(SAVED, None)
            if count is None or len(found) == count:
                return found
            assert time.monotonic() < end, f"{len(found)} cutouts, expected {count}"

    def asset(self, sha256: str) -> Any:
        """Return type, size and first byte of a picture in the library."""
        return self.evaluate(ASSET, sha256)

    def pixels(self, sha256: str) -> Any:
        """Return the size of a picture in the library, and the colour in its middle."""
        return self.evaluate(PIXELS, sha256)

    def mark(self) -> Any:
        """Wait for a mark on the toolbar button of the tab in front; return it with its words."""
        return self.worker.evaluate(MARK)

    def menu(self, page: Page, item: str, **info: object) -> None:
        """Let the service worker hear that an item of the page's menu was chosen.

        No debugger opens that menu, and its press is what opens the tab to the extension: press
        the toolbar button before.
        """
        page.bring_to_front()
        self.worker.evaluate(MENU, {"menuItemId": item, "pageUrl": page.url, **info})

    def closed_frame(self) -> Any:
        """Return the number of a frame in the tab in front that the extension may not enter."""
        return self.worker.evaluate(CLOSED_FRAME)

    def stop_worker(self) -> None:
        """Stop the service worker if it runs, as the browser does when it is idle."""
        for target in self._targets("service_worker"):
            self.devtools.send("Target.closeTarget", {"targetId": target})

    def _targets(self, kind: str) -> list[str]:
        found = self.devtools.send("Target.getTargets", {"filter": [{"type": kind}]})
        own = [info for info in found["targetInfos"] if self.id in info["url"]]
        return [info["targetId"] for info in own]

    def kill(self) -> None:
        """End every process of the browser, as when the power fails."""
        for process in processes_of(self.profile):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def close(self) -> None:
        """Close the browser as a person does."""
        self.context.close()
