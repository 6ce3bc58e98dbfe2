"""Texts and Python's answers go in; a one-time address comes out, where a browser answers too.

Everything that arrives is hostile until it is checked: any page that is open in any browser of this
machine can send requests to 127.0.0.1. The token in the address keeps them out; sizes, types and
ranges are checked anyway.
"""

from __future__ import annotations

import json
import math
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from cutouts.proof import BrowserAnswer, Difference, compare
from cutouts.serve import file_response
from cutouts.site import SiteFile

if TYPE_CHECKING:
    from cutouts.bundle import Answer

BATCH = 50
NUMBERS_PER_BATCH = 200_000  # with many labels, fewer texts at once
SLACK = 1 << 20
MAX_ID = 0xFFFFFFFF
MAX_MILLISECONDS = 1e9


class VisitError(ValueError):
    """What the page sent cannot be right."""


@dataclass(frozen=True, slots=True)
class Finish:
    """What the page said when it was done."""

    user_agent: str
    load_milliseconds: float


class Visit:
    """One browser's visit: what it has answered so far, and how it ended."""

    def __init__(
        self,
        texts: Sequence[str],
        expected: Sequence[Answer],
        labels: Sequence[str],
        page: SiteFile,
    ) -> None:
        self.texts = texts
        self.token = secrets.token_urlsafe(32)
        self.differences: list[Difference] = []  # one per text answered, in order
        self.milliseconds: list[float] = []
        self.failure = ""
        self.finish: Finish | None = None
        self.ended = threading.Event()
        self.last_sign = time.monotonic()
        self.on_finish: Callable[[Finish], tuple[bool, str]] = lambda _: (False, "")
        self._expected = expected
        self._labels = labels
        self._page = page
        self.batch = max(1, min(BATCH, NUMBERS_PER_BATCH // len(labels)))
        per_text = 1000 + sum(100 + 6 * len(label) for label in labels)
        sizes = [per_text + 12 * len(answer.ids) for answer in expected]
        batches = [
            sum(sizes[start : start + self.batch]) for start in range(0, len(sizes), self.batch)
        ]
        self._max_body = SLACK + 2 * max(batches, default=0)

    def routes(self) -> list[Route]:
        """Return the routes of the one-time address; with another token nothing is there."""
        return [
            Route("/prove/{token}/", self._guarded(self._send_page), methods=["GET"]),
            Route("/prove/{token}/texts", self._guarded(self._send_texts), methods=["GET"]),
            Route("/prove/{token}/answers", self._guarded(self._take_answers), methods=["POST"]),
            Route("/prove/{token}/done", self._guarded(self._take_done), methods=["POST"]),
            Route("/prove/{token}/failed", self._guarded(self._take_failure), methods=["POST"]),
        ]

    def _guarded(self, handler: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def guarded(request: Request) -> Response:
            given = request.path_params["token"].encode()
            if self.ended.is_set() or not secrets.compare_digest(given, self.token.encode()):
                return PlainTextResponse("There is nothing at this address.\n", 404)
            self.last_sign = time.monotonic()
            try:
                response: Response = await handler(request)
            except VisitError as error:
                self._end(f"the page sent what cannot be right: {error}")
                return PlainTextResponse(f"{error}\n", 400)
            return response

        return guarded

    async def _send_page(self, request: Request) -> Response:
        return await file_response(self._page, request.headers)

    async def _send_texts(self, _: Request) -> Response:
        self.differences.clear()  # a page that is loaded again starts again
        self.milliseconds.clear()
        # Escaped, so that a lone surrogate arrives as one.
        body = json.dumps({"texts": list(self.texts), "bundle": "/bundle/", "batch": self.batch})
        return Response(body, media_type="application/json")

    async def _take_answers(self, request: Request) -> Response:
        body = await self._body(request)
        start, given = body.get("from"), body.get("answers")
        answered = len(self.differences)
        if not isinstance(given, list) or type(start) is not int or start != answered:
            raise VisitError(
                f"answers from {str(start)[:50]} on, expected a list from {answered} on"
            )
        if not given or answered + len(given) > len(self.texts):
            raise VisitError(
                f"{len(given)} answers from {answered} on, but there are {len(self.texts)} texts"
            )
        for index, entry in enumerate(given, answered):
            answer = _read_answer(entry, index)
            self.differences.append(compare(self._expected[index], answer, self._labels))
            self.milliseconds.append(answer.milliseconds)
        return JSONResponse({"received": len(self.differences)})

    async def _take_done(self, request: Request) -> Response:
        body = await self._body(request)
        if len(self.differences) != len(self.texts):
            raise VisitError(f"done after {len(self.differences)} of {len(self.texts)} texts")
        user_agent = body.get("user_agent")
        if (
            not isinstance(user_agent, str)
            or not 0 < len(user_agent) <= 1000
            or not user_agent.isprintable()
        ):
            raise VisitError("user_agent is not a line of text")
        load = _number(body.get("load_milliseconds"), "load_milliseconds")
        if not 0 <= load <= MAX_MILLISECONDS:
            raise VisitError(f"load_milliseconds is {load}")
        self.finish = Finish(user_agent, load)
        passed, message = self.on_finish(self.finish)
        self.ended.set()
        return JSONResponse({"passed": passed, "message": message})

    async def _take_failure(self, request: Request) -> Response:
        body = await self._body(request)
        said = ": ".join(
            str(body.get(field, ""))[:limit] for field, limit in (("name", 100), ("message", 2000))
        )
        self._end("".join(char if char.isprintable() else " " for char in said))
        return JSONResponse({})

    async def _body(self, request: Request) -> dict[str, Any]:
        received = bytearray()
        async for part in request.stream():
            received += part
            if len(received) > self._max_body:
                raise VisitError(f"more than {self._max_body} bytes at once")
        try:
            body = json.loads(received)
        except (ValueError, RecursionError) as error:
            raise VisitError("no JSON") from error
        if not isinstance(body, dict):
            raise VisitError("JSON that is no object")
        return body

    def _end(self, failure: str) -> None:
        self.failure = failure
        self.ended.set()


def _read_answer(entry: Any, index: int) -> BrowserAnswer:
    if not isinstance(entry, dict):
        raise VisitError(f"answer {index} is no object")
    ids, tags = _list(entry, "ids", index), _list(entry, "tags", index)
    if not all(type(number) is int and 0 <= number <= MAX_ID for number in ids):
        raise VisitError(f"answer {index} has ids that are no token ids")
    if not all(isinstance(tag, str) for tag in tags):
        raise VisitError(f"answer {index} has tags that are no text")
    milliseconds = _number(entry.get("milliseconds"), "milliseconds")
    if not 0 <= milliseconds <= MAX_MILLISECONDS:
        raise VisitError(f"answer {index} took {milliseconds} milliseconds")
    scores = [_number(number, "a score") for number in _list(entry, "scores", index)]
    probabilities = [
        _number(number, "a probability") for number in _list(entry, "probabilities", index)
    ]
    return BrowserAnswer(ids, scores, probabilities, tags, milliseconds)


def _list(entry: dict[str, Any], field: str, index: int) -> list[Any]:
    found = entry.get(field)
    if not isinstance(found, list):
        raise VisitError(f"answer {index} has no list of {field}")
    return found


def _number(value: Any, name: str) -> float:
    """Return a number; JSON has no NaN and writes null for it."""
    if value is None:
        return math.nan
    if type(value) not in (int, float):
        raise VisitError(f"{name} is {str(value)[:50]!r}, expected a number")
    try:
        return float(value)
    except OverflowError:
        return math.inf
