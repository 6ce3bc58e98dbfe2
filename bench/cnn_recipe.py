"""Training texts in; how well networks and recipes tell held-out texts, in cross-validation, out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.table import print_table
from cutouts.corpus import Corpus, read_corpus, split_corpus
from cutouts.encoders import load_encoder
from cutouts.heads.fit_cnn import RECIPE, Recipe, fit_cnn, small_network
from cutouts.heads.folds import Evidence, quality
from cutouts.heads.keras_model import import_keras
from cutouts.samples import SAMPLES, read_sample
from cutouts.training import gather_evidence

MOST = 4_000  # texts of a corpus: many settings on two cores
UNSMOOTHED = Recipe(smoothing=0.0)


def network(
    *, filters: int = 32, activation: str = "elu", pooling: str = "average", dense: int = 256
) -> Any:
    """Return what builds a network that differs from the default in what is given."""
    layers = import_keras().layers
    pools: dict[str, list[Any]] = {"strides": []}
    pools["average"] = [layers.AveragePooling1D(2, padding="same")]
    pools["max"] = [layers.MaxPooling1D(2, padding="same")]
    pools["global"] = [layers.GlobalAveragePooling1D()]

    def build(dim: int, labels: int) -> Any:
        strides = 2 if pooling == "strides" else 1
        middle = [layers.Dense(dense, activation="relu"), layers.Dropout(0.5)] if dense else []
        return import_keras().Sequential(
            [
                import_keras().Input((dim,)),
                layers.Dropout(0.1),
                layers.Reshape((dim, 1)),
                layers.Conv1D(64, 16, strides=8, padding="same", activation=activation),
                layers.Conv1D(filters, 3, strides, padding="same", activation=activation),
                *pools[pooling],
                layers.Flatten(),
                layers.Dropout(0.3 if dense else 0.5),
                *middle,
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


def settings() -> Iterator[tuple[str, Any, Recipe]]:
    """Yield a name, a network and a recipe: the default, the former default, then the others."""
    yield "default", small_network, RECIPE
    former = network(filters=64, activation="relu", pooling="strides")
    yield "former default: ReLU, strides, 64 filters, no smoothing", former, UNSMOOTHED
    yield "no label smoothing", small_network, UNSMOOTHED
    yield "maximum of two steps", network(pooling="max"), RECIPE
    yield "strides of two, no pooling", network(pooling="strides"), RECIPE
    yield "global average, 256 filters", network(filters=256, pooling="global"), RECIPE
    yield "ReLU", network(activation="relu"), RECIPE
    yield "no dense layer, 64 filters", network(filters=64, dense=0), RECIPE
    yield "half the rate", small_network, Recipe(rate=1e-3)
    yield "no convolution", plain, RECIPE


def main(folders: Sequence[Path]) -> None:
    """Compare all settings on use-lite, the default with the former one on the other encoders."""
    corpora = {name: read_sample(name, "train") for name in SAMPLES}
    corpora |= {folder.name: read_corpus(folder / "train.csv") for folder in folders}
    corpora = {name: _some(corpus) for name, corpus in corpora.items()}
    chosen = list(settings())
    for encoder, tried in (("use-lite", chosen), ("static", chosen[:2]), ("minilm", chosen[:2])):
        loaded = load_encoder(encoder)
        evidence = [gather_evidence(loaded, corpus) for corpus in corpora.values()]
        rows = []
        for name, build, recipe in tried:
            reached = [_reached(one, build, recipe) for one in evidence]
            rows.append((encoder, name, *(f"{value:.4f}" for value in reached)))
            print_table(("encoder", "network", *corpora), rows[-1:])
        print()
        print_table(("encoder", "network", *corpora), rows)


def _reached(evidence: Evidence, build: Any, recipe: Recipe) -> float:
    """Return accuracy, or micro F1 for several labels, on texts held out in turn."""
    fitted = fit_cnn(evidence, network=build, recipe=recipe)
    return quality(fitted.scores, evidence.truth, multiple=evidence.multiple)


def _some(corpus: Corpus) -> Corpus:
    """Return the corpus, or about MOST of its texts, each label with its share."""
    share = MOST / len(corpus.texts)
    return corpus if share >= 1 else split_corpus(corpus, share)[1]
