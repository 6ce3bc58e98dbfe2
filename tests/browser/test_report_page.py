"""A report in a real Chromium without a network; fails where it does not fit or asks for more."""

import dataclasses
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from cutouts.report import write_report
from cutouts.report.comparison import comparison_page
from tests.test_report import FACTS, HOSTILE, measured
from tests.test_report_comparison import compared

pytestmark = pytest.mark.browser

LABELS = ("talk.politics.mideast", "comp.sys.ibm.pc.hardware", *HOSTILE)
TOO_WIDE = """
[document.documentElement, ...document.querySelectorAll(".wide")]
  .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.tagName)
"""
# Contrast as WCAG 2.2 defines it, of each text against the nearest background that is painted.
FAINT = """
() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => {
    const line = (c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = channels(color).map((c) => line(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (one) => {
    const color = getComputedStyle(one).backgroundColor;
    return channels(color)[3] === 0 ? ground(one.parentElement) : color;
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const faint = [];
  let seen = 0;
  while (texts.nextNode()) {
    const one = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || one.matches("title, desc")) continue;
    const style = getComputedStyle(one);
    const ink = one instanceof SVGElement ? style.fill : style.color;
    const [dark, bright] = [light(ink), light(ground(one))].sort((a, b) => a - b);
    seen += 1;
    if ((bright + 0.05) / (dark + 0.05) < 4.5) faint.push(`${one.tagName}: ${one.textContent}`);
  }
  return [seen > 40, faint];
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_report_fits_every_screen_without_a_network(
    chromium: Browser, tmp_path: Path, width: int, scheme: Literal["light", "dark"]
) -> None:
    facts = dataclasses.replace(FACTS, learning_curve=[0.5, 0.7, 0.65])
    path = tmp_path / "report.html"
    write_report(path, title="dishes", metrics=measured(LABELS), facts=facts)
    check_page(chromium, path, width, scheme, "dishes: report")


@pytest.mark.parametrize("multiple", [False, True])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_a_comparison_fits_every_screen_without_a_network(
    chromium: Browser,
    tmp_path: Path,
    width: int,
    scheme: Literal["light", "dark"],
    multiple: bool,
) -> None:
    path = tmp_path / "comparison.html"
    made = dataclasses.replace(compared(multiple=multiple), corpus="dishes")
    path.write_text(comparison_page(made), encoding="utf-8")
    check_page(chromium, path, width, scheme, "dishes: comparison")


def check_page(
    chromium: Browser, path: Path, width: int, scheme: Literal["light", "dark"], title: str
) -> None:
    """Fail where the page is too wide, too faint, complains or asks for anything else."""
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, offline=True, color_scheme=scheme
    )
    page = context.new_page()
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(path.as_uri())
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert page.title() == title
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate(FAINT) == [True, []]
    assert requests == [path.as_uri()]
    assert complaints == []
    context.close()
