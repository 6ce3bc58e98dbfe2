"""Texts to prove a bundle with: kept beside the cache, never in the bundle."""

import logging
from pathlib import Path

import pytest

from cutouts import proof_texts as module
from cutouts.assets import cache_folder
from cutouts.corpus import Corpus
from cutouts.proof_texts import TEXTS, proof_texts, remember_texts
from tests.tiny import corpus_of, three_labels


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    (tmp_path / "manifest.json").write_text("{}")
    return tmp_path


def many(count: int, word: str) -> Corpus:
    return corpus_of(*((f"{word} {number}", "ab"[number % 2]) for number in range(count)))


def test_the_texts_of_the_test_part_come_first_then_those_of_training(bundle: Path) -> None:
    train, test = many(30, "train"), many(4, "test")
    remember_texts(bundle, train, test)
    texts, source = proof_texts(bundle)
    assert texts == [*test.texts, *train.texts]
    assert "trained here" in source


@pytest.mark.parametrize("count", [TEXTS, TEXTS + 1, 2 * TEXTS - 1, 5 * TEXTS + 7])
def test_of_many_texts_as_many_as_are_needed_are_kept(count: int, bundle: Path) -> None:
    test = many(count, "test")
    remember_texts(bundle, many(50, "train"), test)
    texts, _ = proof_texts(bundle)
    assert len(texts) == TEXTS
    assert set(texts) <= set(test.texts)
    assert len(set(texts)) == TEXTS


def test_nothing_of_the_corpus_is_written_into_the_bundle(bundle: Path) -> None:
    remember_texts(bundle, three_labels(), None)
    assert [path.name for path in bundle.iterdir()] == ["manifest.json"]


def test_another_bundle_has_other_texts(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remember_texts(bundle, three_labels(), None)
    monkeypatch.setattr(module, "read_sample", lambda *_: many(9, "sample"))
    (bundle / "manifest.json").write_text('{"trained": "again"}')
    texts, source = proof_texts(bundle)
    assert texts == list(many(9, "sample").texts)
    assert source == "sample texts: 20 Newsgroups, test part"


@pytest.mark.parametrize("content", [b"", b"{", b"[", b"5", b"{}", b"[1, 2]", b"\xff"])
def test_damaged_texts_are_replaced_by_samples(
    content: bytes, bundle: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    remember_texts(bundle, three_labels(), None)
    (path,) = (cache_folder() / "proof-texts").iterdir()
    path.write_bytes(content)
    monkeypatch.setattr(module, "read_sample", lambda *_: many(9, "sample"))
    with caplog.at_level(logging.WARNING, "cutouts"):
        texts, _ = proof_texts(bundle)
    assert len(texts) == 9
    assert f"{path} is damaged (" in caplog.text
    assert "sample texts are used instead" in caplog.text


def test_lone_surrogates_are_kept_as_they_are(bundle: Path) -> None:
    remember_texts(bundle, corpus_of(("half \ud83d", "a"), ("b", "b")), None)
    assert proof_texts(bundle)[0] == ["half \ud83d", "b"]
