"""Bundles in; what the package for npm holds, what it is called, and what is refused."""

import hashlib
import io
import json
import shutil
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutouts.bundle import load_bundle
from cutouts.errors import BundleError, ExportError
from cutouts.export import export_bundle
from cutouts.export.npm_package import npm_files, package_name, package_version, tarball
from cutouts.site import WEBAPP

GOLDEN = Path(__file__).parent / "golden"
NEEDS_RUNTIME = pytest.mark.skipif(
    not (WEBAPP / "runtime/worker.js").is_file(), reason="the web part is not built"
)


def held(archive: bytes) -> dict[str, bytes]:
    """Return the files of a .tgz; fail on anything in it that is no plain file."""
    found = {}
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as packed:
        for entry in packed:
            stream = packed.extractfile(entry)
            assert entry.isreg() and stream is not None
            found[entry.name.removeprefix("package/")] = stream.read()
    return found


@pytest.fixture
def runtime(tmp_path: Path) -> Path:
    """Give a web part of empty scripts."""
    folder = tmp_path / "webapp" / "runtime"
    folder.mkdir(parents=True)
    for name in ("index.js", "index.d.ts", "worker.js", "engine.js", "ort-wasm-simd-threaded.wasm"):
        (folder / name).write_text(name)
    (folder.parent / "licences.txt").write_text("licences")
    return folder.parent


def test_a_package_holds_the_bundle_and_says_where_its_files_are(runtime: Path) -> None:
    bundle = load_bundle(GOLDEN / "static-linear")
    made = npm_files(bundle, runtime)
    (name,) = [path for path in made.files if path.endswith(".tgz")]
    assert name == "golden-static-linear-tagger-2026.102.30405.tgz"
    files = held(made.files[name])
    for entry in bundle.manifest["files"]:
        content = files[f"bundle/{entry['path']}"]
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
        address = f'"./bundle/{entry["path"]}?no-inline", import.meta.url'
        assert files["files.js"].decode().count(address) == 1
    assert files["bundle/manifest.json"] == (bundle.folder / "manifest.json").read_bytes()
    assert files["README.md"] == made.files["README.md"]
    assert files["licences.txt"] == b"licences"
    described = json.loads(files["package.json"])
    assert described["license"] == "Apache-2.0" and described["type"] == "module"
    for paths in described["exports"]["."].values():
        assert paths.removeprefix("./") in files
    listed = {path.partition("/")[0] for path in files} - {"README.md", "package.json"}
    assert listed == set(described["files"])


def test_a_bundle_without_a_graph_brings_no_engine(runtime: Path) -> None:
    made = npm_files(load_bundle(GOLDEN / "static-cnn"), runtime)
    files = held(next(data for path, data in made.files.items() if path.endswith(".tgz")))
    assert not [path for path in files if path.endswith(".wasm")]
    assert b"this package holds no engine" in files["runtime/engine.js"]


def test_packing_twice_gives_the_same_bytes() -> None:
    assert tarball({"a": b"1", "b/c": b"2"}) == tarball({"b/c": b"2", "a": b"1"})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Which desk?", "which-desk-tagger"),
        ("../../etc", "etc-tagger"),
        ("日本", "bundle-tagger"),
        ("a" * 39 + " b", "a" * 39 + "-tagger"),
    ],
)
def test_a_name_is_made_of_what_npm_takes(name: str, expected: str) -> None:
    assert package_name(name) == expected


@given(st.text(min_size=1, max_size=200))
def test_no_bundles_name_makes_a_name_that_npm_refuses(name: str) -> None:
    made = package_name(name)
    assert made.isascii() and made.replace("-", "").isalnum() and made == made.lower()
    assert not made.startswith("-") and "--" not in made and len(made) <= 60


def test_a_later_bundle_has_a_higher_version() -> None:
    times = ["2026-01-02T03:04:05Z", "2026-01-02T13:00:00Z", "2026-02-01T00:00:00Z"]
    versions = [package_version({"created": time}) for time in times]
    assert versions == ["2026.102.30405", "2026.102.130000", "2026.201.0"]
    numbers = [tuple(map(int, version.split("."))) for version in versions]
    assert numbers == sorted(numbers)


def test_without_the_web_part_nothing_is_packed(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"the web part is missing: .*runtime has no worker\.js"):
        npm_files(load_bundle(GOLDEN / "static-linear"), tmp_path)


@NEEDS_RUNTIME
def test_what_is_in_the_way_stays_and_a_damaged_bundle_leaves_nothing(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "package.json").write_text("{}")
    with pytest.raises(BundleError, match=r"project holds package\.json, which belongs to no exp"):
        export_bundle(GOLDEN / "static-linear", "npm", project)
    assert [path.name for path in project.iterdir()] == ["package.json"]
    bundle = Path(shutil.copytree(GOLDEN / "static-linear", tmp_path / "bundle"))
    (bundle / "golden.json").unlink()
    with pytest.raises(BundleError, match=r"golden\.json cannot be read"):
        export_bundle(bundle, "npm", tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundle", "project"]
    exported = export_bundle(GOLDEN / "static-linear", "npm", tmp_path / "out")
    assert exported.said.startswith("npm install the .tgz; it tags as the bundle does")
