"""The extension in a real Chromium: each thing that is cut out of a page is in the library.

The toolbar button is pressed by the browser. What the page's menu leads to is told to the service
worker by the test; test_extension_screen.py opens the menu and presses the shortcut.
"""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.browser.conftest import chromium_options
from tests.browser.extension import Reader, Served
from tests.browser.notice import Notice

pytestmark = pytest.mark.browser

STRICT = "default-src 'none'; style-src 'none'; require-trusted-types-for 'script'"
ARTICLE = "<title>Of apples</title><h1>apple</h1><p id=words>An apple a day.</p>"
SELECT = "id => getSelection().selectAllChildren(document.getElementById(id))"
# In place of what reads a page: a picture of that many bytes, whatever is asked.
PICTURE = """
globalThis.cutoutsCapture = async () => ({
  kind: "image", title: "A picture", body: "", html: "", address: location.href, anchor: null,
  note: "", description: "", language: "", favicon: "", image: IMAGE,
});
"""


def with_capture(extension: Path, folder: Path, image: str) -> Path:
    """Return the extension with a capture that finds this image in every page."""
    folder.mkdir()
    for path in extension.rglob("*"):
        if path.is_file():
            copy = folder / path.relative_to(extension)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    (folder / "capture.js").write_text(PICTURE.replace("IMAGE", image))
    return folder


def test_a_page_is_saved_and_then_said_to_be(reader: Reader, read_site: Served) -> None:
    page = reader.read(read_site.page("a", ARTICLE))
    reader.press(page)
    Notice(page).wait_for("Saved the page", "Of apples", "fruit")
    [cutout] = reader.saved()
    assert (cutout["kind"], cutout["title"]) == ("page", "Of apples")
    assert cutout["address"] == page.url
    assert "An apple a day." in cutout["body"]
    assert [(tag["name"], tag["origin"]) for tag in cutout["tags"]] == [("fruit", "model")]


def test_the_folder_and_the_zip_that_the_command_line_writes_load_their_model(
    playwright: Playwright, made_once: Path, read_site: Served, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "cutouts.cli", "build", str(made_once), "--extension"]
    said = subprocess.run([*command, "--out", str(out)], check=True, capture_output=True, text=True)
    assert said.stdout.splitlines() == [
        f"{out / name}, {name}.zip: {(out / f'{name}.zip').stat().st_size:,} bytes"
        for name in ("chromium", "firefox")
    ]
    with zipfile.ZipFile(out / "chromium.zip") as archive:
        archive.extractall(out / "unpacked")
    for name in ("chromium", "unpacked"):
        reader = Reader(playwright, tmp_path / name, out / name, chromium_options())
        try:
            page = reader.read(read_site.page("a", ARTICLE))
            reader.press(page)
            Notice(page).wait_for("Saved", "Of apples", "fruit")
        finally:
            reader.close()


def test_what_is_selected_is_saved_rather_than_the_page(reader: Reader, read_site: Served) -> None:
    page = reader.read(read_site.page("a", ARTICLE))
    page.evaluate(SELECT, "words")
    reader.press(page)
    Notice(page).wait_for("Saved the selection")
    [cutout] = reader.saved()
    assert (cutout["kind"], cutout["body"]) == ("text", "An apple a day.")


def test_what_is_selected_in_a_frame_is_found(reader: Reader, read_site: Served) -> None:
    read_site.page("inner", ARTICLE)
    page = reader.read(read_site.page("outer", "<title>Outer</title><iframe src=inner></iframe>"))
    page.frames[1].evaluate(SELECT, "words")
    reader.press(page)
    Notice(page).wait_for("Saved")
    [cutout] = reader.saved()
    assert (cutout["kind"], cutout["body"]) == ("text", "An apple a day.")


def test_the_menu_saves_the_page_even_where_words_are_selected(
    reader: Reader, read_site: Served
) -> None:
    page = reader.read(read_site.page("a", ARTICLE))
    page.evaluate(SELECT, "words")
    reader.press(page)
    Notice(page).wait_for("Saved")
    reader.menu(page, "page")
    kinds = [cutout["kind"] for cutout in reader.saved(2)]
    assert sorted(kinds) == ["page", "text"]


def test_a_page_with_a_strict_policy_is_saved_and_shows_the_notice_in_its_style(
    reader: Reader, read_site: Served
) -> None:
    page = reader.read(read_site.page("a", ARTICLE, Content_Security_Policy=STRICT))
    reader.press(page)
    notice = Notice(page)
    notice.wait_for("Saved", "Of apples", "fruit")
    left, _, right, _ = notice.find("section")[0].box()
    assert right - left == 340
    assert len(reader.saved()) == 1


