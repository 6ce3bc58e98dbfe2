"""The notice in a page: what it says, what can be done there, and what the page can do to it."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FloatRect, Page

from tests.browser.extension import Reader, Served
from tests.browser.notice import Notice

pytestmark = pytest.mark.browser

ARTICLE = "<!doctype html><title>Of apples</title><h1>apple</h1>"
HOSTILE = """<!doctype html><title>Of apples</title><h1>apple</h1><style>
html { font-size: 40px; --ink: red; --paper: lime; direction: rtl; letter-spacing: 1em; zoom: 1 }
* { display: none !important; color: red !important; transform: rotate(9deg) !important }
html, body { display: block !important; transform: none !important }
</style>"""
# What a page's script can find of a notice, and do to it.
ATTACK = """
async () => {
  const host = document.documentElement.lastElementChild;
  const events = ["pointerdown", "mousedown", "pointerup", "mouseup", "click", "keydown"];
  for (let x = innerWidth - 360; x < innerWidth; x += 6)
    for (let y = 0; y < 260; y += 6)
      for (const name of events)
        for (const target of [host, document.elementFromPoint(x, y)])
          target?.dispatchEvent(new MouseEvent(name,
            { bubbles: true, composed: true, cancelable: true, clientX: x, clientY: y }));
  host.click();
  host.focus();
  for (const key of ["Enter", "Escape", " "])
    for (const target of [host, document, window])
      target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, composed: true }));
  return [host.localName, host.shadowRoot, host.textContent, [...host.attributes].length];
}
"""


def shown(reader: Reader, site: Served, html: str = ARTICLE) -> tuple[Page, Notice]:
    """Save a page; return it with the notice, which has its tag."""
    page = reader.read(site.page("a", html))
    page.emulate_media(reduced_motion="reduce")  # it stands at its place at once
    reader.press(page)
    notice = Notice(page)
    notice.wait_for("Saved", "Of apples", "fruit")
    return page, notice


def origins(cutout: dict[str, Any]) -> dict[str, str]:
    """Return who gave or removed each tag."""
    return {tag["name"]: tag["origin"] for tag in cutout["tags"]}


def take_picture(page: Page, name: str, x: int) -> None:
    """Leave a picture of the notice in the folder that SCREENSHOTS names, if there is one."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.wait_for_timeout(250)  # for the picture alone
        clip = FloatRect(x=x, y=0, width=400, height=240)
        page.screenshot(path=Path(folder) / f"{name}.png", clip=clip)


def test_the_notice_shows_a_tag_with_how_sure_the_model_is(
    reader: Reader, read_site: Served
) -> None:
    page, notice = shown(reader, read_site)
    [cutout] = reader.saved()
    page.bring_to_front()
    assert f"{round(cutout['tags'][0]['probability'] * 100)} %" in notice.text()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        take_picture(page, f"notice-{scheme}", 880)


def test_a_tag_that_is_removed_in_the_notice_never_comes_back(
    reader: Reader, read_site: Served
) -> None:
    _, notice = shown(reader, read_site)
    notice.button("Remove fruit").click()
    notice.wait_for("No tags yet")
    assert notice.tags() == []
    [cutout] = reader.saved()
    assert origins(cutout) == {"fruit": "removed"}


def test_a_tag_that_is_typed_in_the_notice_is_the_persons_and_the_page_hears_no_key(
    reader: Reader, read_site: Served
) -> None:
    page, notice = shown(reader, read_site)
    page.evaluate("document.addEventListener('keydown', ({ key }) => (document.title += key))")
    notice.find("input")[0].click()
    page.keyboard.type("to bake")
    page.keyboard.press("Enter")
    notice.wait_for("to bake")
    assert sorted(notice.tags()) == ["fruit", "to bake"]
    assert page.title() == "Of apples"
    [cutout] = reader.saved()
    assert origins(cutout) == {"fruit": "model", "to bake": "person"}


