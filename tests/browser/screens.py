"""The app with a few cutouts goes in; each screen of it, as a person gets there, comes out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.browser.app import WAIT_MS, App

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
    {
        "key": "2",
        "title": LONG,
        "tags": ["Reading list", "Reading lists", "long"],
        "address": "https://www.example.org/long",
    },
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
TRASHED = [{"key": key, "title": f"thrown away {key}", "tags": ["old"]} for key in ("7", "8")]


def stock(app: App) -> None:
    """Save the cutouts, two more in the trash, and wait until the model has read them."""
    app.seed(*SEEDS, *TRASHED)
    app.ask("trash", {"keys": [one["key"] for one in TRASHED], "isTrashed": True})
    expect(app.page.locator(".line .sure").first).to_be_visible(timeout=WAIT_MS)
    expect(app.page.locator(".side .hint")).to_have_text("Everything is tagged.", timeout=WAIT_MS)


def open_sheet(key: str) -> Callable[[App], None]:
    """Return what opens a sheet with a key."""

    def act(app: App) -> None:
        app.page.keyboard.press(key)
        expect(app.page.get_by_role("dialog")).to_be_visible()

    return act


def open_cutout(app: App) -> None:
    app.page.locator(".title", has_text="an apple pie").click()
    expect(app.page.locator(".formatted b")).to_be_visible()


def search(app: App) -> None:
    app.page.get_by_label("Search", exact=True).fill("apple pie")
    expect(app.page.locator("mark").first).to_be_visible()


def type_a_tag(app: App) -> None:
    open_sheet("t")(app)
    app.page.keyboard.type("re")
    expect(app.page.get_by_role("option").first).to_be_visible()
    app.page.keyboard.press("ArrowDown")


def replace_a_tag(app: App) -> None:
    app.page.get_by_role("button", name="replace it").first.click()
    expect(app.page.get_by_role("dialog")).to_contain_text("Instead of")
    app.page.keyboard.type("re")
    expect(app.page.get_by_role("option").first).to_be_visible()


def choose_two(app: App) -> None:
    for box in app.page.get_by_role("checkbox").all()[:2]:
        box.check()
    expect(app.page.locator(".status")).to_contain_text("2 cutouts chosen")


def untag(app: App) -> None:
    choose_two(app)
    app.page.get_by_role("button", name="Remove a tag").click()
    expect(app.page.get_by_role("dialog").get_by_role("listitem").first).to_be_visible()


def save_as_a_file(app: App) -> None:
    choose_two(app)
    app.page.get_by_role("button", name="Save as a file").click()
    expect(app.page.get_by_role("dialog")).to_be_visible()


def like(app: App) -> None:
    app.page.keyboard.press("m")
    expect(app.page.locator(".status")).to_contain_text("like")


def find_nothing(app: App) -> None:
    app.page.get_by_label("Search", exact=True).fill("before:1999")
    expect(app.page.get_by_text("Nothing was found.")).to_be_visible()


def trash(app: App) -> None:
    app.page.get_by_role("button", name="Trash").click()
    expect(app.page.locator(".side [aria-current]")).to_contain_text("Trash")
    expect(app.page.locator(".side [aria-current]")).to_be_in_viewport()
    expect(app.title("thrown away 7")).to_be_visible()
    expect(app.page.get_by_role("button", name="Empty the trash")).to_be_visible()


def choose_in_the_trash(app: App) -> None:
    trash(app)
    choose_two(app)
    expect(app.page.get_by_role("button", name="Take out of the trash")).to_be_visible()


def data(app: App) -> None:
    app.page.get_by_role("button", name="Your data").click()
    app.page.get_by_role("button", name="Check the library").click()
    expect(app.page.get_by_text("It is whole.")).to_be_visible()


def requests(app: App) -> None:
    app.page.get_by_role("button", name="Your data").click()
    app.page.get_by_text("Show them").click()
    expect(app.page.locator(".requests li").first).to_be_visible()


def delete_everything(app: App) -> None:
    app.page.get_by_role("button", name="Your data").click()
    app.page.get_by_role("button", name="Delete everything…").click()
    expect(app.page.get_by_role("alert")).to_contain_text("Nobody can bring them back")


def offer_a_file(app: App) -> None:
    rows = 'title,url\n"",https://www.example.org/long\nNothing,javascript:void(0)\n'
    app.carry("drop", [["saved.csv", "text/csv", rows]])
    expect(app.sheet("Bring this in?").get_by_role("button", name="Bring in")).to_be_visible()


def bring_a_file(app: App) -> None:
    """Only a merge and a skipped row, so the list is afterwards what it was."""
    offer_a_file(app)
    app.page.get_by_role("button", name="Bring in").click()
    expect(app.page.locator(".report p")).to_contain_text("1 merged", timeout=WAIT_MS)
    app.page.get_by_text("Which, and why").click()
    expect(app.page.locator(".report li")).to_have_count(2)


def bring_what_is_no_export(app: App) -> None:
    app.carry("drop", [["words.txt", "text/plain", "just words"]])
    app.page.get_by_role("button", name="Bring in").click()
    expect(app.page.get_by_role("dialog").get_by_role("alert")).to_contain_text("no export")


def vocabulary(app: App) -> None:
    app.page.get_by_role("button", name="Edit tags").click()
    expect(app.page.get_by_role("button", name="Merge into")).to_be_visible()


def rename_a_tag(app: App) -> None:
    vocabulary(app)
    app.page.get_by_role("button", name="Rename long").click()
    expect(app.page.get_by_label("New name of long")).to_be_focused()


SCREENS: dict[str, Callable[[App], None]] = {
    "list": lambda app: expect(app.page.locator(".status")).to_have_text("6 cutouts"),
    "search": search,
    "chosen": choose_two,
    "untag": untag,
    "save": save_as_a_file,
    "like": like,
    "nothing": find_nothing,
    "trash": trash,
    "trash-chosen": choose_in_the_trash,
    "new": open_sheet("n"),
    "cutout": open_cutout,
    "tag": type_a_tag,
    "replace": replace_a_tag,
    "keys": open_sheet("?"),
    "data": data,
    "requests": requests,
    "delete": delete_everything,
    "bring": offer_a_file,
    "bring-report": bring_a_file,
    "bring-failed": bring_what_is_no_export,
    "vocabulary": vocabulary,
    "rename": rename_a_tag,
}
