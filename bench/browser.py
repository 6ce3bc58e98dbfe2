"""Two bundles in one Chromium in; time per text, time to the first tag and memory of each, out."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.table import print_table
from cutouts.browsers import find_browser
from cutouts.corpus import Corpus, read_corpus
from cutouts.encoders import ENCODERS
from cutouts.samples import read_sample
from cutouts.serve import running_site, site_app
from cutouts.training import train

TEXTS = 500
ROUNDS = 5
CHARS = 80  # of a sample text: a title
ARGUMENTS = ["--no-sandbox", "--disable-background-networking"]
MEASURING = "--enable-blink-features=ForceEagerMeasureMemory"  # at once, not at the next collection

EACH_TEXT = """async texts => {
  const { loadBundle } = await import("/runtime/index.js");
  const tagger = await loadBundle("/bundle/");
  await tagger.tag(texts.slice(0, 50));
  const times = [];
  for (const text of texts) times.push((await tagger.inspect([text]))[0].milliseconds);
  tagger.close();
  return times;
}"""

FIRST_TAG = """async text => {
  const { loadBundle } = await import("/runtime/index.js");
  const begun = performance.now();
  const tagger = await loadBundle("/bundle/");
  await tagger.tag(text);
  const milliseconds = performance.now() - begun;
  const { bytesFromNetwork } = tagger.report;
  tagger.close();
  return { milliseconds, bytesFromNetwork };
}"""

MEMORY = """async loading => {
  const before = await performance.measureUserAgentSpecificMemory();
  const { loadBundle } = await import("/runtime/index.js");
  globalThis.tagger = await loadBundle("/bundle/");
  await globalThis.tagger.tag("one text");
  const after = await performance.measureUserAgentSpecificMemory();
  return after.bytes - before.bytes;
}"""


def main(folders: Sequence[Path]) -> None:
    """Train on the first corpus that is given (or 20 Newsgroups), then measure in Chromium."""
    corpus, titles = titles_of(folders)
    with tempfile.TemporaryDirectory() as out, ExitStack() as stack:
        urls = {}
        for encoder in ENCODERS:
            folder = Path(out) / encoder
            train(corpus, encoder=encoder, out=folder)
            urls[encoder] = stack.enter_context(running_site(site_app(folder)))
        with chromium() as browser:
            found = {name: _measure(browser, url, titles) for name, url in urls.items()}
    rows = [
        (
            name,
            f"{one['median']:.3f}",
            f"{found['minilm']['median'] / one['median']:.0f}",
            f"{one['cold']:.0f}",
            f"{one['warm']:.0f}",
            f"{one['memory'] / 1e6:.1f}",
        )
        for name, one in found.items()
    ]
    print(f"{len(titles)} titles of {corpus.name}, one Chromium, one thread; medians\n")
    header = ("encoder", "ms per text", "times as fast as minilm", "first tag, empty cache, ms")
    print_table((*header, "first tag, warm cache, ms", "memory after load, MB"), rows)


def titles_of(folders: Sequence[Path]) -> tuple[Corpus, list[str]]:
    """Return the first corpus given that has enough test texts, and these; or Reuters R8 and posts."""
    for folder in folders:
        test = read_corpus(folder / "test.csv", keep_duplicates=True)
        if len(test.texts) >= TEXTS:
            return read_corpus(folder / "train.csv"), list(test.texts[:TEXTS])
    test = read_sample("20newsgroups", "test")
    return read_sample("reuters-r8", "train"), [text[:CHARS] for text in test.texts[:TEXTS]]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give a Chromium in which memory can be measured."""
    with sync_playwright() as playwright:
        program = str(find_browser("chromium"))
        browser = playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS, MEASURING])
        try:
            yield browser
        finally:
            browser.close()


def _measure(browser: Browser, url: str, titles: list[str]) -> dict[str, float]:
    cold, warm = [], []
    for _ in range(ROUNDS):
        context = browser.new_context()
        cold.append(_first_tag(context, url, titles[0]))
        warm.append(_first_tag(context, url, titles[0]))
        context.close()
    times: list[float] = _in_page(browser, url, EACH_TEXT, titles)
    memory: float = _in_page(browser, url, MEMORY, None)
    return {
        "median": statistics.median(times),
        "cold": statistics.median(cold),
        "warm": statistics.median(warm),
        "memory": memory,
    }


def _first_tag(context: BrowserContext, url: str, text: str) -> float:
    page = _quiet_page(context, url)
    found = page.evaluate(FIRST_TAG, text)
    page.close()
    return float(found["milliseconds"])


def _in_page(browser: Browser, url: str, script: str, argument: Any) -> Any:
    context = browser.new_context()
    try:
        return _quiet_page(context, url).evaluate(script, argument)
    finally:
        context.close()


def _quiet_page(context: BrowserContext, url: str) -> Page:
    """Return the try page without its own scripts, so that it loads nothing by itself."""
    page = context.new_page()
    page.route("**/assets/**", lambda route: route.abort())
    page.goto(url)
    return page
