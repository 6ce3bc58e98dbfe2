"""Texts to word pieces, of any length and content; and what is no tokenizer."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutouts.encoders.tokenizer import BATCH, Tokenizer, join, plain_tokenizer, prepare
from cutouts.errors import EncoderError
from tests.golden import reference
from tests.tiny import tokenizer_json

ANY_TEXT = st.text(st.characters(codec=None), max_size=60)  # lone surrogates too


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer(tokenizer_json())


@pytest.mark.parametrize(
    ("text", "prepared"),
    [
        ("plain", "plain"),
        ("\ud83d\ude00", "😀"),
        ("\ud83d alone, \ude00 too", "\ufffd alone, \ufffd too"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
        ("é😀", "é😀"),
        ("", ""),
    ],
)
def test_lone_surrogates_are_replaced_and_pairs_joined(text: str, prepared: str) -> None:
    assert prepare(text) == prepared


def test_a_text_is_cut_by_code_points() -> None:
    assert prepare("😀" * 10, max_chars=3) == "😀😀😀"
    assert prepare("a" * 10, max_chars=3) == "aaa"


@given(ANY_TEXT, st.integers(1, 50))
def test_preparing_does_what_plain_loops_do(text: str, max_chars: int) -> None:
    assert prepare(text, max_chars) == reference.prepare(text, max_chars)
    prepare(text).encode()  # is well formed


@given(st.lists(ANY_TEXT, max_size=6))
def test_the_pieces_of_a_text_do_not_depend_on_the_others(texts: list[str]) -> None:
    tokenizer = Tokenizer(tokenizer_json())
    together = tokenizer.pieces(texts)
    assert len(together) == len(texts)
    for text, ids in zip(texts, together, strict=True):
        assert ids.tolist() == tokenizer.pieces([text])[0].tolist()


@given(st.text("ab app lemot,.!日\u0301é[CLS]x ", max_size=40))
def test_the_pieces_are_those_of_plain_loops(text: str) -> None:
    ids = Tokenizer(tokenizer_json()).pieces([text])[0]
    assert ids.tolist() == reference.tokenize(text, json.loads(tokenizer_json()))


def test_more_texts_than_a_batch_keep_their_order(tokenizer: Tokenizer) -> None:
    texts = ["apple", "motor valve", ""] * BATCH
    told: list[int] = []
    pieces = tokenizer.pieces(texts, progress=told.append)
    assert sum(told) == len(texts)
    assert pieces.lengths.tolist() == [1, 2, 0] * BATCH


def test_a_long_text_is_not_truncated(tokenizer: Tokenizer) -> None:
    assert tokenizer.pieces(["apple " * 5000]).lengths.tolist() == [5000]
    assert tokenizer.pieces(["apple " * 5000], max_chars=60).lengths.tolist() == [10]


def test_special_tokens_are_not_added(tokenizer: Tokenizer) -> None:
    assert tokenizer.pieces([""])[0].tolist() == []
    assert tokenizer.pieces(["apple"])[0].tolist() == [tokenizer.id_of("apple")]


def test_pieces_can_be_taken_in_any_order(tokenizer: Tokenizer) -> None:
    pieces = tokenizer.pieces(["apple", "", "motor oil"])
    taken = pieces.take([2, 0, 2])
    assert [ids.tolist() for ids in taken] == [pieces[i].tolist() for i in (2, 0, 2)]
    assert taken.texts().tolist() == [0, 0, 1, 2, 2]
    assert len(pieces.take([])) == 0
    assert join([]).ids.dtype == np.uint32


@pytest.mark.parametrize("content", [b"", b"\xff", b"{}", b"[]", b'{"model": null}', b"null"])
def test_what_is_no_tokenizer_is_refused(content: bytes) -> None:
    with pytest.raises(
        EncoderError, match=r"^tokenizer.json cannot be read \(.+\): build it again$"
    ):
        Tokenizer(content)


def test_a_piece_that_is_not_there_is_named(tokenizer: Tokenizer) -> None:
    with pytest.raises(
        EncoderError, match=r"^the tokenizer has no \[BOS\] piece: it is not MiniLM"
    ):
        tokenizer.id_of("[BOS]")


def test_truncation_and_padding_are_taken_out_of_what_was_published() -> None:
    published = json.loads(tokenizer_json())
    published["truncation"] = {"max_length": 3, "strategy": "LongestFirst", "stride": 0}
    published["truncation"]["direction"] = "Right"
    plain = plain_tokenizer(json.dumps(published).encode())
    assert json.loads(plain)["truncation"] is None
    assert Tokenizer(plain).pieces(["apple " * 9]).lengths.tolist() == [9]
