"""What breaks, and what attacks: nothing that was said to be saved is lost, no page gets in."""

from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page

from tests.browser.extension import Reader, Served
from tests.browser.library import ON_LINUX
from tests.browser.notice import WAIT_MS, Notice

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

# From here on the service worker stands still at a step of a save, for good.
STAND_STILL = """
(step) => {
  globalThis.isStill = false;
  const still = () => {
    globalThis.isStill = true;
    return new Promise(() => {});
  };
  const { createDocument } = chrome.offscreen;
  chrome.offscreen.createDocument = async (about) => {
    const made = createDocument.call(chrome.offscreen, about);
    if (step === "createDocument") await still();
    await made;
  };
  const { executeScript } = chrome.scripting;
  chrome.scripting.executeScript = async (about) => {
    if (about.files?.[0] === step) await still();
    return await executeScript.call(chrome.scripting, about);
  };
  const { sendMessage } = chrome.runtime;
  chrome.runtime.sendMessage = async (message) => {
    if (message.ask?.name !== "save") return await sendMessage.call(chrome.runtime, message);
    if (step === "to be asked") await still();
    const answer = sendMessage.call(chrome.runtime, message);
    if (step === "asked") await still();
    await answer;
    if (step === "answered") await still();
    return await answer;
  };
}
"""
STILL = """
async () => {
  while (!globalThis.isStill) await new Promise((resolve) => setTimeout(resolve, 5));
}
"""
# The mark on the button of whichever tab has one.
MARKED = """
async (milliseconds) => {
  for (const end = Date.now() + milliseconds; Date.now() < end; ) {
    for (const { id: tabId } of await chrome.tabs.query({})) {
      const text = await chrome.action.getBadgeText({ tabId });
      const title = await chrome.action.getTitle({ tabId });
      if (text !== "" && title !== "Save to Cutouts") return [text, title];
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
"""
# At which steps a save that goes no further is in the library. The first is of the first save alone.
STEPS = {
    "createDocument": False,
    "capture.js": False,
    "to be asked": False,
    "asked": True,
    "answered": True,
    "notice.js": True,
}


def stop_at(reader: Reader, page: Page, step: str) -> None:
    """Press the button, and stop the service worker when the save has come to this step."""
    reader.worker.evaluate(STAND_STILL, step)
    reader.press(page)
    reader.worker.evaluate(STILL)
    reader.stop_worker()


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


def test_a_save_in_whose_midst_the_service_worker_was_stopped_is_there_and_said_or_said_not_to_be(
    reader: Reader, read_site: Served
) -> None:
    for step, is_there in STEPS.items():
        page = reader.read(read_site.page("a", f"<title>At {step}</title><h1>apple</h1>"))
        stop_at(reader, page, step)
        if is_there:
            Notice(page).wait_for("Saved", f"At {step}", "fruit")
        else:
            Notice(page).wait_for("Not saved", "it was interrupted: save it again")
        titles = [cutout["title"] for cutout in reader.saved()]
        assert titles.count(f"At {step}") == is_there, step


def test_on_a_page_that_takes_no_notice_the_button_says_what_became_of_an_interrupted_save(
    reader: Reader,
) -> None:
    for step, mark in (
        ("to be asked", ["!", "it was interrupted: save it again"]),
        ("answered", ["✓", "Saved address and title alone: no extension may read this page"]),
    ):
        page = reader.read("chrome://version/")
        stop_at(reader, page, step)
        assert reader.evaluate(MARKED, WAIT_MS) == mark
        page.close()
    assert [cutout["title"] for cutout in reader.saved()] == ["About Version"]


def test_of_service_workers_stopped_at_any_time_each_page_said_to_be_saved_is_and_the_reverse(
    reader: Reader, read_site: Served
) -> None:
    said = []
    for number in range(8):
        title = f"No. {number}"
        page = reader.read(read_site.page(f"{number}", f"<title>{title}</title>apple"))
        reader.press(page)
        page.wait_for_timeout(15 * number)  # each time at another step
        reader.stop_worker()
        is_there = title in [cutout["title"] for cutout in reader.saved()]
        page.bring_to_front()  # only in front does it draw
        if is_there:
            Notice(page).wait_for("Saved", title)
        if "Saved" in Notice(page).text():
            said.append(title)
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
