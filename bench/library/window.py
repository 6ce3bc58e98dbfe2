"""A prepared library and a bundle in; windows of one person in Chromium, out."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

from bench.browser import ARGUMENTS
from bench.library.node import SCRIPT
from cutouts.browsers import find_browser
from cutouts.serve import running_site, site_app
from cutouts.site import page_policy

INSIDE = """
async ([job, settings]) => {
  const worker = new Worker("/bench/inside.js", { type: "module" });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data: { answer, error } }) =>
        error ? reject(new Error(error)) : resolve(answer);
      worker.onerror = ({ message }) => reject(new Error(`inside.js: ${message}`));
      worker.postMessage({ job, settings });
    });
  } finally {
    worker.terminate();
  }
}
"""
OPEN = """
async () => {
  const { openLibrary } = await import("/library/index.js");
  globalThis.models = [];
  globalThis.library = openLibrary({ onModel: (model) => models.push(model.name) });
}
"""
CLOSE = "() => library.close()"
FIRST_LIST = """
new MutationObserver((_, observer) => {
  if (document.querySelector(".line .title") === null) return;
  globalThis.firstList = performance.now();
  observer.disconnect();
}).observe(document, { childList: true, subtree: true });
"""
# Milliseconds between the frames that the browser draws from now on.
FRAMES = """
() => {
  globalThis.frames = [];
  let last;
  const draw = (now) => {
    if (last !== undefined) frames.push(now - last);
    last = now;
    requestAnimationFrame(draw);
  };
  requestAnimationFrame(draw);
}
"""
WHEELS, WHEEL_PIXELS, WHEEL_MS = 200, 700, 25
ENDS = {"End": "[data-place='{last}']", "Home": "[data-place='0']"}


class Person:
    """One browser profile with a library in its storage."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.address = address

    def inside(self, job: str, settings: dict[str, Any] | None = None) -> Any:
        """Return what web/tools/library_inside.js makes of a job; no window may hold the library."""
        page = self._quiet()
        try:
            return page.evaluate(INSIDE, [job, settings])
        finally:
            page.close()

    @contextlib.contextmanager
    def library(self) -> Iterator[Page]:
        """Give a window in which `library` is open by its real door."""
        page = self._quiet()
        try:
            page.evaluate(OPEN)
            yield page
            page.evaluate(CLOSE)
        finally:
            page.close()

    def first_list(self) -> float:
        """Return milliseconds from asking for the app to the first lines of its list."""
        page = self.context.new_page()
        try:
            page.add_init_script(FIRST_LIST)
            page.goto(f"{self.address}/library.html")
            page.wait_for_function("() => globalThis.firstList !== undefined")
            return float(page.evaluate("firstList"))
        finally:
            page.close()

    def scrolled(self) -> list[float]:
        """Return milliseconds of each frame while the app's list is scrolled: wheel, End, Home."""
        page = self.context.new_page()
        try:
            page.goto(f"{self.address}/library.html")
            page.locator(".side .hint", has_text="Everything is tagged.").wait_for()
            last = int(page.locator("li.line").first.get_attribute("aria-setsize") or 0) - 1
            page.locator(".list").hover()
            page.evaluate(FRAMES)
            for _ in range(WHEELS):
                page.mouse.wheel(0, WHEEL_PIXELS)
                page.wait_for_timeout(WHEEL_MS)
            for key, place in ENDS.items():
                page.keyboard.press(key)
                page.locator(f"li.line.active{place.format(last=last)} .title").wait_for()
            frames: list[float] = page.evaluate("frames")
            return frames
        finally:
            page.close()

    def _quiet(self) -> Page:
        """Return a page of the site that does nothing by itself."""
        page = self.context.new_page()
        page.goto(f"{self.address}/library/index.js")
        page.evaluate("localStorage.setItem('cutouts: welcomed', '1')")
        return page


@contextlib.contextmanager
def person(folder: Path, bundle: Path) -> Iterator[Person]:
    """Give a person whose library is the `library.sqlite` of the folder."""
    subprocess.run(["node", SCRIPT.with_name("library_inside_bundle.js"), folder], check=True)
    app = site_app(bundle, routes=[_files(folder)])
    with running_site(app) as address, sync_playwright() as playwright:
        # A profile of its own: storage in a private window is memory.
        context = playwright.chromium.launch_persistent_context(
            folder / "profile",
            executable_path=find_browser("chromium"),
            args=[*ARGUMENTS, "--disable-component-update"],
        )
        context.set_default_timeout(0)
        try:
            made = Person(context, address)
            made.inside("place")
            yield made
        finally:
            context.close()


def _files(folder: Path) -> Route:
    """Return what serves the files of the bench; its worker compiles SQLite, as the library's does."""
    headers = {"Content-Security-Policy": page_policy("onnx")}

    async def answer(request: Request) -> FileResponse:
        return FileResponse(folder / request.path_params["name"], headers=headers)

    return Route("/bench/{name}", answer)
