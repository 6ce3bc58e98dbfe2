"""A bundle and a web part in; fails where bytes are left out or counted that nobody loads."""

from pathlib import Path

import brotli
import pytest

from cutouts.errors import ServeError
from cutouts.payload import payload_files, payload_of
from tests.standin import list_file, write_bundle, write_webapp

LOADED = {
    *("/bundle/manifest.json", "/bundle/golden.json", "/bundle/head/head.safetensors"),
    "/bundle/encoder/0123456789abcdef/tokenizer.json",
    *("/bundle/report.html", "/runtime/index.js"),  # the manifest of the stand-in loads its report
}


@pytest.fixture
def webapp(tmp_path: Path) -> Path:
    folder = write_webapp(tmp_path / "webapp")
    (folder / "runtime" / "engine.js").write_text("export const engine = 1;")
    return folder


@pytest.mark.parametrize("kind", ["static", "onnx"])
def test_the_engine_is_counted_only_where_it_is_needed(
    kind: str, tmp_path: Path, webapp: Path
) -> None:
    bundle = write_bundle(tmp_path / "bundle", kind=kind)
    list_file(bundle, "card.md", b"for people")
    engine = {"/runtime/engine.js", "/runtime/engine.wasm"} if kind == "onnx" else set()
    files = payload_files(bundle, webapp)
    assert {file.url for file in files} == LOADED | engine


def test_what_is_sent_is_smaller_by_what_brotli_saves(tmp_path: Path, webapp: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    payload = payload_of(bundle, webapp)
    contents = {file.url: file.path.read_bytes() for file in payload_files(bundle, webapp)}
    assert payload.raw == sum(map(len, contents.values()))
    sent = {url: min(len(brotli.compress(data)), len(data)) for url, data in contents.items()}
    weights = "/bundle/head/head.safetensors"
    sent[weights] = len(contents[weights])  # a site sends weights as they are
    assert payload.sent == sum(sent.values())


def test_a_changed_file_is_weighed_again(tmp_path: Path, webapp: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    before = payload_of(bundle, webapp)
    (webapp / "runtime" / "index.js").write_text("1")
    assert payload_of(bundle, webapp).raw < before.raw
    assert payload_of(bundle, webapp).sent < before.sent


def test_a_missing_web_part_is_named(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    with pytest.raises(ServeError, match="the web part is missing"):
        payload_of(bundle, tmp_path / "nowhere")
