"""Layers and activations as a bundle lists them in; TensorFlow.js must compute each of them alike."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from cutouts.assets import TFJS_FILES, fetch
from cutouts.encoders.tokenizer import Pieces
from cutouts.export.tfjs_layers import ACTIVATIONS, LAYERS, layers_model
from cutouts.heads.calibration import Calibration
from cutouts.heads.cnn import CnnHead, read_cnn
from cutouts.heads.layers import build_layer
from cutouts.serve import running_site

pytestmark = [pytest.mark.real, pytest.mark.browser]

DIM = 12
LABELS = 3
ALLOWED = 1e-5  # a tenth of what the whole page may differ by
CONVOLUTIONS: list[dict[str, Any]] = [
    {},
    {"strides": 2},
    {"padding": "same"},
    {"padding": "same", "strides": 2},
    {"padding": "same", "strides": 5},
    {"dilation": 2},
    {"dilation": 2, "padding": "same"},
]
POOLINGS: list[dict[str, Any]] = [
    {},
    {"size": 3},
    {"size": 3, "strides": 1},
    {"size": 3, "strides": 2, "padding": "same"},
    {"size": 5, "padding": "same"},
]
START = """async () => {
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  tf.wasm.setWasmPaths("/tfjs/");
  await tf.setBackend("wasm");
}"""
PREDICT = """async ([name, vectors]) => {
  const model = await tf.loadLayersModel(`/${name}/model.json`);
  return model.predict(tf.tensor2d(vectors)).array();
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    (folder / "tfjs").mkdir()
    for asset in TFJS_FILES:
        (folder / "tfjs" / asset.name).write_bytes(fetch(asset).read_bytes())
    tags = (f"<script src='/tfjs/{asset.name}'></script>" for asset in TFJS_FILES[:2])
    (folder / "index.html").write_text(f"<!doctype html><meta charset='utf-8'>{''.join(tags)}")
    return folder


@pytest.fixture(scope="module")
def page(chromium: Browser, folder: Path) -> Iterator[Page]:
    files = StaticFiles(directory=folder, html=True)
    with running_site(Starlette(routes=[Mount("/", files)])) as address:
        context = chromium.new_context()
        page = context.new_page()
        page.goto(address)
        page.evaluate(START)
        yield page
        context.close()


def network(*middle: dict[str, Any]) -> CnnHead:
    """Return a network with random weights around these layers, which get (DIM, 2)."""
    random = np.random.default_rng(3)
    tensors: dict[str, NDArray[np.float32]] = {}
    layers: list[dict[str, Any]] = [
        {"type": "dense"},
        {"type": "reshape", "shape": [DIM, 2]},
        *middle,
    ]
    shape: tuple[int, ...] = (DIM,)

    def add(index: int, last: int) -> None:
        kind, width = layers[index]["type"], shape[-1]
        shapes: dict[str, dict[str, tuple[int, ...]]] = {
            "dense": {"kernel": (width, last), "bias": (last,)},
            "conv1d": {"kernel": (4, width, last), "bias": (last,)},
            "batch_normalization": {"scale": (width,), "shift": (width,)},
        }
        for part, size in shapes.get(kind, {}).items():
            tensors[f"{index}.{part}"] = random.normal(size=size).astype(np.float32)

    for index, layer in enumerate(layers):
        add(index, 2 * DIM if index == 0 else 5)
        shape = build_layer(layer, tensors, index, shape).shape
    layers += [{"type": "flatten"}] if len(shape) == 2 else []
    layers.append({"type": "dense", "activation": "softmax"})
    shape = (math.prod(shape),)
    add(len(layers) - 1, LABELS)
    return read_cnn(tensors, layers, LABELS, DIM)


def assert_alike(page: Page, folder: Path, head: CnnHead, link: str = "softmax") -> None:
    """Fail unless TensorFlow.js gives the head's calibrated probabilities."""
    random = np.random.default_rng(4)
    slope, offset = random.normal(size=(2, LABELS)).astype(np.float32)
    calibration = Calibration(link, slope / 9, offset)  # scores are large, and should not saturate
    vectors = random.normal(size=(40, DIM)).astype(np.float32)
    none = Pieces(np.zeros(0, np.uint32), np.zeros(len(vectors) + 1, np.int64))
    expected = calibration.probabilities(head.scores(none, vectors))
    assert expected.std(axis=0).max() > 0.01, "the layer hardly matters"
    (folder / "head").mkdir(exist_ok=True)
    for path, data in layers_model(head, calibration, "head").items():
        (folder / "head" / path).write_bytes(data)
    found = page.evaluate(PREDICT, ["head", vectors.tolist()])
    np.testing.assert_allclose(found, expected, rtol=0, atol=ALLOWED)


@pytest.mark.parametrize("settings", CONVOLUTIONS, ids=str)
def test_a_convolution_is_alike(page: Page, folder: Path, settings: dict[str, Any]) -> None:
    assert_alike(page, folder, network({"type": "conv1d", **settings}))


@pytest.mark.parametrize("kind", ["max_pooling1d", "average_pooling1d"])
@pytest.mark.parametrize("settings", POOLINGS, ids=str)
def test_a_pooling_is_alike(page: Page, folder: Path, kind: str, settings: dict[str, Any]) -> None:
    assert_alike(page, folder, network({"type": kind, **settings}))


@pytest.mark.parametrize("kind", sorted(LAYERS))
def test_every_kind_of_layer_is_alike(page: Page, folder: Path, kind: str) -> None:
    settings: dict[str, dict[str, Any]] = {
        "reshape": {"shape": [2 * DIM]},
        "activation": {"activation": "tanh"},
    }
    assert_alike(page, folder, network({"type": kind, **settings.get(kind, {})}))


@pytest.mark.parametrize("activation", sorted({*ACTIVATIONS, "leaky_relu"}))
@pytest.mark.parametrize("kind", ["dense", "conv1d", "activation", "max_pooling1d"])
def test_every_activation_is_alike(page: Page, folder: Path, kind: str, activation: str) -> None:
    assert_alike(page, folder, network({"type": kind, "activation": activation}))


def test_each_label_for_itself_is_alike(page: Page, folder: Path) -> None:
    assert_alike(page, folder, network({"type": "conv1d"}), link="sigmoid")
