"""A bundle's tokenizer in; the one that an export holds, and the ids that its models read, out."""

from __future__ import annotations

import json
from typing import Any

from cutouts.bundle import Bundle
from cutouts.errors import EncoderError

CLS, SEP = "[CLS]", "[SEP]"

Brackets = tuple[int, int]  # the ids of [CLS] and [SEP]


def brackets_of(bundle: Bundle) -> Brackets | None:
    """Return what stands at either end of a text's ids, as every BERT tokenizer puts it there.

    None for a unigram tokenizer and for one that lacks them: a text's ids are its pieces alone.
    """
    if is_unigram(bundle):
        return None
    description, tokenizer = bundle.encoder.description, bundle.encoder.tokenizer
    if description.cls is not None and description.sep is not None:
        return description.cls, description.sep
    try:
        return tokenizer.id_of(CLS), tokenizer.id_of(SEP)
    except EncoderError:
        return None


def is_unigram(bundle: Bundle) -> bool:
    """Return whether pieces are chosen by what they score together, not read from left to right."""
    return bool(_tokenizer(bundle)["model"].get("type") == "Unigram")


def tokenizer_file(bundle: Bundle, brackets: Brackets | None) -> bytes:
    """Return tokenizer.json, which puts each text between its brackets and cuts none."""
    found = _tokenizer(bundle)
    if brackets is not None:
        special = {
            name: {"id": name, "ids": [number], "tokens": [name]}
            for name, number in zip((CLS, SEP), brackets, strict=True)
        }
        one, two = ({"Sequence": {"id": name, "type_id": 0}} for name in "AB")
        first, last = ({"SpecialToken": {"id": name, "type_id": 0}} for name in (CLS, SEP))
        found["post_processor"] = {
            "type": "TemplateProcessing",
            "single": [first, one, last],
            "pair": [first, one, last, two, last],
            "special_tokens": special,
        }
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()


def bracketed(ids: list[int], brackets: Brackets | None) -> list[int]:
    """Return what a model reads for these pieces."""
    return ids if brackets is None else [brackets[0], *ids, brackets[1]]


def _tokenizer(bundle: Bundle) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bundle.encoder.tokenizer_json)
    return found
