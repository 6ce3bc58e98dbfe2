"""The try page in a real Chromium: with the keyboard alone, on a bad line, and as a static site."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from cutouts.build import build_site
from cutouts.serve import running_site
from tests.browser.conftest import Site, Watched, watch
from tests.browser.tiny import HTML

pytestmark = pytest.mark.browser


@pytest.fixture
def try_page(context: BrowserContext, site: Site) -> Watched:
    watched = watch(context.new_page())
    watched.page.goto(f"{site.address}/")
    return watched


def chosen(page: Page) -> list[str]:
    """Return the tags that are shown as chosen, once there are any."""
    tags = page.get_by_role("list", name="Chosen").get_by_role("listitem")
    expect(tags.first).to_be_visible(timeout=20_000)
    return tags.all_inner_texts()


def ready(page: Page) -> None:
    """Wait until the bundle is loaded."""
    expect(page.get_by_role("heading", name="tiny")).to_be_visible(timeout=20_000)


def test_tags_appear_as_a_text_is_typed(try_page: Watched) -> None:
    page = try_page.page
    page.get_by_role("textbox").press_sequentially("an apple")
    assert chosen(page) == ["fruit"]
    page.get_by_role("textbox").fill("and and and")
    expect(page.get_by_role("list", name="Chosen")).to_have_text("rest")


def test_everything_can_be_done_with_the_keyboard(try_page: Watched) -> None:
    page = try_page.page
    ready(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("apple")
    assert chosen(page) == ["fruit"]
    page.keyboard.press("Tab")
    example = page.get_by_role("group", name="Example texts").get_by_role("button").first
    expect(example).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox")).not_to_have_value("apple")
    expect(example).to_be_focused()


def test_the_page_and_the_library_lead_to_each_other(try_page: Watched) -> None:
    page = try_page.page
    ready(page)
    page.get_by_role("link", name="Your library").click()
    page.get_by_role("button", name="Begin and load the model").click()
    expect(page.locator(".side .hint")).to_have_text("Everything is tagged.")
    page.get_by_role("button", name="Your data").click()
    page.get_by_role("link", name="Try it").click()
    expect(page.get_by_role("textbox", name="Your text")).to_be_visible()


def test_the_result_is_said_to_people_who_hear_the_page(try_page: Watched) -> None:
    page = try_page.page
    page.get_by_role("textbox").fill("apple")
    expect(page.get_by_role("status")).to_have_text(
        re.compile(r"^Tagged fruit, \d+"), timeout=20_000
    )


def test_a_label_that_is_html_is_shown_as_text(try_page: Watched) -> None:
    page = try_page.page
    page.on("dialog", lambda dialog: pytest.fail(f"a label ran: {dialog.message}"))
    page.get_by_role("textbox").fill("angle <script>alert(2)</script>")
    assert chosen(page) == [HTML]
    assert page.locator("img[src=x]").count() == 0
    assert try_page.complaints == []


def test_the_page_breaks_no_policy_and_asks_nobody_else(try_page: Watched, site: Site) -> None:
    page = try_page.page
    page.get_by_role("textbox").fill("apple")
    chosen(page)
    assert try_page.complaints == []
    assert all(url.startswith(f"{site.address}/") for url in try_page.requests)


def test_a_failed_load_can_be_tried_again(
    context: BrowserContext, site: Site, open_page: Watched
) -> None:
    site.line.budget = 0
    page = open_page.page
    page.goto(f"{site.address}/")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("check the connection and load again", timeout=60_000)
    site.line.budget = None
    again = page.get_by_role("button", name="Try again")
    again.focus()
    page.keyboard.press("Enter")
    page.get_by_role("textbox").fill("apple")
    assert chosen(page) == ["fruit"]
    assert context.pages == [page]


def test_tagging_goes_on_without_a_network(try_page: Watched) -> None:
    page = try_page.page
    ready(page)
    page.context.set_offline(True)
    expect(page.get_by_text("Offline. Tagging goes on.")).to_be_visible()
    page.get_by_role("textbox").fill("apple")
    assert chosen(page) == ["fruit"]


def test_a_bundle_that_answers_differently_shows_no_tags(site: Site, open_page: Watched) -> None:
    path = site.bundle / "manifest.json"
    manifest = json.loads(path.read_text())
    # A slip as it happens: two labels have changed places.
    manifest["labels"][:2] = reversed(manifest["labels"][:2])
    path.write_text(json.dumps(manifest))
    page = open_page.page
    page.goto(f"{site.address}/")
    expect(page.get_by_role("alert")).to_be_visible(timeout=20_000)
    page.get_by_role("textbox").fill("apple")
    assert page.get_by_role("list", name="Chosen").count() == 0


@pytest.fixture
def static_address(bundle: Path, tmp_path: Path) -> Iterator[str]:
    """The static site, served from below some path by a server that knows nothing of it."""
    build_site(bundle, tmp_path / "site")
    files = StaticFiles(directory=tmp_path / "site", html=True)
    with running_site(Starlette(routes=[Mount("/some/where", files)])) as address:
        yield f"{address}/some/where/"


def test_the_static_site_works_below_any_path(context: BrowserContext, static_address: str) -> None:
    watched = watch(context.new_page())
    watched.page.goto(static_address)
    watched.page.get_by_role("textbox").fill("apple")
    assert chosen(watched.page) == ["fruit"]
    assert watched.complaints == []
    assert all(url.startswith(static_address) for url in watched.requests)
