"""A bundle whose tags one can foretell, in several chunks, comes out; nothing is trained.

"apple" is tagged "fruit", "angle" is tagged with a label that is HTML, "and" is tagged "rest".
"""

import json
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from cutouts.bundle import Bundle, load_bundle
from cutouts.encoders import Encoder
from cutouts.encoders.int8_graph import int8_graph
from cutouts.encoders.minilm import OnnxEncoder, onnx_encoder
from cutouts.encoders.static import StaticEncoder, static_encoder
from cutouts.heads import write_head
from cutouts.heads.calibration import Calibration
from cutouts.heads.linear import LinearHead, linear_head
from cutouts.manifest import Manifest, file_entry

HTML = "<img src=x onerror=alert(1)>"
LABELS = ["fruit", HTML, "rest"]
WORDS = ["apple", "angle", "and"]  # each speaks for the label in its place
MANY = 20_000  # pieces with a row of 256 numbers: a table of five chunks
GOLDEN = ["", "apple", "angle and apple", "Ünïcödé \U0001f34e 林檎", "\ud800 broken", "and " * 300]


def tokenizer_json(vocabulary: int) -> bytes:
    """Return a tokenizer like MiniLM's, with that many pieces, most of them made up."""
    letters = [chr(code) for code in range(33, 127)]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters]
    pieces += [f"##{letter}" for letter in letters] + WORDS
    pieces += [f"w{number}" for number in range(vocabulary - len(pieces))]
    ids = {piece: index for index, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]"))  # noqa: S106
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return str(tokenizer.to_str()).encode()


def static_tiny() -> StaticEncoder:
    """Return a static encoder with a row for every piece."""
    rows = np.random.default_rng(0).normal(size=(MANY, 256)).astype(np.float32)
    return static_encoder(tokenizer_json(MANY), np.arange(MANY, dtype=np.uint32), rows, {})


def onnx_tiny() -> OnnxEncoder:
    """Return a transformer of two blocks with random weights, in the graph that ships."""
    vocabulary, dim, inner = 300, 48, 96
    shapes = {
        "embeddings.word_embeddings": (vocabulary, dim),
        "embeddings.token_type_embeddings": (2, dim),
        "embeddings.position_embeddings": (512, dim),
    }
    for layer in ("encoder.layer.0.", "encoder.layer.1."):
        shapes |= {
            f"{layer}attention.self.{part}": (dim, dim) for part in ("query", "key", "value")
        }
        shapes |= {f"{layer}attention.output.dense": (dim, dim)}
        shapes |= {f"{layer}intermediate.dense": (inner, dim), f"{layer}output.dense": (dim, inner)}
    norms = ["embeddings.LayerNorm"]
    norms += [name.replace("dense", "LayerNorm") for name in shapes if "output.dense" in name]
    random = np.random.default_rng(2)
    weights = {f"{name}.weight": random.normal(size=shape) / 4 for name, shape in shapes.items()}
    weights |= {f"{name}.bias": random.normal(size=shape[0]) / 9 for name, shape in shapes.items()}
    weights |= {f"{name}.weight": np.ones(dim) for name in norms}
    weights |= {f"{name}.bias": np.zeros(dim) for name in norms}
    floats = {name: values.astype(np.float32) for name, values in weights.items()}
    return onnx_encoder(int8_graph(floats), tokenizer_json(vocabulary), floats, {})


def tiny_head(encoder: Encoder) -> LinearHead:
    """Return a head that goes by the three words, and a little by the vector."""
    ids = np.array([encoder.tokenizer.id_of(word) for word in WORDS], np.uint32)
    keys = np.uint32(0xFFFF0000) + ids
    order = np.argsort(keys)
    dim = encoder.description.dim
    meaning = np.random.default_rng(1).normal(size=(3, dim)).astype(np.float32) * np.float32(0.1)
    words = 5 * np.eye(3, dtype=np.float32)
    bias = np.array([0, 0, 1], np.float32)
    return linear_head(keys[order], np.ones(3, np.float32), words[order], meaning, bias)


def write_tiny(folder: Path, encoder: Encoder) -> Bundle:
    """Write a bundle around the encoder as docs/bundle.md describes it, and return it as read."""
    calibration = Calibration("softmax", np.ones(3, np.float32), np.zeros(3, np.float32))
    head = tiny_head(encoder)
    made = Bundle(folder, manifest(encoder), encoder, head, calibration, ())
    place = folder / "encoder" / encoder.description.space
    place.mkdir(parents=True)
    encoder.write(place)
    (folder / "head").mkdir()
    (folder / "head" / "head.safetensors").write_bytes(write_head(head, calibration))
    golden = [
        {
            "text": text,
            "ids": answer.ids,
            "vector": answer.vector.tolist(),
            "scores": answer.scores.tolist(),
            "probabilities": answer.probabilities.tolist(),
            "tags": answer.tags,
        }
        for text, answer in zip(GOLDEN, made.answers(GOLDEN), strict=True)
    ]
    (folder / "golden.json").write_text(json.dumps({"texts": golden}))
    files = [
        file_entry(path.relative_to(folder).as_posix(), path.read_bytes(), load=True)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    (folder / "manifest.json").write_text(json.dumps(made.manifest | {"files": files}))
    return load_bundle(folder)


def manifest(encoder: Encoder) -> Manifest:
    """Return the manifest of a bundle around the encoder, without its files."""
    return {
        "format": 1,
        "name": "tiny",
        "created": "2026-01-02T03:04:05Z",
        "encoder": encoder.description.as_json(),
        "head": {"kind": "linear", "link": "softmax"},
        "labels": [{"name": name, "threshold": 0} for name in LABELS],
        "multiple": False,
        "max_chars": 100_000,
        "tolerance": 1e-5 if encoder.description.kind == "static" else 1e-3,
        "metrics": {
            "measured_on": "texts held out in turn",
            "texts": 1200,
            "accuracy": 0.9167,
            "macro_f1": 0.9,
            "micro_f1": 0.9167,
        },
        "provenance": {},
        "licence": "Apache-2.0",
    }
