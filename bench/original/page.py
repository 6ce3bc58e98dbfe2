"""TensorFlow.js and USE lite, as published, in a page of Chromium: how the first Cutouts embedded.

The original is the package `@tensorflow-models/universal-sentence-encoder`, on TensorFlow.js's
WebAssembly backend. Packages come from the user's npm registry, into the cache folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, Route

from bench.browser import chromium
from cutouts.assets import (
    TFJS_FILES,
    USE_LITE_MODEL,
    USE_LITE_SHARDS,
    USE_LITE_VOCABULARY,
    fetch,
    tfjs_asset,
)

ADDRESS = "http://localhost/"
*_, ENGINE, SENTENCE_ENCODER = TFJS_FILES
SCRIPTS = (
    tfjs_asset(
        "@tensorflow/tfjs",
        "4.22.0",
        "tf.min.js",
        "300dfae273d20b4046f46a06d735688f03675a807561e9bcb5f664eb2f3d2831",
        1_469_843,
    ),
    tfjs_asset(
        "@tensorflow/tfjs-backend-wasm",
        "4.22.0",
        "tf-backend-wasm.min.js",
        "691bbec0ef8b5a7f17f212e9c5d85832030f90d030b46e99acb4dea1fb16f009",
        149_861,
    ),
    SENTENCE_ENCODER,
)
THREADED_ENGINE = tfjs_asset(  # in an isolated page
    "@tensorflow/tfjs-backend-wasm",
    "4.22.0",
    "tfjs-backend-wasm-threaded-simd.wasm",
    "c052228d4bef185c27bbe59a9e029570c78bbb9f08b3cb46b597851650373de2",
    435_643,
)

LOAD = """async () => {
  tf.wasm.setWasmPaths("/");
  await tf.setBackend("wasm");
  globalThis.model = await use.load({ modelUrl: "/model.json", vocabUrl: "/vocab.json" });
}"""


@contextmanager
def original_page() -> Iterator[Page]:
    """Give a page in which the original is loaded, as its users load it: by script tags."""
    tags = "".join(f"<script src='/{script.name}'></script>" for script in SCRIPTS)
    files = use_lite_files() | {each.name: fetch(each) for each in (*SCRIPTS, ENGINE)}

    def answer(route: Route) -> None:
        name = route.request.url.removeprefix(ADDRESS)
        if name == "":
            page = f"<!doctype html><meta charset='utf-8'>{tags}"
            route.fulfill(body=page, content_type="text/html")
        elif name in files:
            route.fulfill(path=files[name])
        else:
            route.abort()

    with chromium() as browser:
        page = browser.new_page()
        page.route("**/*", answer)
        page.goto(ADDRESS)
        page.evaluate(LOAD)
        yield page


def use_lite_files() -> dict[str, Path]:
    """Return USE lite's published files by the names under which its model.json knows them."""
    files = {"model.json": fetch(USE_LITE_MODEL), "vocab.json": fetch(USE_LITE_VOCABULARY)}
    return files | {shard.name.removeprefix("use-lite-"): fetch(shard) for shard in USE_LITE_SHARDS}
