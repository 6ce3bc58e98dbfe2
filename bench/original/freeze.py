"""Write the original's answers down, for tests: over its own pieces, and over few that fit a test.

python -m bench.original.freeze FOLDER
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bench.original.agreement import answers_of, hard_texts, piece_texts
from bench.original.page import original_page
from cutouts.assets import USE_LITE_VOCABULARY, fetch
from cutouts.encoders.tokenizer import Tokenizer
from cutouts.encoders.unigram import unigram_json
from cutouts.golden import TEXTS

ENCODE = """([pieces, json]) => {
  const tokenizer = new use.Tokenizer(pieces);
  return JSON.parse(json).map(text => tokenizer.encode(text));
}"""


def freeze(folder: Path) -> None:
    """Write the original's answers: over its own pieces, and over few pieces that fit a test."""
    texts = [text for text in TEXTS if len(text) < 2000]
    hard = [*piece_texts(200), *hard_texts(200), *_recent(), ":", ":a", ":30", " ", "a  b"]
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
