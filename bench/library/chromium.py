"""Corpora in; how fast, how right and how large the library is in Chromium, out.

The first corpus trains the bundle, all of them give the cutouts (stock.py), whose file is made
beforehand (prepared.py) and put into the browser's private file system. What is timed then goes
through the library's real door in a real worker, vectors alone apart.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from bench.library.node import embed
from bench.library.prepared import Prepared, prepare, recall
from bench.library.stock import make_queries
from bench.library.window import Person, person
from bench.table import print_table
from cutouts.corpus import read_corpus
from cutouts.encoders import load_encoder
from cutouts.manifest import read_manifest
from cutouts.training import train

NUMBERS = (10_000, 100_000)
MILLION = 1_000_000
QUERIES = 400
BOOKMARKS = 10_000
FRAMES = "scrolling, ms per frame, p50 / p95 / slowest"
SAVES = 20
STARTS = 5

FIND = """
async (queries) => {
  const times = [];
  for (const text of [...queries.slice(0, 50), ...queries]) {
    const begun = performance.now();
    await library.ask("find", { text, limit: 20, offset: 0 });
    times.push(performance.now() - begun);
  }
  return times.slice(50);
}
"""
USE_MODEL = """
async () => {
  const begun = performance.now();
  const { name, error } = await library.ask("useModel", { url: new URL("/bundle/", location).href });
  if (name !== "ready") throw new Error(error.message);
  return performance.now() - begun;
}
"""
SAVE = """
async (titles) => {
  const times = [];
  for (const title of titles) {
    const plain = { kind: "page", body: "", note: "", address: "", anchor: null, asset: null };
    const cutout = { ...plain, tags: [], key: crypto.randomUUID(), title, created: Date.now() };
    const begun = performance.now();
    await library.ask("save", { cutout });
    times.push(performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return times;
}
"""
IMPORT = """
async ([html, last]) => {
  const file = new File([html], "bookmarks.html", { type: "text/html" });
  const begun = performance.now();
  const { added } = await library.ask("importFile", { file });
  const { total } = await library.ask("find", { text: last, limit: 20, offset: 0 });
  if (total === 0) throw new Error(`${last} is not found`);
  return { added, milliseconds: performance.now() - begun };
}
"""
CONTENTS = "async () => await library.ask('contents', null)"


def main(folders: Sequence[Path]) -> None:
    """Print the table for 10,000 and 100,000 cutouts."""
    _print(folders, NUMBERS)


def million(folders: Sequence[Path]) -> None:
    """Print the table for 1,000,000 cutouts."""
    _print(folders, (MILLION,))


def _print(folders: Sequence[Path], numbers: Sequence[int]) -> None:
    before = os.getloadavg()
    with tempfile.TemporaryDirectory() as out:
        bundle = Path(out) / "bundle"
        train(read_corpus(folders[0] / "train.csv"), encoder="static", out=bundle)
        found = [_measure(folders, number, bundle) for number in numbers]
    print_table(
        ("measured", "wanted", *(f"{number:,}" for number in numbers)),
        [(name, WANTED.get(name, ""), *(one[name] for one in found)) for name in found[0]],
    )
    load = " / ".join(f"{one:.2f}" for one in (*before, *os.getloadavg()))
    print(f"\nLoad of the machine in 1, 5, 15 minutes, before and after: {load}")


WANTED = {
    "words, ms, p50 / p95": "5 / 40",
    "hybrid, ms, p50 / p95": "- / 50",
    "vectors alone, ms, p50 / p95": "5 / -",
    "recall@10": "0.99",
    "first list, ms, median / slowest": "800 / -",
    "save, ms, median / slowest": "50 / -",
    f"import of {BOOKMARKS:,}, s": "10",
    "bytes beyond the text": "1,700",
}


def _measure(folders: Sequence[Path], number: int, bundle: Path) -> Mapping[str, str]:
    encoder = load_encoder("static")
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        made = prepare(folder, folders, number, read_manifest(bundle), encoder)
        queries = make_queries(made.titles, QUERIES)
        vectors = embed(queries, encoder)
        vectors.tofile(folder / "queries.f32")
        with person(folder, bundle) as one:
            settings = {"space": encoder.description.space, "queries": QUERIES}
            inside = one.inside("vectors", settings)
            found = _in_windows(one, made.titles, queries)
            return {
                **_cells(found, made),
                **_vector_cells(inside, recall(made, vectors, inside["nearest"])),
            }


@dataclass(frozen=True, slots=True)
class Found:
    """Milliseconds, and the size of the database."""

    words: list[float]
    hybrid: list[float]
    listed: list[float]
    model: float
    starts: list[float]
    frames: list[float]
    saves: list[float]
    imported: float
    bytes: int


def _in_windows(one: Person, titles: Sequence[str], queries: Sequence[str]) -> Found:
    with one.library() as window:
        size = int(window.evaluate(CONTENTS)["bytes"])
        words = window.evaluate(FIND, queries)
        listed = window.evaluate(FIND, [""] * 100)
    with one.library() as window:
        model = float(window.evaluate(USE_MODEL))
        hybrid = window.evaluate(FIND, queries)
        saves = window.evaluate(SAVE, list(titles[:SAVES]))
    starts = [one.first_list() for _ in range(STARTS)]
    frames = one.scrolled()
    with one.library() as window:
        html, last = bookmarks(titles[:BOOKMARKS])
        imported = window.evaluate(IMPORT, [html, last])
    if imported["added"] != BOOKMARKS:
        raise ValueError(f"{imported['added']} bookmarks were added, expected {BOOKMARKS}")
    milliseconds = float(imported["milliseconds"])
    return Found(words, hybrid, listed, model, starts, frames, saves, milliseconds, size)


def bookmarks(titles: Sequence[str]) -> tuple[str, str]:
    """Return a browser's export with a bookmark for each title, and the address of the last."""
    lines = [
        f'<DT><A HREF="https://mark{place}.example.net/" ADD_DATE="{1_690_000_000 + place}">'
        f"{escape(title)}</A>"
        for place, title in enumerate(titles)
    ]
    head = "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<TITLE>Bookmarks</TITLE>\n<DL><p>\n"
    return head + "\n".join(lines) + "\n</DL><p>\n", f"https://mark{len(titles) - 1}.example.net/"


def _cells(found: Found, made: Prepared) -> Mapping[str, str]:
    each = (found.bytes - made.own_bytes) / len(made.titles)
    return {
        "words, ms, p50 / p95": _halves(found.words),
        "words, slowest, ms": f"{max(found.words):.0f}",
        "hybrid, ms, p50 / p95": _halves(found.hybrid),
        "list, ms, p50 / p95": _halves(found.listed),
        "model ready, ms": f"{found.model:.0f}",
        "first list, ms, median / slowest": _slowest(found.starts),
        FRAMES: f"{_halves(found.frames)} / {max(found.frames):.0f}",
        "save, ms, median / slowest": _slowest(found.saves),
        f"import of {BOOKMARKS:,}, s": f"{found.imported / 1000:.1f}",
        "bytes beyond the text": f"{each:,.0f}",
    }


def _vector_cells(inside: Mapping[str, Any], shares: Sequence[float]) -> Mapping[str, str]:
    own, every = [f"{share:.4f}" for share in shares]
    return {
        "passages": f"{inside['passages']:,}",
        "vectors loaded, ms": f"{inside['loaded']:.0f}",
        "vectors alone, ms, p50 / p95": _halves(inside["times"]),
        "recall@10": own,
        "recall@10 with every row scored": every,
    }


def _halves(times: Sequence[float]) -> str:
    return f"{np.median(times):.1f} / {np.percentile(times, 95):.1f}"


def _slowest(times: Sequence[float]) -> str:
    return f"{np.median(times):.0f} / {max(times):.0f}"
