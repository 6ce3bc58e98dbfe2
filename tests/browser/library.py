"""A person with a browser of their own, and windows in it that have the library open."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright

from cutouts.browsers import find_browser

HEAD = 4096  # bytes before the database in a file of the pool: its name, flags and a digest
ON_LINUX = pytest.mark.skipif(
    not Path("/proc/self/cmdline").exists(), reason="processes are found in /proc"
)
OPEN = """
async () => {
  const { openLibrary } = await import("/library/index.js");
  globalThis.states = [];
  globalThis.changes = [];
  globalThis.models = [];
  globalThis.library = openLibrary({
    onModel: ({ name }) => models.at(-1) === name || models.push(name),
    onState: (state) => states.push(state.name),
    onChange: (what) => changes.push(what),
  });
}
"""
ASK = """
async ([name, ask]) => {
  try {
    return await library.ask(name, ask);
  } catch (error) {
    return { error: `${error.name}: ${error.message}` };
  }
}
"""


class Window:
    """A page with the library open."""

    def __init__(self, page: Page, address: str) -> None:
        """Open the library as any page of the site would."""
        self.page = page
        page.goto(f"{address}/library/index.js")
        page.evaluate(OPEN)

    def ask(self, name: str, ask: object = None) -> Any:
        """Return the library's answer, or {"error": ...}."""
        return self.page.evaluate(ASK, [name, ask])

    def save(self, key: str, *tags: str, **fields: object) -> Any:
        """Save a cutout and wait until that is acknowledged."""
        plain = {"title": "", "body": "", "note": "", "address": "", "anchor": None, "asset": None}
        made = {"key": key, "kind": "page", "tags": list(tags), "created": 1, **plain, **fields}
        return self.ask("save", {"cutout": made})

    def wait_for_state(self, name: str) -> None:
        """Wait until the library is in that state."""
        self.page.wait_for_function("name => states.at(-1) === name", arg=name)


SAVE_ON = """
() => {
  globalThis.saved = 0;
  const plain = { kind: "page", body: "", note: "", address: "", anchor: null, asset: null };
  const next = async () => {
    const number = saved;
    const tags = ["a", "b"];
    const cutout = { ...plain, tags, key: `key ${number}`, title: `No. ${number}`, created: number };
    await library.ask("save", { cutout });
    saved = number + 1;
    void next();
  };
  void next();
}
"""


def processes_of(profile: Path) -> list[int]:
    """Return the process ids of the browser that uses this profile."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if str(profile).encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:  # it has ended
            continue
    return found


def times_of(profile: Path) -> dict[int, int]:
    """Return how long each process of a page worked, in ticks."""
    found = {}
    for process in processes_of(profile):
        with contextlib.suppress(OSError):  # it has ended
            if b"--type=renderer" in Path(f"/proc/{process}/cmdline").read_bytes():
                fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
                found[process] = int(fields[11])
    return found


class Person:
    """A browser with a profile of its own, which can be killed and started again."""

    def __init__(
        self, playwright: Playwright, profile: Path, address: str, options: list[str]
    ) -> None:
        self.playwright = playwright
        self.profile = profile
        self.address = address
        self.options = options
        self.context: BrowserContext | None = None

    def started(self) -> BrowserContext:
        """Return the browser, started if it is not running."""
        if self.context is None:
            self.context = self.playwright.chromium.launch_persistent_context(
                self.profile,
                executable_path=str(find_browser("chromium")),
                args=self.options,
            )
        return self.context

    def window(self) -> Window:
        """Return a new window with the library open."""
        return Window(self.started().new_page(), self.address)

    def kill(self) -> None:
        """End every process of the browser, as when the power fails."""
        for process in processes_of(self.profile):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.context = None

    def close(self) -> None:
        """Close the browser as a person does."""
        if self.context is not None:
            self.context.close()
        self.context = None

    def process_of(self, page: Page) -> int:
        """Return the process of a page: the one that works when the page does."""
        before = times_of(self.profile)
        page.evaluate("() => { const end = Date.now() + 500; while (Date.now() < end); }")
        after = times_of(self.profile)
        return max(after, key=lambda process: after[process] - before.get(process, 0))

    def owner(self) -> tuple[Window, int]:
        """Open the window that holds the library; return it and its process."""
        window = self.window()
        window.wait_for_state("owner")
        return window, self.process_of(window.page)

    def files(self) -> dict[str, Path]:
        """Return the library's files on this disk, by the name that SQLite knows them by."""
        found = {}
        for path in (self.profile / "Default" / "File System").rglob("*"):
            if path.is_file() and path.stat().st_size >= HEAD:
                name = path.read_bytes()[:512].split(b"\0")[0].decode(errors="replace")
                if name.startswith("/"):
                    found[name] = path
        return found
