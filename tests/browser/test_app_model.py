"""What “Your data” says of models: how good they were measured to be, and whose tags are there."""

import json

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.app import WAIT_MS, App
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser


def facts(page: Page) -> dict[str, str]:
    """Return what stands under “The model”, as the person reads it."""
    section = page.locator("section").filter(has=page.get_by_role("heading", name="The model"))
    terms, values = section.locator("dt"), section.locator("dd")
    return dict(zip(terms.all_inner_texts(), values.all_inner_texts(), strict=True))


def test_a_ready_model_says_how_often_it_was_right_and_how_many_tags_are_its_own(
    context: BrowserContext, site: Site
) -> None:
    app = App(context, site.address).begin().seed_titles("an apple", "angle of sight")
    for title in ("an apple", "angle of sight"):
        expect(app.tags(title).first).to_be_visible(timeout=WAIT_MS)
    app.line("an apple").get_by_role("button", name="Keep fruit").click()
    app.expect_notice("Tagged “fruit”")
    app.page.get_by_role("button", name="Your data").click()
    term = app.page.get_by_text("Tags by “tiny”")
    expect(term).to_be_visible()
    found = facts(app.page)
    assert found["Right on texts that it had not seen"] == "91.7\u00a0% of 1,200"
    day = app.page.evaluate("new Date().getFullYear().toString()")
    assert found["Tags by “tiny”"].startswith("1, last taken into use ")
    assert day in found["Tags by “tiny”"]
    assert not any("F1" in name for name in found)


def test_a_model_that_was_put_off_is_described_and_with_several_labels_by_micro_f1(
    context: BrowserContext, site: Site
) -> None:
    def several(text: str) -> str:
        manifest = json.loads(text)
        manifest["multiple"] = True
        manifest["metrics"] |= {"accuracy": 0.61, "micro_f1": 0.8333}
        return json.dumps(manifest)

    manifest = (site.bundle / "manifest.json").read_text()
    site.line.edits["/bundle/manifest.json"] = several
    app = App(context, site.address).later()
    app.page.get_by_role("button", name="Your data").click()
    expect(app.page.get_by_text("Micro F1")).to_be_visible()
    found = facts(app.page)
    assert found["Name"] == "tiny"
    size = sum(one["bytes"] for one in json.loads(manifest)["files"] if one["load"])
    assert found["Size before compression"] == f"{size / 1e6:.1f}\u00a0MB"
    assert found["Micro F1 on texts that it had not seen"] == "0.833, on 1,200 texts"
    assert not any("Right" in name or "Tags by" in name for name in found)
    expect(app.page.get_by_role("button", name="Load the model")).to_be_visible()
