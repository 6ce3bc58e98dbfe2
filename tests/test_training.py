"""From a corpus to a bundle, end to end, on corpora so small that a test makes them."""

import json
import logging
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cutouts
from cutouts import training
from cutouts.assets import cache_folder
from cutouts.bundle import load_bundle
from cutouts.corpus import Corpus, truth_of
from cutouts.errors import BundleError, CorpusError, HeadError, UsageError
from cutouts.golden import TEXTS
from cutouts.training import HELD_OUT, TEST, folder_bytes, train
from tests.keras_archive import archive, dense, sequential
from tests.tiny import corpus_of, keep, several_labels, three_labels, tiny_onnx, tiny_static

NETWORK = """
import keras

def build(dim, labels):
    return keras.Sequential([keras.Input((dim,)), keras.layers.Dense(labels)])
"""
SOME_LABELS = ["fruit"] * 20 + [""] * 20 + ["music"] * 20
CORPORA: dict[str, tuple[Corpus, tuple[str, str]]] = {
    "three labels": (three_labels(), ("ripe plum juice", "fruit")),
    "two texts of one label and one of another": (
        corpus_of(("apple pear", "fruit"), ("plum juice", "fruit"), ("motor oil", "engine")),
        ("apple plum", "fruit"),
    ),
    "texts with no label": (
        corpus_of(*zip(three_labels().texts, SOME_LABELS, strict=True)),
        ("song drum choir", "music"),
    ),
    "no letters of the Latin script": (
        corpus_of(
            *((f"日本 日 {'語' * i}", "日本語") for i in range(1, 9)),
            *((f"яблоко {'б' * i}", "русский") for i in range(1, 9)),
        ),
        ("日本 語 日本", "日本語"),
    ),
    "labels of any characters": (
        corpus_of(
            *((f"apple {'z' * i}", "</script><b>\"'&{{}}\t%s\x00\u202e") for i in range(1, 9)),
            *((f"motor {'z' * i}", "C:\\..\\/etc, | 🍎") for i in range(1, 9)),
        ),
        ("apple apple", "</script><b>\"'&{{}}\t%s\x00\u202e"),
    ),
    "texts without a word piece": (
        corpus_of(*((chr(0x200B) * i, "ab"[i % 2]) for i in range(1, 9))),
        ("", ""),
    ),
}


@pytest.fixture(autouse=True)
def _encoders() -> None:
    """Put the tiny encoders where the built ones would be."""
    keep(tiny_static())
    keep(tiny_onnx(), "minilm")


@pytest.mark.parametrize("name", CORPORA)
def test_a_bundle_comes_out_that_loads_and_tags(name: str, tmp_path: Path) -> None:
    corpus, (text, label) = CORPORA[name]
    trained = train(corpus, out=tmp_path / "bundle")
    bundle = load_bundle(tmp_path / "bundle")
    assert bundle.labels == corpus.label_names
    assert trained.split == HELD_OUT
    probabilities = bundle.probabilities([text])[0]
    assert probabilities.sum() == pytest.approx(1)
    if label:
        assert bundle.labels[int(probabilities.argmax())] == label
    assert {path.name for path in (tmp_path / "bundle").iterdir()} == {
        *("manifest.json", "golden.json", "metrics.json", "report.html", "card.md"),
        *("encoder", "head"),
    }


@pytest.mark.parametrize("encoder", ["static", "minilm"])
def test_several_labels_per_text_are_learned(encoder: str, tmp_path: Path) -> None:
    trained = train(several_labels(), encoder=encoder, out=tmp_path / "bundle")
    assert trained.bundle.manifest["multiple"] is True
    assert trained.metrics.micro_f1 > 0.8
    tagged = trained.bundle.tag(["apple motor pear valve", "the a and no"])
    assert {tag.label for tag in tagged[0][:2]} == {"fruit", "engine"}
    assert tagged[1] == ()


def test_a_test_corpus_is_what_is_measured_on(tmp_path: Path) -> None:
    test = corpus_of(("song drum", "music"), ("gear oil", "engine"), ("flute", "what is this"))
    trained = train(three_labels(), test, out=tmp_path / "bundle")
    assert trained.split == TEST
    assert trained.metrics.texts == 3
    assert trained.metrics.accuracy == pytest.approx(2 / 3)
    assert trained.metrics.unknown_labels == 1


