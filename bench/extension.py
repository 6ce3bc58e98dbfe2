"""A corpus in; milliseconds from a press of the extension's button to "Saved" and to the tags, out.

Measured by the clock of the service worker of the extension as it ships, in one Chromium, whose
debugging protocol presses the button: from when the worker hears of the press, to when the page
tells it that two frames were drawn since the words, or the tags, stand in the notice.
"""

from __future__ import annotations

import http.server
import statistics
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, CDPSession, Worker

from bench.browser import titles_of
from bench.table import print_table
from bench.with_extension import chromium_with
from cutouts.extension import build_extension
from cutouts.training import train

PAGES = 20
BEFORE = 2  # that start the library and the model, and are told apart
PARAGRAPHS = 100
WANTED = {"to “Saved”, drawn": "150", "to the tags, drawn": "300"}
# The notice's tree is closed to all but who makes it: so its making is watched, in the extension's
# own world in the page. The first frame draws what changed, the second comes after that.
WATCH = """
async () => {
  while (self.serviceWorker.state !== "activated")
    await new Promise((resolve) => setTimeout(resolve, 10));
  chrome.action.onClicked.addListener(() => {
    globalThis.times = [performance.now()];
  });
  chrome.runtime.onMessage.addListener(({ isDrawn }) => {
    if (isDrawn) times.push(performance.now());
  });
  const watchNotice = () => {
    const { attachShadow } = Element.prototype;
    Element.prototype.attachShadow = function (about) {
      const root = attachShadow.call(this, about);
      const isThere = [
        () => root.querySelector(".word")?.textContent === "Saved the page",
        () => root.querySelector(".tags li") !== null,
      ];
      const look = () => {
        while (isThere[0]?.()) {
          isThere.shift();
          requestAnimationFrame(() =>
            requestAnimationFrame(() => chrome.runtime.sendMessage({ isDrawn: true })));
        }
      };
      new MutationObserver(look).observe(root, { childList: true, subtree: true });
      return root;
    };
  };
  const { executeScript } = chrome.scripting;
  chrome.scripting.executeScript = async ({ target, ...about }) => {
    if (about.files?.[0] === "notice.js")
      await executeScript.call(chrome.scripting, { target, func: watchNotice });
    return await executeScript.call(chrome.scripting, { target, ...about });
  };
}
"""
TIMES = """
async () => {
  while (globalThis.times === undefined || times.length < 3)
    await new Promise((resolve) => setTimeout(resolve, 10));
  const [begun, saved, tagged] = times;
  globalThis.times = undefined;
  return [saved - begun, tagged - begun];
}
"""


def main(folders: Sequence[Path]) -> None:
    """Train a static bundle on the first corpus that is given (or 20 Newsgroups), then measure."""
    corpus, titles = titles_of(folders)
    with tempfile.TemporaryDirectory() as made:
        train(corpus, encoder="static", out=Path(made) / "bundle")
        build_extension(Path(made) / "bundle", Path(made))
        with _pages(titles) as address, _chromium(Path(made)) as (context, devtools):
            times = _measure(context, devtools, address)
    first, rest = times[0], times[BEFORE:]
    print(f"{len(rest)} pages with titles of {corpus.name}, medians and slowest\n")
    rows = [
        (name, wanted, *(f"{ms:.0f}" for ms in (first[place], statistics.median(each), max(each))))
        for place, (name, wanted) in enumerate(WANTED.items())
        for each in [[pair[place] for pair in rest]]
    ]
    header = ("from the press", "wanted", "first page after the start, ms", "median, ms")
    print_table((*header, "slowest, ms"), rows)


def _measure(context: BrowserContext, devtools: CDPSession, address: str) -> list[list[float]]:
    worker: Worker = (context.service_workers or [context.wait_for_event("serviceworker")])[0]
    worker.evaluate(WATCH)
    times = []
    for number in range(BEFORE + PAGES):
        page = context.new_page()
        page.goto(f"{address}/{number}")
        tabs = devtools.send("Target.getTargets", {"filter": [{"type": "tab"}]})["targetInfos"]
        [tab] = [info["targetId"] for info in tabs if info["url"] == page.url]
        extension = worker.url.split("/")[2]
        devtools.send("Extensions.triggerAction", {"id": extension, "targetId": tab})
        times.append(worker.evaluate(TIMES))
        page.close()
    return times


@contextmanager
def _chromium(made: Path) -> Iterator[tuple[BrowserContext, CDPSession]]:
    options = "--enable-unsafe-extension-debugging"
    with chromium_with(made / "chromium", made / "profile", options) as context:
        if context.browser is None:
            raise RuntimeError("Playwright gives no browser for a profile: use a newer one")
        yield context, context.browser.new_browser_cdp_session()


@contextmanager
def _pages(titles: Sequence[str]) -> Iterator[str]:
    """Serve an article for each number, made of titles."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.strip("/")
            first = int(name) if name.isdecimal() else 0
            words = [titles[(first + n) % len(titles)] for n in range(PARAGRAPHS)]
            text = "".join(f"<p>{escape(line)}</p>" for line in words)
            page = f"<!doctype html><title>{escape(titles[first])}</title><article>{text}</article>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
