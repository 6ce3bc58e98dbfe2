"""Long texts in, short passages out that hold each word piece a few times, to fit a table to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from cutouts.encoders.tokenizer import Pieces, Tokenizer

SHORTEST, LONGEST = 4, 20  # words of a passage, about as long as a title or a sentence
ENOUGH = 4  # passages with a piece; six took half as long again and kept 0.003 more neighbours
MOST = 60_000


def choose_passages(texts: Sequence[str], tokenizer: Tokenizer) -> Pieces:
    """Return passages of these texts, each for the sake of a piece that had not ENOUGH of them.

    Taken at random, passages would be about frequent pieces again and again. The same texts give
    the same passages.
    """
    random = np.random.default_rng(0)
    found = list(dict.fromkeys(passage for text in texts for passage in _cut(text, random)))
    pieces = tokenizer.pieces([found[place] for place in random.permutation(len(found))])
    seen = np.zeros(tokenizer.vocabulary, np.int64)
    chosen: list[int] = []
    for number, ids in enumerate(pieces):
        distinct = np.unique(ids)
        if len(ids) and seen[distinct].min() < ENOUGH and len(chosen) < MOST:
            seen[distinct] += 1
            chosen.append(number)
    return pieces.take(chosen)


def _cut(text: str, random: np.random.Generator) -> Iterator[str]:
    """Yield the text in passages of random length."""
    words = text.split()
    start = 0
    while start < len(words):
        length = int(random.integers(SHORTEST, LONGEST + 1))
        yield " ".join(words[start : start + length])
        start += length
