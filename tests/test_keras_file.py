"""Files as Keras writes them, and as somebody hostile would: described as data, or refused."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutouts.errors import HeadError
from cutouts.heads.keras_file import MAX_CONFIG, MAX_LAYERS, MAX_MEMBERS, read_keras_file
from cutouts.heads.keras_layers import first_complaint, judge
from tests.keras_archive import archive, dense, functional, layer, sequential


def complaint(path: Path) -> str:
    """Return why a browser cannot run the model, nothing when it can."""
    model = read_keras_file(path)
    return first_complaint(model, judge(model))


def refusal(path: Path) -> str:
    with pytest.raises(HeadError) as caught:
        read_keras_file(path)
    return str(caught.value)


def test_a_file_of_keras_3_0_is_read(root: Path) -> None:
    model = read_keras_file(root / "tests/saved/keras-3.0.5.keras")
    verdicts = judge(model)
    assert first_complaint(model, verdicts) == ""
    assert model.input == (12,)
    assert [verdict.shape for verdict in verdicts] == [
        *((12,), (12,), (6, 2), (6, 4), (6, 4), (3, 4), (12,), (3,)),
    ]


def test_a_file_is_read_without_keras(tmp_path: Path) -> None:
    path = archive(tmp_path, sequential(dense()))
    code = f"""
import sys
sys.modules["keras"] = sys.modules["jax"] = sys.modules["h5py"] = None
from cutouts.cli import main
sys.exit(main(["check", {str(path)!r}]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_sequential_model_counts_its_layers_as_keras_does(tmp_path: Path) -> None:
    model = read_keras_file(archive(tmp_path, sequential(dense(4), dense(3))))
    assert [made.kind for made in model.layers] == ["Dense", "Dense"]
    assert model.input == (12,)


def test_a_functional_chain_is_read(tmp_path: Path) -> None:
    assert complaint(archive(tmp_path, functional(dense(4), dense(3)))) == ""


def test_a_functional_model_that_branches_is_told_where(tmp_path: Path) -> None:
    model = functional(dense(4), dense(4), dense(3))
    second = model["config"]["layers"][2]["inbound_nodes"][0]["args"][0]
    second["config"]["keras_history"] = ["layer_0", 0, 0]
    assert complaint(archive(tmp_path, model)) == (
        "layer 2 (Dense 'layer_2') does not follow the layer before it: "
        "use a Sequential model: one layer after the other"
    )


def test_a_functional_model_with_two_outputs_is_told_so(tmp_path: Path) -> None:
    model = functional(dense(4), dense(3))
    model["config"]["output_layers"].append(["layer_1", 0, 0])
    assert complaint(archive(tmp_path, model)).startswith("the model has 1 inputs and 2 outputs")


def test_an_output_in_the_middle_is_told(tmp_path: Path) -> None:
    model = functional(dense(4), dense(3))
    model["config"]["output_layers"] = ["layer_1", 0, 0]
    assert complaint(archive(tmp_path, model)).startswith("the model does not begin with its input")


CODE = {"module": "builtins", "class_name": "__lambda__", "config": {"value": "4wAAAAA="}}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (
            layer("Lambda", function=CODE),
            "cannot run in a browser (it holds Python code): use Activation, Dense or",
        ),
        (
            layer("KerasLayer", module="tensorflow_hub.keras_layer", handle="https://hub"),
            "cannot run in a browser (it is a network of TensorFlow Hub, code and weights of its",
        ),
        (
            layer("TextVectorization", vocabulary=["a"]),
            "cannot run in a browser (the head reads a vector, not text): leave it out",
        ),
        (
            layer("MultiHeadAttention"),
            "cannot run in a browser (the runtime has no attention): use Conv1D",
        ),
        (
            layer("Dense", module="my.layers", units=3),
            "cannot run in a browser (its class is not one of Keras, so its code is unknown): use",
        ),
        (
            {**dense(), "registered_name": "Mine>Dense"},
            "cannot run in a browser (its class is not one of Keras, so its code is unknown): use",
        ),
        (
            layer("Dense", module="keras_hub.layers", units=3),
            "cannot run in a browser (its class is not one of Keras, so its code is unknown): use",
        ),
        (
            layer("NoSuchLayer"),
            "cannot run in a browser (the runtime has no such layer): use Dense",
        ),
        (dense(activation=CODE), "has activation '<lambda>', which cannot run in a browser: use"),
        (
            dense(
                activation={
                    "module": "builtins",
                    "class_name": "function",
                    "config": "relu",
                    "registered_name": "mine>relu",
                }
            ),
            "has activation 'mine>relu', which cannot run in a browser: use",
        ),
        (dense(activation=["relu"]), "has activation ['relu'], which cannot run in a browser"),
        (dense(units="many"), "has units='many', which cannot run in a browser: use a whole"),
        (dense(units=True), "has units=True, which cannot run in a browser: use a whole"),
        (dense(units=10**12), "has 13,000,000,000,000 weights, expected at most 10,000,000: make"),
        (layer("Dropout", rate="half"), "has rate='half': use a number"),
        (layer("Dropout", rate=float("nan")), "has rate=nan: use a number"),
        (layer("Rescaling", scale="2", offset=0), "has scale='2': use a number"),
        (layer("Rescaling", scale=[1, 2], offset=0), "scales more than the last axis: give it one"),
        (dense(use_bias="no"), "has use_bias='no': use True or False"),
        (
            layer("Conv1D", groups=1, data_format="channels_last"),
            "has activation None, which cannot run in a browser: use",
        ),
        (
            layer("Reshape", target_shape=[5, 2]),
            "reshapes [12] to [5, 2], expected one or two sizes of 12 numbers together",
        ),
    ],
)
def test_a_layer_that_no_browser_runs_is_told(
    entry: dict[str, Any], said: str, tmp_path: Path
) -> None:
    name = f"layer 0 ({entry['class_name']} {entry['config']['name']!r})"
    assert complaint(archive(tmp_path, sequential(entry, dense()))).startswith(f"{name} {said}")


