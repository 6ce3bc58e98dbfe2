"""The app in a real Chromium: every key, paste and drop, tags by one click, and everything undone."""

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.app import App
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

TITLES = ("an apple", "and so on", "angle of sight", "apple pie")


@pytest.fixture
def app(context: BrowserContext, site: Site) -> App:
    """The app after its first start, with nothing in it and without a model."""
    return App(context, site.address).later()


@pytest.fixture
def full(context: BrowserContext, site: Site) -> App:
    """The app with four cutouts, which the model has read."""
    app = App(context, site.address).begin()
    app.seed_titles(*TITLES)
    for title in TITLES:
        expect(app.tags(title).first).to_be_visible(timeout=20_000)
    return app


def active(app: App) -> str:
    return app.page.locator(".line.active .title").inner_text()


def test_a_slash_goes_to_the_search_and_an_arrow_leads_from_it_to_the_list(full: App) -> None:
    page = full.page
    page.keyboard.press("/")
    expect(page.get_by_label("Search", exact=True)).to_be_focused()
    page.keyboard.type("tag:fruit")
    expect(page.locator(".status")).to_have_text("2 cutouts")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".line.active .title")).to_be_focused()


def test_what_is_typed_in_a_field_is_no_key(full: App) -> None:
    page = full.page
    page.keyboard.press("/")
    page.keyboard.type("n x t e # z ?")
    expect(page.get_by_label("Search", exact=True)).to_have_value("n x t e # z ?")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_arrows_move_the_focus_along_the_lines_and_end_and_home_to_their_ends(full: App) -> None:
    page = full.page
    page.keyboard.press("ArrowDown")
    expect(full.title(TITLES[1])).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(full.title(TITLES[2])).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(full.title(TITLES[1])).to_be_focused()
    page.keyboard.press("End")
    expect(full.title(TITLES[3])).to_be_focused()
    page.keyboard.press("Home")
    expect(full.title(TITLES[0])).to_be_focused()
    page.keyboard.press("ArrowUp")
    assert active(full) == TITLES[0]


def test_the_focus_reaches_a_line_far_outside_of_what_is_drawn(app: App) -> None:
    made = [
        {"key": f"{number}", "title": f"No. {number}", "created": 1_760_000_000_000 - number}
        for number in range(120)
    ]
    app.seed(*made)
    expect(app.page.locator(".status")).to_have_text("120 cutouts")
    app.page.keyboard.press("End")
    expect(app.title("No. 119")).to_be_focused()
    expect(app.title("No. 119")).to_be_in_viewport()


def test_enter_opens_a_cutout_and_escape_gives_the_focus_back(full: App) -> None:
    page = full.page
    page.keyboard.press("ArrowDown")
    expect(full.title(TITLES[1])).to_be_focused()
    page.keyboard.press("Enter")
    sheet = full.sheet(TITLES[1])
    expect(sheet.get_by_role("heading", name=TITLES[1])).to_be_focused()
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(full.title(TITLES[1])).to_be_focused()


def test_e_goes_into_the_title_and_the_change_can_be_undone(full: App) -> None:
    page = full.page
    page.keyboard.press("e")
    expect(full.sheet(TITLES[0]).get_by_label("Title")).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("another title")
    page.keyboard.press("Enter")
    expect(full.title("another title")).to_be_focused()
    full.expect_notice("Changed")
    page.keyboard.press("z")
    expect(full.title(TITLES[0])).to_be_visible()


def test_n_saves_what_is_written_with_its_tags(app: App) -> None:
    page = app.page
    page.keyboard.press("n")
    expect(app.sheet("New cutout").get_by_label("Text or address")).to_be_focused()
    page.keyboard.type("w1 w2 w3")
    page.keyboard.press("Tab")
    page.keyboard.type("written by hand")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("my own")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save").click()
    app.expect_notice("Saved “written by hand”")
    expect(app.tags("written by hand").first).to_have_text("my own")


