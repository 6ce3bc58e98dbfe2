"""Networks of the user's own: a file that is data, a function that is code; what fits and what not."""

import json
import random
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutouts.errors import HeadError, UsageError
from cutouts.heads.blueprint import check_fits, read_blueprint, review
from cutouts.heads.described import SETTINGS, Described, Model
from cutouts.heads.keras_file import read_keras_file
from cutouts.heads.keras_layers import judge
from cutouts.heads.keras_model import build_model, describe_model, import_keras
from tests.keras_archive import archive

pytest.importorskip("jax", reason="the extra cnn is not installed")
keras = import_keras()
L = keras.layers

# Keras 3.15 saves its variables in a way that numpy 2 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

DIM, LABELS = 12, 3
CALLED = "tiny", DIM  # the encoder in these tests
NETWORK = """
import keras

def build(dim, labels):
    return keras.Sequential([keras.Input((dim,)), keras.layers.Dense(labels)])
"""


def saved(folder: Path, *layers: Any, name: str = "model.keras") -> str:
    """Return the path of a model of these layers as Keras itself saves it."""
    model = keras.Sequential([keras.Input((DIM,)), *layers])
    model.save(folder / name)
    return str(folder / name)


def python(folder: Path, code: str = NETWORK, function: str = "build") -> str:
    (folder / "network.py").write_text(code)
    return f"{folder / 'network.py'}:{function}"


def misfit(text: str, *, labels: int = LABELS, multiple: bool = False) -> str:
    with pytest.raises(HeadError) as caught:
        check_fits(read_blueprint(text), CALLED, labels, multiple=multiple)
    return str(caught.value)


STACK: tuple[tuple[str, dict[str, Any]], ...] = (
    *(("Reshape", {"target_shape": (-1, 2)}), ("Rescaling", {"scale": [1.0, 2.0], "offset": 3})),
    (
        "Conv1D",
        {"filters": 4, "kernel_size": 3, "strides": 2, "padding": "same", "use_bias": False},
    ),
    *(
        ("BatchNormalization", {"epsilon": 0.1, "scale": False}),
        ("LeakyReLU", {"negative_slope": 0.2}),
    ),
    *(
        ("ReLU", {"max_value": 6}),
        ("ELU", {}),
        ("Softmax", {}),
        ("Activation", {"activation": "gelu"}),
    ),
    *(("Dropout", {"rate": 0.25}), ("SpatialDropout1D", {"rate": 0.1}), ("Identity", {})),
    *(("GaussianNoise", {"stddev": 0.1}), ("GaussianDropout", {"rate": 0.1})),
    *(("AlphaDropout", {"rate": 0.1}), ("ActivityRegularization", {"l1": 0.1, "l2": 0.2})),
    *(("MaxPooling1D", {"pool_size": 2, "strides": 1}), ("AveragePooling1D", {"pool_size": 2})),
)


@pytest.mark.parametrize("last", ["Flatten", "GlobalMaxPooling1D", "GlobalAveragePooling1D"])
def test_a_file_is_made_again_as_keras_saved_it(last: str, tmp_path: Path) -> None:
    made = [getattr(L, kind)(**settings) for kind, settings in STACK]
    path = saved(tmp_path, *made, getattr(L, last)(), L.Dense(LABELS, activation="softmax"))
    described = read_keras_file(Path(path))
    again = build_model(described)
    for ours, theirs in zip(describe_model(again).layers, described.layers, strict=True):
        same = {name: _listed(value) for name, value in ours.settings.items()}
        assert {name: same[name] for name in theirs.settings} == theirs.settings
    before = describe_model(keras.models.load_model(path, compile=False))
    assert [v.exported for v in judge(before)] == [v.exported for v in judge(described)]
    assert [v.shape for v in judge(before)] == [v.shape for v in judge(described)]


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def test_a_file_of_keras_3_0_can_be_made_again(root: Path) -> None:
    model = build_model(read_keras_file(root / "tests/saved/keras-3.0.5.keras"))
    assert model.input_shape == (None, 12)
    assert model.output_shape == (None, 3)


@keras.saving.register_keras_serializable("Mine")
class Doubled(L.Layer):  # type: ignore[name-defined,misc]  # Keras has no types
    """A class of the user's own, as Keras registers it."""

    def call(self, x: Any) -> Any:
        return x * 2


