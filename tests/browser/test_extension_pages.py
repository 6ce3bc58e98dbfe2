"""Pages that are hard to cut out: a PDF, one read from right to left, one too long, one offline."""

import pytest

from tests.browser.extension import Reader, Served, served
from tests.browser.notice import Notice

pytestmark = pytest.mark.browser

MOST = 1_000_000  # characters of a text, as docs/extension.md says
# A page without anything on it, and the document's title.
PDF = """%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R/ViewerPreferences<</DisplayDocTitle true>>>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj
4 0 obj<</Title(Of pears)>>endobj
trailer<</Root 1 0 R/Info 4 0 R>>
"""
ARABIC = (
    "<html lang=ar dir=rtl><title>عن التفاح</title><h1>التفاح</h1>"
    "<p id=words>تفاحة في اليوم apple تبعد الطبيب.</p>"
)
SELECT = "getSelection().selectAllChildren(document.getElementById('words'))"


def titles(reader: Reader) -> list[str]:
    """Return the titles of all tabs."""
    found = reader.devtools.send("Target.getTargets", {"filter": [{"type": "tab"}]})
    return [str(info["title"]) for info in found["targetInfos"]]


def test_of_a_pdf_address_and_title_are_saved_and_the_notice_says_that_it_is_all(
    reader: Reader, read_site: Served
) -> None:
    page = reader.read(read_site.page("a.pdf", PDF, Content_Type="application/pdf"))
    while "Of pears" not in titles(reader):  # the viewer tells it to the tab alone
        page.wait_for_timeout(20)
    reader.press(page)
    said = "Saved address and title alone: nothing more was found on the page"
    Notice(page).wait_for("Saved in part", "Of pears", said)
    [cutout] = reader.saved()
    assert (cutout["kind"], cutout["address"]) == ("page", page.url)
    assert cutout["title"] == "Of pears"


def test_a_page_that_is_read_from_right_to_left_is_saved_as_it_is_and_has_the_notice_on_its_left(
    reader: Reader, read_site: Served
) -> None:
    page = reader.read(read_site.page("a", ARABIC))
    page.emulate_media(reduced_motion="reduce")  # the notice stands at its place at once
    page.evaluate(SELECT)
    reader.press(page)
    notice = Notice(page)
    notice.wait_for("Saved", "عن التفاح", "fruit")
    left, top, _, _ = notice.find("section")[0].box()
    assert (left, top) == (16, 16)
    [cutout] = reader.saved()
    assert cutout["title"] == "عن التفاح"
    assert cutout["body"] == "تفاحة في اليوم apple تبعد الطبيب."
    assert cutout["language"] == "ar"
    assert cutout["anchor"]["text"] == cutout["body"]


def test_of_a_page_that_is_longer_than_a_text_may_be_the_beginning_is_saved(
    reader: Reader, read_site: Served
) -> None:
    paragraphs = "".join(f"<p>{n} {'apple ' * 700}</p>" for n in range(300))
    page = reader.read(read_site.page("a", f"<title>Long</title>{paragraphs}"))
    reader.press(page)
    Notice(page).wait_for("Saved", "Long", "fruit")
    [cutout] = reader.saved()
    assert MOST - 10 <= len(cutout["body"]) <= MOST
    assert cutout["body"].startswith("0 apple")


def test_without_its_site_and_in_a_browser_begun_anew_what_was_saved_is_there_and_saving_goes_on(
    reader: Reader,
) -> None:
    with served() as site:
        kept = {"Cache_Control": "max-age=3600"}
        first = site.page("first", "<title>Of apples</title><h1>apple</h1>")
        second = site.page("second", "<title>Of pears</title><h1>apple</h1>", **kept)
        page = reader.read(first)
        reader.press(page)
        Notice(page).wait_for("Saved", "Of apples", "fruit")
        reader.read(second)
    reader.close()
    reader.begin()
    assert [cutout["title"] for cutout in reader.saved()] == ["Of apples"]
    page = reader.read(second)  # which the browser kept
    reader.press(page)
    Notice(page).wait_for("Saved", "Of pears", "fruit")
    assert [cutout["title"] for cutout in reader.saved()] == ["Of pears", "Of apples"]