def test_t_gives_a_tag_that_was_given_before(full: App) -> None:
    page = full.page
    page.keyboard.press("t")
    field = full.sheet("Tag 1 cutout").get_by_role("combobox", name="Tag")
    expect(field).to_be_focused()
    page.keyboard.type("re")
    expect(page.get_by_role("option", name="rest")).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", name="rest")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(full.sheet("Tag 1 cutout")).to_have_count(0)
    expect(full.tags(TITLES[0]).filter(has_text="rest")).to_be_visible()


def test_escape_takes_back_what_was_typed_before_it_closes_the_sheet(full: App) -> None:
    page = full.page
    page.keyboard.press("t")
    page.keyboard.type("re")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_role("combobox")).to_have_value("")
    expect(full.sheet("Tag 1 cutout")).to_be_visible()
    page.keyboard.press("Escape")
    expect(full.sheet("Tag 1 cutout")).to_have_count(0)


def test_many_are_chosen_tagged_moved_to_the_trash_and_brought_back(full: App) -> None:
    page = full.page
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    expect(full.title(TITLES[1])).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator(".status")).to_contain_text("2 cutouts chosen")
    page.keyboard.press("t")
    page.keyboard.type("both")
    page.keyboard.press("Enter")
    full.expect_notice("Tagged “both”")
    for title in TITLES[:2]:
        expect(full.tags(title).filter(has_text="both")).to_be_visible()
    page.keyboard.press("#")
    full.expect_notice("2 cutouts moved to the trash")
    expect(page.locator(".status")).to_have_text("2 cutouts")
    expect(page.locator(".line.active .title")).to_be_focused()
    page.keyboard.press("z")
    expect(page.locator(".status")).to_have_text("4 cutouts")
    page.keyboard.press("z")  # the tag, too
    expect(full.tags(TITLES[0]).filter(has_text="both")).to_have_count(0)


def test_the_trash_gives_back_what_is_in_it_and_is_emptied(full: App) -> None:
    page = full.page
    page.keyboard.press("#")
    full.expect_notice("1 cutout moved to the trash")
    page.get_by_role("button", name="Trash").click()
    expect(full.title(TITLES[0])).to_be_visible()
    page.get_by_label(f"Choose {TITLES[0]}").check()
    page.get_by_role("button", name="Take out of the trash").click()
    full.expect_notice("1 cutout taken out of the trash")
    page.keyboard.press("z")
    expect(full.title(TITLES[0])).to_be_visible()
    page.get_by_role("button", name="Empty the trash").click()
    full.expect_notice("1 cutout deleted")
    expect(page.get_by_text("Nothing was found.")).to_be_visible()


def test_a_question_mark_shows_every_key(app: App) -> None:
    app.page.keyboard.press("?")
    expect(app.sheet("Keys").locator("dt")).to_have_text(
        ["/", "n", "↓", "↑", "Enter", "x", "t", "e", "m", "Esc", "#", "z", "?"]
    )


@pytest.mark.parametrize("event", ["paste", "drop"])
def test_a_text_is_saved(app: App, event: str) -> None:
    app.carry(event, text_plain="some words of an apple")
    app.expect_notice("Saved “some words of an apple”")
    expect(app.page.locator(".kind")).to_have_text("Text")


@pytest.mark.parametrize("event", ["paste", "drop"])
def test_a_link_is_saved_as_a_page(app: App, event: str) -> None:
    link = "https://www.example.org/apple"
    app.carry(event, text_plain=link, text_uri_list=f"# a comment\r\n{link}\r\n")
    expect(app.title("example.org")).to_be_visible()
    expect(app.page.locator(".kind")).to_have_text("Page")


@pytest.mark.parametrize("event", ["paste", "drop"])
def test_an_image_is_saved_under_its_name(app: App, event: str) -> None:
    app.carry(event, [["apple.png", "image/png", "not really"]])
    expect(app.title("apple.png")).to_be_visible()
    expect(app.page.locator(".kind")).to_have_text("Image")


