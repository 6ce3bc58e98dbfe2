"""What a person can do with the app, step by step; each leaves what it did on the screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.app import WAIT_MS, App, share

LINK = "https://www.example.org/apple"
CSV = "title,url,tags\nRye bread,https://www.example.net/rye,recipe\nSoup,https://www.example.net/soup,recipes\n"
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 40">'
    '<rect width="64" height="40" fill="#9cc"/><circle cx="40" cy="16" r="8" fill="#e73"/></svg>'
)
FORMATS = (
    "Everything, as one SQLite file",
    "Everything, as a zip",
    "Bookmarks",
    "Markdown",
    "Table",
)


def welcome(app: App) -> None:
    app.open()
    expect(app.page.get_by_role("button", name="Begin and load the model (")).to_be_visible()


def put_the_model_off(app: App) -> None:
    app.page.get_by_role("button", name="Later").click()
    expect(app.page.get_by_text("Paste a text, a link or an image")).to_be_visible()


def take_samples(app: App) -> None:
    app.page.get_by_role("button", name="Try it with a few examples").click()
    expect(app.page.locator(".status")).to_have_text("11 cutouts")


def undo_samples(app: App) -> None:
    app.page.keyboard.press("z")
    expect(app.page.locator(".status")).to_have_text("0 cutouts")


def load_the_model(app: App) -> None:
    data(app)
    app.page.get_by_role("button", name="Load the model").click()
    expect(app.page.get_by_text("Labels")).to_be_visible(timeout=WAIT_MS)
    app.page.keyboard.press("Escape")
    expect(app.page.locator(".side .hint")).to_have_text("Everything is tagged.", timeout=WAIT_MS)


def paste(app: App) -> None:
    app.carry("paste", text_plain="an apple a day")
    app.carry("paste", text_plain=LINK, text_uri_list=LINK)
    app.carry("paste", [["pasted.svg", "image/svg+xml", DRAWING]])
    expect(app.title("pasted.svg")).to_be_visible(timeout=WAIT_MS)
    expect(app.page.locator(".status")).to_have_text("3 cutouts")


def drop(app: App) -> None:
    app.carry("drop", text_plain="angle of sight")
    app.carry("drop", text_plain="Pie", text_uri_list="https://www.example.org/pie")
    app.carry("drop", [["dropped.svg", "image/svg+xml", DRAWING]])
    expect(app.page.locator(".status")).to_have_text("6 cutouts")


def drop_a_file(app: App) -> None:
    app.carry("drop", [["saved.csv", "text/csv", CSV]])
    app.page.get_by_role("button", name="Bring in saved.csv").click()
    expect(app.sheet("Bring this in?").get_by_role("status")).to_contain_text("2 added")


def write(app: App) -> None:
    close(app)
    app.page.keyboard.press("n")
    sheet = app.sheet("New cutout")
    sheet.get_by_label("Text or address").fill("an apple tree, written down")
    sheet.get_by_label("Title").fill("Tree")
    sheet.get_by_label("Add a tag").fill("rec")
    app.page.get_by_role("option", name="recipes").click()
    expect(sheet.locator(".chip")).to_have_text("recipes")


def save_what_is_written(app: App) -> None:
    app.page.get_by_role("button", name="Save").click()
    expect(app.tags("Tree").first).to_have_text("recipes")


def share_with_the_app(app: App) -> None:
    app.wait_until_kept()
    share(app.page, f"{app.address}/", "Shared", f"and more {LINK}/shared")
    app.expect_notice("Saved 1 cutout from another app")
    expect(app.tags("Shared").first).to_be_visible(timeout=WAIT_MS)


def judge_tags(app: App) -> None:
    app.line("Tree").get_by_role("button", name="Keep fruit").click()
    expect(app.tags("Tree")).to_have_text(["fruit", "recipes"])
    app.line("Shared").get_by_role("button", name="rest: replace it").click()
    app.sheet("Instead of “rest”").get_by_label("Tag", exact=True).fill("later")
    app.page.keyboard.press("Enter")
    expect(app.tags("Shared")).to_have_text(["later"])
    app.line("Pie").get_by_role("button", name="Remove").first.click()
    app.expect_notice("Removed")


def complete_a_tag(app: App) -> None:
    app.title("Soup").click()
    expect(app.sheet("Soup").get_by_role("heading", name="Soup")).to_be_focused()
    close(app)
    app.page.keyboard.press("t")
    app.page.keyboard.type("rec")
    expect(app.page.get_by_role("option")).to_have_text(["recipes", "recipe"])
    app.page.keyboard.press("ArrowDown")


def tidy_tags(app: App) -> None:
    app.page.keyboard.press("Escape")
    close(app)
    app.page.get_by_role("button", name="Edit tags: rename, merge, delete").click()
    app.page.get_by_role("button", name="Merge into “recipes”").click()
    app.expect_notice("“recipe” is “recipes” now")
    app.page.get_by_role("button", name="Rename recipes").click()
    app.page.get_by_label("New name of recipes").fill("cooking")
    app.page.keyboard.press("Enter")
    app.expect_notice("“recipes” is “cooking” now")
    app.page.get_by_role("button", name="Delete the tag later").click()
    app.expect_notice("Deleted the tag “later”")


def choose_many(app: App) -> None:
    close(app)
    for title in ("Soup", "Rye bread", "Tree"):
        app.page.get_by_label(f"Choose {title}").check()
    expect(app.page.locator(".status")).to_contain_text("3 cutouts chosen")
    app.page.get_by_role("button", name="Tag", exact=True).click()
    app.page.keyboard.type("many")
    app.page.keyboard.press("Enter")
    expect(app.tags("Soup").filter(has_text="many")).to_be_visible()


def untag_many(app: App) -> None:
    app.page.get_by_role("button", name="Remove a tag").click()
    sheet = app.sheet("Remove a tag from 3 cutouts")
    expect(sheet.get_by_role("button", name="Remove many")).to_be_visible()


def take_many_out(app: App) -> None:
    app.page.get_by_role("dialog").get_by_role("button", name="Remove many").click()
    app.expect_notice("Removed “many”")
    expect(app.tags("Soup").filter(has_text="many")).to_have_count(0)
    app.page.get_by_role("button", name="Save as a file").click()
    take_out(app.page, "Table")
    expect(app.page.get_by_text("3 cutouts in")).to_be_visible()


def trash_many(app: App) -> None:
    close(app)
    app.page.keyboard.press("#")
    app.expect_notice("3 cutouts moved to the trash")
    app.page.get_by_role("button", name="Trash").click()
    expect(app.page.locator(".status")).to_contain_text("3 cutouts")


def empty_the_trash(app: App) -> None:
    app.page.get_by_role("button", name="Empty the trash").click()
    app.expect_notice("3 cutouts deleted")
    expect(app.page.get_by_text("Nothing was found.")).to_be_visible()


def undo(app: App) -> None:
    app.page.keyboard.press("z")
    expect(app.title("Soup")).to_be_visible()
    app.page.keyboard.press("z")
    app.page.get_by_role("button", name=re.compile("^Everything")).click()
    expect(app.page.locator(".status")).to_have_text("10 cutouts")


def search(app: App) -> None:
    field = app.page.get_by_label("Search", exact=True)
    for query, count in {
        "tag:cooking": "3",
        "-tag:cooking": "7",
        "kind:image": "2",
        "site:example.net": "2",
        "before:2020": "0",
        "after:2020": "10",
        "is:trashed": "0",
        "tag:cooking -tag:fruit": "2",
    }.items():
        field.fill(query)
        expect(app.page.locator(".status")).to_have_text(f"{count} cutouts")
    field.fill("is:untagged")
    expect(app.page.locator(".side [aria-current]")).to_have_text("Without tags")
    field.fill("aplpe ")
    expect(app.page.locator(".status")).to_contain_text("Searched for “apple”")
    field.fill('"apple tree" kind:text')
    expect(app.page.locator("mark").first).to_have_text("apple tree")


def open_a_result(app: App) -> None:
    app.title("Tree").click()
    sheet = app.sheet("Tree")
    sheet.get_by_label("Note").fill("a note")
    sheet.get_by_role("button", name="Save").click()
    app.expect_notice("Changed")
    app.page.get_by_role("button", name=re.compile("^Everything")).click()
    app.title("dropped.svg").click()
    expect(app.page.get_by_role("img", name="dropped.svg")).to_be_visible()


def more_like_this(app: App) -> None:
    close(app)
    app.title("Tree").click()
    app.page.get_by_role("button", name="More like this").click()
    expect(app.page.locator(".status")).to_contain_text("like “Tree”")


def take_everything_out(app: App) -> None:
    app.page.get_by_role("button", name="Back").click()
    data(app)
    for label in FORMATS:
        take_out(app.page, label)


def bring_it_back(app: App) -> None:
    for label in FORMATS[:2]:
        file = take_out(app.page, label)
        app.page.locator("input[type=file]").set_input_files(file)
        expect(app.page.get_by_text("0 added, 10 merged")).to_be_visible(timeout=WAIT_MS)
    app.page.get_by_text("Which, and why").click()


def check(app: App) -> None:
    app.page.get_by_role("button", name="Check the library").click()
    expect(app.page.get_by_text("It is whole.")).to_be_visible()
    app.page.get_by_text("Show them").click()
    expect(app.page.get_by_text(", 0 to another address.")).to_be_visible()
    app.page.get_by_role("heading", name="Is it whole?").scroll_into_view_if_needed()


def read_the_keys(app: App) -> None:
    close(app)
    app.page.keyboard.press("?")
    expect(app.sheet("Keys")).to_be_visible()


def try_one_text(app: App) -> None:
    close(app)
    data(app)
    app.page.get_by_role("link", name="Try it").click()
    app.page.get_by_role("textbox", name="Your text").fill("an apple")
    expect(app.page.locator("#result")).to_contain_text("fruit", timeout=WAIT_MS)
    app.page.get_by_role("link", name="Your library").click()
    expect(app.page.locator(".status")).to_have_text("10 cutouts", timeout=WAIT_MS)


def open_a_second_window(app: App) -> None:
    other = App(app.context, app.address).open()
    other.carry("paste", text_plain="an apple elsewhere")
    expect(app.title("an apple elsewhere")).to_be_visible(timeout=WAIT_MS)
    other.page.close()


def delete_everything(app: App) -> None:
    data(app)
    app.page.get_by_role("button", name="Delete everything…").click()
    expect(app.page.get_by_role("alert")).to_be_visible()
    app.page.get_by_role("alert").scroll_into_view_if_needed()


def begin_anew(app: App) -> None:
    app.page.get_by_role("button", name="Delete everything now").click()
    app.page.get_by_role("button", name="Begin and load the model").click()
    app.carry("paste", text_plain="an apple again")
    expect(app.tags("an apple again").first).to_be_visible(timeout=WAIT_MS)


def close(app: App) -> None:
    app.page.keyboard.press("Escape")
    expect(app.page.get_by_role("dialog")).to_have_count(0)


def data(app: App) -> None:
    app.page.get_by_role("button", name="Your data").click()
    expect(app.sheet("Your data")).to_be_visible()


def take_out(page: Page, label: str) -> Path:
    page.get_by_label("As", exact=True).select_option(label=label)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Take out", exact=True).click()
    path = Path(saved.value.path()).with_name(saved.value.suggested_filename)
    saved.value.save_as(path)
    return path


STEPS: tuple[Callable[[App], None], ...] = (
    *(welcome, put_the_model_off, take_samples, undo_samples, load_the_model),
    *(paste, drop, drop_a_file, write, save_what_is_written, share_with_the_app),
    *(judge_tags, complete_a_tag, tidy_tags),
    *(choose_many, untag_many, take_many_out, trash_many, empty_the_trash, undo),
    *(search, open_a_result, more_like_this),
    *(take_everything_out, bring_it_back, check, read_the_keys, try_one_text),
    *(open_a_second_window, delete_everything, begin_anew),
)
