"""Bundles exported to ONNX in; onnxruntime-web must answer in Chromium as the bundles do."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from tokenizers import Tokenizer

from cutouts.bundle import Bundle, load_bundle
from cutouts.encoders import load_encoder
from cutouts.export import export_bundle
from cutouts.serve import running_site
from tests.browser.tiny import onnx_tiny, write_tiny

pytestmark = pytest.mark.browser

ALLOWED = 1e-5  # a tenth of what an export may differ by
ENGINE = ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm")
ASK = """async ([model, batches]) => {
  const { env, InferenceSession, Tensor } = await import("/ort.wasm.bundle.min.mjs");
  env.wasm.numThreads = 1;
  env.wasm.wasmPaths = { wasm: "/ort-wasm-simd-threaded.wasm" };
  const session = await InferenceSession.create(model);
  const answers = [];
  for (const { ids, mask } of batches) {
    const shape = [ids.length, ids[0].length];
    const whole = (rows) => new Tensor("int64", BigInt64Array.from(rows.flat(), BigInt), shape);
    const found = await session.run({ input_ids: whole(ids), attention_mask: whole(mask) });
    const { data, dims } = found.probabilities;
    for (let row = 0; row < dims[0]; row += 1)
      answers.push([...data.slice(row * dims[1], (row + 1) * dims[1])]);
  }
  return answers;
}"""

Write = Callable[[Bundle], None]


@pytest.fixture
def folder(root: Path, tmp_path: Path) -> Path:
    """Give what is served: onnxruntime-web as it is published, and what a test puts beside it."""
    folder = tmp_path / "site"
    folder.mkdir()
    for name in ENGINE:
        shutil.copy(root / "web/node_modules/onnxruntime-web/dist" / name, folder / name)
    (folder / "index.html").write_text("<!doctype html><title>ONNX</title>")
    return folder


@pytest.fixture
def page(context: BrowserContext, folder: Path) -> Iterator[Page]:
    with running_site(
        Starlette(routes=[Mount("/", StaticFiles(directory=folder, html=True))])
    ) as address:
        page = context.new_page()
        page.goto(address)
        yield page


def batch(sequences: list[list[int]]) -> dict[str, Any]:
    """Return ids and mask, padded to the longest."""
    width = max(map(len, sequences))
    ids = [[*one, *[0] * (width - len(one))] for one in sequences]
    mask = [[1] * len(one) + [0] * (width - len(one)) for one in sequences]
    return {"ids": ids, "mask": mask}


def assert_same(bundle: Bundle, texts: list[str], folder: Path, page: Page) -> None:
    """Fail unless the browser answers as the bundle, one text at a time and all at once."""
    out = folder / "export"
    export_bundle(bundle.folder, "onnx", out)
    tokenizer = Tokenizer.from_file(str(out / "tokenizer.json"))
    sequences = [tokenizer.encode(text).ids for text in texts]
    batches = [batch(sequences), *(batch([one]) for one in sequences)]
    found = page.evaluate(ASK, ["/export/model.onnx", batches])
    expected = bundle.probabilities(texts)
    assert np.ptp(expected, axis=0).max() > 0.1
    np.testing.assert_allclose(found, [*expected, *expected], rtol=0, atol=ALLOWED)


@pytest.mark.parametrize("name", ["static-cnn", "static-linear", "static-several"])
def test_a_static_bundle_answers_alike_in_a_browser(
    name: str, root: Path, folder: Path, page: Page
) -> None:
    bundle = load_bundle(root / "tests/golden" / name)
    texts = [text.encode("utf-8", "replace").decode()[:200] for text in bundle.golden_texts()]
    assert_same(bundle, texts, folder, page)


def test_a_transformer_answers_alike_in_a_browser(folder: Path, tmp_path: Path, page: Page) -> None:
    bundle = write_tiny(tmp_path / "bundle", onnx_tiny())
    texts = ["", "apple", "angle and w9", "and w9 " * 200 + "apple " * 90]
    assert_same(bundle, texts, folder, page)


@pytest.mark.real
def test_minilm_answers_alike_in_a_browser(folder: Path, tmp_path: Path, page: Page) -> None:
    bundle = write_tiny(tmp_path / "bundle", load_encoder("minilm"))
    texts = ["", "An apple a day", "angle and apple", "Where do I park? " * 80 + "apple " * 9]
    assert_same(bundle, texts, folder, page)


def test_the_checks_can_be_replayed_by_whoever_runs_the_export(
    root: Path, folder: Path, page: Page
) -> None:
    export_bundle(root / "tests/golden/static-several", "onnx", folder / "export")
    settings = json.loads((folder / "export/cutouts.json").read_text())
    expected = [check["probabilities"] for check in settings["checks"]]
    found = page.evaluate(ASK, ["/export/model.onnx", [batch(settings["check_ids"])]])
    np.testing.assert_allclose(found, expected, rtol=0, atol=settings["tolerance"])
