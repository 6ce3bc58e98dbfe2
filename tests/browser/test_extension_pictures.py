"""An image of another site, which shares no bytes: it is cut out of what the tab shows."""

from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.browser.conftest import chromium_options
from tests.browser.extension import Reader, Served
from tests.browser.notice import Notice

pytestmark = pytest.mark.browser

SCALE = 2
DRAWING = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='30' height='20'>"
    "<rect width='30' height='20' fill='rgb(200,40,20)'/></svg>"
)
KEEP_TAB = "async () => { [globalThis.kept] = await chrome.tabs.query({ active: true }); }"
MENU_OF_KEPT = "(info) => chrome.contextMenus.onClicked.dispatch(info, globalThis.kept)"
# Neither the upper left of the page nor that of the image without the scroll has its colour.
PAGE = (
    "<title>Far down</title><style>body {{ margin: 0; height: 5000px }}"
    "img {{ position: absolute; left: 150px; top: 3100px }}</style><img src={image}>"
)


def test_an_image_of_another_site_is_cut_out_where_it_stands_on_a_fine_screen_that_was_scrolled(
    playwright: Playwright, extension: Path, read_site: Served, tmp_path: Path
) -> None:
    profile = tmp_path / "profile"
    reader = Reader(playwright, profile, extension, chromium_options(), scale=SCALE)
    try:
        read_site.page("red.svg", DRAWING, Content_Type="image/svg+xml")
        image = f"{read_site.other}/red.svg"
        page = reader.read(read_site.page("a", PAGE.format(image=image)))
        assert page.evaluate("devicePixelRatio") == SCALE
        reader.press(page)
        notice = Notice(page)
        notice.wait_for("Saved")
        reader.menu(page, "image", srcUrl=image, frameId=0)
        notice.wait_for("Saved without its picture")  # it is not in sight
        page.evaluate("scrollTo(0, 3000)")
        _, _, _, bottom = notice.find("section")[0].box()
        assert bottom > 100  # the notice lies over the image
        reader.menu(page, "image", srcUrl=image, frameId=0)
        while "without its picture" in notice.text():
            page.wait_for_timeout(20)
        newest, older, _ = reader.saved(3)
        assert (newest["kind"], older["asset"]) == ("image", None)
        pixels = reader.pixels(newest["asset"])
        assert pixels == {"size": [30 * SCALE, 20 * SCALE], "color": [200, 40, 20, 255]}
    finally:
        reader.close()


def test_an_image_whose_tab_is_no_longer_in_front_is_not_cut_out_of_the_one_that_is(
    reader: Reader, read_site: Served
) -> None:
    read_site.page("red.svg", DRAWING, Content_Type="image/svg+xml")
    image = f"{read_site.other}/red.svg"
    page = reader.read(read_site.page("a", f"<title>Left</title><p>Words</p><img src={image}>"))
    reader.press(page)
    notice = Notice(page)
    notice.wait_for("Saved", "Left")
    reader.worker.evaluate(KEEP_TAB)
    front = reader.read(read_site.page("b", "<title>In front</title><p>Words</p>"))
    reader.press(front)
    Notice(front).wait_for("Saved", "In front")
    reader.worker.evaluate(MENU_OF_KEPT, {"menuItemId": "image", "srcUrl": image, "frameId": 0})
    notice.wait_for("Saved without its picture")
    newest, *_ = reader.saved(3)
    assert (newest["kind"], newest["asset"]) == ("image", None)
