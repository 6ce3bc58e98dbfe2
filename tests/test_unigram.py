"""The tokenizer of USE lite against frozen answers of the original, and against plain loops."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutouts.encoders.tokenizer import Tokenizer, prepare
from cutouts.encoders.unigram import RESERVED, SPACE, Unigram, split, unigram_json
from cutouts.errors import EncoderError

GOLDEN = Path(__file__).parent / "golden" / "use-lite"
FEW: dict[str, Any] = json.loads((GOLDEN / "few_pieces.json").read_text())
PIECES: list[tuple[str, float]] = [
    (one, score) for one, score in FEW["tokenizer"]["model"]["vocab"]
]


def by_plain_loops(pieces: list[tuple[str, float]], text: str) -> list[int]:
    """Return the ids as the original finds them: over the whole text, without any memory."""
    text = SPACE + text.replace(" ", SPACE) if text else text
    ids = {piece: i for i, (piece, _) in enumerate(pieces) if i >= RESERVED}
    best, last = [0.0] * (len(text) + 1), [0] * (len(text) + 1)
    for stop in range(1, len(text) + 1):
        for start in range(stop):
            found = ids.get(text[start:stop])
            begins = any(text[start:end] in ids for end in range(start + 1, len(text) + 1))
            if found is None and (begins or stop > start + 1):
                continue
            total = best[start] + (pieces[found][1] if found is not None else 0.0)
            if best[stop] == 0 or total >= best[stop]:
                best[stop], last[stop] = total, found or 0
    way: list[int] = []
    at = len(text)
    while at > 0:
        if last[at] or not way or way[-1]:
            way.append(last[at])
        at -= len(pieces[last[at]][0])
    return way[::-1]


def test_ids_are_those_of_the_original_over_the_same_few_pieces() -> None:
    texts = [one["text"] for one in FEW["texts"]]
    found = Tokenizer(json.dumps(FEW["tokenizer"]).encode()).pieces(texts)
    assert len(texts) > 400
    for one, ids in zip(FEW["texts"], found, strict=True):
        assert ids.tolist() == one["ids"], ascii(one["text"])


@given(st.lists(st.text(": ab/30.()日\u2581", max_size=25), max_size=4))
def test_ids_are_those_of_plain_loops(texts: list[str]) -> None:
    unigram = Unigram(PIECES)
    for text in texts:
        assert unigram.encode(text).tolist() == by_plain_loops(PIECES, text)


def test_a_word_gives_the_same_pieces_the_second_time() -> None:
    unigram = Unigram(PIECES)
    text = "aaaa !!!! :30 " * 9
    assert unigram.encode(text).tolist() == unigram.encode(text).tolist()
    assert unigram.encode(text).tolist() == by_plain_loops(PIECES, text)


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), (" ", 2), ("\U0001f600" * 100_000, 2), ("\ud800", 2)]
)
def test_empty_long_and_broken_texts_have_few_pieces(text: str, count: int) -> None:
    assert len(Unigram(PIECES).encode(prepare(text))) == count


def test_a_hundred_thousand_characters_are_read() -> None:
    ids = Unigram(PIECES).encode("a" * 100_000)
    assert 10_000 < len(ids) <= 100_001


def test_letters_newer_than_python_are_read_as_what_they_mean() -> None:
    assert split("\U0001ccd6\U0001ccf9\U0001e030") == [SPACE + "A9а"]


def test_a_mark_newer_than_python_combines_on_no_machine() -> None:
    (word,) = split("e\u0897\u0301")
    assert word == f"{SPACE}e\u0897\u0301"
    assert split("e\u0301") == [SPACE + unicodedata.normalize("NFC", "e\u0301")]


def test_what_is_written_reads_back_the_same() -> None:
    again = Tokenizer(unigram_json(PIECES))
    assert again.vocabulary == len(PIECES)
    assert again.pieces(["the :30 a"])[0].tolist() == Unigram(PIECES).encode("the :30 a").tolist()


@pytest.mark.parametrize(
    ("vocab", "said"),
    [
        (None, "lists no pieces with scores"),
        ([], "lists no pieces with scores"),
        ([*PIECES, ("a\u2581", -1.0)], "only where a piece begins"),
        ([*PIECES, ("a", None)], "lists no pieces with scores"),
        ([*PIECES, ("a", float("nan"))], "lists no pieces with scores"),
        ([*PIECES, ("\u6f22x", -1.0)], "has no piece for '\u6f22' alone"),
    ],
)
def test_a_vocabulary_that_breaks_the_rules_is_refused(vocab: Any, said: str) -> None:
    with pytest.raises(EncoderError) as caught:
        Tokenizer(unigram_json(vocab))
    assert said in str(caught.value) and "build the bundle again" in str(caught.value)


def test_a_tokenizer_of_this_kind_that_is_no_json_is_refused() -> None:
    with pytest.raises(EncoderError, match=r"tokenizer\.json cannot be read"):
        Tokenizer(b'{"type":"Unigram"')
