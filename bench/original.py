"""USE lite on TensorFlow.js in Chromium, and ours, over the same texts: ids and vectors compared.

The original is the package `@tensorflow-models/universal-sentence-encoder`, on TensorFlow.js's
WebAssembly backend. Packages come from the user's npm registry, into the cache folder. The table
says how many texts have the same ids, and how far vectors are apart.

    python -m bench original
    python -m bench.original FOLDER    # freeze the original's answers, for tests
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, Route, sync_playwright

from bench.table import print_table
from cutouts.assets import (
    USE_LITE_MODEL,
    USE_LITE_SHARDS,
    USE_LITE_VOCABULARY,
    cache_folder,
    fetch,
)
from cutouts.browsers import find_browser
from cutouts.corpus import read_corpus
from cutouts.encoders import load_encoder
from cutouts.encoders.minilm import OnnxEncoder
from cutouts.encoders.receipt import cosines
from cutouts.encoders.tokenizer import Tokenizer
from cutouts.encoders.unigram import RESERVED, unigram_json
from cutouts.encoders.use_lite import use_lite_sources
from cutouts.encoders.use_lite_graph import float32_graph
from cutouts.golden import TEXTS
from cutouts.npm import download_package, open_packed
from cutouts.samples import read_sample

HARD = 1500  # texts of random characters, and as many of random pieces
REAL = 1000  # of each corpus
CHARS = 1000  # of a real text: more pieces than the model reads
ALLOWED = 1e-5
ADDRESS = "http://localhost/"
SCRIPTS = (
    ("@tensorflow/tfjs@4.22.0", "dist/tf.min.js"),
    ("@tensorflow/tfjs-backend-wasm@4.22.0", "dist/tf-backend-wasm.min.js"),
    (
        "@tensorflow-models/universal-sentence-encoder@1.3.3",
        "dist/universal-sentence-encoder.min.js",
    ),
)
ENGINE = ("@tensorflow/tfjs-backend-wasm@4.22.0", "dist/tfjs-backend-wasm-simd.wasm")

LOAD = """async () => {
  tf.wasm.setWasmPaths("/");
  await tf.setBackend("wasm");
  globalThis.model = await use.load({ modelUrl: "/model.json", vocabUrl: "/vocab.json" });
}"""
# A batch that ends in a text without pieces has no row for it, so another text follows.
EMBED = """async json => {
  const answers = [];
  for (const text of JSON.parse(json)) {
    const ids = model.tokenizer.encode(text);
    const rows = await model.embed([text, "a"]);
    answers.push({ ids, vector: Array.from((await rows.data()).slice(0, 512)) });
    rows.dispose();
  }
  return answers;
}"""
ENCODE = """([pieces, json]) => {
  const tokenizer = new use.Tokenizer(pieces);
  return JSON.parse(json).map(text => tokenizer.encode(text));
}"""


def main(folders: Sequence[Path]) -> None:
    """Compare ids and vectors of real and of hard texts; stop with an error where they differ."""
    shipped = load_encoder("use-lite")
    assert isinstance(shipped, OnnxEncoder)
    float32 = replace(shipped, model=float32_graph(use_lite_sources()[0]))
    rows, failed = [], False
    with original_page() as page:
        for name, texts in texts_by_name(folders).items():
            answers = answers_of(page, texts)
            pieces = shipped.tokenizer.pieces(texts)
            same = sum(
                ids.tolist() == answer["ids"] for ids, answer in zip(pieces, answers, strict=True)
            )
            theirs = np.array([answer["vector"] for answer in answers], np.float32)
            worst = float(np.abs(float32.encode(pieces) - theirs).max())
            close = cosines(shipped.encode(pieces), theirs)
            failed |= same < len(texts) or worst > ALLOWED
            rows.append(
                (
                    name,
                    len(texts),
                    same,
                    f"{worst:.1e}",
                    f"{close['mean_cosine']:.4f}",
                    f"{close['lowest_cosine']:.4f}",
                )
            )
    header = ("texts", "number", "same ids", "float32, largest difference")
    print_table((*header, "int8, mean cosine", "int8, lowest cosine"), rows)
    if failed:
        sys.exit(f"ids differ, or vectors by more than {ALLOWED}")


def texts_by_name(folders: Sequence[Path]) -> dict[str, list[str]]:
    """Return the texts to compare: ours, hard ones, posts, and those of each corpus given."""
    found = {
        "golden texts": list(TEXTS),
        "random characters of many scripts": hard_texts(HARD),
        "random pieces": _piece_texts(HARD),
    }
    corpora = {"20 Newsgroups": read_sample("20newsgroups", "test").texts}
    corpora |= {folder.name: read_corpus(folder / "test.csv").texts for folder in folders}
    for name, texts in corpora.items():
        some = texts[:: max(1, len(texts) // REAL)][:REAL]
        found[name] = [text[:CHARS] for text in some]
    return found


def hard_texts(count: int) -> list[str]:
    """Return texts of random characters, each run from one stretch of 256 in Unicode."""
    chance = random.Random(7)  # noqa: S311  (nothing secret)
    planes = [*range(0x34), *range(0xA0, 0xAE), *range(0xD7, 0x100), 0x4E, 0x6F, 0x9F]
    planes += [*range(0x100, 0x120), 0x161, 0x168, 0x1CC, *range(0x1D0, 0x1FC), 0x2F8, 0xE01]
    texts = []
    for _ in range(count):
        runs = []
        for _ in range(chance.randint(1, 6)):
            block = 0 if chance.random() < 0.3 else chance.choice(planes)
            codes = [256 * block + chance.randrange(256) for _ in range(chance.randint(1, 9))]
            runs.append("".join(map(chr, codes)))
        texts.append(chance.choice(["", " ", "  ", "\t", "a"]).join(runs))
    return texts


def _piece_texts(count: int) -> list[str]:
    """Return texts that run pieces together, among them many ways of the same sum."""
    chance = random.Random(8)  # noqa: S311  (nothing secret)
    listed = json.loads(fetch(USE_LITE_VOCABULARY).read_bytes())[RESERVED:]
    pieces = [piece.replace("\u2581", " ") for piece, _ in listed]
    odd = [":", ":30", ":00", "://", ":)", "aaa", "...", "!!", "--", " "]
    return [
        "".join(chance.choice(odd if chance.random() < 0.4 else pieces) for _ in range(length))
        for length in (chance.randint(1, 30) for _ in range(count))
    ]


@contextmanager
def original_page() -> Iterator[Page]:
    """Give a page in which the original is loaded, as its users load it: by script tags."""
    scripts = [_script(*script) for script in SCRIPTS]
    tags = "".join(f"<script src='/{path.name}'></script>" for path in scripts)
    model = {"model.json": fetch(USE_LITE_MODEL), "vocab.json": fetch(USE_LITE_VOCABULARY)}
    model |= {shard.name.removeprefix("use-lite-"): fetch(shard) for shard in USE_LITE_SHARDS}
    files = model | {path.name: path for path in (*scripts, _script(*ENGINE))}

    def answer(route: Route) -> None:
        name = route.request.url.removeprefix(ADDRESS)
        if name == "":
            page = f"<!doctype html><meta charset='utf-8'>{tags}"
            route.fulfill(body=page, content_type="text/html")
        elif name in files:
            route.fulfill(path=files[name])
        else:
            route.abort()

    with sync_playwright() as playwright:
        program = str(find_browser("chromium"))
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        page.route("**/*", answer)
        page.goto(ADDRESS)
        page.evaluate(LOAD)
        yield page
        browser.close()


def _script(requirement: str, member: str) -> Path:
    """Return the file of an npm package, from the cache folder or fetched now."""
    folder = cache_folder() / "bench" / requirement.replace("/", "+")
    path = folder / Path(member).name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as part:
            tarball = download_package(requirement, Path(part))
            with open_packed(tarball, member) as stream:
                (Path(part) / "whole").write_bytes(stream.read())
            (Path(part) / "whole").replace(path)
    return path


def answers_of(page: Page, texts: Sequence[str]) -> list[dict[str, Any]]:
    """Return the original's ids and vector of each text."""
    found: list[dict[str, Any]] = []
    for start in range(0, len(texts), 100):
        # As JSON: lone surrogates pass in its escapes only.
        found += page.evaluate(EMBED, json.dumps(texts[start : start + 100]))
    return found


