"""What breaks, and what attacks: nothing that was said to be saved is lost, no page gets in."""

from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page

from tests.browser.extension import Reader, Served
from tests.browser.library import ON_LINUX
from tests.browser.notice import Notice

pytestmark = pytest.mark.browser

ARTICLE = "<title>Of apples</title><h1>apple</h1>"
# Every way to an extension that a page's own script has.
ATTACK = """
async (id) => {
  const save = { to: "keeper", ask: { name: "save", saving: { key: "stolen", picture: null,
    created: 1, captured: { kind: "page", title: "Planted", body: "", note: "", address: "" } } } };
  const found = [];
  try {
    found.push(await chrome.runtime.sendMessage(id, save));
  } catch (error) {
    found.push(error.constructor.name);
  }
  for (const message of [save, { to: "background", ask: { name: "open" } }])
    for (const target of [window, ...Array.from(frames)]) target.postMessage(message, "*");
  for (const name of ["cutouts-library", "cutouts"]) new BroadcastChannel(name).postMessage(
    { type: "call", id: "1", name: "save", ask: save.ask.saving });
  for (const file of ["panel.html", "offscreen.html", "manifest.json", "library/index.js"])
    found.push(await fetch(`chrome-extension://${id}/${file}`).then(() => file, () => null));
  const frame = document.createElement("iframe");
  frame.src = `chrome-extension://${id}/panel.html`;
  document.body.append(frame);
  await new Promise((resolve) => setTimeout(resolve, 300));
  found.push(typeof globalThis.cutoutsCapture, typeof globalThis.cutoutsNotice);
  return found;
}
"""
# As a page could that broke out of its own world into the extension's.
FORGE = """
async () => {
  const asks = [{ name: "takeBack" }, { name: "read" }, { name: "tag", tag: "planted" }];
  const nonces = [undefined, "", "0", {}, ["notice"], "notice ", "__proto__"];
  const replies = [];
  for (const ask of asks)
    for (const nonce of nonces)
      replies.push(await chrome.runtime.sendMessage({ to: "background", nonce, ask }));
  const key = KEY;
  const direct = [
    { name: "about", key, about: { name: "takeBack" } },
    { name: "save", saving: { key: "planted", picture: null, created: 1, captured:
      { kind: "page", title: "Planted", body: "", note: "", address: "", anchor: null } } },
  ];
  for (const ask of direct) {
    const reply = chrome.runtime.sendMessage({ to: "keeper", ask });
    replies.push(await reply.catch((error) => ({ isDone: false, why: String(error) })));
  }
  return replies.map((reply) => reply?.isDone ?? false);
}
"""

# The library's document goes after the service worker looked whether it is there.
GONE = """
async () => {
  await chrome.offscreen.closeDocument();
  const { getContexts } = chrome.runtime;
  chrome.runtime.getContexts = async () => {
    chrome.runtime.getContexts = getContexts;
    return [{}];
  };
}
"""


def saved_once(reader: Reader, site: Served, name: str = "a") -> Page:
    """Save a page, and wait until that is said."""
    page = reader.read(site.page(name, f"<title>Of apples {name}</title><h1>apple</h1>"))
    reader.press(page)
    Notice(page).wait_for("Saved", f"Of apples {name}")
    return page


def in_extension_world(devtools: CDPSession, reader: Reader, script: str) -> Any:
    """Return what a script comes to in the extension's own world of a page."""
    worlds: list[int] = []
    devtools.on(
        "Runtime.executionContextCreated",
        lambda event: (
            worlds.append(event["context"]["id"])
            if reader.id in event["context"]["origin"]
            else None
        ),
    )
    devtools.send("Runtime.enable")
    about = {"contextId": worlds[0], "awaitPromise": True, "returnByValue": True}
    return devtools.send("Runtime.evaluate", {"expression": script, **about})["result"]["value"]


def test_a_service_worker_that_was_stopped_saves_the_next_page(
    reader: Reader, read_site: Served
) -> None:
    for name in ("a", "b", "c"):
        saved_once(reader, read_site, name)
        reader.stop_worker()
    assert [cutout["title"][-1] for cutout in reader.saved()] == ["c", "b", "a"]


def test_a_notice_outlives_the_service_worker_that_showed_it(
    reader: Reader, read_site: Served
) -> None:
    page = saved_once(reader, read_site)
    reader.stop_worker()
    notice = Notice(page)
    notice.button("Undo").click()
    notice.wait_for("Undone")
    assert reader.saved() == []


def test_of_service_workers_stopped_at_any_time_each_page_said_to_be_saved_is(
    reader: Reader, read_site: Served
) -> None:
    said = []
    for number in range(8):
        page = reader.read(read_site.page(f"{number}", f"<title>No. {number}</title>apple"))
        reader.press(page)
        page.wait_for_timeout(15 * number)  # each time at another step
        reader.stop_worker()
        page.wait_for_timeout(300)
        if "Saved" in Notice(page).text():
            said.append(f"No. {number}")
        page.close()
    saved = [cutout["title"] for cutout in reader.saved()]
    assert set(said) <= set(saved)
    assert len(saved) == len(set(saved))


def test_the_library_is_opened_anew_when_its_document_is_gone(
    reader: Reader, read_site: Served
) -> None:
    saved_once(reader, read_site)
    reader.worker.evaluate("chrome.offscreen.closeDocument()")
    saved_once(reader, read_site, "b")
    assert len(reader.saved()) == 2


def test_a_question_to_a_document_that_just_went_is_asked_again(
    reader: Reader, read_site: Served
) -> None:
    saved_once(reader, read_site)
    reader.worker.evaluate(GONE)
    saved_once(reader, read_site, "b")
    assert [cutout["title"][-1] for cutout in reader.saved()] == ["b", "a"]


@ON_LINUX
def test_a_browser_killed_right_after_saved_was_said_has_it(
    reader: Reader, read_site: Served
) -> None:
    saved_once(reader, read_site)
    reader.kill()
    reader.begin()
    [cutout] = reader.saved()
    assert cutout["title"] == "Of apples a"


def test_no_script_of_a_page_saves_or_reads_anything(reader: Reader, read_site: Served) -> None:
    page = saved_once(reader, read_site)
    found = page.evaluate(ATTACK, reader.id)
    assert found == ["TypeError", None, None, None, None, "undefined", "undefined"]
    assert [cutout["title"] for cutout in reader.saved()] == ["Of apples a"]


def test_a_page_is_not_told_that_the_extension_is_there(reader: Reader, read_site: Served) -> None:
    page = reader.read(read_site.page("a", ARTICLE))
    page.wait_for_timeout(200)
    assert page.evaluate("[...document.documentElement.children].map((one) => one.localName)") == [
        "head",
        "body",
    ]
    assert page.evaluate("typeof chrome.runtime") == "undefined"


def test_from_the_extensions_world_in_a_page_nothing_is_done_without_its_ticket(
    reader: Reader, read_site: Served
) -> None:
    page = saved_once(reader, read_site)
    [cutout] = reader.saved()
    page.bring_to_front()
    forge = f"({FORGE.replace('KEY', repr(cutout['key']))})()"
    replies = in_extension_world(page.context.new_cdp_session(page), reader, forge)
    assert replies == [False] * 23
    assert [(c["key"], c["title"]) for c in reader.saved()] == [(cutout["key"], "Of apples a")]
