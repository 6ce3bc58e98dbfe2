"""Training texts in; how well networks and recipes tell held-out texts, in cross-validation, out."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.table import print_table
from cutouts.corpus import Corpus, read_corpus, split_corpus
from cutouts.encoders import load_encoder
from cutouts.heads.fit_cnn import RECIPE, Recipe, fit_until_best, prepare, small_network
from cutouts.heads.folds import Evidence, folds, quality
from cutouts.heads.keras_model import import_keras, quiet_and_seeded
from cutouts.samples import SAMPLES, read_sample
from cutouts.training import gather_evidence

Setting = tuple[str, Any, Recipe]

MOST = 4_000  # texts of a corpus: many settings on two cores
UNSMOOTHED = Recipe(smoothing=0.0)
FORMER = Recipe(smoothing=0.0, epochs=15)


def network(*, filters: int = 32, activation: str = "elu", pooling: str = "average") -> Any:
    """Return what builds a network that differs from the default in what is given."""
    layers = import_keras().layers
    pools: dict[str, list[Any]] = {"strides": []}
    pools["average"] = [layers.AveragePooling1D(2, padding="same")]
    pools["max"] = [layers.MaxPooling1D(2, padding="same")]
    pools["global"] = [layers.GlobalAveragePooling1D()]

    def build(dim: int, labels: int) -> Any:
        strides = 2 if pooling == "strides" else 1
        return import_keras().Sequential(
            [
                import_keras().Input((dim,)),
                layers.Dropout(0.1),
                layers.Reshape((dim, 1)),
                layers.Conv1D(64, 16, strides=8, padding="same", activation=activation),
                layers.Conv1D(filters, 3, strides, padding="same", activation=activation),
                *pools[pooling],
                layers.Flatten(),
                layers.Dropout(0.3),
                layers.Dense(256, activation="relu"),
                layers.Dropout(0.5),
                layers.Dense(labels),
            ]
        )

    return build


def plain(dim: int, labels: int) -> Any:
    """Return the default without its convolutions: dense layers alone."""
    keras = import_keras()
    layers = keras.layers
    hidden = [layers.Dropout(0.1), layers.Dense(256, activation="relu"), layers.Dropout(0.5)]
    return keras.Sequential([keras.Input((dim,)), *hidden, layers.Dense(labels)])


def settings() -> Iterator[Setting]:
    """Yield a name, a network and a recipe: the default, the former default, then the others."""
    yield "default", small_network, RECIPE
    former = network(filters=64, activation="relu", pooling="strides")
    yield "former default: ReLU, strides, 64 filters, 15 epochs, no smoothing", former, FORMER
    yield "no label smoothing", small_network, UNSMOOTHED
    yield "maximum of two steps", network(pooling="max"), RECIPE
    yield "strides of two, no pooling", network(pooling="strides"), RECIPE
    yield "global average, 256 filters", network(filters=256, pooling="global"), RECIPE
    yield "ReLU", network(activation="relu"), RECIPE
    yield "half the rate", small_network, Recipe(rate=1e-3)
    yield "no convolution", plain, RECIPE


def main(folders: Sequence[Path]) -> None:
    """Compare all settings on use-lite and short texts, the default with the former elsewhere."""
    short = {folder.name: read_corpus(folder / "train.csv") for folder in folders}
    samples = {name: read_sample(name, "train") for name in SAMPLES}
    two = list(settings())[:2]
    _compare("use-lite", short, list(settings()))
    _compare("use-lite", samples, two)
    for encoder in ("static", "minilm"):
        _compare(encoder, {**short, **samples}, two)


def _compare(encoder: str, corpora: dict[str, Corpus], tried: Sequence[Setting]) -> None:
    loaded = load_encoder(encoder)
    evidence = [gather_evidence(loaded, _some(corpus)) for corpus in corpora.values()]
    rows = []
    for name, build, recipe in tried:
        reached = [_reached(one, build, recipe) for one in evidence]
        rows.append((encoder, name, *(f"{value:.4f}" for value in reached)))
        print(" ".join(rows[-1]), file=sys.stderr, flush=True)
    print_table(("encoder", "network", *corpora), rows)
    print(flush=True)


def _reached(evidence: Evidence, build: Any, recipe: Recipe) -> float:
    """Return accuracy, or micro F1 for several labels, on texts held out in turn."""
    scores = np.zeros(evidence.truth.shape)
    with quiet_and_seeded():
        training = prepare(evidence, build, recipe)
        for train, held_out in folds(evidence):
            head = fit_until_best(training, train, held_out[:0]).head
            scores[held_out] = head.scores(
                evidence.pieces.take(held_out), evidence.vectors[held_out]
            )
    return quality(scores, evidence.truth, multiple=evidence.multiple)


def _some(corpus: Corpus) -> Corpus:
    """Return the corpus, or about MOST of its texts, each label with its share."""
    share = MOST / len(corpus.texts)
    return corpus if share >= 1 else split_corpus(corpus, share)[1]
