"""A small network's layers and weights: the scores that come out, and what is refused."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cutouts.encoders.tokenizer import Pieces
from cutouts.errors import HeadError
from cutouts.heads.cnn import BATCH, read_cnn

Tensors = dict[str, NDArray[Any]]

LAYERS: list[dict[str, Any]] = [
    {"type": "reshape", "shape": [4, 1]},
    {"type": "conv1d", "activation": "relu", "strides": 1, "padding": "valid", "dilation": 1},
    {"type": "max_pooling1d", "size": 3, "strides": 3, "padding": "valid"},
    {"type": "flatten"},
    {"type": "dense", "activation": "linear"},
]


def tensors() -> Tensors:
    """Return the weights of LAYERS: differences of neighbours, the largest of them, two labels."""
    return {
        "1.kernel": np.array([[[-1]], [[1]]], np.float32),
        "1.bias": np.array([0], np.float32),
        "4.kernel": np.array([[1, -2]], np.float32),
        "4.bias": np.array([0.5, 0], np.float32),
    }


def no_pieces(texts: int) -> Pieces:
    return Pieces(np.zeros(0, np.uint32), np.zeros(texts + 1, np.int64))


def vectors(*rows: list[float]) -> NDArray[np.float32]:
    return np.array(rows, np.float32)


def test_scores_are_those_of_the_layers_one_after_the_other() -> None:
    head = read_cnn(tensors(), LAYERS, labels=2, dim=4)
    scores = head.scores(no_pieces(2), vectors([0, 1, 4, 4], [4, 3, 2, 1]))
    assert scores.tolist() == [[3.5, -6], [0.5, 0]]


def test_no_texts_give_no_scores() -> None:
    head = read_cnn(tensors(), LAYERS, labels=2, dim=4)
    assert head.scores(no_pieces(0), np.zeros((0, 4), np.float32)).shape == (0, 2)


def test_a_text_scores_the_same_alone_and_among_many() -> None:
    head = read_cnn(tensors(), LAYERS, labels=2, dim=4)
    many = np.random.default_rng(0).normal(size=(2 * BATCH + 3, 4)).astype(np.float32)
    together = head.scores(no_pieces(len(many)), many)
    alone = [head.scores(no_pieces(1), many[row : row + 1])[0] for row in range(len(many))]
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-12)


@pytest.mark.parametrize("link", ["softmax", "sigmoid"])
def test_a_final_link_is_not_part_of_the_scores(link: str) -> None:
    plain = read_cnn(tensors(), LAYERS, labels=2, dim=4)
    ended = [*LAYERS[:-1], {"type": "dense", "activation": link}]
    x = vectors([0, 1, 4, 4])
    assert (
        read_cnn(tensors(), ended, labels=2, dim=4).scores(no_pieces(1), x).tolist()
        == read_cnn(tensors(), [*LAYERS, {"type": "activation", "activation": link}], 2, 4)
        .scores(no_pieces(1), x)
        .tolist()
        == plain.scores(no_pieces(1), x).tolist()
    )


def test_what_is_read_can_be_written_and_read_again() -> None:
    head = read_cnn(tensors(), LAYERS, labels=2, dim=4)
    again = read_cnn(head.tensors(), head.layers(), labels=2, dim=4)
    x = vectors([3, 1, 4, 1])
    assert again.layers() == LAYERS
    assert (again.scores(no_pieces(1), x) == head.scores(no_pieces(1), x)).all()


def test_the_calibration_beside_the_weights_is_not_the_networks() -> None:
    beside: Tensors = {**tensors(), "slope": np.ones(2, np.float32), "offset": np.ones(2)}
    assert set(read_cnn(beside, LAYERS, labels=2, dim=4).tensors()) == set(tensors())


def test_no_layers_are_refused() -> None:
    with pytest.raises(HeadError, match=r"^the head lists no layers, expected at least one"):
        read_cnn({}, [], labels=2, dim=4)


def test_a_network_that_does_not_end_in_one_score_per_label_is_refused() -> None:
    with pytest.raises(HeadError) as caught:
        read_cnn(tensors(), LAYERS, labels=3, dim=4)
    assert str(caught.value) == (
        "layer 4 (dense) gives shape [2], expected [3], one score per label: "
        "end with Flatten or a global pooling, then Dense(3)"
    )


def test_a_layer_that_does_not_fit_the_one_before_is_named() -> None:
    with pytest.raises(HeadError, match=r"^layer 0 \(reshape\) reshapes \[5\] to \[4, 1\]"):
        read_cnn(tensors(), LAYERS, labels=2, dim=5)
    with pytest.raises(HeadError, match=r"^layer 0 \(conv1d\) gets shape \[4\]"):
        read_cnn(tensors(), LAYERS[1:], labels=2, dim=4)


def test_vectors_of_another_encoder_are_refused() -> None:
    head = read_cnn(tensors(), LAYERS, labels=2, dim=4)
    with pytest.raises(HeadError) as caught:
        head.scores(no_pieces(1), np.zeros((1, 3), np.float32))
    assert str(caught.value) == (
        "the vectors have shape (1, 3), the head expects (texts, 4): "
        "use the encoder that it was trained with"
    )