def test_a_saved_drawing_is_shown_and_runs_nothing(app: App) -> None:
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10" onload="top.ran = 1">'
        "<script>top.ran = 1</script><rect width='20' height='10'/></svg>"
    )
    app.carry("drop", [["drawing.svg", "image/svg+xml", drawing]])
    app.title("drawing.svg").click()
    picture = app.sheet("drawing.svg").get_by_role("img", name="drawing.svg")
    expect(picture).to_have_js_property("naturalWidth", 20)
    assert app.page.evaluate("globalThis.ran") is None
    assert app.watched.complaints == []


def test_a_file_of_another_app_is_offered_when_it_is_dropped_and_brought_in_when_agreed(
    app: App,
) -> None:
    rows = "title,url,tags\nBread,https://www.example.org/bread,food\n"
    app.carry("drop", [["saved.csv", "text/csv", rows]])
    sheet = app.sheet("Bring this in?")
    expect(app.page.locator(".status")).to_have_text("0 cutouts")
    sheet.get_by_role("button", name="Bring in saved.csv").click()
    expect(sheet.get_by_role("status")).to_contain_text("1 added")
    expect(sheet.get_by_role("button", name="Bring in saved.csv")).to_have_count(0)
    app.page.keyboard.press("Escape")
    expect(app.title("Bread")).to_be_visible()


def test_a_models_tag_is_kept_by_one_click_and_removed_by_one_click(full: App) -> None:
    tags = full.tags(TITLES[0])
    expect(tags).to_contain_text("fruit")
    expect(tags).to_contain_text("%")
    full.line(TITLES[0]).get_by_role("button", name="Keep fruit").click()
    expect(tags).to_have_text(["fruit"])
    expect(full.title(TITLES[0])).to_be_focused()
    full.line(TITLES[0]).get_by_role("button", name="Remove fruit").click()
    expect(full.line(TITLES[0]).get_by_role("list", name="Tags")).to_have_count(0)
    full.page.keyboard.press("z")
    expect(tags).to_have_text(["fruit"])


def test_a_models_tag_is_replaced_and_both_ways_are_one_change(full: App) -> None:
    full.line(TITLES[0]).get_by_role("button", name="fruit: replace it").click()
    full.sheet("Instead of “fruit”").get_by_label("Tag", exact=True).fill("dessert")
    full.page.keyboard.press("Enter")
    expect(full.tags(TITLES[0])).to_have_text(["dessert"])
    full.page.keyboard.press("z")
    expect(full.tags(TITLES[0])).to_contain_text("fruit")
    expect(full.tags(TITLES[0])).not_to_contain_text("dessert")


def test_the_undo_of_the_notice_does_what_z_does(app: App) -> None:
    app.carry("paste", text_plain="an apple")
    app.page.get_by_role("button", name="Undo").click()
    expect(app.page.locator(".status")).to_have_text("0 cutouts")


def test_a_tag_is_renamed_with_the_keyboard_and_the_focus_stays_in_the_sheet(full: App) -> None:
    page = full.page
    page.get_by_role("button", name="Edit tags").click()
    sheet = full.sheet("Your tags")
    sheet.get_by_role("button", name="Rename fruit").press("Enter")
    expect(sheet.get_by_label("New name of fruit")).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("produce")
    page.keyboard.press("Enter")
    full.expect_notice("“fruit” is “produce” now")
    expect(sheet.get_by_role("heading", name="Your tags")).to_be_focused()
    page.keyboard.press("Escape")
    expect(full.tags(TITLES[0])).to_contain_text("produce")


def test_a_key_right_after_escape_counts_where_no_button_had_the_focus(app: App) -> None:
    for _ in range(10):
        app.page.keyboard.press("?")
        app.sheet("Keys").evaluate("() => document.activeElement.blur()")
        app.page.keyboard.press("Escape")
        app.page.keyboard.press("n")
        expect(app.sheet("New cutout")).to_be_visible()
        app.page.keyboard.press("Escape")
