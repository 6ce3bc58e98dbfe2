"""Layers as a manifest lists them, on small numbers worked out by hand; and what is refused."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cutouts.errors import HeadError
from cutouts.heads.layers import ACTIVATIONS, build_layer

Tensors = dict[str, NDArray[Any]]


def run(layer: Mapping[str, Any], values: object, tensors: Tensors | None = None) -> list[Any]:
    """Return what the layer makes of one text's values."""
    x = np.array([values], np.float64)
    step = build_layer(layer, tensors or {}, 0, x.shape[1:])
    result = step.run(x)
    assert result.shape[1:] == step.shape
    answer: list[Any] = result[0].tolist()
    return answer


def refusal(
    layer: Mapping[str, Any], shape: tuple[int, ...], tensors: Tensors | None = None
) -> str:
    """Return the message with which the layer is refused."""
    with pytest.raises(HeadError) as caught:
        build_layer(layer, tensors or {}, 3, shape)
    return str(caught.value)


def floats(values: object) -> NDArray[np.float32]:
    return np.array(values, np.float32)


def kernel_and_bias(kernel: object, bias: object, index: int = 0) -> Tensors:
    return {f"{index}.kernel": floats(kernel), f"{index}.bias": floats(bias)}


STEPS = [[1.0], [2.0], [3.0], [4.0], [5.0]]


def test_dense_goes_over_the_last_axis() -> None:
    tensors = kernel_and_bias([[1, 10], [2, 20]], [0.5, 0])
    assert run({"type": "dense"}, [1, 1], tensors) == [3.5, 30]
    assert run({"type": "dense"}, [[1, 0], [0, 1]], tensors) == [[1.5, 10], [2.5, 20]]


def test_a_convolution_counts_padding_on_the_left_rounded_down() -> None:
    tensors = kernel_and_bias([[[1]], [[10]]], [0])
    assert run({"type": "conv1d"}, STEPS, tensors) == [[21], [32], [43], [54]]
    same = {"type": "conv1d", "padding": "same"}
    assert run(same, STEPS, tensors) == [[21], [32], [43], [54], [5]]
    assert run({**same, "strides": 2}, STEPS, tensors) == [[21], [43], [5]]


def test_a_dilated_convolution_skips_steps() -> None:
    tensors = kernel_and_bias([[[1]], [[10]]], [0])
    assert run({"type": "conv1d", "dilation": 3}, STEPS, tensors) == [[41], [52]]


def test_a_dilation_far_beyond_the_input_sees_zeros() -> None:
    tensors = kernel_and_bias([[[1]], [[10]], [[100]]], [7])
    layer = {"type": "conv1d", "padding": "same", "dilation": 10**15}
    assert run(layer, STEPS, tensors) == [[17], [27], [37], [47], [57]]


def test_an_average_does_not_count_padding() -> None:
    layer = {"type": "average_pooling1d", "size": 2, "padding": "same"}
    assert run(layer, STEPS) == [[1.5], [3.5], [5]]


def test_pooling_windows_move_by_their_own_size_unless_told() -> None:
    assert run({"type": "max_pooling1d", "size": 2}, STEPS) == [[2], [4]]
    assert run({"type": "max_pooling1d", "size": 2, "strides": 1}, STEPS) == [[2], [3], [4], [5]]
    assert run({"type": "max_pooling1d", "size": 10**15, "padding": "same"}, STEPS) == [[5]]


def test_global_pooling_leaves_one_number_per_channel() -> None:
    assert run({"type": "global_max_pooling1d"}, [[1, 9], [2, 8]]) == [2, 9]
    assert run({"type": "global_average_pooling1d"}, [[1, 9], [2, 8]]) == [1.5, 8.5]


def test_reshape_and_flatten_keep_the_order() -> None:
    assert run({"type": "reshape", "shape": [2, 2]}, [1, 2, 3, 4]) == [[1, 2], [3, 4]]
    assert run({"type": "flatten"}, [[1, 2], [3, 4]]) == [1, 2, 3, 4]


def test_batch_normalization_scales_and_shifts_each_channel() -> None:
    tensors: Tensors = {"0.scale": floats([2, 3]), "0.shift": floats([1, 0])}
    layer = {"type": "batch_normalization"}
    assert run(layer, [[1, 1], [2, 2]], tensors) == [[3, 3], [5, 6]]


