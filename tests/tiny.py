"""A tokenizer, encoders and corpora so small that a test makes them; nothing is downloaded."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from cutouts.corpus import Corpus
from cutouts.corpus.rows import Found, gather
from cutouts.encoders import Encoder, kept, store
from cutouts.encoders.distil import pieces_with_rows
from cutouts.encoders.int8_graph import int8_graph
from cutouts.encoders.minilm import OnnxEncoder, onnx_encoder
from cutouts.encoders.static import StaticEncoder, static_encoder
from cutouts.encoders.tokenizer import plain_tokenizer

Weights = dict[str, NDArray[np.float32]]

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
FRUIT = ["apple", "pear", "plum", "juice", "peel", "ripe", "sweet"]
ENGINE = ["motor", "valve", "oil", "gear", "piston", "torque", "spark"]
MUSIC = ["song", "choir", "drum", "chord", "tune", "flute", "tenor"]
SAYS_NOTHING = ["the", "a", "and", "of", "with", "no", "very"]
WORDS = [*FRUIT, *ENGINE, *MUSIC, *SAYS_NOTHING]
LETTERS = [*"abcdefghijklmnopqrstuvwxyz", *"日本語яблоко"]
DIM = 24
HIDDEN = 48
POSITIONS = 64


def tokenizer_json(made_up: int = 0) -> bytes:
    """Return a tokenizer of MiniLM's kind over a few words, letters, and made-up words."""
    pieces = [*SPECIAL, *WORDS, *LETTERS, *(f"##{letter}" for letter in LETTERS)]
    pieces += [f"word{number}" for number in range(made_up)]
    ids = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]"))  # noqa: S106  (no password)
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(SPECIAL)
    return plain_tokenizer(tokenizer.to_str().encode())


def tiny_static(dim: int = DIM, made_up: int = 0) -> StaticEncoder:
    """Return an encoder with a random row for every piece that is not special."""
    pieces = pieces_with_rows(tokenizer_json(made_up))
    rows = np.random.default_rng(0).normal(size=(len(pieces), dim)).astype(np.float32)
    return static_encoder(tokenizer_json(made_up), pieces, rows, {"texts": 3})


def tiny_bert(layers: int = 2) -> Weights:
    """Return the weights of a random transformer of MiniLM's shape, by MiniLM's names."""
    vocabulary = static_vocabulary()
    shapes = {
        "embeddings.word_embeddings": (vocabulary, DIM),
        "embeddings.token_type_embeddings": (2, DIM),
        "embeddings.position_embeddings": (POSITIONS, DIM),
    }
    for layer in range(layers):
        name = f"encoder.layer.{layer}."
        shapes |= {f"{name}attention.self.{part}": (DIM, DIM) for part in ("query", "key", "value")}
        shapes |= {f"{name}attention.output.dense": (DIM, DIM)}
        shapes |= {f"{name}intermediate.dense": (HIDDEN, DIM), f"{name}output.dense": (DIM, HIDDEN)}
    norms = ["embeddings.LayerNorm"]
    norms += [name.replace("dense", "LayerNorm") for name in shapes if "output.dense" in name]
    random = np.random.default_rng(2)
    weights = {f"{name}.weight": random.normal(size=shape) / 4 for name, shape in shapes.items()}
    weights |= {f"{name}.bias": random.normal(size=shape[0]) / 9 for name, shape in shapes.items()}
    weights |= {f"{name}.weight": 1 + random.normal(size=DIM) / 9 for name in norms}
    weights |= {f"{name}.bias": random.normal(size=DIM) / 9 for name in norms}
    return {name: values.astype(np.float32) for name, values in weights.items()}


def static_vocabulary() -> int:
    """Return the number of pieces of the tokenizer without made-up words."""
    return tiny_static().description.vocabulary


def tiny_onnx() -> OnnxEncoder:
    """Return the random transformer in the graph that ships."""
    weights = tiny_bert()
    encoder = onnx_encoder(int8_graph(weights), tokenizer_json(), weights, {})
    return replace(encoder, description=replace(encoder.description, max_tokens=POSITIONS))


def keep(encoder: Encoder, name: str = "static") -> None:
    """Put the encoder into the test's cache, where the built one would be."""
    assert "CUTOUTS_CACHE" in os.environ, "this would take the place of the person's own encoder"
    folder = store.encoder_folder(name)
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    kept.keep(encoder, folder)


def corpus_of(*pairs: tuple[str, str | Sequence[str]], name: str = "tiny") -> Corpus:
    """Return the corpus of these texts, each with one label, several or none ("")."""
    rows = []
    for number, (text, labels) in enumerate(pairs, start=1):
        names = [labels] if isinstance(labels, str) else list(labels)
        rows.append((number, text, tuple(sorted(name for name in names if name))))
    return gather(name, Found(rows, "row", "columns text, label"), keep_duplicates=False)


def sentences(words: Sequence[str], count: int, seed: int) -> list[str]:
    """Return `count` different texts, mostly of these words."""
    random = np.random.default_rng(seed)
    made: dict[str, None] = {}
    while len(made) < count:
        own, rest = random.choice(words, 3), random.choice(WORDS, 3)
        made[" ".join([*own, *rest, *random.choice(SAYS_NOTHING, 2)])] = None
    return list(made)


def three_labels(each: int = 20) -> Corpus:
    """Return a corpus that can be learned: texts on fruit, engines and music."""
    kinds = {"fruit": FRUIT, "engine": ENGINE, "music": MUSIC}
    pairs: list[tuple[str, str]] = []
    for seed, (label, words) in enumerate(kinds.items()):
        pairs += [(text, label) for text in sentences(words, each, seed)]
    return corpus_of(*pairs)


def several_labels(each: int = 20) -> Corpus:
    """Return a corpus with no, one and two labels per text."""
    random = np.random.default_rng(7)
    kinds = {"fruit": FRUIT, "engine": ENGINE, "music": MUSIC}
    pairs: list[tuple[str, Sequence[str]]] = []
    for number in range(3 * each):
        names = [name for name in kinds if random.random() < 0.4]
        words = [word for name in names for word in random.choice(kinds[name], 3)]
        pairs.append((" ".join([*words, *random.choice(SAYS_NOTHING, 3), "z" * number]), names))
    return corpus_of(*pairs)
