"""Bundles in; onnxruntime must answer with their exported graphs as the bundles do."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper
from tokenizers import Tokenizer

from cutouts.bundle import Bundle, load_bundle
from cutouts.cli import main
from cutouts.encoders.graph import Graph
from cutouts.encoders.static import StaticEncoder
from cutouts.encoders.tokenizer import join
from cutouts.errors import BundleError, ExportError
from cutouts.export import export_bundle
from cutouts.export.onnx_graph import head_model, whole_model
from cutouts.export.onnx_layers import ACTIVATIONS, LAYERS
from cutouts.export.onnx_model import insert_model
from cutouts.heads.calibration import Calibration
from cutouts.heads.cnn import CnnHead, read_cnn
from cutouts.heads.layers import build_layer
from cutouts.heads.linear import LinearHead
from tests.browser.tiny import onnx_tiny, write_tiny

GOLDEN = Path(__file__).parent / "golden"
GOLDEN_NAMES = ["static-cnn", "static-linear", "static-several"]
ALLOWED = 1e-5  # a tenth of what an export may differ by
DIM = 12
LABELS = 3
CONVOLUTIONS: list[dict[str, Any]] = [
    {},
    {"strides": 2},
    {"padding": "same"},
    {"padding": "same", "strides": 2},
    {"padding": "same", "strides": 5},
    {"dilation": 2},
    {"dilation": 2, "padding": "same"},
    {"dilation": 2, "padding": "same", "strides": 3},
]
POOLINGS: list[dict[str, Any]] = [
    {},
    {"size": 3},
    {"size": 3, "strides": 1},
    {"size": 3, "strides": 2, "padding": "same"},
    {"size": 5, "padding": "same"},
]


@pytest.fixture(scope="module")
def transformer(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Give a bundle whose encoder is a graph of two blocks, and whose head looks at words."""
    return write_tiny(tmp_path_factory.mktemp("onnx") / "bundle", onnx_tiny())


def run(model: bytes, output: str, **inputs: NDArray[Any]) -> NDArray[np.float32]:
    """Return what the model gives."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    (found,) = session.run([output], inputs)
    return np.asarray(found)


def padded(sequences: list[list[int]]) -> dict[str, NDArray[np.int64]]:
    """Return ids and mask of a batch, with other ids where there is padding."""
    shape = (len(sequences), max(1, *map(len, sequences)))
    ids, mask = np.full(shape, 7, np.int64), np.zeros(shape, np.int64)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence)] = sequence
        mask[row, : len(sequence)] = 1
    return {"input_ids": ids, "attention_mask": mask}


def answers(folder: Path, texts: list[str]) -> NDArray[np.float32]:
    """Return an export's probabilities, from the text on, by nothing of ours."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    sequences = [tokenizer.encode(text).ids for text in texts]
    return run((folder / "model.onnx").read_bytes(), "probabilities", **padded(sequences))


def plain(texts: list[str]) -> list[str]:
    """Return the texts that can be given to a library that takes no lone surrogates."""
    return [text.encode("utf-8", "replace").decode()[:200] for text in texts]


@pytest.mark.parametrize("name", GOLDEN_NAMES)
def test_an_export_answers_as_the_bundle_from_the_text_on(name: str, tmp_path: Path) -> None:
    bundle = load_bundle(GOLDEN / name)
    texts = plain(bundle.golden_texts())
    export_bundle(bundle.folder, "onnx", tmp_path / "out")
    expected = bundle.probabilities(texts)
    assert np.ptp(expected, axis=0).max() > 0.1
    np.testing.assert_allclose(answers(tmp_path / "out", texts), expected, rtol=0, atol=ALLOWED)


def test_a_transformer_reads_its_first_tokens_and_the_head_every_word(
    transformer: Bundle, tmp_path: Path
) -> None:
    texts = ["", "apple", "angle and", "and w9 " * 127, "and " * 253, "and " * 254, "and " * 255]
    texts += ["and w9 " * 200 + "apple " * 90]
    export_bundle(transformer.folder, "onnx", tmp_path / "out")
    lengths = transformer.pieces(texts).lengths
    assert set(lengths) >= {0, 253, 254, 255} and transformer.encoder.description.max_tokens == 256
    expected = transformer.probabilities(texts)
    assert np.abs(expected[-1] - transformer.probabilities(["and w9 " * 127])[0]).max() > 0.1
    np.testing.assert_allclose(answers(tmp_path / "out", texts), expected, rtol=0, atol=ALLOWED)


