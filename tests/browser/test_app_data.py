"""Your data and your tags, as a person uses them: take everything out, bring it back, tidy up."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from cutouts import library
from tests.browser.app import WAIT_MS, App
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser


@pytest.fixture
def app(context: BrowserContext, site: Site) -> App:
    """Give the app with three cutouts and no model."""
    return (
        App(context, site.address)
        .later()
        .seed(
            {
                "key": "bread",
                "title": "Bread",
                "tags": ["recipe"],
                "address": "https://example.org/bread",
            },
            {"key": "soup", "title": "Soup", "body": "with beans", "tags": ["recipes", "winter"]},
            {"key": "engine", "title": "Engine", "tags": ["recipes"]},
        )
    )


def take_out(page: Page, label: str, folder: Path) -> Path:
    """Return the file that the browser saved."""
    page.get_by_label("As", exact=True).select_option(label=label)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Take out").click()
    path = folder / saved.value.suggested_filename
    saved.value.save_as(path)
    return path


def test_everything_is_taken_out_read_in_python_and_brought_back_elsewhere(
    app: App, chromium: Browser, site: Site, tmp_path: Path
) -> None:
    app.page.get_by_role("button", name="Your data").click()
    database = take_out(app.page, "Everything, as one SQLite file", tmp_path)
    with library.open(database) as opened:
        found = {cutout.key: cutout.tags for cutout in opened.cutouts()}
    assert found == {"bread": ("recipe",), "soup": ("recipes", "winter"), "engine": ("recipes",)}
    archive = take_out(app.page, "Everything, as a zip", tmp_path)
    for file in (database, archive):
        with chromium.new_context() as context:
            other = App(context, site.address).later()
            other.page.get_by_role("button", name="Your data").click()
            other.page.locator("input[type=file]").set_input_files(file)
            other.page.get_by_text("3 added").wait_for()
            other.page.locator("input[type=file]").set_input_files(file)
            other.expect_notice("0 cutouts added")
            expect(other.page.locator(".notice").get_by_role("button")).to_have_count(0)
            assert other.ask("get", {"key": "soup"})["body"] == "with beans"
            assert [tag["name"] for tag in other.ask("tags")] == ["recipe", "recipes", "winter"]


def test_bookmarks_leave_out_what_has_no_address_and_say_so(app: App, tmp_path: Path) -> None:
    app.page.get_by_role("button", name="Your data").click()
    page = take_out(app.page, "Bookmarks", tmp_path).read_text()
    assert "https://example.org/bread" in page
    assert "Soup" not in page
    app.page.get_by_text("2 left out").wait_for()


def test_tags_written_twice_are_merged_and_that_can_be_undone(app: App) -> None:
    app.page.get_by_role("button", name="Edit tags: rename, merge, delete").click()
    app.page.get_by_role("button", name="Merge into “recipes”").click()
    app.page.get_by_text("“recipe” is “recipes” now").wait_for()
    assert [(tag["name"], tag["cutouts"]) for tag in app.ask("tags")] == [
        ("recipes", 3),
        ("winter", 1),
    ]
    app.page.keyboard.press("Escape")
    app.page.keyboard.press("z")
    app.page.get_by_text("Undone").wait_for()
    assert len(app.ask("tags")) == 3


def test_tags_that_were_left_as_they_are_are_offered_again_once_one_is_renamed(app: App) -> None:
    edit = app.page.get_by_role("button", name="Edit tags: rename, merge, delete")
    leave = app.page.get_by_role("button", name="Leave recipe and recipes as they are")
    edit.click()
    leave.click()
    expect(leave).to_have_count(0)
    app.open()  # anew, as after a restart
    edit.click()
    expect(app.page.get_by_role("button", name="Rename recipe", exact=True)).to_be_visible()
    expect(leave).to_have_count(0)
    for old, new in (("recipe", "meal"), ("meal", "recipe")):
        app.page.get_by_role("button", name=f"Rename {old}", exact=True).click()
        app.page.get_by_label(f"New name of {old}").fill(new)
        app.page.keyboard.press("Enter")
        app.expect_notice(f"“{old}” is “{new}” now")
    expect(leave).to_be_visible()


def test_a_tag_is_renamed_and_deleted(app: App) -> None:
    app.page.get_by_role("button", name="Edit tags: rename, merge, delete").click()
    app.page.get_by_role("button", name="Rename winter").click()
    app.page.get_by_label("New name of winter").fill("cold")
    app.page.keyboard.press("Enter")
    app.page.get_by_role("button", name="Delete the tag cold").click()
    app.page.get_by_text("Deleted the tag “cold”").wait_for()
    assert [tag["name"] for tag in app.ask("tags")] == ["recipe", "recipes"]


def test_everything_is_deleted_when_it_is_asked_for_twice(app: App) -> None:
    page = app.page
    page.get_by_role("button", name="Your data").click()
    page.get_by_role("button", name="Delete everything…").click()
    page.get_by_role("button", name="Keep everything").click()
    assert app.ask("contents")["cutouts"] == 3
    page.get_by_role("button", name="Delete everything…").click()
    page.get_by_role("button", name="Delete everything now").click()
    page.get_by_role("button", name="Begin and load the model").wait_for()
    kept = app.ask("contents")
    assert (kept["cutouts"], kept["tags"], kept["setAside"]) == (0, 0, [])
    assert app.ask("check") == {"problems": []}
    page.get_by_role("button", name="Begin and load the model").click()
    app.seed({"key": "new", "title": "an apple"})
    expect(app.tags("an apple")).to_contain_text("fruit", timeout=WAIT_MS)
