"""A bundle whose tags one can foretell, in several chunks, comes out; nothing is trained.

"apple" is tagged "fruit", "angle" is tagged with a label that is HTML, "and" is tagged "rest".
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from cutouts.encoders.static import StaticEncoder, static_encoder
from cutouts.heads.calibration import Calibration
from cutouts.heads.linear import LinearHead, linear_head

CHUNK = 1 << 20
HTML = "<img src=x onerror=alert(1)>"
LABELS = ["fruit", HTML, "rest"]
WORDS = ["apple", "angle", "and"]  # each speaks for the label in its place
MANY = 20_000  # pieces with a row of 256 numbers: a table of five chunks
GOLDEN = ["", "apple", "angle and apple", "Ünïcödé \U0001f34e 林檎", "\ud800 broken", "and " * 300]


def tokenizer_json() -> bytes:
    """Return a tokenizer like MiniLM's, with made-up words."""
    letters = [chr(code) for code in range(33, 127)]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters]
    pieces += [f"##{letter}" for letter in letters] + WORDS
    pieces += [f"w{number}" for number in range(MANY - len(pieces))]
    vocabulary = {piece: index for index, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))  # noqa: S106
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return str(tokenizer.to_str()).encode()


def encoder() -> StaticEncoder:
    """Return a static encoder with a row for every piece."""
    rows = np.random.default_rng(0).normal(size=(MANY, 256)).astype(np.float32)
    return static_encoder(tokenizer_json(), np.arange(MANY, dtype=np.uint32), rows, {})


def head(encoder: StaticEncoder) -> LinearHead:
    """Return a head that goes by the three words, and a little by the vector."""
    ids = np.array([encoder.tokenizer.id_of(word) for word in WORDS], np.uint32)
    keys = np.uint32(0xFFFF0000) + ids
    order = np.argsort(keys)
    meaning = np.random.default_rng(1).normal(size=(3, 256)).astype(np.float32) * np.float32(0.1)
    words = 5 * np.eye(3, dtype=np.float32)
    bias = np.array([0, 0, 1], np.float32)
    return linear_head(keys[order], np.ones(3, np.float32), words[order], meaning, bias)


def write_tiny(folder: Path) -> Path:
    """Write the bundle as docs/bundle.md describes it, and return its folder."""
    made = encoder()
    scoring = head(made)
    calibration = Calibration("softmax", np.ones(3, np.float32), np.zeros(3, np.float32))
    place = folder / "encoder" / made.description.space
    place.mkdir(parents=True)
    made.write(place)
    (folder / "head").mkdir()
    fitted = {"slope": calibration.slope, "offset": calibration.offset}
    (folder / "head" / "head.safetensors").write_bytes(save({**scoring.tensors(), **fitted}))
    pieces = made.tokenizer.pieces(GOLDEN)
    vectors = made.encode(pieces)
    scores = scoring.scores(pieces, vectors)
    probabilities = calibration.probabilities(scores)
    golden = [
        {
            "text": text,
            "ids": pieces[index].tolist(),
            "vector": vectors[index].tolist(),
            "scores": scores[index].tolist(),
            "probabilities": probabilities[index].tolist(),
            "tags": [LABELS[int(probabilities[index].argmax())]],
        }
        for index, text in enumerate(GOLDEN)
    ]
    (folder / "golden.json").write_text(json.dumps({"texts": golden}))
    (folder / "manifest.json").write_text(json.dumps(manifest(folder, made)))
    return folder


def manifest(folder: Path, encoder: StaticEncoder) -> dict[str, Any]:
    """Return the manifest of the files that lie in the folder."""
    return {
        "format": 1,
        "name": "tiny",
        "created": "2026-01-02T03:04:05Z",
        "encoder": encoder.description.as_json(),
        "head": {"kind": "linear", "link": "softmax"},
        "labels": [{"name": name, "threshold": 0} for name in LABELS],
        "multiple": False,
        "max_chars": 100_000,
        "tolerance": 1e-5,
        "metrics": {},
        "provenance": {},
        "licence": "Apache-2.0",
        "files": [
            entry(path.relative_to(folder).as_posix(), path.read_bytes())
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name != "manifest.json"
        ],
    }


def entry(path: str, data: bytes) -> dict[str, Any]:
    """Return the manifest's entry of one file that a runtime needs."""
    chunks = [data[start : start + CHUNK] for start in range(0, len(data), CHUNK)]
    return {
        "path": path,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "chunks": [hashlib.sha256(chunk).hexdigest() for chunk in chunks],
        "load": True,
    }
