"""Keras models next to what is exported from them: the same answers; and what is refused."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cutouts.encoders.tokenizer import Pieces
from cutouts.errors import HeadError
from cutouts.heads.cnn import read_cnn
from cutouts.heads.instead import ADVICE, CONVOLVE, IMAGE
from cutouts.heads.keras_layers import judge
from cutouts.heads.keras_model import describe_model, export_model, import_keras
from cutouts.heads.layers import ACTIVATIONS

pytest.importorskip("jax", reason="the extra cnn is not installed")
keras = import_keras()
L = keras.layers
DIM = 12
LABELS = 3


def sequential(*middle: Any, end: bool = True) -> Any:
    """Return an untrained model of these layers, all weights drawn at random."""
    last = [L.Flatten(), L.Dense(LABELS)] if end else []
    model = keras.Sequential([keras.Input((DIM,)), *middle, *last])
    random = np.random.default_rng(0)
    for weight in model.weights:
        drawn = random.normal(size=weight.shape)
        weight.assign(np.abs(drawn) + 0.1 if weight.name == "moving_variance" else drawn)
    return model


def texts() -> NDArray[np.float32]:
    x = np.random.default_rng(1).normal(size=(5, DIM)).astype(np.float32)
    x[0] = 0  # a text that has nothing to go by
    return x


def ours(model: Any) -> NDArray[np.float64]:
    """Return the scores of the exported model."""
    layers, tensors = export_model(model)
    pieces = Pieces(np.zeros(0, np.uint32), np.zeros(6, np.int64))
    return read_cnn(tensors, layers, LABELS, DIM).scores(pieces, texts())


def keras_says(model: Any) -> NDArray[np.float32]:
    """Return what `model.predict` returns, without compiling the model for it."""
    return np.asarray(model(texts(), training=False))


def assert_same(model: Any) -> None:
    np.testing.assert_allclose(ours(model), keras_says(model), rtol=2e-4, atol=2e-4)


def refusal(*middle: Any) -> str:
    with pytest.raises(HeadError) as caught:
        export_model(sequential(*middle))
    return str(caught.value)


STEPS = (6, 2)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_each_activation_answers_as_keras_does(activation: str) -> None:
    assert_same(sequential(L.Dense(7, activation=activation)))
    assert_same(sequential(L.Reshape(STEPS), L.Activation(activation)))


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("size", [1, 3, 4])
@pytest.mark.parametrize(("strides", "dilation"), [(1, 1), (2, 1), (3, 1), (5, 1), (1, 2), (1, 3)])
def test_each_convolution_answers_as_keras_does(
    padding: str, size: int, strides: int, dilation: int
) -> None:
    layer = L.Conv1D(3, size, strides=strides, padding=padding, dilation_rate=dilation)
    assert_same(sequential(L.Reshape((12, 1)), layer))


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("strides", [None, 1, 4, 7])
def test_each_pooling_answers_as_keras_does(padding: str, size: int, strides: int | None) -> None:
    for pooling in (L.MaxPooling1D, L.AveragePooling1D):
        assert_same(sequential(L.Reshape(STEPS), pooling(size, strides=strides, padding=padding)))


@pytest.mark.parametrize(
    "layer",
    [
        L.GlobalMaxPooling1D(),
        L.GlobalAveragePooling1D(),
        L.Dense(3, use_bias=False),
        L.Conv1D(3, 2, use_bias=False),
        L.BatchNormalization(),
        L.BatchNormalization(center=False),
        L.BatchNormalization(scale=False, epsilon=0.1),
        L.Reshape((3, -1)),
        L.Rescaling(2.5, offset=-1),
        L.Rescaling([1.0, 2.0], offset=[3.0, 4.0]),
        L.ReLU(),
        L.ReLU(max_value=6),
        L.LeakyReLU(negative_slope=0.2),
        L.ELU(),
        L.Softmax(),
        L.Dropout(0.5),
        L.SpatialDropout1D(0.5),
        L.GaussianNoise(0.5),
        L.Identity(),
    ],
    ids=lambda layer: str(layer.name),
)
def test_each_other_layer_answers_as_keras_does(layer: Any) -> None:
    assert_same(sequential(L.Reshape(STEPS), layer))


Described = tuple[str, dict[str, Any]]  # the class of a layer, and what it is made with

WINDOWS = {"strides": st.integers(1, 3), "padding": st.just("same")}
NAMES = st.sampled_from(sorted(set(ACTIVATIONS) - {"exponential"}))
CHOICES: tuple[tuple[str, dict[str, st.SearchStrategy[Any]]], ...] = (
    ("Conv1D", {"filters": st.just(2), "kernel_size": st.integers(1, 4), **WINDOWS}),
    ("MaxPooling1D", {"pool_size": st.integers(1, 4), **WINDOWS}),
    ("AveragePooling1D", {"pool_size": st.integers(1, 4), **WINDOWS}),
    ("BatchNormalization", {}),
    ("Activation", {"activation": NAMES}),
    ("Dense", {"units": st.just(3), "activation": NAMES}),
    ("Dropout", {"rate": st.just(0.3)}),
)
LAYERS = st.one_of([st.tuples(st.just(kind), st.fixed_dictionaries(o)) for kind, o in CHOICES])


@pytest.mark.filterwarnings("ignore:You are using a softmax over axis")  # of one number: always 1
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([(12, 1), (6, 2), (4, 3)]), st.lists(LAYERS, min_size=1, max_size=4))
def test_a_random_network_answers_as_keras_does(
    shape: tuple[int, int], described: list[Described]
) -> None:
    made = [getattr(L, kind)(**options) for kind, options in described]
    assert_same(sequential(L.Reshape(shape), *made))


@pytest.mark.parametrize("link", ["softmax", "sigmoid"])
def test_scores_are_what_comes_before_a_final_link(link: str) -> None:
    model = sequential(L.Dense(LABELS, activation=link), end=False)
    logits = ours(model)
    probabilities = 1 / (1 + np.exp(-logits))
    if link == "softmax":
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(probabilities, keras_says(model), atol=1e-5)


def test_a_functional_chain_is_exported_too() -> None:
    inner = keras.Input((DIM,))
    hidden = L.Conv1D(4, 3, activation="relu")(L.Reshape(STEPS)(inner))
    assert_same(keras.Model(inner, L.Dense(LABELS)(L.GlobalMaxPooling1D()(hidden))))


def test_a_model_that_branches_is_refused() -> None:
    inner = keras.Input((DIM,))
    left, right = L.Dense(3, name="left")(inner), L.Dense(3, name="right")(inner)
    with pytest.raises(HeadError) as caught:
        export_model(keras.Model(inner, L.Add()([left, right])))
    assert str(caught.value) == (
        "layer 2 (Dense 'right') does not follow the layer before it: "
        "use a Sequential model: one layer after the other"
    )


def test_a_model_with_two_outputs_is_refused() -> None:
    inner = keras.Input((DIM,))
    first = L.Dense(3)(inner)
    with pytest.raises(HeadError, match=r"^the model has 1 inputs and 2 outputs, expected one of"):
        export_model(keras.Model(inner, [first, L.Dense(3)(first)]))


def test_a_layer_that_is_used_twice_is_refused() -> None:
    inner, twice = keras.Input((DIM,)), L.Dense(DIM, name="twice")
    with pytest.raises(HeadError, match=r"^layer 1 \(Dense 'twice'\) does not follow the layer"):
        export_model(keras.Model(inner, twice(twice(inner))))


def test_a_class_of_ones_own_is_refused() -> None:
    class Mine(keras.Model):  # type: ignore[name-defined,misc]  # Keras has no types
        pass

    class Dense(L.Dense):  # type: ignore[name-defined,misc]  # a known name is not enough
        pass

    with pytest.raises(
        HeadError, match=r"^the model is a Mine, which cannot run in a browser: use"
    ):
        export_model(Mine())
    message = refusal(Dense(3, name="mine"))
    assert message.startswith(
        "layer 0 (Dense 'mine') cannot run in a browser "
        "(its class is not one of Keras, so its code is unknown): use Dense, Conv1D,"
    )


def test_a_model_without_a_shape_is_refused() -> None:
    with pytest.raises(HeadError) as caught:
        export_model(keras.Sequential([L.Dense(3)]))
    assert str(caught.value) == ("the model has no shape yet: begin it with keras.Input((dim,))")


def test_what_a_browser_lacks_is_refused_before_the_model_has_a_shape() -> None:
    with pytest.raises(
        HeadError, match=r"^layer 1 \(LSTM 'lstm\w*'\) cannot run in a browser \(the runtime"
    ):
        export_model(keras.Sequential([L.Reshape(STEPS), L.LSTM(3)]))


@pytest.mark.parametrize(
    ("layer", "instead"),
    [
        (L.LSTM(3), CONVOLVE),
        (L.GRU(3), CONVOLVE),
        (L.SimpleRNN(3), CONVOLVE),
        (L.Bidirectional(L.LSTM(3)), CONVOLVE),
        (L.SeparableConv1D(3, 2), "use Conv1D"),
        (L.Conv1DTranspose(3, 2), "use Conv1D"),
        (L.LayerNormalization(), "use BatchNormalization"),
        (L.Lambda(lambda x: x), "use Activation, Dense or BatchNormalization"),
        (L.PReLU(), "use ReLU or LeakyReLU(negative_slope=0.2)"),
        (L.ZeroPadding1D(1), "use padding='same' in the layer that follows"),
        (keras.Sequential([L.Dense(3)], name="inner"), "put its layers in one by one"),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_a_layer_that_no_browser_runs_is_refused_with_another(layer: Any, instead: str) -> None:
    message = refusal(L.Reshape(STEPS), layer)
    kind = type(layer).__name__
    why = ADVICE.get(kind, ADVICE["LSTM"])[0]
    assert message == f"layer 1 ({kind} {layer.name!r}) cannot run in a browser ({why}): {instead}"


def test_layers_on_images_and_tokens_are_refused_with_another() -> None:
    images = sequential(L.Reshape((6, 2, 1)), L.Conv2D(2, 2, name="wide"))
    message = judge(describe_model(images))[1].message()
    why, instead = IMAGE
    assert message == f"layer 1 (Conv2D 'wide') cannot run in a browser ({why}): {instead}"
    message = refusal(L.Embedding(5, 2, name="words"))
    assert message.startswith("layer 0 (Embedding 'words') cannot run in a browser (the head reads")
    assert ": leave it out: the input is a text's vector" in message


@pytest.mark.parametrize(
    ("layer", "complaint"),
    [
        (L.Conv1D(2, 2, padding="causal"), "has padding='causal', which cannot run in a browser"),
        (L.Conv1D(2, 2, groups=2), "has groups=2, which cannot run in a browser: use groups=1"),
        (L.LeakyReLU(), "has negative_slope=0.3, which cannot run in a browser: use"),
        (L.ReLU(max_value=3), "has max_value=3, which cannot run in a browser: use max_value=6"),
        (L.ELU(alpha=2.0), "has alpha=2.0, which cannot run in a browser: use alpha=1.0"),
        (L.BatchNormalization(axis=1), "has axis=1, which cannot run in a browser: use axis=-1"),
        (L.Softmax(axis=1), "has axis=1, which cannot run in a browser: use axis=-1"),
        (L.GlobalMaxPooling1D(keepdims=True), "has keepdims=True, which cannot run in a browser"),
        (
            L.Reshape((3, 2, 2)),
            "gives shape [3, 2, 2], which cannot run in a browser: use one size",
        ),
        (
            L.Dense(2, activation="mish"),
            "has activation 'mish', which cannot run in a browser: use",
        ),
        (
            L.Activation(lambda x: x),
            "has activation '<lambda>', which cannot run in a browser: use",
        ),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_a_setting_that_no_browser_runs_is_refused_by_name(layer: Any, complaint: str) -> None:
    message = refusal(L.Reshape(STEPS), layer)
    assert message.startswith(f"layer 1 ({type(layer).__name__} {layer.name!r}) {complaint}")
