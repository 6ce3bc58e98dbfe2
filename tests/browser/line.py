"""The line between a site and a browser goes in; it comes out recorded, and broken when told to."""

import asyncio
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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, and break off its answer when the budget is used up."""
        asked = Asked(scope["path"], Headers(scope=scope).get("range"))
        self.asked.append(asked)
        limited = asked.path.startswith("/bundle/")

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

    def sent(self, path: str = "/bundle/") -> int:
        """Return how many bytes of the files below `path` went over the line."""
        return sum(asked.bytes for asked in self.asked if asked.path.startswith(path))
