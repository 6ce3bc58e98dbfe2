"""Made-up answers in; fails where chance is taken for a reason, or a reason for chance."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest

from cutouts.candidates import (
    CHANCE,
    Answers,
    Candidate,
    answers_of,
    chance,
    choose,
    milliseconds,
    probability,
)
from cutouts.metrics import measure

TEXTS = 1000


def right(first: int, *, also: int = 0) -> Answers:
    """Return answers of which the `first` texts are right, and `also` so many of the last."""
    gained = np.zeros(TEXTS)
    gained[:first] = 1
    gained[TEXTS - also :] = 1
    return Answers(gained, np.ones(TEXTS))


def candidate(name: str, answers: Answers, megabytes: float, **changes: Any) -> Candidate:
    """Return a candidate that weighs so much, alone and with what a browser loads."""
    encoder, head = name.split()
    size = int(megabytes * 1e6)
    numbers: dict[str, Any] = {"accuracy": answers.quality, "macro_f1": 0.5}
    numbers |= {"bundle_bytes": size, "payload_raw": size, "payload_sent": size}
    return Candidate(encoder, head, answers, calibration_error=0.1, **(numbers | changes))


def test_the_best_is_taken_when_its_lead_is_more_than_chance() -> None:
    large = candidate("minilm linear", right(800), 27)
    small = candidate("static linear", right(700), 6)
    choice = choose([small, large], multiple=False, max_bytes=None)
    assert (choice.taken, choice.best) == (large, large)
    assert choice.why == (
        "minilm with linear has the best accuracy, 0.800: 0.100 more than static with linear, the "
        "best of those that are smaller to load, which is more than chance explains (p < 0.001)."
    )


def test_the_smaller_is_taken_when_chance_may_explain_the_lead() -> None:
    large = candidate("minilm linear", right(700, also=52), 27, milliseconds=14.04)
    small = candidate("static linear", right(750), 6, milliseconds=0.2)
    choice = choose([small, large], multiple=False, max_bytes=None)
    assert (choice.taken, choice.best) == (small, large)
    p = choice.chances[0]
    assert p is not None
    assert p > 0.5
    assert choice.why == (
        "minilm with linear has the best accuracy, 0.752, but chance alone may explain its lead of "
        f"0.002 over static with linear on 1,000 texts (p = {p:.2g}), so the smaller: 6.00 MB to "
        "the first tag instead of 27.00 MB, 0.200 ms per text instead of 14.0 ms."
    )


def test_a_small_lead_counts_when_the_same_texts_are_right() -> None:
    large = candidate("minilm linear", right(710), 27)
    small = candidate("static linear", right(700), 6)
    assert choose([large, small], multiple=False, max_bytes=None).taken is large


def test_the_smallest_of_several_that_are_as_good_is_taken() -> None:
    largest = candidate("minilm linear", right(700, also=50), 27)
    middle = candidate("use-lite linear", right(749), 10)
    smallest = candidate("static linear", right(748), 6)
    worse = candidate("static cnn", right(500), 5)
    choice = choose([worse, smallest, middle, largest], multiple=False, max_bytes=None)
    assert choice.taken is smallest
    assert choice.chances[0] is not None
    assert choice.chances[0] < CHANCE


def test_equal_candidates_are_parted_by_bytes_and_then_by_time() -> None:
    slow = candidate("minilm linear", right(700), 6, milliseconds=9.0)
    quick = candidate("static linear", right(700), 6, milliseconds=0.1)
    heavy = candidate("static cnn", right(700), 7, milliseconds=0.1)
    choice = choose([heavy, slow, quick], multiple=True, max_bytes=None)
    assert choice.taken is quick
    assert choice.why == (
        "static with linear has the best micro F1, 0.700, and is the smallest to load: 6.00 MB."
    )


def test_what_a_budget_shuts_out_is_not_taken_but_told() -> None:
    large = candidate("minilm linear", right(800), 27, fits=False)
    small = candidate("static linear", right(700), 6)
    choice = choose([small, large], multiple=False, max_bytes=8_000_000)
    assert choice.taken is small
    assert choice.chances == (1.0, None)
    assert choice.why.endswith(
        " Beyond 8,000,000 bytes, minilm with linear has accuracy 0.800 (p < 0.001 against static "
        "with linear), in a bundle of 27,000,000 bytes."
    )


def test_what_a_browser_answers_otherwise_is_not_taken() -> None:
    failing = candidate("minilm linear", right(800), 27, complaint="chromium gives other answers")
    small = candidate("static linear", right(700), 6)
    assert choose([small, failing], multiple=False, max_bytes=None).taken is small
    alone = choose([failing], multiple=False, max_bytes=None)
    assert alone.taken is None
    assert alone.why == (
        "None is proved in the browser; minilm with linear: chromium gives other answers"
    )


def test_the_smallest_is_named_when_nothing_fits() -> None:
    two = [
        candidate("minilm linear", right(800), 27, fits=False),
        candidate("static linear", right(700), 6, fits=False),
    ]
    choice = choose(two, multiple=False, max_bytes=5_000_000)
    assert choice.taken is None
    assert choice.why == (
        "None fits 5,000,000 bytes; the smallest is static with linear, with 6,000,000 bytes."
    )


@pytest.mark.parametrize(("gained", "lost"), [(21, 9), (6, 2), (4, 0), (60, 61), (140, 100)])
def test_chance_is_that_of_mcnemars_exact_test(gained: int, lost: int) -> None:
    one, other = right(500, also=gained), right(500)
    one.gained[:lost] = 0
    exact = binomtest(gained, gained + lost).pvalue
    assert chance(one, other) == pytest.approx(exact, abs=0.02)
    assert chance(other, one) == pytest.approx(exact, abs=0.02)


def test_the_same_answers_differ_by_chance() -> None:
    assert chance(right(500), right(500)) == 1.0


def test_the_standard_error_of_accuracy_is_the_binomial_one() -> None:
    assert right(300).standard_error == pytest.approx((0.3 * 0.7 / (TEXTS - 1)) ** 0.5)


def several(seed: int, texts: int = 400) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return probabilities and true labels of texts that have several."""
    random = np.random.default_rng(seed)
    truth = random.random((texts, 5)) < 0.3
    return np.clip(truth * 0.4 + random.random(truth.shape) * 0.6, 0, 1), truth


