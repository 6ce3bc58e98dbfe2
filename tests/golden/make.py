"""Nothing in; the golden bundles beside this file out, the same bytes at every run.

    python -m tests.golden.make

Weights come from a fixed row of numbers, answers from reference.py: nothing here is the package's.
"""

import hashlib
import itertools
import json
import struct
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

from tests.golden import reference

HERE = Path(__file__).resolve().parent
DIM = 16
MAX_CHARS = 200
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = ["the", "apple", "pear", "juice", "motor", "valve", "oil", "song", "choir", "drum", "und"]
OTHERS = [
    "##s",
    "##ing",
    "straße",
    "日",
    "本",
    "и",
    "##и",
    "й",
    "ה",
    "##ה",
    ".",
    ",",
    "!",
    "+",
    "😀",
]
TEXTS = [
    "",
    " \t\n\r ",
    "the apple",
    "The APPLES, the pear & the juice!",
    "motor oil valve",
    "oil oil oil oil motor",
    "song choir drum song choir",
    "drumming und singing",
    "apple motor song",
    "Äpple pèar e\u0301 straße STRASSE",
    "日本 apple 日",
    "ии й И",
    "הה drum",
    "😀 😀! 👩\u200d👧",
    "\ud83d\ude00 lone \ud83d and \ude00",
    "nul\x00 bell\x07 zero\u200bwidth \ufffd",
    "[CLS] apple [SEP] [MASK]",
    "w" * 101 + " pear",
    "zzz qqq",
    "apple pear " * 30,
]
LINEAR = ["fruit", "engine", "music"]
SEVERAL = ["c++", '<b>"quotes" & more</b>', "日本語 🍎", "none of these", "a\tb"]
CNN = ["one", "two", "three"]


def numbers(seed: int) -> Iterator[float]:
    """Yield numbers between -1 and 1 with three decimals, by a linear congruential generator."""
    while True:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        yield (seed >> 33) % 2001 / 1000 - 1


class Weights:
    """Tensors by name: as nested lists of what float32 or int8 make of them, and as a file."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self.lists: dict[str, Any] = {}
        self.tensors: dict[str, tuple[str, list[int], bytes]] = {}

    def add(self, name: str, kind: str, shape: list[int], flat: list[Any]) -> None:
        """Add a tensor given as a flat list."""
        code = {"F32": "f", "I8": "b", "U16": "H", "U32": "I"}[kind]
        data = struct.pack(f"<{prod(shape)}{code}", *flat)
        kept = list(struct.unpack(f"<{prod(shape)}{code}", data))
        for size in reversed(shape[1:]):
            kept = [kept[start : start + size] for start in range(0, len(kept), size)]
        self.lists[name] = kept
        self.tensors[name] = (kind, shape, data)

    def random(self, name: str, shape: list[int], seed: int, scale: float = 1.0) -> None:
        """Add a float32 tensor of made-up numbers."""
        row = numbers(seed)
        self.add(name, "F32", shape, [next(row) * scale for _ in range(prod(shape))])

    def file(self) -> bytes:
        """Return the tensors in the safetensors format, widest types first as it asks."""
        header: dict[str, Any] = {}
        body = b""
        order = sorted(self.tensors, key=lambda n: (self.tensors[n][0] in ("I8", "U16"), n))
        for name in sorted(order, key=lambda n: self.tensors[n][0] == "I8"):
            kind, shape, data = self.tensors[name]
            places = [len(body), len(body) + len(data)]
            header[name] = {"dtype": kind, "shape": shape, "data_offsets": places}
            body += data
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        return struct.pack("<Q", len(text)) + text + body


def tokenizer() -> dict[str, Any]:
    """Return a tokenizer.json like MiniLM's, with few pieces."""
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    pieces = [*SPECIAL, *letters, *(f"##{letter}" for letter in letters), *WORDS, *OTHERS]
    vocabulary = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {"id": vocabulary[name], "content": name, "special": True, **flags} for name in SPECIAL
        ],
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": True,
            "strip_accents": None,
            "lowercase": True,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": vocabulary,
        },
    }


def table(vocabulary: dict[str, int]) -> Weights:
    """Return rows for every piece that is neither special nor one of three that have none."""
    without = {*SPECIAL, "juice", "й", "!"}
    pieces = sorted(index for piece, index in vocabulary.items() if piece not in without)
    row, count = numbers(1), len(pieces)
    weights = Weights()
    weights.add("pieces", "U16", [count], pieces)
    flat = [round(next(row) * 127) for _ in range(count * DIM)]
    weights.add("rows", "I8", [count, DIM], flat)
    weights.add("scales", "F32", [count], [0.001 + abs(next(row)) / 100 for _ in range(count)])
    return weights


def linear_head(vocabulary: dict[str, int], labels: int, seed: int) -> Weights:
    """Return a head over single words and some pairs of them."""
    ids = [vocabulary[word] for word in WORDS]
    keys = [0xFFFF0000 + piece for piece in ids]
    keys += [first << 16 | second for first, second in itertools.pairwise(ids)]
    keys.append(ids[1] << 16 | ids[1])
    keys.sort()
    row, count = numbers(seed), len(keys)
    weights = Weights()
    weights.add("keys", "U32", [count], keys)
    weights.add("idf", "F32", [count], [1 + abs(next(row)) for _ in keys])
    flat = [round(next(row) * 127) for _ in range(count * labels)]
    weights.add("rows", "I8", [count, labels], flat)
    weights.add("row_scales", "F32", [count], [0.01 + abs(next(row)) / 50 for _ in keys])
    weights.random("vector_weights", [labels, DIM], seed + 1)
    weights.random("bias", [labels], seed + 2, 0.5)
    return weights


