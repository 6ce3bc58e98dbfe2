"""Every feature of the app, used once as a person would, asks nothing of any other address.

Requests are written down by the browser for pages, workers and service workers, and by a proxy that
gets whatever is not for the site. With SCREENSHOTS set to a folder, pictures of each step are left
there.
"""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import BrowserContext, Playwright

from cutouts.browsers import find_browser
from tests.browser.app import App, take_pictures
from tests.browser.conftest import Site, chromium_options
from tests.browser.day import STEPS
from tests.browser.proxy import Proxy, running_proxy

pytestmark = pytest.mark.browser

SCHEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")
ELSEWHERE = "http://elsewhere.example/"


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with running_proxy() as proxy:
        yield proxy


@pytest.fixture
def alone(playwright: Playwright, site: Site, proxy: Proxy) -> Iterator[BrowserContext]:
    """A context of a browser that knows the way to the site, and beyond it only the proxy."""
    resolver = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    browser = playwright.chromium.launch(
        executable_path=str(find_browser("chromium")),
        args=[*chromium_options(), resolver],
        # The last rule that fits decides: this machine is no exception, but for the site.
        proxy={"server": proxy.address, "bypass": f"<-loopback>,{site.address[7:]}"},
    )
    yield browser.new_context(reduced_motion="reduce")
    browser.close()


def test_what_a_page_asks_of_another_address_is_seen_twice(
    alone: BrowserContext, proxy: Proxy
) -> None:
    asked: list[str] = []
    alone.on("request", lambda request: asked.append(request.url))
    page = alone.new_page()
    page.evaluate("async (url) => fetch(url).catch(() => undefined)", ELSEWHERE)
    assert asked == [ELSEWHERE]
    assert proxy.beside_google() == [f"GET {ELSEWHERE} HTTP/1.1"]


def test_a_day_with_every_feature_asks_nothing_of_another_address(
    alone: BrowserContext, site: Site, proxy: Proxy
) -> None:
    asked: list[str] = []
    alone.on("request", lambda request: asked.append(request.url))
    app = App(alone, site.address)
    for number, step in enumerate(STEPS):
        step(app)
        for scheme in SCHEMES:
            app.page.emulate_media(color_scheme=scheme)
            take_pictures(app.page, f"{number:02}-{step.__name__}-{scheme}")
    below = (f"{site.address}/", "about:", "data:image/", f"blob:{site.address}/")
    assert [url for url in asked if not url.startswith(below)] == []
    assert any("worker.js" in url for url in asked)
    assert proxy.beside_google() == []
    assert app.watched.complaints == []
