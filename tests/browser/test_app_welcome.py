"""The first run: what the person is told, and what the browser is asked for then."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.app import WAIT_MS, App
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

# A browser that says no the first time and yes then; how often it was asked outlives a reload.
PERSIST = """
const persists = () => Number(localStorage.getItem("test: persists"));
StorageManager.prototype.persisted = async () => persists() > 1;
StorageManager.prototype.persist = async () => {
  localStorage.setItem("test: persists", String(persists() + 1));
  return persists() > 1;
};
"""
# By their meaning: where things are kept, that nothing leaves, how much is loaded.
TOLD = {
    "where it is kept": r"(kept|stays?|stored) .*(this browser|this device)",
    "that nothing leaves": r"(nothing|never|nowhere) .*(sent|leaves)",
    "what is loaded": r"(load|download)\w* .*model",
}


def test_the_first_run_says_where_things_are_kept_that_nothing_leaves_and_what_is_loaded(
    context: BrowserContext, site: Site
) -> None:
    app = App(context, site.address).open()
    said = app.page.get_by_role("dialog")
    expect(said.get_by_role("button", name="model (")).to_be_visible()
    text = said.inner_text()
    sentences = re.split(r"[.\n]+", text)
    for what, meaning in TOLD.items():
        assert any(re.search(meaning, one, re.IGNORECASE) for one in sentences), (what, text)
    files = json.loads((site.bundle / "manifest.json").read_text())["files"]
    megabytes = sum(one["bytes"] for one in files if one["load"]) / 1e6
    assert f"({megabytes:.1f}\u00a0MB)" in text
    paths = {asked.path for asked in site.line.asked if asked.path.startswith("/bundle/")}
    assert paths == {"/bundle/manifest.json"}  # the model itself waits until it is agreed to


def test_the_browser_is_asked_once_to_keep_what_is_saved_and_again_when_the_person_wants(
    context: BrowserContext, site: Site
) -> None:
    context.add_init_script(PERSIST)
    app = App(context, site.address).open()
    page = app.page

    def asked() -> int:
        return int(page.evaluate("Number(localStorage.getItem('test: persists'))"))

    assert asked() == 0
    page.get_by_role("button", name="Later").click()
    app.carry("paste", text_plain="an apple a day")
    expect(app.title("an apple a day")).to_be_visible(timeout=WAIT_MS)
    app.open()
    app.carry("paste", text_plain="another apple")
    expect(app.title("another apple")).to_be_visible(timeout=WAIT_MS)
    assert asked() == 1
    page.get_by_role("button", name="Your data").click()
    hint = page.get_by_text("The browser may clear this")
    expect(hint).to_be_visible()
    page.get_by_role("button", name="Ask it not to").click()
    expect(hint).to_have_count(0)
    assert asked() == 2