def test_vectors_come_out_too(transformer: Bundle) -> None:
    pieces = transformer.pieces(["apple", "angle and w3"])
    cls, sep = transformer.encoder.description.cls, transformer.encoder.description.sep
    sequences = [[int(cls or 0), *map(int, ids), int(sep or 0)] for ids in pieces]
    found = run(whole_model(transformer, bracketed=True), "sentence_embedding", **padded(sequences))
    np.testing.assert_allclose(found, transformer.vectors(pieces), rtol=0, atol=1e-6)


def test_word_features_are_counted_as_the_bundle_counts_them() -> None:
    bundle = load_bundle(GOLDEN / "static-linear")
    random = np.random.default_rng(0)
    known = np.unique(bundle.head.tensors()["keys"] & 0xFFFF)
    texts = [random.choice(known, size) for size in (0, 1, 2, 3, 5, 20, 60)]
    texts += [np.full(9, known[0]), np.zeros(0, np.uint32)]
    pieces = join([text.astype(np.uint32) for text in texts])
    expected = bundle.calibration.probabilities(bundle.head.scores(pieces, bundle.vectors(pieces)))
    sequences = [[int(piece) for piece in text] for text in texts]
    for bracketed in (False, True):  # a text without pieces is a masked place
        given = [[2, *ids, 3] for ids in sequences] if bracketed else sequences
        found = run(whole_model(bundle, bracketed=bracketed), "probabilities", **padded(given))
        np.testing.assert_allclose(found, expected, rtol=0, atol=ALLOWED)


def test_pieces_that_no_key_can_hold_collide_with_no_word() -> None:
    bundle = load_bundle(GOLDEN / "static-linear")
    assert isinstance(bundle.encoder, StaticEncoder)
    description = replace(bundle.encoder.description, vocabulary=200_000)
    changed = replace(bundle, encoder=replace(bundle.encoder, description=description))
    keys = bundle.head.tensors()["keys"].astype(np.int64)
    pair = int(keys[0])  # as one of the pieces before with one of 65,536 more would be
    texts = [[(pair >> 16) - 1, 65_536 + (pair & 0xFFFF)], [0xFFFF, int(keys[-1]) & 0xFFFF]]
    texts += [[150_000], [int(keys[-1]) & 0xFFFF, 70_000, 0xFFFF, 0xFFFE], [70_000] * 3]
    pieces = join([np.array(ids, np.uint32) for ids in texts])
    expected = bundle.calibration.probabilities(bundle.head.scores(pieces, bundle.vectors(pieces)))
    found = run(whole_model(changed, bracketed=False), "probabilities", **padded(texts))
    np.testing.assert_allclose(found, expected, rtol=0, atol=ALLOWED)


@pytest.mark.parametrize("features", [0, 1, 2, 3])
def test_a_head_with_few_features_or_none_is_exported(features: int) -> None:
    bundle = load_bundle(GOLDEN / "static-linear")
    head = bundle.head
    assert isinstance(head, LinearHead)
    few = replace(
        head,
        keys=head.keys[:features],
        idf=head.idf[:features],
        rows=head.rows[:features],
        row_scales=head.row_scales[:features],
    )
    changed = replace(bundle, head=few)
    pieces = bundle.pieces(["the apple juice", "oil valve", ""])
    expected = changed.calibration.probabilities(few.scores(pieces, bundle.vectors(pieces)))
    sequences = [[int(piece) for piece in ids] for ids in pieces]
    found = run(whole_model(changed, bracketed=False), "probabilities", **padded(sequences))
    np.testing.assert_allclose(found, expected, rtol=0, atol=ALLOWED)
    assert (head_model(changed) is None) == (features > 0)


