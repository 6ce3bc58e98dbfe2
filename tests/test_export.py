"""Bundles and names of formats in; what is refused, in which words, and what stays as it was."""

import json
import shutil
from pathlib import Path

import pytest

from cutouts import export
from cutouts.assets import TFJS_FILES, fetch
from cutouts.cli import main
from cutouts.errors import AssetError, BundleError, ExportError, UsageError
from cutouts.export import export_bundle
from cutouts.export.contents import Contents

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(GOLDEN / "static-cnn", tmp_path / "golden"))


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_an_unknown_format_is_refused_by_name(bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match="no format 'pmml': expected one of onnx, npm, transformers-js"
    ):
        export_bundle(bundle, "pmml", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["static-cnn", "static-linear"])
def test_a_bundle_without_use_lite_is_told_how_to_make_one(name: str, tmp_path: Path) -> None:
    with pytest.raises(ExportError) as caught:
        export_bundle(GOLDEN / name, "tfjs", tmp_path / "out")
    said = str(caught.value)
    assert f"{name} has encoder tiny and head {name.partition('-')[2]}, --format tfjs" in said
    assert said.endswith(
        "make such a bundle with cutouts train CORPUS --encoder use-lite --head cnn"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_no_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"nothing holds no manifest\.json: give the folder that"):
        export_bundle(tmp_path / "nothing", "tfjs", tmp_path / "out")


def test_a_damaged_bundle_is_refused(bundle: Path, tmp_path: Path) -> None:
    with (bundle / "head/head.safetensors").open("r+b") as file:
        file.write(b"?")
    with pytest.raises(BundleError, match=r"head\.safetensors is damaged \(another sha256\)"):
        export_bundle(bundle, "tfjs", tmp_path / "out")


def test_a_folder_with_anything_else_in_it_is_left_alone(bundle: Path, tmp_path: Path) -> None:
    before = names(bundle)
    with pytest.raises(BundleError, match=r"golden holds \S+, which belongs to no export: move"):
        export_bundle(bundle, "tfjs", bundle)
    assert names(bundle) == before
    (tmp_path / "file").write_text("mine")
    with pytest.raises(BundleError, match="file is a file: choose a folder for the export"):
        export_bundle(bundle, "tfjs", tmp_path / "file")


def test_a_former_export_is_replaced_as_a_whole_or_not_at_all(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    former = {"made_by": "cutouts 0.0.1", "files": {"head/model.json": {}, "head/old.bin": {}}}
    for name in ("cutouts.json", "style.css", "tagger.js", "head/model.json", "head/old.bin"):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(json.dumps(former))
    with pytest.raises(ExportError):
        export_bundle(bundle, "tfjs", out)
    assert json.loads((out / "cutouts.json").read_text()) == former
    made = {"cutouts.json": b"{}", "head/model.json": b"new"}
    monkeypatch.setattr(export, "FORMATS", {"tfjs": lambda _: Contents(made, "run it")})
    exported = export_bundle(bundle, "tfjs", out)
    assert exported.files == [out / "cutouts.json", out / "head/model.json"]
    assert names(out) == made.keys()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["golden", "out"]


@pytest.mark.parametrize("name", ["mynotes.txt", "src/index.js", "index.html"])
def test_what_was_put_beside_an_export_is_named_and_stays(
    name: str, bundle: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    export_bundle(bundle, "onnx", out)
    export_bundle(bundle, "transformers-js", out)  # whatever the format was
    (out / name).parent.mkdir(exist_ok=True)
    (out / name).write_text("mine")
    with pytest.raises(BundleError) as caught:
        export_bundle(bundle, "transformers-js", out)
    assert str(caught.value) == (
        f"{out} holds {name}, which belongs to no export: move it away, or choose another --out"
    )
    assert (out / name).read_text() == "mine"


def test_settings_of_another_program_mark_no_export(bundle: Path, tmp_path: Path) -> None:
    for text in ("{}", '{"made_by": "scissors 1.0", "files": {}}', "[]", "cut here"):
        (tmp_path / "out").mkdir(exist_ok=True)
        (tmp_path / "out" / "cutouts.json").write_text(text)
        with pytest.raises(BundleError, match=r"holds cutouts\.json, which belongs to no export"):
            export_bundle(bundle, "onnx", tmp_path / "out")


def test_the_command_prints_one_line_and_takes_the_format_for_a_folder(
    bundle: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    made = Contents({"cutouts.json": bytes(1234)}, "put them on any static host")
    monkeypatch.setattr(export, "FORMATS", {"tfjs": lambda _: made})
    assert main(["export", str(bundle), "--format", "tfjs"]) == 0
    assert capsys.readouterr().out == "1 files in tfjs, 1,234 bytes: put them on any static host\n"
    assert main(["export", str(bundle), "--format", "tf"]) == 2
    assert "cutouts: no format 'tf': expected one of tfjs" in capsys.readouterr().err


def test_without_the_library_both_ways_to_it_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(AssetError) as caught:
        fetch(TFJS_FILES[0])
    said = str(caught.value)
    assert (
        "folder $CUTOUTS_TFJS: not set; let it name a folder that holds @tensorflow/tfjs/" in said
    )
    assert "npm package @tensorflow/tfjs@4.22.0: no npm here: install Node.js" in said


def test_an_altered_script_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asset = TFJS_FILES[3]
    place = tmp_path / "@tensorflow-models/universal-sentence-encoder/dist" / asset.name
    place.parent.mkdir(parents=True)
    place.write_bytes(b"x" * asset.bytes)
    monkeypatch.setenv("CUTOUTS_TFJS", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(
        AssetError, match=r"folder \$CUTOUTS_TFJS: what came has 7,620 bytes and sha"
    ):
        fetch(asset)


def test_the_page_loads_the_scripts_that_are_pinned(root: Path) -> None:
    page = (root / "cutouts/export/page/index.html").read_text()
    scripts = [asset.name for asset in TFJS_FILES if asset.name.endswith(".js")]
    places = [page.index(f'<script defer src="tfjs/{name}"></script>') for name in scripts]
    assert places == sorted(places)
    assert page.count("<script") == len(scripts) + 1
    assert "'unsafe-eval'" not in page and "'unsafe-inline'" not in page and "//" not in page
