"""What the manifest promises to the system: its shortcuts, what is shared, files that are opened."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import BrowserContext, FilePayload, expect

from tests.browser.app import WAIT_MS, App
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

# A window of the app that gets files from the system, as Chromium hands them over.
LAUNCH = """
() => Object.defineProperty(globalThis, "launchQueue", {
  value: { setConsumer(consumer) { globalThis.launch = consumer; } },
})
"""
# Open files, given as [name, text], or of what the library takes out as [name, null, format].
OPEN_FILES = """
async (files) => {
  const { openLibrary } = await import(new URL("./library/index.js", document.baseURI));
  const library = openLibrary();
  const folder = await navigator.storage.getDirectory();
  const handles = [];
  for (const [name, text, format] of files) {
    const content = text ?? (await library.ask("exportFile", { format, keys: null })).file;
    const handle = await folder.getFileHandle(name, { create: true });
    const writable = await handle.createWritable();
    await writable.write(content);
    await writable.close();
    handles.push(handle);
  }
  library.close();
  launch({ files: handles });
}
"""
FOCUSED = {"New cutout": "#field-body", "Search": "#search"}
BOOKMARK = (
    "<!DOCTYPE NETSCAPE-Bookmark-file-1><DL><p><DT><A HREF='https://html.example/'>Soup</A></DL>"
)
# A file of each kind, and how many cutouts it adds to a library with one; copies of that add none.
OPENED: dict[str, tuple[list[str | None], int]] = {
    ".html": ([BOOKMARK], 1),
    ".htm": ([BOOKMARK.replace("html.", "htm.")], 1),
    ".csv": (["title,url\nBread,https://csv.example/\n"], 1),
    ".json": (['[{"title": "Rye", "url": "https://json.example/"}]'], 1),
    ".jsonl": (['{"title": "Oats", "url": "https://jsonl.example/"}\n'], 1),
    ".zip": ([None, "zip"], 0),
    ".sqlite": ([None, "database"], 0),
}


@pytest.fixture
def app(context: BrowserContext, site: Site) -> Iterator[App]:
    """Give the app with one cutout and no model, which can be handed files."""
    context.add_init_script(f"({LAUNCH})()")
    app = App(context, site.address).later().seed_titles("here")
    yield app
    assert app.watched.complaints == []


def manifest_of(app: App) -> tuple[str, Any]:
    """Return where the manifest is that the page names, and what is in it."""
    found = app.context.new_cdp_session(app.page).send("Page.getAppManifest")
    return found["url"], json.loads(found["data"])


def test_each_shortcut_leads_where_its_name_says(app: App) -> None:
    at, manifest = manifest_of(app)
    assert {one["name"] for one in manifest["shortcuts"]} == FOCUSED.keys()
    for shortcut in manifest["shortcuts"]:
        app.page.goto("about:blank")
        app.page.goto(urljoin(at, shortcut["url"]))
        expect(app.page.locator(FOCUSED[shortcut["name"]])).to_be_focused(timeout=WAIT_MS)
        expect(app.page).to_have_url(urljoin(at, manifest["start_url"]))


def test_what_is_shared_as_the_manifest_says_is_saved_field_by_field(app: App) -> None:
    at, manifest = manifest_of(app)
    target = manifest["share_target"]
    params = target["params"]
    app.wait_until_kept()
    shared = {"title": "Bread", "text": "Slowly risen", "url": "https://www.example.org/bread"}
    assert params.keys() == {*shared, "files"}
    fields = "".join(
        f'<input name="{escape(params[what])}" value="{value}">' for what, value in shared.items()
    )
    [files] = params["files"]
    form = (
        f'<form action="{urljoin(at, target["action"])}" method="{target["method"]}" '
        f'enctype="{target["enctype"]}">{fields}<input type="file" name="{files["name"]}" '
        f'accept="{",".join(files["accept"])}" multiple><button>Share</button></form>'
    )
    pictures: list[FilePayload] = [{"name": "a.png", "mimeType": "image/png", "buffer": b"a"}]
    for given in ([], pictures):
        app.page.goto("about:blank")
        app.page.set_content(form)
        app.page.locator("input[type=file]").set_input_files(given)
        app.page.get_by_role("button", name="Share").click()
        app.expect_notice("Saved 1 cutout from another app")
    hits = app.ask("find", {"text": "Bread", "limit": 9, "offset": 0})["hits"]
    found = [app.ask("get", {"key": hit["key"]}) for hit in hits]
    assert sorted(one["kind"] for one in found) == ["image", "text"]
    for one in found:
        assert one["title"] == shared["title"]
        assert one["body"] == shared["text"]
        assert one["address"] == shared["url"]


def test_every_file_that_the_manifest_names_is_offered_and_brought_in(app: App) -> None:
    at, manifest = manifest_of(app)
    [handler] = manifest["file_handlers"]
    endings = [ending for endings in handler["accept"].values() for ending in endings]
    assert sorted(endings) == sorted(OPENED)
    page = app.page
    for ending in endings:
        content, added = OPENED[ending]
        page.goto(urljoin(at, handler["action"]))
        expect(page.locator(".status")).to_contain_text("cutout", timeout=WAIT_MS)
        before = app.ask("contents")["cutouts"]
        page.evaluate(OPEN_FILES, [[f"saved{ending}", *content]])
        expect(app.sheet("Bring this in?")).to_be_visible(timeout=WAIT_MS)
        assert app.ask("contents")["cutouts"] == before
        page.get_by_role("button", name=f"Bring in saved{ending}").click()
        report = app.sheet("Bring this in?").get_by_role("status")
        expect(report).to_contain_text(f"{added} added", timeout=WAIT_MS)
        expect(report).to_contain_text("0 left out")
        assert app.ask("contents")["cutouts"] == before + added


def test_two_files_of_different_kinds_are_offered_each_until_it_is_in(app: App) -> None:
    page = app.page
    page.evaluate(OPEN_FILES, [["saved.csv", *OPENED[".csv"][0]], ["saved.html", BOOKMARK]])
    offers = page.get_by_role("button", name="Bring in")
    expect(offers).to_have_text(["Bring in saved.csv", "Bring in saved.html"])
    offers.nth(1).click()
    expect(page.locator(".report p").first).to_contain_text("saved.html", timeout=WAIT_MS)
    expect(offers).to_have_text(["Bring in saved.csv"])
    offers.click()
    expect(page.locator(".report p").first).to_contain_text("saved.csv", timeout=WAIT_MS)
    expect(offers).to_have_count(0)
    assert app.ask("contents")["cutouts"] == 3


def test_the_browser_finds_nothing_wrong_with_the_manifest(
    context: BrowserContext, site: Site
) -> None:
    app = App(context, site.address).open()
    app.wait_until_kept()
    session = context.new_cdp_session(app.page)
    found = session.send("Page.getAppManifest")
    assert found["url"] == f"{site.address}/app.webmanifest"
    assert found["errors"] == []
    types = {"app.webmanifest": "application/manifest+json", "service.js": "text/javascript"}
    for name, media_type in types.items():
        headers = context.request.get(f"{site.address}/{name}").headers
        assert headers["content-type"].startswith(media_type)
        assert headers["cache-control"] == "no-cache"
    # A context of its own counts as private browsing, where nothing can be installed.
    problems = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {problem["errorId"] for problem in problems} <= {"in-incognito"}
