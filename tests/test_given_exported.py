"""ONNX files as a stranger may write them: read within limits, or refused in one line of ours."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import ModelProto, numpy_helper

from cutouts.encoders import load_encoder
from cutouts.encoders.given.exported import MODEL, read_model
from cutouts.encoders.given.folder import MOST_WEIGHTS, open_given
from cutouts.errors import EncoderError
from tests.models import change_model, sentence_folder
from tests.tiny import DIM, POSITIONS

pytestmark = pytest.mark.usefixtures("no_sample")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return sentence_folder(tmp_path / "sbert")


def want_outside(folder: Path, names: list[str]) -> None:
    """Add a weight of 1 MB to the model for each name of a file, which holds zeros."""

    def want(model: ModelProto) -> None:
        for number, name in enumerate(names):
            (folder / "onnx" / name).write_bytes(bytes(1_000_000))
            tensor = model.graph.initializer.add(name=f"more{number}", dims=[250_000])
            tensor.data_type, tensor.data_location = tensor.FLOAT, tensor.EXTERNAL
            tensor.external_data.add(key="location", value=name)

    change_model(folder, want)


def refused(folder: Path, most: int = MOST_WEIGHTS) -> str:
    with pytest.raises(EncoderError) as caught:
        read_model(open_given(folder), most)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_weights_that_lie_in_the_same_bytes_are_counted_each(folder: Path) -> None:
    want_outside(folder, ["w"] * 6)
    assert refused(folder, 5_000_000) == (
        f"sbert: {MODEL} with weights from w has more than 5,000,000 bytes: take a smaller model"
    )
    read_model(open_given(folder), 7_000_000)


def test_files_of_weights_are_counted_together(folder: Path) -> None:
    want_outside(folder, ["a", "b", "c"])
    assert "onnx/c has 1,000,000 bytes, 500,000 are allowed" in refused(folder, 2_500_000)


@pytest.mark.parametrize("location", ["model.onnx_data", "weights.bin", "w", "deeper/w"])
def test_changed_weights_make_another_encoder_whatever_their_file_is_called(
    folder: Path, location: str
) -> None:
    path = folder / "onnx" / location
    path.parent.mkdir(exist_ok=True)
    whole = onnx.load(folder / MODEL)
    onnx.save_model(whole, folder / MODEL, save_as_external_data=True, location=location)
    before = load_encoder(str(folder)).description
    content = np.frombuffer(path.read_bytes(), np.float32)
    path.write_bytes((content * np.float32(1.25)).tobytes())
    after = load_encoder(str(folder)).description
    assert after.space != before.space
    assert after.origin is not None
    listed = after.origin["files"][f"onnx/{location}"]
    assert listed == hashlib.sha256(path.read_bytes()).hexdigest()


UNUSED: list[tuple[Callable[[ModelProto], object], str]] = [
    (lambda m: m.graph.initializer.add(data_type=1, dims=[64, 64], raw_data=b"a"), "64, 64"),
    (lambda m: m.graph.initializer.add(data_type=1, dims=[-1, 4], raw_data=bytes(16)), "-1, 4"),
    (lambda m: m.graph.initializer.add(data_type=99, dims=[1], raw_data=b"a"), "1"),
]


@pytest.mark.parametrize(("change", "shape"), UNUSED)
def test_numbers_that_do_not_fill_their_shape_are_refused_unused_or_not(
    folder: Path, change: Callable[[ModelProto], object], shape: str
) -> None:
    change_model(folder, change)
    assert refused(folder) == (
        f"sbert: {MODEL} holds '', whose numbers do not fill its shape ({shape}): "
        "export the model again"
    )


def test_functions_that_nothing_uses_are_dropped_and_others_refused(folder: Path) -> None:
    change_model(folder, lambda model: model.functions.add(name="Relu", domain="own"))
    assert not read_model(open_given(folder), MOST_WEIGHTS).functions
    change_model(folder, lambda model: model.functions.add(name="Relu"))
    assert refused(folder) == (
        f"sbert: {MODEL} gives the operator Relu another meaning: do not trust it"
    )


def test_sparse_weights_are_refused(folder: Path) -> None:
    change_model(folder, lambda model: model.graph.sparse_initializer.add(dims=[3]))
    assert refused(folder) == (
        f"sbert: {MODEL} holds sparse weights, which no bundle has: export it densely"
    )


def test_an_error_of_the_engine_is_said_once(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def shorten(model: ModelProto) -> None:
        (table,) = (one for one in model.graph.initializer if "position" in one.name)
        table.CopyFrom(numpy_helper.from_array(np.zeros((3, DIM), np.float32), table.name))

    change_model(folder, shorten)
    with pytest.raises(EncoderError, match=f"{MODEL} fails on {POSITIONS} tokens"):
        load_encoder(str(folder))
    assert "onnxruntime" not in capfd.readouterr().err
