"""Vectors and true labels in; a small convolutional head, its out-of-fold scores and settings out.

As in the first Cutouts, the vector is read as a row of steps, two convolutions summarise it, and
dense layers score the labels. Trained with Adam (Kingma and Ba 2015), a cosine schedule (Loshchilov
and Hutter 2017) and dropout, and stopped where texts that it does not train on are told best.
"""

from __future__ import annotations

import logging
import os
import random
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutouts.errors import HeadError
from cutouts.heads.cnn import LINKS, CnnHead, read_cnn
from cutouts.heads.folds import SEED, Evidence, Fitted, Matrix, Rows, Stage, folds, spread
from cutouts.heads.keras_layers import export_model

Network = Callable[[int, int], Any]  # numbers in a vector, labels -> a Keras model

RATE = 2e-3  # Adam's, at the start
BATCH = 128  # texts in a step; fewer where there are few texts
MIN_STEPS, MAX_STEPS = 800, 5_000  # of one training: bounds the time that many texts take
PATIENCE = 5  # epochs without a better loss on the texts kept aside
ASIDE = 10  # one text in so many is kept aside
FEW = 50  # with fewer texts none can be spared, and all epochs are run


def fit_cnn(
    evidence: Evidence, *, stage: Stage = lambda _: None, network: Network | None = None
) -> Fitted:
    """Return the head fitted to all of the evidence, and scores from folds that had not seen it.

    `network` builds another Keras model, from the number of numbers in a vector and of labels to
    raw scores (a softmax or sigmoid at the end is taken for the link). What no browser can run is
    refused by name before training starts. With one label per text, texts without any are left
    out of the training.
    """
    keras = import_keras()
    _check(evidence)
    build = network or small_network
    scores = np.zeros((len(evidence), evidence.labels))
    lengths: list[int] = []
    with _quiet_and_seeded(keras):
        _check_network(build, evidence)
        for number, (train, held_out) in enumerate(folds(evidence), start=1):
            stage(f"training the network without part {number}")
            head, length = _fit_until_best(evidence, build, train)
            scores[held_out] = head.scores(
                evidence.pieces.take(held_out), evidence.vectors[held_out]
            )
            lengths.append(length)
        stage("training the network on all texts")
        epochs = round(float(np.mean(lengths)))
        head = _fit_epochs(evidence, build, np.arange(len(evidence)), epochs)
    weights = sum(tensor.size for tensor in head.weights.values())
    return Fitted(head, scores, {"epochs": epochs, "weights": weights})


def small_network(dim: int, labels: int) -> Any:
    """Return the untrained default network: a Keras Sequential model that gives raw scores.

    Strides do what pooling did in the first Cutouts. The numbers of a vector have no order, and
    keeping the largest of each pair lost two points of accuracy on 20 Newsgroups.
    """
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((dim,)),
            layers.Dropout(0.1),
            layers.Reshape((dim, 1)),
            layers.Conv1D(64, 16, strides=8, padding="same", activation="relu"),
            layers.Conv1D(64, 3, strides=2, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(256, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(labels),
        ]
    )


def import_keras() -> Any:
    """Return Keras, on JAX and the CPU unless the user chose; raise HeadError without it."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    logging.getLogger("jax").setLevel(logging.ERROR)  # tells of accelerators that it does not find
    try:
        import keras
    except ImportError as missing:
        raise HeadError(
            f"the cnn head needs Keras and JAX ({missing.name} is missing): "
            "run pip install 'cutouts[cnn]'"
        ) from None
    return keras


def _check(evidence: Evidence) -> None:
    rows = np.flatnonzero(~np.isfinite(evidence.vectors).all(axis=1))
    if len(rows):
        raise HeadError(
            f"the vector of text {rows[0]} has numbers that are not finite "
            f"({len(rows)} such vectors): clear the cache of embeddings and train again"
        )
    labelled = int(evidence.truth.any(axis=1).sum())
    if labelled < 2:
        raise HeadError(f"{labelled} texts have a label, expected at least 2: label more texts")


def _check_network(build: Network, evidence: Evidence) -> None:
    """Raise HeadError when no browser could run the network, or it does not fit the labels."""
    dim = evidence.vectors.shape[1]
    layers, tensors = export_model(build(dim, evidence.labels))
    read_cnn(tensors, layers, evidence.labels, dim)
    last = layers[-1].get("activation")
    link = _link(evidence)
    if last in LINKS and last != link:
        several = "several labels" if evidence.multiple else "one label"
        raise HeadError(f"the model ends with {last}, but texts have {several}: end it with {link}")


def _link(evidence: Evidence) -> str:
    return "sigmoid" if evidence.multiple else "softmax"


@contextmanager
def _quiet_and_seeded(keras: Any) -> Iterator[None]:
    """Make what Keras draws the same each time, and leave the caller's random numbers alone."""
    python, legacy = random.getstate(), np.random.get_state()
    keras.utils.set_random_seed(SEED)
    try:
        with warnings.catch_warnings():
            # Keras 3.15 reads its own variables in a way that numpy 2 warns of.
            warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
            yield
    finally:
        random.setstate(python)
        np.random.set_state(legacy)


