"""Tarballs of npm packages, good and bad, go in; streams of their files or the reason come out."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from cutouts import npm
from cutouts.npm import download_package, open_packed
from cutouts.sources import NotHereError


def tarball(path: Path, *entries: tarfile.TarInfo, data: bytes = b"weights") -> Path:
    """Write a tarball of these entries; plain files hold `data`."""
    with tarfile.open(path, "w:gz") as archive:
        for entry in entries:
            entry.size = len(data) if entry.isreg() else 0
            archive.addfile(entry, io.BytesIO(data) if entry.isreg() else None)
    return path


def link(name: str, target: str) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = tarfile.SYMTYPE, target
    return entry


def test_a_file_of_the_package_is_given_and_nothing_is_written(tmp_path: Path) -> None:
    path = tarball(tmp_path / "a.tgz", tarfile.TarInfo("package/dist/model.json"))
    with open_packed(path, "dist/model.json") as stream:
        assert stream.read() == b"weights"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "entry",
    [
        tarfile.TarInfo("package/../dist/model.json"),
        tarfile.TarInfo("/package/dist/model.json"),
        tarfile.TarInfo("dist/model.json"),
        link("package/dist/model.json", "/etc/passwd"),
    ],
)
def test_links_and_paths_that_lead_elsewhere_are_no_files(
    tmp_path: Path, entry: tarfile.TarInfo
) -> None:
    path = tarball(tmp_path / "a.tgz", entry)
    with pytest.raises(NotHereError) as caught, open_packed(path, "dist/model.json"):
        pass
    assert str(caught.value) == "a.tgz holds no plain file dist/model.json"


def test_a_tarball_that_unpacks_without_end_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(npm, "MOST_UNPACKED", 2000)
    path = tarball(tmp_path / "a.tgz", tarfile.TarInfo("package/x"), data=bytes(5000))
    with (
        pytest.raises(NotHereError, match="unpacks to more than 2,000 bytes"),
        open_packed(path, "x"),
    ):
        pass


@pytest.mark.parametrize(
    "data", [b"", b"no gzip at all", gzip.compress(b"no tar" * 200, mtime=0)[:-30]]
)
def test_a_damaged_tarball_says_so(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "bad.tgz").write_bytes(data)
    with (
        pytest.raises(NotHereError, match=r"bad\.tgz is damaged"),
        open_packed(tmp_path / "bad.tgz", "x"),
    ):
        pass


def fake_npm(folder: Path, script: str) -> Path:
    """Put a program named npm into `folder` that runs `script`."""
    folder.mkdir()
    (folder / "npm").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "npm").chmod(0o755)
    return folder


def test_the_tarball_that_npm_downloads_is_returned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = 'echo "$@" > arguments; echo packed > tiny-1.0.0.tgz'
    monkeypatch.setenv("PATH", f"{fake_npm(tmp_path / 'bin', script)}:/usr/bin:/bin")
    found = download_package("tiny@1.0.0", tmp_path)
    assert found == tmp_path / "tiny-1.0.0.tgz"
    asked = (tmp_path / "arguments").read_text().split()
    assert asked[:2] == ["pack", "tiny@1.0.0"]
    assert "--ignore-scripts" in asked


def test_what_npm_says_is_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = 'echo "npm error code E404\nnpm error 404 Not Found" >&2; exit 1'
    monkeypatch.setenv("PATH", f"{fake_npm(tmp_path / 'bin', script)}:/usr/bin:/bin")
    with pytest.raises(NotHereError) as caught:
        download_package("tiny@1.0.0", tmp_path)
    assert str(caught.value) == "npm says: 404 Not Found"


def test_a_machine_without_npm_is_told_what_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(NotHereError, match=r"no npm here: install Node\.js"):
        download_package("tiny@1.0.0", tmp_path)
