"""The original's ids and vectors beside ours, over real texts and hard ones.

How many texts have the same ids, and how far vectors are apart, in float32 and in int8.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page

from bench.encoders import float32_use_lite
from bench.original.page import original_page
from bench.table import print_table
from cutouts.assets import USE_LITE_VOCABULARY, fetch
from cutouts.corpus import read_corpus
from cutouts.encoders import load_encoder
from cutouts.encoders.receipt import cosines
from cutouts.encoders.unigram import RESERVED
from cutouts.golden import TEXTS
from cutouts.samples import read_sample

HARD = 1500  # texts of random characters, and as many of random pieces
REAL = 1000  # of each corpus
CHARS = 1000  # of a real text: more pieces than the model reads
ALLOWED = 1e-5
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


def main(folders: Sequence[Path]) -> None:
    """Compare ids and vectors of real and of hard texts; stop with an error where they differ."""
    shipped = load_encoder("use-lite")
    float32 = float32_use_lite()
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
        "random pieces": piece_texts(HARD),
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


def piece_texts(count: int) -> list[str]:
    """Return texts that run pieces together, among them many ways of the same sum."""
    chance = random.Random(8)  # noqa: S311  (nothing secret)
    listed = json.loads(fetch(USE_LITE_VOCABULARY).read_bytes())[RESERVED:]
    pieces = [piece.replace("\u2581", " ") for piece, _ in listed]
    odd = [":", ":30", ":00", "://", ":)", "aaa", "...", "!!", "--", " "]
    return [
        "".join(chance.choice(odd if chance.random() < 0.4 else pieces) for _ in range(length))
        for length in (chance.randint(1, 30) for _ in range(count))
    ]


def answers_of(page: Page, texts: Sequence[str]) -> list[dict[str, Any]]:
    """Return the original's ids and vector of each text."""
    found: list[dict[str, Any]] = []
    for start in range(0, len(texts), 100):
        # As JSON: lone surrogates pass in its escapes only.
        found += page.evaluate(EMBED, json.dumps(texts[start : start + 100]))
    return found
