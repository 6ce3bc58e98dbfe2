"""A real Chromium, and a site with a line that can be watched and cut."""

import logging
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from cutouts.browsers import find_browser
from cutouts.extension import build_extension
from cutouts.serve import running_site, site_app
from tests.browser.extension import Reader, Served, served
from tests.browser.library import Person, Window
from tests.browser.line import Line
from tests.browser.tiny import static_tiny, write_tiny

OPTIONS = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
QUIET = "/runtime/index.js"  # shown as text: a page of the site that does nothing
# As any site would: load the library from its own address, then tag.
TAG = """
async (texts) => {
  const { loadBundle } = await import("/runtime/index.js");
  const stages = [];
  try {
    const tagger = await loadBundle("/bundle/", { onProgress: (step) => stages.push(step) });
    const tagged = await tagger.tag(texts);
    tagger.close();
    const tags = tagged.map((one) => one.tags.map((tag) => tag.label));
    return { stages, tags, report: tagger.report };
  } catch (error) {
    return { stages, error: { name: error.name, message: error.message } };
  }
}
"""


@dataclass
class Site:
    """A bundle served, its line, and the folder it comes from."""

    address: str
    line: Line
    bundle: Path


@dataclass
class Watched:
    """A page, and everything it did that a person would not see."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def tag(self, *texts: str) -> dict[str, Any]:
        """Load the bundle in this page and tag the texts."""
        found: dict[str, Any] = self.page.evaluate(TAG, list(texts))
        return found


def chromium_options() -> list[str]:
    """Return the options that Chromium is started with, as root without its sandbox."""
    return [*OPTIONS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Give what drives a browser."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Give one Chromium for all tests; each opens its own context in it."""
    program = str(find_browser("chromium"))
    browser = playwright.chromium.launch(executable_path=program, args=chromium_options())
    yield browser
    browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """Give a context without cookies, caches or history."""
    context = chromium.new_context()
    yield context
    context.close()


def watch(page: Page) -> Watched:
    """Return the page with its errors, warnings and requests written down from now on."""
    watched = Watched(page)
    page.on("request", lambda request: watched.requests.append(request.url))
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    page.on(
        "console",
        lambda message: (
            watched.complaints.append(f"{message.type}: {message.text}")
            if message.type in ("error", "warning")
            else None
        ),
    )
    return watched


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the tiny bundle; tests get copies of it."""
    return write_tiny(tmp_path_factory.mktemp("tiny") / "bundle", static_tiny()).folder


@pytest.fixture
def bundle(made_once: Path, tmp_path: Path) -> Path:
    """Give a bundle that the test may damage."""
    return Path(shutil.copytree(made_once, tmp_path / "bundle"))


@pytest.fixture
def site(bundle: Path) -> Iterator[Site]:
    """Serve the bundle over a line that holds, until a test cuts it."""
    line = Line(site_app(bundle))
    with running_site(line) as address:
        # A line that breaks is no error of the server.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        yield Site(address, line, bundle)


@pytest.fixture
def open_page(context: BrowserContext, site: Site) -> Watched:
    """Give a page of the site, on which nothing but the browser's own work has happened."""
    watched = watch(context.new_page())
    watched.page.goto(site.address + QUIET)
    return watched


@pytest.fixture
def windows(context: BrowserContext, site: Site) -> Iterator[Any]:
    """Give what opens another window of the same person."""
    yield lambda: Window(context.new_page(), site.address)


@pytest.fixture
def person(playwright: Playwright, site: Site, tmp_path: Path) -> Iterator[Person]:
    """Give a person with a browser that the test may kill."""
    person = Person(playwright, tmp_path / "profile", site.address, chromium_options())
    yield person
    person.close()


@pytest.fixture(scope="session")
def extension(made_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the extension for Chromium, as it is loaded unpacked, with the tiny bundle in it."""
    out = tmp_path_factory.mktemp("extension")
    build_extension(made_once, out)
    return out / "chromium"


@pytest.fixture
def reader(playwright: Playwright, extension: Path, tmp_path: Path) -> Iterator[Reader]:
    """Give a person who reads, with the extension in a browser that the test may kill."""
    reader = Reader(playwright, tmp_path / "profile", extension, chromium_options())
    yield reader
    reader.close()


@pytest.fixture
def read_site() -> Iterator[Served]:
    """Give a site that the test writes, to read."""
    with served() as site:
        yield site
