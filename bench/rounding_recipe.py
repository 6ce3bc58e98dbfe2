"""USE lite's weights and real texts in; how near int8 stays to float32, by how it is rounded, out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.encoders import float32_use_lite, sample_texts
from bench.table import print_table
from cutouts.encoders.exact import NARROW
from cutouts.encoders.receipt import cosines
from cutouts.encoders.rounding import quantise_rows, rounded
from cutouts.encoders.tokenizer import Pieces
from cutouts.encoders.use_lite import drawn_texts, use_lite_encoder, use_lite_sources
from cutouts.encoders.use_lite_graph import MAX_TOKENS, Layers, int8_graph, int8_layers, layers_of

TEXTS = 500  # as many as are drawn


def main(folders: Sequence[Path]) -> None:
    """Print 10,000 times what the cosine lacks, mean / most, over texts of the training parts."""
    weights, tokenizer_json = use_lite_sources()
    float32 = float32_use_lite()
    texts = {name: float32.tokenizer.pieces(some) for name, some in sample_texts(folders).items()}
    first = next(iter(texts.values()))
    ways: dict[str, Layers] = {
        "each weight by itself, at most 63": layers_of(
            weights, lambda _, weight: quantise_rows(weight, NARROW)
        ),
        "each weight by itself, pairs of one sign at most 128": layers_of(
            weights, lambda _, weight: rounded(weight)
        ),
        "one after the other, for texts drawn by the tokenizer's scores (what ships)": int8_layers(
            weights, drawn_texts(tokenizer_json)
        ),
        "one after the other, for texts of the first column": int8_layers(weights, _batches(first)),
    }
    rows = []
    for name, layers in ways.items():
        model = int8_graph(weights, layers)
        encoder = use_lite_encoder(model, tokenizer_json, {})
        found = [cosines(encoder.encode(one), float32.encode(one)) for one in texts.values()]
        cells = [_lost(one["mean_cosine"], one["lowest_cosine"]) for one in found]
        rows.append((name, f"{len(model) / 1e6:.2f}", *cells))
    print_table(("rounding", "MB", *texts), rows)


def _batches(pieces: Pieces) -> Sequence[NDArray[np.int64]]:
    return [ids[None, :MAX_TOKENS].astype(np.int64) for ids in list(pieces)[:TEXTS] if len(ids)]


def _lost(mean: float, lowest: float) -> str:
    return f"{1e4 * (1 - mean):.1f} / {1e4 * (1 - lowest):.0f}"
