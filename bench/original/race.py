"""The original's page and ours in one Chromium: bytes, requests, time to the first tag, ms per text.

All tag the same texts with tags of the same corpus. Time to the first tag counts from the opening
of the page. Bytes are those of every file that was asked for until then; with brotli, of each as
`cutouts build` would compress it, where that helps.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.request import urlopen

import numpy as np
from playwright.sync_api import Browser, BrowserContext, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bench.browser import chromium, titles_of
from bench.encoders import by_default, float32_use_lite, rates
from bench.original.page import ENGINE, SCRIPTS, THREADED_ENGINE, use_lite_files
from bench.table import print_table
from cutouts.assets import fetch
from cutouts.compression import compress
from cutouts.corpus import Corpus
from cutouts.encoders import ENCODERS, load_encoder
from cutouts.export.tfjs_layers import layers_model
from cutouts.heads.cnn import CnnHead
from cutouts.samples import read_sample
from cutouts.serve import running_site, site_app
from cutouts.training import Learned, gather_evidence, learn, train

ORIGINAL = "the original: USE lite + CNN on TensorFlow.js"
TEXTS = 200
ROUNDS = 5
LENGTHS = {"medium": 300, "long": 1500}  # characters of a post; short texts are titles
ALLOWED = 1e-4  # between the original's probabilities in the page and in Python

THEIRS = """
async function load() {
  tf.wasm.setWasmPaths("/");
  tf.wasm.setThreadsCount(1);
  await tf.setBackend("wasm");
  const known = "indexeddb://encoder" in (await tf.io.listModels());
  const encoder = await use.load({
    modelUrl: known ? "indexeddb://encoder" : "/encoder/model.json",
    vocabUrl: "/encoder/vocab.json",
  });
  const head = await tf.loadLayersModel(known ? "indexeddb://head" : "/head/model.json");
  return {
    async tag(text) {
      const vector = await encoder.embed([text, "a"]);
      const one = vector.slice([0, 0], [1, 512]);
      const answer = head.predict(one);
      const probabilities = Array.from(await answer.data());
      tf.dispose([vector, one, answer]);
      return probabilities;
    },
    async time(text) {
      const vector = await encoder.embed([text]);
      const answer = head.predict(vector);
      await answer.data();
      tf.dispose([vector, answer]);
    },
    async keep() {
      if (known) return;
      await encoder.model.save("indexeddb://encoder");
      await head.save("indexeddb://head");
    },
  };
}
"""
OURS = """
async function load() {
  const { loadBundle } = await import("/runtime/index.js");
  const tagger = await loadBundle("/bundle/");
  return {
    tag: text => tagger.tag(text),
    time: async text => (await tagger.inspect([text]))[0].milliseconds,
    async keep() {},
  };
}
"""
FIRST_TAG = """
globalThis.ready = (async () => {
  globalThis.tagger = await load();
  await tagger.tag("one text");
  const milliseconds = performance.now();
  await tagger.keep();
  return milliseconds;
})();
"""
EACH_TEXT = """async texts => {
  const inside = [], outside = [];
  for (const text of texts.slice(0, 30)) await tagger.time(text);
  for (const text of texts) {
    const begun = performance.now();
    const milliseconds = await tagger.time(text);
    outside.push(performance.now() - begun);
    inside.push(milliseconds ?? outside.at(-1));
  }
  return [inside, outside];
}"""
MEMORY = "async () => (await performance.measureUserAgentSpecificMemory()).bytes"
HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}


def main(folders: Sequence[Path]) -> None:
    """Train on the first corpus that is given (or Reuters R8), then measure in Chromium."""
    corpus, titles = titles_of(folders)
    posts = read_sample("20newsgroups", "test").texts[:TEXTS]
    texts = {"short": titles[:TEXTS]}
    texts |= {name: [post[:chars] for post in posts] for name, chars in LENGTHS.items()}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack, chromium() as browser:
        learned = _learn_original(corpus)
        apps = {ORIGINAL: _original_app(learned, Path(folder) / "original")}
        for encoder in ENCODERS:
            out = Path(folder) / encoder
            train(corpus, encoder=encoder, out=out)
            apps[f"words + {encoder}"] = site_app(out, routes=_pages(OURS, ()))
        found = {}
        for name, app in apps.items():
            recorder = Recorder(app)
            url = stack.enter_context(running_site(recorder))
            # TensorFlow.js is faster where it has no threads; a table needs the exact clock.
            timed = "/race" if name == ORIGINAL else "/isolated"
            found[name] = _measure(browser, url, recorder, texts, timed)
            if name == ORIGINAL:
                _check_original(browser, url, learned, titles)
    print(
        f"{TEXTS} texts of each length, tags of {corpus.name}, one Chromium, one thread, medians\n"
    )
    _print(found, list(texts))
    _print_python(titles)


def _print(found: Mapping[str, Mapping[str, float]], lengths: Sequence[str]) -> None:
    loads = ("requests", "raw", "brotli", "cold", "warm", "memory")
    header = ("stack", "requests", "bytes, raw", "bytes, brotli", "times fewer")
    rows = []
    for name, one in found.items():
        fewer = found[ORIGINAL]["brotli"] / one["brotli"]
        counts = [f"{one[key]:,.0f}" for key in loads[:3]]
        rows.append((name, *counts, f"{fewer:.1f}", *(f"{one[key]:,.0f}" for key in loads[3:])))
    print_table((*header, "first tag, cold, ms", "first tag, warm, ms", "memory, bytes"), rows)
    print()
    rows = []
    for name, one in found.items():
        cells: list[str] = [name]
        for length in lengths:
            ratio = found[ORIGINAL][f"inside {length}"] / one[f"inside {length}"]
            cells += [f"{one[f'inside {length}']:.3f}", f"{one[f'outside {length}']:.3f}"]
            cells.append(f"{ratio:.1f}")
        rows.append(tuple(cells))
    columns = [(f"{x}, ms", f"{x}, ms with messages", f"{x}, times as fast") for x in lengths]
    print_table(("stack", *(cell for three in columns for cell in three)), rows)


def _print_python(titles: Sequence[str]) -> None:
    """Print how many texts each embeds per second in Python, in batches, all in turns."""
    original = float32_use_lite()
    encoders = [load_encoder(name) for name in ENCODERS]
    ways: list[Callable[[], object]] = [by_default(original, original.tokenizer.pieces(titles))]
    ways += [partial(one.encode, one.tokenizer.pieces(titles)) for one in encoders]
    found = rates(ways, len(titles))
    names = ["the original: USE lite in float32, by default", *ENCODERS]
    print()
    rows = [
        (name, f"{one:,.0f}", f"{one / found[0]:.1f}")
        for name, one in zip(names, found, strict=True)
    ]
    print_table(("in Python", f"texts/s, {len(titles)} titles", "times as fast"), rows)


def _learn_original(corpus: Corpus) -> Learned:
    return learn(gather_evidence(float32_use_lite(), corpus), corpus.label_names, "cnn", None)


def _original_app(learned: Learned, folder: Path) -> Starlette:
    """Return the original's site: scripts as published, USE lite's files, the head's."""
    head = learned.fitted.head
    assert isinstance(head, CnnHead)
    files = {f"encoder/{name}": path.read_bytes() for name, path in use_lite_files().items()}
    model = layers_model(head, learned.calibration, "head")
    files |= {f"head/{name}": data for name, data in model.items()}
    published = (*SCRIPTS, ENGINE, THREADED_ENGINE)
    files |= {asset.name: fetch(asset).read_bytes() for asset in published}
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    routes = _pages(THEIRS, [script.name for script in SCRIPTS])
    return Starlette(routes=[*routes, Mount("/", StaticFiles(directory=folder))])


