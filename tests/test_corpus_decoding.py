"""Bytes in several encodings go in; lines come out, or the place of the byte that is no text."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutouts.corpus import read_corpus
from cutouts.corpus.decoding import MAX_LINE_CHARS
from cutouts.errors import CorpusError


def refusal(path: Path) -> str:
    with pytest.raises(CorpusError) as caught:
        read_corpus(path)
    return str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_utf8_and_marked_utf16_are_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "corpus.csv"
    path.write_text("text,label\nnaïve 😀,é\n", encoding=encoding)
    corpus = read_corpus(path)
    assert (corpus.texts, corpus.labels) == (("naïve 😀",), (("é",),))


def test_big_endian_utf16_is_read(tmp_path: Path) -> None:
    path = tmp_path / "corpus.csv"
    path.write_bytes(b"\xfe\xff" + "text,label\nñ,a\n".encode("utf-16-be"))
    assert read_corpus(path).texts == ("ñ",)


@given(before=st.integers(0, 40), long=st.integers(0, 9000))
def test_a_byte_that_is_no_text_is_named_with_its_place(
    tmp_path_factory: pytest.TempPathFactory, before: int, long: int
) -> None:
    start = "text,label\n" + "é,a\n" * before + "x" * long
    path = tmp_path_factory.mktemp("bytes") / "corpus.csv"
    path.write_bytes(start.encode() + b"\xe9t\xe9,b\n")
    offset = len(start.encode())
    assert refusal(path) == (
        f"{path}, line {before + 2}: byte 0xE9 at offset {offset:,} is not UTF-8: "
        "save the file as UTF-8"
    )


def test_a_bad_byte_far_into_a_large_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "corpus.csv"
    rows = "".join(f"été numéro {i},a\n" for i in range(100_000)).encode()
    path.write_bytes(b"\xef\xbb\xbftext,label\n" + rows + b"\xff,b\n")
    said = refusal(path)
    assert f"line 100002: byte 0xFF at offset {len(rows) + 14:,}" in said


def test_a_character_cut_off_at_the_end_is_found(tmp_path: Path) -> None:
    path = tmp_path / "corpus.csv"
    path.write_bytes(b"text,label\nx,\xc3")
    assert "line 2: byte 0xC3 at offset 13" in refusal(path)


def test_half_a_pair_in_utf16_is_found(tmp_path: Path) -> None:
    path = tmp_path / "corpus.csv"
    path.write_bytes(b"\xff\xfe" + "text,label\nx".encode("utf-16-le") + b"\x00\xdc,\x00")
    said = refusal(path)
    assert "line 2: byte 0x00 at offset 26 is not UTF-16-LE: save the file as UTF-8" in said


def test_a_nul_character_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "corpus.csv"
    path.write_bytes(b"text,label\nx,a\ny\0,b\n")
    assert "line 3: a NUL character, so this is not plain text" in refusal(path)


def test_a_line_beyond_the_limit_is_refused_by_number(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    with path.open("w") as file:
        file.write('{"text": "x", "label": "a"}\n')
        file.write("y" * (MAX_LINE_CHARS + 1))
    assert f"line 2: longer than {MAX_LINE_CHARS:,} characters" in refusal(path)
