"""What stands where a press does not lead, as in a frame of another site: what is kept and said."""

import pytest
from playwright.sync_api import Page

from tests.browser.extension import Reader, Served
from tests.browser.notice import Notice

pytestmark = pytest.mark.browser

CLOSED = "that part of the page comes from another site, which Cutouts may not read"
MISSING = "nothing more was found on the page"
OUTER = "<title>Outer</title><p id=words>Not these.</p><iframe src={other}/inner></iframe>"
SELECT = "getSelection().selectAllChildren(document.getElementById('words'))"


def framed(reader: Reader, site: Served) -> tuple[Page, int]:
    """Open a page with a frame of another site, and save it; return it, and the frame's number."""
    site.page("inner", "<title>Inner</title><p>Words</p>")
    page = reader.read(site.page("outer", OUTER.format(other=site.other)))
    reader.press(page)
    Notice(page).wait_for("Saved", "Outer")
    return page, reader.closed_frame()


def test_of_an_image_in_a_frame_of_another_site_its_address_is_kept_and_that_is_said(
    reader: Reader, read_site: Served
) -> None:
    page, frame = framed(reader, read_site)
    image = f"{read_site.other}/pear.jpg"
    reader.menu(page, "image", srcUrl=image, frameId=frame)
    Notice(page).wait_for("Saved in part", f"without the image, only where it is: {CLOSED}")
    newest, _ = reader.saved(2)
    assert (newest["kind"], newest["title"], newest["body"]) == ("image", "Outer", image)
    assert (newest["asset"], newest["address"]) == (None, page.url)


def test_the_bytes_that_an_address_of_an_image_holds_are_no_words_of_the_cutout(
    reader: Reader, read_site: Served
) -> None:
    page, frame = framed(reader, read_site)
    reader.menu(page, "image", srcUrl="data:image/png;base64,AAAA", frameId=frame)
    Notice(page).wait_for("Saved in part")
    newest, _ = reader.saved(2)
    assert (newest["kind"], newest["body"]) == ("image", "")


@pytest.mark.parametrize(
    ("player", "own"),
    [
        (
            "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?start=3",
            "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        ),
        (
            "https://player.vimeo.com/video/76979871?h=8272103f6e",
            "https://vimeo.com/76979871/8272103f6e",
        ),
        ("https://films.example/embed/1", None),
    ],
)
def test_of_a_moment_in_a_frame_of_another_site_the_page_of_the_video_is_kept_and_that_is_said(
    reader: Reader, read_site: Served, player: str, own: str | None
) -> None:
    page, frame = framed(reader, read_site)
    reader.menu(
        page, "video", srcUrl="blob:https://films.example/1", frameUrl=player, frameId=frame
    )
    Notice(page).wait_for("Saved in part", f"the moment, only where the video is: {CLOSED}")
    newest, _ = reader.saved(2)
    assert (newest["kind"], newest["address"]) == ("video", own or page.url)
    assert (newest["asset"], newest["anchor"]) == (None, None)


def test_of_a_selection_in_a_frame_of_another_site_its_words_are_kept_and_that_is_said(
    reader: Reader, read_site: Served
) -> None:
    page, frame = framed(reader, read_site)
    page.evaluate(SELECT)  # in the page around: not what was pointed at
    reader.menu(page, "selection", selectionText="An apple a day.", frameId=frame)
    Notice(page).wait_for("Saved in part", "Saved the words alone", CLOSED)
    newest, _ = reader.saved(2)
    assert (newest["kind"], newest["body"]) == ("text", "An apple a day.")
    assert (newest["address"], newest["anchor"]) == (page.url, None)


def test_an_image_that_went_from_the_page_is_said_to_lack(
    reader: Reader, read_site: Served
) -> None:
    page, _ = framed(reader, read_site)
    reader.menu(page, "image", srcUrl=f"{read_site.address}/gone.png", frameId=0)
    Notice(page).wait_for("Saved in part", f"Saved without the image, only where it is: {MISSING}")
    newest, _ = reader.saved(2)
    assert (newest["kind"], newest["asset"]) == ("image", None)


def test_of_an_image_on_a_page_that_no_extension_reads_the_mark_says_that_it_lacks(
    reader: Reader,
) -> None:
    page = reader.read("chrome://version/")
    reader.menu(page, "image", srcUrl="chrome://theme/pear", frameId=0)
    said = "Saved without the image, only where it is: no extension may read this page"
    assert reader.mark() == ["✓", said]
    [cutout] = reader.saved()
    assert (cutout["kind"], cutout["address"]) == ("image", "chrome://version/")
