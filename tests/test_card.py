"""A manifest and metrics in; fails where the card leaves something out or shows something else."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutouts.card import MOST_LABELS, card_text, write_card
from cutouts.manifest import check_manifest
from tests.test_report import HOSTILE, measured

MANIFEST: dict[str, Any] = {
    "format": 1,
    "name": "dishes",
    "created": "2026-11-23T14:10:00Z",
    "encoder": {
        "kind": "static",
        "name": "static",
        "space": "0123456789abcdef",
        "dim": 256,
        "max_tokens": 0,
        "vocabulary": 30522,
        "licence": "Apache-2.0",
        "source": "sentence-transformers/all-MiniLM-L6-v2",
        "receipt": {},
    },
    "head": {"kind": "linear", "link": "softmax"},
    "labels": [{"name": "soup", "threshold": 0.3}, {"name": "bread", "threshold": 0.4}],
    "multiple": False,
    "max_chars": 100_000,
    "tolerance": 1e-5,
    "metrics": {"measured_on": "test texts", "accuracy": 0.9},
    "provenance": {"training_texts": 1234, "vector_weight": 0.5, "cutouts": "0.1.0"},
    "licence": "Apache-2.0",
    "files": [
        {"path": path, "bytes": size, "sha256": "0" * 64, "chunks": ["0" * 64], "load": load}
        for path, size, load in (
            ("encoder/0123456789abcdef/table.safetensors", 2_000_000, True),
            ("head/head.safetensors", 500_000, True),
            ("metrics.json", 9_000, False),
        )
    ],
}
METRICS = measured(("soup", "bread"))


def card(**changes: Any) -> str:
    """Return the card of the manifest, changed like this."""
    manifest = {**copy.deepcopy(MANIFEST), **changes}
    check_manifest(manifest)
    return card_text(manifest, METRICS)


def test_the_card_says_what_how_good_how_big_and_what_not() -> None:
    text = card()
    assert text.startswith("# dishes\n\n")
    assert re.findall("^## (.+)$", text, re.MULTILINE) == [
        "What it was trained on",
        "How good it is",
        "How big it is",
        "What it cannot do",
        "Licence",
    ]
    assert "2 labels: soup, bread." in text
    assert "one of these labels comes out, or none, with probabilities" in text
    assert "* training texts: 1,234" in text
    assert "Measured on 400 test texts." in text
    assert f"| Accuracy | {METRICS.accuracy:.3f} |" in text
    assert "downloads 2.50 MB in 2 files before it can tag, once; 2.00 MB of it is" in text
    assert "Weights: Apache-2.0." in text
    assert "from sentence-transformers/all-MiniLM-L6-v2." in text


def test_the_card_names_the_hardest_labels_and_the_most_frequent_mistake() -> None:
    hardest = min(METRICS.labels, key=lambda one: one.f1)
    worst = METRICS.confusions[0]
    assert f"The hardest labels, by F1: {hardest.label} {hardest.f1:.3f}, " in card()
    assert f"{worst.label} taken for {worst.taken_for}, in {worst.texts} text" in card()


def test_with_several_labels_the_card_says_so() -> None:
    text = card(multiple=True)
    assert "any number of these labels comes out" in text
    assert "its set of labels was not right for" in text


@pytest.mark.parametrize(
    ("kind", "rest"), [("linear", "counts by its words alone"), ("cnn", "is not read")]
)
def test_what_an_encoder_does_not_read_is_said(kind: str, rest: str) -> None:
    encoder = {**MANIFEST["encoder"], "kind": "onnx", "max_tokens": 256, "cls": 101, "sep": 102}
    head = {"kind": kind, "link": "softmax", "layers": [{"type": "flatten"}]}
    text = card(encoder=encoder, head=head)
    assert f"reads the first 254 word pieces of a text; what follows {rest}." in text
    assert "The engine that runs the encoder (WebAssembly) comes on top." in text


def test_of_many_labels_the_first_are_named_and_the_rest_counted() -> None:
    labels = [{"name": f"label{number}", "threshold": 0.0} for number in range(1000)]
    text = card(labels=labels)
    assert f"label{MOST_LABELS - 1}, and 900 more, listed in manifest.json." in text
    assert f"label{MOST_LABELS}," not in text


@pytest.mark.parametrize(
    "name", [*HOSTILE, "[a](http://example.com)", "# top", "a|b", "www.example.com"]
)
def test_names_from_elsewhere_never_become_markup(name: str) -> None:
    text = card(
        name=name[:200],
        labels=[{"name": name, "threshold": 0.0}, {"name": "soup", "threshold": 0.0}],
    )
    assert not re.search(r"(?<!\\)[<>\[\]`]|www\.|(?<!\\)://", text)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f\ud800-\udfff]", text)
    assert len(re.findall("^# ", text, re.MULTILINE)) == 1


@given(st.text(min_size=1))
def test_any_name_stays_on_its_line(name: str) -> None:
    plain = card().count("\n")
    assert card(name=name[:200]).count("\n") == plain


def test_a_card_is_the_same_file_each_time(tmp_path: Path) -> None:
    for name in ("a.md", "b.md"):
        write_card(tmp_path / name, MANIFEST, METRICS)
    assert (tmp_path / "a.md").read_bytes() == (tmp_path / "b.md").read_bytes()
    assert b"\r" not in (tmp_path / "a.md").read_bytes()
