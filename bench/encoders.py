"""MiniLM's files and real texts in; texts per second of both graphs, and how close int8 stays, out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from bench.table import print_table
from cutouts.assets import MINILM_TOKENIZER, MINILM_WEIGHTS, fetch
from cutouts.corpus import read_corpus
from cutouts.encoders import Encoder, Pieces, load_encoder
from cutouts.encoders.graph import float32_graph
from cutouts.encoders.minilm import onnx_encoder
from cutouts.encoders.receipt import cosines
from cutouts.encoders.tokenizer import plain_tokenizer
from cutouts.samples import read_sample

TEXTS = 1000
ROUNDS = 5
CHARS = 300  # of a long text: a paragraph


def main(folders: Sequence[Path]) -> None:
    """Compare the int8 graph with the plain float32 one, batch for batch, in turns."""
    weights = load_file(fetch(MINILM_WEIGHTS))
    tokenizer_json = plain_tokenizer(fetch(MINILM_TOKENIZER).read_bytes())
    plain = onnx_encoder(float32_graph(weights), tokenizer_json, weights, {})
    shipped = load_encoder("minilm")
    rows = []
    for name, texts in sample_texts(folders).items():
        pieces = shipped.tokenizer.pieces(texts)
        ours, theirs = _rates(shipped, plain, pieces)
        close = cosines(shipped.encode(pieces), plain.encode(pieces))
        rows.append(
            (
                name,
                len(texts),
                f"{pieces.lengths.mean():.0f}",
                f"{theirs:.0f}",
                f"{ours:.0f}",
                f"{ours / theirs:.2f}",
                f"{close['mean_cosine']:.4f}",
                f"{close['lowest_cosine']:.4f}",
            )
        )
    header = ("texts", "number", "mean pieces", "float32 /s", "int8 /s", "ratio")
    print_table((*header, "mean cosine", "lowest cosine"), rows)


def sample_texts(folders: Sequence[Path]) -> dict[str, list[str]]:
    """Return paragraphs of 20 Newsgroups, and texts of each corpus that is given."""
    posts = read_sample("20newsgroups", "train").texts
    found = {"20 Newsgroups, 300 characters each": [text[:CHARS] for text in _some(posts)]}
    for folder in folders:
        found[folder.name] = list(_some(read_corpus(folder / "train.csv").texts))
    return found


def _some(texts: Sequence[str]) -> Sequence[str]:
    return texts[:: max(1, len(texts) // TEXTS)][:TEXTS]


def _rates(one: Encoder, other: Encoder, pieces: Pieces) -> tuple[float, float]:
    """Return the texts per second of each: the fastest of several rounds, taken in turns."""
    best = [np.inf, np.inf]
    for _ in range(ROUNDS):
        for number, encoder in enumerate((one, other)):
            begun = time.perf_counter()
            encoder.encode(pieces)
            best[number] = min(best[number], time.perf_counter() - begun)
    return len(pieces) / best[0], len(pieces) / best[1]
