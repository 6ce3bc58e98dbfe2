"""Answers are compared text by text, and proof.json says what came of it."""

import json
import math
from pathlib import Path
from typing import Any, cast

import pytest

from cutouts.bundle import Bundle
from cutouts.errors import ProofError
from cutouts.proof import BrowserAnswer, Proof, compare, summarise, write_proof
from cutouts.prove import ask_python
from tests.standin import LABELS, CountingBundle, as_sent, counted, write_bundle


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return cast(Bundle, CountingBundle(write_bundle(tmp_path / "bundle")))


def answered(text: str, **changes: Any) -> BrowserAnswer:
    return BrowserAnswer(**as_sent(text, **changes))


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"ids": [97, 99]}, "token ids differ at 1: Python [98] (of 2), browser [99] (of 2)"),
        ({"ids": [97]}, "token ids differ at 1: Python [98] (of 2), browser [] (of 1)"),
        ({"tags": []}, "tags: Python ['long'], browser []"),
        ({"tags": ["\x1b[2J"]}, r"tags: Python ['long'], browser ['\x1b[2J']"),
        ({"scores": [0.25, -0.26]}, "score of 'short': 1.00e-02 apart"),
        ({"scores": [math.nan, -0.25]}, "score of 'long': inf apart"),
        ({"probabilities": [math.inf, 0]}, "probability of 'long': inf apart"),
        ({"scores": [0.25]}, "1 scores and 2 probabilities for 2 labels"),
    ],
)
def test_a_different_answer_is_named(changes: dict[str, Any], what: str) -> None:
    found = compare(counted("ab"), answered("ab", **changes), LABELS)
    assert found.what == what
    assert not found.within(1e-3)


def test_a_difference_within_the_tolerance_is_the_same_answer() -> None:
    expected = counted("ab")
    got = answered("ab", scores=[0.25 + 1e-6, -0.25])
    assert compare(expected, got, LABELS).within(1e-5)
    assert not compare(expected, got, LABELS).within(1e-7)


def test_the_worst_texts_come_first() -> None:
    texts = ["a", "b\x07", "c", "d"]
    differences = [
        compare(counted("a"), answered("a"), LABELS),
        compare(counted("b"), answered("b", scores=[0.2, -0.125]), LABELS),
        compare(counted("c"), answered("c", ids=[1]), LABELS),
        compare(counted("d"), answered("d", scores=[1, -0.125]), LABELS),
    ]
    largest, passed, worst = summarise(texts, differences, 1e-5)
    assert (largest, passed) == (0.875, False)
    assert [found.text for found in worst] == ["c", "d", "b\\x07"]


def proof_of(bundle: Bundle, **changes: Any) -> Proof:
    values: dict[str, Any] = {
        "manifest": ask_python(bundle, ["x"]).manifest,
        "engine": "chromium",
        "user_agent": "Test/1.0",
        "date": "2026-01-02T03:04:05Z",
        "texts": 2,
        "same_ids": 2,
        "same_tags": 2,
        "worst_difference": 1e-7,
        "tolerance": 1e-5,
        "milliseconds": 0.05,
        "load_milliseconds": 100.0,
        "passed": True,
        "versions": {"python": "3"},
        "worst": (),
    }
    return Proof(**(values | changes))


def test_each_engine_keeps_one_entry_in_the_file(bundle: Bundle) -> None:
    write_proof(bundle.folder, proof_of(bundle, engine="webkit"))
    write_proof(bundle.folder, proof_of(bundle, texts=1))
    path = write_proof(bundle.folder, proof_of(bundle, worst_difference=math.inf, passed=False))
    found = json.loads(path.read_text())
    assert [entry["engine"] for entry in found["browsers"]] == ["chromium", "webkit"]
    assert found["browsers"][0]["worst_difference"] is None
    assert found["manifest"] == proof_of(bundle).manifest
    assert not list(bundle.folder.glob(".proof*"))


@pytest.mark.parametrize("content", ["", "{", "[]", '{"manifest": "other", "browsers": [{}]}'])
def test_entries_of_another_bundle_are_dropped(bundle: Bundle, content: str) -> None:
    (bundle.folder / "proof.json").write_text(content)
    path = write_proof(bundle.folder, proof_of(bundle))
    assert len(json.loads(path.read_text())["browsers"]) == 1


def test_a_bundle_changed_meanwhile_is_not_called_proved(bundle: Bundle) -> None:
    proof = proof_of(bundle)
    (bundle.folder / "manifest.json").write_text("{}")
    with pytest.raises(ProofError, match="was changed while it was proved: prove it again"):
        write_proof(bundle.folder, proof)
