"""The first start: how much there is to load, in the bytes that lie on the server."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from cutouts.serve import running_site, site_app
from cutouts.site import WEBAPP
from tests.browser.app import WAIT_MS, App
from tests.browser.conftest import Site
from tests.browser.tiny import onnx_tiny, write_tiny

pytestmark = pytest.mark.browser

# A key right after the press: the focus is still on the button of the sheet that was closed.
KEY_AFTER = """
(button) => {
  button.click();
  button.dispatchEvent(new KeyboardEvent("keydown", { key: "n", bubbles: true }));
}
"""


def megabytes(count: int) -> str:
    """Return bytes as the app writes them."""
    return f"{count / 1e6:.1f}\u00a0MB"


def loaded_bytes(bundle: Path) -> int:
    """Return the bytes of the files that a browser loads of a bundle."""
    manifest = json.loads((bundle / "manifest.json").read_text())
    return sum(file["bytes"] for file in manifest["files"] if file["load"])


def test_the_first_start_says_the_size_of_a_bundle_that_needs_no_engine(
    context: BrowserContext, site: Site
) -> None:
    page = App(context, site.address).open().page
    size = megabytes(loaded_bytes(site.bundle))
    expect(page.get_by_role("button", name="Begin")).to_have_text(
        f"Begin and load the model ({size})"
    )
    expect(page.get_by_text(f"The model has {size}, before compression.")).to_be_visible()


def test_the_first_start_counts_the_engine_of_an_onnx_bundle_and_that_is_what_is_fetched(
    context: BrowserContext, tmp_path: Path
) -> None:
    bundle = write_tiny(tmp_path / "bundle", onnx_tiny()).folder
    engine = [WEBAPP / "runtime" / "engine.js", *(WEBAPP / "runtime").glob("ort-*.wasm")]
    with running_site(site_app(bundle)) as address:
        app = App(context, address).open()
        size = megabytes(loaded_bytes(bundle) + sum(path.stat().st_size for path in engine))
        expect(app.page.get_by_role("button", name="Begin")).to_have_text(
            f"Begin and load the model ({size})"
        )
        fetched: set[str] = set()
        context.on("request", lambda request: fetched.add(request.url.rsplit("/", 1)[-1]))
        app.page.get_by_role("button", name="Begin").click()
        expect(app.page.locator(".side .hint")).to_have_text(
            "Everything is tagged.", timeout=WAIT_MS
        )
        assert {path.name for path in engine} <= fetched


def test_a_key_that_is_typed_right_after_the_first_start_was_answered_counts(
    context: BrowserContext, site: Site
) -> None:
    app = App(context, site.address).open()
    app.page.get_by_role("button", name="Later").evaluate(KEY_AFTER)
    expect(app.sheet("New cutout")).to_be_visible()
