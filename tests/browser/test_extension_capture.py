"""What only a real extension may do in a page: look into closed trees, read past its policy."""

import struct

import pytest

from tests.browser.extension import Reader, Served
from tests.browser.notice import Notice

pytestmark = pytest.mark.browser

STRICT = "default-src 'none'; img-src 'self'; require-trusted-types-for 'script'; trusted-types x"
# One dot as a bitmap, of bytes that are letters to the server: headers of 14 and 40 bytes, a row.
DOT = (
    struct.pack("<2sIHHI", b"BM", 58, 0, 0, 54)
    + struct.pack("<IiiHHIIiiII", 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0)
    + bytes([16, 32, 64, 0])
).decode("ascii")


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
