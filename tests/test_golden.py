"""The bundles in tests/golden: the package answers as the plain loops that made them do."""

import json
from pathlib import Path

import numpy as np
import pytest

from cutouts.bundle import Bundle, load_bundle
from cutouts.golden import TEXTS
from tests.golden import make, reference

NAMES = ["static-linear", "static-several", "static-cnn"]


@pytest.fixture(params=NAMES)
def bundle(request: pytest.FixtureRequest, root: Path) -> Bundle:
    return load_bundle(root / "tests" / "golden" / request.param)


def test_every_answer_is_that_of_the_plain_loops(bundle: Bundle) -> None:
    answers = bundle.answers(bundle.golden_texts())
    for answer, entry in zip(answers, bundle.golden, strict=True):
        assert answer.ids == entry["ids"], entry["text"]
        assert answer.tags == entry["tags"], entry["text"]
        np.testing.assert_allclose(answer.vector, entry["vector"], rtol=0, atol=1e-7)
        np.testing.assert_allclose(answer.scores, entry["scores"], rtol=0, atol=2e-6)
        np.testing.assert_allclose(answer.probabilities, entry["probabilities"], rtol=0, atol=2e-6)


def test_a_text_answers_the_same_alone_and_among_others(bundle: Bundle) -> None:
    texts = bundle.golden_texts()
    together = bundle.answers(texts)
    for text, answer in zip(texts, together, strict=True):
        (alone,) = bundle.answers([text])
        assert alone.tags == answer.tags
        np.testing.assert_allclose(alone.scores, answer.scores, rtol=0, atol=1e-12)


def test_tags_come_with_their_probabilities_the_most_probable_first(bundle: Bundle) -> None:
    texts = bundle.golden_texts()
    for tags, row in zip(bundle.tag(texts), bundle.probabilities(texts), strict=True):
        chances = [tag.probability for tag in tags]
        assert chances == sorted(chances, reverse=True)
        assert all(row[bundle.labels.index(tag.label)] == tag.probability for tag in tags)


def test_there_are_texts_with_no_tag_with_one_and_with_several(root: Path) -> None:
    counts = {
        name: {len(entry["tags"]) for entry in load_bundle(root / "tests/golden" / name).golden}
        for name in NAMES
    }
    assert counts == {"static-linear": {0, 1}, "static-several": {0, 1, 2, 3, 4}} | {
        "static-cnn": {0, 1}
    }


def test_making_the_bundles_again_gives_the_same_bytes(root: Path, tmp_path: Path) -> None:
    make.make(tmp_path)
    made = {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    golden = root / "tests" / "golden"
    kept = {
        p.relative_to(golden): p.read_bytes() for p in golden.glob("static-*/**/*") if p.is_file()
    }
    assert {k: v for k, v in kept.items() if "__pycache__" not in k.parts} == made
    assert sum(map(len, made.values())) < 300_000


def test_the_fixed_texts_of_every_bundle_are_cut_into_the_same_pieces(root: Path) -> None:
    bundle = load_bundle(root / "tests" / "golden" / "static-linear")
    (path,) = (bundle.folder / "encoder").glob("*/tokenizer.json")
    tokenizer = json.loads(path.read_bytes())
    found = bundle.encoder.tokenizer.pieces(TEXTS)
    for text, ids in zip(TEXTS, found, strict=True):
        assert ids.tolist() == reference.tokenize(reference.prepare(text, 100_000), tokenizer), text
