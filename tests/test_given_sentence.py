"""Folders as sentence-transformers saves them: the same vectors, pooling and all, or a reason."""

import hashlib
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import tokenizers
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper

from cutouts.encoders import load_encoder
from cutouts.encoders.given.exported import MODEL, SMALL, bert_weights
from cutouts.encoders.minilm import OnnxEncoder
from cutouts.errors import EncoderError
from cutouts.training import train
from tests.models import (
    change_model,
    exported,
    published_tokenizer,
    sentence_folder,
    write_json,
)
from tests.tiny import DIM, POSITIONS, WORDS, three_labels, tiny_bert

TEXTS = ["ripe apple and pear", "motor oil, a valve", "[MASK] tune  [SEP]", "", "song " * 90]


pytestmark = pytest.mark.usefixtures("no_sample")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return sentence_folder(tmp_path / "sbert")


def as_published(folder: Path, text: str, pooling: str) -> NDArray[np.float64]:
    """Return the vector that the folder's own tokenizer, graph and pooling give."""
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    ids = np.array([tokenizer.encode(text).ids], np.int64)
    session = onnxruntime.InferenceSession(
        (folder / MODEL).read_bytes(), providers=["CPUExecutionProvider"]
    )
    wanted = [one.name for one in session.get_inputs()]
    given = {"input_ids": ids, "attention_mask": 1 + 0 * ids, "token_type_ids": 0 * ids}
    hidden = session.run(None, {name: given[name] for name in wanted})[0][0].astype(np.float64)
    vector = {"cls": hidden[0], "mean": hidden.mean(axis=0), "max": hidden.max(axis=0)}[pooling]
    return np.asarray(vector / np.linalg.norm(vector))


def refused(folder: Path, max_bytes: int | None = None) -> str:
    with pytest.raises(EncoderError) as caught:
        load_encoder(str(folder), max_bytes)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500
    return str(caught.value)


def change_json(path: Path, **changed: Any) -> None:
    write_json(path, {**json.loads(path.read_bytes()), **changed})


def weights_of(encoder: Any) -> str:
    origin = encoder.description.origin
    assert origin is not None
    return str(origin["weights"])


@pytest.mark.parametrize("pooling", ["cls", "mean", "max"])
def test_the_vectors_of_a_bert_are_the_folders_own_in_int8(tmp_path: Path, pooling: str) -> None:
    folder = sentence_folder(tmp_path / "sbert", pooling)
    encoder = load_encoder(str(folder))
    assert weights_of(encoder) == "int8"
    assert encoder.description.origin is not None
    assert encoder.description.origin["pooling"] == pooling
    for text, vector in zip(TEXTS, encoder.encode(encoder.tokenizer.pieces(TEXTS)), strict=True):
        assert vector @ as_published(folder, text, pooling) > 0.985


