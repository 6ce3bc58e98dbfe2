"""A Firefox and an unpacked extension go in; what a person does with them, by Firefox's own protocol.

Playwright's Firefox loads no extensions, and a driver is one more program to install. The protocol,
Marionette, is JSON over a socket.
"""

from __future__ import annotations

import base64
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

WAIT_S = 60
PREFERENCES = {
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.systemAddon.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "extensions.webextOptionalPermissionPrompts": False,  # a request by a click is granted
}
# As a click of the toolbar button does, it opens the tab to the extension.
PRESS = """
const { ExtensionParent } =
  ChromeUtils.importESModule("resource://gre/modules/ExtensionParent.sys.mjs");
const { extension } = WebExtensionPolicy.getByID(id);
const window = Services.wm.getMostRecentWindow("navigator:browser");
await ExtensionParent.apiManager.global.browserActionFor(extension).triggerAction(window);
"""
TERMINATE = """
const { extension } = WebExtensionPolicy.getByID(id);
await extension.terminateBackground();
return extension.backgroundState;
"""
SIDEBAR = """
const { SidebarController } = Services.wm.getMostRecentWindow("navigator:browser");
await SidebarController.show(`${id.replace(/[^a-z0-9]/g, "_")}-sidebar-action`);
"""
# As a right click at the upper left of the page, and then a click on the entry.
MENU = """
const window = Services.wm.getMostRecentWindow("navigator:browser");
const menu = window.document.getElementById("contentAreaContextMenu");
const { left, top } = window.gBrowser.selectedBrowser.getBoundingClientRect();
const shown = new Promise((resolve) => menu.addEventListener("popupshown", resolve));
window.windowUtils.sendMouseEvent("contextmenu", left + 20, top + 30, 2, 1, 0);
await shown;
const item = [...menu.children].find((item) => item.label === "LABEL" && !item.hidden);
if (item === undefined) throw new Error("the menu has no LABEL");
menu.activateItem(item);
"""
ICON = """
const window = Services.wm.getMostRecentWindow("navigator:browser");
while (!window.gBrowser.getIcon()) await new Promise((go) => window.setTimeout(go, 20));
return window.gBrowser.getIcon();
"""
ADDRESS = "return `moz-extension://${WebExtensionPolicy.getByID(id).mozExtensionHostname}/`;"


class Firefox:
    """A Firefox with the extension in it."""

    def __init__(self, port: int, extension: Path) -> None:
        end = time.monotonic() + WAIT_S
        while True:
            try:
                self.socket = socket.create_connection(("127.0.0.1", port), timeout=WAIT_S)
                break
            except ConnectionRefusedError:
                assert time.monotonic() < end, "Firefox did not start"
                time.sleep(0.1)
        self.sent = 0
        self._receive()
        self.send("WebDriver:NewSession", capabilities={})
        about = {"path": str(extension), "temporary": True}
        self.id = self.send("Addon:Install", **about)

    def send(self, command: str, **parameters: object) -> Any:
        """Return what Firefox answers to a command."""
        self.sent += 1
        message = json.dumps([0, self.sent, command, parameters]).encode()
        self.socket.sendall(f"{len(message)}:".encode() + message)
        _, _, error, result = self._receive()
        assert error is None, error
        return result.get("value", result) if isinstance(result, dict) else result

    def read(self, address: str) -> None:
        """Open a page in the tab in front."""
        self.send("WebDriver:Navigate", url=address)

    def press(self) -> None:
        """Press the toolbar button."""
        self._inside(PRESS)

    def choose(self, label: str) -> None:
        """Choose an entry of the page's menu."""
        self._inside(MENU.replace("LABEL", label))

    def open_sidebar(self) -> None:
        """Open the extension's sidebar."""
        self._inside(SIDEBAR)

    def icon(self) -> str:
        """Wait until the tab in front has an icon, and return its address."""
        return str(self._inside(ICON))

    def stop_event_page(self) -> Any:
        """Stop the event page, as Firefox does when it is idle; return the state that it is in."""
        return self._inside(TERMINATE)

    def open_panel(self) -> None:
        """Open the panel in the tab in front."""
        self.read(f"{self._inside(ADDRESS)}panel.html")

    def click(self, css: str) -> None:
        """Press what this selector finds, as a person's mouse does."""
        found = self.send("WebDriver:FindElement", using="css selector", value=css)
        [element] = found.values()
        self.send("WebDriver:ElementClick", id=element)

    def type(self, css: str, text: str) -> None:
        """Type into the empty field that this selector finds."""
        found = self.send("WebDriver:FindElement", using="css selector", value=css)
        [element] = found.values()
        self.send("WebDriver:ElementSendKeys", id=element, text=text)

    def tabs(self) -> list[str]:
        """Return the tabs, in the order in which they were opened."""
        found: list[str] = self.send("WebDriver:GetWindowHandles")
        return found

    def open_tab(self) -> None:
        """Open a tab and bring it to the front."""
        about = self.send("WebDriver:NewWindow", type="tab", focus=True)
        self.turn_to(about["handle"])

    def turn_to(self, tab: str) -> None:
        """Bring a tab to the front."""
        self.send("WebDriver:SwitchToWindow", handle=tab, focus=True)

    def wait_for(self, script: str) -> Any:
        """Wait until a script in the page comes to something true, and return it."""
        end = time.monotonic() + WAIT_S
        while not (value := self.evaluate(script)):
            if time.monotonic() > end:
                shown = self.evaluate("document.body.innerText")
                raise AssertionError(f"never true: {script}; the page shows: {shown}")
        return value

    def evaluate(self, script: str) -> Any:
        """Return what a script in the page comes to."""
        return self.send("WebDriver:ExecuteScript", script=f"return {script}", args=[])

    def picture(self) -> bytes:
        """Return a picture of the page."""
        about = {"full": False, "hash": False}
        return base64.b64decode(self.send("WebDriver:TakeScreenshot", **about))

    def _inside(self, script: str) -> Any:
        """Return what a script in the browser itself comes to."""
        wrapped = (
            "const [id, done] = arguments;"
            f"(async () => {{ {script} }})().then(done, (error) => done(`failed: ${{error}}`));"
        )
        self.send("Marionette:SetContext", value="chrome")
        try:
            found = self.send("WebDriver:ExecuteAsyncScript", script=wrapped, args=[self.id])
        finally:
            self.send("Marionette:SetContext", value="content")
        assert not str(found).startswith("failed: "), found
        return found

    def _receive(self) -> Any:
        head = b""
        while not head.endswith(b":"):
            head += self.socket.recv(1)
        size, data = int(head[:-1]), b""
        while len(data) < size:
            data += self.socket.recv(size - len(data))
        return json.loads(data)


@contextmanager
def firefox(program: Path, profile: Path, extension: Path) -> Iterator[Firefox]:
    """Give a Firefox, and end it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    profile.mkdir()
    lines = {**PREFERENCES, "marionette.port": port}.items()
    (profile / "user.js").write_text(
        "".join(f'user_pref("{name}", {json.dumps(value)});\n' for name, value in lines)
    )
    options = ["--headless", "--marionette", "--remote-allow-system-access", "--no-remote"]
    process = subprocess.Popen(
        [program, *options, "--profile", profile],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        fox = Firefox(port, extension)
        with fox.socket:
            yield fox
    finally:
        process.terminate()
        process.wait()
