"""The linear head against plain loops, its rounding, and tensors that do not fit."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cutouts.encoders.tokenizer import join
from cutouts.errors import HeadError
from cutouts.heads.linear import LinearHead, bytes_per_feature, linear_head, read_linear
from tests.golden import reference

LABELS, DIM = 3, 5
RANDOM = np.random.default_rng(4)
KEYS = np.array([1 << 16 | 2, 2 << 16 | 2, 0xFFFF0001, 0xFFFF0002, 0xFFFF0009], np.uint32)


def random(*shape: int) -> NDArray[np.float32]:
    return RANDOM.normal(size=shape).astype(np.float32)


HEAD = linear_head(
    KEYS, 1 + np.abs(random(5)), random(5, LABELS), random(LABELS, DIM), random(LABELS)
)


def test_scores_are_those_of_plain_loops() -> None:
    texts = [[], [1, 2, 2], [9, 9, 9, 9], [7, 8], [2, 2, 2, 2, 1]]
    vectors = random(len(texts), DIM)
    scores = HEAD.scores(join([np.array(ids, np.uint32) for ids in texts]), vectors)
    lists = {name: tensor.tolist() for name, tensor in HEAD.tensors().items()}
    for ids, vector, row in zip(texts, vectors, scores, strict=True):
        expected = reference.linear_scores(ids, vector.tolist(), lists)
        np.testing.assert_allclose(row, expected, rtol=0, atol=1e-12)


def test_word_weights_stay_within_half_a_step() -> None:
    weights = random(5, LABELS) * 10
    head = linear_head(KEYS, random(5), weights, random(LABELS, DIM), random(LABELS))
    steps = np.abs(weights).max(axis=1, keepdims=True) / 127
    assert (np.abs(head.rows * head.row_scales[:, None] - weights) <= 0.501 * steps).all()


def test_a_head_without_words_goes_by_the_vector_alone() -> None:
    none = np.zeros(0, np.uint32)
    head = linear_head(none, random(0), random(0, LABELS), HEAD.vector_weights, HEAD.bias)
    vector = random(1, DIM)
    scores = head.scores(join([np.array([1, 2], np.uint32)]), vector)
    np.testing.assert_allclose(scores[0], HEAD.vector_weights @ vector[0] + HEAD.bias, atol=1e-5)


def test_no_texts_have_no_scores() -> None:
    assert HEAD.scores(join([]), np.zeros((0, DIM), np.float32)).shape == (0, LABELS)


def test_a_head_reads_back_from_its_tensors() -> None:
    again = read_linear(HEAD.tensors(), LABELS, DIM)
    assert all((again.tensors()[name] == tensor).all() for name, tensor in HEAD.tensors().items())


@pytest.mark.parametrize("name", ["keys", "idf", "rows", "row_scales", "vector_weights", "bias"])
def test_a_missing_tensor_is_named(name: str) -> None:
    tensors = {other: tensor for other, tensor in HEAD.tensors().items() if other != name}
    with pytest.raises(HeadError) as caught:
        read_linear(tensors, LABELS, DIM)
    assert str(caught.value) == f"the head has no tensor {name!r}: build the bundle again"


@pytest.mark.parametrize(
    ("name", "tensor"),
    [
        ("keys", KEYS.astype(np.int32)),
        ("keys", KEYS[:-1]),
        ("keys", KEYS[:, None]),
        ("idf", HEAD.idf.astype(np.float64)),
        ("rows", HEAD.rows[:, :2]),
        ("rows", HEAD.rows.astype(np.uint8)),
        ("row_scales", HEAD.row_scales[:1]),
        ("vector_weights", HEAD.vector_weights.T),
        ("bias", HEAD.bias[:-1]),
        ("bias", np.float32(1) + np.zeros((), np.float32)),
    ],
)
def test_a_tensor_of_another_shape_or_type_is_named(name: str, tensor: NDArray[Any]) -> None:
    with pytest.raises(
        HeadError, match=r"^tensor '\w+' of the head is .+: build the bundle again$"
    ):
        read_linear({**HEAD.tensors(), name: tensor}, LABELS, DIM)


@pytest.mark.parametrize("name", ["idf", "row_scales", "vector_weights", "bias"])
@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_a_number_that_is_not_finite_is_refused(name: str, number: float) -> None:
    tensor = HEAD.tensors()[name].copy()
    tensor.flat[0] = number
    with pytest.raises(HeadError) as caught:
        read_linear({**HEAD.tensors(), name: tensor}, LABELS, DIM)
    assert str(caught.value) == (
        f"tensor {name!r} of the head holds numbers that are not finite: build the bundle again"
    )


@pytest.mark.parametrize("keys", [KEYS[::-1].copy(), np.full_like(KEYS, 7)])
def test_keys_that_are_not_sorted_are_refused(keys: NDArray[np.uint32]) -> None:
    with pytest.raises(HeadError, match=r"^the keys of the head are not sorted"):
        read_linear({**HEAD.tensors(), "keys": keys}, LABELS, DIM)


def test_a_feature_costs_as_many_bytes_as_it_is_said_to() -> None:
    def size(head: LinearHead) -> int:
        return sum(tensor.nbytes for tensor in head.tensors().values())

    one_less = linear_head(
        KEYS[:-1], HEAD.idf[:-1], random(4, LABELS), HEAD.vector_weights, HEAD.bias
    )
    assert size(HEAD) - size(one_less) == bytes_per_feature(LABELS)
