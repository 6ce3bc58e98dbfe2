"""Bundles in; what the folder for transformers.js holds, and what is refused."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
import pytest
from tokenizers import Tokenizer

from cutouts.bundle import load_bundle
from cutouts.cli import main
from cutouts.errors import BundleError, ExportError
from cutouts.export import export_bundle
from cutouts.export.transformers_js import transformers_js_files

GOLDEN = Path(__file__).parent / "golden"


def test_the_folder_has_the_layout_that_the_library_loads(tmp_path: Path) -> None:
    export_bundle(GOLDEN / "static-linear", "transformers-js", tmp_path / "out")
    names = {path.relative_to(tmp_path / "out").as_posix() for path in tmp_path.rglob("*.*")}
    models = {"config.json", "tokenizer.json", "tokenizer_config.json", "onnx/model.onnx"}
    assert names - {"."} == {*models, "cutouts.json", "README.md"}
    bundle = load_bundle(GOLDEN / "static-linear")
    config = json.loads((tmp_path / "out/config.json").read_text())
    assert [config["id2label"][str(n)] for n in range(len(bundle.labels))] == list(bundle.labels)
    assert config["problem_type"] == "single_label_classification"
    model = onnx.load(tmp_path / "out/onnx/model.onnx")
    assert [one.name for one in model.graph.input] == ["input_ids", "attention_mask"]
    assert "logits" in {one.name for one in model.graph.output}
    tokenizer = Tokenizer.from_file(str(tmp_path / "out/tokenizer.json"))
    tokens = tokenizer.encode("the apple").tokens
    assert tokens == ["[CLS]", "the", "apple", "[SEP]"]


def test_several_labels_are_told_from_one() -> None:
    files = transformers_js_files(load_bundle(GOLDEN / "static-several")).files
    assert json.loads(files["config.json"])["problem_type"] == "multi_label_classification"
    assert b"Several labels may hold. Give every label whose" in files["README.md"]


def test_a_unigram_tokenizer_is_refused(tmp_path: Path) -> None:
    bundle = load_bundle(GOLDEN / "static-linear")
    tokenizer = {"model": {"type": "Unigram", "vocab": []}}
    encoder: Any = replace(bundle.encoder, tokenizer_json=json.dumps(tokenizer).encode())  # type: ignore[type-var]  # a dataclass behind its Protocol
    with pytest.raises(ExportError, match="static-linear is a unigram model, which transformers"):
        transformers_js_files(replace(bundle, encoder=encoder))
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(BundleError, match="holds mine, which belongs to no export: move it away"):
        export_bundle(GOLDEN / "static-linear", "transformers-js", tmp_path)


def test_what_the_pipeline_leaves_to_the_caller_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["export", str(GOLDEN / "static-linear"), "--format", "transformers-js"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("6 files in transformers-js, ") and said.count("\n") == 1
    assert "thresholds, none of these and the choice among several labels are yours" in said
