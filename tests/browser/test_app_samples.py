"""The first minutes with the app: what `cutouts demo` leads to, and a few cutouts to try it with."""

import re

import pytest
from playwright.sync_api import BrowserContext, expect

from cutouts.demo import invitation
from tests.browser.app import WAIT_MS, App
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

TRY = "Try it with a few examples"
SAMPLES = 11


@pytest.fixture
def app(context: BrowserContext, site: Site) -> App:
    """Give the app after its first start, with nothing in it."""
    return App(context, site.address).begin()


def test_the_demo_invites_to_the_app_and_to_the_page_for_one_text(
    context: BrowserContext, site: Site
) -> None:
    app_address, text_address = re.findall(r"http://\S+", invitation(site.address))
    page = context.new_page()
    page.goto(app_address)
    page.get_by_role("button", name="Begin and load the model").click()
    page.get_by_role("button", name="Your data").click()
    page.get_by_role("link", name="Try it").click()
    expect(page).to_have_url(text_address)
    page.get_by_role("link", name="Your library").click()
    expect(page).to_have_url(app_address)


def test_samples_come_in_with_tags_and_one_undo_takes_all_of_them_back(app: App) -> None:
    page = app.page
    page.get_by_role("button", name=TRY).click()
    app.expect_notice(f"{SAMPLES} cutouts to try")
    expect(page.locator(".status")).to_have_text(f"{SAMPLES} cutouts")
    expect(page.locator(".line.active .title")).to_be_focused()
    expect(page.locator(".kind", has_text="Video")).to_have_count(1)
    expect(page.locator(".line .sure").first).to_be_visible(timeout=WAIT_MS)
    page.keyboard.press("z")
    app.expect_notice("Undone")
    expect(page.locator(".status")).to_have_text("0 cutouts")
    assert app.ask("undo") == {"what": None}
    expect(page.get_by_text("Paste a text, a link or an image")).to_be_visible()
    expect(page.get_by_role("button", name=TRY)).to_have_count(0)


def test_samples_that_were_refused_are_not_offered_at_the_next_start(app: App) -> None:
    app.page.get_by_role("button", name="No examples").click()
    expect(app.page.get_by_role("button", name=TRY)).to_have_count(0)
    app.open()
    expect(app.page.get_by_text("Paste a text, a link or an image")).to_be_visible()
    expect(app.page.get_by_role("button", name=TRY)).to_have_count(0)


def test_whoever_saved_anything_is_offered_no_samples(app: App) -> None:
    expect(app.page.get_by_role("button", name=TRY)).to_be_visible()
    app.carry("paste", text_plain="an apple")
    expect(app.title("an apple")).to_be_visible()
    app.page.keyboard.press("z")
    expect(app.page.locator(".status")).to_have_text("0 cutouts")
    expect(app.page.get_by_role("button", name=TRY)).to_have_count(0)
    app.open()
    expect(app.page.get_by_role("button", name=TRY)).to_have_count(0)
