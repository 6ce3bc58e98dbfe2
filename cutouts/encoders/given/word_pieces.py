"""A published tokenizer.json in, the same one as a browser reads it out; any other is refused.

Of the file only what was looked at is kept, so nothing unknown reaches the library that reads it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cutouts.encoders.description import TOKENIZER_FILE
from cutouts.encoders.given.folder import Given
from cutouts.encoders.tokenizer import Tokenizer
from cutouts.errors import EncoderError

NEAREST = (
    "take a model with BERT's word pieces, such as sentence-transformers/all-MiniLM-L6-v2 "
    "or minishlab/potion-base-8M"
)
MOST_PIECES = 1_000_000  # as bundle.schema.json has it
LONGEST_WORD = 10_000
NOTHING_ELSE = {"truncation": None, "padding": None, "post_processor": None, "decoder": None}


@dataclass(frozen=True, slots=True)
class WordPieces:
    """A tokenizer.json, and the ids that its model wants around a text (None: none)."""

    json: bytes
    unknown: int
    around: tuple[int, int] | None

    @property
    def vocabulary(self) -> int:
        """Return the number of pieces."""
        return Tokenizer(self.json).vocabulary


def read_word_pieces(given: Given) -> WordPieces:
    """Return the tokenizer; raise EncoderError when a browser would not read it so, by name."""
    if not given.has(TOKENIZER_FILE):
        raise EncoderError(
            f"{given.name} has no {TOKENIZER_FILE}: save it with a fast tokenizer, or {NEAREST}"
        )
    found = given.json(TOKENIZER_FILE)
    model, normalizer = _part(given, found, "model"), _part(given, found, "normalizer")
    before = _part(given, found, "pre_tokenizer")
    rules: dict[str, tuple[object, list[object]]] = {
        "model.type": (model.get("type", "WordPiece"), ["WordPiece"]),
        "normalizer.type": (normalizer.get("type"), ["BertNormalizer"]),
        "normalizer.clean_text": (normalizer.get("clean_text"), [True]),
        "normalizer.handle_chinese_chars": (normalizer.get("handle_chinese_chars"), [True]),
        "normalizer.lowercase": (normalizer.get("lowercase"), [True, False]),
        "normalizer.strip_accents": (normalizer.get("strip_accents"), [True, False, None]),
        "pre_tokenizer.type": (before.get("type"), ["BertPreTokenizer"]),
    }
    for name, (value, allowed) in rules.items():
        if value not in allowed or (value is not None and type(value) is not type(allowed[0])):
            raise _unread(given, name, value)
    vocabulary = _vocabulary(given, model)
    unknown = model.get("unk_token")
    if not isinstance(unknown, str) or unknown not in vocabulary:
        raise _unread(given, "model.unk_token", unknown)
    kept = {
        "version": "1.0",
        **NOTHING_ELSE,
        "added_tokens": _added(given, found.get("added_tokens"), vocabulary),
        "normalizer": {name.partition(".")[2]: rules[name][0] for name in list(rules)[1:6]},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "model": _model(given, model, unknown, vocabulary),
    }
    content = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    try:
        encoded = content.encode()
    except UnicodeEncodeError:
        raise EncoderError(
            f"{given.name}: {TOKENIZER_FILE} has half a character in a piece: {NEAREST}"
        ) from None
    around = _around(given, found.get("post_processor"), vocabulary)
    return WordPieces(encoded, vocabulary[unknown], around)


def _part(given: Given, found: dict[str, Any], name: str) -> dict[str, Any]:
    part = found.get(name)
    if not isinstance(part, dict):
        raise _unread(given, name, part)
    return part


def _unread(given: Given, name: str, value: object) -> EncoderError:
    shown = json.dumps(value)
    shown = shown if len(shown) <= 60 else f"{shown[:60]}…"
    return EncoderError(
        f"{given.name}: {TOKENIZER_FILE} has {name} {shown}, which the browser's tokenizer does "
        f"not read: {NEAREST}"
    )


def _vocabulary(given: Given, model: dict[str, Any]) -> dict[str, int]:
    """Return the pieces by id, which are 0, 1, 2, … each once."""
    vocabulary = model.get("vocab")
    if not isinstance(vocabulary, dict) or not 0 < len(vocabulary) <= MOST_PIECES:
        raise _unread(given, "model.vocab", type(vocabulary).__name__)
    ids = list(vocabulary.values())
    if not all(type(number) is int for number in ids) or sorted(ids) != list(range(len(ids))):
        raise EncoderError(
            f"{given.name}: {TOKENIZER_FILE} has a vocab whose ids are not 0 to "
            f"{len(ids) - 1}, each once: {NEAREST}"
        )
    return vocabulary


def _model(
    given: Given, model: dict[str, Any], unknown: str, vocabulary: dict[str, int]
) -> dict[str, Any]:
    prefix = model.get("continuing_subword_prefix", "##")
    longest = model.get("max_input_chars_per_word", 100)
    if not isinstance(prefix, str):
        raise _unread(given, "model.continuing_subword_prefix", prefix)
    if type(longest) is not int or not 0 < longest <= LONGEST_WORD:
        raise _unread(given, "model.max_input_chars_per_word", longest)
    return {
        "type": "WordPiece",
        "unk_token": unknown,
        "continuing_subword_prefix": prefix,
        "max_input_chars_per_word": longest,
        "vocab": vocabulary,
    }


def _added(given: Given, tokens: object, vocabulary: dict[str, int]) -> list[dict[str, Any]]:
    """Return the tokens that are taken from a text literally.

    Whether one swallows the spaces beside it (lstrip, rstrip) changes nothing: BERT's pieces are
    parted at spaces, which are then dropped.
    """
    if tokens is None:
        return []
    if not isinstance(tokens, list) or not all(isinstance(token, dict) for token in tokens):
        raise _unread(given, "added_tokens", tokens)
    kept = []
    for token in tokens:
        content, number = token.get("content"), token.get("id")
        if not content or not isinstance(content, str) or vocabulary.get(content) != number:
            raise _unread(given, "added_tokens", token)
        if token.get("single_word") or token.get("normalized"):
            raise _unread(given, f"added token {content}", token)
        flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
        kept.append({"id": number, "content": content, **flags, "special": True})
    return kept


def _around(given: Given, processor: object, vocabulary: dict[str, int]) -> tuple[int, int] | None:
    """Return the ids before and after a text: one each, or none at all."""
    if processor is None:
        return None
    names: list[object] = [processor]
    if isinstance(processor, dict) and processor.get("type") == "TemplateProcessing":
        single = processor.get("single")
        names = [_template_word(word) for word in single] if isinstance(single, list) else []
    elif isinstance(processor, dict) and processor.get("type") in (
        "BertProcessing",
        "RobertaProcessing",
    ):
        pairs = [processor.get(name) for name in ("cls", "sep")]
        names = [pair[0] if isinstance(pair, list) and pair else None for pair in pairs]
        names.insert(1, "")
    if names == [""]:
        return None
    if len(names) != 3 or names[1] != "":
        raise _unread(given, "post_processor", processor)
    before, after = names[0], names[2]
    for name in (before, after):
        if not isinstance(name, str) or name not in vocabulary:
            raise _unread(given, "post_processor", processor)
    return vocabulary[str(before)], vocabulary[str(after)]


def _template_word(word: object) -> object:
    """Return the name of a special token, "" for the text itself, None for anything else."""
    if not isinstance(word, dict) or len(word) != 1:
        return None
    ((kind, what),) = word.items()
    if kind == "Sequence":
        return ""
    return what.get("id") if isinstance(what, dict) else None
