"""Bundles whose encoder a person gave in; what is exported answers as they do, or a reason."""

import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx.version_converter import convert_version
from tokenizers import Tokenizer

from cutouts.bundle import Bundle
from cutouts.encoders.given.folder import UNKNOWN_LICENCE
from cutouts.errors import ExportError
from cutouts.export import export_bundle
from cutouts.export.npm_package import npm_files
from cutouts.export.onnx import onnx_files
from cutouts.export.onnx_graph import whole_model
from cutouts.export.tokens import bracketed, brackets_of
from cutouts.export.transformers_js import transformers_js_files
from cutouts.heads.calibration import Calibration
from cutouts.heads.cnn import read_cnn
from cutouts.training import train
from tests.models import (
    change_model,
    model2vec_folder,
    published_tokenizer,
    sentence_folder,
    write_json,
)
from tests.tiny import DIM, three_labels

pytestmark = pytest.mark.usefixtures("no_sample")

ALLOWED = 1e-5  # a tenth of what an export may differ by
TEXTS = ["ripe apple and pear", "motor oil, a valve", "song", "", "apple " * 90]
NETWORK: list[dict[str, Any]] = [
    {"type": "reshape", "shape": [DIM // 2, 2]},
    {"type": "global_average_pooling1d"},
    {"type": "dense"},
    {"type": "reshape", "shape": [2, 3]},
    {"type": "global_max_pooling1d"},
    {"type": "dense", "activation": "softmax"},
]


def answers(model: bytes, sequences: list[list[int]]) -> NDArray[np.float32]:
    """Return the probabilities that an exported graph gives, one text at a time."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    found = []
    for ids in sequences:
        mask = np.ones((1, max(1, len(ids))), np.int64) * bool(ids)
        given = {"input_ids": np.array([ids or [0]], np.int64), "attention_mask": mask}
        found.append(session.run(["probabilities"], given)[0][0])
    return np.array(found)


@pytest.mark.parametrize("opset", [13, 16, 18, 20, 21, 22, 23])
def test_a_graph_of_another_opset_gives_the_bundles_answers(opset: int, tmp_path: Path) -> None:
    folder = sentence_folder(tmp_path / "other", "max")
    config = json.loads((folder / "config.json").read_text())
    write_json(folder / "config.json", {**config, "model_type": "distilbert"})
    change_model(folder, lambda model: write_in(model, opset))
    bundle = train(three_labels(), encoder=str(folder), out=tmp_path / "bundle").bundle
    assert bundle.manifest["encoder"]["origin"]["weights"] == "float16"
    for one in (bundle, with_network(bundle)):
        model = whole_model(one, bracketed=True)
        parsed = onnx.load_model_from_string(model)
        assert [(one.domain, one.version) for one in parsed.opset_import] == [("", max(17, opset))]
        onnx.checker.check_model(parsed, full_check=True)
        sequences = [bracketed(ids.tolist(), brackets_of(one)) for ids in one.pieces(TEXTS)]
        expected = one.probabilities(TEXTS)
        assert np.ptp(expected, axis=0).max() > 0.01
        np.testing.assert_allclose(answers(model, sequences), expected, rtol=0, atol=ALLOWED)
    export_bundle(bundle.folder, "onnx", tmp_path / "onnx")
    said = (tmp_path / "onnx" / "README.md").read_text()
    assert f"holds standard operators of opset {max(17, opset)} only" in said
    export_bundle(bundle.folder, "transformers-js", tmp_path / "js")


def test_a_table_whose_tokenizer_has_no_ends_is_exported_without(tmp_path: Path) -> None:
    folder = model2vec_folder(tmp_path / "table")
    tokenizer = json.loads(published_tokenizer(post_processor=None))
    words = tokenizer["model"]["vocab"]
    for number, name in enumerate(("[CLS]", "[SEP]", "[MASK]")):  # the ids stay as they are
        words[f"plain{number}"] = words.pop(name)
    tokenizer["added_tokens"] = tokenizer["added_tokens"][:2]
    write_json(folder / "tokenizer.json", tokenizer)
    bundle = train(three_labels(), encoder=str(folder), out=tmp_path / "bundle").bundle
    export_bundle(bundle.folder, "onnx", tmp_path / "onnx")
    exported = Tokenizer.from_file(str(tmp_path / "onnx" / "tokenizer.json"))
    sequences = [exported.encode(text).ids for text in TEXTS]
    assert sequences == [ids.tolist() for ids in bundle.pieces(TEXTS)]
    expected = bundle.probabilities(TEXTS)
    assert np.ptp(expected, axis=0).max() > 0.1
    found = answers((tmp_path / "onnx" / "model.onnx").read_bytes(), sequences)
    np.testing.assert_allclose(found, expected, rtol=0, atol=ALLOWED)
    said = (tmp_path / "onnx" / "README.md").read_text()
    assert "into ids, without special tokens" in said
    assert "one place with mask 0" in said and "equally likely" not in said
    with pytest.raises(ExportError, match=r"bundle has no \[CLS\] and \[SEP\], without which tra"):
        export_bundle(bundle.folder, "transformers-js", tmp_path / "js")


@pytest.mark.parametrize(
    ("licence", "packed"),
    [
        ("cc-by-nc-4.0", "SEE LICENSE IN README.md"),
        ("apache-2.0", "Apache-2.0"),
        (UNKNOWN_LICENCE, "SEE LICENSE IN README.md"),
    ],
)
def test_an_export_names_the_licence_of_its_encoder(
    licence: str, packed: str, tmp_path: Path
) -> None:
    folder = model2vec_folder(tmp_path / "table")
    stated = "" if licence == UNKNOWN_LICENCE else f"license: {licence}\n"
    (folder / "README.md").write_text(f"---\n{stated}---\n")
    bundle = train(three_labels(), encoder=str(folder), out=tmp_path / "bundle").bundle
    (tmp_path / "web" / "runtime").mkdir(parents=True)
    for name in ("worker.js", "engine.js", "ort-wasm-simd-threaded.wasm"):
        (tmp_path / "web" / "runtime" / name).write_text("")
    (tmp_path / "web" / "licences.txt").write_text("")
    npm = npm_files(bundle, tmp_path / "web").files
    for files in (npm, onnx_files(bundle).files, transformers_js_files(bundle).files):
        said = files["README.md"].decode()
        assert f"## Licence\n\nHead: Apache-2.0.\n\nEncoder: {licence}, from folder" in said
        assert ("Runtime: Apache-2.0; `licences.txt` names" in said) == (files is npm)
        named = json.loads(files["cutouts.json"])["licences"]
        assert named == {"head": "Apache-2.0", "encoder": licence}
    (archive,) = (content for name, content in npm.items() if name.endswith(".tgz"))
    with tarfile.open(fileobj=io.BytesIO(archive)) as package:
        described = package.extractfile("package/package.json")
        assert described is not None
        assert json.load(described)["license"] == packed


def write_in(model: onnx.ModelProto, opset: int) -> None:
    """Write the model in another opset; below its own it means the same as it stands."""
    if opset > model.opset_import[0].version:
        model.CopyFrom(convert_version(model, opset))
    model.opset_import[0].version = opset


def with_network(bundle: Bundle) -> Bundle:
    """Return the bundle with a head whose layers take means and maxima."""
    random = np.random.default_rng(5)
    tensors = {f"{layer}.bias": np.zeros(size, np.float32) for layer, size in ((2, 6), (5, 3))}
    for layer, shape in ((2, (2, 6)), (5, (3, 3))):
        tensors[f"{layer}.kernel"] = 4 * random.normal(size=shape).astype(np.float32)
    plain = Calibration("softmax", np.ones(3, np.float32), np.zeros(3, np.float32))
    return replace(bundle, head=read_cnn(tensors, NETWORK, 3, DIM), calibration=plain)
