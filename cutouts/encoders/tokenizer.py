"""Texts in, word pieces out: the published tokenizer, without special tokens and truncation."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tokenizers
from numpy.typing import NDArray

from cutouts.encoders.unigram import Unigram, read_unigram
from cutouts.errors import EncoderError

MAX_CHARS = 100_000  # code points of a text that are read: what follows hardly changes a tag
BATCH = 512  # texts tokenized at once; bounds the memory that the tokenizer's answers take


@dataclass(frozen=True, slots=True)
class Pieces:
    """The word pieces of several texts in a row: text i is ids[starts[i] : starts[i + 1]]."""

    ids: NDArray[np.uint32]  # (total,)
    starts: NDArray[np.int64]  # (texts + 1,)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, text: int) -> NDArray[np.uint32]:
        return self.ids[self.starts[text] : self.starts[text + 1]]

    def __iter__(self) -> Iterator[NDArray[np.uint32]]:
        return (self[text] for text in range(len(self)))

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Return the number of pieces of each text."""
        return np.diff(self.starts)

    def texts(self) -> NDArray[np.int64]:
        """Return for each piece the number of its text."""
        return np.repeat(np.arange(len(self)), self.lengths)

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> Pieces:
        """Return the pieces of the texts `rows`, in that order."""
        return join([self[int(row)] for row in rows])


def join(parts: Sequence[NDArray[np.uint32]]) -> Pieces:
    """Return the pieces of several texts as one value."""
    starts = np.zeros(len(parts) + 1, np.int64)
    np.cumsum([len(part) for part in parts], out=starts[1:])
    ids = np.concatenate(parts) if parts else np.zeros(0)
    return Pieces(ids.astype(np.uint32), starts)


def prepare(text: str, max_chars: int = MAX_CHARS) -> str:
    """Return well-formed text of at most `max_chars` code points; lone surrogates become U+FFFD."""
    if not text.isascii():
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text[:max_chars]


class Tokenizer:
    """The tokenizer that a tokenizer.json describes, on texts of any length and content."""

    def __init__(self, description: bytes) -> None:
        """Read the bytes of a tokenizer.json; raise EncoderError when they are none."""
        self._tokenizer: tokenizers.Tokenizer | Unigram
        if (unigram := _unigram_in(description)) is not None:
            pieces = read_unigram(unigram)
            self._tokenizer, self.vocabulary = Unigram(pieces), len(pieces)
            return
        try:
            self._tokenizer = tokenizers.Tokenizer.from_buffer(description)
        except ValueError as error:
            raise EncoderError(f"tokenizer.json cannot be read ({error}): build it again") from None
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.vocabulary = self._tokenizer.get_vocab_size()

    def id_of(self, piece: str) -> int:
        """Return the id of a special piece; raise EncoderError when the vocabulary lacks it."""
        inner = self._tokenizer
        found = None if isinstance(inner, Unigram) else inner.token_to_id(piece)
        if found is None:
            raise EncoderError(f"the tokenizer has no {piece} piece: it is not MiniLM's")
        return int(found)

    def pieces(
        self,
        texts: Sequence[str],
        *,
        max_chars: int = MAX_CHARS,
        progress: Callable[[int], object] | None = None,
    ) -> Pieces:
        """Return the pieces of each text; `progress` is told how many texts each step did."""
        parts: list[NDArray[np.uint32]] = []
        for start in range(0, len(texts), BATCH):
            batch = [prepare(text, max_chars) for text in texts[start : start + BATCH]]
            if isinstance(self._tokenizer, Unigram):
                parts.extend(map(self._tokenizer.encode, batch))
            else:
                found = self._tokenizer.encode_batch_fast(batch, add_special_tokens=False)
                parts.extend(np.array(encoding.ids, np.uint32) for encoding in found)
            if progress is not None:
                progress(len(batch))
        return join(parts)


def _unigram_in(description: bytes) -> dict[str, Any] | None:
    """Return the parsed file when its model is a Unigram, which is read by our own code."""
    if b'"Unigram"' not in description:
        return None
    try:
        found = json.loads(description)
    except ValueError as error:
        raise EncoderError(f"tokenizer.json cannot be read ({error}): build it again") from None
    model = found.get("model") if isinstance(found, dict) else None
    is_unigram = isinstance(model, dict) and model.get("type") == "Unigram"
    return found if is_unigram else None


def plain_tokenizer(published: bytes) -> bytes:
    """Return a tokenizer.json without truncation, padding and white space: what a bundle holds."""
    description: dict[str, Any] = json.loads(published)
    description["truncation"] = None
    description["padding"] = None
    return json.dumps(description, ensure_ascii=False, separators=(",", ":")).encode()