@pytest.mark.parametrize("megabytes", [1, 20])
def test_a_picture_is_saved_whole(
    playwright: Playwright, extension: Path, read_site: Served, tmp_path: Path, megabytes: int
) -> None:
    size = megabytes << 20
    image = (
        f'{{ type: "image/png", alt: "", caption: "", base64: btoa("cut!".repeat({size // 4})) }}'
    )
    faked = with_capture(extension, tmp_path / "faked", image)
    reader = Reader(playwright, tmp_path / "profile", faked, chromium_options())
    try:
        page = reader.read(read_site.page("a", ARTICLE))
        reader.press(page)
        Notice(page).wait_for("Saved", "A picture")
        [cutout] = reader.saved()
        assert reader.asset(cutout["asset"]) == {"type": "image/png", "bytes": size, "first": 99}
    finally:
        reader.close()


@pytest.mark.parametrize(
    "image",
    [
        '{ type: "image/png", base64: "A".repeat((48 << 20) + 4), alt: "", caption: "" }',
        '{ type: "image/png", base64: "*", alt: "", caption: "" }',
        '{ rect: { x: 9000, y: 0, width: 9, height: 9 }, scale: 1, alt: "", caption: "" }',
        "null",
    ],
    ids=["larger than a message", "no base64", "beyond the tab", "none"],
)
def test_of_a_picture_that_cannot_be_kept_all_else_is_saved_and_the_notice_says_so(
    playwright: Playwright, extension: Path, read_site: Served, tmp_path: Path, image: str
) -> None:
    faked = with_capture(extension, tmp_path / "faked", image)
    reader = Reader(playwright, tmp_path / "profile", faked, chromium_options())
    try:
        page = reader.read(read_site.page("a", ARTICLE))
        reader.press(page)
        Notice(page).wait_for("Saved in part", "A picture", "Saved without its picture")
        [cutout] = reader.saved()
        assert (cutout["kind"], cutout["asset"]) == ("image", None)
    finally:
        reader.close()


def test_a_picture_is_cut_out_of_the_tab_where_its_bytes_cannot_be_read(
    playwright: Playwright, extension: Path, read_site: Served, tmp_path: Path
) -> None:
    image = '{ rect: { x: 10, y: 20, width: 30, height: 40 }, scale: 1, alt: "", caption: "" }'
    faked = with_capture(extension, tmp_path / "faked", image)
    reader = Reader(playwright, tmp_path / "profile", faked, chromium_options())
    try:
        page = reader.read(read_site.page("a", "<body style='background:rgb(1,2,3)'>"))
        reader.press(page)
        Notice(page).wait_for("Saved", "A picture")
        [cutout] = reader.saved()
        assert reader.pixels(cutout["asset"]) == {"size": [30, 40], "color": [1, 2, 3, 255]}
    finally:
        reader.close()


def test_of_a_page_that_no_extension_reads_address_and_title_are_saved_and_marked(
    reader: Reader,
) -> None:
    page = reader.read("chrome://version/")
    reader.press(page)
    assert reader.mark() == ["✓", "Saved address and title alone: no extension may read this page"]
    [cutout] = reader.saved()
    assert (cutout["address"], cutout["title"]) == ("chrome://version/", "About Version")


def test_a_drawing_is_saved_and_marked_since_it_takes_no_notice(
    reader: Reader, read_site: Served
) -> None:
    svg = "<svg xmlns='http://www.w3.org/2000/svg'><title>A drawing</title></svg>"
    page = reader.read(read_site.page("a.svg", svg, Content_Type="image/svg+xml"))
    reader.press(page)
    said = "Saved address and title alone: nothing more was found on the page"
    assert reader.mark() == ["✓", said]
    [cutout] = reader.saved()
    assert cutout["address"] == page.url


def test_over_an_open_dialog_the_notice_can_be_used(reader: Reader, read_site: Served) -> None:
    page = reader.read(read_site.page("a", f"{ARTICLE}<dialog>Choose one</dialog>"))
    page.evaluate("document.querySelector('dialog').showModal()")
    reader.press(page)
    notice = Notice(page)
    notice.wait_for("Saved", "fruit")
    notice.button("Undo").click()
    notice.wait_for("Undone")


def test_a_tab_that_leads_nowhere_is_not_saved_and_says_so(reader: Reader) -> None:
    page = reader.read("about:blank")
    reader.press(page)
    assert reader.mark() == ["!", "There is nothing to save: this tab has no address"]
    assert reader.saved() == []


def test_without_a_network_saving_and_tagging_go_on(reader: Reader, read_site: Served) -> None:
    page = reader.read(read_site.page("a", ARTICLE))
    reader.context.set_offline(True)
    reader.press(page)
    Notice(page).wait_for("Saved", "fruit")
    assert len(reader.saved()) == 1
