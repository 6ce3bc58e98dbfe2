"""Nothing in, the path of a Chromium that starts out, on stdout; fetched when there is none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import debian_packages

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_APPS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def starts(path: str) -> bool:
    """Say whether this program runs at all: one without its libraries is no browser."""
    command = [path, "--version"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def on_this_machine() -> str | None:
    """Return the first Chromium found where people have them."""
    found = [shutil.which(name) for name in NAMES]
    found += [app for app in MAC_APPS if Path(app).exists()]
    return next((path for path in found if path and starts(path)), None)


def from_playwright() -> str | None:
    """Return Playwright's own Chromium, downloaded if it is not there yet."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    if not Path(path).exists():
        print("no Chromium here: trying playwright install chromium", file=sys.stderr)
        install = [sys.executable, "-m", "playwright", "install", "chromium"]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode:
            return None
    return path if starts(path) else None


def from_debian() -> str | None:
    """Return Debian's Chromium, installed with apt-get."""
    return on_this_machine() if debian_packages.install("chromium") else None


def main() -> None:
    """Print the path, or end with one line that says what to install."""
    chosen = os.environ.get("CHROME")
    if chosen:
        if shutil.which(chosen) is None or not starts(chosen):
            sys.exit(f"$CHROME is {chosen!r}, which does not start: correct it or unset it")
        print(shutil.which(chosen))
        return
    path = on_this_machine() or from_playwright() or from_debian()
    if path is None:
        sys.exit(
            "no Chromium: install Chromium or Chrome, or set $CHROME to one, then run make again"
        )
    print(path)


if __name__ == "__main__":
    main()
