"""The configuration of a sentence-transformers folder in, what its vectors are made by out.

Everything that can be refused from small files is refused here, before weights are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from cutouts.encoders.given.exported import MODEL
from cutouts.encoders.given.folder import MOST_WEIGHTS, Given, field_of
from cutouts.encoders.given.word_pieces import NEAREST, WordPieces, read_word_pieces
from cutouts.errors import EncoderError

MODULES = "modules.json"
LIMITS = "sentence_bert_config.json"
PROMPTS = "config_sentence_transformers.json"
POOLINGS = ("cls", "mean", "max")
POOLING_FIELDS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
}
MOST_TOKENS = 512  # where the folder states no limit
LARGEST = 8192  # as bundle.schema.json has it
SMALLEST_SHARE = 4  # of the file's bytes at best: one byte for each weight of four


@dataclass(frozen=True, slots=True)
class Sentence:
    """How a folder turns pieces into a vector."""

    config: dict[str, Any]
    word_pieces: WordPieces
    pooling: str
    normalised: bool  # by the folder itself
    max_tokens: int


def read_sentence(given: Given, max_bytes: int | None = None) -> Sentence:
    """Return how the folder makes vectors; raise EncoderError when a browser could not, and why."""
    pooling, normalised = _modules(given)
    config = given.json("config.json")
    word_pieces = read_word_pieces(given)
    if word_pieces.around is None:
        raise EncoderError(
            f"{given.name}: tokenizer.json puts nothing around a text (post_processor), and a "
            "transformer needs its two tokens there: save the tokenizer again"
        )
    _check_prompts(given)
    limit = _max_tokens(given, config, word_pieces)
    check_size(given, MODEL, max_bytes)
    if not given.has(MODEL):
        raise given.missing(MODEL)
    return Sentence(config, word_pieces, pooling, normalised, limit)


def check_size(given: Given, name: str, max_bytes: int | None) -> None:
    """Raise EncoderError when a file of weights is so large that nothing made of it can fit."""
    size = sum(given.bytes_of(part) for part in (name, f"{name}_data", f"{name}.data"))
    if size > MOST_WEIGHTS:
        raise EncoderError(
            f"{given.name}: {name} has {size:,} bytes, {MOST_WEIGHTS:,} are allowed: {NEAREST}"
        )
    if max_bytes is not None and size > SMALLEST_SHARE * max_bytes:
        raise EncoderError(
            f"{given.name}: {name} has {size:,} bytes, of which at least a quarter remains, "
            f"and --max-bytes is {max_bytes:,}: use --encoder static, or give more"
        )


def _modules(given: Given) -> tuple[str, bool]:
    """Return the pooling, and whether the folder itself brings vectors to length 1."""
    if not given.has(MODULES):
        raise EncoderError(
            f"{given.name} has no {MODULES}, which says how tokens become one vector: "
            "give the folder of a sentence-transformers or Model2Vec model"
        )
    listed = given.json(MODULES, list)
    kinds, paths = [], []
    for module in listed:
        if not isinstance(module, dict):
            raise _wrong(given, f"the module {module!r}"[:80])
        kinds.append(str(field_of(given, module, "type", str, MODULES)).rpartition(".")[2])
        paths.append(str(field_of(given, module, "path", str, MODULES)))
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise _wrong(given, f"the modules {', '.join(kinds) or 'none'}"[:200])
    if PurePosixPath(paths[0]).parts:
        raise EncoderError(
            f"{given.name}: {MODULES} has the transformer in {paths[0]!r}, expected it in the "
            "folder itself: save it with a newer sentence-transformers"
        )
    return _pooling(given, f"{paths[1]}/config.json"), len(kinds) == 3


def _wrong(given: Given, found: str) -> EncoderError:
    return EncoderError(
        f"{given.name}: {MODULES} has {found}, a browser runs Transformer, Pooling and Normalize: "
        f"{NEAREST}"
    )


def _pooling(given: Given, name: str) -> str:
    config = given.json(name)
    if "pooling_mode" in config:
        chosen = [config["pooling_mode"]]
    else:
        chosen = [key for key in config if key.startswith("pooling_mode_") and config[key] is True]
        chosen = [POOLING_FIELDS.get(key, key.removeprefix("pooling_mode_")) for key in chosen]
    if len(chosen) != 1 or chosen[0] not in POOLINGS:
        said = " and ".join(map(str, chosen)) or "none"
        raise EncoderError(
            f"{given.name}: {name} has the pooling {said[:100]}, a browser runs one of "
            f"{', '.join(POOLINGS)}: {NEAREST}"
        )
    return str(chosen[0])


def _check_prompts(given: Given) -> None:
    """Raise EncoderError when each text would need words before it that no bundle adds."""
    if given.has(PROMPTS) and (prompt := given.json(PROMPTS).get("default_prompt_name")):
        raise EncoderError(
            f"{given.name}: {PROMPTS} puts the prompt {str(prompt)[:60]!r} before each text, "
            f"which a bundle does not: {NEAREST}"
        )


def _max_tokens(given: Given, config: dict[str, Any], word_pieces: WordPieces) -> int:
    """Return how many tokens the model reads; raise EncoderError where case is not as it says."""
    limits = given.json(LIMITS) if given.has(LIMITS) else {}
    if limits.get("do_lower_case") is True and b'"lowercase":true' not in word_pieces.json:
        raise EncoderError(
            f"{given.name}: {LIMITS} has do_lower_case, tokenizer.json does not: "
            "save the tokenizer with it"
        )
    stated = [
        field_of(given, where, name, int, file)
        for where, name, file in (
            (limits, "max_seq_length", LIMITS),
            (config, "max_position_embeddings", "config.json"),
        )
        if where.get(name) is not None
    ]
    least = min(stated, default=MOST_TOKENS)
    if not 3 <= least <= LARGEST:
        raise EncoderError(
            f"{given.name} reads {least:,} tokens, expected 3 to {LARGEST:,}: {NEAREST}"
        )
    return least
