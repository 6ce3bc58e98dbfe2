"""A folder of the extension and of a profile in, a Chromium that has loaded it out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, sync_playwright

from bench.browser import ARGUMENTS
from cutouts.browsers import find_browser


@contextmanager
def chromium_with(extension: Path, profile: Path, *options: str) -> Iterator[BrowserContext]:
    """Give a browser with the extension in it, started with these options too."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=find_browser("chromium"),
            headless=False,  # the old headless mode has no extensions
            args=[
                *(*ARGUMENTS, "--headless=new", *options),
                f"--disable-extensions-except={extension}",
                f"--load-extension={extension}",
            ],
        )
        yield context
        context.close()
