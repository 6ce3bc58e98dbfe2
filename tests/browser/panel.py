"""A browser with the side panel open goes in; what the panel shows, by the debugger alone."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

from tests.browser.extension import Reader
from tests.browser.notice import WAIT_MS


class Panel:
    """The side panel, which stands beside every tab and so is no page of Playwright's."""

    def __init__(self, reader: Reader) -> None:
        self.devtools = reader.devtools
        end = time.monotonic() + WAIT_MS / 1000
        while not (found := self._targets()):
            assert time.monotonic() < end, "no panel was opened"
        about = {"targetId": found[0]["targetId"], "flatten": False}
        self.session = self.devtools.send("Target.attachToTarget", about)["sessionId"]
        self.answers: dict[int, Any] = {}
        self.sent = 0
        self.devtools.on("Target.receivedMessageFromTarget", self._receive)

    def send(self, method: str, params: object = None) -> Any:
        """Return what the debugger of the panel answers."""
        self.sent += 1
        message = json.dumps({"id": self.sent, "method": method, "params": params or {}})
        about = {"sessionId": self.session, "message": message}
        self.devtools.send("Target.sendMessageToTarget", about)
        end = time.monotonic() + WAIT_MS / 1000
        while self.sent not in self.answers:
            assert time.monotonic() < end, f"the panel did not answer {method}"
            self._targets()  # lets what was received come in
        return self.answers.pop(self.sent)

    def evaluate(self, script: str) -> Any:
        """Return what a script in the panel comes to."""
        about = {"expression": script, "awaitPromise": True, "returnByValue": True}
        return self.send("Runtime.evaluate", {**about, "userGesture": True})["result"].get("value")

    def wait_for(self, script: str) -> Any:
        """Wait until a script in the panel comes to something true, and return it."""
        end = time.monotonic() + WAIT_MS / 1000
        while not (value := self.evaluate(script)):
            assert time.monotonic() < end, f"never true: {script}"
        return value

    def open(self, title: str) -> None:
        """Open the cutout of this title, press its link, and leave it open."""
        lines = "[...document.querySelectorAll('.line .title')]"
        self.wait_for(f"{lines}.some((one) => one.textContent === {title!r})")
        self.evaluate("document.querySelector('dialog[open]')?.close()")
        self.wait_for("document.querySelector('dialog') === null")  # the app has heard of it
        self.evaluate(f"{lines}.find((one) => one.textContent === {title!r}).click()")
        self.wait_for(f"document.querySelector('dialog[open] h2')?.textContent === {title!r}")
        self.wait_for("document.querySelector('dialog[open] .source a') !== null")
        self.evaluate("document.querySelector('dialog[open] .source a').click()")

    def picture(self, width: int, height: int, *, dark: bool = False) -> bytes:
        """Return a picture of the panel in that size."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.send("Emulation.setDeviceMetricsOverride", size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", {"features": [scheme]})
        self.evaluate("new Promise((resolve) => setTimeout(resolve, 300))")  # colours change slowly
        return base64.b64decode(self.send("Page.captureScreenshot")["data"])

    def _targets(self) -> list[Any]:
        listed = self.devtools.send("Target.getTargets")["targetInfos"]
        return [info for info in listed if info["url"].endswith("/panel.html")]

    def _receive(self, event: dict[str, Any]) -> None:
        message = json.loads(event["message"])
        if "id" in message:
            self.answers[message["id"]] = message.get("result", message.get("error"))
