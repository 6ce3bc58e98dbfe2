"""Vectors and true labels in; a small convolutional head, its out-of-fold scores and settings out.

The network is the one that the first Cutouts tagged with: the vector is read as a row of steps, two
convolutions and a pooling summarise it, a dense layer scores the labels. Trained with Adam (Kingma
and Ba 2015) and dropout, and stopped where texts that it does not train on are predicted best.
"""

from __future__ import annotations

import logging
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutouts.errors import HeadError
from cutouts.heads.cnn import LINKS, CnnHead, read_cnn
from cutouts.heads.folds import SEED, Evidence, Fitted, Rows, Stage, folds, spread
from cutouts.heads.keras_layers import export_model

Network = Callable[[int, int], Any]  # numbers in a vector, labels -> a Keras model

BATCH = 128
RATE = 2e-3  # Adam's
MAX_EPOCHS = 40
PATIENCE = 4  # epochs without a better loss on the texts kept aside
ASIDE = 10  # one text in so many is kept aside
FEW = 50  # with fewer texts none can be spared: trained for a fixed number of epochs
FEW_EPOCHS = 30


def fit_cnn(
    evidence: Evidence, *, stage: Stage = lambda _: None, network: Network | None = None
) -> Fitted:
    """Return the head fitted to all of the evidence, and scores from folds that had not seen it.

    `network` builds another Keras model, from the number of numbers in a vector and of labels to
    raw scores (a softmax or sigmoid at the end is taken for the link). What no browser can run is
    refused by name before training starts. Texts without a label are left out of the training
    when a text has one label.
    """
    keras = import_keras()
    _check(evidence)
    build = network or small_network
    scores = np.zeros((len(evidence), evidence.labels))
    epochs: list[int] = []
    with _seeded(keras):
        _exported(build(evidence.vectors.shape[1], evidence.labels), evidence)
        for number, (train, held_out) in enumerate(folds(evidence), start=1):
            stage(f"training the network without part {number}")
            head, best = _fit_until_best(build, evidence, train)
            scores[held_out] = head.scores(evidence.pieces, evidence.vectors[held_out])
            epochs.append(best)
        stage("training the network on all texts")
        length = round(float(np.mean(epochs)))
        head = _fit_epochs(build, evidence, _usable(evidence, np.arange(len(evidence))), length)
    settings = {"epochs": length, "batch": BATCH, "weights": _count(head)}
    return Fitted(head, scores, settings)


def small_network(dim: int, labels: int) -> Any:
    """Return the untrained default network: a Keras Sequential model that gives raw scores."""
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((dim,)),
            layers.Rescaling(dim**0.5),  # a vector of length 1 to numbers of about 1
            layers.Reshape((dim, 1)),
            layers.Conv1D(32, 8, strides=4, padding="same", activation="relu"),
            layers.Conv1D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling1D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.3),
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


@contextmanager
def _seeded(keras: Any) -> Iterator[None]:
    """Make what Keras draws the same each time, and leave the caller's random numbers alone."""
    python, legacy = random.getstate(), np.random.get_state()
    keras.utils.set_random_seed(SEED)
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(legacy)


def _exported(model: Any, evidence: Evidence) -> CnnHead:
    """Return the model as a head; raise HeadError when no browser could run it."""
    layers, tensors = export_model(model)
    return read_cnn(tensors, layers, evidence.labels, evidence.vectors.shape[1])


def _usable(evidence: Evidence, rows: Rows) -> Rows:
    """Return the rows to train on: with one label per text, those that have one."""
    return rows if evidence.multiple else rows[evidence.truth[rows].any(axis=1)]


def _fit_until_best(build: Network, evidence: Evidence, rows: Rows) -> tuple[CnnHead, int]:
    """Return the head as it was when it did best on the texts kept aside, and after how long."""
    from keras.callbacks import EarlyStopping

    rows = _usable(evidence, rows)
    if len(rows) < FEW:
        return _fit_epochs(build, evidence, rows, FEW_EPOCHS), FEW_EPOCHS
    aside = spread(evidence.truth[rows], ASIDE) == 0
    model = _compiled(build, evidence)
    patient = EarlyStopping(patience=PATIENCE, restore_best_weights=True)
    x, y = _examples(evidence, rows[~aside])
    others = _examples(evidence, rows[aside])
    model.fit(
        x,
        y,
        batch_size=BATCH,
        epochs=MAX_EPOCHS,
        validation_data=others,
        callbacks=[patient],
        verbose=0,
    )
    return _exported(model, evidence), patient.best_epoch + 1


def _fit_epochs(build: Network, evidence: Evidence, rows: Rows, epochs: int) -> CnnHead:
    model = _compiled(build, evidence)
    x, y = _examples(evidence, rows)
    model.fit(x, y, batch_size=BATCH, epochs=epochs, verbose=0)
    return _exported(model, evidence)


def _examples(evidence: Evidence, rows: Rows) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return vectors and targets; with one label per text the targets of a row sum to 1."""
    return evidence.vectors[rows], evidence.truth[rows].astype(np.float32)


def _compiled(build: Network, evidence: Evidence) -> Any:
    """Return a fresh model with the loss that fits the link and what the model ends with."""
    from keras import losses, optimizers

    model = build(evidence.vectors.shape[1], evidence.labels)
    last = export_model(model)[0][-1].get("activation")
    link = "sigmoid" if evidence.multiple else "softmax"
    if last in LINKS and last != link:
        several = "several labels" if evidence.multiple else "one label"
        raise HeadError(f"the model ends with {last}, but texts have {several}: end it with {link}")
    loss = losses.BinaryCrossentropy if evidence.multiple else losses.CategoricalCrossentropy
    model.compile(optimizers.Adam(RATE), loss=loss(from_logits=last != link))
    return model


def _count(head: CnnHead) -> int:
    return sum(tensor.size for tensor in head.weights.values())
