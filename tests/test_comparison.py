"""A corpus so small that a test makes it in; fails where what is compared is not what is trained."""

import json
import os
import shlex
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import cutouts
from cutouts import comparison
from cutouts.cli import main
from cutouts.comparison import Comparison, compare, corpus_words, cross_fitted
from cutouts.corpus import Corpus, read_corpus
from cutouts.encoders import receipt
from cutouts.encoders.store import load_encoder
from cutouts.encoders.tokenizer import Pieces
from cutouts.errors import AssetError, CorpusError, EncoderError, ServeError, UsageError
from cutouts.heads.calibration import fit_platt, fit_thresholds
from cutouts.heads.folds import Evidence
from cutouts.metrics import measure
from cutouts.shrink import least_bytes
from cutouts.training import folder_bytes
from tests.models import model2vec_folder
from tests.standin import write_webapp
from tests.tiny import corpus_of, keep, several_labels, three_labels, tiny_onnx, tiny_static

CHROME = os.environ.get("CHROME", "")
ENCODERS = ("static", "use-lite", "minilm")


@pytest.fixture(autouse=True)
def _one_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep tiny encoders, stand in an empty folder, know no browser and no network head."""
    keep(tiny_static())
    keep(tiny_onnx(), "use-lite")
    keep(tiny_onnx(), "minilm")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHROME", "no-such-browser")
    monkeypatch.setattr(comparison, "cnn_is_installed", lambda: False)


@pytest.fixture
def webapp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_webapp(tmp_path_factory.mktemp("webapp"))


def write_csv(path: Path, corpus: Corpus, header: str = "text,label") -> Path:
    lines = [f"{t},{'|'.join(names)}" for t, names in zip(corpus.texts, corpus.labels, strict=True)]
    path.write_text("\n".join([header, *lines]))
    return path


def names(made: Comparison) -> list[str]:
    return [one.name for one in made.compared.candidates]


def test_every_encoder_is_compared_and_the_page_says_so(webapp: Path) -> None:
    made = compare(three_labels(), webapp_folder=webapp)
    assert names(made) == [f"{encoder} with linear" for encoder in ENCODERS]
    page = Path("comparison.html").read_text()
    assert all(f"{encoder} with linear" in page for encoder in ENCODERS)
    assert made.compared.choice.why in page
    assert made.compared.choice.taken is not None
    assert all(one.milliseconds is None and not one.complaint for one in made.compared.candidates)
    assert made.compared.speed == (
        "Per text: not measured, no browser found (CHROME is 'no-such-browser', which is no "
        "program: correct it or unset it)."
    )
    assert made.compared.left_out == [
        ("head cnn", "it is not installed (pip install 'cutouts[cnn]')")
    ]


@pytest.mark.parametrize("max_bytes", [None, 260_000])
def test_the_printed_command_trains_the_bundle_that_was_weighed(
    max_bytes: int | None, webapp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(tiny_static(made_up=5_000))
    path = write_csv(Path("-it's a corpus.csv"), three_labels(), "what,label")
    words = corpus_words(path, {"text_column": "what", "label_column": "label", "separator": None})
    corpus = read_corpus(path, text_column="what")
    made = compare(corpus, max_bytes=max_bytes, asked=words, webapp_folder=webapp)
    taken = made.compared.choice.taken
    assert taken is not None
    program, *call = shlex.split(made.compared.command)
    assert (program, call[:2]) == ("cutouts", ["train", "./-it's a corpus.csv"])
    assert main(call) == 0
    assert folder_bytes(Path("bundle")) == taken.bundle_bytes
    shrunk = "fits and costs" in capsys.readouterr().err
    assert shrunk == (max_bytes is not None)
    assert max_bytes is None or taken.bundle_bytes <= max_bytes


def test_an_encoder_that_a_budget_shuts_out_is_measured_and_marked(webapp: Path) -> None:
    keep(tiny_static(dim=8))
    labels = len(three_labels().label_names)
    least = {name: least_bytes(load_encoder(name), labels) for name in ENCODERS}
    assert least["static"] < least["minilm"]
    made = compare(three_labels(), max_bytes=least["minilm"] - 1, webapp_folder=webapp)
    assert [one.fits for one in made.compared.candidates] == [True, False, False]
    assert made.compared.choice.taken is made.compared.candidates[0]


def test_a_budget_that_nothing_fits_names_the_least_that_would(webapp: Path) -> None:
    labels = len(three_labels().label_names)
    least = {name: least_bytes(load_encoder(name), labels) for name in ENCODERS}
    name = min(least, key=lambda name: least[name])
    with pytest.raises(UsageError) as caught:
        compare(three_labels(), max_bytes=1000, webapp_folder=webapp)
    assert str(caught.value) == (
        "--max-bytes 1,000 is too small for every encoder: the smallest bundle here is one of "
        f"{name}, ask for at least {least[name]:,}"
    )
    assert list(Path().iterdir()) == []
    made = compare(three_labels(), max_bytes=least[name], webapp_folder=webapp)
    assert made.compared.choice.taken is not None


def test_an_encoder_that_cannot_be_had_is_left_out_with_the_reason(
    webapp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(name: str) -> object:
        if name == "minilm":
            raise AssetError("the weights are nowhere to be had")
        return load_encoder(name)

    monkeypatch.setattr(comparison, "load_encoder", load)
    made = compare(three_labels(), webapp_folder=webapp)
    assert names(made) == ["static with linear", "use-lite with linear"]
    assert made.compared.left_out[0] == ("encoder minilm", "the weights are nowhere to be had")
    assert "the weights are nowhere to be had" in made.page.read_text()


def test_an_encoder_from_elsewhere_is_compared_beside_those_built_in(
    webapp: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipt, "real_texts", tuple)  # pip would be asked for the sample
    folder = str(model2vec_folder(tmp_path / "table"))
    made = compare(three_labels(), also=[folder, folder], webapp_folder=webapp)
    assert [one.encoder for one in made.compared.candidates] == [*ENCODERS, folder]
    with pytest.raises(UsageError, match="there is no folder"):
        compare(three_labels(), also=["./nothing"], webapp_folder=webapp)


def test_no_encoder_at_all_is_an_error(webapp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: str) -> object:
        raise AssetError(f"{name} is nowhere to be had")

    monkeypatch.setattr(comparison, "load_encoder", load)
    with pytest.raises(EncoderError) as caught:
        compare(three_labels(), webapp_folder=webapp)
    assert str(caught.value) == (
        "no encoder can be had; encoder static: static is nowhere to be had"
    )


def test_several_labels_per_text_are_compared_by_micro_f1(webapp: Path) -> None:
    made = compare(several_labels(), webapp_folder=webapp)
    assert made.compared.quality == "micro F1"
    assert all(one.answers.quality > one.accuracy > 0 for one in made.compared.candidates)
    assert "Micro F1" in made.page.read_text()


@pytest.mark.parametrize(
    "corpus",
    [
        corpus_of(("apple pear", "fruit"), ("plum juice", "fruit"), ("motor oil", "engine")),
        corpus_of(*((f"apple {'z' * n}", ["fruit", "<b>", ""][n % 3]) for n in range(12))),
    ],
    ids=["three texts", "texts with no label"],
)
def test_a_corpus_that_can_be_trained_on_can_be_compared_on(corpus: Corpus, webapp: Path) -> None:
    made = compare(corpus, webapp_folder=webapp)
    assert made.compared.choice.taken is not None
    assert all(np.isfinite(one.calibration_error) for one in made.compared.candidates)


def test_one_label_only_is_refused_before_anything_is_loaded(
    webapp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CorpusError, match="all 2 texts are labelled 'fruit'"):
        compare(corpus_of(("apple", "fruit"), ("pear", "fruit")), webapp_folder=webapp)
    assert "loading" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("out", "complaint"),
    [
        ("corpus.csv", "corpus.csv is no former comparison: choose another --out"),
        ("nowhere/page.html", "cannot be a page: give --out a file in a folder that exists"),
        (".", "cannot be a page: give --out a file in a folder that exists"),
    ],
)
def test_nothing_but_a_former_comparison_is_overwritten(
    out: str, complaint: str, webapp: Path
) -> None:
    before = write_csv(Path("corpus.csv"), three_labels()).read_bytes()
    with pytest.raises(UsageError) as caught:
        compare("corpus.csv", out=out, webapp_folder=webapp)
    assert complaint in str(caught.value)
    assert Path("corpus.csv").read_bytes() == before


def test_a_missing_web_part_is_told_before_anything_is_loaded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ServeError, match=r"has no prove\.html: build it with `make web`"):
        compare(three_labels(), webapp_folder=tmp_path / "nowhere")
    assert capsys.readouterr().err == ""


def test_a_former_comparison_is_replaced(webapp: Path) -> None:
    compare(three_labels(), out="page.html", webapp_folder=webapp)
    compare(several_labels(), out="page.html", webapp_folder=webapp)
    assert "several per text" in Path("page.html").read_text()


@pytest.fixture
def scratch(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder in which temporary files are made."""
    folder = tmp_path_factory.mktemp("scratch")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_nothing_is_left_behind_but_the_page(webapp: Path, scratch: Path) -> None:
    compare(three_labels(), webapp_folder=webapp)
    assert [path.name for path in Path().iterdir()] == ["comparison.html"]
    assert list(scratch.iterdir()) == []


