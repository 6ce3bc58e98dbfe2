"""Pieces with scores and texts in, ids out: those of the tokenizer that USE lite was published with.

It is a port of SentencePiece's unigram model (Kudo 2018) to JavaScript: the way through the text
whose scores have the largest sum, found from left to right (Viterbi). Its oddities change ids, so
they are kept, which the library `tokenizers` cannot do:

* Among ways of the same sum, the one with the shortest last piece wins, and the sums are floats
  added from the start of the text: rounding may decide.
* A sum of exactly 0 counts as "no way found yet", so a worse one replaces it.
* A character is unknown only where no piece begins, and costs nothing.
* A run of unknown characters is one piece, id 0.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutouts.errors import EncoderError

RESERVED = 6  # the first pieces stand for no text
SPACE = "\u2581"  # written for each space, and before the text
LONGEST_KEPT = 64  # characters of a word whose pieces are remembered
MOST_KEPT = 200_000  # words
CLOSE = 1e-6  # two ways nearer than this may be told apart by rounding

# Tables of Unicode grow, and differ between Python versions and browsers. Normalisation is that of
# Unicode 14, the oldest table here; letters that came later are first written as what they mean.
_CYRILLIC = "абвгдежзиклмопрстуфхцчшыэюꚉәіјөүӏабвгдежзиклопсуфхцчшъыґіѕџҫꙑұ"
RECENT_LETTERS = {0xA7F1: "S"}
for _first, _letters in (
    (0x1CCD6, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
    (0x1E030, _CYRILLIC),
):
    RECENT_LETTERS |= {_first + _i: _letter for _i, _letter in enumerate(_letters)}
# Combining marks since Unicode 14: older tables do not know that they combine.
RECENT_MARKS = re.compile(
    "([\u0897\u1acf-\u1add\u1ae0-\u1aeb\U000105c9\U000105e4\U00010d69-\U00010d6d"
    "\U00010efa\U00010efb\U00010efd-\U00010eff\U000113ce-\U000113d0\U00011f41\U00011f42"
    "\U0001612f\U0001e08f\U0001e4ec-\U0001e4ef\U0001e5ee\U0001e5ef\U0001e6e3\U0001e6e6"
    "\U0001e6ee\U0001e6ef\U0001e6f5])"
)


@dataclass(slots=True)
class Node:
    """Where a beginning of pieces leads: further characters, and the piece that ends here."""

    following: dict[str, Node]
    id: int = -1
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Word:
    """The best way through a word, which holds for every sum before it that is below `limit`."""

    ids: tuple[int, ...]  # unknown runs merged
    scores: tuple[float, ...]
    limit: float


class Unigram:
    """The tokenizer over one list of pieces."""

    def __init__(self, pieces: Sequence[tuple[str, float]]) -> None:
        """Take pieces with scores, in order of their ids; the last of equal pieces counts."""
        self._root = Node({})
        self._scores = [score for _, score in pieces]
        self._lengths = [len(piece) for piece, _ in pieces]
        self._known: dict[str, Word] = {}
        for id_, (piece, score) in enumerate(pieces[RESERVED:], RESERVED):
            node = self._root
            for char in piece:
                node = node.following.setdefault(char, Node({}))
            node.id, node.score = id_, score

    def encode(self, text: str) -> NDArray[np.uint32]:
        """Return the ids of a well-formed text's pieces.

        Pieces hold the space sign at their beginning only, so a way through the text passes every
        sign, and each word can be looked at alone; only the sum before it may matter.
        """
        total, ids = 0.0, list[int]()
        for word in split(text):
            known = self._known.get(word)
            if known is None and len(word) <= LONGEST_KEPT:
                known = self._look_at(word)
            if known is None or total >= known.limit:
                path, _ = self._best(word, total)
                known = self._word(path, 0.0)
            for score in known.scores:
                total += score
            ids.extend(known.ids)
        return np.array(ids, np.uint32)

    def _look_at(self, word: str) -> Word:
        """Return the best way through the word behind any text, and remember it."""
        far = -1000.0  # no word of this length comes back to 0
        path, (closest, highest) = self._best(word, far)
        limit = far - highest - 1 if closest > CLOSE else -float("inf")
        if len(self._known) >= MOST_KEPT:
            self._known.clear()
        found = self._known[word] = self._word(path, limit)
        return found

    def _word(self, path: list[int], limit: float) -> Word:
        merged = [id_ for i, id_ in enumerate(path) if id_ or i == 0 or path[i - 1]]
        scores = tuple(self._scores[id_] for id_ in path if id_)
        return Word(tuple(merged), scores, limit)

    def _best(self, word: str, total: float) -> tuple[list[int], tuple[float, float]]:
        """Return the ids of the best way, the closest decision, and the highest sum on the way."""
        size = len(word)
        best, last = [0.0] * (size + 1), [0] * (size + 1)
        best[0] = total
        closest, highest = float("inf"), -float("inf")
        for start in range(size):
            before = best[start]
            for stop, id_, score in self._from(word, start):
                sum_ = score + before
                highest = max(highest, sum_)
                if best[stop] != 0:
                    closest = min(closest, abs(sum_ - best[stop]))
                if best[stop] == 0 or sum_ >= best[stop]:
                    best[stop], last[stop] = sum_, id_
        path: list[int] = []
        while size > 0:
            path.append(last[size])
            size -= self._lengths[last[size]]
        return path[::-1], (closest, highest)

    def _from(self, word: str, start: int) -> list[tuple[int, int, float]]:
        """Return where pieces that begin at `start` end, with id and score; or one unknown."""
        found: list[tuple[int, int, float]] = []
        node: Node | None = self._root
        for stop in range(start, len(word)):
            node = node.following.get(word[stop]) if node else None
            if node is None:
                break
            if node.id >= 0:
                found.append((stop + 1, node.id, node.score))
        return found or [(start + 1, 0, 0.0)]


def split(text: str) -> list[str]:
    """Return the normalised text in words, each with the space sign before it."""
    if not text.isascii():
        parts = RECENT_MARKS.split(text.translate(RECENT_LETTERS))
        text = "".join(unicodedata.normalize("NFKC", part) for part in parts)
    if not text:
        return []
    return [SPACE + word for word in text.replace(SPACE, " ").split(" ")]


def unigram_json(pieces: Sequence[tuple[str, float]]) -> bytes:
    """Return the pieces as a tokenizer.json, in the layout that `tokenizers` reads."""
    space = {"type": "Replace", "pattern": {"String": " "}, "content": SPACE}
    steps = [{"type": "NFKC"}, {"type": "Prepend", "prepend": SPACE}, space]
    description: dict[str, Any] = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "Sequence", "normalizers": steps},
        "pre_tokenizer": None,
        "post_processor": None,
        "decoder": None,
        "model": {"type": "Unigram", "unk_id": 0, "vocab": pieces, "byte_fallback": False},
    }
    return json.dumps(description, ensure_ascii=False, separators=(",", ":")).encode()


def read_unigram(description: dict[str, Any]) -> list[tuple[str, float]]:
    """Return the pieces of a tokenizer.json of this kind; raise EncoderError when it is none."""
    pieces = description["model"].get("vocab")
    if not isinstance(pieces, list) or len(pieces) <= RESERVED or not all(map(_is_piece, pieces)):
        raise EncoderError(
            f"tokenizer.json lists no pieces with scores, expected more than {RESERVED} pairs, "
            f"with {SPACE} only where a piece begins: build the bundle again"
        )
    alone = {piece for piece, _ in pieces if len(piece) == 1}
    lost = {char for piece, _ in pieces[RESERVED:] for char in piece} - alone
    if lost or SPACE not in alone or len(pieces[0][0]) != 1:
        raise EncoderError(
            f"tokenizer.json has no piece for {sorted(lost)[0] if lost else SPACE!r} alone: "
            "build the bundle again"
        )
    return [(piece, float(score)) for piece, score in pieces]


def _is_piece(entry: object) -> bool:
    if not isinstance(entry, list) or len(entry) != 2:
        return False
    piece, score = entry
    fits = isinstance(piece, str) and piece != "" and SPACE not in piece[1:]
    return fits and isinstance(score, int | float) and -1e6 < score < 1e6
