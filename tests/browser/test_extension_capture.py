"""What only a real extension may do in a page: look into closed trees, read past its policy."""

import base64

import pytest

from tests.browser.archive import DOT, icon_of
from tests.browser.extension import Reader, Served
from tests.browser.notice import Notice

pytestmark = pytest.mark.browser

STRICT = "default-src 'none'; img-src 'self'; require-trusted-types-for 'script'; trusted-types x"
PNG = base64.b64encode(icon_of(240, 113, 74)).decode("ascii")
HAS_ICON = """
async () => {
  for (;;) {
    const [tab] = await chrome.tabs.query({ active: true });
    if (tab.favIconUrl?.startsWith("data:")) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
"""


def test_an_image_is_saved_as_it_is_under_a_policy_that_lets_the_page_fetch_nothing(
    reader: Reader, read_site: Served
) -> None:
    dot = read_site.page("dot.bmp", DOT, Content_Type="image/bmp")
    html = "<title>Dot</title><img src=dot.bmp alt='A dot' width=40 height=40>"
    page = reader.read(read_site.page("a", html, Content_Security_Policy=STRICT))
    reader.press(page)
    Notice(page).wait_for("Saved")
    reader.menu(page, "image", srcUrl=dot)
    [cutout] = [one for one in reader.saved(2) if one["kind"] == "image"]
    assert (cutout["title"], cutout["body"], cutout["address"]) == ("Dot", "A dot", page.url)
    assert reader.asset(cutout["asset"]) == {"type": "image/bmp", "bytes": 58, "first": ord("B")}


def test_a_selection_under_such_a_policy_has_its_place(reader: Reader, read_site: Served) -> None:
    html = "<title>Strict</title><p id=words>An <b>apple</b> a day.</p><p>And no more.</p>"
    page = reader.read(read_site.page("a", html, Content_Security_Policy=STRICT))
    page.evaluate("() => getSelection().selectAllChildren(document.getElementById('words'))")
    reader.press(page)
    Notice(page).wait_for("Saved")
    [cutout] = reader.saved()
    assert (cutout["kind"], cutout["body"]) == ("text", "An apple a day.")
    assert cutout["anchor"] == {"text": "An apple a day.", "after": "\nAnd no more."}


def test_a_selection_in_a_closed_shadow_tree_has_its_place(
    reader: Reader, read_site: Served
) -> None:
    html = (
        "<title>Closed</title><my-box></my-box><script>"
        "globalThis.root = document.querySelector('my-box').attachShadow({ mode: 'closed' });"
        "root.innerHTML = '<p>Words in the <i>shadow</i> of it.</p><p>And more of them.</p>'"
        "</script>"
    )
    page = reader.read(read_site.page("a", html))
    page.evaluate(
        "() => { const [one, two] = root.querySelectorAll('p');"
        " getSelection().setBaseAndExtent(one.firstChild, 6, two.firstChild, 8); }"
    )
    reader.press(page)
    Notice(page).wait_for("Saved")
    [cutout] = reader.saved()
    assert cutout["body"] == "in the shadow of it.\n\nAnd more"
    assert cutout["anchor"] == {
        "text": "in the shadow of it.\nAnd more",
        "before": "Words ",
        "after": " of them.",
    }


def test_what_a_page_says_of_itself_and_how_a_selection_looked_come_into_the_library(
    reader: Reader, read_site: Served
) -> None:
    html = (
        "<html lang=pt_br><title>Pears</title><meta name=description content='Of pears'>"
        f"<link rel=icon href='data:image/png;base64,{PNG}'><link rel=icon href=/icon.png>"
        "<p id=words>A <b onclick='x()'>pear</b> a <a href=day>day</a>.</p>"
    )
    page = reader.read(read_site.page("a", html))
    page.evaluate("() => getSelection().selectAllChildren(document.getElementById('words'))")
    reader.press(page)
    Notice(page).wait_for("Saved")
    [cutout] = reader.saved()
    assert cutout["language"] == "pt-BR"
    assert cutout["source"] == {
        "html": f'A <b>pear</b> a <a href="{read_site.address}/day">day</a>.',
        "description": "Of pears",
        "iconAddress": f"{read_site.address}/icon.png",
    }


@pytest.mark.parametrize("has_bytes", [True, False])
def test_an_icon_is_kept_where_the_tab_has_its_bytes_and_is_asked_for_by_nobody(
    reader: Reader, read_site: Served, has_bytes: bool
) -> None:
    address = f"data:image/png;base64,{PNG}" if has_bytes else "/icon.png"
    read_site.page("icon.png", "no icon")
    html = f"<title>Pears</title><link rel=icon href='{address}'><p>Words"
    page = reader.read(read_site.page("a", html))
    page.evaluate("() => getSelection().selectAllChildren(document.querySelector('p'))")
    reader.press(page)
    Notice(page).wait_for("Saved")
    if has_bytes:
        reader.worker.evaluate(HAS_ICON)  # the browser may not have read it when the tab is pressed
    reader.menu(page, "page")
    [saved] = [one for one in reader.saved(2) if one["kind"] == "page"]
    assert read_site.asked.count("/icon.png") <= 1  # that of the browser itself
    if has_bytes:
        kept = reader.asset(saved["icon"])
        assert kept == {"type": "image/png", "bytes": len(base64.b64decode(PNG)), "first": 0x89}
    else:
        assert saved["icon"] is None
        assert saved["source"]["iconAddress"] == f"{read_site.address}/icon.png"
