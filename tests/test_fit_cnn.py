"""Vectors with known answers in: the network learns them, the same each time, or says why not."""

import os
import random
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cutouts.encoders.tokenizer import Pieces
from cutouts.errors import HeadError
from cutouts.heads.cnn import read_cnn
from cutouts.heads.fit_cnn import fit_cnn, fit_until_best, prepare, small_network
from cutouts.heads.folds import Evidence, Fitted, folds, quality
from cutouts.heads.keras_model import import_keras, quiet_and_seeded

pytest.importorskip("jax", reason="the extra cnn is not installed")
keras = import_keras()
L = keras.layers

DIM = 24


def evidence_of(vectors: NDArray[Any], truth: NDArray[np.bool_], *, multiple: bool) -> Evidence:
    """Return evidence whose texts have no pieces: this head looks at vectors alone."""
    pieces = Pieces(np.zeros(0, np.uint32), np.zeros(len(truth) + 1, np.int64))
    return Evidence(pieces, vectors.astype(np.float32), truth, multiple)


def one_label(texts: int = 120, labels: int = 3) -> Evidence:
    """Return texts around one point per label."""
    draw = np.random.default_rng(0)
    answers = np.arange(texts) % labels
    vectors = draw.normal(size=(labels, DIM))[answers] + 0.3 * draw.normal(size=(texts, DIM))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return evidence_of(vectors, np.eye(labels, dtype=bool)[answers], multiple=False)


def several_labels(texts: int = 200) -> Evidence:
    """Return texts with any of three labels, each of which moves the vector its own way."""
    draw = np.random.default_rng(0)
    truth = draw.random((texts, 3)) < 0.4
    vectors = truth @ draw.normal(size=(3, DIM)) + 0.2 * draw.normal(size=(texts, DIM))
    return evidence_of(vectors / 5, truth, multiple=True)


def tiny(dim: int, labels: int) -> Any:
    """Return a network that trains at once."""
    return keras.Sequential([keras.Input((dim,)), L.Dense(labels)])


def eager(dim: int, labels: int) -> Any:
    """Return a network that soon knows its texts by heart."""
    hidden = L.Dense(128, activation="relu")
    return keras.Sequential([keras.Input((dim,)), hidden, L.Dense(labels)])


def accuracy(scores: NDArray[np.float64], evidence: Evidence) -> float:
    return float(evidence.truth[np.arange(len(evidence)), scores.argmax(axis=1)].mean())


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    return fit_cnn(one_label())


def test_the_network_tells_labels_apart(fitted: Fitted) -> None:
    evidence = one_label()
    assert accuracy(fitted.head.scores(evidence.pieces, evidence.vectors), evidence) == 1
    assert accuracy(fitted.scores, evidence) > 0.9  # each from a fold that had not seen the text


def test_the_head_begins_with_the_standard_then_convolutions_and_pooling(fitted: Fitted) -> None:
    types = [layer["type"] for layer in fitted.head.layers() or []]
    assert types == [
        "batch_normalization",
        "reshape",
        "conv1d",
        "conv1d",
        "average_pooling1d",
        "flatten",
        "dense",
        "dense",
    ]


def test_the_head_stays_small_with_the_longest_vectors_and_many_labels() -> None:
    assert 4 * small_network(512, 77).count_params() < 1_500_000  # bytes, as float32


def test_what_is_written_scores_as_what_was_trained(fitted: Fitted) -> None:
    evidence = one_label()
    again = read_cnn(fitted.head.tensors(), fitted.head.layers() or [], 3, DIM)
    expected = fitted.head.scores(evidence.pieces, evidence.vectors)
    assert (again.scores(evidence.pieces, evidence.vectors) == expected).all()


def test_the_same_evidence_gives_the_same_head(fitted: Fitted) -> None:
    again = fit_cnn(one_label())
    assert (again.scores == fitted.scores).all()
    for name, tensor in fitted.head.tensors().items():
        assert (tensor == again.head.tensors()[name]).all(), name


def test_training_leaves_the_callers_random_numbers_alone() -> None:
    before = random.getstate(), str(np.random.get_state())
    fit_cnn(one_label(), network=tiny)
    assert (random.getstate(), str(np.random.get_state())) == before