@pytest.mark.parametrize("pooling", ["cls", "mean", "max"])
def test_a_graph_that_is_no_known_bert_keeps_its_own_in_float16(
    tmp_path: Path, pooling: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = sentence_folder(tmp_path / "other", pooling)
    change_json(folder / "config.json", model_type="distilbert")
    with caplog.at_level(logging.WARNING, "cutouts"):
        encoder = load_encoder(str(folder))
    assert weights_of(encoder) == "float16"
    said = [record.getMessage() for record in caplog.records]
    assert "other is no BERT whose layers int8 is known for" in said
    assert "other: weights are shipped as float16, computed in float32" in said
    for text, vector in zip(TEXTS, encoder.encode(encoder.tokenizer.pieces(TEXTS)), strict=True):
        np.testing.assert_allclose(vector, as_published(folder, text, pooling), atol=2e-3)


def test_every_large_weight_is_float16_and_no_small_one(tmp_path: Path) -> None:
    folder = sentence_folder(tmp_path / "other")
    change_json(folder / "config.json", model_type="distilbert")
    encoder = load_encoder(str(folder))
    assert isinstance(encoder, OnnxEncoder)
    kinds = {
        (np.prod(one.dims) >= SMALL, one.data_type)
        for one in ModelProto.FromString(encoder.model).graph.initializer
        if one.data_type != TensorProto.INT64
    }
    assert kinds == {(True, TensorProto.FLOAT16), (False, TensorProto.FLOAT)}


def test_a_folder_whose_configuration_lies_about_its_shape_is_found_out(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    change_json(folder / "config.json", num_attention_heads=4)
    with caplog.at_level(logging.WARNING, "cutouts"):
        assert weights_of(load_encoder(str(folder))) == "float16"
    assert any("built anew, is" in record.getMessage() for record in caplog.records)


def test_the_description_says_what_was_read(folder: Path) -> None:
    about = load_encoder(str(folder)).description
    ids = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    assert (about.kind, about.name, about.licence) == ("onnx", "sbert", "apache-2.0")
    assert (about.dim, about.max_tokens) == (DIM, POSITIONS)
    assert (about.cls, about.sep) == (ids.token_to_id("[CLS]"), ids.token_to_id("[SEP]"))
    assert about.origin is not None
    files = about.origin["files"]
    assert set(files) >= {"modules.json", "1_Pooling/config.json", "tokenizer.json", MODEL}
    assert files[MODEL] == hashlib.sha256((folder / MODEL).read_bytes()).hexdigest()
    assert float(about.receipt["lowest_cosine"]) > 0.97


@pytest.mark.parametrize("normalised", [True, False])
def test_every_vector_has_length_1_and_the_origin_says_whose(
    tmp_path: Path, *, normalised: bool
) -> None:
    folder = sentence_folder(tmp_path / "sbert", normalised=normalised)
    encoder = load_encoder(str(folder))
    assert encoder.description.origin is not None
    assert encoder.description.origin["normalised"] is normalised
    lengths = np.linalg.norm(encoder.encode(encoder.tokenizer.pieces(WORDS)), axis=1)
    np.testing.assert_allclose(lengths, 1, atol=1e-5)


def test_the_pooling_of_newer_versions_is_read(folder: Path) -> None:
    write_json(folder / "1_Pooling" / "config.json", {"pooling_mode": "cls"})
    origin = load_encoder(str(folder)).description.origin
    assert origin is not None
    assert origin["pooling"] == "cls"


def test_a_name_before_all_weights_is_seen_through() -> None:
    weights = tiny_bert()
    found = bert_weights(exported(weights, prefix="auto_model."))
    assert found is not None
    assert found.keys() == weights.keys() - {
        name for name in weights if name.endswith("embeddings.bias")
    }
    assert all((found[name] == weights[name]).all() for name in found)


def test_a_layer_whose_matrix_is_not_found_is_no_bert() -> None:
    model = exported(tiny_bert())
    for node in model.graph.node:
        if node.op_type == "MatMul" and node.input[1].startswith("onnx::"):
            node.op_type = "Gemm"
            break
    assert bert_weights(model) is None


def test_weights_in_a_file_beside_the_model_are_read(folder: Path) -> None:
    before = load_encoder(str(folder))
    put_outside(folder, "model.onnx_data")
    after = load_encoder(str(folder))
    assert after.description.space == before.description.space
    assert after.description.origin is not None
    assert "onnx/model.onnx_data" in after.description.origin["files"]


def put_outside(folder: Path, location: str, cut: int = 0) -> None:
    """Move the first large weight into a file beside the model, `cut` bytes short."""

    def move(model: ModelProto) -> None:
        tensor = max(model.graph.initializer, key=lambda one: len(one.raw_data))
        content = tensor.raw_data
        path = folder / "onnx" / location
        if path.parent.is_dir():
            path.write_bytes(b"\0" * 8 + content[: len(content) - cut])
        del tensor.external_data[:]
        tensor.ClearField("raw_data")
        tensor.data_location = tensor.EXTERNAL
        said = {"location": location, "offset": "8", "length": str(len(content))}
        for key, value in said.items():
            entry = tensor.external_data.add()
            entry.key, entry.value = key, value

    change_model(folder, move)


@pytest.mark.parametrize("location", ["../../weights", "../config.json", "/etc/passwd", "a\\b", ""])
def test_weights_outside_the_folder_are_refused(folder: Path, location: str) -> None:
    def lead_out(model: ModelProto) -> None:
        tensor = model.graph.initializer[0]
        tensor.data_location = tensor.EXTERNAL
        entry = tensor.external_data.add()
        entry.key, entry.value = "location", location

    change_model(folder, lead_out)
    assert refused(folder) == (
        f"sbert: {MODEL} wants weights from {location!r}, which is not in its folder: "
        "do not trust it"
    )


def test_weights_behind_a_link_are_refused(folder: Path, tmp_path: Path) -> None:
    put_outside(folder, "model.onnx_data")
    (folder / "onnx" / "model.onnx_data").rename(tmp_path / "elsewhere")
    (folder / "onnx" / "model.onnx_data").symlink_to(tmp_path / "elsewhere")
    assert "'onnx/model.onnx_data' is a link that leads out of the folder" in refused(folder)


def test_weights_that_are_missing_or_cut_are_refused(folder: Path) -> None:
    put_outside(folder, "model.onnx_data", cut=100)
    assert f", {MODEL} wants " in refused(folder)
    (folder / "onnx" / "model.onnx_data").unlink()
    assert "onnx/model.onnx_data cannot be read (No such file" in refused(folder)


MODULES: list[tuple[list[str], str]] = [
    (["Transformer", "Pooling", "Dense"], "the modules Transformer, Pooling, Dense"),
    (["Transformer"], "the modules Transformer"),
    (["StaticEmbedding", "Normalize"], "the modules StaticEmbedding, Normalize"),
    ([], "the modules none"),
]


@pytest.mark.parametrize(("kinds", "said"), MODULES)
def test_modules_that_no_browser_runs_are_named(folder: Path, kinds: list[str], said: str) -> None:
    modules = [{"path": "", "type": f"sentence_transformers.models.{kind}"} for kind in kinds]
    write_json(folder / "modules.json", modules)
    message = refused(folder)
    assert message.startswith(f"sbert: modules.json has {said}, a browser runs Transformer, ")
    assert "such as sentence-transformers/all-MiniLM-L6-v2" in message


POOLINGS = [
    ({"pooling_mode_mean_sqrt_len_tokens": True}, "mean_sqrt_len_tokens"),
    ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True}, "cls and mean"),
    ({"pooling_mode_mean_tokens": False}, "none"),
    ({"pooling_mode": "lasttoken"}, "lasttoken"),
    ({"pooling_mode": ["mean"]}, "['mean']"),
]


