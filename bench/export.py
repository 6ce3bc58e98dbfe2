"""Reuters R8 in; how far the exported page's answers are from the bundle's, and how fast they come.

Trains the CNN on USE lite, exports it, and tags every text of the test split in Chromium, from the
text on. Beside it: what the same head would answer to the vectors of the published float32 model.

    python -m bench export
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from bench.browser import chromium
from bench.encoders import float32_use_lite
from bench.table import print_table
from cutouts.bundle import Bundle, load_bundle
from cutouts.export import export_bundle
from cutouts.samples import read_sample
from cutouts.serve import running_site
from cutouts.training import train

SAMPLE = "reuters-r8"
BATCH = 100  # texts in one call of the page
TIMED = {"10 pieces": 10, "40 pieces": 40, "128 pieces": 128}
REPEATS = 20

LOAD = """async () => {
  const { loadTagger } = await import("./tagger.js");
  const start = performance.now();
  globalThis.tagger = await loadTagger();
  return performance.now() - start;
}"""
TAG = """async json => {
  const answers = [];
  for (const text of JSON.parse(json)) answers.push(await tagger.tag(text));
  return answers;
}"""
TIME = """async ([text, repeats]) => {
  const times = [];
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    await tagger.tag(text);
    times.push(performance.now() - start);
  }
  return [tagger.encoder.tokenizer.encode(text).length, times.sort((a, b) => a - b)[repeats >> 1]];
}"""


def main(_: Sequence[Path]) -> None:
    """Train, export, tag every text, and print what came."""
    with tempfile.TemporaryDirectory() as folder:
        bundle_folder, out = Path(folder) / "bundle", Path(folder) / "tfjs"
        corpus, test = (read_sample(SAMPLE, part) for part in ("train", "test"))
        train(corpus, test, encoder="use-lite", head="cnn", out=bundle_folder)
        export_bundle(bundle_folder, "tfjs", out)
        bundle = load_bundle(bundle_folder)
        texts = [*bundle.golden_texts(), *test.texts]
        answers, times = _in_chromium(out, texts)
    expected = bundle.probabilities(texts)
    found = np.array([answer["probabilities"] for answer in answers])
    tags = [answer["tags"] for answer in answers]
    float32 = _with_float32(bundle, texts)
    rows = [
        _compared(bundle, "exported page", expected, found, tags),
        _compared(bundle, "float32 USE lite, in Python", expected, float32, None),
    ]
    print_table(("answers of", "texts", "same tags", "median difference", "largest"), rows)
    print()
    print_table(("in Chromium", "ms"), list(times.items()))
    if rows[0][1] != rows[0][2]:
        sys.exit("the page gives other tags than the bundle")


def _compared(
    bundle: Bundle,
    name: str,
    expected: NDArray[np.float64],
    found: NDArray[np.float64],
    tags: list[list[str]] | None,
) -> tuple[object, ...]:
    def decided(rows: NDArray[np.float64]) -> list[list[str]]:
        return [[tag.label for tag in bundle.decide(row)] for row in rows]

    given = decided(found) if tags is None else tags
    same = sum(a == b for a, b in zip(given, decided(expected), strict=True))
    apart = np.abs(found - expected).max(axis=1)
    return name, len(expected), same, f"{np.median(apart):.1e}", f"{apart.max():.1e}"


def _with_float32(bundle: Bundle, texts: list[str]) -> NDArray[np.float64]:
    return replace(bundle, encoder=float32_use_lite()).probabilities(texts)


def _in_chromium(folder: Path, texts: list[str]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return the page's answers, and the median milliseconds of what it does."""
    site = Starlette(routes=[Mount("/", StaticFiles(directory=folder, html=True))])
    answers: list[dict[str, Any]] = []
    with running_site(site) as address, chromium() as browser:
        page = browser.new_page()
        page.goto(address)
        page.get_by_role("heading", level=1, name=SAMPLE).wait_for()
        times = {"models, kept from a former visit": f"{page.evaluate(LOAD):.0f}"}
        for name, pieces in TIMED.items():
            read, median = page.evaluate(TIME, ["oil " * (pieces - 1), REPEATS])
            times[f"a text of {name} ({read})"] = f"{median:.0f}"
        for start in range(0, len(texts), BATCH):
            answers += page.evaluate(TAG, json.dumps(texts[start : start + BATCH]))
    return answers, times