def test_only_operators_of_onnx_itself_are_written(transformer: Bundle, tmp_path: Path) -> None:
    export_bundle(transformer.folder, "onnx", tmp_path / "out")
    model = onnx.load(tmp_path / "out" / "model.onnx")
    assert [(one.domain, one.version) for one in model.opset_import] == [("", 17)]
    assert {node.domain for node in model.graph.node} == {""}
    onnx.checker.check_model(model, full_check=True)


def test_a_head_without_words_is_a_graph_of_its_own() -> None:
    bundle = load_bundle(GOLDEN / "static-cnn")
    pieces = bundle.pieces(bundle.golden_texts())
    model = head_model(bundle)
    assert model is not None
    found = run(model, "probabilities", vector=bundle.vectors(pieces))
    expected = bundle.probabilities(bundle.golden_texts())
    np.testing.assert_allclose(found, expected, rtol=0, atol=ALLOWED)


def network(*middle: dict[str, Any]) -> CnnHead:
    """Return a network with random weights around these layers, which get (DIM, 2)."""
    random = np.random.default_rng(3)
    layers = [{"type": "reshape", "shape": [DIM // 2, 2]}, *middle, {"type": "flatten"}]
    layers.append({"type": "dense", "activation": "softmax"})
    tensors: dict[str, NDArray[np.float32]] = {}
    shape: tuple[int, ...] = (DIM,)
    for index, layer in enumerate(layers):
        shapes: dict[str, tuple[int, ...]] = {}
        if layer["type"] == "conv1d":
            shapes = {"kernel": (2, shape[-1], 4), "bias": (4,)}
        if layer["type"] == "dense":
            shapes = {"kernel": (shape[-1], LABELS), "bias": (LABELS,)}
        if layer["type"] == "batch_normalization":
            shapes = {"scale": (shape[-1],), "shift": (shape[-1],)}
        for name, size in shapes.items():
            tensors[f"{index}.{name}"] = random.normal(size=size).astype(np.float32)
        shape = build_layer(layer, tensors, index, shape).shape
    return read_cnn(tensors, layers, LABELS, DIM)


MIDDLES = [
    *([{"type": "conv1d", **settings}] for settings in CONVOLUTIONS),
    *([{"type": "max_pooling1d", **settings}] for settings in POOLINGS),
    *([{"type": "average_pooling1d", **settings}] for settings in POOLINGS),
    *([{"type": "activation", "activation": name}] for name in ACTIVATIONS),
    [{"type": "batch_normalization"}],
    [{"type": "dense", "activation": "gelu"}],
    [{"type": "global_max_pooling1d"}],
    [{"type": "global_average_pooling1d"}],
]


def test_every_layer_is_among_those_compared() -> None:
    compared = {layer["type"] for middle in MIDDLES for layer in middle}
    assert {*compared, "reshape", "flatten"} == LAYERS.keys()


@pytest.mark.parametrize("middle", MIDDLES, ids=str)
def test_a_layer_gives_what_the_bundles_gives(middle: list[dict[str, Any]]) -> None:
    head = network(*middle)
    link = Calibration(
        "sigmoid", np.array([1, 0.5, 2], np.float32), np.array([0, 0.1, -0.2], np.float32)
    )
    bundle = load_bundle(GOLDEN / "static-cnn")
    description = replace(bundle.encoder.description, dim=DIM)
    encoder: Any = replace(bundle.encoder, description=description)  # type: ignore[type-var]  # a dataclass behind its Protocol
    vectors = np.random.default_rng(4).normal(size=(9, DIM)).astype(np.float32)
    model = head_model(replace(bundle, head=head, calibration=link, encoder=encoder))
    assert model is not None
    expected = head.scores(join([]), vectors) * link.slope + link.offset
    assert np.ptp(expected) > 0.1
    found = run(model, "logits", vector=vectors)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=ALLOWED)


def encoder_graph(node: Any, opset: int = 17) -> bytes:
    """Return an encoder's graph of one node."""
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("x", "y")]
    graph = helper.make_graph([node], "g", ends[:1], ends[1:])
    domains = [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)]
    return bytes(helper.make_model(graph, opset_imports=domains).SerializeToString())


