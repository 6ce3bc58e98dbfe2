"""Every screen of the app in a real Chromium, against WCAG 2.2 A and AA as axe checks them.

With SCREENSHOTS set to a folder, pictures of the screens are left there.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.app import WAIT_MS, WIDTHS, App, take_picture
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """
async () => {
  const values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const { violations } = await axe.run(document, { runOnly: { type: "tag", values } });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) =>
    `${id}: ${html.slice(0, 160)} ${failureSummary}`));
}
"""
Scheme = Literal["light", "dark"]
LONG = "A title that goes on for so long that no line could ever hold all of its words at once"
SEEDS: list[dict[str, Any]] = [
    {
        "key": "1",
        "title": "an apple pie",
        "body": "Peel six apples, cut them, and bake them in a crust for an hour.",
        "kind": "text",
        "address": "https://www.example.org/pie",
        "language": "en",
        "source": {
            "html": "<h2>Pie</h2><p>Peel <b>six</b> <a href='https://example.org/'>apples</a>.</p>"
            "<table><caption>Oven</caption><tr><th>Heat<td><code>200</code><tr><td colspan=2>Bake"
            "</table><blockquote>An <mark>hour</mark></blockquote>",
            "description": "How to bake one",
            "iconAddress": "",
        },
    },
    {"key": "2", "title": LONG, "tags": ["Reading list", "long"]},
    {"key": "3", "body": "angle of sight, without any title", "kind": "text"},
    {"key": "4", "title": "تفاحة كل يوم", "body": "تغني عن الطبيب", "kind": "text"},
    {
        "key": "5",
        "title": "and a picture",
        "kind": "image",
        "tags": [
            "many",
            "tags",
            "on",
            "one",
            "cutout",
            "that do not",
            "fit into",
            "one line",
            "whatever",
            "is done",
        ],
    },
    {"key": "6", "title": "and a film", "kind": "video", "address": "https://video.example.com/6"},
]


def open_sheet(key: str) -> Callable[[Page], None]:
    """Return what opens a sheet with a key."""

    def act(page: Page) -> None:
        page.keyboard.press(key)
        expect(page.get_by_role("dialog")).to_be_visible()

    return act


def open_cutout(page: Page) -> None:
    page.locator(".title", has_text="an apple pie").click()
    expect(page.locator(".formatted b")).to_be_visible()


def search(page: Page) -> None:
    page.get_by_label("Search", exact=True).fill("apple pie")
    expect(page.locator("mark").first).to_be_visible()


def type_a_tag(page: Page) -> None:
    open_sheet("t")(page)
    page.keyboard.type("re")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")


def choose_two(page: Page) -> None:
    for box in page.get_by_role("checkbox").all()[:2]:
        box.check()
    expect(page.locator(".status")).to_contain_text("2 cutouts chosen")


def untag(page: Page) -> None:
    choose_two(page)
    page.get_by_role("button", name="Remove a tag").click()
    expect(page.get_by_role("dialog").get_by_role("listitem").first).to_be_visible()


def save_as_a_file(page: Page) -> None:
    choose_two(page)
    page.get_by_role("button", name="Save as a file").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def like(page: Page) -> None:
    page.keyboard.press("m")
    expect(page.locator(".status")).to_contain_text("like")


def find_nothing(page: Page) -> None:
    page.get_by_label("Search", exact=True).fill("before:1999")
    expect(page.get_by_text("Nothing was found.")).to_be_visible()


def trash(page: Page) -> None:
    page.get_by_role("button", name="Trash").click()
    expect(page.locator(".side [aria-current]")).to_contain_text("Trash")
    expect(page.locator(".side [aria-current]")).to_be_in_viewport()


def data(page: Page) -> None:
    page.get_by_role("button", name="Your data").click()
    page.get_by_role("button", name="Check the library").click()
    expect(page.get_by_text("It is whole.")).to_be_visible()


def vocabulary(page: Page) -> None:
    page.get_by_role("button", name="Edit tags").click()
    expect(page.get_by_role("dialog")).to_be_visible()


SCREENS: dict[str, Callable[[Page], None]] = {
    "list": lambda page: expect(page.locator(".status")).to_have_text("6 cutouts"),
    "search": search,
    "chosen": choose_two,
    "untag": untag,
    "save": save_as_a_file,
    "like": like,
    "nothing": find_nothing,
    "trash": trash,
    "new": open_sheet("n"),
    "cutout": open_cutout,
    "tag": type_a_tag,
    "keys": open_sheet("?"),
    "data": data,
    "vocabulary": vocabulary,
}


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> Scheme:
    found: Scheme = request.param
    return found


@pytest.fixture
def app(chromium: Browser, site: Site, scheme: Scheme) -> Iterator[App]:
    """The app before its first start, in light or dark."""
    context = chromium.new_context(color_scheme=scheme, reduced_motion="reduce", locale="en")
    yield App(context, site.address)
    context.close()


def problems(page: Page) -> list[str]:
    """Return what axe finds; through evaluate, which the page's policy does not stop."""
    if not page.evaluate("() => 'axe' in globalThis"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(RUN)
    return found


def look(app: App, name: str, scheme: Scheme) -> list[str]:
    """Return what is wrong with a screen in each width, and leave its picture."""
    found = []
    for width, height in WIDTHS.items():
        app.page.set_viewport_size({"width": width, "height": height})
        take_picture(app.page, f"{name}-{width}-{scheme}")
        if width != 768:
            found += [f"{name} {width} {scheme}: {problem}" for problem in problems(app.page)]
    app.page.set_viewport_size({"width": 1280, "height": 800})
    return found


def test_no_screen_breaks_a_rule_of_wcag(app: App, scheme: Scheme) -> None:
    app.open()
    found = look(app, "welcome", scheme)
    app.begin()
    found += look(app, "empty", scheme)
    app.seed(*SEEDS)
    expect(app.page.locator(".line .sure").first).to_be_visible(timeout=20_000)
    for name, show in SCREENS.items():
        app.open()
        expect(app.page.locator(".status")).to_have_text("6 cutouts")
        show(app.page)
        found += look(app, name, scheme)
    assert found == []


@pytest.mark.parametrize("scheme", ["light"], indirect=True)
@pytest.mark.parametrize("width", [1280, 390])
def test_text_of_twice_the_size_and_lines_from_the_right_go_beyond_no_edge(
    app: App, width: int
) -> None:
    app.begin()
    app.seed(*SEEDS)
    app.page.set_viewport_size({"width": width, "height": 800})
    beyond = """
    () => [...document.querySelectorAll("body *")].filter((element) => {
      if (element.closest(".side, .unseen, .tags, svg")) return false; // these scroll, or are cut
      const { left, right, width } = element.getBoundingClientRect();
      return width > 0 && (left < -1 || right > innerWidth + 1);
    }).map(({ outerHTML }) => outerHTML.slice(0, 120))
    """
    for style in (
        "document.documentElement.style.fontSize = '200%'",
        "document.documentElement.dir = 'rtl'",
    ):
        app.open()
        app.page.evaluate(style)
        expect(app.page.locator(".status")).to_have_text("6 cutouts")
        assert app.page.evaluate(beyond) == []
        for key in ("n", "Enter", "?"):
            open_sheet(key)(app.page)
            assert app.page.evaluate(beyond) == []
            app.page.keyboard.press("Escape")
            expect(app.page.get_by_role("dialog")).to_have_count(0)
            expect(app.page.locator(".line.active .title")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light"], indirect=True)
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


@pytest.mark.parametrize("scheme", ["light"], indirect=True)
def test_a_text_goes_in_its_own_direction(app: App) -> None:
    app.begin()
    app.seed(*SEEDS)
    expect(app.title("تفاحة كل يوم")).to_have_css("direction", "rtl")
    expect(app.title("an apple pie")).to_have_css("direction", "ltr")


@pytest.mark.parametrize("scheme", ["light"], indirect=True)
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_on_a_phone_what_the_list_is_narrowed_to_is_in_sight(app: App, direction: str) -> None:
    app.page.set_viewport_size({"width": 390, "height": 800})
    app.later()
    app.page.evaluate("(direction) => { document.documentElement.dir = direction }", direction)
    app.page.get_by_label("Search", exact=True).fill("is:trashed")
    chosen = app.page.locator(".side [aria-current]")
    expect(chosen).to_contain_text("Trash")
    expect(chosen).to_be_in_viewport(ratio=0.99)


@pytest.mark.parametrize("scheme", ["light"], indirect=True)
@pytest.mark.parametrize("width", [1280, 768, 390])
def test_a_line_says_how_sure_the_model_is_beside_a_long_tag(app: App, width: int) -> None:
    app.page.set_viewport_size({"width": width, "height": 800})
    app.begin()
    app.seed({"key": "1", "title": "an apple", "tags": ["Reading list for a long winter"]})
    sure = app.line("an apple").locator(".sure")
    expect(sure).to_have_text(re.compile(r"^\d+ %$"), timeout=WAIT_MS)
    expect(sure).to_be_visible()
    within = """
    (sure) => {
      const [part, tags] = [sure, sure.closest(".tags")].map((one) => one.getBoundingClientRect());
      return part.width > 0 && part.left >= tags.left && part.right <= tags.right;
    }
    """
    assert sure.evaluate(within)
