"""Metrics against scikit-learn and by hand."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support

from cutouts.metrics import BINS, COVERAGE_STEPS, Metrics, best_micro_f1, measure

NAMES = ["a", "b", "c", "d"]
ZEROS = np.zeros(4)


def one_label(seed: int, texts: int = 200) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = np.eye(4, dtype=bool)[random.integers(0, 4, texts)]
    chances = random.dirichlet(np.ones(4), texts) + truth * 0.3
    return chances / chances.sum(axis=1, keepdims=True), truth


def measured(chances: np.ndarray, truth: np.ndarray, *, multiple: bool = False) -> Metrics:
    thresholds = np.full(truth.shape[1], 0.5 if multiple else 0.0)
    return measure(chances, truth, NAMES[: truth.shape[1]], thresholds, multiple=multiple)


@pytest.mark.parametrize("seed", range(4))
def test_with_one_label_the_numbers_are_those_of_scikit_learn(seed: int) -> None:
    chances, truth = one_label(seed)
    metrics = measured(chances, truth)
    right, given_ = truth.argmax(axis=1), chances.argmax(axis=1)
    assert metrics.accuracy == pytest.approx(accuracy_score(right, given_))
    assert metrics.macro_f1 == pytest.approx(f1_score(right, given_, average="macro"))
    assert metrics.micro_f1 == pytest.approx(f1_score(right, given_, average="micro"))
    precision, recall, f1, texts = precision_recall_fscore_support(right, given_)
    for number, label in enumerate(metrics.labels):
        assert (label.label, label.texts) == (NAMES[number], texts[number])
        assert [label.precision, label.recall, label.f1] == pytest.approx(
            [precision[number], recall[number], f1[number]]
        )


@pytest.mark.parametrize("seed", range(4))
def test_with_several_labels_the_numbers_are_those_of_scikit_learn(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth = random.random((150, 4)) < 0.4
    chances = (random.random((150, 4)) + truth * 0.5) / 1.5
    metrics = measured(chances, truth, multiple=True)
    given_ = chances >= 0.5
    assert metrics.accuracy == pytest.approx(accuracy_score(truth, given_))
    assert metrics.macro_f1 == pytest.approx(f1_score(truth, given_, average="macro"))
    assert metrics.micro_f1 == pytest.approx(f1_score(truth, given_, average="micro"))
    assert metrics.answered == pytest.approx(given_.any(axis=1).mean())
    assert metrics.confusions == ()


def test_numbers_by_hand() -> None:
    chances = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.55, 0.45]])
    truth = np.array([[1, 0], [0, 1], [0, 1], [0, 0]], bool)  # the last is labelled nothing
    metrics = measure(chances, truth, ["a", "b"], np.array([0.58, 0.5]), multiple=False)
    assert metrics.texts == 4
    assert metrics.accuracy == 0.5
    assert metrics.answered == 0.75
    assert metrics.accuracy_answered == pytest.approx(2 / 3)
    assert [(one.texts, one.given) for one in metrics.labels] == [(1, 3), (2, 1)]
    assert [one.precision for one in metrics.labels] == [pytest.approx(1 / 3), 1]
    (confusion,) = metrics.confusions
    assert (confusion.label, confusion.taken_for, confusion.texts) == ("b", "a", 1)
    coverage = {one.threshold: (one.coverage, one.accuracy) for one in metrics.coverage}
    assert tuple(coverage) == COVERAGE_STEPS
    assert [coverage[step] for step in (0.0, 0.7, 0.95)] == [(1, 0.5), (0.5, 1), (0, None)]
    # bins: 0.9 right, 0.6 wrong, 0.8 right (12th of 15), 0.55 wrong
    errors = [0.1, 0.6, 0.2, 0.55]
    assert metrics.calibration_error == pytest.approx(sum(errors) / 4)


def test_labels_that_training_never_saw_are_misses() -> None:
    chances = np.array([[0.9, 0.1], [0.9, 0.1]])
    truth = np.array([[1, 0], [0, 0]], bool)
    metrics = measure(
        chances, truth, ["a", "b"], np.full(2, 0.5), multiple=True, unknown=np.array([0, 2])
    )
    assert metrics.unknown_labels == 2
    assert metrics.micro_f1 == pytest.approx(2 * 1 / (2 + 3))
    assert metrics.accuracy == 0.5


def test_bins_hold_every_answer_once_and_mean_what_they_say() -> None:
    chances, truth = one_label(9, texts=3000)
    bins = measured(chances, truth).reliability
    assert sum(one.answers for one in bins) == 3000
    assert len(bins) <= BINS
    assert [one.confidence for one in bins] == sorted(one.confidence for one in bins)
    assert measured(np.eye(4)[[0, 1]], np.eye(4, dtype=bool)[[0, 1]]).calibration_error == 0


@given(st.integers(0, 10_000), st.integers(1, 12))
def test_the_best_micro_f1_is_the_best_of_all_thresholds(seed: int, texts: int) -> None:
    random = np.random.default_rng(seed)
    scores, truth = random.normal(size=(texts, 3)), random.random((texts, 3)) < 0.4
    tried = [scores >= threshold for threshold in scores.ravel()]
    f1 = [2 * (t & truth).sum() / (t.sum() + truth.sum()) for t in tried]
    assert best_micro_f1(scores, truth) == pytest.approx(max(f1))


@pytest.mark.parametrize("multiple", [True, False])
def test_metrics_are_plain_json_without_nan(multiple: bool) -> None:
    chances, truth = one_label(1, texts=5)
    for labelled in (truth, np.zeros_like(truth)):
        metrics = measured(chances, labelled, multiple=multiple)
        assert json.loads(json.dumps(metrics.as_json(), allow_nan=False))["texts"] == 5
