"""Layers as plain data in; each one's verdict out, the same whether or not Keras is installed."""

from typing import Any

import pytest

from cutouts.errors import HeadError
from cutouts.heads.described import SETTINGS, Described, Model
from cutouts.heads.instead import ADVICE, why_and_instead
from cutouts.heads.keras_layers import EXPORTS, LEFT_OUT, MAX_NUMBERS, judge, runnable


def described(kind: str, *, of_keras: bool = True, **settings: Any) -> Described:
    return Described(kind, kind.lower(), of_keras, settings)


def dense(units: int) -> Described:
    return described("Dense", units=units, activation="linear")


def complaint(*layers: Described, shape: tuple[int, ...] | None = (12,)) -> str:
    with pytest.raises(HeadError) as caught:
        runnable(Model(layers, shape))
    return str(caught.value)


def test_every_layer_is_judged_not_only_the_first_that_fails() -> None:
    layers = (described("LSTM"), dense(3), described("Mine", of_keras=False))
    verdicts = judge(Model(layers, (12,)))
    assert [verdict.runs for verdict in verdicts] == [False, True, False]
    assert [verdict.number for verdict in verdicts] == [0, 1, 2]


def test_the_shape_is_not_known_behind_a_layer_that_fails() -> None:
    verdicts = judge(Model((dense(5), described("GRU"), dense(3)), (12,)))
    assert [verdict.shape for verdict in verdicts] == [(5,), None, None]


def test_the_shape_of_a_reshape_is_filled_in() -> None:
    reshape = described("Reshape", target_shape=(-1, 4))
    flatten = described("Flatten", data_format="channels_last")
    first, second = runnable(Model((reshape, flatten), (12,)))
    assert first.exported == {"type": "reshape", "shape": [3, 4]}
    assert second.shape == (12,)


def test_a_model_whose_layers_all_do_nothing_is_refused() -> None:
    assert complaint(described("Dropout", rate=0.5)) == (
        "the model has no layer that does anything: end it with Dense(labels)"
    )


def test_an_input_of_several_sizes_is_refused() -> None:
    assert complaint(dense(3), shape=(6, 2)) == (
        "the model reads shape [6, 2], expected at most 1,000,000 numbers in a row: "
        "begin it with keras.Input((dim,))"
    )
    assert "the model reads shape [1000001]" in complaint(dense(3), shape=(MAX_NUMBERS + 1,))


def test_what_is_wrong_with_the_model_as_a_whole_is_told_first() -> None:
    with pytest.raises(HeadError, match=r"^the model has two heads$"):
        runnable(Model((described("LSTM"),), (12,), "the model has two heads"))


def test_a_very_long_setting_is_cut_in_the_message() -> None:
    message = complaint(described("Dense", units="9" * 10_000, activation="linear"))
    assert "999…, which cannot run" in message
    assert len(message) < 300


@pytest.mark.parametrize("kind", ["Conv3D", "ConvLSTM1D", "AdditiveAttention", "Concatenate"])
def test_a_family_of_layers_is_refused_with_what_to_use(kind: str) -> None:
    why, instead = why_and_instead(kind, of_keras=True)
    assert instead
    assert complaint(described(kind)) == (
        f"layer 0 ({kind} {kind.lower()!r}) cannot run in a browser ({why}): {instead}"
    )


def test_no_class_is_said_to_run_and_not_to_run() -> None:
    assert not ADVICE.keys() & {*EXPORTS, *LEFT_OUT}
    assert SETTINGS.keys() <= {*EXPORTS, *LEFT_OUT}
    assert EXPORTS.keys() <= SETTINGS.keys()
