"""The line between a site and a browser goes in; it comes out recorded, and broken when told to."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass
class Asked:
    """One request, and how much of its answer went over the line."""

    path: str
    range: str | None
    status: int = 0
    bytes: int = 0


class LineCutError(Exception):
    """The line broke; the server closes the connection, and the browser sees a network error."""


class Line:
    """An app that passes everything on to another one, as long as the line holds."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.asked: list[Asked] = []
        self.budget: int | None = None  # bytes below /bundle/ that still go through; None: all
        # Files by path that arrive otherwise than they are, such as a script of another version.
        self.edits: dict[str, Callable[[str], str]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, and break off its answer when the budget is used up."""
        asked = Asked(scope["path"], Headers(scope=scope).get("range"))
        self.asked.append(asked)
        limited = asked.path.startswith("/bundle/")
        if asked.path in self.edits:
            await self._edited(scope, receive, send)
            return

        async def pass_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                asked.status = message["status"]
            elif limited and self.budget is not None:
                # As slow as lines are, or the browser would drop what it had no time to read.
                await asyncio.sleep(0.01)
                part = message.get("body", b"")[: max(0, self.budget)]
                self.budget -= len(part)
                if len(part) < len(message.get("body", b"")):
                    asked.bytes += len(part)
                    await send({"type": "http.response.body", "body": part, "more_body": True})
                    raise LineCutError
            asked.bytes += len(message.get("body", b""))
            await send(message)

        await self.app(scope, receive, pass_on)

    async def _edited(self, scope: Scope, receive: Receive, send: Send) -> None:
        plain = {b"accept-encoding", b"if-none-match", b"if-modified-since", b"range"}
        asked = [(name, value) for name, value in scope["headers"] if name not in plain]
        body = b""
        headers: list[tuple[bytes, bytes]] = []

        async def collect(message: Message) -> None:
            nonlocal body
            if message["type"] == "http.response.start":
                headers.extend(message["headers"])
            body += message.get("body", b"")

        await self.app({**scope, "headers": asked}, receive, collect)
        changed = self.edits[scope["path"]](body.decode()).encode()
        kept = [one for one in headers if one[0] not in {b"content-length", b"etag"}]
        kept += [(b"content-length", str(len(changed)).encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": kept})
        await send({"type": "http.response.body", "body": changed})

    def sent(self, path: str = "/bundle/") -> int:
        """Return how many bytes of the files below `path` went over the line."""
        return sum(asked.bytes for asked in self.asked if asked.path.startswith(path))
