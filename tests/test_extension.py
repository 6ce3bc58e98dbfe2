"""The extension: whole for each browser, no file too many, the same bytes each time."""

import json
import zipfile
from pathlib import Path

import pytest

from cutouts.errors import BundleError, ServeError
from cutouts.extension import build_extension
from tests.standin import list_file, write_bundle

OWN = ("background.js", "offscreen.html", "offscreen.js", "event_page.js", "panel.html")
ROOMS = ("library/index.js", "library/worker.js", "library/sqlite3.wasm", "runtime/index.js")
ENGINE = ("runtime/engine.js", "runtime/ort-wasm-simd-threaded.wasm")
BOTH = {"manifest.json", "panel.html", "icons/16.png", "licences.txt", *ROOMS}


@pytest.fixture
def webapp(tmp_path: Path) -> Path:
    """Give a web part of empty files, with what no extension needs among them."""
    folder = tmp_path / "webapp"
    names = [f"extension/{name}" for name in (*OWN, "icons/16.png")]
    for name in (*names, *ROOMS, *ENGINE, "runtime/index.d.ts", "library.html", "licences.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    for browser in ("chromium", "firefox"):
        (folder / "extension" / f"{browser}.json").write_text(json.dumps({"name": browser}))
    return folder


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_each_browser_gets_its_own_files_and_no_others(webapp: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build_extension(None, out, webapp_folder=webapp)
    assert names(out / "chromium") == BOTH | {"background.js", "offscreen.html", "offscreen.js"}
    assert names(out / "firefox") == BOTH | {"event_page.js"}
    for browser in ("chromium", "firefox"):
        assert json.loads((out / browser / "manifest.json").read_text()) == {"name": browser}


def test_the_zip_holds_the_folder(webapp: Path, tmp_path: Path) -> None:
    archives = build_extension(None, tmp_path / "out", webapp_folder=webapp)
    assert [path.name for path in archives] == ["chromium.zip", "firefox.zip"]
    for path in archives:
        folder = path.with_suffix("")
        with zipfile.ZipFile(path) as archive:
            assert set(archive.namelist()) == names(folder)
            for name in archive.namelist():
                assert archive.read(name) == (folder / name).read_bytes()


def test_of_a_bundle_only_what_a_browser_loads_is_in_it(webapp: Path, tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    list_file(bundle, "report.txt", b"for people")
    build_extension(bundle, tmp_path / "out", webapp_folder=webapp)
    listed = {path for path in names(tmp_path / "out/firefox") if path.startswith("bundle/")}
    assert "bundle/manifest.json" in listed
    assert "bundle/head/head.safetensors" in listed
    assert "bundle/report.txt" not in listed


@pytest.mark.parametrize(("kind", "is_there"), [("static", False), ("onnx", True)])
def test_the_engine_comes_with_a_bundle_that_needs_it(
    webapp: Path, tmp_path: Path, kind: str, is_there: bool
) -> None:
    bundle = write_bundle(tmp_path / "bundle", kind=kind)
    build_extension(bundle, tmp_path / "out", webapp_folder=webapp)
    assert (names(tmp_path / "out/chromium") >= set(ENGINE)) is is_there


def test_the_same_files_give_the_same_zip(webapp: Path, tmp_path: Path) -> None:
    for out in ("one", "two"):
        build_extension(None, tmp_path / out, webapp_folder=webapp)
        for path in webapp.rglob("*"):
            path.touch()
    one, two = ((tmp_path / out / "chromium.zip").read_bytes() for out in ("one", "two"))
    assert one == two


def test_a_former_build_is_replaced_and_what_lies_beside_it_stays(
    webapp: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    bundle = write_bundle(tmp_path / "bundle", kind="onnx")
    (webapp / "extension" / "page.js").write_text("of a version that had one")
    build_extension(bundle, out, webapp_folder=webapp)
    (webapp / "extension" / "page.js").unlink()
    (out / "mine.txt").write_text("mine")
    build_extension(None, out, webapp_folder=webapp)
    assert {path.name for path in out.iterdir()} == {
        *("chromium", "firefox", "chromium.zip", "firefox.zip", "mine.txt")
    }
    assert not (out / "chromium" / "bundle").exists()
    assert names(out / "chromium").isdisjoint({"page.js", *ENGINE})
    (out / "chromium.zip").unlink()
    build_extension(bundle, out, webapp_folder=webapp)
    assert (out / "chromium.zip").exists()


def test_a_folder_called_chromium_that_is_no_extension_is_left_alone(
    webapp: Path, tmp_path: Path
) -> None:
    (tmp_path / "out" / "firefox").mkdir(parents=True)
    (tmp_path / "out" / "firefox" / "mine.txt").write_text("mine")
    with pytest.raises(ServeError, match=r"firefox holds mine\.txt, which belongs to no former"):
        build_extension(None, tmp_path / "out", webapp_folder=webapp)
    assert names(tmp_path / "out") == {"firefox/mine.txt"}


def test_an_extension_of_somebody_else_or_with_more_in_it_is_left_alone(
    webapp: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    build_extension(None, out, webapp_folder=webapp)
    (out / "firefox" / "mine.js").write_text("mine")
    with pytest.raises(
        ServeError, match=r"firefox holds mine\.js, which belongs to no former build"
    ):
        build_extension(None, out, webapp_folder=webapp)
    (out / "chromium" / "manifest.json").write_text('{"name": "Mine"}')
    with pytest.raises(
        ServeError, match=r"chromium holds \S+, which belongs to no former build: mo"
    ):
        build_extension(None, out, webapp_folder=webapp)
    assert (out / "firefox" / "mine.js").read_text() == "mine"


@pytest.mark.parametrize("kind", ["text", "empty", "other"])
def test_a_zip_of_somebody_else_is_left_alone(kind: str, webapp: Path, tmp_path: Path) -> None:
    path = tmp_path / "out" / "firefox.zip"
    path.parent.mkdir()
    if kind == "text":
        path.write_text("mine")
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("manifest.json" if kind == "other" else "a.txt", '{"name": "Mine"}')
    before = path.read_bytes()
    with pytest.raises(ServeError, match=r"firefox\.zip belongs to no former build: move it away"):
        build_extension(None, tmp_path / "out", webapp_folder=webapp)
    assert (names(tmp_path / "out"), path.read_bytes()) == ({"firefox.zip"}, before)


def test_without_the_web_part_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ServeError, match=r"has no extension/chromium\.json: build it with `make"):
        build_extension(None, tmp_path / "out", webapp_folder=tmp_path)


def test_a_damaged_bundle_leaves_nothing(webapp: Path, tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    (bundle / "head/head.safetensors").write_bytes(b"half")
    with pytest.raises(BundleError, match=r"head\.safetensors has 4 bytes"):
        build_extension(bundle, tmp_path / "out", webapp_folder=webapp)
    assert not (tmp_path / "out").exists()
