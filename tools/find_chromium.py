"""Nothing in, the path of a Chromium that starts out, on stdout; fetched when there is none."""

import os
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

import debian_packages
from cutouts.browsers import find_browser
from cutouts.errors import ProofError


def on_this_machine() -> Path | None:
    """Return the Chromium that the proof would take, if there is one and it starts."""
    chosen = os.environ.get("CHROME")
    try:
        path = find_browser("chromium")
    except ProofError as error:
        if chosen:  # a wrong choice is said, not passed over
            sys.exit(str(error))
        return None
    if chosen and not starts(path):
        sys.exit(f"CHROME is {chosen!r}, which does not start: correct it or unset it")
    return path if starts(path) else None


def from_playwright() -> Path | None:
    """Return Playwright's own Chromium, downloaded if it is not there yet."""
    print("no Chromium here: trying playwright install chromium", file=sys.stderr)
    install = [sys.executable, "-m", "playwright", "install", "chromium"]
    if subprocess.run(install, capture_output=True, check=False).returncode:
        return None
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if starts(path) else None


def from_debian() -> Path | None:
    """Return Debian's Chromium, installed with apt-get."""
    return on_this_machine() if debian_packages.install("chromium") else None


def starts(path: Path) -> bool:
    """Say whether this program runs at all: one that lacks its libraries is no browser."""
    return subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0


def main() -> None:
    """Print the path, or end with one line that says what to install."""
    path = on_this_machine() or from_playwright() or from_debian()
    if path is None:
        sys.exit("no Chromium: install Chromium or Chrome, or set CHROME to one; then make again")
    print(path)


if __name__ == "__main__":
    main()
