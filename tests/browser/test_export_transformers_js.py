"""Bundles exported for transformers.js in; the published package must answer as the bundles do.

Its own file is fetched once and pinned by hash; it runs on the onnxruntime-web of this project, so
neither onnxruntime-node nor anything else that it names is installed.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import BrowserContext
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from cutouts.assets import Asset, fetch
from cutouts.bundle import Bundle, load_bundle
from cutouts.encoders import load_encoder
from cutouts.export import export_bundle
from cutouts.npm import Package
from cutouts.samples import read_sample
from cutouts.serve import running_site
from tests.browser.conftest import Watched, watch
from tests.browser.tiny import onnx_tiny, write_tiny

pytestmark = [pytest.mark.real, pytest.mark.browser]

LIBRARY = Asset(
    "transformers.web.min.js",
    "cc66a4de933cc21f0158dcbf72607721bfed0044d3791b2e9874f653659f979b",
    454_425,
    (Package("@huggingface/transformers@4.3.1", "dist/transformers.web.min.js"),),
)
ENGINE = ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm")
ALLOWED = 1e-5  # a tenth of what an export may differ by
PAGE = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<script type="importmap">{"imports": {
  "onnxruntime-common": "/ort.wasm.bundle.min.mjs",
  "onnxruntime-web/webgpu": "/ort.wasm.bundle.min.mjs"
}}</script>"""
CLASSIFY = """async (json) => {
  const { env, pipeline } = await import("/transformers.web.min.js");
  env.allowLocalModels = true;
  env.allowRemoteModels = false;
  env.localModelPath = "/models/";
  env.backends.onnx.wasm.wasmPaths = { wasm: "/ort-wasm-simd-threaded.wasm" };
  env.backends.onnx.wasm.numThreads = 1;
  const classify = await pipeline("text-classification", "export");
  const texts = JSON.parse(json);
  const alone = [];
  for (const text of texts) alone.push(await classify(text, { top_k: null }));
  return { alone, together: await classify(texts, { top_k: null }), best: await classify(texts[1]) };
}"""


@pytest.fixture
def folder(root: Path, tmp_path: Path) -> Path:
    """Give what is served: the library, the engine, and what a test puts beside them."""
    folder = tmp_path / "site"
    folder.mkdir()
    for name in ENGINE:
        shutil.copy(root / "web/node_modules/onnxruntime-web/dist" / name, folder / name)
    shutil.copy(fetch(LIBRARY), folder / LIBRARY.name)
    (folder / "index.html").write_text(PAGE)
    return folder


@pytest.fixture
def opened(context: BrowserContext, folder: Path) -> Iterator[Watched]:
    routes = [Mount("/", StaticFiles(directory=folder, html=True))]
    with running_site(Starlette(routes=routes)) as address:
        watched = watch(context.new_page())
        watched.page.goto(address)
        yield watched
        asked = [url for url in watched.requests if not url.startswith((address, "data:", "blob:"))]
        assert asked == []


def assert_same(bundle: Bundle, texts: list[str], folder: Path, opened: Watched) -> None:
    """Fail unless the pipeline gives the bundle's probabilities, one text at a time and all at once."""
    export_bundle(bundle.folder, "transformers-js", folder / "models/export")
    found: dict[str, Any] = opened.page.evaluate(CLASSIFY, json.dumps(texts))
    expected = bundle.probabilities(texts)
    assert np.ptp(expected, axis=0).max() > 0.1
    for rows in (found["alone"], found["together"]):
        scores = [{one["label"]: one["score"] for one in row} for row in rows]
        in_order = [[row[label] for label in bundle.labels] for row in scores]
        np.testing.assert_allclose(in_order, expected, rtol=0, atol=ALLOWED)
    assert [one["label"] for one in found["best"]] == [bundle.labels[expected[1].argmax()]]


@pytest.mark.parametrize("name", ["static-cnn", "static-linear", "static-several"])
def test_a_static_bundle_is_classified_alike(
    name: str, root: Path, folder: Path, opened: Watched
) -> None:
    bundle = load_bundle(root / "tests/golden" / name)
    texts = [text.encode("utf-8", "replace").decode()[:200] for text in bundle.golden_texts()]
    assert_same(bundle, texts, folder, opened)


def test_a_transformer_is_classified_alike_beyond_its_last_token(
    folder: Path, tmp_path: Path, opened: Watched
) -> None:
    bundle = write_tiny(tmp_path / "bundle", onnx_tiny())
    texts = ["", "apple", "angle and w9", "and w9 " * 200 + "apple " * 90]
    assert_same(bundle, texts, folder, opened)


def test_minilm_and_real_texts_are_classified_alike(
    folder: Path, tmp_path: Path, opened: Watched
) -> None:
    bundle = write_tiny(tmp_path / "bundle", load_encoder("minilm"))
    texts = ["An apple a day", "angle and apple", *read_sample("20newsgroups", "test").texts[:20]]
    assert_same(bundle, texts, folder, opened)
