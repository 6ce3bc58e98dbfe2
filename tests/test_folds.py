"""Folds: each row held out once, each label dealt out evenly, the same at every run."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from cutouts.encoders.tokenizer import join
from cutouts.heads.folds import FOLDS, MANY, Evidence, folds, quality, spread
from cutouts.metrics import best_micro_f1

TRUTHS = st_numpy.arrays(bool, st.tuples(st.integers(0, 40), st.integers(1, 5)))


def evidence(texts: int, *, multiple: bool = False) -> Evidence:
    truth = np.eye(2, dtype=bool)[np.arange(texts) % 2]
    pieces = join([np.array([5], np.uint32)] * texts)
    return Evidence(pieces, np.zeros((texts, 3), np.float32), truth, multiple)


@given(TRUTHS)
def test_parts_are_of_equal_size_and_the_same_at_every_run(truth: np.ndarray) -> None:
    part = spread(truth, 3)
    sizes = np.bincount(part, minlength=3)
    assert sizes.max() - sizes.min() <= 1
    assert part.tolist() == spread(truth.copy(), 3).tolist()


@given(st.lists(st.integers(0, 4), max_size=60))
def test_every_label_is_dealt_out_evenly(labels: list[int]) -> None:
    truth = np.eye(5, dtype=bool)[np.array(labels, int)]
    part = spread(truth, 3)
    for label in range(5):
        sizes = np.bincount(part[truth[:, label]], minlength=3)
        assert sizes.max() - sizes.min() <= 1


@pytest.mark.parametrize("texts", [2, 3, 7, 100])
def test_each_row_is_held_out_once_and_trains_the_others(texts: int) -> None:
    held: list[int] = []
    for train, held_out in folds(evidence(texts)):
        assert sorted([*train, *held_out]) == list(range(texts))
        assert len(held_out)
        assert len(train)
        held += held_out.tolist()
    assert sorted(held) == list(range(texts))


def test_of_many_texts_few_folds_are_one() -> None:
    assert len(list(folds(evidence(MANY), few=True))) == 1
    assert len(list(folds(evidence(MANY - 1), few=True))) == FOLDS
    assert len(list(folds(evidence(MANY)))) == FOLDS


def test_quality_with_one_label_is_accuracy_over_the_labelled() -> None:
    scores = np.array([[2.0, 1], [2, 1], [0, 1], [5, 0]])
    truth = np.array([[1, 0], [0, 1], [0, 1], [0, 0]], bool)
    assert quality(scores, truth, multiple=False) == pytest.approx(2 / 3)


def test_quality_with_several_labels_is_the_best_micro_f1() -> None:
    scores = np.random.default_rng(0).normal(size=(30, 3))
    truth = np.random.default_rng(1).random((30, 3)) < 0.4
    assert quality(scores, truth, multiple=True) == best_micro_f1(scores, truth)


@pytest.mark.parametrize("multiple", [True, False])
def test_quality_of_nothing_labelled_is_zero(multiple: bool) -> None:
    nothing = np.zeros((0, 3))
    assert quality(nothing, nothing.astype(bool), multiple=multiple) == 0
    assert quality(np.ones((2, 3)), np.zeros((2, 3), bool), multiple=multiple) == 0
