"""Random weights and inputs in; int8 rows that stay in range, and owe less than the nearest would."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from cutouts.encoders.exact import dense, quantise, step_count
from cutouts.encoders.graph import Graph
from cutouts.encoders.rounding import (
    LARGEST,
    LARGEST_PAIR,
    Matrix,
    Rows,
    Wide,
    quantise_rows,
    read_rows,
    rounded,
    seen_together,
)

RANDOM = np.random.default_rng(0)


def correlated(count: int, width: int) -> Wide:
    """Return inputs that rise and fall together, and are seldom negative."""
    return np.rint(8 * RANDOM.normal(size=(count, 4)) @ RANDOM.normal(size=(4, width)) + 20)


def errors(rows: Rows, weight: Matrix, inputs: Wide) -> Wide:
    """Return the squared error of each output, summed over the inputs."""
    kept = rows.whole * rows.scales.astype(np.float64)[:, None]
    return np.asarray(((inputs @ (kept - weight).T) ** 2).sum(axis=0))


@pytest.mark.parametrize("largest", [127, 63])
def test_quantised_rows_stay_within_half_a_step(largest: int) -> None:
    matrix = RANDOM.normal(size=(6, 9)).astype(np.float32)
    whole, scales = quantise_rows(matrix, largest)
    steps = np.abs(matrix).max(axis=1, keepdims=True) / largest
    assert (np.abs(whole * scales[:, None] - matrix) <= 0.501 * steps).all()
    assert np.abs(whole).max() == largest


@settings(max_examples=60, deadline=None)
@given(
    weight=arrays(
        np.float32,
        array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=8).map(
            lambda s: (s[0], 2 * s[1])
        ),
        elements=st.floats(-100, 100, width=32),
    ),
    seed=st.integers(0, 9),
    is_fed=st.booleans(),
)
def test_every_weight_and_every_pair_of_one_sign_stays_in_range(
    weight: Matrix, seed: int, is_fed: bool
) -> None:
    inputs = np.random.default_rng(seed).integers(-127, 128, (5, weight.shape[1])).astype(float)
    whole, scales = rounded(weight, inputs.T @ inputs + 1 if is_fed else None)
    assert np.isfinite(scales).all()
    pairs = whole.astype(np.int64).reshape(len(whole), -1, 2)
    assert np.abs(pairs).max() <= LARGEST
    for sign in (1, -1):
        assert np.maximum(sign * pairs, 0).sum(axis=2).max() <= LARGEST_PAIR


def test_rounded_by_itself_a_weight_is_within_half_a_step() -> None:
    weight = RANDOM.normal(size=(20, 64)).astype(np.float32)
    whole, scales = rounded(weight)
    # A pair at its limit may have to give up one more step.
    assert (np.abs(whole * scales[:, None] - weight) <= 1.001 * scales[:, None]).all()
    assert (np.abs(whole * scales[:, None] - weight) <= 0.501 * scales[:, None]).mean() > 0.99


def test_roundings_make_up_for_each_other() -> None:
    weight = RANDOM.normal(size=(30, 64)).astype(np.float32)
    inputs, others = correlated(400, 64), RANDOM.normal(size=(400, 64))
    fed, alone = rounded(weight, inputs.T @ inputs), rounded(weight)
    assert (fed.scales == alone.scales).all()
    assert errors(fed, weight, inputs).sum() < errors(alone, weight, inputs).sum() / 20
    assert errors(fed, weight, others).sum() < 6 * errors(alone, weight, others).sum()


def test_inputs_that_have_nothing_in_common_change_nothing() -> None:
    weight = RANDOM.normal(size=(5, 12)).astype(np.float32)
    assert (rounded(weight, np.diag(np.arange(1.0, 13))).whole == rounded(weight).whole).all()


def test_the_layers_of_a_graph_are_read_and_what_goes_into_them_is_counted() -> None:
    graph, weight = Graph(), RANDOM.normal(size=(6, 4)).astype(np.float32)
    x = graph.op("Cast", graph.op("Reshape", "input_ids", graph.const(np.array([-1, 4]))), to=1)
    rows, bias = rounded(weight), np.zeros(6, np.float32)
    y = dense(graph, quantise(graph, x), rows, bias, "first")
    relu = quantise(graph, graph.op("Relu", y), is_positive=True)
    graph.const(rows.whole, "another")
    model = graph.model(dense(graph, relu, rounded(weight.T), bias[:4], "second"), 4)

    found = read_rows(model)
    assert sorted(found) == ["first", "second"]
    assert (found["first"].whole == rows.whole).all()
    assert (found["first"].scales == rows.scales).all()

    ids = np.array([[127, -127, 0, 5], [1, 2, 127, -1]])
    sums = seen_together("tiny", model, [ids, 2 * ids[:1]])
    steps = np.concatenate([ids, ids[:1]])  # in steps of its row's largest, twice as much is alike
    assert (sums["first"] == steps.T @ steps).all()
    hidden = np.maximum(steps @ (rows.whole * rows.scales.astype(np.float64)[:, None]).T, 0)
    bytes_ = np.rint(255 * hidden / hidden.max(axis=1, keepdims=True))
    np.testing.assert_allclose(sums["second"], bytes_.T @ bytes_, rtol=0.03, atol=300)


@pytest.mark.parametrize("is_positive", [False, True])
def test_two_products_of_an_activation_and_a_weight_fit_16_bits(is_positive: bool) -> None:
    graph = Graph()
    x = graph.const(np.array([[-3, 1, 2]], np.float32))
    whole = quantise(graph, x, is_positive=is_positive)
    top = whole.zero + step_count(is_positive=is_positive)
    assert top == 255
    assert top * LARGEST_PAIR < 2**15
