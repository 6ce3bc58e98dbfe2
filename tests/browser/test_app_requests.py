"""“Your data” lists what was asked of the network, by the page and the workers behind it.

It is compared with what the browser itself says of the same visit.
"""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.browser.app import WAIT_MS, App
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

# Asked by the browser itself, which tells no page of it.
UNSEEN = {"service: /service.js"}
FETCH = """
async ([urls, mode]) => {
  for (const url of urls) await fetch(url, { mode }).catch(() => undefined);
}
"""


def requests_of(page: Page) -> set[str]:
    """Return what “Your data” lists, as "page: /icon.svg"."""
    if page.get_by_role("dialog").count() == 0:
        page.get_by_role("button", name="Your data").click()
    lines = page.locator(".requests li").all_text_contents()
    names = {"this page": "page", "the library": "page", "the model": "page"}
    split = (re.fullmatch(r"(\S+) (.*)", line) for line in lines)
    return {f"{names.get(one[2], 'service')}: {one[1]}" for one in split if one}


def list_of(page: Page, wanted: set[str]) -> set[str]:
    """Return the list once it has what is wanted: a worker tells of a request when it is over."""
    end = time.monotonic() + WAIT_MS / 1000
    while not wanted <= (listed := requests_of(page)) and time.monotonic() < end:
        page.wait_for_timeout(50)
    return listed


def summary(page: Page) -> str:
    """Return the sentence above the list."""
    page.get_by_role("button", name="Your data").click()
    return page.get_by_text("to another address").inner_text()


@pytest.fixture
def asked(context: BrowserContext, site: Site) -> Iterator[set[str]]:
    """Give what the browser asked for, service workers apart; it knows no other workers."""
    found: set[str] = set()

    def note(request: Request) -> None:
        by = "page" if request.service_worker is None else "service"
        found.add(f"{by}: {request.url.replace(site.address, '')}")

    context.on("request", note)
    yield found
    context.remove_listener("request", note)


def test_the_list_is_what_the_browser_asked_for_by_page_and_workers(
    context: BrowserContext, site: Site, asked: set[str]
) -> None:
    app = App(context, site.address).begin()
    app.wait_until_kept()
    app.carry("paste", text_plain="an apple")
    expect(app.tags("an apple").first).to_be_visible(timeout=WAIT_MS)
    app.page.get_by_label("Search", exact=True).fill("apple ")
    expect(app.page.locator("mark").first).to_have_text("apple")
    app.page.get_by_label("Search", exact=True).fill("")
    expected = asked - UNSEEN
    assert {"page: /library/sqlite3.wasm", "page: /bundle/golden.json"} < expected
    assert "service: /runtime/worker.js" in expected
    assert list_of(app.page, expected) == expected
    expect(app.page.get_by_text(", 0 to another address.")).to_be_visible()
    expect(app.page.get_by_text("does not tell of the requests")).to_have_count(0)


def test_what_a_model_asked_for_that_could_not_be_loaded_is_listed(
    context: BrowserContext, site: Site
) -> None:
    (site.bundle / "head" / "head.safetensors").unlink()
    app = App(context, site.address).open()
    app.page.get_by_role("button", name="Begin and load the model").click()
    expect(app.page.locator(".side .hint")).to_contain_text("head.safetensors", timeout=WAIT_MS)
    wanted = "page: /bundle/head/head.safetensors"
    assert wanted in list_of(app.page, {wanted})


def test_a_request_to_another_address_is_counted_after_300_others(
    chromium: Browser, site: Site
) -> None:
    # As if the policy were missing: without that no such request leaves.
    with chromium.new_context(bypass_csp=True) as context:
        app = App(context, site.address).later()
        others = [f"{site.address}/icon.svg?{number}" for number in range(300)]
        app.page.evaluate(FETCH, [others, "same-origin"])
        elsewhere = site.address.replace("127.0.0.1", "localhost") + "/elsewhere"
        app.page.evaluate(FETCH, [[elsewhere], "no-cors"])
        expect(app.page.get_by_role("dialog")).to_have_count(0)
        count, there = re.findall(r"\d+", summary(app.page))
        assert (int(count) > 300, int(there)) == (True, 1)
        wanted = {f"page: {elsewhere}", "page: /icon.svg?299"}
        assert wanted < list_of(app.page, wanted)


@pytest.mark.parametrize("where", ["page", "worker"])
def test_what_the_policy_refused_is_said_and_not_counted_as_sent(
    context: BrowserContext, site: Site, where: str
) -> None:
    app = App(context, site.address).later()
    place = app.page if where == "page" else app.page.workers[0]
    place.evaluate(FETCH, [["https://elsewhere.example/x"], "no-cors"])
    assert ", 0 to another address." in summary(app.page)
    expect(app.page.get_by_text("1 more was refused by the page’s policy")).to_contain_text(
        "https://elsewhere.example"
    )


def test_where_the_browser_does_not_tell_of_requests_the_page_says_so(
    context: BrowserContext, site: Site
) -> None:
    context.add_init_script(
        "Object.defineProperty(PerformanceObserver, 'supportedEntryTypes', { value: [] })"
    )
    app = App(context, site.address).later()
    app.page.get_by_role("button", name="Your data").click()
    expect(
        app.page.get_by_text("The browser does not tell of the requests of this page.")
    ).to_be_visible()
