"""Reuters R8 in; how far a bundle's exported ONNX graph is from the bundle, its size and its time.

Trains each pair of encoder and head on some texts, exports it, and gives every text of the test
split to the graph, one by one.

    python -m bench export_onnx
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime

from bench.table import print_table
from cutouts.bundle import Bundle, load_bundle
from cutouts.export import export_bundle
from cutouts.export.tokens import bracketed, brackets_of
from cutouts.heads.choose import choose_head
from cutouts.samples import read_sample
from cutouts.training import train

SAMPLE = "reuters-r8"
TRAINED_ON = 1_000
PAIRS = (("static", "linear"), ("use-lite", "linear"), ("use-lite", "cnn"), ("minilm", "linear"))
HEADER = ("bundle", "bytes a browser loads", "model.onnx", "texts", "same tags", "largest", "ms")


def main(_: Sequence[Path]) -> None:
    """Train, export, ask and print, pair by pair."""
    rows = []
    for encoder, head in PAIRS:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(_measured(encoder, head, Path(folder)))
    print_table(HEADER, rows)
    if any(row[3] != row[4] for row in rows):
        sys.exit("a graph gives other tags than its bundle")


def _measured(encoder: str, head: str, folder: Path) -> tuple[object, ...]:
    corpus, test = (read_sample(SAMPLE, part) for part in ("train", "test"))
    some = replace(corpus, texts=corpus.texts[:TRAINED_ON], labels=corpus.labels[:TRAINED_ON])
    train(some, None, encoder=encoder, head=choose_head(head), out=folder / "bundle")
    bundle = load_bundle(folder / "bundle")
    export_bundle(bundle.folder, "onnx", folder / "onnx")
    model = (folder / "onnx/model.onnx").read_bytes()
    texts = [*bundle.golden_texts(), *test.texts]
    expected = bundle.probabilities(texts)
    answers, times = zip(*_ask(bundle, model, texts), strict=True)
    found = np.array(answers, np.float64)
    same = sum(
        [tag.label for tag in bundle.decide(one)] == [tag.label for tag in bundle.decide(other)]
        for one, other in zip(found, expected, strict=True)
    )
    loaded = sum(file["bytes"] for file in bundle.manifest["files"] if file["load"])
    worst, median = np.abs(found - expected).max(), 1e3 * float(np.median(times))
    name = f"{encoder}, {head}"
    apart = f"{worst:.1e}"
    return name, f"{loaded:,}", f"{len(model):,}", len(texts), same, apart, f"{median:.1f}"


def _ask(bundle: Bundle, model: bytes, texts: list[str]) -> Iterator[tuple[list[float], float]]:
    """Yield each text's probabilities and the seconds that the graph took, on one core."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    brackets = brackets_of(bundle)
    for pieces in bundle.pieces(texts):
        ids = bracketed([int(piece) for piece in pieces], brackets)
        given = {
            "input_ids": np.array([ids or [0]], np.int64),
            "attention_mask": np.full((1, max(1, len(ids))), bool(ids), np.int64),
        }
        start = time.perf_counter()
        (found,) = session.run(["probabilities"], given)
        yield found[0].tolist(), time.perf_counter() - start