@dataclass(frozen=True, slots=True)
class Standard:
    """What brings each number of a vector to mean 0 and variance 1: the first layer of the head.

    Without it the network lost three points of accuracy on 20 Newsgroups.
    """

    scale: NDArray[np.float32]  # (dim,)
    shift: NDArray[np.float32]  # (dim,)

    def apply(self, vectors: Matrix) -> Matrix:
        """Return the vectors as the network sees them."""
        return vectors * self.scale + self.shift


def _standard(vectors: Matrix) -> Standard:
    """Return the standard of these vectors; a number that hardly varies is not blown up."""
    variance = vectors.var(axis=0, dtype=np.float64)
    scale = 1 / np.sqrt(variance + 0.01 * variance.mean() + 1e-12)
    shift = -vectors.mean(axis=0, dtype=np.float64) * scale
    return Standard(scale.astype(np.float32), shift.astype(np.float32))


@dataclass(frozen=True, slots=True)
class Plan:
    """How many texts a step looks at, and how many epochs the schedule is made for."""

    batch: int
    epochs: int
    steps: int


def _plan(texts: int) -> Plan:
    """Return about 15 epochs for 7,000 texts: more of fewer texts, fewer of more."""
    batch = min(BATCH, max(8, texts // 20))
    steps = -(-texts // batch)  # in an epoch
    epochs = max(15, MIN_STEPS // steps) if texts >= FEW else 40
    epochs = max(1, min(epochs, MAX_STEPS // steps))
    return Plan(batch, epochs, epochs * steps)


def _fit_until_best(evidence: Evidence, build: Network, rows: Rows) -> tuple[CnnHead, int]:
    """Return the head as it did best on texts kept aside, and how many epochs that took."""
    from keras.callbacks import EarlyStopping

    rows = _usable(evidence, rows)
    if len(rows) < FEW:
        epochs = _plan(len(rows)).epochs
        return _fit_epochs(evidence, build, rows, epochs), epochs
    aside = spread(evidence.truth[rows], ASIDE) == 0
    rows, others = rows[~aside], rows[aside]
    standard = _standard(evidence.vectors[rows])
    best = EarlyStopping(patience=PATIENCE, restore_best_weights=True)
    plan = _plan(len(rows))
    model = _compiled(evidence, build, plan)
    model.fit(
        *_examples(evidence, rows, standard),
        batch_size=plan.batch,
        epochs=plan.epochs,
        validation_data=_examples(evidence, others, standard),
        callbacks=[best],
        verbose=0,
    )
    return _head(evidence, model, standard), int(best.best_epoch) + 1


def _fit_epochs(evidence: Evidence, build: Network, rows: Rows, epochs: int) -> CnnHead:
    """Return the head after so many epochs on these rows."""
    rows = _usable(evidence, rows)
    standard = _standard(evidence.vectors[rows])
    plan = _plan(len(rows))
    model = _compiled(evidence, build, plan)
    x, y = _examples(evidence, rows, standard)
    model.fit(x, y, batch_size=plan.batch, epochs=epochs, verbose=0)
    return _head(evidence, model, standard)


def _usable(evidence: Evidence, rows: Rows) -> Rows:
    """Return the rows to train on: with one label per text, those that have one."""
    return rows if evidence.multiple else rows[evidence.truth[rows].any(axis=1)]


def _examples(evidence: Evidence, rows: Rows, standard: Standard) -> tuple[Matrix, Matrix]:
    """Return vectors and targets."""
    return standard.apply(evidence.vectors[rows]), evidence.truth[rows].astype(np.float32)


def _compiled(evidence: Evidence, build: Network, plan: Plan) -> Any:
    """Return a fresh model with the loss that fits the link, before or after the model's end."""
    from keras import losses, optimizers

    model = build(evidence.vectors.shape[1], evidence.labels)
    linked = export_model(model)[0][-1].get("activation") == _link(evidence)
    loss = losses.BinaryCrossentropy if evidence.multiple else losses.CategoricalCrossentropy
    rate = optimizers.schedules.CosineDecay(RATE, plan.steps, alpha=0.02)
    model.compile(optimizers.Adam(rate), loss=loss(from_logits=not linked))
    return model


def _head(evidence: Evidence, model: Any, standard: Standard) -> CnnHead:
    """Return the trained model as a head that begins with the standard."""
    layers, tensors = export_model(model)
    later = {}
    for name, tensor in tensors.items():
        index, _, weight = name.partition(".")
        later[f"{int(index) + 1}.{weight}"] = tensor
    weights = {"0.scale": standard.scale, "0.shift": standard.shift, **later}
    layers = [{"type": "batch_normalization"}, *layers]
    return read_cnn(weights, layers, evidence.labels, evidence.vectors.shape[1])
