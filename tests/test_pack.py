"""Writing a bundle: whole or not at all, and never over anything else."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from cutouts.bundle import load_bundle
from cutouts.errors import BundleError
from cutouts.former import BUNDLE, refuse_foreign
from cutouts.golden import TEXTS
from cutouts.heads.calibration import Calibration
from cutouts.heads.linear import linear_head
from cutouts.manifest import read_manifest
from cutouts.pack import Tagger, pack, put_in_place, versions, write_manifest
from tests.tiny import DIM, tiny_onnx, tiny_static

FORMER = json.dumps({"format": 1, "encoder": {}, "head": {}, "labels": [], "files": []})


def tagger(*, kind: str = "static", multiple: bool = False) -> Tagger:
    encoder = tiny_static() if kind == "static" else tiny_onnx()
    random = np.random.default_rng(0)
    keys = np.uint32(0xFFFF0000) + np.arange(5, 12, dtype=np.uint32)
    words, meaning = random.normal(size=(7, 2)), random.normal(size=(2, DIM))
    head = linear_head(
        keys,
        np.ones(7, np.float32),
        words.astype(np.float32),
        meaning.astype(np.float32),
        np.zeros(2, np.float32),
    )
    link = "sigmoid" if multiple else "softmax"
    calibration = Calibration(link, np.ones(2, np.float32), np.zeros(2, np.float32))
    thresholds = np.array([0.5, 0.25])
    return Tagger(
        "tiny", encoder, head, calibration, ("a", "b"), thresholds, multiple, {"accuracy": 0.5}, {}
    )


@pytest.mark.parametrize("kind", ["static", "onnx"])
@pytest.mark.parametrize("multiple", [True, False])
def test_what_was_packed_loads_and_answers_the_fixed_texts(
    kind: str, multiple: bool, tmp_path: Path
) -> None:
    packed = pack(tagger(kind=kind, multiple=multiple), tmp_path)
    loaded = load_bundle(tmp_path)
    assert loaded.golden_texts() == list(TEXTS)
    assert loaded.thresholds.tolist() == [0.5, 0.25]
    texts = ["apple motor", "", "\ud800"]
    assert (loaded.probabilities(texts) == packed.probabilities(texts)).all()


def test_the_manifest_lists_every_file_but_itself_and_the_proof(tmp_path: Path) -> None:
    manifest = pack(tagger(), tmp_path).manifest
    for name in ("proof.json", "report.html", "card.md", "metrics.json"):
        (tmp_path / name).write_text("{}")
    write_manifest(tmp_path, manifest)
    listed = {entry["path"]: entry["load"] for entry in read_manifest(tmp_path)["files"]}
    there = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert listed.keys() == there - {"manifest.json", "proof.json"}
    for_people = [name for name, load in listed.items() if not load]
    assert sorted(for_people) == ["card.md", "metrics.json", "report.html"]


def test_provenance_names_versions_and_no_path(tmp_path: Path) -> None:
    provenance = pack(tagger(), tmp_path).manifest["provenance"]
    assert provenance == versions()
    assert {"python", "cutouts", "numpy", "tokenizers"} <= provenance.keys()
    assert str(tmp_path) not in (tmp_path / "manifest.json").read_text()


def test_the_bundle_holds_no_number_that_json_has_not(tmp_path: Path) -> None:
    manifest = pack(tagger(), tmp_path).manifest
    manifest["metrics"]["accuracy"] = float("nan")
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_manifest(tmp_path, manifest)


def test_a_folder_appears_whole_at_the_end(tmp_path: Path) -> None:
    with put_in_place(tmp_path / "deep" / "bundle") as folder:
        (folder / "manifest.json").write_text("new")
        assert not (tmp_path / "deep" / "bundle").exists()
    assert (tmp_path / "deep" / "bundle" / "manifest.json").read_text() == "new"
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["bundle"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, MemoryError])
def test_what_fails_leaves_what_was_there(error: type[BaseException], tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    with put_in_place(out) as folder:
        (folder / "manifest.json").write_text(FORMER)
    with pytest.raises(error), put_in_place(out) as folder:
        (folder / "manifest.json").write_text("half")
        raise error
    assert (out / "manifest.json").read_text() == FORMER
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_ctrl_c_while_folders_change_places_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "bundle"
    with put_in_place(out) as folder:
        (folder / "manifest.json").write_text(FORMER)
    rename = Path.rename

    def interrupted(self: Path, target: Path) -> Path:
        if self.name == "bundle" and self != out:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt), put_in_place(out):
        pass
    assert (out / "manifest.json").read_text() == FORMER


def test_debris_of_a_killed_run_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".bundle-part-abc" / "bundle").mkdir(parents=True)
    (tmp_path / ".other-part-abc").mkdir()
    with put_in_place(tmp_path / "bundle") as folder:
        (folder / "manifest.json").write_text("{}")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".other-part-abc", "bundle"]


def test_the_working_folder_can_become_the_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with put_in_place(Path()) as folder:
        (folder / "manifest.json").write_text("{}")
    assert (tmp_path / "here" / "manifest.json").exists()


def test_a_link_to_a_bundle_stays_a_link(tmp_path: Path) -> None:
    with put_in_place(tmp_path / "bundle") as folder:
        (folder / "manifest.json").write_text(FORMER)
    (tmp_path / "link").symlink_to(tmp_path / "bundle")
    with put_in_place(tmp_path / "link") as folder:
        (folder / "manifest.json").write_text("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "bundle" / "manifest.json").read_text() == "new"


@pytest.mark.parametrize("code", [28, 30, 13, 5])
def test_a_disk_that_cannot_be_written_is_one_line(code: int, tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    with pytest.raises(BundleError) as caught, put_in_place(out):
        raise OSError(code, os.strerror(code))
    assert str(caught.value) == (
        f"{out} cannot be written ({os.strerror(code)}): make room there or choose another --out"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_file_or_a_folder_of_other_things_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    with pytest.raises(BundleError) as caught:
        refuse_foreign(tmp_path / "file", BUNDLE)
    assert str(caught.value) == f"{tmp_path / 'file'} is a file: choose a folder for the bundle"
    with pytest.raises(BundleError) as caught:
        refuse_foreign(tmp_path, BUNDLE)
    assert str(caught.value) == (
        f"{tmp_path} holds file, which belongs to no bundle: move it away, or choose another --out"
    )
    (tmp_path / "empty").mkdir()
    refuse_foreign(tmp_path / "empty", BUNDLE)
    refuse_foreign(tmp_path / "nothing", BUNDLE)


def test_golden_json_holds_surrogates_escaped(tmp_path: Path) -> None:
    pack(tagger(), tmp_path)
    text = (tmp_path / "golden.json").read_text(encoding="ascii")
    assert [entry["text"] for entry in json.loads(text)["texts"]] == list(TEXTS)
