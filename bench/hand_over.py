"""Nothing in; how long a hand-over between extension and app takes, and what memory it takes, out.

One Chromium with both: the extension as it ships but for a manifest that lets it into this machine,
so that nobody has to be asked. The panel stands in a tab. No model is loaded on either side. The
browser is started anew between filling a library and handing it over.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from bench.memory import held
from bench.table import print_table
from bench.with_extension import chromium_with
from cutouts.extension import build_extension
from cutouts.serve import running_site, site_app

BUNDLE = Path(__file__).resolve().parents[1] / "tests" / "golden" / "static-linear"
SIZES = ((10_000, 1000), (20_000, 2000))  # cutouts, and how many of them have a picture
PICTURE_BYTES = 100_000
PAUSE_SECONDS = 0.1  # between two looks at the memory
SEND, FETCH = "Send to the app", "Fetch from the app"
QUIET = "library/index.js"  # shown as text: a page that does nothing by itself
PROCESSES = ("extension", "app", "browser", "others")
# A library of bookmarks with some words each, and of images whose bytes are chance.
FILL = """
async ([count, pictures, bytes]) => {
  localStorage.setItem("cutouts: welcomed", "1");
  localStorage.setItem("cutouts: no model yet", "1");
  const { openLibrary, sha256Of } = await import(new URL("/library/index.js", location));
  const library = openLibrary();
  const words = "the words of a page that somebody kept, to be found again ".repeat(6);
  const lines = Array.from({ length: count - pictures }, (_, n) =>
    `<DT><A HREF="https://example.org/${n}" ADD_DATE="1700000000">Page ${n}</A><DD>${n} ${words}`);
  const file = new Blob(["<!DOCTYPE NETSCAPE-Bookmark-file-1><DL>", lines.join("\\n"), "</DL>"]);
  await library.ask("importFile", { file });
  for (let n = 0; n < pictures; n += 1) {
    const image = new Uint8Array(bytes);
    for (let at = 0; at < bytes; at += 50_000)
      crypto.getRandomValues(image.subarray(at, at + 50_000));
    const asset = await sha256Of(image);
    const cutout = { key: `picture ${n}`, kind: "image", title: `Picture ${n}`, body: "", note: "",
      address: `https://example.org/p/${n}`, anchor: null, tags: [], created: 1.7e12, asset };
    await library.ask("save", { cutout, asset: { type: "image/png", bytes: image } });
  }
  const { cutouts } = await library.ask("contents", null);
  library.close();
  return cutouts;
}
"""
WELCOMED = """
() => {
  localStorage.setItem("cutouts: welcomed", "1");
  localStorage.setItem("cutouts: no model yet", "1");
}
"""


@dataclass
class Memory:
    """What the processes of a browser held: before, and at most since then."""

    profile: Path
    before: dict[str, int] = field(default_factory=dict)
    peak: dict[str, int] = field(default_factory=dict)

    def now(self) -> dict[str, int]:
        """Return the bytes that each of PROCESSES holds."""
        found = dict.fromkeys(PROCESSES, 0)
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().decode(errors="replace")
            except OSError:  # it has ended
                continue
            if str(self.profile) in words:
                found[_kind(words)] += held(int(folder.name))
        return found

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look at the memory again and again, until the end."""
        self.before = self.peak = self.now()
        is_over = threading.Event()

        def look() -> None:
            while not is_over.wait(PAUSE_SECONDS):
                now = self.now()
                self.peak = {name: max(now[name], self.peak[name]) for name in PROCESSES}

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()


def main(folders: object) -> None:  # noqa: ARG001  (the same for every measurement)
    """Send a library of each size to the app, then fetch one from it."""
    rows = []
    for count, pictures in SIZES:
        for button in (SEND, FETCH):
            with tempfile.TemporaryDirectory() as made:
                seconds, memory = _measure(Path(made), button, count, pictures)
            grown = (memory.peak[name] - memory.before[name] for name in PROCESSES)
            cells = [
                f"{(memory.before[n]) / 1e6:.0f} + {g / 1e6:.0f}"
                for n, g in zip(PROCESSES, grown, strict=True)
            ]
            rows.append((button, f"{count:,}", f"{pictures:,}", f"{seconds:.1f}", *cells))
    header = ("button", "cutouts", "pictures of 100 kB", "seconds")
    print_table((*header, *(f"{name}, MB" for name in PROCESSES)), rows)


def _measure(made: Path, button: str, count: int, pictures: int) -> tuple[float, Memory]:
    extension = _extension(made)
    with running_site(site_app(BUNDLE)) as address:
        with _chromium(made, extension) as (context, own):
            giver = own if button == SEND else address
            filled = _page(context, f"{giver}/{QUIET}").evaluate(
                FILL, [count, pictures, PICTURE_BYTES]
            )
            if filled != count:
                raise ValueError(f"{filled} cutouts were filled in, expected {count}")
            for one in (own, address):
                _page(context, f"{one}/{QUIET}").evaluate(WELCOMED)
        with _chromium(made, extension) as (context, own):
            app = _page(context, f"{address}/library.html")
            app.locator(".status").wait_for()
            panel = _page(context, f"{own}/panel.html")
            return _handed(
                panel, button, f"{address}/library.html", count, Memory(made / "profile")
            )


def _handed(
    panel: Page, button: str, address: str, count: int, memory: Memory
) -> tuple[float, Memory]:
    panel.get_by_role("button", name="Your data").click()
    panel.get_by_label("Address of the app").fill(address)
    panel.wait_for_timeout(2000)  # what starts has started
    said = panel.get_by_role("region", name="Join with the app")
    with memory.watched():
        begun = time.monotonic()
        panel.get_by_role("button", name=button).click()
        said.get_by_text(f"{count:,} added").wait_for()
        return time.monotonic() - begun, memory


def _extension(made: Path) -> Path:
    """Return the extension, which the person let into this machine for good."""
    build_extension(None, made)
    manifest = made / "chromium" / "manifest.json"
    shipped = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps({**shipped, "host_permissions": ["http://127.0.0.1/*"]}))
    return manifest.parent


@contextmanager
def _chromium(made: Path, extension: Path) -> Iterator[tuple[BrowserContext, str]]:
    """Give a browser, and the address of the extension in it."""
    with chromium_with(extension, made / "profile") as context:
        context.set_default_timeout(0)
        worker = (context.service_workers or [context.wait_for_event("serviceworker")])[0]
        yield context, worker.url.rsplit("/", 1)[0]


def _page(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    return page


def _kind(command: str) -> str:
    if "--type=renderer" in command:
        return "extension" if "--extension-process" in command else "app"
    return "others" if "--type=" in command else "browser"
