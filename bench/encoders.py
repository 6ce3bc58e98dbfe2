"""Encoders and real texts in; texts per second of each, and how close int8 stays, out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from bench.table import print_table
from cutouts.assets import MINILM_TOKENIZER, MINILM_WEIGHTS, fetch
from cutouts.corpus import read_corpus
from cutouts.encoders import ENCODERS, Encoder, Pieces, load_encoder, use_lite_graph
from cutouts.encoders.graph import float32_graph
from cutouts.encoders.minilm import OnnxEncoder, batches, onnx_encoder, run
from cutouts.encoders.receipt import cosines
from cutouts.encoders.tokenizer import plain_tokenizer
from cutouts.encoders.use_lite import use_lite_encoder, use_lite_sources
from cutouts.samples import read_sample

TEXTS = 1000
ROUNDS = 5
CHARS = 300  # of a long text: a paragraph


def main(folders: Sequence[Path]) -> None:
    """Compare each int8 graph with the plain float32 one, batch for batch, in turns.

    onnxruntime by itself shares each operator of one batch between the cores. Ours gives each core
    batches of its own, and is compared with the plain graph run in either way. A table has no graph.
    """
    plain = {"minilm": _plain_minilm(), "use-lite": float32_use_lite()}
    rows = []
    for name, texts in sample_texts(folders).items():
        for encoder in ENCODERS:
            shipped = load_encoder(encoder)
            pieces = shipped.tokenizer.pieces(texts)
            about = (name, len(texts), encoder, f"{pieces.lengths.mean():.0f}")
            rows.append((*about, *_cells(shipped, plain.get(encoder), pieces)))
    header = ("texts", "number", "encoder", "mean pieces", "float32 by default /s", "float32 /s")
    ratios = ("int8 to default", "int8 to float32", "mean cosine", "lowest cosine")
    print_table((*header, "int8 /s", *ratios), rows)


def _cells(shipped: Encoder, plain: OnnxEncoder | None, pieces: Pieces) -> Sequence[str]:
    if plain is None:
        (rate,) = rates([lambda: shipped.encode(pieces)], len(pieces))
        return ("", "", f"{rate:.0f}", *("" for _ in range(4)))
    assert isinstance(shipped, OnnxEncoder)
    ways: list[Callable[[], object]] = [
        lambda: shipped.encode(pieces),
        lambda: plain.encode(pieces),
        by_default(plain, pieces),
    ]
    ours, alike, default = rates(ways, len(pieces))
    close = cosines(shipped.encode(pieces), plain.encode(pieces))
    return (
        f"{default:.0f}",
        f"{alike:.0f}",
        f"{ours:.0f}",
        f"{ours / default:.2f}",
        f"{ours / alike:.2f}",
        f"{close['mean_cosine']:.4f}",
        f"{close['lowest_cosine']:.4f}",
    )


def _plain_minilm() -> OnnxEncoder:
    weights = load_file(fetch(MINILM_WEIGHTS))
    tokenizer_json = plain_tokenizer(fetch(MINILM_TOKENIZER).read_bytes())
    return onnx_encoder(float32_graph(weights), tokenizer_json, weights, {})


def float32_use_lite() -> OnnxEncoder:
    """Return USE lite as it was published, not rounded."""
    weights, tokenizer_json = use_lite_sources()
    return use_lite_encoder(use_lite_graph.float32_graph(weights), tokenizer_json, {})


def sample_texts(folders: Sequence[Path]) -> dict[str, list[str]]:
    """Return paragraphs of 20 Newsgroups, and texts of each corpus that is given."""
    posts = read_sample("20newsgroups", "train").texts
    found = {"20 Newsgroups, 300 characters each": [text[:CHARS] for text in _some(posts)]}
    for folder in folders:
        found[folder.name] = list(_some(read_corpus(folder / "train.csv").texts))
    return found


def _some(texts: Sequence[str]) -> Sequence[str]:
    return texts[:: max(1, len(texts) // TEXTS)][:TEXTS]


def rates(ways: Sequence[Callable[[], object]], texts: int) -> tuple[float, ...]:
    """Return texts per second of each way: the fastest of several rounds, taken in turns."""
    best = [np.inf] * len(ways)
    for _ in range(ROUNDS):
        for number, way in enumerate(ways):
            begun = time.perf_counter()
            way()
            best[number] = min(best[number], time.perf_counter() - begun)
    return tuple(texts / seconds for seconds in best)


def by_default(encoder: OnnxEncoder, pieces: Pieces) -> Callable[[], object]:
    """Return what encodes the same batches one after the other, as onnxruntime runs by default."""
    import onnxruntime

    session = onnxruntime.InferenceSession(encoder.model, providers=["CPUExecutionProvider"])
    sequences = [encoder.sequence(ids) for ids in pieces]
    parts = list(batches(np.array([len(ids) for ids in sequences], np.int64)))
    return lambda: [run(session, [sequences[row] for row in rows]) for rows in parts]
