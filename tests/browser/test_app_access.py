"""Every screen of the app in a real Chromium, against WCAG 2.2 A and AA as axe checks them.

With SCREENSHOTS set to a folder, as by `make test`, pictures of the screens are left there.
"""

import itertools
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.app import WAIT_MS, App
from tests.browser.axe import look
from tests.browser.conftest import Site
from tests.browser.screens import SCREENS, SEEDS, open_sheet, stock

pytestmark = pytest.mark.browser


@pytest.fixture
def app(chromium: Browser, site: Site) -> Iterator[App]:
    """The app before its first start."""
    context = chromium.new_context(reduced_motion="reduce", locale="en")
    yield App(context, site.address)
    context.close()


def test_no_screen_breaks_a_rule_of_wcag(app: App) -> None:
    app.open()
    found = look(app.page, "welcome")
    app.begin()
    found += look(app.page, "empty")
    stock(app)
    for name, show in SCREENS.items():
        app.open()
        expect(app.page.locator(".status")).to_have_text("6 cutouts")
        show(app)
        found += look(app.page, name)
    assert found == []


def test_text_of_twice_the_size_and_lines_from_the_right_go_beyond_no_edge(
    app: App,
) -> None:
    app.later()
    app.seed(*SEEDS)
    beyond = """
    () => [...document.querySelectorAll("body *")].filter((element) => {
      if (element.closest(".side, .unseen, .tags, svg")) return false; // these scroll, or are cut
      const { left, right, width } = element.getBoundingClientRect();
      return width > 0 && (left < -1 || right > innerWidth + 1);
    }).map(({ outerHTML }) => outerHTML.slice(0, 120))
    """
    styles = (
        "document.documentElement.style.fontSize = '200%'",
        "document.documentElement.dir = 'rtl'",
    )
    for width, style in itertools.product((1280, 390), styles):
        app.page.set_viewport_size({"width": width, "height": 800})
        app.open()
        app.page.evaluate(style)
        expect(app.page.locator(".status")).to_have_text("6 cutouts")
        assert app.page.evaluate(beyond) == []
        for key in ("n", "Enter", "?"):
            open_sheet(key)(app)
            assert app.page.evaluate(beyond) == []
            app.page.keyboard.press("Escape")
            expect(app.page.get_by_role("dialog")).to_have_count(0)
            expect(app.page.locator(".line.active .title")).to_be_focused()


def test_nothing_moves_for_those_who_asked_for_that(app: App) -> None:
    app.begin()
    app.seed(*SEEDS)
    app.open()
    moving = """
    () => [...document.querySelectorAll("*")].filter((element) => {
      const { transitionDuration, animationName } = getComputedStyle(element);
      return transitionDuration !== "0s" || animationName !== "none";
    }).length
    """
    expect(app.page.locator("li.line").first).to_be_visible()
    assert app.page.evaluate(moving) == 0


def test_a_text_goes_in_its_own_direction(app: App) -> None:
    app.later()
    app.seed(*SEEDS)
    expect(app.title("تفاحة كل يوم")).to_have_css("direction", "rtl")
    expect(app.title("an apple pie")).to_have_css("direction", "ltr")


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_on_a_phone_what_the_list_is_narrowed_to_is_in_sight(app: App, direction: str) -> None:
    app.page.set_viewport_size({"width": 390, "height": 800})
    app.later()
    app.page.evaluate("(direction) => { document.documentElement.dir = direction }", direction)
    app.page.get_by_label("Search", exact=True).fill("is:trashed")
    chosen = app.page.locator(".side [aria-current]")
    expect(chosen).to_contain_text("Trash")
    expect(chosen).to_be_in_viewport(ratio=0.99)


def test_a_line_says_how_sure_the_model_is_beside_a_long_tag(app: App) -> None:
    app.begin()
    app.seed({"key": "1", "title": "an apple", "tags": ["Reading list for a long winter"]})
    sure = app.line("an apple").locator(".sure")
    expect(sure).to_have_text(re.compile(r"^\d+ %$"), timeout=WAIT_MS)
    within = """
    (sure) => {
      const [part, tags] = [sure, sure.closest(".tags")].map((one) => one.getBoundingClientRect());
      return part.width > 0 && part.left >= tags.left && part.right <= tags.right;
    }
    """
    for width in (1280, 768, 390):
        app.page.set_viewport_size({"width": width, "height": 800})
        expect(sure).to_be_visible()
        assert sure.evaluate(within), width