def test_an_operator_that_is_not_onnx_own_is_refused_by_name() -> None:
    fused = helper.make_node("BiasGelu", ["x", "x"], ["y"], domain="com.microsoft")
    with pytest.raises(ExportError, match=r"graph holds com\.microsoft:BiasGelu, which is not"):
        insert_model(Graph(), encoder_graph(fused), {"x": "x"})
    biased = helper.make_node("MatMulIntegerToFloat", ["x"] * 7, ["y"], domain="com.microsoft")
    with pytest.raises(ExportError, match="adds a bias inside MatMulIntegerToFloat: train"):
        insert_model(Graph(), encoder_graph(biased), {"x": "x"})
    plain = helper.make_node("Relu", ["x"], ["y"])
    with pytest.raises(ExportError, match="graph has opset 12, expected 13 to 23: train the"):
        insert_model(Graph(), encoder_graph(plain, opset=12), {"x": "x"})


def test_a_graph_that_reads_other_files_is_refused() -> None:
    model = onnx.load_model_from_string(encoder_graph(helper.make_node("Relu", ["x"], ["y"])))
    outside = model.graph.initializer.add(name="w", data_type=TensorProto.FLOAT, dims=[1])
    outside.data_location = TensorProto.EXTERNAL
    outside.external_data.add(key="location", value="../secret")
    with pytest.raises(ExportError, match="takes 'w' from another file: do not trust this bundle"):
        insert_model(Graph(), model.SerializeToString(), {"x": "x"})
    del model.graph.initializer[:]
    model.functions.add(name="f", domain="own")
    with pytest.raises(ExportError, match="holds functions or sparse weights, which are not"):
        insert_model(Graph(), model.SerializeToString(), {"x": "x"})


def test_a_damaged_bundle_leaves_nothing_behind(tmp_path: Path) -> None:
    bundle = Path(shutil.copytree(GOLDEN / "static-linear", tmp_path / "bundle"))
    with (bundle / "head/head.safetensors").open("r+b") as file:
        file.write(b"?")
    with pytest.raises(BundleError, match=r"head\.safetensors is damaged \(another sha256\)"):
        export_bundle(bundle, "onnx", tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_what_onnx_leaves_to_the_caller_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert (
        main(["export", str(GOLDEN / "static-several"), "--format", "onnx", "--out", str(out)]) == 0
    )
    said = capsys.readouterr().out
    assert said.startswith(f"4 files in {out}, ") and said.count("\n") == 1
    assert "thresholds, none of these and the choice among several labels are yours" in said
    card = (out / "README.md").read_text()
    assert "Several labels may hold. Give every label whose probability is at least its" in card
    assert "There is no graph from a vector alone: the head looks at the text's words" in card
    export_bundle(GOLDEN / "static-cnn", "onnx", out)
    assert "One label holds, or none. Give the most" in (out / "README.md").read_text()
    assert (out / "head.onnx").is_file()


def test_the_checks_hold_what_the_bundle_answers(tmp_path: Path) -> None:
    bundle = load_bundle(GOLDEN / "static-linear")
    export_bundle(bundle.folder, "onnx", tmp_path / "out")
    found = json.loads((tmp_path / "out" / "cutouts.json").read_text())
    assert len(found["checks"]) == len(found["check_ids"]) >= 6
    model = (tmp_path / "out" / "model.onnx").read_bytes()
    expected = [entry["probabilities"] for entry in found["checks"]]
    probabilities = run(model, "probabilities", **padded(found["check_ids"]))
    np.testing.assert_allclose(probabilities, expected, rtol=0, atol=ALLOWED)


def test_the_example_in_the_docs_gives_a_tag(root: Path, tmp_path: Path) -> None:
    export_bundle(GOLDEN / "static-linear", "onnx", tmp_path / "onnx")
    page = (root / "docs/export.md").read_text()
    example = page.partition("```python\n")[2].partition("```")[0]
    text = "Is the big hall free on Sunday?"
    assert text in example
    ran = subprocess.run(
        [sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    (tags,) = load_bundle(GOLDEN / "static-linear").tag([text])
    assert ran.stdout == f"{tags[0].label if tags else 'none of these'}\n"