def test_a_layer_on_a_shape_that_it_cannot_take_is_told(tmp_path: Path) -> None:
    pooling = layer(
        "MaxPooling1D", pool_size=[2], strides=[2], padding="valid", data_format="channels_last"
    )
    assert complaint(archive(tmp_path, sequential(pooling))) == (
        "layer 0 (MaxPooling1D 'maxpooling1d') gets shape [12], expected (steps, channels): "
        "put a Reshape before it, for instance to (dim, 1)"
    )


def test_numbers_that_would_fill_the_memory_are_told(tmp_path: Path) -> None:
    wide = sequential(layer("Reshape", target_shape=[-1, 1]), dim=10**12)
    assert complaint(archive(tmp_path, wide)).startswith("the model reads shape [1000000000000]")
    grown = sequential(layer("Reshape", target_shape=[100_000, 1]), dense(1000), dim=100_000)
    assert complaint(archive(tmp_path, grown)).endswith(
        "gives 100,000,000 numbers, expected at most 1,000,000: make it smaller"
    )


def test_a_class_of_model_that_is_none_of_keras_is_told(tmp_path: Path) -> None:
    mine = {"module": "my", "class_name": "Mine", "config": {}, "registered_name": "Mine"}
    assert complaint(archive(tmp_path, mine)).startswith(
        "the model is a Mine, which cannot run in a browser: use a Sequential model"
    )


def test_settings_that_are_not_taken_over_are_listed(tmp_path: Path) -> None:
    settings: dict[str, Any] = {
        "kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.01}},
        "bias_regularizer": None,
        "kernel_initializer": {"class_name": "GlorotUniform", "config": {}},
    }
    model = read_keras_file(archive(tmp_path, sequential(dense(**settings))))
    assert model.layers[0].unused == ("kernel_regularizer",)


NAMES = ["../evil.py", "/etc/passwd", "a/../../b", "c:evil", "a\\..\\b", "./config.json", "a//b"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_escapes_its_folder_is_refused(name: str, tmp_path: Path) -> None:
    path = archive(tmp_path, sequential(dense()), **{name: "x"})
    assert refusal(path) == (
        f"{path} holds a member {name!r}, which leaves its folder: "
        "save it again with model.save('model.keras') in Keras 3"
    )


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    path = archive(tmp_path, sequential(dense()))
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("config.json", json.dumps(sequential(layer("Lambda"))))
    assert "holds 'config.json' more than once: save it again" in refusal(path)


def test_a_config_that_unpacks_to_very_much_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path, " " * (MAX_CONFIG + 1))
    assert path.stat().st_size < 10_000
    assert refusal(path).startswith(f"config.json in {path} is larger than 4,000,000 bytes: save")