def test_texts_of_the_test_part_are_left_out_of_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = three_labels()
    test = corpus_of((corpus.texts[0], "fruit"), (corpus.texts[25], "engine"))
    trained = train(corpus, test, out=tmp_path / "bundle")
    assert trained.bundle.manifest["provenance"]["training_texts"] == 58
    assert "2 texts are also in the test part" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("corpus", "complaint"),
    [
        (corpus_of(("a b", "x"), ("c d", "x")), "all 2 texts are labelled 'x': add a second label"),
        (corpus_of(("a b", ""), ("c d", "")), "none of the 2 texts of tiny has a label"),
        (corpus_of(("a b", "x"), ("c d", "y")), "each of the 2 labels of tiny has a single text"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(
    corpus: Corpus, complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(CorpusError, match=f"^{complaint}"):
        train(corpus, out=tmp_path / "bundle")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrong", [{"head": "tree"}, {"encoder": "bag"}])
def test_an_unknown_head_or_encoder_is_refused_first(wrong: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is called '\w+': choose one of"):
        train(three_labels(), out=tmp_path / "bundle", **wrong)


@pytest.mark.parametrize("corpus", [three_labels(), several_labels()], ids=["one", "several"])
def test_the_same_corpus_gives_the_same_bytes(corpus: Corpus, tmp_path: Path) -> None:
    made = []
    for name in ("one", "two"):
        bundle = train(corpus, out=tmp_path / name).bundle
        created = bundle.manifest["created"].encode()
        files = [path for path in (tmp_path / name).rglob("*") if path.is_file()]
        made.append(
            {
                str(path.relative_to(tmp_path / name)): path.read_bytes().replace(created, b"then")
                for path in files
                if path.name != "manifest.json"
            }
        )
        manifest = {**bundle.manifest, "created": "then", "files": None}
        made[-1]["manifest.json"] = json.dumps(manifest).encode()
    assert made[0].keys() == made[1].keys()
    assert [name for name in made[0] if made[0][name] != made[1][name]] == []


def test_the_order_of_the_labels_is_that_of_the_alphabet(tmp_path: Path) -> None:
    trained = train(three_labels(), out=tmp_path / "bundle")
    assert trained.bundle.labels == ("engine", "fruit", "music")


def test_golden_texts_are_the_projects_and_not_the_corpus(tmp_path: Path) -> None:
    corpus = three_labels()
    bundle = train(corpus, out=tmp_path / "bundle").bundle
    assert bundle.golden_texts() == list(TEXTS)
    for path in (tmp_path / "bundle").rglob("*"):
        if path.is_file():
            assert not [text for text in corpus.texts if text.encode() in path.read_bytes()]


def test_what_training_prints_as_json_is_what_the_bundle_holds(tmp_path: Path) -> None:
    trained = train(three_labels(), out=tmp_path / "bundle")
    printed = json.loads(json.dumps(trained.as_json()))
    assert printed["bytes"] == folder_bytes(tmp_path / "bundle")
    assert printed["accuracy"] == trained.bundle.manifest["metrics"]["accuracy"]
    assert {"accuracy", "macro_f1", "bytes", "seconds"} <= printed.keys()


def test_a_path_can_be_given_for_a_corpus(tmp_path: Path) -> None:
    rows = [
        f"{text},{names[0]}"
        for text, names in zip(three_labels().texts, three_labels().labels, strict=True)
    ]
    (tmp_path / "corpus.csv").write_text("\n".join(["text,label", *rows]))
    trained = cutouts.train(tmp_path / "corpus.csv", out=tmp_path / "bundle")
    assert trained.bundle.manifest["name"] == "corpus"


@pytest.mark.parametrize("name", ["x" * 250, "bad\udcff byte", ""])
def test_a_corpus_of_any_name_can_be_packed(name: str, tmp_path: Path) -> None:
    texts = zip(three_labels().texts, three_labels().labels, strict=True)
    trained = train(corpus_of(*texts, name=name), out=tmp_path / "bundle")
    assert 1 <= len(trained.bundle.manifest["name"]) <= 200


def test_a_bundle_that_is_there_is_replaced(tmp_path: Path) -> None:
    train(three_labels(), out=tmp_path / "bundle")
    (tmp_path / "bundle" / "proof.json").write_text("{}")
    again = train(several_labels(), out=tmp_path / "bundle").bundle
    assert again.manifest["multiple"] is True
    assert not (tmp_path / "bundle" / "proof.json").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_a_folder_with_other_files_is_refused_before_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("three years of work")
    with pytest.raises(BundleError) as caught:
        train(three_labels(), out=tmp_path)
    assert str(caught.value) == (
        f"{tmp_path} holds thesis.txt, which belongs to no bundle: "
        "move it away, or choose another --out"
    )
    assert capsys.readouterr().err == ""
    assert (tmp_path / "thesis.txt").read_text() == "three years of work"


@pytest.mark.parametrize("former", [True, False], ids=["replacing", "fresh"])
def test_ctrl_c_in_any_stage_leaves_what_was_there_and_the_next_run_works(
    former: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    with monkeypatch.context() as patched:
        patched.setattr(training, "stage", said.append)
        train(three_labels(), out=tmp_path / "first")
    shutil.rmtree(tmp_path / "first")
    out = tmp_path / "bundle"
    if former:
        train(several_labels(), out=out)
    assert len(said) > 5
    for at in said:

        def interrupt(what: str, at: str = at) -> None:
            if what == at:
                raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(training, "stage", interrupt)
            with pytest.raises(KeyboardInterrupt):
                train(three_labels(), out=out)
        assert [path.name for path in tmp_path.iterdir()] == (["bundle"] if former else [])
    if former:
        assert load_bundle(out).manifest["multiple"] is True
    assert train(three_labels(), out=out).bundle.labels == ("engine", "fruit", "music")


@pytest.mark.parametrize("name", ["card.md", "report.html", "metrics.json", "manifest.json"])
def test_a_disk_that_fills_up_is_one_line_and_leaves_what_was_there(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "bundle"
    train(several_labels(), out=out)
    write = Path.write_text

    def full(self: Path, *args: Any, **options: Any) -> int:
        if self.name == name:
            raise OSError(28, os.strerror(28), str(self))
        return write(self, *args, **options)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(BundleError) as caught:
        train(three_labels(), out=out)
    assert str(caught.value) == (
        f"{out} cannot be written (No space left on device): "
        "make room there or choose another --out"
    )
    assert load_bundle(out).manifest["multiple"] is True
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_a_cache_that_cannot_be_written_does_not_lose_the_bundle(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (cache_folder() / "proof-texts").write_text("a file stands in the way")
    with caplog.at_level(logging.WARNING, "cutouts"):
        train(three_labels(), out=tmp_path / "bundle")
    assert "texts to prove the bundle with cannot be kept" in caplog.text
    assert load_bundle(tmp_path / "bundle").labels


def test_truth_has_a_column_per_label_and_counts_what_is_unknown() -> None:
    corpus = corpus_of(("t", ["a", "b"]), ("u", ""), ("v", ["b", "zzz", "yyy"]))
    truth, unknown = truth_of(corpus, ["a", "b"])
    assert truth.tolist() == [[True, True], [False, False], [False, True]]
    assert unknown.tolist() == [0, 0, 2]


def test_probabilities_of_held_out_texts_are_calibrated(tmp_path: Path) -> None:
    metrics = train(three_labels(60), out=tmp_path / "bundle").metrics
    assert metrics.calibration_error < 0.1
    assert np.isfinite([one.f1 for one in metrics.labels]).all()


@pytest.mark.parametrize("form", ["model.keras", "network.py:build"])
def test_a_network_of_ones_own_becomes_a_bundle(form: str, tmp_path: Path) -> None:
    pytest.importorskip("jax", reason="the extra cnn is not installed")
    archive(tmp_path, sequential(dense(), dim=24))
    (tmp_path / "network.py").write_text(NETWORK)
    trained = train(three_labels(), head=str(tmp_path / form), out=tmp_path / "bundle")
    layers = trained.bundle.manifest["head"]["layers"]
    assert [layer["type"] for layer in layers] == ["batch_normalization", "dense"]
    assert trained.bundle.tag(["ripe plum juice"])[0][0].label == "fruit"


def test_a_network_that_does_not_fit_is_refused_before_anything_is_encoded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("jax", reason="the extra cnn is not installed")
    path = archive(tmp_path, sequential(dense(4), dim=24))
    with pytest.raises(HeadError) as caught:
        train(three_labels(), head=str(path), out=tmp_path / "bundle")
    assert str(caught.value) == (
        f"{path} gives 4 scores, the corpus has 3 labels: end it with Dense(3)"
    )
    assert "encoding" not in capsys.readouterr().err
    assert not (tmp_path / "bundle").exists()