@pytest.mark.parametrize(
    "layer",
    [
        L.LSTM(3),
        L.MultiHeadAttention(1, 2),
        L.Conv1D(2, 2, padding="causal"),
        L.Conv1D(2, 2, groups=2),
        L.LayerNormalization(),
        L.BatchNormalization(axis=1),
        L.Reshape((3, 2, 2)),
        L.LeakyReLU(),
        L.ReLU(max_value=3),
        L.Dense(2, activation="mish"),
        L.GlobalMaxPooling1D(keepdims=True),
        Doubled(),
        keras.Sequential([L.Dense(3)], name="inner"),
    ],
    ids=lambda layer: str(layer.name),
)
def test_a_layer_is_refused_alike_in_memory_and_in_a_file(layer: Any, tmp_path: Path) -> None:
    steps = keras.Input((DIM,))
    reshaped = L.Reshape((6, 2))(steps)
    several = isinstance(layer, L.MultiHeadAttention)
    model = keras.Model(steps, layer(reshaped, reshaped) if several else layer(reshaped))
    model.save(tmp_path / "model.keras")
    memory = judge(describe_model(model))[2]
    file = judge(read_keras_file(tmp_path / "model.keras"))[2]
    assert not file.runs
    assert file.message() == memory.message()


def test_nothing_in_a_file_is_run(tmp_path: Path) -> None:
    secret = tmp_path / "was_run"
    code = f"__import__('pathlib').Path({str(secret)!r}).touch()"
    shown = L.Lambda(eval(f"lambda x: ({code}, x)[1]"))  # noqa: S307  (what a hostile file would hold)
    path = saved(tmp_path, L.Dense(4), L.Dense(LABELS))
    keras.Sequential([keras.Input((DIM,)), shown]).save(path)
    secret.unlink(missing_ok=True)
    assert review(path).complaint.startswith("layer 0 (Lambda 'lambda")
    assert "(it holds Python code)" in misfit(path)
    assert not secret.exists()


def test_a_file_for_vectors_of_another_width_is_refused_with_both_numbers(tmp_path: Path) -> None:
    path = saved(tmp_path, L.Dense(LABELS))
    with pytest.raises(HeadError) as caught:
        check_fits(read_blueprint(path), ("minilm", 384), LABELS, multiple=False)
    assert str(caught.value) == (
        f"{path} reads 12 numbers, the encoder minilm gives 384: "
        "begin it with keras.Input((384,)), or choose another --encoder"
    )


def test_a_file_for_other_labels_is_refused_with_both_numbers(tmp_path: Path) -> None:
    path = saved(tmp_path, L.Dense(LABELS))
    assert misfit(path, labels=4) == (
        f"{path} gives 3 scores, the corpus has 4 labels: end it with Dense(4)"
    )


def test_a_file_that_gives_more_than_one_row_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, L.Reshape((6, 2)), L.Dense(LABELS))
    assert misfit(path) == (
        f"{path}: the model gives shape [6, 3], expected one row of scores: "
        "end it with Flatten or a global pooling, then Dense(labels)"
    )


def test_a_file_that_ends_for_several_labels_is_refused_where_texts_have_one(
    tmp_path: Path,
) -> None:
    path = saved(tmp_path, L.Dense(LABELS, activation="sigmoid"))
    assert misfit(path).startswith("the model ends with sigmoid, but texts have one label: end")
    check_fits(read_blueprint(path), CALLED, LABELS, multiple=True)


def test_a_setting_that_keras_refuses_is_told_before_training(tmp_path: Path) -> None:
    path = saved(tmp_path, L.Dropout(0.5, name="much"), L.Dense(LABELS))
    with zipfile.ZipFile(path) as file:
        config = json.loads(file.read("config.json"))
    config["config"]["layers"][1]["config"]["rate"] = 7.5
    assert misfit(str(archive(tmp_path, config))) == (
        "layer 0 (Dropout 'much') is refused by Keras: "
        "Invalid value received for argument `rate`. Expected a float value between 0 and 1. "
        "Received: rate=7.5"
    )


@pytest.mark.parametrize("takes", ["dim, labels", "dim=5, labels=9", "", "*sizes"])
def test_a_function_is_asked_for_the_width_and_the_labels_if_it_takes_them(
    takes: str, tmp_path: Path
) -> None:
    dim, labels = {"": ("12", "3"), "*sizes": ("sizes[0]", "sizes[1]")}.get(
        takes, ("dim", "labels")
    )
    code = NETWORK.replace("dim, labels", takes).replace("(dim,)", f"({dim},)")
    text = python(tmp_path, code.replace("Dense(labels)", f"Dense({labels})"))
    check_fits(read_blueprint(text), CALLED, LABELS, multiple=False)


def test_a_function_for_another_width_is_refused_with_both_numbers(tmp_path: Path) -> None:
    text = python(tmp_path, NETWORK.replace("(dim,)", "(512,)"))
    assert misfit(text).startswith(f"{text} reads 512 numbers, the encoder tiny gives 12: begin")


def test_a_function_that_takes_something_else_is_refused(tmp_path: Path) -> None:
    text = python(tmp_path, NETWORK.replace("dim, labels", "dim"))
    with pytest.raises(HeadError) as caught:
        read_blueprint(text)
    assert str(caught.value) == f"{text} takes (dim), expected (dim, labels) or no argument"


def test_a_function_that_is_not_there_is_refused(tmp_path: Path) -> None:
    text = python(tmp_path, function="model")
    with pytest.raises(HeadError, match=r"has no function 'model': write def model\(dim, labels\)"):
        read_blueprint(text)


