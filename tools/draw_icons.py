"""web/public/icon.svg in, the PNGs that an installed app and the extension need out."""

import base64
import os
from pathlib import Path

from playwright.sync_api import sync_playwright

from cutouts.browsers import find_browser

WEB = Path(__file__).resolve().parent.parent / "web"
PUBLIC = WEB / "public"
EXTENSION = WEB / "extension" / "public" / "icons"
# File, size in pixels, share of the side that the drawing takes. A maskable icon is cut to a circle
# of 0.8 of its side by some systems, so the drawing's corners stay within, on a ground of its own.
ICONS = (
    (PUBLIC / "icon-192.png", 192, 1.0),
    (PUBLIC / "icon-512.png", 512, 1.0),
    (PUBLIC / "icon-maskable.png", 512, 0.66),
    *((EXTENSION / f"{side}.png", side, 1.0) for side in (16, 32, 48, 128)),
)
GROUND = "#f6f1e7"


def main() -> None:
    """Draw each icon in a headless Chromium."""
    svg = base64.b64encode((PUBLIC / "icon.svg").read_bytes()).decode()
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        program = str(find_browser("chromium"))
        browser = playwright.chromium.launch(executable_path=program, args=options)
        for file, side, share in ICONS:
            page = browser.new_page(viewport={"width": side, "height": side})
            ground = GROUND if share < 1 else "transparent"
            page.set_content(
                f'<body style="margin:0;display:grid;place-items:center;height:{side}px;'
                f'background:{ground}"><img width="{round(side * share)}" alt="" '
                f'src="data:image/svg+xml;base64,{svg}">'
            )
            page.locator("img").evaluate("image => image.decode()")
            page.screenshot(path=file, omit_background=share == 1)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
