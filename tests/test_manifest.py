"""Manifests: what is not as the schema says is named, and no file is read but the right one."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from cutouts.errors import BundleError
from cutouts.manifest import CHUNK, check_manifest, file_entry, read_file, read_manifest

Json = dict[str, Any]


@pytest.fixture
def manifest(root: Path) -> Json:
    path = root / "tests" / "golden" / "static-cnn" / "manifest.json"
    found: Json = json.loads(path.read_bytes())
    return found


def write(folder: Path, content: bytes | Json) -> Path:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    (folder / "manifest.json").write_bytes(data)
    return folder


def refusal(folder: Path) -> str:
    with pytest.raises(BundleError) as caught:
        read_manifest(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_sound_manifest_is_read(manifest: Json, tmp_path: Path) -> None:
    assert read_manifest(write(tmp_path, manifest)) == manifest


def test_a_folder_without_a_manifest_is_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_text("text,label")
    for folder in (tmp_path, tmp_path / "nowhere", tmp_path / "file.csv"):
        assert refusal(folder) == (
            f"{folder} holds no manifest.json: give the folder that cutouts train wrote"
        )


def test_a_manifest_that_is_a_folder_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").mkdir()
    assert refusal(tmp_path).startswith(f"{tmp_path / 'manifest.json'} cannot be read (")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b'{"format": 1', b"[" * 100_000, b'{"tolerance": NaN}', b"9" * 9999],
)
def test_what_is_not_json_is_refused(content: bytes, tmp_path: Path) -> None:
    said = refusal(write(tmp_path, content))
    assert said.startswith(f"{tmp_path / 'manifest.json'} is not JSON (")
    assert said.endswith("train again or copy it again")


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_has_not_are_refused(
    constant: str, manifest: Json, tmp_path: Path
) -> None:
    text = json.dumps(manifest).replace('"threshold": 0.5625', f'"threshold": {constant}')
    assert f"is not JSON (it holds {constant})" in refusal(write(tmp_path, text.encode()))


@pytest.mark.parametrize("number", [2, 99])
def test_a_newer_format_asks_for_an_update(number: int, manifest: Json, tmp_path: Path) -> None:
    newer = manifest | {"format": number, "what_is_this": True}
    assert refusal(write(tmp_path, newer)) == (
        f"{tmp_path / 'manifest.json'} has format {number}, this version reads up to 1: "
        "update cutouts"
    )


@pytest.mark.parametrize("whole", [[], None, 7, "text"])
def test_json_that_is_no_object_is_refused(whole: Any, tmp_path: Path) -> None:
    said = refusal(write(tmp_path, json.dumps(whole).encode()))
    assert "is not a manifest: at its top" in said


def changed(manifest: Json, path: str, value: Any) -> Json:
    """Return the manifest with the value at a path of keys and numbers; `...` removes it."""
    made: Json = json.loads(json.dumps(manifest))
    at: Any = made
    *parents, last = [int(part) if part.isdecimal() else part for part in path.split("/")]
    for part in parents:
        at = at[part]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return made


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("format", 0, "format"),
        ("format", "1", "format"),
        ("name", "", "name"),
        ("name", ..., "its top"),
        ("extra", 1, "its top"),
        ("created", "yesterday", "created"),
        ("labels", [], "labels"),
        ("labels/0/threshold", 1.5, "labels/0/threshold"),
        ("labels/0/threshold", "0.5", "labels/0/threshold"),
        ("labels/1/name", "", "labels/1/name"),
        ("encoder/kind", "magic", "encoder/kind"),
        ("encoder/space", "../../etc", "encoder/space"),
        ("encoder/dim", 0, "encoder/dim"),
        ("encoder/dim", 16.5, "encoder/dim"),
        ("encoder/dim", 10**9, "encoder/dim"),
        ("head/kind", "tree", "head/kind"),
        ("head/layers", ..., "head"),
        ("head/layers/0/type", "lambda", "head/layers/0/type"),
        ("head/layers/1/activation", "eval", "head/layers/1/activation"),
        ("tolerance", 1, "tolerance"),
        ("tolerance", 0, "tolerance"),
        ("max_chars", 0, "max_chars"),
        ("multiple", "no", "multiple"),
        ("metrics", {"accuracy": [1]}, "metrics/accuracy"),
        ("files/0/sha256", "abc", "files/0/sha256"),
        ("files/0/bytes", -1, "files/0/bytes"),
        ("files/0/load", None, "files/0/load"),
    ],
)
def test_what_the_schema_does_not_allow_is_named(
    path: str, value: Any, where: str, manifest: Json, tmp_path: Path
) -> None:
    said = refusal(write(tmp_path, changed(manifest, path, value)))
    assert f"is not a manifest: at {where}, " in said
    assert said.endswith("train again")


@pytest.mark.parametrize(
    "path",
    [
        "../x",
        "/etc/passwd",
        "a/../../x",
        "./x",
        "a//b",
        "a/",
        "",
        "a\\b",
        "C:x",
        "a/.",
        "~",
        "..\n",
    ],
)
def test_a_path_that_could_lead_elsewhere_is_refused(
    path: str, manifest: Json, tmp_path: Path
) -> None:
    said = refusal(write(tmp_path, changed(manifest, "files/0/path", path)))
    assert "at files/0/path, " in said


def test_a_long_complaint_is_cut(manifest: Json) -> None:
    with pytest.raises(BundleError) as caught:
        check_manifest(changed(manifest, "name", ["x" * 5000]))
    assert len(str(caught.value)) < 400


def test_a_file_is_described_whole_and_in_chunks() -> None:
    content = bytes(range(256)) * 4096 + b"more"  # one chunk and four bytes
    entry = file_entry("a/b", content, load=True)
    assert entry["bytes"] == CHUNK + 4
    assert len(entry["chunks"]) == 2
    assert entry["chunks"][1] == file_entry("x", b"more", load=True)["sha256"]
    assert file_entry("a", b"", load=False)["chunks"] == []


def test_a_file_that_is_as_listed_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"content")
    assert read_file(tmp_path, file_entry("a", b"content", load=True)) == b"content"


@pytest.mark.parametrize(
    ("found", "complaint"),
    [
        (b"conten", "has 6 bytes, the manifest says 7: copy the bundle again"),
        (b"content!", "has 8 bytes, the manifest says 7: copy the bundle again"),
        (b"c0ntent", "is damaged (another sha256): copy the bundle again"),
    ],
)
def test_a_file_that_is_not_as_listed_is_refused(
    found: bytes, complaint: str, tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(found)
    with pytest.raises(BundleError) as caught:
        read_file(tmp_path, file_entry("a", b"content", load=True))
    assert str(caught.value) == f"{tmp_path / 'a'} {complaint}"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError) as caught:
        read_file(tmp_path, file_entry("a", b"content", load=True))
    assert str(caught.value) == (
        f"{tmp_path / 'a'} cannot be read (No such file or directory): copy the bundle again"
    )


def test_a_link_that_leads_out_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"content")
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "a").symlink_to(tmp_path / "secret")
    with pytest.raises(BundleError) as caught:
        read_file(bundle, file_entry("a", b"content", load=True))
    assert str(caught.value) == (
        f"{bundle / 'a'} leads out of the bundle: do not trust this bundle"
    )


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    os.symlink("a", tmp_path / "a")  # noqa: PTH211  (a link that leads nowhere)
    with pytest.raises(BundleError, match="cannot be read"):
        read_file(tmp_path, file_entry("a", b"content", load=True))
