"""The app without a network, replaced by a newer one, and reached from outside, in a real Chromium."""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from cutouts.build import build_site
from cutouts.serve import running_site, site_app
from cutouts.site import WEBAPP
from tests.browser.app import App, share
from tests.browser.axe import look
from tests.browser.conftest import QUIET, Site

pytestmark = pytest.mark.browser


@dataclass
class Deployed:
    """A site whose web part can be replaced."""

    address: str
    webapp: Path

    def replace(self) -> None:
        """Put a newer page there, and the service worker that names it."""
        page = self.webapp / "library.html"
        before = page.read_bytes()
        after = before.replace(b"<title>Cutouts</title>", b"<title>Newer Cutouts</title>")
        page.write_bytes(after)
        old, new = (hashlib.sha256(content).hexdigest() for content in (before, after))
        service = self.webapp / "service.js"
        service.write_text(service.read_text().replace(old, new))


@pytest.fixture
def deployed(bundle: Path, tmp_path: Path) -> Iterator[Deployed]:
    webapp = Path(shutil.copytree(WEBAPP, tmp_path / "webapp"))
    with running_site(site_app(bundle, webapp)) as address:
        yield Deployed(address, webapp)


def test_after_one_visit_the_app_opens_saves_tags_and_searches_without_a_network(
    context: BrowserContext, bundle: Path, tmp_path: Path
) -> None:
    build_site(bundle, tmp_path / "site")
    files = StaticFiles(directory=tmp_path / "site", html=True)
    with running_site(Starlette(routes=[Mount("/some/where", files)])) as address:
        app = App(context, f"{address}/some/where").begin()
        app.wait_until_kept()
        below = f"{address}/some/where/"
        assert [url for url in app.watched.requests if not url.startswith(below)] == []
    context.set_offline(True)
    app.open()
    expect(app.page.locator(".side .hint")).to_have_text("Everything is tagged.", timeout=20_000)
    app.carry("paste", text_plain="an apple a day")
    expect(app.tags("an apple a day")).to_contain_text("fruit")
    app.page.get_by_label("Search", exact=True).fill("appl")
    expect(app.page.locator("mark")).to_have_text("apple")
    app.page.reload()
    expect(app.title("an apple a day")).to_be_visible(timeout=20_000)
    assert app.watched.complaints == []


def test_a_page_that_is_kept_is_under_the_same_policy(context: BrowserContext, site: Site) -> None:
    app = App(context, site.address).open()
    app.wait_until_kept()
    got = [app.page.goto(f"{site.address}/library.html") for _ in range(2)]
    for response in got:
        assert response is not None
        assert response.from_service_worker
        headers = response.headers
        assert "script-src 'self'; style-src 'self'" in headers["content-security-policy"]
        assert headers["cross-origin-embedder-policy"] == "require-corp"
    for name in ("library/worker.js", "runtime/worker.js"):
        policies = app.page.evaluate(
            """async (name) => {
              const direct = await fetch(`./${name}?past-the-cache`);
              const kept = await caches.match(new URL(name, location.href), { ignoreSearch: true });
              return [direct, kept].map(({ headers }) => headers.get("content-security-policy"));
            }""",
            name,
        )
        assert policies[0] == policies[1]
        assert "default-src 'none'" in policies[0]


def test_the_engine_and_the_bundle_are_not_kept_beforehand(
    context: BrowserContext, site: Site
) -> None:
    app = App(context, site.address).open()
    app.wait_until_kept()
    kept = app.page.evaluate(
        """async () => {
          const [name] = (await caches.keys()).filter((name) => name.startsWith("cutouts app "));
          return (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname);
        }"""
    )
    assert {"/library.html", "/library/sqlite3.wasm", "/runtime/worker.js"} <= set(kept)
    assert not [path for path in kept if "engine" in path or "ort-" in path or "bundle" in path]


def test_a_new_version_waits_until_the_person_agrees(
    context: BrowserContext, deployed: Deployed
) -> None:
    app = App(context, deployed.address).begin()
    app.wait_until_kept()
    app.carry("paste", text_plain="an apple")
    deployed.replace()
    app.page.reload()
    expect(app.page).to_have_title("Cutouts")
    app.expect_notice("A new version is there.")
    assert look(app.page, "new-version") == []
    app.page.get_by_role("button", name="Reload").click()
    expect(app.page).to_have_title("Newer Cutouts")
    expect(app.title("an apple")).to_be_visible(timeout=20_000)
    expect(app.page.locator(".notice")).not_to_be_visible()


def test_a_new_version_takes_over_when_no_window_is_open(
    context: BrowserContext, deployed: Deployed
) -> None:
    app = App(context, deployed.address).open()
    app.wait_until_kept()
    deployed.replace()
    app.page.reload()
    app.expect_notice("A new version is there.")
    app.page.close()
    App(context, deployed.address).open()  # the old one's last answer, or the new one's first
    for page in context.pages:
        page.close()
    later = App(context, deployed.address).open()
    expect(later.page).to_have_title("Newer Cutouts")


def test_half_a_new_version_is_never_taken(context: BrowserContext, deployed: Deployed) -> None:
    app = App(context, deployed.address).open()
    app.wait_until_kept()
    service = deployed.webapp / "service.js"
    page = hashlib.sha256((deployed.webapp / "library.html").read_bytes()).hexdigest()
    service.write_text(service.read_text().replace(page, "0" * 64))
    app.page.reload()
    gone = """async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      await registration.update().catch(() => undefined);
      while (registration.installing) await new Promise((resolve) => setTimeout(resolve, 20));
      return registration.waiting === null;
    }"""
    assert app.page.evaluate(gone)
    app.open()


def test_what_is_shared_is_saved_even_if_the_app_did_not_open_then(
    context: BrowserContext, site: Site
) -> None:
    app = App(context, site.address).begin()
    app.wait_until_kept()
    app.page.goto(site.address + QUIET)
    # As the system does, but the window is gone before the app has started.
    app.page.evaluate(
        """async () => {
          const body = new FormData();
          body.set("title", "Bread");
          body.set("text", "Slowly risen https://www.example.org/bread");
          await fetch("/share", { method: "POST", body, redirect: "manual" });
        }"""
    )
    app.open()
    expect(app.title("Bread")).to_be_visible(timeout=20_000)
    expect(app.page.locator(".line .snippet")).to_have_text("Slowly risen")
    expect(app.page.locator(".line .source")).to_contain_text("example.org")
    app.open("#shared")
    expect(app.page.locator(".status")).to_have_text("1 cutout")
    name = f"cutouts shares {site.address}/"
    left = "async (name) => (await (await caches.open(name)).keys()).length"
    assert app.page.evaluate(left, name) == 0


def test_images_are_shared_without_a_network(context: BrowserContext, site: Site) -> None:
    app = App(context, site.address).begin()
    app.wait_until_kept()
    context.set_offline(True)
    share(app.page, f"{site.address}/", "", "", "one.png", "two.png")
    app.expect_notice("Saved 2 cutouts from another app")
    expect(app.page.locator(".line .title")).to_have_text(["two.png", "one.png"])
    expect(app.page).to_have_url(f"{site.address}/library.html")
