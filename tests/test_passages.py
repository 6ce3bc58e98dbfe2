"""Which short passages of long texts a table is fitted to."""

import numpy as np

from cutouts.encoders.passages import ENOUGH, LONGEST, SHORTEST, choose_passages
from cutouts.encoders.tokenizer import Tokenizer
from tests.tiny import WORDS, tokenizer_json

TOKENIZER = Tokenizer(tokenizer_json())
RANDOM = np.random.default_rng(0)
FREQUENT, RARE = WORDS[:3], WORDS[3:6]
TEXT = " ".join([*RANDOM.choice(FREQUENT, 3000), *RARE, *RANDOM.choice(FREQUENT, 3000)])


def test_passages_have_as_many_words_as_a_title_or_a_sentence() -> None:
    lengths = choose_passages([TEXT], TOKENIZER).lengths
    assert lengths.max() <= LONGEST
    assert (lengths >= SHORTEST).sum() >= len(lengths) - 1  # a text may end early


def test_each_piece_is_held_a_few_times_and_frequent_ones_not_much_more_often() -> None:
    chosen = choose_passages([TEXT], TOKENIZER)
    held = np.zeros(TOKENIZER.vocabulary, np.int64)
    for ids in chosen:
        held[np.unique(ids)] += 1
    for word in RARE:
        assert held[TOKENIZER.id_of(word)] >= 1
    for word in FREQUENT:
        assert ENOUGH <= held[TOKENIZER.id_of(word)] <= ENOUGH * (len(FREQUENT) + len(RARE))


def test_a_passage_that_occurs_twice_is_taken_once() -> None:
    chosen = choose_passages([" ".join(WORDS[:SHORTEST])] * 50, TOKENIZER)
    assert [ids.tolist() for ids in chosen] == [[TOKENIZER.id_of(word) for word in WORDS[:4]]]


def test_the_same_texts_give_the_same_passages() -> None:
    once, again = (choose_passages([TEXT, TEXT[::2]], TOKENIZER) for _ in range(2))
    assert (once.ids == again.ids).all()
    assert (once.starts == again.starts).all()


def test_no_texts_and_blank_ones_give_no_passages() -> None:
    assert len(choose_passages([], TOKENIZER)) == 0
    assert len(choose_passages(["", " \n "], TOKENIZER)) == 0
