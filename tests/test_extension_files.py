"""The built web part in; what is in the extension's zips, and what Mozilla's linter says, out.

An own file is needed when another one that is needed names it, beginning with the manifest.
"""

import json
import posixpath
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

import run_npm
from build_extension import LIMIT
from cutouts.extension import build_extension
from tests.standin import write_bundle

NAMED = re.compile(r"""["'`]([\w./-]+\.[a-z]\w*)(?=["'`])""")
BYTES = (".png", ".wasm", ".safetensors")  # files that name no other
LINTER = "node_modules/addons-linter/bin/addons-linter"
# Each is explained in docs/extension.md.
WARNINGS = {
    "KEY_FIREFOX_ANDROID_UNSUPPORTED_BY_MIN_VERSION",
    "UNSAFE_VAR_ASSIGNMENT",
    "UNSUPPORTED_API",
}


def needless(files: dict[str, bytes]) -> set[str]:
    """Return the files that nothing names which is needed itself."""
    needed, waiting = {"manifest.json"}, ["manifest.json"]
    while waiting:
        name = waiting.pop()
        if name.endswith(BYTES):
            continue
        for said in NAMED.findall(files[name].decode()):
            beside = posixpath.join(posixpath.dirname(name), said)
            new = {posixpath.normpath(path) for path in (said, beside)} & files.keys() - needed
            needed |= new
            waiting += new
    return files.keys() - needed


def contents(archive: Path) -> dict[str, bytes]:
    """Return the files of a zip by their names."""
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


@pytest.mark.parametrize("kind", [None, "static", "onnx"])
def test_each_file_in_the_zips_is_named_by_another_that_is_needed(
    kind: str | None, tmp_path: Path
) -> None:
    bundle = None if kind is None else write_bundle(tmp_path / "bundle", kind=kind)
    for archive in build_extension(bundle, tmp_path / "out"):
        files = contents(archive)
        assert needless(files) == set(), archive.name
        assert needless({**files, "left/over.js": b""}) == {"left/over.js"}


@pytest.mark.parametrize(("kind", "engine"), [("static", "preact"), ("onnx", "onnxruntime-web")])
def test_the_zips_hold_the_licences_of_what_is_in_them(
    kind: str, engine: str, tmp_path: Path
) -> None:
    bundle = write_bundle(tmp_path / "bundle", kind=kind)
    for archive in build_extension(bundle, tmp_path / "out"):
        said = contents(archive)["licences.txt"].decode()
        assert said.startswith("Cutouts, Apache-2.0\n")
        for package in (engine, "dompurify", "@sqlite.org/sqlite-wasm", "@mozilla/readability"):
            assert re.search(rf"^{package} [\d.]+.*, \S", said, re.MULTILINE), package


def test_without_a_model_each_zip_has_at_most_4_mb(tmp_path: Path) -> None:
    assert LIMIT == 4 << 20
    sizes = {path.name: path.stat().st_size for path in build_extension(None, tmp_path / "out")}
    assert {"chromium.zip", "firefox.zip"} == sizes.keys()
    assert max(sizes.values()) <= LIMIT, sizes


def linted(path: Path, web: Path) -> dict[str, Any]:
    """Return what Mozilla's linter says of an extension for Firefox."""
    node = run_npm.node_folder() / "node"
    command = [str(node), str(web / LINTER), "--output", "json", str(path)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    said: dict[str, Any] = json.loads(found.stdout)
    return said


def test_mozillas_linter_finds_no_error_in_the_zip_for_firefox_and_no_new_kind_of_warning(
    tmp_path: Path, root: Path
) -> None:
    _, firefox = build_extension(None, tmp_path / "out")
    said = linted(firefox, root / "web")
    assert said["errors"] == []
    assert {warning["code"] for warning in said["warnings"]} <= WARNINGS