def test_undo_in_the_notice_moves_the_cutout_to_the_trash(
    reader: Reader, read_site: Served
) -> None:
    _, notice = shown(reader, read_site)
    notice.button("Undo").click()
    notice.wait_for("Undone: it is in the trash")
    assert reader.saved() == []
    assert reader.ask("contents")["trashed"] == 1


def test_escape_closes_the_notice_and_keeps_the_cutout(reader: Reader, read_site: Served) -> None:
    page, notice = shown(reader, read_site)
    page.keyboard.press("Escape")
    notice.wait_until_gone()
    assert len(reader.saved()) == 1


def test_the_notice_goes_away_by_itself_but_not_under_the_pointer(
    reader: Reader, read_site: Served
) -> None:
    page, notice = shown(reader, read_site)
    left, top, _, _ = notice.find("section")[0].box()
    page.mouse.move(left + 20, top + 20)
    page.wait_for_timeout(9000)  # longer than it stays by itself
    assert "Saved" in notice.text()
    page.mouse.move(5, 400)
    notice.wait_until_gone()


def test_the_same_page_again_takes_the_focus_to_the_notice_and_is_not_saved_twice(
    reader: Reader, read_site: Served
) -> None:
    page, notice = shown(reader, read_site)
    reader.press(page)
    page.wait_for_function("document.activeElement !== document.body")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the first thing in the notice
    notice.wait_for("Undone")
    assert reader.ask("contents")["trashed"] == 1
    assert reader.saved() == []


def test_two_quick_presses_save_once(reader: Reader, read_site: Served) -> None:
    page = reader.read(read_site.page("twice", "<title>Twice</title><p>apple</p>"))
    for _ in range(3):
        reader.press(page)
    page.wait_for_function("document.activeElement !== document.body")  # the second one found it
    assert len(reader.saved()) == 1


def test_a_page_that_changed_is_saved_again(reader: Reader, read_site: Served) -> None:
    page, _ = shown(reader, read_site)
    page.evaluate("document.body.append('More of it.')")
    reader.press(page)
    assert len(reader.saved(2)) == 2


def test_no_style_of_the_page_reaches_the_notice(reader: Reader, read_site: Served) -> None:
    page, notice = shown(reader, read_site)
    plain = [node.box() for node in notice.find("section") + notice.find("button")]
    page.close()
    page, notice = shown(reader, read_site, HOSTILE)
    hostile = [node.box() for node in notice.find("section") + notice.find("button")]
    moved = hostile[0][0] - plain[0][0]  # it stands at the end of a line, as the page writes
    assert hostile == [(left + moved, t, right + moved, b) for left, t, right, b in plain]
    take_picture(page, "notice-hostile", 0)


def test_beside_a_page_from_right_to_left_it_stands_at_the_left(
    reader: Reader, read_site: Served
) -> None:
    html = "<!doctype html><html dir=rtl lang=ar><title>Of apples تفاح</title><h1>apple</h1>"
    page, notice = shown(reader, read_site, html)
    assert notice.find("section")[0].box()[0] == 16
    take_picture(page, "notice-rtl", 0)


def test_in_a_narrow_window_nothing_of_the_notice_stands_beyond_its_edge(
    reader: Reader, read_site: Served
) -> None:
    page, notice = shown(reader, read_site)
    page.set_viewport_size({"width": 320, "height": 500})
    [frame] = notice.find("section")
    left, _, right, _ = frame.box()
    assert (left, right) == (16, 304)
    for node in [*notice.find("button"), *notice.find("input")]:
        assert left <= node.box()[0] < node.box()[2] <= right


def test_what_a_page_sends_or_clicks_changes_nothing(reader: Reader, read_site: Served) -> None:
    page, notice = shown(reader, read_site)
    assert page.evaluate(ATTACK) == ["div", None, "", 1]
    for words in ("Remove fruit", "Undo", "Close"):
        notice.button(words).click_by_script()
    page.wait_for_timeout(300)  # for what must not come
    notice.button("Undo")  # is still there
    assert notice.tags() == ["fruit"]
    [cutout] = reader.saved()
    assert origins(cutout) == {"fruit": "model"}