def calibrated(weights: Weights, slope: list[float], offset: list[float]) -> Weights:
    """Return the head with its calibration."""
    weights.add("slope", "F32", [len(slope)], slope)
    weights.add("offset", "F32", [len(offset)], offset)
    return weights


NETWORK: list[dict[str, Any]] = [
    {"type": "reshape", "shape": [8, 2]},
    {"type": "conv1d", "activation": "relu", "strides": 2, "padding": "same", "dilation": 1},
    {"type": "batch_normalization"},
    {"type": "conv1d", "activation": "tanh", "strides": 1, "padding": "valid", "dilation": 2},
    {"type": "max_pooling1d", "size": 2, "strides": 1, "padding": "same"},
    {"type": "global_average_pooling1d"},
    {"type": "dense", "activation": "softmax"},
]


def cnn_head() -> Weights:
    """Return the weights of NETWORK."""
    weights = Weights()
    weights.random("1.kernel", [3, 2, 4], 70)
    weights.random("1.bias", [4], 71)
    weights.random("2.scale", [4], 72)
    weights.random("2.shift", [4], 73)
    weights.random("3.kernel", [2, 4, 5], 74)
    weights.random("3.bias", [5], 75, 0.2)
    weights.random("6.kernel", [5, 3], 76, 2)
    weights.random("6.bias", [3], 77, 0.2)
    return calibrated(weights, [3, 3, 3], [0, 0, 0])


def bundles() -> dict[str, tuple[dict[str, Any], Weights]]:
    """Return what differs between the bundles: part of the manifest, and the head's weights."""
    vocabulary = tokenizer()["model"]["vocab"]

    def named(names: list[str], threshold: float) -> list[dict[str, Any]]:
        return [{"name": n, "threshold": threshold + i / 16} for i, n in enumerate(names)]

    one = {"head": {"kind": "linear", "link": "softmax"}, "labels": named(LINEAR, 0.625)}
    several = {"head": {"kind": "linear", "link": "sigmoid"}, "labels": named(SEVERAL, 0.5)}
    cnn = {
        "head": {"kind": "cnn", "link": "softmax", "layers": NETWORK},
        "labels": named(CNN, 0.5625),
    }
    slopes, offsets = [1.5, 0.5, 2.0, 1.0, 0.75], [0.25, -0.5, 0.0, -1.0, 0.5]
    return {
        "static-linear": (
            one | {"multiple": False},
            calibrated(linear_head(vocabulary, 3, 40), [2, 2, 2], [0, 0, 0]),
        ),
        "static-several": (
            several | {"multiple": True},
            calibrated(linear_head(vocabulary, 5, 50), slopes, offsets),
        ),
        "static-cnn": (cnn | {"multiple": False}, cnn_head()),
    }


def answer(text: str, manifest: dict[str, Any], rows: Weights, head: Weights) -> dict[str, Any]:
    """Return the entry of golden.json for one text."""
    ids = reference.tokenize(reference.prepare(text, MAX_CHARS), tokenizer())
    vector = reference.encode(ids, rows.lists, DIM)
    if manifest["head"]["kind"] == "cnn":
        scores = reference.cnn_scores(vector, manifest["head"]["layers"], head.lists)
    else:
        scores = reference.linear_scores(ids, vector, head.lists)
    chances = reference.probabilities(scores, head.lists, manifest["head"]["link"])
    for chance, label in zip(chances, manifest["labels"], strict=True):
        assert abs(chance - label["threshold"]) > 1e-4, f"{text!r} is too close to a threshold"
    return {
        "text": text,
        "ids": ids,
        "vector": [float(f"{number:.9g}") for number in vector],
        "scores": [float(f"{number:.12g}") for number in scores],
        "probabilities": [float(f"{number:.12g}") for number in chances],
        "tags": reference.decide(chances, manifest["labels"], multiple=manifest["multiple"]),
    }


def entry(path: str, content: bytes) -> dict[str, Any]:
    """Return what the manifest says of a file of at most one chunk."""
    digest = hashlib.sha256(content).hexdigest()
    size = len(content)
    return {"path": path, "bytes": size, "sha256": digest, "chunks": [digest], "load": True}


def make(folder: Path) -> None:
    """Write every golden bundle to its own folder in `folder`."""
    tokens = json.dumps(tokenizer(), ensure_ascii=False, separators=(",", ":")).encode()
    rows = table(tokenizer()["model"]["vocab"])
    space = hashlib.sha256(tokens + rows.file()).hexdigest()[:16]
    for name, (part, head) in bundles().items():
        manifest = {
            "format": 1,
            "name": f"golden {name}",
            "created": "2026-01-02T03:04:05Z",
            "encoder": {
                "kind": "static",
                "name": "tiny",
                "space": space,
                "dim": DIM,
                "max_tokens": 0,
                "vocabulary": len(tokenizer()["model"]["vocab"]),
                "licence": "Apache-2.0",
                "source": "made up",
                "receipt": {},
            },
            **part,
            "max_chars": MAX_CHARS,
            "tolerance": 1e-5,
            "metrics": {},
            "provenance": {"made_by": "tests/golden/make.py"},
            "licence": "Apache-2.0",
        }
        golden = {"texts": [answer(text, manifest, rows, head) for text in TEXTS]}
        contents = {
            f"encoder/{space}/table.safetensors": rows.file(),
            f"encoder/{space}/tokenizer.json": tokens,
            "golden.json": json.dumps(golden, indent=0).encode(),
            "head/head.safetensors": head.file(),
        }
        manifest["files"] = [entry(path, content) for path, content in contents.items()]
        contents["manifest.json"] = json.dumps(manifest, indent=1, ensure_ascii=False).encode()
        for path, content in contents.items():
            (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / name / path).write_bytes(content)


if __name__ == "__main__":
    make(HERE)
