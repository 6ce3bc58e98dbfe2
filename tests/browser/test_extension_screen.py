"""What the browser draws itself: its shortcut, the page's menu, its question for a permission."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Playwright, expect

from tests.browser.app import WAIT_MS
from tests.browser.conftest import Site, chromium_options
from tests.browser.extension import Reader, Served
from tests.browser.film import is_at, save_moment, serve_film
from tests.browser.joined import FETCH, GRANTED, SEND, Joined
from tests.browser.notice import Notice
from tests.browser.panel import Panel
from tests.browser.screen import RIGHT, Screen, screen

pytestmark = pytest.mark.browser

ARTICLE = "<title>Of apples</title><h1 id=words>apple</h1><p>An apple a day.</p>"
SELECT = "getSelection().selectAllChildren(document.getElementById('words'))"
RED = (200, 40, 20)
DRAWING = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='300' height='150'>"
    "<rect width='300' height='150' fill='rgb(200,40,20)'/></svg>"
)
# What is drawn plays: a film without a file.
FILM = """<title>A film</title><canvas hidden width=64 height=48></canvas>
<video id=words muted width=300 height=150></video><script>
const [canvas, video] = document.querySelectorAll("canvas, video");
const pen = canvas.getContext("2d");
setInterval(() => {
  pen.fillStyle = "rgb(200,40,20)";
  pen.fillRect(0, 0, 64, 48);
}, 40);
video.srcObject = canvas.captureStream(25);
video.play();
</script>"""
MIDDLE = """
(() => {
  const { left, top, width, height } = document.getElementById("words").getBoundingClientRect();
  return [screenX + left + width / 2, screenY + outerHeight - innerHeight + top + height / 2];
})()
"""
# Where the middle of the words is on the screen.
PLACE = """
(() => {
  const range = document.createRange();
  range.selectNodeContents(document.getElementById("words"));
  const { left, top, width, height } = range.getBoundingClientRect();
  return [screenX + left + width / 2, screenY + outerHeight - innerHeight + top + height / 2];
})()
"""
SHADOWED = (10, 600)  # a place in the panel's page on which a question lays its shadow
ALLOW = (169, 256)  # the question's button, from the middle of the window's upper edge
BUTTON = (149, 63)  # where a pinned button is, from the right and upper edge of the window
FROM_THE_END = 3  # of the page's menu: after the extension's entry come two of the browser's


@pytest.fixture
def seen() -> Iterator[Screen]:
    """Give a screen."""
    with screen() as seen:
        yield seen


@pytest.fixture
def sitting(
    playwright: Playwright, extension: Path, tmp_path: Path, seen: Screen
) -> Iterator[Reader]:
    """Give a person who reads, before a screen."""
    options = chromium_options()
    reader = Reader(playwright, tmp_path / "profile", extension, options, display=seen.name)
    yield reader
    reader.close()


def pin(sitting: Reader) -> None:
    """Let the toolbar show the button at all times, as a person chooses there."""
    sitting.close()
    kept = sitting.profile / "Default" / "Preferences"
    preferences = json.loads(kept.read_text())
    preferences["extensions"]["pinned_extensions"] = [sitting.id]
    kept.write_text(json.dumps(preferences))
    sitting.begin()


def in_front(page: Page, seen: Screen) -> Page:
    """Return the page once the mouse, and so the keys, come to it."""
    page.bring_to_front()
    page.evaluate("addEventListener('mousemove', () => (globalThis.isMoved = true))")
    for step in range(200):
        seen.move(600 + step, 500)
        page.wait_for_timeout(50)
        if page.evaluate("globalThis.isMoved"):
            return page
    pytest.fail("the mouse does not come to the page")


def answer_join(joined: Joined, seen: Screen, button: str, *, with_yes: bool) -> None:
    """Press a button of the part "Join with the app", and answer the question."""
    joined.panel.bring_to_front()
    joined.panel.get_by_label("Address of the app").fill(joined.address)
    answer(joined.panel.get_by_role("button", name=button), seen, with_yes=with_yes)


def answer(press: Locator, seen: Screen, *, with_yes: bool) -> None:
    """Press what the browser has a question about, and answer that; a tab may open then."""
    press.hover()  # so that the page has its last colours
    x, y = SHADOWED
    before = seen.colour(x, y)
    press.click()
    seen.wait_for_colour(x, y, before)
    width, (right, down) = press.page.evaluate("outerWidth"), ALLOW
    act = (
        partial(seen.click, width // 2 + right, down) if with_yes else partial(seen.press, "Return")
    )
    pages = len(press.page.context.pages)

    def is_answered() -> bool:
        press.page.evaluate("0")  # lets what the browser said come in
        return seen.colour(x, y) == before or len(press.page.context.pages) > pages

    seen.until(is_answered, act)


def test_the_shortcut_saves_the_page_that_is_in_front(
    sitting: Reader, seen: Screen, read_site: Served
) -> None:
    page = in_front(sitting.read(read_site.page("a", ARTICLE)), seen)
    seen.press("Alt_L", "Shift_L", "s")
    Notice(page).wait_for("Saved", "Of apples")
    [cutout] = sitting.saved()
    assert (cutout["kind"], cutout["title"]) == ("page", "Of apples")


@pytest.mark.parametrize(("script", "kind"), [("0", "page"), (SELECT, "text")])
def test_the_menu_of_a_page_saves_what_is_selected_or_the_page(
    sitting: Reader, seen: Screen, read_site: Served, script: str, kind: str
) -> None:
    page = in_front(sitting.read(read_site.page("a", ARTICLE)), seen)
    page.evaluate(script)
    x, y = page.evaluate(PLACE)
    before = seen.windows()
    seen.click(round(x), round(y), RIGHT)
    seen.wait_for_window(before)
    seen.type(*["Up"] * (FROM_THE_END if kind == "page" else FROM_THE_END - 1), "Return")
    Notice(page).wait_for("Saved")
    [cutout] = sitting.saved()
    assert cutout["kind"] == kind


def is_red(colour: int) -> bool:
    return all(abs(one - other) < 20 for one, other in zip(colour.to_bytes(3), RED, strict=True))


def choose(page: Page, seen: Screen, steps: int) -> None:
    """Choose an entry of the menu of the red picture, so many steps from the menu's end.

    A frame of another site gets no click before it is drawn: the page around it does.
    """
    x, y = page.evaluate(MIDDLE)
    seen.wait_until(lambda: is_red(seen.colour(round(x), round(y))), "no picture is drawn")
    before = seen.windows()
    seen.click(round(x), round(y), RIGHT)
    seen.wait_for_window(before)
    seen.type(*["Up"] * steps, "Return")


@pytest.mark.parametrize(
    ("kind", "html"),
    [("image", "<title>A drawing</title><img id=words src=red.svg>"), ("video", FILM)],
)
def test_the_menu_of_an_image_or_a_video_saves_its_picture(
    sitting: Reader, seen: Screen, read_site: Served, kind: str, html: str
) -> None:
    read_site.page("red.svg", DRAWING, Content_Type="image/svg+xml")
    page = in_front(sitting.read(read_site.page("a", html)), seen)
    if kind == "video":
        page.wait_for_function("document.querySelector('video').currentTime > 0")
    choose(page, seen, FROM_THE_END - 1)
    Notice(page).wait_for("Saved the moment" if kind == "video" else "Saved the image")
    [cutout] = sitting.saved()
    assert cutout["kind"] == kind
    assert (cutout["anchor"] is None) == (kind == "image")
    color = sitting.pixels(cutout["asset"])["color"]
    near = zip(color, [200, 40, 20, 255], strict=True)
    assert all(abs(one - other) < 20 for one, other in near)  # a frame is a JPEG


@pytest.mark.parametrize(
    ("kind", "html"), [("image", "<img id=words src=red.svg>"), ("video", FILM)]
)
def test_in_a_frame_of_another_site_the_menu_says_that_the_picture_was_not_saved(
    sitting: Reader, seen: Screen, read_site: Served, kind: str, html: str
) -> None:
    read_site.page("red.svg", DRAWING, Content_Type="image/svg+xml")
    read_site.page("inner", f"<style>body {{ margin: 0 }}</style>{html}")
    outer = f"<title>Outer</title><iframe id=words src={read_site.other}/inner></iframe>"
    page = in_front(sitting.read(read_site.page("outer", outer)), seen)
    choose(page, seen, FROM_THE_END - 1)
    Notice(page).wait_for("Saved in part", "comes from another site")
    [cutout] = sitting.saved()
    assert (cutout["kind"], cutout["asset"], cutout["address"]) == (kind, None, page.url)


def test_the_menu_of_the_button_opens_the_panel_with_what_is_from_here_and_saves_nothing(
    sitting: Reader, seen: Screen, read_site: Served
) -> None:
    pin(sitting)
    address = read_site.page("a", ARTICLE)
    page = sitting.read(address)
    sitting.press(page)
    Notice(page).wait_for("Saved")
    page.close()
    page = in_front(sitting.read(address), seen)
    (left, down), width = BUTTON, page.evaluate("outerWidth")
    before = seen.windows()
    seen.click(width - left, down, RIGHT)
    seen.wait_for_window(before)
    seen.type("Down", "Return")
    Panel(sitting).wait_for("document.querySelector('.line .near')?.textContent === 'This page'")
    assert Notice(page).text() == ""
    assert len(sitting.saved()) == 1


def test_a_permission_that_was_granted_is_given_back_after_the_hand_over(
    sitting: Reader, seen: Screen, site: Site
) -> None:
    joined = Joined(sitting, site.address)
    joined.save({"key": "bread", "title": "Bread"})
    answer_join(joined, seen, SEND, with_yes=True)
    said = f"The permission for {site.address} was given back."
    expect(joined.said()).to_contain_text(said, timeout=WAIT_MS)
    expect(joined.said()).to_contain_text("Into the app: 1 added")
    assert joined.granted() == []


def test_a_permission_that_was_refused_hands_nothing_over(
    sitting: Reader, seen: Screen, site: Site
) -> None:
    joined = Joined(sitting, site.address)
    joined.app.seed({"key": "soup", "title": "Soup"})
    answer_join(joined, seen, FETCH, with_yes=False)
    said = f"without the permission for {site.address} nothing is handed over"
    expect(joined.said()).to_contain_text(said, timeout=WAIT_MS)
    assert joined.ask("contents")["cutouts"] == 0
    assert joined.granted() == []


def test_of_a_panel_that_is_closed_the_next_one_gives_the_permission_back(
    sitting: Reader, seen: Screen, site: Site
) -> None:
    joined = Joined(sitting, site.address)
    joined.panel.evaluate("FileReader.prototype.readAsDataURL = () => undefined")
    answer_join(joined, seen, SEND, with_yes=True)
    expect(joined.app.page.locator(".handed")).to_contain_text("Reading", timeout=WAIT_MS)
    joined.panel.close()
    joined.panel = joined.open_panel()
    joined.panel.evaluate(
        "async () => { while ((await chrome.permissions.getAll()).origins.length > 0) ; }"
    )
    assert joined.granted() == []


@pytest.mark.parametrize("with_yes", [True, False], ids=["granted", "refused"])
def test_a_moment_is_led_to_in_a_new_tab_with_a_permission_for_that_time_else_it_is_said(
    sitting: Reader, seen: Screen, read_site: Served, with_yes: bool
) -> None:
    page = sitting.read(serve_film(sitting, read_site))
    at = save_moment(sitting, page)
    page.close()
    panel = sitting.read(f"chrome-extension://{sitting.id}/panel.html")
    panel.locator(".line .title", has_text="Film").click()
    link = panel.get_by_role("link", name="Open the page")
    with sitting.context.expect_page() as new:
        answer(link, seen, with_yes=with_yes)
    if with_yes:
        is_at(new.value, at)
    else:
        hint = panel.get_by_role("dialog").get_by_role("status")
        expect(hint).to_have_text("The page is open. The moment is at 0:00.")
    panel.evaluate(f"async () => {{ while ((await {GRANTED}).length > 0) ; }}")
