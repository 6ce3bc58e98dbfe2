"""A bundle and texts go in; a proof comes out that a real browser answers as Python does."""

from __future__ import annotations

import contextlib
import datetime
import importlib.metadata
import platform
import statistics
import sys
import time
import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send
from tqdm import tqdm

from cutouts.browsers import RunningBrowser, find_browser, running_browser
from cutouts.errors import ProofError, UsageError
from cutouts.proof import Proof, manifest_hash, summarise
from cutouts.serve import running_site, site_app
from cutouts.site import WEBAPP, prove_page
from cutouts.visit import Finish, Visit

if TYPE_CHECKING:
    from cutouts.bundle import Answer, Bundle

PATIENCE_SECONDS = 120.0  # loading a transformer on a slow machine is one long silence
LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Questions:
    """Texts with Python's answers to them, asked of any number of browsers."""

    bundle: Bundle
    texts: list[str]
    expected: list[Answer]
    manifest: str


def prove(
    bundle: Bundle,
    texts: Sequence[str],
    *,
    browser: str = "chromium",
    open_url: bool = False,
    webapp_folder: Path = WEBAPP,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Proof:
    """Return how far a browser agrees with Python on the golden texts and these.

    With `open_url` the person's own browser is asked instead of `browser`. Raises ProofError when
    the browser is missing, dies, falls silent or cannot load the bundle; a difference is no error
    but a proof that did not pass.
    """
    if not open_url:
        find_browser(browser)  # before anything is computed
    asked = ask_python(bundle, texts)
    return prove_in(asked, None if open_url else browser, webapp_folder, patience_seconds)


def prove_each(
    bundle: Bundle, texts: Sequence[str], browsers: Sequence[str], *, webapp_folder: Path = WEBAPP
) -> list[Proof]:
    """Return one proof for each browser; Python is asked once."""
    for name in browsers:
        find_browser(name)
    asked = ask_python(bundle, texts)
    return [prove_in(asked, name, webapp_folder) for name in dict.fromkeys(browsers)]


def ask_python(bundle: Bundle, texts: Sequence[str]) -> Questions:
    """Return the golden texts and these with Python's answers."""
    asked = [*bundle.golden_texts(), *texts]
    if not asked:
        raise UsageError("there is no text to prove the bundle with: give a corpus")
    manifest = manifest_hash(bundle.folder)
    return Questions(bundle, asked, list(bundle.answers(asked)), manifest)


def prove_in(
    asked: Questions,
    browser: str | None,
    webapp_folder: Path = WEBAPP,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Proof:
    """Return the proof of one browser; None stands for the person's own."""
    for attempt in (1, 2):
        try:
            return _visit(asked, browser, webapp_folder, patience_seconds)
        except DiedEarlyError as error:
            if attempt == 2:
                raise ProofError(str(error)) from error
    raise AssertionError("a loop over two attempts ends in its body")


class DiedEarlyError(Exception):
    """The browser ended before it answered anything; a second start often goes well."""


def _visit(
    asked: Questions, browser: str | None, webapp_folder: Path, patience_seconds: float
) -> Proof:
    folder = asked.bundle.folder
    page = prove_page(webapp_folder, asked.bundle.manifest["encoder"]["kind"])
    visit = Visit(asked.texts, asked.expected, asked.bundle.labels, page)
    made: list[Proof] = []
    version = ""

    def judge(finish: Finish) -> tuple[bool, str]:
        proof = _proof(asked, visit, finish, browser or engine_of(finish.user_agent), version)
        made.append(proof)
        return proof.passed, proof.verdict()

    visit.on_finish = judge
    app = _noticing(site_app(folder, webapp_folder, visit.routes()), visit)
    with running_site(app) as address:
        url = f"{address}/prove/{visit.token}/"
        if browser is None:
            _invite(url)
            _wait(visit, None, "the browser", None)
        else:
            with running_browser(browser, url) as running:
                version = running.version
                _wait(visit, running, browser, patience_seconds)
    if visit.failure:
        answered = f"after {len(visit.differences)} of {len(visit.texts)} texts"
        raise ProofError(
            f"{browser or 'the browser'} could not prove the bundle, {answered}: {visit.failure}"
        )
    return made[0]


def _wait(
    visit: Visit, running: RunningBrowser | None, name: str, patience_seconds: float | None
) -> None:
    """Wait until the page has ended, and raise when it cannot any more."""
    total = len(visit.texts)
    with tqdm(total=total, desc=name, unit="text", file=sys.stderr, disable=None, delay=1) as bar:
        while not visit.ended.wait(LOOK_SECONDS):
            bar.update(len(visit.differences) - bar.n)
            answered = len(visit.differences)
            if running is not None and not running.alive() and not visit.ended.is_set():
                ended = f"{name} ({running.version}) ended after {answered} of {total} texts"
                story = f"{ended} with code {running.process.returncode}: {running.last_words()}"
                raise ProofError(story) if answered else DiedEarlyError(story)
            silence = time.monotonic() - visit.last_sign
            if patience_seconds is not None and silence > patience_seconds:
                words = running.last_words() if running is not None else ""
                raise ProofError(
                    f"{name} gave no sign of life for {silence:.0f} s, after {answered} of "
                    f"{total} texts: prove again, or with --open in a browser you see. {words}"
                )
        bar.update(len(visit.differences) - bar.n)


def _noticing(app: ASGIApp, visit: Visit) -> ASGIApp:
    """Return `app` with each request noted as a sign of life; loading a bundle is many."""

    async def noticing(scope: Scope, receive: Receive, send: Send) -> None:
        visit.last_sign = time.monotonic()
        await app(scope, receive, send)

    return noticing


def _invite(url: str) -> None:
    print(
        f"Open this address in the browser to prove, on this machine, once:\n  {url}",
        file=sys.stderr,
        flush=True,
    )
    webbrowser.open(url)


def _proof(
    asked: Questions, visit: Visit, finish: Finish, engine: str, browser_version: str
) -> Proof:
    tolerance = float(asked.bundle.manifest["tolerance"])
    largest, passed, worst = summarise(asked.texts, visit.differences, tolerance)
    return Proof(
        manifest=asked.manifest,
        engine=engine,
        user_agent=finish.user_agent,
        date=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        texts=len(asked.texts),
        same_ids=sum(found.same_ids for found in visit.differences),
        same_tags=sum(found.same_tags for found in visit.differences),
        worst_difference=largest,
        tolerance=tolerance,
        milliseconds=float(statistics.median(visit.milliseconds)),
        load_milliseconds=finish.load_milliseconds,
        passed=passed,
        versions=_versions(browser_version),
        worst=worst,
    )


def engine_of(user_agent: str) -> str:
    """Return the engine behind a user agent, whose names are all in each other's."""
    if "Firefox/" in user_agent:
        return "firefox"
    if "Chrome/" in user_agent or "Chromium/" in user_agent:
        return "chromium"
    return "webkit" if "AppleWebKit/" in user_agent else "other"


def _versions(browser_version: str) -> dict[str, str]:
    versions = {"python": platform.python_version(), "system": platform.system()}
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        versions["cutouts"] = importlib.metadata.version("cutouts")
    if browser_version:
        versions["browser"] = browser_version
    return versions