def _pages(script: str, others: Sequence[str]) -> list[BaseRoute]:
    """Return the page that tags one text as soon as it can, also isolated from other origins."""
    tags = "".join(f"<script src='/{name}'></script>" for name in others)
    page = f"<!doctype html><meta charset=utf-8>{tags}<script type=module src=/race.js></script>"

    def html(request: Request) -> Response:
        isolated = request.url.path == "/isolated"
        return Response(page, media_type="text/html", headers=HEADERS if isolated else {})

    def javascript(_: Request) -> Response:
        return Response(script + FIRST_TAG, media_type="text/javascript")

    return [Route("/race", html), Route("/isolated", html), Route("/race.js", javascript)]


@dataclass
class Recorder:
    """An app, and the paths that were asked for and found."""

    app: ASGIApp
    paths: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (200, 206):
                self.paths.append(scope["path"])
            await send(message)

        await self.app(scope, receive, note)


def _measure(
    browser: Browser,
    url: str,
    recorder: Recorder,
    texts: Mapping[str, Sequence[str]],
    timed: str,
) -> dict[str, float]:
    cold, warm, asked = [], [], list[str]()
    for _ in range(ROUNDS):
        recorder.paths.clear()
        with _visit(browser) as context:
            cold.append(_first_tag(context, f"{url}/race")[1])
            asked = list(recorder.paths)
            warm.append(_first_tag(context, f"{url}/race")[1])
    contents = {path: urlopen(url + path).read() for path in set(asked)}  # noqa: S310  (our server)
    packed = [
        min(len(data), len(compress(data, "br", thorough=True))) for data in contents.values()
    ]
    found: dict[str, float] = {
        "requests": len(asked),
        "raw": sum(map(len, contents.values())),
        "brotli": sum(packed),
        "cold": statistics.median(cold),
        "warm": statistics.median(warm),
    }
    with _visit(browser) as context:
        page, _ = _first_tag(context, f"{url}/isolated")
        found["memory"] = page.evaluate(MEMORY)
    with _visit(browser) as context:
        page, _ = _first_tag(context, f"{url}{timed}")
        for length, some in texts.items():
            inside, outside = page.evaluate(EACH_TEXT, list(some))
            found[f"inside {length}"] = statistics.median(inside)
            found[f"outside {length}"] = statistics.median(outside)
    return found


@contextmanager
def _visit(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    try:
        yield context
    finally:
        context.close()


def _first_tag(context: BrowserContext, address: str) -> tuple[Page, float]:
    page = context.new_page()
    page.goto(address)
    return page, float(page.evaluate("ready"))


def _check_original(browser: Browser, url: str, learned: Learned, texts: Sequence[str]) -> None:
    """Say how far the page's probabilities are from Python's with the same two models."""
    encoder = float32_use_lite()
    pieces = encoder.tokenizer.pieces(list(texts))
    scores = learned.fitted.head.scores(pieces, encoder.encode(pieces))
    wanted = learned.calibration.probabilities(scores)
    with _visit(browser) as context:
        page, _ = _first_tag(context, f"{url}/race")
        script = "async all => Promise.all(JSON.parse(all).map(text => tagger.tag(text)))"
        answers = np.array(page.evaluate(script, json.dumps(list(texts))))
    worst = float(np.abs(answers - wanted).max())
    print(f"The original in the page and in Python: {worst:.1e} apart at most, {ALLOWED} allowed.")
    assert worst <= ALLOWED, "the original does not answer as it should"