@pytest.mark.parametrize(("config", "said"), POOLINGS)
def test_a_pooling_that_no_browser_runs_is_named(
    folder: Path, config: dict[str, Any], said: str
) -> None:
    write_json(folder / "1_Pooling" / "config.json", config)
    assert refused(folder).startswith(
        f"sbert: 1_Pooling/config.json has the pooling {said}, a browser runs one of cls, mean, max"
    )


FILES: list[tuple[str, Any, str]] = [
    ("modules.json", {}, "modules.json holds a dict, expected a list"),
    ("modules.json", [3], "modules.json has the module 3"),
    ("modules.json", [{"type": 3}], "modules.json has type 3, expected str"),
    (
        "modules.json",
        [{"type": "x.Transformer", "path": "0_T"}, {"type": "x.Pooling", "path": "1_Pooling"}],
        "modules.json has the transformer in '0_T'",
    ),
    (
        "modules.json",
        [{"type": "x.Transformer", "path": ""}, {"type": "x.Pooling", "path": "../1_Pooling"}],
        "'../1_Pooling/config.json' leads out of the folder",
    ),
    ("sentence_bert_config.json", {"max_seq_length": "many"}, "sentence_bert_config.json has max_"),
    ("sentence_bert_config.json", {"max_seq_length": True}, "sentence_bert_config.json has max_"),
    ("sentence_bert_config.json", {"max_seq_length": 2}, "sbert reads 2 tokens, expected 3 to"),
    (
        "config_sentence_transformers.json",
        {"default_prompt_name": "query"},
        "config_sentence_transformers.json puts the prompt 'query' before each text",
    ),
]


@pytest.mark.parametrize(("name", "content", "said"), FILES)
def test_a_configuration_that_does_not_fit_is_named(
    folder: Path, name: str, content: object, said: str
) -> None:
    write_json(folder / name, content)
    assert said in refused(folder)


def test_lower_case_that_the_tokenizer_does_not_do_is_refused(folder: Path) -> None:
    write_json(folder / "sentence_bert_config.json", {"do_lower_case": True})
    load_encoder(str(folder))
    normalizer = json.loads(published_tokenizer())["normalizer"] | {"lowercase": False}
    (folder / "tokenizer.json").write_bytes(published_tokenizer(normalizer=normalizer))
    assert "has do_lower_case, tokenizer.json does not" in refused(folder)