def test_several_labels_are_told_apart_one_by_one() -> None:
    evidence = several_labels()
    found = fit_cnn(evidence).scores > 0
    assert (found == evidence.truth).mean() > 0.9


def test_texts_without_a_label_are_not_trained_on_when_each_has_one() -> None:
    evidence = one_label(90)
    nowhere = evidence_of(
        np.concatenate([evidence.vectors, -9 * np.ones((30, DIM))]),
        np.concatenate([evidence.truth, np.zeros((30, 3), bool)]),
        multiple=False,
    )
    fitted = fit_cnn(nowhere, network=tiny)
    assert fitted.scores.shape == (120, 3)
    assert accuracy(fitted.scores[:90], evidence) > 0.9
    labelled = evidence.vectors.mean(axis=0)  # the standard is that of the labelled texts
    tensors = fitted.head.tensors()
    np.testing.assert_allclose(tensors["0.shift"], -labelled * tensors["0.scale"], atol=1e-4)


def test_a_handful_of_texts_is_enough_to_train() -> None:
    evidence = one_label(texts=6, labels=2)
    assert np.isfinite(fit_cnn(evidence, network=tiny).scores).all()


def test_a_number_that_never_varies_is_not_blown_up() -> None:
    evidence = one_label()
    evidence.vectors[:, 3] = 0.25
    scores = fit_cnn(evidence, network=tiny).scores
    assert accuracy(scores, evidence) > 0.9


def test_each_part_of_the_training_is_told() -> None:
    told: list[str] = []
    fit_cnn(one_label(), network=tiny, stage=told.append)
    assert told == [
        "training the network without part 1",
        "training the network without part 2",
        "training the network without part 3",
        "training the network on all texts",
    ]


def noise(texts: int = 120) -> Evidence:
    """Return texts whose labels cannot be told: learning them by heart only makes it worse."""
    draw = np.random.default_rng(0)
    truth = np.eye(3, dtype=bool)[draw.integers(3, size=texts)]
    return evidence_of(draw.normal(size=(texts, DIM)), truth, multiple=False)


def test_training_stops_early_and_goes_back_to_its_best_epoch() -> None:
    evidence = noise()
    train, held_out = next(folds(evidence))
    with quiet_and_seeded():
        training = prepare(evidence, eager)
        trial = fit_until_best(training, train, held_out)
    assert trial.epochs < len(trial.curve) < training.epochs  # it went on, in vain, and stopped
    scores = trial.head.scores(evidence.pieces.take(held_out), evidence.vectors[held_out])
    kept = quality(scores, evidence.truth[held_out], multiple=False)
    assert kept == pytest.approx(trial.curve[trial.epochs - 1])
    assert kept != pytest.approx(trial.curve[-1])


def test_the_rate_falls_alike_in_each_training_and_never_to_nothing() -> None:
    with quiet_and_seeded():
        training = prepare(one_label(), tiny)
    rates = [training.rate(epoch) for epoch in range(training.epochs)]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] > 20 * rates[-1] > 0


def test_all_texts_are_trained_on_for_as_long_as_was_best_without_some() -> None:
    evidence = noise()
    with quiet_and_seeded():
        training = prepare(evidence, eager)
        lengths = [fit_until_best(training, *fold).epochs for fold in folds(evidence)]
    assert fit_cnn(evidence, network=eager).settings["epochs"] == round(float(np.mean(lengths)))


def test_the_learning_curve_ends_where_texts_held_out_in_turn_are_told() -> None:
    evidence = one_label(texts=30)  # too few to keep any aside: each fold runs all epochs
    few = fit_cnn(evidence, network=tiny)
    assert len(few.learning_curve) == few.settings["epochs"]
    told = quality(few.scores, evidence.truth, multiple=False)
    assert few.learning_curve[-1] == pytest.approx(told)


def test_the_learning_curve_of_several_labels_is_micro_f1() -> None:
    evidence = several_labels(45)
    fitted = fit_cnn(evidence, network=tiny)
    parts = [
        quality(fitted.scores[held_out], evidence.truth[held_out], multiple=True)
        for _, held_out in folds(evidence)
    ]
    assert fitted.learning_curve[-1] == pytest.approx(np.mean(parts))


