"""Folders of text files go in; texts by label, and what was not read, come out."""

import os
from pathlib import Path

import pytest

from cutouts.corpus import read_corpus
from cutouts.corpus.folders import MAX_FILE_BYTES
from cutouts.errors import CorpusError


def put(root: Path, **files: str) -> Path:
    """Write files whose names are given with `__` for a slash, without their suffix."""
    for name, text in files.items():
        path = root / (name.replace("__", "/") + ".txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def refusal(root: Path) -> str:
    with pytest.raises(CorpusError) as caught:
        read_corpus(root)
    return str(caught.value)


def test_the_first_folder_is_the_label_however_deep_the_file_lies(tmp_path: Path) -> None:
    root = put(tmp_path / "mail", sport__a="a goal", sport__y2001__b="a match", war__c="a tank")
    corpus = read_corpus(root)
    assert corpus.name == "mail"
    assert corpus.texts == ("a goal", "a match", "a tank")
    assert corpus.labels == (("sport",), ("sport",), ("war",))


def test_a_file_needs_no_suffix(tmp_path: Path) -> None:
    (tmp_path / "alt.atheism").mkdir()
    (tmp_path / "alt.atheism" / "49960").write_text("x")
    assert read_corpus(tmp_path).labels == (("alt.atheism",),)


def test_a_duplicate_is_reported_by_the_name_of_its_file(tmp_path: Path) -> None:
    report = read_corpus(put(tmp_path, a__one="x", a__two="x", b__three="y")).report
    assert f"exact duplicates, kept once: 1 (a{os.sep}two.txt)" in str(report)


def test_files_beside_the_label_folders_are_listed_not_read(tmp_path: Path) -> None:
    report = read_corpus(put(tmp_path, README="about this", a__x="x", b__y="y")).report
    assert (report.rows, report.ignored) == (2, 1)
    assert "files or entries not read: 1 (README.txt)" in str(report)


def test_hidden_files_and_folders_are_none_of_the_corpus(tmp_path: Path) -> None:
    put(tmp_path, a__x="x", b__y="y")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_bytes(b"\0")
    (tmp_path / "a" / ".DS_Store").write_bytes(b"\0")
    assert (read_corpus(tmp_path).report.rows, read_corpus(tmp_path).report.ignored) == (2, 0)


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    root = put(tmp_path / "in", a__x="x", b__y="y")
    put(tmp_path / "out", private="private", folder__z="z")
    (root / "a" / "link.txt").symlink_to(tmp_path / "out" / "private.txt")
    (root / "b" / "up").symlink_to(tmp_path / "out", target_is_directory=True)
    (root / "gone").mkdir()
    (root / "gone" / "nowhere.txt").symlink_to(tmp_path / "nothing")
    corpus = read_corpus(root)
    assert corpus.texts == ("x", "y")
    assert corpus.report.places["ignored"] == ("a/link.txt", "b/up", "gone/nowhere.txt")


def test_a_link_that_stays_in_the_folder_is_followed(tmp_path: Path) -> None:
    root = put(tmp_path, a__x="x", b__y="y")
    (root / "b" / "same.txt").symlink_to(root / "a" / "x.txt")
    assert read_corpus(root).report.conflicts == 1


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    root = put(tmp_path, a__x="x", b__y="y")
    (root / "a" / "again").symlink_to(root, target_is_directory=True)
    assert read_corpus(root).texts == ("x", "y")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(put(tmp_path, a__x="x", b__y="y") / "a" / "pipe")
    assert read_corpus(tmp_path).report.places["ignored"] == ("a/pipe",)


def test_a_binary_file_is_refused_by_name(tmp_path: Path) -> None:
    put(tmp_path, a__x="x")
    (tmp_path / "a" / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0\0\x10JFIF")
    assert f"{tmp_path}/a/photo.jpg, line 1: byte 0xFF at offset 0" in refusal(tmp_path)


def test_a_file_with_a_nul_is_refused_by_name_and_line(tmp_path: Path) -> None:
    put(tmp_path, a__x="one\ntwo\0")
    assert f"{tmp_path}/a/x.txt, line 2: a NUL character" in refusal(tmp_path)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (put(tmp_path, a__x="x") / "a" / "x.txt").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)  # a file with a hole: it takes no room
    assert f"a/x.txt: {MAX_FILE_BYTES + 1:,} bytes, at most" in refusal(tmp_path)


def test_an_empty_folder_is_told_what_is_expected(tmp_path: Path) -> None:
    said = refusal(tmp_path)
    assert f"holds no folder of text files: expected {tmp_path.name}/LABEL/FILE.txt" in said


def test_a_folder_of_loose_files_names_some(tmp_path: Path) -> None:
    assert "holds no folder of text files, but a.txt, b.txt: expected" in refusal(
        put(tmp_path, a="x", b="y")
    )


def test_a_name_that_is_no_unicode_is_refused_in_readable_form(tmp_path: Path) -> None:
    folder = put(tmp_path, a__x="x") / "a"
    try:
        Path(os.fsdecode(bytes(folder) + b"/\xff.txt")).write_text("x")
    except OSError:
        pytest.skip("this file system takes names in Unicode only")
    assert r"the name '\udcff.txt' is not UTF-8: rename it" in refusal(tmp_path)
