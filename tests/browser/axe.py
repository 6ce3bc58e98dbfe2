"""A page as it stands goes in; what axe finds against WCAG 2.2 A and AA comes out."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from tests.browser.app import WIDTHS, take_picture

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# In the dark nothing but colours differs: these are the rules that look at them.
COLOURS = ["color-contrast", "link-in-text-block"]
RUN = """
async (runOnly) => {
  const { violations } = await axe.run(document, { runOnly });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) =>
    `${id}: ${html.slice(0, 160)} ${failureSummary}`));
}
"""


def look(page: Page, name: str) -> list[str]:
    """Return what is wrong with a screen in three widths, in light and dark; leave its pictures.

    In the dark, colours differ in the same way at each width: they are looked at in the widest and in
    the narrowest, which between them show every element.
    """
    if not page.evaluate("() => 'axe' in globalThis"):
        page.evaluate(AXE.read_text(encoding="utf-8"))  # the page's policy does not stop this
    found = []
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        take_picture(page, f"{name}-{width}-dark")
        if width in (max(WIDTHS), min(WIDTHS)):
            found += [(width, "dark", one) for one in _problems(page, "rule", COLOURS)]
        page.emulate_media(color_scheme="light")
        take_picture(page, f"{name}-{width}-light")
        found += [(width, "light", one) for one in _problems(page, "tag", RULES)]
    page.set_viewport_size({"width": 1280, "height": 800})
    return [f"{name} {width} {scheme}: {problem}" for width, scheme, problem in found]


def _problems(page: Page, kind: str, values: list[str]) -> list[str]:
    found: list[str] = page.evaluate(RUN, {"type": kind, "values": values})
    return found
