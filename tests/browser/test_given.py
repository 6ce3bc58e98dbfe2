"""Bundles on encoders from elsewhere, proved in a browser like any other."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cutouts.encoders import receipt
from cutouts.prove import prove
from cutouts.training import train
from tests.models import model2vec_folder, sentence_folder, write_json
from tests.tiny import LETTERS, WORDS, three_labels

pytestmark = pytest.mark.browser

TEXTS = [f"{WORDS[n % 28]} {LETTERS[n % 26]}x [SEP] Ünï {WORDS[-n % 9]}" for n in range(150)]


def other_graph(folder: Path) -> Path:
    sentence_folder(folder)
    write_json(folder / "config.json", {"model_type": "distilbert"})
    return folder


MAKERS: dict[str, Callable[[Path], Path]] = {
    "model2vec": model2vec_folder,
    "cls": lambda folder: sentence_folder(folder, "cls"),
    "mean": sentence_folder,
    "max": lambda folder: sentence_folder(folder, "max"),
    "float16": other_graph,
}


@pytest.mark.parametrize("kind", MAKERS)
def test_a_browser_answers_as_python_does(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipt, "real_texts", tuple)
    encoder = MAKERS[kind](tmp_path / kind)
    bundle = train(three_labels(), encoder=str(encoder), out=tmp_path / "bundle").bundle
    proof = prove(bundle, TEXTS)
    assert proof.passed, proof.worst
    assert proof.same_ids == proof.same_tags == proof.texts
    assert proof.worst_difference <= 2e-6  # far below the tolerance, 1e-4 or 1e-5