def test_the_only_text_of_a_label_is_held_out_like_any_other() -> None:
    evidence = one_label(90)
    truth = np.zeros((91, 4), bool)
    truth[:90, :3], truth[90, 3] = evidence.truth, True
    vectors = np.concatenate([evidence.vectors, -evidence.vectors[:1]])
    fitted = fit_cnn(evidence_of(vectors, truth, multiple=False), network=tiny)
    assert (fitted.scores[:90].argmax(axis=1) == np.arange(90) % 3).mean() > 0.9
    assert fitted.scores[90].argmax() != 3  # its fold knew no such label


@pytest.mark.parametrize("link", [None, "softmax"])
def test_a_network_may_end_with_its_link_or_before(link: str | None) -> None:
    def network(dim: int, labels: int) -> Any:
        return keras.Sequential([keras.Input((dim,)), L.Dense(labels, activation=link)])

    evidence = one_label()
    assert accuracy(fit_cnn(evidence, network=network).scores, evidence) > 0.9


def test_a_network_that_ends_with_the_other_link_is_refused() -> None:
    def network(dim: int, labels: int) -> Any:
        return keras.Sequential([keras.Input((dim,)), L.Dense(labels, activation="sigmoid")])

    with pytest.raises(HeadError) as caught:
        fit_cnn(one_label(), network=network)
    assert str(caught.value) == (
        "the model ends with sigmoid, but texts have one label: end it with softmax"
    )


def test_what_no_browser_runs_is_refused_before_training_starts() -> None:
    def network(dim: int, labels: int) -> Any:
        layers = [L.Reshape((dim, 1)), L.LSTM(4, name="memory"), L.Dense(labels)]
        return keras.Sequential([keras.Input((dim,)), *layers])

    told: list[str] = []
    with pytest.raises(HeadError) as caught:
        fit_cnn(one_label(), network=network, stage=told.append)
    assert str(caught.value) == (
        "layer 1 (LSTM 'memory') cannot run in a browser (the runtime has no recurrent layers): "
        "use Conv1D, then GlobalMaxPooling1D or Flatten"
    )
    assert not told


def test_a_network_that_does_not_fit_the_labels_is_refused_before_training_starts() -> None:
    told: list[str] = []
    with pytest.raises(HeadError, match=r"^layer 0 \(dense\) gives shape \[4\], expected \[3\]"):
        fit_cnn(one_label(), network=lambda dim, labels: tiny(dim, labels + 1), stage=told.append)
    assert not told


def test_a_vector_that_is_not_finite_is_refused() -> None:
    evidence = one_label()
    evidence.vectors[[7, 9], 1] = np.nan
    with pytest.raises(HeadError) as caught:
        fit_cnn(evidence)
    assert str(caught.value) == (
        "the vector of text 7 has numbers that are not finite (2 such vectors): "
        "clear the cache of embeddings and train again"
    )


def test_texts_without_any_label_are_refused() -> None:
    vectors = one_label(9).vectors
    with pytest.raises(HeadError, match=r"^0 texts have a label, expected at least 2: label more"):
        fit_cnn(evidence_of(vectors, np.zeros((9, 3), bool), multiple=False))


def run_python(code: str, **environment: str) -> str:
    """Return what a Python of its own prints."""
    names = ("PATH", "HOME", "SYSTEMROOT")
    inherited = {name: os.environ[name] for name in names if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_keras_computes_with_jax_and_makes_no_noise() -> None:
    code = (
        "from cutouts.heads.keras_model import import_keras; print(import_keras().config.backend())"
    )
    assert run_python(code) == "jax"


def test_a_backend_that_the_user_chose_stays() -> None:
    code = (
        "from cutouts.heads.keras_model import import_keras; print(import_keras().config.backend())"
    )
    assert run_python(code, KERAS_BACKEND="numpy") == "numpy"


@pytest.mark.parametrize("missing", ["keras", "jax"])
def test_a_missing_extra_is_named_with_the_command_that_installs_it(missing: str) -> None:
    code = f"""
import sys
sys.modules[{missing!r}] = None
from cutouts.errors import HeadError
from cutouts.heads.keras_model import import_keras
try:
    import_keras()
except HeadError as error:
    print(error)
"""
    assert run_python(code) == (
        f"the cnn head needs Keras and JAX ({missing} is missing): run pip install 'cutouts[cnn]'"
    )
