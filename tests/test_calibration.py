"""Calibration recovers what made the scores; thresholds are the best that there are."""

import numpy as np
import pytest
from scipy.special import expit, softmax

from cutouts.heads.calibration import (
    FEW,
    Calibration,
    best_f1_thresholds,
    fit_platt,
    fit_temperature,
    fit_thresholds,
    trusted_thresholds,
)
from cutouts.metrics import measure

RANDOM = np.random.default_rng(11)


def drawn(slope: float, texts: int = 20_000, labels: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Return scores, and labels drawn from their softmax after a slope."""
    scores = RANDOM.normal(size=(texts, labels))
    chances = softmax(scores * slope, axis=1).cumsum(axis=1)
    answers = (RANDOM.random((texts, 1)) > chances).sum(axis=1).clip(0, labels - 1)
    return scores, np.eye(labels, dtype=bool)[answers]


def error(chances: np.ndarray, truth: np.ndarray) -> float:
    names = [str(number) for number in range(truth.shape[1])]
    zeros = np.zeros(len(names))
    return measure(chances, truth, names, zeros, multiple=False).calibration_error


@pytest.mark.parametrize("slope", [0.3, 1.0, 3.0, 8.0])
def test_the_temperature_that_made_the_labels_is_found(slope: float) -> None:
    scores, truth = drawn(slope)
    fitted = fit_temperature(scores, truth)
    assert fitted.link == "softmax"
    np.testing.assert_allclose(fitted.slope, slope, rtol=0.08)
    assert not fitted.offset.any()


def test_the_calibration_error_falls() -> None:
    scores, truth = drawn(0.5)
    raw = softmax(3 * scores, axis=1)  # far too sure
    calibrated = fit_temperature(3 * scores, truth).probabilities(3 * scores)
    assert error(calibrated, truth) < 0.02 < 0.2 < error(raw, truth)


def test_texts_without_a_label_do_not_move_the_temperature() -> None:
    scores, truth = drawn(2.0, texts=500)
    without = np.zeros((50, 4), dtype=bool)
    more = fit_temperature(np.vstack([scores, -9 * scores[:50]]), np.vstack([truth, without]))
    assert more.slope.tolist() == fit_temperature(scores, truth).slope.tolist()


def test_scores_that_are_always_right_give_a_finite_slope() -> None:
    truth = np.eye(3, dtype=bool)[RANDOM.integers(0, 3, 60)]
    fitted = fit_temperature(truth * 2.0 - 1, truth)
    assert np.isfinite(fitted.probabilities(truth * 2.0 - 1)).all()


def test_platt_finds_the_line_that_made_the_labels() -> None:
    scores = RANDOM.normal(size=(40_000, 2))
    truth = RANDOM.random((40_000, 2)) < expit(scores * [2.0, 0.5] + [-1.0, 0.25])
    fitted = fit_platt(scores, truth)
    assert fitted.link == "sigmoid"
    np.testing.assert_allclose(fitted.slope, [2.0, 0.5], atol=0.1)
    np.testing.assert_allclose(fitted.offset, [-1.0, 0.25], atol=0.1)


def test_a_label_that_is_nowhere_or_everywhere_stays_finite_and_never_certain() -> None:
    scores = RANDOM.normal(size=(50, 2))
    truth = np.stack([np.zeros(50, bool), np.ones(50, bool)], axis=1)
    chances = fit_platt(scores, truth).probabilities(scores)
    assert np.isfinite(chances).all()
    assert 0 < chances[:, 0].max() < 0.5 < chances[:, 1].min() < 1


def test_probabilities_of_huge_scores_are_probabilities() -> None:
    huge = np.array([[1e4, -1e4], [-1e4, 1e4], [0, 0]])
    one = np.ones(2, np.float32)
    for link in ("softmax", "sigmoid"):
        chances = Calibration(link, one, 0 * one).probabilities(huge)
        assert ((chances >= 0) & (chances <= 1)).all()
        assert chances[2].tolist() == [0.5, 0.5]


def test_a_threshold_leaves_out_answers_that_are_more_often_wrong_than_right() -> None:
    sure = np.array([0.51, 0.55, 0.6, 0.65, 0.7, 0.8, 0.9])
    right = np.array([0, 0, 1, 0, 0, 1, 1], bool)  # from 0.8 on everything is right
    chances = np.stack([sure, 1 - sure], axis=1)
    thresholds = trusted_thresholds(chances, np.stack([right, ~right], axis=1))
    assert thresholds.tolist() == pytest.approx([0.75, 0])


def test_without_a_wrong_answer_every_answer_is_given() -> None:
    chances = np.array([[0.6, 0.4], [0.3, 0.7]])
    assert trusted_thresholds(chances, chances > 0.5).tolist() == [0, 0]


def test_when_every_answer_is_wrong_none_is_given() -> None:
    chances = np.array([[0.6, 0.4], [0.9, 0.1]])
    (threshold, _) = trusted_thresholds(chances, chances < 0.5)
    assert 0.9 < threshold <= 1


def test_texts_without_a_label_count_as_wrong() -> None:
    chances = np.array([[0.6, 0.4], [0.9, 0.1]])
    truth = np.array([[False, False], [True, False]])
    assert trusted_thresholds(chances, truth).tolist() == [0.75, 0]


def micro_f1(given: np.ndarray, truth: np.ndarray) -> float:
    return float(2 * (given & truth).sum() / (given.sum() + truth.sum()))


def test_several_labels_get_thresholds_at_least_as_good_as_the_best_common_one() -> None:
    for seed in range(5):
        random = np.random.default_rng(seed)
        truth = random.random((300, 6)) < [0.5, 0.3, 0.2, 0.1, 0.05, 0.02]
        chances = expit(random.normal(size=truth.shape) + 2 * truth - [0, 1, 2, 1, 2, 1])
        best = max(micro_f1(chances >= t, truth) for t in np.unique(chances))
        assert micro_f1(chances >= best_f1_thresholds(chances, truth), truth) >= best - 1e-12


def test_a_label_with_few_texts_keeps_the_common_threshold() -> None:
    random = np.random.default_rng(1)
    truth = random.random((200, 3)) < [0.4, 0.4, 0]
    truth[: FEW - 1, 2] = True
    chances = expit(random.normal(size=truth.shape) + truth * 2 - [1, -1, 0])
    flat = np.unique(chances)
    common = flat[int(np.argmax([micro_f1(chances >= t, truth) for t in flat]))]
    threshold = best_f1_thresholds(chances, truth)[2]
    assert flat[np.searchsorted(flat, common) - 1] < threshold <= common


@pytest.mark.parametrize("multiple", [True, False])
def test_thresholds_are_such_that_a_manifest_can_hold(multiple: bool) -> None:
    chances = RANDOM.random((40, 3))
    truth = RANDOM.random((40, 3)) < 0.3
    thresholds = fit_thresholds(chances, truth, multiple=multiple)
    assert ((thresholds >= 0) & (thresholds <= 1)).all()
