"""Training texts in; what share of MiniLM's neighbours each setting of the static table keeps, out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from safetensors.numpy import load_file

from bench.encoders import sample_texts
from bench.table import print_table
from cutouts.assets import MINILM_TOKENIZER, MINILM_WEIGHTS, fetch
from cutouts.corpus import read_corpus
from cutouts.encoders import Encoder
from cutouts.encoders.distil import (
    DIM,
    FLATTENING,
    SMOOTHING,
    alone,
    components,
    distil,
    fit_rows,
    pieces_with_rows,
)
from cutouts.encoders.graph import float32_graph
from cutouts.encoders.minilm import onnx_encoder
from cutouts.encoders.passages import choose_passages
from cutouts.encoders.receipt import neighbours_kept
from cutouts.encoders.static import count_rows, static_encoder
from cutouts.encoders.tokenizer import plain_tokenizer
from cutouts.heads.fit_linear import fit_linear
from cutouts.heads.folds import quality
from cutouts.samples import SAMPLES, read_sample
from cutouts.training import gather_evidence

SETTINGS = (
    (DIM, SMOOTHING, FLATTENING, True),
    (DIM, SMOOTHING, FLATTENING, False),
    (256, SMOOTHING, FLATTENING, True),
    (128, SMOOTHING, FLATTENING, True),
    (DIM, 1e-3, FLATTENING, True),
    (DIM, 1e-4, FLATTENING, True),
    (DIM, 1e-5, FLATTENING, True),
    (DIM, SMOOTHING, 0.0, True),
    (DIM, SMOOTHING, 0.5, True),
)


def main(folders: Sequence[Path]) -> None:
    """Compare tables that differ in one number from the one that ships, which is the first."""
    weights = load_file(fetch(MINILM_WEIGHTS))
    tokenizer_json = plain_tokenizer(fetch(MINILM_TOKENIZER).read_bytes())
    teacher = onnx_encoder(float32_graph(weights), tokenizer_json, weights, {})
    pieces = pieces_with_rows(tokenizer_json)
    vectors = teacher.encode(alone(pieces))
    texts = {name: teacher.tokenizer.pieces(some) for name, some in sample_texts(folders).items()}
    reference = {name: teacher.encode(read) for name, read in texts.items()}
    samples = [text for name in SAMPLES for text in read_sample(name, "train").texts]
    passages = choose_passages(samples, teacher.tokenizer)
    counts, wanted = count_rows(passages, pieces), teacher.encode(passages)
    rows, tables = [], []
    for dim, smoothing, flattening, fitted in SETTINGS:
        axes = components(vectors, dim, flattening=flattening)
        values = distil(vectors, axes, smoothing=smoothing)
        if fitted:
            values = fit_rows(values, counts, wanted, axes)
        table = static_encoder(tokenizer_json, pieces, values, {})
        tables.append(table)
        kept = [neighbours_kept(table.encode(texts[name]), reference[name]) for name in texts]
        rows.append(
            (
                dim,
                smoothing,
                flattening,
                f"{len(passages):,} passages" if fitted else "no",
                *(f"{share:.3f}" for share in kept),
            )
        )
    print_table(("numbers", "smoothing", "flattening", "fitted to", *texts), rows)
    print()
    _print_accuracy(folders, fitted=tables[0], plain=tables[1])


def _print_accuracy(folders: Sequence[Path], *, fitted: Encoder, plain: Encoder) -> None:
    """Print what the linear head reaches on training texts held out in turn, with either table."""
    rows = []
    for folder in folders:
        corpus = read_corpus(folder / "train.csv")
        reached = []
        for encoder in (plain, fitted):
            evidence = gather_evidence(encoder, corpus)
            scores = fit_linear(evidence).scores
            reached.append(quality(scores, evidence.truth, multiple=evidence.multiple))
        measured = "micro F1" if corpus.multiple else "accuracy"
        rows.append((folder.name, measured, *(f"{one:.4f}" for one in reached)))
    print_table(("held out of the training part", "measure", "not fitted", "fitted"), rows)