def test_very_many_members_are_refused(tmp_path: Path) -> None:
    path = archive(tmp_path, sequential(), **{f"a{number}": "" for number in range(MAX_MEMBERS)})
    assert "holds 1,003 members, expected at most 1,000: save it again" in refusal(path)


def test_very_many_layers_are_refused(tmp_path: Path) -> None:
    path = archive(tmp_path, sequential(*[dense()] * MAX_LAYERS))
    assert refusal(path) == f"{path} lists 201 layers, expected a list of 1 to 200"


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("{", "is no JSON (Expecting property name"),
        ("[" * 100_000, "is no JSON (too deep)"),
        ("[]", "is no JSON object"),
        ("{}", "the model in {path} has class None, expected a name"),
        ('{"class_name": "\\u001b[2J"}', "has class '\\x1b[2J', expected a name"),
        ('{"class_name": "Sequential", "module": "keras"}', "the model in {path} has no config"),
        (json.dumps(sequential(7)), "layer 1 in {path} has class None, expected a name"),
    ],
)
def test_a_config_that_keras_does_not_write_is_refused(
    config: str, said: str, tmp_path: Path
) -> None:
    path = archive(tmp_path, config)
    assert said.format(path=path) in refusal(path)


def test_a_file_of_keras_2_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = archive(tmp_path, sequential(dense()), metadata={"keras_version": "2.15.0"})
    assert refusal(path) == (
        f"{path} was written by Keras '2.15.0', expected 3 or later: build the same layers in "
        "Keras 3 and save them with model.save('model.keras')"
    )


def test_an_hdf5_file_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "model.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    assert refusal(path) == (
        f"{path} is an HDF5 file, as Keras 2 wrote them, expected a .keras file: in Keras 3, "
        "keras.models.load_model('model.h5', compile=False).save('model.keras')"
    )


def test_a_saved_model_folder_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"")
    assert refusal(tmp_path) == (
        f"{tmp_path} is a SavedModel folder, expected one .keras file: "
        "save it again with model.save('model.keras') in Keras 3"
    )


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no.keras").startswith(f"{tmp_path / 'no.keras'} is not there: give")


@given(st.binary(max_size=200), st.integers(0, 400), st.integers(0, 255))
def test_a_damaged_file_is_refused_and_never_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes, place: int, byte: int
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    path = archive(folder, sequential(dense()))
    whole = path.read_bytes()
    changed = whole[: place % len(whole)] + bytes([byte]) + whole[place % len(whole) + 1 :]
    for content in (junk, whole[:place], changed, junk + whole):
        path.write_bytes(content)
        try:
            model = read_keras_file(path)
            first_complaint(model, judge(model))
        except HeadError as error:
            assert "\n" not in str(error)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
KINDS = st.sampled_from(["Dense", "Conv1D", "Reshape", "MaxPooling1D", "Rescaling", "ReLU"])
WORDS = st.sampled_from(
    ["units", "filters", "kernel_size", "strides", "padding", "activation", "target_shape", "scale"]
)


@given(
    KINDS, st.dictionaries(WORDS | st.just("batch_shape"), JSON, max_size=5), JSON, st.booleans()
)
def test_any_settings_give_a_verdict(
    tmp_path_factory: pytest.TempPathFactory,
    kind: str,
    settings: dict[str, Any],
    other: Any,
    chain: bool,
) -> None:
    entry = {"module": "keras.layers", "class_name": kind, "config": settings}
    model = functional(entry, dense()) if chain else sequential(entry, dense())
    model["config"]["layers"][-1]["inbound_nodes"] = other
    path = archive(tmp_path_factory.mktemp("any"), model)
    read = read_keras_file(path)
    assert len(judge(read)) == len(read.layers)