def freeze(folder: Path) -> None:
    """Write the original's answers: over its own pieces, and over few pieces that fit a test."""
    texts = [text for text in TEXTS if len(text) < 2000]
    hard = [*_piece_texts(200), *hard_texts(200), *_recent(), ":", ":a", ":30", " ", "a  b"]
    listed = json.loads(fetch(USE_LITE_VOCABULARY).read_bytes())
    few = [
        entry
        for number, entry in enumerate(listed)
        if number < 500 or len(entry[0]) == 1 or ":" in entry[0]
    ]
    with original_page() as page:
        published = [
            {"text": text, "ids": answer["ids"]}
            | ({"vector": [round(x, 7) for x in answer["vector"]]} if number < 20 else {})
            for number, (text, answer) in enumerate(
                zip(texts, answers_of(page, texts), strict=True)
            )
        ]
        ids = page.evaluate(ENCODE, [few, json.dumps(hard)])
    tokenizer = json.loads(unigram_json([(piece, float(score or 0)) for piece, score in few]))
    pairs = [{"text": text, "ids": one} for text, one in zip(hard, ids, strict=True)]
    _write(folder / "published.json", {"texts": published})
    _write(folder / "few_pieces.json", {"tokenizer": tokenizer, "texts": pairs})
    assert [x.tolist() for x in Tokenizer(json.dumps(tokenizer).encode()).pieces(hard)] == ids


def _recent() -> list[str]:
    """Return each letter that Unicode took up after version 14 and that means an older one."""
    codes = [0xA7F1, *range(0x1CCD6, 0x1CCFA), *range(0x1E030, 0x1E06E)]
    return [f"a{chr(code)}b" for code in codes]


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    freeze(Path(sys.argv[1]))
