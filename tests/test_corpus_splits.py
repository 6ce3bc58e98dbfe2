"""Small corpora go in; the parts they are split into, and what two of them share, come out."""

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutouts.corpus import Corpus, CorpusReport, overlap, split_corpus, without_overlap
from cutouts.errors import UsageError


def corpus_of(*labels: str, start: int = 0) -> Corpus:
    """Return texts that are numbered from `start`, labelled so; letters of one name are labels."""
    texts = tuple(f"text {start + i}" for i in range(len(labels)))
    return Corpus(
        "small", texts, tuple(tuple(sorted(set(each))) for each in labels), CorpusReport()
    )


def sizes(corpus: Corpus) -> Counter[str]:
    return Counter(label for labels in corpus.labels for label in labels)


SINGLE = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=60)
SEVERAL = st.lists(st.text("abcde", max_size=3), max_size=60)


@given(SINGLE | SEVERAL, st.floats(0.05, 0.95), st.integers(0, 9))
def test_each_text_is_in_one_part_and_each_label_in_training(
    labels: list[str], share: float, seed: int
) -> None:
    corpus = corpus_of(*labels)
    train, held = split_corpus(corpus, share, seed)
    pairs = [
        *zip(train.texts, train.labels, strict=True),
        *zip(held.texts, held.labels, strict=True),
    ]
    assert sorted(pairs) == sorted(zip(corpus.texts, corpus.labels, strict=True))
    assert train.label_names == corpus.label_names
    assert (train.report.kept, held.report.kept) == (len(train.texts), len(held.texts))


@given(SINGLE)
def test_a_fifth_of_each_label_is_held_out(labels: list[str]) -> None:
    corpus = corpus_of(*labels)
    _, held = split_corpus(corpus)
    for label, count in sizes(corpus).items():
        assert sizes(held)[label] == min(int(count / 5 + 0.5), count - 1)


@given(SEVERAL, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(labels: list[str], random: Random) -> None:
    corpus = corpus_of(*labels)
    rows = list(zip(corpus.texts, corpus.labels, strict=True))
    random.shuffle(rows)
    shuffled = replace(
        corpus, texts=tuple(row[0] for row in rows), labels=tuple(row[1] for row in rows)
    )
    assert set(split_corpus(corpus)[1].texts) == set(split_corpus(shuffled)[1].texts)


def test_the_split_is_the_same_on_every_machine() -> None:
    _, held = split_corpus(corpus_of(*"aabbaabbaabb"), 0.25)
    assert held.texts == ("text 1", "text 2", "text 4", "text 7")


def test_another_seed_holds_out_other_texts() -> None:
    corpus = corpus_of(*"ab" * 50)
    assert split_corpus(corpus, seed=1)[1].texts != split_corpus(corpus, seed=2)[1].texts


def test_with_several_labels_the_shares_are_kept_roughly() -> None:
    corpus = corpus_of(*["ab", "b", "bc", "a", "cd", "d"] * 50)
    _, held = split_corpus(corpus, 0.2)
    for label, count in sizes(corpus).items():
        assert 0.15 * count <= sizes(held)[label] <= 0.25 * count


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0, float("nan")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(UsageError, match="expected a number between 0 and 1"):
        split_corpus(corpus_of("a", "b"), share)


def test_texts_of_the_test_part_are_removed_from_training_only() -> None:
    train, test = corpus_of(*"abab"), corpus_of(*"bb", start=3)
    assert overlap(train, test) == 1
    kept = without_overlap(train, test)
    assert kept.texts == ("text 0", "text 1", "text 2")
    assert kept.report.overlap == 1
    assert "removed because the test corpus holds them: 1 ('text 3')" in str(kept.report)
    assert overlap(kept, test) == 0


def test_parts_that_share_nothing_are_left_as_they_are() -> None:
    train = corpus_of(*"abab")
    assert without_overlap(train, corpus_of(*"ab", start=9)) is train
