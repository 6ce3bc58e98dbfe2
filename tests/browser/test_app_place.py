"""Open the page: to the passage and the moment that were saved, not to the beginning."""

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.app import WAIT_MS, App
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

PAGE = "https://example.org/story"
STORY = "".join(
    f"<p style='height: 50vh' id='p{number}'>"
    f"It was so, and so it was: {number} times-over, it is said.</p>"
    for number in range(20)
)


def tell(route: Route) -> None:
    """Answer with a page that is ten screens long."""
    route.fulfill(content_type="text/html", body=f"<!doctype html><title>Story</title>{STORY}")


def opened(app: App, title: str) -> Page:
    """Open the page of a cutout."""
    app.title(title).click()
    with app.context.expect_page() as found:
        app.sheet(title).get_by_role("link", name="Open the page").click()
    return found.value


@pytest.fixture
def app(context: BrowserContext, site: Site) -> App:
    """Give the app without a model, and a page of another site for it to lead to."""
    context.route(f"{PAGE}*", tell)
    return App(context, site.address).later()


@pytest.mark.parametrize(
    ("anchor", "top"),
    [
        ({"text": "so it was: 9 times-over, it"}, "p9"),
        ({"text": "times-over", "before": "so it was: 12", "after": ", it is said."}, "p12"),
        ({"text": "7 times-over, it is said.\n\nIt was so, and so it was: 8 times-over"}, "p7"),
        ({"text": "words that are not there any more"}, None),
        (None, None),
    ],
)
def test_the_page_is_scrolled_to_the_passage_and_to_its_beginning_where_there_is_none(
    app: App, anchor: dict[str, str] | None, top: str | None
) -> None:
    app.seed({"key": "a", "kind": "text", "title": "A passage", "address": PAGE, "anchor": anchor})
    page = opened(app, "A passage")
    page.wait_for_load_state()
    if top is None:
        assert page.evaluate("scrollY") == 0
    else:
        expect(page.locator(f"#{top}")).to_be_in_viewport(timeout=WAIT_MS)
        assert page.evaluate("scrollY") > 0


def test_a_pasted_moment_of_a_video_is_a_video_and_its_link_names_the_moment_once(app: App) -> None:
    address = "https://www.youtube.com/watch?v=abc&t=1m2s"
    app.carry("paste", text_plain=address)
    app.expect_notice("Saved")
    expect(app.page.locator(".kind.video")).to_have_count(1)
    app.page.locator(".line .title").click()
    link = app.page.get_by_role("link", name="Open the page")
    expect(link).to_have_text("Open the page at 1:02")
    expect(link).to_have_attribute("href", "https://www.youtube.com/watch?v=abc&t=62")
    expect(app.page.get_by_label("Address")).to_have_value(address)


def test_a_part_of_a_video_is_chosen_by_its_times_and_taken_back(app: App) -> None:
    address = "https://www.youtube.com/watch?v=abc"
    anchor = {"start": 62.4, "text": "what is said"}
    app.seed({"key": "a", "kind": "video", "title": "A talk", "address": address, "anchor": anchor})
    app.title("A talk").click()
    sheet = app.sheet("A talk")
    expect(sheet.get_by_label("From")).to_have_value("1:02")
    sheet.get_by_label("To").fill("two minutes")
    sheet.get_by_role("button", name="Save").click()
    expect(sheet.get_by_label("To")).to_be_focused()
    expect(sheet.get_by_text("A time is written as 1:23 or 1:02:03")).to_be_visible()
    sheet.get_by_label("To").fill("2:05")
    sheet.get_by_role("button", name="Save").click()
    app.expect_notice("Changed")
    assert app.ask("get", {"key": "a"})["anchor"] == {**anchor, "end": 125}
    app.ask("undo")
    assert app.ask("get", {"key": "a"})["anchor"] == anchor