def test_a_comparison_that_is_stopped_leaves_nothing_behind(
    webapp: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        assert list(scratch.iterdir())  # a bundle is there when it happens
        raise KeyboardInterrupt

    monkeypatch.setattr(comparison, "payload_of", stopped)
    with pytest.raises(KeyboardInterrupt):
        compare(three_labels(), webapp_folder=webapp)
    assert list(Path().iterdir()) == list(scratch.iterdir()) == []


def test_no_text_has_a_say_in_its_own_threshold() -> None:
    random = np.random.default_rng(0)
    truth = random.random((90, 6)) < 0.3
    scores = random.normal(size=truth.shape)  # that say nothing
    pieces = Pieces(np.zeros(0, np.uint32), np.zeros(91, np.int64))
    evidence = Evidence(pieces, np.zeros((90, 2), np.float32), truth, multiple=True)
    answers, metrics = cross_fitted(scores, evidence, "abcdef")
    assert answers.quality == pytest.approx(metrics.micro_f1)
    calibration = fit_platt(scores, truth)
    probabilities = calibration.probabilities(scores)
    thresholds = fit_thresholds(probabilities, truth, multiple=True)
    kind = measure(probabilities, truth, "abcdef", thresholds, multiple=True)
    assert metrics.micro_f1 < kind.micro_f1
    assert metrics.calibration_error > kind.calibration_error


def test_the_library_offers_it() -> None:
    assert cutouts.compare is compare


def test_the_command_prints_a_table_or_one_object(
    webapp: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison, "compare", partial(compare, webapp_folder=webapp))
    write_csv(Path("corpus.csv"), three_labels())
    assert main(["compare", "corpus.csv"]) == 0
    out, err = capsys.readouterr()
    assert "· static with linear" in err
    lines = out.splitlines()
    assert lines[0] == "corpus: 60 texts, 3 labels"
    assert lines[1].split()[:3] == ["accuracy", "±", "s.e."]
    assert [line.split()[0] for line in lines[2:5]] == list(ENCODERS)
    assert any(line.startswith("  cutouts train corpus.csv --encoder ") for line in lines)
    assert main(["compare", "corpus.csv", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert [one["encoder"] for one in found["candidates"]] == list(ENCODERS)
    assert found["take"] in [f"{encoder} with linear" for encoder in ENCODERS]
    assert found["candidates"][0]["milliseconds"] is None


@pytest.mark.browser
def test_a_browser_that_answers_otherwise_is_told(
    webapp: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHROME", CHROME)
    monkeypatch.setattr(comparison, "compare", partial(compare, webapp_folder=webapp))
    write_csv(Path("corpus.csv"), three_labels())
    assert main(["compare", "corpus.csv"]) == 1  # the stand-in counts characters
    out = capsys.readouterr().out
    assert "None is proved in the browser; static with linear: chromium gives other answers" in out
    assert "cutouts train" not in out


@pytest.mark.browser
def test_each_candidate_is_proved_and_timed_in_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROME", CHROME)
    made = compare(three_labels())
    assert [one.complaint for one in made.compared.candidates] == ["", "", ""]
    assert all((one.milliseconds or 0) > 0 for one in made.compared.candidates)
    assert made.compared.speed == (
        "Per text: median in Chromium, over texts of the corpus and the golden ones."
    )
