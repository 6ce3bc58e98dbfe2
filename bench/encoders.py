"""MiniLM's files and real texts in; texts per second of both graphs, and how close int8 stays, out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from bench.table import print_table
from cutouts.assets import MINILM_TOKENIZER, MINILM_WEIGHTS, fetch
from cutouts.corpus import read_corpus
from cutouts.encoders import Pieces, load_encoder
from cutouts.encoders.graph import float32_graph
from cutouts.encoders.minilm import OnnxEncoder, batches, onnx_encoder, run
from cutouts.encoders.receipt import cosines
from cutouts.encoders.tokenizer import plain_tokenizer
from cutouts.samples import read_sample

TEXTS = 1000
ROUNDS = 5
CHARS = 300  # of a long text: a paragraph


def main(folders: Sequence[Path]) -> None:
    """Compare the int8 graph with the plain float32 one, batch for batch, in turns.

    onnxruntime by itself shares each operator of one batch between the cores. Ours gives each core
    batches of its own, and is compared with the plain graph run in either way.
    """
    weights = load_file(fetch(MINILM_WEIGHTS))
    tokenizer_json = plain_tokenizer(fetch(MINILM_TOKENIZER).read_bytes())
    plain = onnx_encoder(float32_graph(weights), tokenizer_json, weights, {})
    shipped = load_encoder("minilm")
    assert isinstance(shipped, OnnxEncoder)
    rows = []
    for name, texts in sample_texts(folders).items():
        pieces = shipped.tokenizer.pieces(texts)
        ours, alike, default = _rates(shipped, plain, pieces)
        close = cosines(shipped.encode(pieces), plain.encode(pieces))
        rows.append(
            (
                name,
                len(texts),
                f"{pieces.lengths.mean():.0f}",
                f"{default:.0f}",
                f"{alike:.0f}",
                f"{ours:.0f}",
                f"{ours / default:.2f}",
                f"{ours / alike:.2f}",
                f"{close['mean_cosine']:.4f}",
                f"{close['lowest_cosine']:.4f}",
            )
        )
    header = ("texts", "number", "mean pieces", "float32 by default /s", "float32 /s", "int8 /s")
    ratios = ("int8 to default", "int8 to float32", "mean cosine", "lowest cosine")
    print_table((*header, *ratios), rows)


def sample_texts(folders: Sequence[Path]) -> dict[str, list[str]]:
    """Return paragraphs of 20 Newsgroups, and texts of each corpus that is given."""
    posts = read_sample("20newsgroups", "train").texts
    found = {"20 Newsgroups, 300 characters each": [text[:CHARS] for text in _some(posts)]}
    for folder in folders:
        found[folder.name] = list(_some(read_corpus(folder / "train.csv").texts))
    return found


def _some(texts: Sequence[str]) -> Sequence[str]:
    return texts[:: max(1, len(texts) // TEXTS)][:TEXTS]


def _rates(ours: OnnxEncoder, plain: OnnxEncoder, pieces: Pieces) -> tuple[float, ...]:
    """Return texts per second of int8, of float32 in the same way, and of float32 by default.

    Each is the fastest of several rounds, taken in turns.
    """
    ways: list[Callable[[], object]] = [
        lambda: ours.encode(pieces),
        lambda: plain.encode(pieces),
        _by_default(plain, pieces),
    ]
    best = [np.inf] * len(ways)
    for _ in range(ROUNDS):
        for number, way in enumerate(ways):
            begun = time.perf_counter()
            way()
            best[number] = min(best[number], time.perf_counter() - begun)
    return tuple(len(pieces) / seconds for seconds in best)


def _by_default(encoder: OnnxEncoder, pieces: Pieces) -> Callable[[], object]:
    """Return what encodes the same batches one after the other, as onnxruntime runs by default."""
    import onnxruntime

    session = onnxruntime.InferenceSession(encoder.model, providers=["CPUExecutionProvider"])
    sequences = [encoder.sequence(ids) for ids in pieces]
    parts = list(batches(np.array([len(ids) for ids in sequences], np.int64)))
    return lambda: [run(session, [sequences[row] for row in rows]) for rows in parts]
