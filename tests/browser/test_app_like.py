"""More like this: from a cutout to those like it, and back to where the list was left."""

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.app import WAIT_MS, App
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

TITLES = ("and so on", "angle of sight", "an apple", "an apple pie")


@pytest.fixture
def app(context: BrowserContext, site: Site) -> App:
    """Give the app with four cutouts, which the model has read."""
    app = App(context, site.address).begin().seed_titles(*TITLES)
    for title in TITLES:
        expect(app.tags(title).first).to_be_visible(timeout=WAIT_MS)
    return app


def test_the_button_of_a_cutout_lists_its_likes_and_back_leads_to_its_line(app: App) -> None:
    page = app.page
    app.title("an apple").click()
    app.sheet("an apple").get_by_role("button", name="More like this").click()
    expect(page.locator(".status").get_by_role("status")).to_have_text("1 cutout like “an apple”")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(app.title("an apple pie")).to_be_focused()
    assert app.titles() == ["an apple pie"]
    expect(page.locator(".side [aria-current]")).to_have_count(0)
    page.get_by_role("button", name="Back").click()
    expect(page.locator(".status")).to_have_text("4 cutouts")
    expect(app.title("an apple")).to_be_focused()
    assert app.titles() == list(TITLES)


def test_m_and_escape_do_the_same_by_keyboard_and_keep_the_search(app: App) -> None:
    page = app.page
    page.keyboard.press("/")
    page.keyboard.type("tag:fruit")
    expect(page.locator(".status")).to_have_text("2 cutouts")
    page.keyboard.press("ArrowDown")
    expect(app.title("an apple")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(app.title("an apple pie")).to_be_focused()
    page.keyboard.press("m")
    expect(page.locator(".status")).to_contain_text("1 cutout like “an apple pie”")
    expect(app.title("an apple")).to_be_focused()
    page.keyboard.press("m")  # likes of a like lead back to the list, too
    expect(page.locator(".status")).not_to_contain_text("like “an apple pie”")
    page.keyboard.press("x")
    page.keyboard.press("Escape")  # the choice goes first
    expect(page.locator(".status")).to_contain_text("1 cutout like")
    page.keyboard.press("Escape")
    expect(page.locator(".status")).to_have_text("2 cutouts")
    expect(page.get_by_label("Search", exact=True)).to_have_value("tag:fruit")
    expect(app.title("an apple pie")).to_be_focused()


def test_with_a_model_what_nothing_is_alike_says_so_and_shows_no_other(app: App) -> None:
    page = app.page
    app.title("angle of sight").click()
    page.get_by_role("button", name="More like this").click()
    expect(page.get_by_text("Nothing else is like “angle of sight”.")).to_be_visible()
    expect(page.locator(".status").get_by_role("status")).to_have_text(
        "0 cutouts like “angle of sight”"
    )
    expect(page.locator("li.line")).to_have_count(0)
    expect(page.get_by_role("button", name="Back")).to_have_count(1)
    page.keyboard.press("Enter")  # Back has the focus
    expect(app.title("angle of sight")).to_be_focused()


def test_a_search_that_is_typed_ends_the_look_at_likes(app: App) -> None:
    app.page.keyboard.press("m")
    expect(app.page.locator(".status")).to_contain_text("like “and so on”")
    app.page.get_by_label("Search", exact=True).fill("pie")
    expect(app.page.locator(".status")).not_to_contain_text("like")
    expect(app.page.locator("mark").first).to_have_text("pie")


def test_without_a_model_words_decide_and_what_nothing_is_like_says_so(
    context: BrowserContext, site: Site
) -> None:
    app = App(context, site.address).later()
    app.seed_titles("brown sourdough", "rye sourdough", "granite")
    page = app.page
    page.keyboard.press("m")
    expect(page.locator(".status")).to_contain_text("1 cutout like “brown sourdough”")
    expect(app.title("rye sourdough")).to_be_focused()
    page.keyboard.press("Escape")
    app.title("granite").click()
    page.get_by_role("button", name="More like this").click()
    expect(page.get_by_text("Nothing else is like “granite”.")).to_be_visible()
    back = page.locator(".nothing").get_by_role("button", name="Back")
    expect(back).to_be_focused()
    page.keyboard.press("Enter")
    expect(app.title("granite")).to_be_focused()
