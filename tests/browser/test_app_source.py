"""What a page said of itself, in the app: words as they looked, description, language, icon.

With SCREENSHOTS set to a folder, pictures of the sheet are left there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from tests.browser.app import WAIT_MS, App, take_pictures
from tests.browser.archive import icon_of, named, write_archive
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
ICON = icon_of(43, 69, 212)
HTML = """<h2>Of sourdough</h2>
<p>A <strong>starter</strong> is flour and water in which <em>wild yeast</em> lives. Feed it
<a href="https://example.org/feeding">once a day</a>, at the same hour.</p>
<blockquote><p>Bread is the warmest of all foods.</p></blockquote>
<ol><li>Mix flour and water.</li><li>Wait until it <q>doubles</q>:<ul><li>in summer, 4 hours</li>
<li>in winter, 10</li></ul></li><li>Bake at <code>230 °C</code>.</li></ol>
<table><caption>Water for 500 g of flour</caption><thead><tr><th>Flour<th>Water<th>Rest</thead>
<tbody><tr><td>white<td>325 g<td>4 h<tr><td>rye<td>400 g<td>10 h
<tr><td colspan=3>Weigh it: cups lie.</tbody></table>"""
BODY = "Of sourdough\n\nA starter is flour and water in which wild yeast lives. Feed it once a day."
BREAD: dict[str, Any] = {
    "key": "bread",
    "title": "How to keep a starter",
    "body": BODY,
    "address": "https://bread.example/starter",
    "language": "en-GB",
    "icon": named(ICON),
    "source": {
        "html": HTML,
        "description": "What a starter needs, hour by hour, and what to do when it sulks.",
        "iconAddress": "https://bread.example/icon.png",
    },
}
JAPANESE: dict[str, Any] = {
    "key": "tree",
    "title": "梨の木",
    "body": "庭の梨",
    "kind": "page",
    "language": "ja",
    "address": "https://tree.example/",
    "source": {"html": "", "description": " 庭の梨\n", "iconAddress": ""},
}


def brought(context: BrowserContext, site: Site, folder: Path) -> App:
    """Return the app with both cutouts, brought in from a zip."""
    app = App(context, site.address).later()
    app.page.get_by_role("button", name="Your data").click()
    archive = write_archive(folder / "library.zip", [BREAD, JAPANESE], (ICON,))
    app.page.locator("input[type=file]").set_input_files(archive)
    app.page.get_by_text("2 added").wait_for()
    app.page.keyboard.press("Escape")
    return app


@pytest.fixture
def app(context: BrowserContext, site: Site, tmp_path: Path) -> App:
    """Give the app with both cutouts."""
    return brought(context, site, tmp_path)


def opened(app: App) -> Locator:
    """Return the sheet of the cutout with HTML, once its words are as they looked."""
    app.title("How to keep a starter").click()
    sheet = app.sheet("How to keep a starter")
    expect(sheet.get_by_role("region", name="Text").locator("strong")).to_have_text(
        "starter", timeout=WAIT_MS
    )
    return sheet


def test_a_selection_is_shown_as_it_looked_with_links_that_open_apart(app: App) -> None:
    words = opened(app).get_by_role("region", name="Text")
    expect(words.get_by_role("heading", name="Of sourdough")).to_be_visible()
    expect(words.locator("ol > li")).to_have_count(3)
    expect(words.locator("td[colspan='3']")).to_have_text("Weigh it: cups lie.")
    link = words.get_by_role("link", name="once a day")
    expect(link).to_have_attribute("href", "https://example.org/feeding")
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    for scheme in SCHEMES:
        app.page.emulate_media(color_scheme=scheme)
        take_pictures(app.page, f"formatted-{scheme}")


def test_words_have_the_language_of_their_page_in_the_list_and_in_the_sheet(app: App) -> None:
    line = app.line("梨の木")
    expect(line.locator(".title")).to_have_attribute("lang", "ja")
    expect(line.locator(".snippet")).to_have_attribute("lang", "ja")
    app.title("梨の木").click()
    sheet = app.sheet("梨の木")
    expect(sheet.get_by_role("heading", name="梨の木")).to_have_attribute("lang", "ja")
    for label in ("Title", "Text"):
        expect(sheet.get_by_label(label, exact=True)).to_have_attribute("lang", "ja")
    expect(sheet.get_by_label("Note")).not_to_have_attribute("lang", "ja")
    app.page.keyboard.press("Escape")
    sheet = opened(app)
    expect(sheet.get_by_role("region", name="Text")).to_have_attribute("lang", "en-GB")
    expect(sheet.locator(".description")).to_have_attribute("lang", "en-GB")


def test_the_description_is_shown_unless_it_is_the_text(app: App) -> None:
    expect(opened(app).locator(".description")).to_contain_text("What a starter needs")
    app.page.keyboard.press("Escape")
    app.title("梨の木").click()
    expect(app.sheet("梨の木").get_by_label("Text", exact=True)).to_have_value("庭の梨")
    expect(app.sheet("梨の木").locator(".description")).to_have_count(0)


def test_the_icon_stands_beside_the_site_in_the_list_and_in_the_sheet(app: App) -> None:
    icon = "img.icon-of-site"
    expect(app.line("How to keep a starter").locator(icon)).to_be_visible(timeout=WAIT_MS)
    expect(app.line("梨の木").locator(icon)).to_have_count(0)
    expect(opened(app).locator(icon)).to_be_visible()
    assert app.page.evaluate(f"document.querySelector('{icon}').naturalWidth") == 16
    assert not [url for url in app.watched.requests if "bread.example" in url]


def test_a_text_that_was_changed_no_longer_looks_as_it_did_until_that_is_undone(app: App) -> None:
    sheet = opened(app)
    sheet.get_by_role("button", name="Change the text").click()
    field = sheet.get_by_label("Text", exact=True)
    expect(field).to_be_focused()
    expect(field).to_have_value(BODY)
    field.fill("My own words")
    sheet.get_by_role("button", name="Save", exact=True).click()
    expect(sheet).to_have_count(0)
    assert app.ask("get", {"key": "bread"})["source"]["html"] == ""
    app.title("How to keep a starter").click()
    expect(sheet.get_by_label("Text", exact=True)).to_have_value("My own words")
    app.page.keyboard.press("Escape")
    app.page.keyboard.press("z")
    app.expect_notice("Undone")
    opened(app)


def test_a_title_that_was_changed_leaves_the_words_as_they_looked(app: App) -> None:
    sheet = opened(app)
    sheet.get_by_label("Title", exact=True).fill("A starter")
    sheet.get_by_role("button", name="Save", exact=True).click()
    expect(app.title("A starter")).to_be_visible(timeout=WAIT_MS)
    kept = app.ask("get", {"key": "bread"})
    assert (kept["body"], kept["source"]) == (BODY, BREAD["source"])


def test_what_cleans_is_loaded_with_the_first_such_cutout_and_kept_for_no_network(
    app: App, context: BrowserContext
) -> None:
    app.wait_until_kept()
    assert not [url for url in app.watched.requests if "/clean-" in url]
    context.set_offline(True)
    app.open()
    opened(app)
    assert [url for url in app.watched.requests if "/clean-" in url]
