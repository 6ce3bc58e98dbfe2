"""A page with a notice of the extension in it goes in; what the notice says, and clicks on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import CDPSession, Page

WAIT_MS = 20_000


class Notice:
    """The notice in a page. Its shadow root is closed to scripts: only the debugger sees in."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.devtools = page.context.new_cdp_session(page)

    def nodes(self) -> list[Node]:
        """Return what is in the notice, from its top; nothing when none is shown."""
        root = self.devtools.send("DOM.getDocument", {"depth": -1, "pierce": True})["root"]
        return [
            Node(self.devtools, self.page, inner)
            for node in inside(root)
            for shadow in node.get("shadowRoots", [])
            if shadow["shadowRootType"] == "closed"
            for inner in inside(shadow)
        ]

    def find(self, name: str, **attributes: str) -> list[Node]:
        """Return the elements of this name and with these attributes."""
        return [
            node
            for node in self.nodes()
            if node.name == name and attributes.items() <= node.attributes.items()
        ]

    def text(self) -> str:
        """Return what can be read in the notice; nothing when none is shown."""
        words = [node.value for node in self.nodes() if node.name == "#text"]
        return " ".join(words).replace("\u00a0", " ")

    def wait_for(self, *texts: str) -> None:
        """Wait until all of this can be read there."""
        self._until(lambda: all(text in self.text() for text in texts), " and ".join(texts))

    def wait_until_gone(self) -> None:
        """Wait until no notice is shown."""
        self._until(lambda: self.text() == "", "no notice")

    def tags(self) -> list[str]:
        """Return the names of the tags."""
        return [node.inner_text() for node in self.find("span", **{"class": "name"})]

    def button(self, words: str) -> Node:
        """Return the button with this name, once it is there."""
        self._until(lambda: len(self._buttons(words)) == 1, f"one button {words!r}")
        return self._buttons(words)[0]

    def _buttons(self, words: str) -> list[Node]:
        return [
            node
            for node in self.find("button")
            if words in (node.attributes.get("aria-label"), node.inner_text())
        ]

    def _until(self, is_so: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + WAIT_MS / 1000
        while not is_so():
            assert time.monotonic() < end, f"expected {what}, found {self.text()!r}"
            self.page.wait_for_timeout(20)


@dataclass
class Node:
    """A node in the notice."""

    devtools: CDPSession
    page: Page
    raw: dict[str, Any]

    @property
    def name(self) -> str:
        """Return its name in small letters."""
        return str(self.raw["nodeName"]).lower()

    @property
    def value(self) -> str:
        """Return the words of a text."""
        return str(self.raw["nodeValue"])

    @property
    def attributes(self) -> dict[str, str]:
        """Return its attributes."""
        listed = self.raw.get("attributes", [])
        return dict(zip(listed[::2], listed[1::2], strict=True))

    def inner_text(self) -> str:
        """Return the words in it."""
        return "".join(str(node["nodeValue"]) for node in inside(self.raw))

    def box(self) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom in the window."""
        about = {"backendNodeId": self.raw["backendNodeId"]}
        quad = self.devtools.send("DOM.getBoxModel", about)["model"]["border"]
        return quad[0], quad[1], quad[4], quad[5]

    def click_by_script(self) -> None:
        """Click it as a script does that got hold of it."""
        about = {"backendNodeId": self.raw["backendNodeId"]}
        held = self.devtools.send("DOM.resolveNode", about)["object"]["objectId"]
        call = {"objectId": held, "functionDeclaration": "function () { this.click(); }"}
        self.devtools.send("Runtime.callFunctionOn", call)

    def click(self) -> None:
        """Click it with the mouse, as a person does."""
        left, top, right, bottom = self.box()
        self.page.mouse.click((left + right) / 2, (top + bottom) / 2)


def inside(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the node and all below it, shadow roots left out."""
    yield node
    for child in node.get("children", []):
        yield from inside(child)
