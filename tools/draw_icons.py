"""web/public/icon.svg in, the PNGs that an installed app needs beside it out."""

import base64
import os
from pathlib import Path

from playwright.sync_api import sync_playwright

from cutouts.browsers import find_browser

PUBLIC = Path(__file__).resolve().parent.parent / "web" / "public"
# Name, size in pixels, share of the side that the drawing takes. A maskable icon is cut to a circle
# of 0.8 of its side by some systems, so the drawing's corners stay within, on a ground of its own.
ICONS = (("icon-192", 192, 1.0), ("icon-512", 512, 1.0), ("icon-maskable", 512, 0.66))
GROUND = "#f6f1e7"


def main() -> None:
    """Draw each icon in a headless Chromium."""
    svg = base64.b64encode((PUBLIC / "icon.svg").read_bytes()).decode()
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        program = str(find_browser("chromium"))
        browser = playwright.chromium.launch(executable_path=program, args=options)
        for name, side, share in ICONS:
            page = browser.new_page(viewport={"width": side, "height": side})
            ground = GROUND if share < 1 else "transparent"
            page.set_content(
                f'<body style="margin:0;display:grid;place-items:center;height:{side}px;'
                f'background:{ground}"><img width="{round(side * share)}" alt="" '
                f'src="data:image/svg+xml;base64,{svg}">'
            )
            page.locator("img").evaluate("image => image.decode()")
            page.screenshot(path=PUBLIC / f"{name}.png", omit_background=share == 1)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