def test_the_quality_is_the_one_that_metrics_name() -> None:
    probabilities, truth = several(0)
    thresholds = np.full(5, 0.5)
    metrics = measure(probabilities, truth, "abcde", thresholds, multiple=True)
    answers = answers_of(probabilities, truth, np.full(truth.shape, 0.5), multiple=True)
    assert answers.quality == pytest.approx(metrics.micro_f1)
    single = np.zeros_like(truth)
    single[np.arange(len(truth)), np.arange(len(truth)) % 5] = True
    metrics = measure(probabilities, single, "abcde", thresholds, multiple=False)
    answers = answers_of(probabilities, single, thresholds, multiple=False)
    assert answers.quality == pytest.approx(metrics.accuracy)


def test_the_standard_error_of_micro_f1_is_that_of_new_samples() -> None:
    found = []
    for seed in range(300):
        probabilities, truth = several(seed)
        found.append(answers_of(probabilities, truth, np.full(truth.shape, 0.5), multiple=True))
    spread = np.std([answers.quality for answers in found])
    assert np.mean([answers.standard_error for answers in found]) == pytest.approx(spread, rel=0.15)


def test_numbers_are_written_with_their_digits() -> None:
    times = [milliseconds(time) for time in (0.1294, 1.2, 14.04, 121.6, 1234.5, 0.0, 0.000021)]
    assert times == [
        "0.129 ms",
        "1.20 ms",
        "14.0 ms",
        "122 ms",
        "1,234 ms",
        "0.000 ms",
        "0.0000 ms",
    ]
    assert [probability(p) for p in (1.0, 0.2134, 0.0123, 0.0005)] == [
        *("p = 1", "p = 0.21", "p = 0.012", "p < 0.001")
    ]