def test_a_function_that_returns_no_model_is_refused(tmp_path: Path) -> None:
    text = python(tmp_path, "def build(dim, labels):\n    return dim\n")
    assert misfit(text).startswith("what was built is a int, expected a model of Keras 3: use")


@pytest.mark.parametrize(
    ("code", "line", "said"),
    [
        ("import keras\nkeras.layers.Dence(3)\n", 2, "AttributeError: module "),
        ("def build(dim, labels:\n", 1, "SyntaxError: "),
        ("import nowhere_to_be_found\n", 1, "ModuleNotFoundError: No module named"),
        ("x = 1\nraise SystemExit('bye')\n", 2, "SystemExit: bye"),
        ("raise ValueError('two\\nlines')\n", 1, "ValueError: two"),
        ("assert False\n", 1, "AssertionError"),
        (
            "def build(dim, labels):\n    return deep()\n\ndef deep():\n    0 / 0\n",
            5,
            "ZeroDivision",
        ),
    ],
)
def test_an_error_in_the_users_code_names_file_line_and_exception(
    code: str, line: int, said: str, tmp_path: Path
) -> None:
    message = misfit(python(tmp_path, code))
    assert message.startswith(f"{tmp_path / 'network.py'}, line {line}: {said}")
    assert message.endswith(": this is your own code, repair it there")
    assert "\n" not in message


def test_the_users_code_finds_python_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = list(sys.path), random.getstate()
    review(python(tmp_path, f"print('loading')\n{NETWORK}"))
    assert (sys.path, random.getstate()) == before
    assert capsys.readouterr() == ("", "loading\n")


def test_a_dataclass_in_the_users_file_is_no_trouble(tmp_path: Path) -> None:
    head = "from __future__ import annotations\nfrom dataclasses import dataclass\n"
    code = f"{head}@dataclass\nclass Sizes:\n    hidden: int = 4\n{NETWORK}"
    assert review(python(tmp_path, code)).complaint == ""


def test_a_review_says_what_becomes_of_each_layer(tmp_path: Path) -> None:
    noted = L.Dense(LABELS, name="last", kernel_regularizer="l2")
    text = saved(tmp_path, L.Dropout(0.5, name="first"), L.Lambda(abs, name="code"), noted)
    found = review(text).as_json()
    assert not found["runs"]
    assert found["input"] == (DIM,)
    assert [entry["left_out"] for entry in found["layers"]] == [True, False, False]
    assert found["layers"][1] == {
        "number": 1,
        "name": "code",
        "class": "Lambda",
        "runs": False,
        "left_out": False,
        "why_not": "cannot run in a browser (it holds Python code)",
        "instead": "use Activation, Dense or BatchNormalization",
        "shape": None,
        "unused": (),
    }
    assert found["layers"][2]["unused"] == ("kernel_regularizer",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("network.py", "network.py is given without a function: write network.py:build"),
        ("tree", "'tree' is no network: give a model.keras or a network.py:build"),
    ],
)
def test_what_names_no_network_is_a_wrong_call(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_blueprint(text)
    assert str(caught.value) == said


def test_a_python_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HeadError, match=r"nowhere\.py is not there: give a Python file and its"):
        read_blueprint(f"{tmp_path}/nowhere.py:build")


NUMBER = st.sampled_from([-1, 0, 1, 2, 0.5, 1.5, 10**6])
VALUES = NUMBER | st.none() | st.booleans() | st.sampled_from(["same", "relu", "x"])
ALL = st.lists(NUMBER, max_size=3) | VALUES
KINDS = st.sampled_from(sorted(SETTINGS))
RIGHT: dict[str, Any] = {
    "activation": "relu",
    "axis": -1,
    "data_format": "channels_last",
    "groups": 1,
    "keepdims": False,
    "padding": "same",
    "target_shape": [-1],
}

END = (
    Described("Flatten", "flat", True, {"data_format": "channels_last"}),
    Described("Dense", "last", True, {"units": LABELS, "activation": "linear"}),
)


@settings(max_examples=60)
@given(KINDS, st.dictionaries(st.sampled_from(sorted(RIGHT)), VALUES, max_size=1), st.data())
def test_whatever_runs_is_made_or_refused_in_one_line(
    kind: str, wrong: dict[str, Any], data: st.DataObject
) -> None:
    drawn = {name: data.draw(ALL, name) for name in SETTINGS[kind] if name not in RIGHT}
    known = {name: RIGHT[name] for name in SETTINGS[kind] if name in RIGHT}
    layer = Described(kind, "drawn", True, {**drawn, **known, **wrong})
    steps = Described("Reshape", "steps", True, {"target_shape": [6, 2]})
    try:
        built = build_model(Model((steps, layer, *END), (DIM,)))
    except HeadError as error:
        assert "\n" not in str(error)
    else:
        assert built.output_shape == (None, LABELS)
