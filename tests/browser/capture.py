"""A page of a stranger, served and opened; what the extension's script cuts out of it comes out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, CDPSession, Page, Route

import cutouts

SCRIPT = Path(cutouts.__file__).parent / "webapp" / "extension" / "capture.js"
PAGE = "https://example.org/story"
Answer = dict[str, Any]


class Stranger:
    """A page of another site, and the script in a world of its own, as an extension has one."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.answers: dict[str, Answer] = {}
        self.world = -1
        context.route(lambda url: url.startswith("http"), self.answer)

    def answer(self, route: Route) -> None:
        """Answer what is served here, refuse everything else."""
        found = self.answers.get(route.request.url.split("#")[0])
        if found is None:
            route.abort()
        else:
            route.fulfill(**found)

    def serve(self, address: str, html: str, **headers: str) -> None:
        """Serve a page at an address; `content_security_policy` is a header."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = html if html.lstrip().startswith("<!doctype") else f"<!doctype html>{html}"
        self.answers[address] = {
            "body": body,
            "content_type": "text/html; charset=utf-8",
            "headers": {"content-type": "text/html; charset=utf-8", **named},
        }

    def open(self, html: str, address: str = PAGE, **headers: str) -> Stranger:
        """Serve a page, open it and put the script into it."""
        self.serve(address, html, **headers)
        self.page.goto(address)
        return self.inject()

    def inject(self) -> Stranger:
        """Put the script into the page that is open."""
        session = self.context.new_cdp_session(self.page)
        frame = session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        made = {"frameId": frame, "worldName": "capture"}
        self.world = session.send("Page.createIsolatedWorld", made)["executionContextId"]
        self.session: CDPSession = session
        self.run(SCRIPT.read_text(encoding="utf-8") + ";0")
        return self

    def run(self, expression: str) -> Any:
        """Return what an expression gives in the script's world."""
        asked = {"expression": expression, "contextId": self.world}
        options = {"awaitPromise": True, "returnByValue": True}
        answer = self.session.send("Runtime.evaluate", {**asked, **options})
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def capture(self, name: str, **rest: object) -> Any:
        """Return what an order gives."""
        fields = "".join(f", {key}: {value!r}" for key, value in rest.items())
        return self.run(f"cutoutsCapture({{ name: {name!r}{fields} }})")

    def place(self, anchor: dict[str, Any]) -> bool:
        """Lead to a place, and return whether it was there."""
        return bool(self.run(f"cutoutsPlace({json.dumps(anchor)}, 0)"))

    def select(self, code: str) -> Stranger:
        """Select what `code` says of `range`, a range of the page."""
        self.page.evaluate(
            f"() => {{ const range = new Range(); {code};"
            " getSelection().removeAllRanges(); getSelection().addRange(range); }"
        )
        return self

    def selected(self) -> str:
        """Return what is selected in the page."""
        return str(self.page.evaluate("() => String(getSelection())"))


@pytest.fixture
def stranger(context: BrowserContext) -> Iterator[Stranger]:
    """Give a page of another site, in which nothing may go wrong."""
    stranger = Stranger(context)
    yield stranger
    assert stranger.complaints == []