def test_a_tokenizer_that_puts_nothing_around_a_text_is_refused(folder: Path) -> None:
    (folder / "tokenizer.json").write_bytes(published_tokenizer(post_processor=None))
    assert "tokenizer.json puts nothing around a text" in refused(folder)


def test_without_modules_the_pooling_is_unknown(folder: Path) -> None:
    (folder / "modules.json").unlink()
    assert refused(folder) == (
        "sbert has no modules.json, which says how tokens become one vector: "
        "give the folder of a sentence-transformers or Model2Vec model"
    )


def test_a_pickle_in_place_of_a_graph_is_refused(folder: Path) -> None:
    (folder / MODEL).unlink()
    (folder / "pytorch_model.bin").write_bytes(b"cos\n")
    assert "has no onnx/model.onnx, and pytorch_model.bin is a pickle" in refused(folder)


MODELS: list[tuple[Callable[[ModelProto], object], str]] = [
    (
        lambda m: m.graph.node.append(helper.make_node("QuantizeLinear", ["a", "b"], ["c"])),
        "holds the operator QuantizeLinear, on which Python and a browser are not known to agree",
    ),
    (
        lambda m: m.graph.node.append(helper.make_node("Evil", ["a"], ["c"], domain="x.y")),
        "holds the operator x.y.Evil",
    ),
    (lambda m: setattr(m.opset_import[0], "version", 9), "has opset 9, expected 13 to 23"),
    (lambda m: setattr(m.graph.input[0], "name", "pixels"), "wants the input 'pixels'"),
    (lambda m: m.graph.output[0].type.tensor_type.shape.dim.pop(), "gives last_hidden_state (2"),
    (lambda m: m.graph.node.pop(3), "cannot be run ("),
    (
        lambda m: m.graph.initializer[0].CopyFrom(
            numpy_helper.from_array(np.zeros((9, DIM), np.float32), m.graph.initializer[0].name)
        ),
        f"fails on {POSITIONS} tokens of the last of ",
    ),
]


@pytest.mark.parametrize(("change", "said"), MODELS)
def test_a_graph_that_cannot_run_is_named(
    folder: Path, change: Callable[[ModelProto], object], said: str
) -> None:
    change_model(folder, change)
    assert refused(folder).startswith(f"sbert: {MODEL} {said}")


@pytest.mark.parametrize("content", [b"", b"junk" * 99, b"\xff" * 40])
def test_bytes_that_are_no_graph_are_refused(folder: Path, content: bytes) -> None:
    (folder / MODEL).write_bytes(content)
    assert refused(folder).startswith(f"sbert: {MODEL} is no ONNX (")


def test_numbers_that_are_not_finite_are_refused(folder: Path) -> None:
    def spoil(model: ModelProto) -> None:
        (bias,) = (
            one
            for one in model.graph.initializer
            if one.name == "encoder.layer.0.attention.output.dense.bias"
        )
        values = np.full(DIM, np.nan, np.float32)
        bias.CopyFrom(numpy_helper.from_array(values, bias.name))
        assert bias.data_type == TensorProto.FLOAT

    change_model(folder, spoil)
    assert refused(folder).endswith("gives no finite numbers: export it again")


def test_a_model_that_cannot_fit_the_budget_is_refused_unread(folder: Path) -> None:
    size = (folder / MODEL).stat().st_size
    (folder / MODEL).write_bytes(b"\xff" * size)  # reading it would say something else
    assert refused(folder, max_bytes=size // 4 - 1) == (
        f"sbert: {MODEL} has {size:,} bytes, of which at least a quarter remains, and --max-bytes "
        f"is {size // 4 - 1:,}: use --encoder static, or give more"
    )


def test_a_bundle_trained_on_it_is_read_back(folder: Path, tmp_path: Path) -> None:
    trained = train(three_labels(), encoder=str(folder), out=tmp_path / "bundle")
    about = trained.bundle.manifest["encoder"]
    assert about["origin"]["weights"] == "int8"
    assert trained.bundle.manifest["tolerance"] == 1e-4
    assert str(tmp_path) not in json.dumps(trained.bundle.manifest)
