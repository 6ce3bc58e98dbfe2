"""A bundle reaches a real Chromium whatever happens to the line and to what was kept."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Playwright

from cutouts.browsers import find_browser
from cutouts.manifest import CHUNK, file_entry
from cutouts.payload import payload_files
from cutouts.serve import running_site, site_app
from tests.browser.conftest import QUIET, Site, Watched, chromium_options, watch
from tests.browser.line import Line
from tests.browser.tiny import HTML, onnx_tiny, static_tiny, write_tiny

pytestmark = pytest.mark.browser

TEXTS = ["an apple", "angle", ""]
TAGS = [["fruit"], [HTML], ["rest"]]


def load_bytes(bundle: Path) -> int:
    """Return how many bytes a runtime needs to tag."""
    files = json.loads((bundle / "manifest.json").read_text())["files"]
    return sum(file["bytes"] for file in files if file["load"])


def test_a_first_visit_fetches_each_file_once(open_page: Watched, site: Site) -> None:
    found = open_page.tag(*TEXTS)
    assert found["tags"] == TAGS
    assert found["report"]["bytesFromNetwork"] == load_bytes(site.bundle)
    files = json.loads((site.bundle / "manifest.json").read_text())["files"]
    for file in files:
        asked = [one for one in site.line.asked if one.path == f"/bundle/{file['path']}"]
        assert len(asked) == int(file["load"]), file["path"]


@pytest.mark.parametrize("kind", ["static", "onnx"])
def test_what_a_first_tag_is_said_to_take_is_what_is_asked_for(
    kind: str, context: BrowserContext, tmp_path: Path
) -> None:
    encoder = static_tiny() if kind == "static" else onnx_tiny()
    bundle = write_tiny(tmp_path / "bundle", encoder).folder
    line = Line(site_app(bundle))
    with running_site(line) as address:
        watched = watch(context.new_page())
        watched.page.goto(address + QUIET)
        assert watched.tag("an apple")["tags"] == [["fruit"]]
    asked = {one.path for one in line.asked} - {"/favicon.ico"}  # by the browser, for its tab
    assert asked == {file.url for file in payload_files(bundle)}


def test_a_second_visit_asks_for_the_manifest_alone(open_page: Watched, site: Site) -> None:
    first = open_page.tag(*TEXTS)
    site.line.asked.clear()
    second = open_page.tag(*TEXTS)
    assert second["tags"] == first["tags"]
    assert second["report"]["bytesFromNetwork"] == 0
    assert second["report"]["bytesFromCache"] == load_bytes(site.bundle)
    bundle = [one.path for one in site.line.asked if one.path.startswith("/bundle/")]
    assert bundle == ["/bundle/manifest.json"]


def test_without_network_the_first_visit_says_what_to_do(open_page: Watched) -> None:
    open_page.page.route("**/bundle/**", lambda route: route.abort("internetdisconnected"))
    found = open_page.tag(*TEXTS)
    assert found["error"]["name"] == "NetworkError"
    assert "check the connection and load again" in found["error"]["message"]


def test_after_the_first_visit_no_network_is_needed(open_page: Watched) -> None:
    first = open_page.tag(*TEXTS)
    open_page.page.route("**/bundle/**", lambda route: route.abort("internetdisconnected"))
    second = open_page.tag(*TEXTS)
    assert second["tags"] == first["tags"]
    assert second["report"]["offline"] is True


def test_a_loaded_bundle_tags_with_the_server_gone(open_page: Watched, site: Site) -> None:
    page = open_page.page
    page.evaluate("""async () => {
        const { loadBundle } = await import("/runtime/index.js");
        window.tagger = await loadBundle("/bundle/");
    }""")
    asked = len(site.line.asked)
    page.context.set_offline(True)
    tags = page.evaluate("async (texts) => (await window.tagger.tag(texts)).length", TEXTS)
    assert tags == len(TEXTS)
    assert len(site.line.asked) == asked


def test_a_line_lost_at_40_percent_goes_on_where_it_stopped(open_page: Watched, site: Site) -> None:
    total = load_bytes(site.bundle)
    site.line.budget = total * 4 // 10
    lost = open_page.tag(*TEXTS)
    assert lost["error"]["name"] == "NetworkError"
    assert "what was received is kept" in lost["error"]["message"]

    site.line.budget = None
    site.line.asked.clear()
    found = open_page.tag(*TEXTS)
    assert found["tags"] == TAGS
    assert found["report"]["bytesFromCache"] > total * 2 // 10
    assert found["report"]["bytesFromCache"] + found["report"]["bytesFromNetwork"] == total
    ranges = [one.range for one in site.line.asked if one.range]
    assert ranges
    assert all(int(one.removeprefix("bytes=").rstrip("-")) % CHUNK == 0 for one in ranges)
    assert site.line.sent() < total * 8 // 10


@pytest.mark.parametrize("damage", ["flip", "cut", "empty"])
def test_a_damaged_chunk_in_the_cache_is_fetched_again(
    open_page: Watched, site: Site, damage: str
) -> None:
    first = open_page.tag(*TEXTS)
    damaged = open_page.page.evaluate(
        """async (damage) => {
        for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const request of await cache.keys()) {
                const bytes = new Uint8Array(await (await cache.match(request)).arrayBuffer());
                if (bytes.length !== 1 << 20) continue;
                bytes[1000] ^= 1;
                const left = { flip: bytes, cut: bytes.slice(0, 99), empty: new Uint8Array() };
                await cache.put(request, new Response(left[damage]));
                return 1;
            }
        }
        return 0;
    }""",
        damage,
    )
    assert damaged == 1
    site.line.asked.clear()
    second = open_page.tag(*TEXTS)
    assert second["tags"] == first["tags"]
    assert second["report"]["bytesFromNetwork"] == CHUNK
    third = open_page.tag(*TEXTS)
    assert third["report"]["bytesFromNetwork"] == 0


def test_a_byte_flipped_on_the_server_is_never_tagged_with(open_page: Watched, site: Site) -> None:
    files = json.loads((site.bundle / "manifest.json").read_text())["files"]
    path = next(file["path"] for file in files if file["path"].startswith("head/"))
    data = bytearray((site.bundle / path).read_bytes())
    data[-1] ^= 1
    (site.bundle / path).write_bytes(data)
    found = open_page.tag(*TEXTS)
    assert found["error"]["name"] == "BundleError"
    assert f"{path}: chunk 0 has the hash" in found["error"]["message"]


def rewrite_golden(bundle: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change each golden text and enter golden.json in the manifest as if it were right."""
    path = bundle / "golden.json"
    golden = json.loads(path.read_text())
    for text in golden["texts"]:
        change(text)
    data = json.dumps(golden).encode()
    path.write_bytes(data)
    manifest = json.loads((bundle / "manifest.json").read_text())
    others = [file for file in manifest["files"] if file["path"] != "golden.json"]
    manifest["files"] = [*others, file_entry("golden.json", data, load=True)]
    (bundle / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize("field", ["ids", "scores", "probabilities", "tags"])
def test_other_answers_than_pythons_are_refused_at_load(
    open_page: Watched, site: Site, field: str
) -> None:
    def change(text: dict[str, Any]) -> None:
        text[field] = (
            [text[field][0] + 0.01, *text[field][1:]]
            if field in ("scores", "probabilities")
            else text[field][:-1]
        )

    rewrite_golden(site.bundle, change)
    found = open_page.tag(*TEXTS)
    assert found["error"]["name"] == "BundleError"
    assert "tags" not in found


def test_a_newer_format_is_refused_with_what_to_do(open_page: Watched, site: Site) -> None:
    manifest = json.loads((site.bundle / "manifest.json").read_text())
    (site.bundle / "manifest.json").write_text(json.dumps(manifest | {"format": 2}))
    found = open_page.tag(*TEXTS)
    assert found["error"]["name"] == "BundleError"
    assert "update" in found["error"]["message"]


def test_two_tabs_that_load_at_once_both_tag(
    context: BrowserContext, open_page: Watched, site: Site
) -> None:
    other = watch(context.new_page())
    other.page.goto(site.address + QUIET)
    start = """() => { window.done = import("/runtime/index.js")
        .then(({ loadBundle }) => loadBundle("/bundle/"))
        .then(async (tagger) => [(await tagger.tag(["x"])).length, tagger.report]); }"""
    pages = [open_page.page, other.page]
    for page in pages:
        page.evaluate(start)
    reports = [page.evaluate("window.done") for page in pages]
    assert [tagged for tagged, _ in reports] == [1, 1]
    total = load_bytes(site.bundle)
    assert sum(report["bytesFromNetwork"] for _, report in reports) == total


def test_a_full_disk_does_not_keep_from_tagging(open_page: Watched, site: Site) -> None:
    page = open_page.page
    session = page.context.new_cdp_session(page)
    quota = {"origin": site.address, "quotaSize": 100_000}
    session.send("Storage.overrideQuotaForOrigin", quota)
    found = open_page.tag(*TEXTS)
    assert found["tags"] == TAGS
    assert "nothing is kept for the next visit" in found["report"]["warnings"][0]
    again = open_page.tag(*TEXTS)
    assert again["tags"] == found["tags"]


def test_refused_storage_does_not_keep_from_tagging(
    playwright: Playwright, site: Site, tmp_path: Path
) -> None:
    # The setting that a person makes to let no site store anything.
    preferences = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(preferences))
    context = playwright.chromium.launch_persistent_context(
        tmp_path, executable_path=str(find_browser("chromium")), args=chromium_options()
    )
    watched = watch(context.new_page())
    watched.page.goto(site.address + QUIET)
    refused = watched.page.evaluate("() => caches.keys().then(() => '', (error) => error.name)")
    found = watched.tag(*TEXTS)
    context.close()
    assert refused
    assert found["tags"] == TAGS
    assert "nothing is kept for the next visit" in found["report"]["warnings"][0]


def test_nothing_is_asked_of_another_origin(open_page: Watched, site: Site) -> None:
    open_page.tag(*TEXTS)
    assert open_page.requests
    assert all(url.startswith(f"{site.address}/") for url in open_page.requests)
    assert not [one for one in open_page.complaints if "Content Security Policy" in one]


def test_a_static_bundle_loads_no_webassembly(open_page: Watched, site: Site) -> None:
    open_page.tag(*TEXTS)
    paths = [one.path for one in site.line.asked]
    assert not [path for path in paths if "wasm" in path or "engine" in path or "onnx" in path]
    script = next(one for one in site.line.asked if one.path == "/runtime/worker.js")
    assert script.status == 200
