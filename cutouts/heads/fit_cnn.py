"""Vectors and true labels in; a small convolutional head, its out-of-fold scores and settings out.

As in the first Cutouts, the vector is read as a row of steps, two convolutions summarise it, and
dense layers score the labels. Trained with Adam (Kingma and Ba 2015), a cosine schedule (Loshchilov
and Hutter 2017), dropout and label smoothing, and stopped where the loss on texts that it does not
train on is lowest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutouts.errors import HeadError
from cutouts.heads.cnn import CnnHead, check_link, read_cnn
from cutouts.heads.folds import SEED, Evidence, Fitted, Matrix, Rows, Stage, folds, quality, spread
from cutouts.heads.keras_model import export_model, import_keras, quiet_and_seeded

Network = Callable[[int, int], Any]  # numbers in a vector, labels -> a Keras model

MAX_BATCH = 128  # texts in a step; fewer where there are few texts
MAX_EPOCHS = 60
MIN_STEPS, MAX_STEPS = 1_300, 8_000  # on all texts: bounds the time that many texts take
PATIENCE = 5  # epochs without a better loss on the texts kept aside
ASIDE = 10  # one text in so many is kept aside
FEW = 50  # with fewer texts none can be spared, and all epochs are run


@dataclass(frozen=True, slots=True)
class Recipe:
    """What training goes by. The defaults were chosen by cross-validation (docs/design.md)."""

    rate: float = 2e-3  # Adam's, at the start
    smoothing: float = 0.1  # of labels (Szegedy et al. 2016), where each text has one
    epochs: int = 25  # more with few texts, fewer with very many


RECIPE = Recipe()


def fit_cnn(
    evidence: Evidence,
    *,
    stage: Stage = lambda _: None,
    network: Network | None = None,
) -> Fitted:
    """Return the head fitted to all of the evidence, and scores from folds that had not seen it.

    `network` builds another Keras model, from the number of numbers in a vector and of labels to
    raw scores (a softmax or sigmoid at the end is taken for the link). What no browser can run is
    refused by name before training starts. With one label per text, texts without any are left
    out of the training.
    """
    import_keras()
    _check(evidence)
    scores = np.zeros((len(evidence), evidence.labels))
    trials: list[Trial] = []
    with quiet_and_seeded():
        training = prepare(evidence, network or small_network)
        for number, (train, held_out) in enumerate(folds(evidence), start=1):
            stage(f"training the network without part {number}")
            trial = fit_until_best(training, train, held_out)
            scores[held_out] = trial.head.scores(
                evidence.pieces.take(held_out), evidence.vectors[held_out]
            )
            trials.append(trial)
        stage("training the network on all texts")
        epochs = round(float(np.mean([trial.epochs for trial in trials])))
        head = _fit(training, training.usable(np.arange(len(evidence))), epochs).head
    weights = sum(tensor.size for tensor in head.weights.values())
    settings: dict[str, float | str] = {"epochs": epochs, "weights": weights}
    return Fitted(head, scores, settings, learning_curve=_mean_curve(trials))


def small_network(dim: int, labels: int) -> Any:
    """Return the untrained default network: a Keras Sequential model that gives raw scores.

    As in the first Cutouts: two convolutions, pooling, and a softmax that the loss adds. The
    numbers of a vector have no order, so nothing should be thrown away on the way: the average of
    two steps keeps more than the larger one, and ELU (Clevert et al. 2016) more than ReLU.
    """
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((dim,)),
            layers.Dropout(0.1),
            layers.Reshape((dim, 1)),
            layers.Conv1D(64, 16, strides=8, padding="same", activation="elu"),
            layers.Conv1D(32, 3, padding="same", activation="elu"),
            layers.AveragePooling1D(2, padding="same"),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(256, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(labels),
        ]
    )


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


@dataclass(frozen=True, slots=True)
class Standard:
    """What brings each number of a vector to mean 0 and variance 1: the first layer of the head.

    Without it held-out texts of 20 Newsgroups went from 0.775 to 0.760 accuracy.
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
class Training:
    """One compiled model for all folds: compiling takes longer than training on few texts."""

    evidence: Evidence
    model: Any
    start: Sequence[tuple[Any, NDArray[Any]]]  # each variable as it was before any training
    first_rate: float  # of Adam
    batch: int
    epochs: int  # that the cosine spans: alike in each fold and in the training on all texts

    def usable(self, rows: Rows) -> Rows:
        """Return the rows to train on: with one label per text, those that have one."""
        evidence = self.evidence
        return rows if evidence.multiple else rows[evidence.truth[rows].any(axis=1)]

    def rate(self, epoch: int) -> float:
        """Return Adam's rate in an epoch: half a cosine, down to a fiftieth of the first."""
        return self.first_rate * (
            0.02 + 0.98 * (1 + float(np.cos(np.pi * epoch / self.epochs))) / 2
        )

    def whole_batches(self, rows: Rows) -> Rows:
        """Return the rows, some of them again: a batch of another size would be compiled again."""
        return np.resize(rows, -(-len(rows) // self.batch) * self.batch)


@dataclass(frozen=True, slots=True)
class Trial:
    """What training without some texts gave, and how well it tells those."""

    head: CnnHead
    epochs: int  # that the head was trained for
    curve: Sequence[float]  # quality on the held-out texts, epoch by epoch; empty without any


def prepare(evidence: Evidence, build: Network, recipe: Recipe = RECIPE) -> Training:
    """Return the compiled model; raise HeadError when it does not fit a browser or the labels."""
    from keras import losses, ops, optimizers

    dim = evidence.vectors.shape[1]
    model = build(dim, evidence.labels)
    layers, tensors = export_model(model)
    read_cnn(tensors, layers, evidence.labels, dim)
    check_link(layers, multiple=evidence.multiple)
    link = "sigmoid" if evidence.multiple else "softmax"
    ends_with_link = layers[-1].get("activation") == link
    loss = losses.BinaryCrossentropy if evidence.multiple else losses.CategoricalCrossentropy
    smoothing = 0.0 if evidence.multiple else recipe.smoothing
    compiled = loss(from_logits=not ends_with_link, label_smoothing=smoothing)
    model.compile(optimizers.Adam(recipe.rate), loss=compiled)
    model.optimizer.build(model.trainable_variables)
    variables = [*model.variables, *model.optimizer.variables]
    start = [(each, ops.convert_to_numpy(ops.convert_to_tensor(each))) for each in variables]
    batch = min(MAX_BATCH, max(4, len(evidence) // 20))
    return Training(
        evidence, model, start, recipe.rate, batch, _planned(len(evidence), batch, recipe.epochs)
    )


def _planned(texts: int, batch: int, epochs: int) -> int:
    """Return how many epochs to plan: as many as given, more with few texts, fewer with very many."""
    steps = -(-texts // batch)  # in an epoch
    return max(1, min(max(epochs, MIN_STEPS // steps), MAX_STEPS // steps, MAX_EPOCHS))


def fit_until_best(training: Training, rows: Rows, held_out: Rows) -> Trial:
    """Return the head as it did best on texts kept aside from these rows.

    The held-out texts play no part in that: they are only asked about after each epoch.
    """
    rows = training.usable(rows)
    watched = held_out[training.evidence.truth[held_out].any(axis=1)]
    if len(rows) < FEW:
        return _fit(training, rows, training.epochs, watched=watched)
    part = spread(training.evidence.truth[rows], ASIDE)
    # In any order, since a corpus may be sorted by label and the first few count twice.
    aside = np.random.default_rng(SEED).permutation(rows[part == 0])
    return _fit(training, rows[part != 0], training.epochs, aside=aside, watched=watched)


def _fit(
    training: Training,
    rows: Rows,
    epochs: int,
    *,
    aside: Rows | None = None,
    watched: Rows | None = None,
) -> Trial:
    """Return what training on these rows gives, from the start, for at most so many epochs.

    With rows kept aside it stops when their loss has not fallen for PATIENCE epochs, and goes back
    to the weights of the epoch where it was lowest.
    """
    from keras.callbacks import EarlyStopping, LearningRateScheduler

    for variable, value in training.start:
        variable.assign(value)
    model, truth = training.model, training.evidence.truth.astype(np.float32)
    standard = _standard(training.evidence.vectors[rows])
    vectors = standard.apply(training.evidence.vectors)
    filled = training.whole_batches(np.random.default_rng(SEED).permutation(rows))
    curve: list[float] = []
    best = EarlyStopping(patience=PATIENCE, restore_best_weights=True)
    callbacks: list[Any] = [LearningRateScheduler(lambda epoch, _: training.rate(epoch))]
    validation = None
    if aside is not None:
        aside = training.whole_batches(aside)
        validation = vectors[aside], truth[aside]
        callbacks.append(best)
    if watched is not None and len(watched):
        callbacks.append(_watch(training, vectors, watched, curve))
    model.fit(
        vectors[filled],
        truth[filled],
        batch_size=training.batch,
        epochs=epochs,
        validation_data=validation,
        callbacks=callbacks,
        verbose=0,
    )
    kept = epochs if aside is None else int(best.best_epoch) + 1
    return Trial(_head(training, standard), kept, curve)


def _watch(training: Training, vectors: Matrix, rows: Rows, curve: list[float]) -> Any:
    """Return a callback that adds the quality on these rows to the curve after each epoch."""
    from keras.callbacks import LambdaCallback

    evidence, asked = training.evidence, vectors[training.whole_batches(rows)]

    def ask(*_: object) -> None:
        answers = training.model.predict(asked, batch_size=training.batch, verbose=0)[: len(rows)]
        curve.append(quality(answers, evidence.truth[rows], multiple=evidence.multiple))

    return LambdaCallback(on_epoch_end=ask)


def _mean_curve(trials: Sequence[Trial]) -> list[float]:
    """Return the mean quality over the folds, as far as all of them were trained."""
    curves = [trial.curve for trial in trials if trial.curve]
    return [float(np.mean(values)) for values in zip(*curves, strict=False)]


def _head(training: Training, standard: Standard) -> CnnHead:
    """Return the trained model as a head that begins with the standard."""
    layers, tensors = export_model(training.model)
    weights = {"0.scale": standard.scale, "0.shift": standard.shift}
    for name, tensor in tensors.items():
        index, _, weight = name.partition(".")
        weights[f"{int(index) + 1}.{weight}"] = tensor
    layers = [{"type": "batch_normalization"}, *layers]
    evidence = training.evidence
    return read_cnn(weights, layers, evidence.labels, evidence.vectors.shape[1])
