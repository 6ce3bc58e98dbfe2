"""A hand-over that breaks, and those who would like to be part of one: both libraries stay whole."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.browser.app import WAIT_MS, App
from tests.browser.conftest import Site
from tests.browser.extension import Served
from tests.browser.joined import FETCH, PARCELS, SEND, Joined, joining

pytestmark = pytest.mark.browser

MANY = 10_000
SEED_MANY = """
async (count) => {
  const { openLibrary } = await import(new URL("./library/index.js", document.baseURI));
  const library = openLibrary();
  const lines = Array.from({ length: count }, (_, n) =>
    `<DT><A HREF="https://example.org/${n}" ADD_DATE="1700000000">Page ${n}</A>`);
  const file = new Blob(["<!DOCTYPE NETSCAPE-Bookmark-file-1><DL>", lines.join("\\n"), "</DL>"]);
  await library.ask("importFile", { file });
  library.close();
}
"""
# From here on, no piece of a library gets ready to be handed over by this page, until it may.
STALL = """
() => {
  const { readAsDataURL } = FileReader.prototype;
  const mayGo = new Promise((resolve) => (globalThis.go = resolve));
  FileReader.prototype.readAsDataURL = function (piece) {
    void mayGo.then(() => readAsDataURL.call(this, piece));
  };
}
"""
# Says that it is the app, hears everything, and gives these answers.
LIAR = """<html data-cutouts-hand-over="1"><script>
globalThis.heard = [];
globalThis.ports = [];
addEventListener("message", ({ ports: [port] }) => {
  globalThis.ports.push(port);
  const place = globalThis.heard.push([]) - 1;
  const answers = ANSWERS;
  port.onmessage = ({ data }) => {
    globalThis.heard[place].push(data);
    if (answers.length > 0) port.postMessage(answers.shift());
  };
});
</script>"""
# As a page could that has the app's window.
FOREIGN = """
async (address) => {
  const app = open(address);
  const { port1, port2 } = new MessageChannel();
  globalThis.heard = [];
  port1.onmessage = ({ data }) => globalThis.heard.push(data);
  port1.postMessage({ type: "give" });
  globalThis.speak = () => app.postMessage("cutouts: hand over", "*", [port2]);
  if (app === null || app.closed) throw new Error("the window is out of reach");
}
"""
OWN = """
async () => {
  const { port1, port2 } = new MessageChannel();
  const first = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
  port1.postMessage({ type: "give" });
  postMessage("cutouts: hand over", location.origin, [port2]);
  return await first;
}
"""
# Polled at each frame: what is said of a step does not stand for long.
BRINGING = """
async () => {
  const said = () => document.querySelector("[aria-labelledby=join]").textContent;
  while (!/Bringing in: [1-9]/.test(said())) await new Promise((resolve) => setTimeout(resolve, 5));
}
"""
LETTERS = "PGh0bWw+"  # "<html>", in base64


@pytest.fixture
def joined(
    playwright: Playwright, extension: Path, site: Site, read_site: Served, tmp_path: Path
) -> Iterator[Joined]:
    """Give the extension beside the app, a cutout in each."""
    with joining(playwright, extension, tmp_path, site.address, read_site.address) as joined:
        yield joined


def contents(joined: Joined) -> tuple[int, int]:
    """Return how many cutouts the extension has, and the app."""
    return joined.ask("contents")["cutouts"], joined.app.ask("contents")["cutouts"]


def stalled(joined: Joined, button: str) -> Page:
    """Begin a hand-over that stands still, and return the page that it waits for."""
    giver = joined.panel if button == SEND else joined.app.page
    giver.evaluate(STALL)
    joined.begin(button)
    expect(joined.app.page.locator(".handed")).to_contain_text("Reading", timeout=WAIT_MS)
    return giver


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([{"type": "save", "cutout": {}}], "said what nobody understands"),
        ([{"type": "begins", "size": 1 << 40}], "said what nobody understands"),
        ([{"type": "done", "intake": {}}], "said “done”, expected “rows” or “begins”"),
        ([{"type": "begins", "size": 5}, {"type": "piece", "base64": LETTERS}], "of 5 bytes was"),
        (
            [{"type": "begins", "size": 6}, {"type": "piece", "base64": LETTERS}],
            "is no export that is known",
        ),
        ([{"type": "failed", "why": "<b>broken</b>\u202e"}], "<b>broken</b>"),
    ],
)
def test_a_page_that_says_it_is_the_app_brings_nothing_in_but_a_library(
    joined: Joined, read_site: Served, answers: list[object], why: str
) -> None:
    address = read_site.page("library.html", LIAR.replace("ANSWERS", json.dumps(answers)))
    joined.begin(FETCH, address)
    expect(joined.said()).to_contain_text(why, timeout=WAIT_MS)
    assert contents(joined) == (1, 1)
    assert joined.panel.evaluate(PARCELS) == []


def test_after_a_hand_over_its_port_leads_nowhere(joined: Joined, read_site: Served) -> None:
    said = {"type": "failed", "why": "enough"}
    address = read_site.page("library.html", LIAR.replace("ANSWERS", json.dumps([said])))
    page = joined.reader.read(address)
    for _ in range(2):
        joined.begin(FETCH, address)
        expect(joined.said()).to_contain_text("enough", timeout=WAIT_MS)
        page.evaluate("for (const type of ['give', 'take', 'got']) ports[0].postMessage({ type })")
    page.wait_for_function("heard.length === 2 && heard[1].at(-1) === null")
    heard = page.evaluate("heard")
    assert heard[0] == heard[1]
    assert heard[0][0] == {"type": "give"}
    assert contents(joined) == (1, 1)


def test_another_window_is_not_heard_by_the_app(context: BrowserContext, site: Site) -> None:
    App(context, site.address).later().seed({"key": "soup", "title": "Soup"})
    page = context.new_page()
    page.goto(f"{site.address}/")  # of the same site: another one has no hold of the app's window
    with context.expect_page() as opened:
        page.evaluate(FOREIGN, f"{site.address}/library.html")
    app = opened.value
    expect(app.locator(".status")).to_contain_text("1 cutout", timeout=WAIT_MS)
    page.evaluate("speak()")
    assert app.evaluate(OWN) == {"type": "rows", "rows": 1}  # its own window is
    assert page.evaluate("heard") == []


def test_a_tab_that_is_closed_while_it_gives_leaves_both_whole(joined: Joined, site: Site) -> None:
    stalled(joined, FETCH).close()
    expect(joined.said()).to_contain_text("the tab of the app was closed", timeout=WAIT_MS)
    assert joined.panel.evaluate(PARCELS) == []
    joined.app = App(joined.reader.context, site.address).open()
    assert contents(joined) == (1, 1)
    joined.hand_over(FETCH, "From the app: 1 added")


def test_a_tab_that_leaves_the_app_while_it_takes_brings_nothing_in(
    joined: Joined,
) -> None:
    giver = stalled(joined, SEND)
    joined.app.page.goto("about:blank")
    giver.evaluate("go()")
    expect(joined.said()).to_contain_text("or left the app", timeout=WAIT_MS)
    joined.app.open()
    joined.app.page.wait_for_function(f"({PARCELS})().then((names) => names.length === 0)")
    assert contents(joined) == (1, 1)


def test_a_tab_that_is_closed_while_it_brings_in_keeps_what_came_as_one_change(
    joined: Joined, site: Site
) -> None:
    joined.panel.evaluate(SEED_MANY, MANY)
    joined.begin(SEND)
    joined.panel.evaluate(BRINGING)
    joined.app.page.close()
    expect(joined.said()).to_contain_text("the tab of the app was closed", timeout=WAIT_MS)
    joined.app = App(joined.reader.context, site.address).open()
    came = joined.app.ask("contents")["cutouts"] - 1
    assert 250 <= came < MANY + 1
    assert joined.app.ask("check") == {"problems": []}
    joined.begin(SEND)
    rest = f"Into the app: {MANY + 1 - came:,} added, {came:,} merged"
    expect(joined.said()).to_contain_text(rest, timeout=3 * WAIT_MS)
    assert contents(joined) == (MANY + 1, MANY + 2)
    for left in (came + 1, 1):  # what came the second time, then what came before
        assert joined.app.ask("undo") == {"what": "import"}
        assert joined.app.ask("contents")["cutouts"] == left


def test_a_panel_that_is_closed_while_it_gives_leaves_both_whole(joined: Joined) -> None:
    stalled(joined, SEND).close()
    expect(joined.app.page.locator(".handed")).to_contain_text(
        "the panel of the extension was closed", timeout=WAIT_MS
    )
    assert joined.app.page.evaluate(PARCELS) == []
    joined.panel = joined.open_panel()
    assert contents(joined) == (1, 1)


@pytest.mark.parametrize("button", [SEND, FETCH])
@pytest.mark.parametrize("by", ["panel", "app"])
def test_either_side_stops_a_hand_over_before_anything_came(
    joined: Joined, button: str, by: str
) -> None:
    giver = stalled(joined, button)
    handed = joined.app.page.locator(".handed")
    (joined.said() if by == "panel" else handed).get_by_role("button", name="Stop").click()
    giver.evaluate("go()")
    for side, place in (("panel", joined.said()), ("app", handed)):
        why = "stopped before anything" if side == by else "stopped on the other side"
        expect(place).to_contain_text(why, timeout=WAIT_MS)
    assert contents(joined) == (1, 1)
    handed.get_by_role("button", name="Close").click()
    expect(handed).to_have_count(0)


def test_a_stop_while_the_app_brings_in_ends_with_its_report(joined: Joined) -> None:
    joined.panel.evaluate(SEED_MANY, MANY)
    joined.begin(SEND)
    joined.panel.evaluate(BRINGING)
    joined.said().get_by_role("button", name="Stop").click()
    expect(joined.said()).to_contain_text("It was stopped before its end.", timeout=WAIT_MS)
    came = joined.app.ask("contents")["cutouts"] - 1
    assert 250 <= came < MANY
    assert joined.app.ask("undo") == {"what": "import"}
    assert joined.app.ask("contents")["cutouts"] == 1


def test_a_second_panel_waits_for_its_turn(joined: Joined) -> None:
    stalled(joined, FETCH)
    joined.panel = joined.open_panel()
    joined.begin(FETCH)
    expect(joined.said()).to_contain_text("Asking the app")
    joined.app.page.evaluate("go()")
    expect(joined.said()).to_contain_text("0 added, 1 merged", timeout=WAIT_MS)