def test_an_activation_follows_any_layer() -> None:
    tensors = kernel_and_bias([[1]], [0])
    assert run({"type": "dense", "activation": "relu"}, [-2], tensors) == [0]
    assert run({"type": "activation", "activation": "leaky_relu"}, [-2, 2]) == [-0.4, 2]
    assert run({"type": "activation", "activation": "softmax"}, [1000, 1000]) == [0.5, 0.5]


@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS) - {"exponential"}))
def test_no_activation_overflows_on_large_numbers(name: str) -> None:
    answers = run({"type": "activation", "activation": name}, [-2000.0, 0.0, 2000.0])
    assert np.isfinite(answers).all()


def test_an_unknown_type_is_refused_by_name() -> None:
    assert refusal({"type": "lstm"}, (4,)).startswith(
        "layer 3 (lstm) is of no known type, expected"
    )


def test_an_unknown_activation_is_refused_by_name() -> None:
    message = refusal({"type": "activation", "activation": "mish"}, (4,))
    assert message.startswith("layer 3 (activation) has activation 'mish', expected one of linear,")


def test_a_convolution_on_a_plain_vector_is_refused_with_the_repair() -> None:
    message = refusal({"type": "conv1d"}, (4,))
    assert message == (
        "layer 3 (conv1d) gets shape [4], expected (steps, channels): "
        "put a Reshape before it, for instance to (dim, 1)"
    )


def test_a_window_wider_than_the_input_is_refused() -> None:
    message = refusal({"type": "max_pooling1d", "size": 5}, (4, 1))
    assert "gets shape [4, 1], expected at least 5 steps" in message
    message = refusal({"type": "conv1d"}, (1, 1), kernel_and_bias([[[1]], [[1]]], [0], 3))
    assert "gets shape [1, 1], expected at least 2 steps" in message


@pytest.mark.parametrize("value", [0, -1, 1.5, "2", True, None])
def test_a_setting_that_is_no_whole_number_is_refused(value: object) -> None:
    message = refusal({"type": "max_pooling1d", "size": value}, (4, 1))
    assert message == (
        f"layer 3 (max_pooling1d) has size {value!r}, expected a whole number from 1 on"
    )


def test_an_unknown_padding_is_refused() -> None:
    message = refusal({"type": "max_pooling1d", "padding": "causal"}, (4, 1))
    assert message == "layer 3 (max_pooling1d) has padding 'causal', expected 'valid' or 'same'"


@pytest.mark.parametrize("shape", [[3], [2, 1], [], [1, 2, 2], [-2, -2], [4.0], ["4"]])
def test_a_reshape_to_another_count_is_refused(shape: list[object]) -> None:
    message = refusal({"type": "reshape", "shape": shape}, (4,))
    expected = f"reshapes [4] to {shape}, expected one or two sizes of 4 numbers together"
    assert message == f"layer 3 (reshape) {expected}"


def test_a_missing_weight_is_named() -> None:
    message = refusal({"type": "dense"}, (2,))
    assert message == "layer 3 (dense) has no tensor 3.kernel, expected one of shape (2, any)"


def test_a_weight_of_another_shape_or_type_is_named() -> None:
    message = refusal({"type": "dense"}, (2,), kernel_and_bias([[1], [2], [3]], [0], 3))
    assert message == "layer 3 (dense) has kernel float32 (3, 1), expected float32 (2, any)"
    message = refusal({"type": "dense"}, (2,), kernel_and_bias(np.ones((2, 0)), [], 3))
    assert message == "layer 3 (dense) has kernel float32 (2, 0), expected float32 (2, any)"
    wide: Tensors = {"3.kernel": np.ones((2, 1), np.float64)}
    assert "has kernel float64 (2, 1), expected float32" in refusal({"type": "dense"}, (2,), wide)


def test_a_weight_that_is_not_finite_is_refused() -> None:
    message = refusal({"type": "dense"}, (1,), kernel_and_bias([[np.nan]], [0], 3))
    assert message == "layer 3 (dense) has kernel with numbers that are not finite: train it again"
