"""A size to keep to: kept to the byte, or refused with the least that works."""

import re
from pathlib import Path

import numpy as np
import pytest

from cutouts.corpus import Corpus
from cutouts.errors import BundleError, UsageError
from cutouts.shrink import WIDTHS, by_use, plan_for
from cutouts.training import folder_bytes, train
from tests.tiny import WORDS, corpus_of, keep, several_labels, three_labels, tiny_onnx, tiny_static

MADE_UP = 6_000
LARGE = tiny_static(dim=96, made_up=MADE_UP)  # a table of 600 kB


@pytest.fixture(autouse=True)
def _encoders() -> None:
    keep(LARGE)
    keep(tiny_onnx(), "minilm")


def least(corpus: Corpus, folder: Path, encoder: str = "static") -> int:
    """Return the least that the refusal of one byte asks for."""
    with pytest.raises(UsageError) as caught:
        train(corpus, encoder=encoder, out=folder, max_bytes=1)
    assert not folder.exists()
    assert str(caught.value).startswith("--max-bytes 1 is too small")
    (number,) = re.findall(r"([\d,]{5,})", str(caught.value))
    return int(number.replace(",", ""))


@pytest.mark.parametrize("corpus", [three_labels(), several_labels()], ids=["one", "several"])
@pytest.mark.parametrize("more", [0, 50_000, 150_000])
def test_the_whole_folder_keeps_to_its_size(corpus: Corpus, more: int, tmp_path: Path) -> None:
    budget = least(corpus, tmp_path / "bundle") + more
    trained = train(corpus, out=tmp_path / "bundle", max_bytes=budget)
    assert trained.bytes == folder_bytes(tmp_path / "bundle") <= budget
    assert trained.bundle.manifest["provenance"]["max_bytes_cost"] == pytest.approx(0, abs=0.2)


def test_what_it_costs_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    budget = least(three_labels(), tmp_path / "bundle")
    train(three_labels(), out=tmp_path / "bundle", max_bytes=budget)
    said = capsys.readouterr().err
    assert re.search(
        r"numbers for [\d,]+ pieces, \d+ kB of words fits and costs -?\d+\.\d poi", said
    )


def test_the_smaller_table_keeps_the_pieces_that_are_used(tmp_path: Path) -> None:
    budget = least(three_labels(), tmp_path / "bundle")
    bundle = train(three_labels(), out=tmp_path / "bundle", max_bytes=budget).bundle
    assert bundle.encoder.file_bytes < LARGE.file_bytes
    vectors = bundle.vectors(bundle.pieces(WORDS))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(WORDS)))


def test_with_room_enough_nothing_is_lost(tmp_path: Path) -> None:
    bundle = train(three_labels(), out=tmp_path / "bundle", max_bytes=50_000_000).bundle
    assert bundle.manifest["encoder"]["space"] == LARGE.description.space
    assert "max_bytes_cost" not in bundle.manifest["provenance"]


def test_a_small_encoder_has_its_own_least(tmp_path: Path) -> None:
    keep(tiny_static(dim=8))
    budget = least(three_labels(), tmp_path / "bundle")
    assert train(three_labels(), out=tmp_path / "bundle", max_bytes=budget).bytes <= budget


def test_a_transformer_keeps_its_weights_and_loses_words(tmp_path: Path) -> None:
    budget = least(three_labels(), tmp_path / "bundle", "minilm")
    trained = train(three_labels(), encoder="minilm", out=tmp_path / "bundle", max_bytes=budget)
    assert trained.bytes <= budget
    assert trained.bundle.manifest["encoder"]["space"] == tiny_onnx().description.space
    assert trained.bundle.manifest["provenance"]["max_bytes_cost"] == pytest.approx(0, abs=0.2)


def test_a_transformer_that_does_not_fit_is_named_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        train(three_labels(), encoder="minilm", out=tmp_path / "bundle", max_bytes=9_000)
    assert re.fullmatch(
        r"--max-bytes 9,000 is too small for minilm, which takes [\d,]+: use --encoder static",
        str(caught.value),
    )


def test_labels_too_long_to_foresee_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    long = {name: name + "x" * 30_000 for name in ("fruit", "engine", "music")}
    texts = zip(three_labels().texts, three_labels().labels, strict=True)
    corpus = corpus_of(*((text, long[names[0]]) for text, names in texts))
    budget = least(corpus, tmp_path / "bundle")
    with pytest.raises(BundleError) as caught:
        train(corpus, out=tmp_path / "bundle", max_bytes=budget)
    assert re.match(
        rf"the bundle takes [\d,]+ bytes, --max-bytes is {budget:,}: ask for at least [\d,]+, "
        "or give the labels shorter names",
        str(caught.value),
    )
    assert list(tmp_path.iterdir()) == []


def test_pieces_are_ordered_by_use_then_by_the_vocabulary() -> None:
    encoder = tiny_static()
    pieces = encoder.tokenizer.pieces(["song song drum", "song"])
    order = by_use(encoder, pieces).tolist()
    song, drum = encoder.tokenizer.id_of("song"), encoder.tokenizer.id_of("drum")
    rest = [piece for piece in encoder.pieces.tolist() if piece not in (song, drum)]
    assert order == [song, drum, *rest]


def test_a_plan_is_chosen_among_several_widths() -> None:
    said: list[str] = []
    corpus = three_labels()
    plan_for(LARGE, corpus, 700_000, said.append)
    widths = {int(line.split()[1]) for line in said if line.startswith("cross-validating")}
    assert len(widths) > 1
    assert widths <= {96, *WIDTHS}
