"""A tiny teacher and a corpus in; the folder that comes out, and the receipt of what it keeps."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from cutouts.cli import main
from cutouts.distillation import distill
from cutouts.encoders import load_encoder
from cutouts.encoders.receipt import neighbours_kept
from cutouts.encoders.static import StaticEncoder
from cutouts.encoders.store import load_teacher
from cutouts.errors import BundleError, CorpusError, UsageError
from cutouts.training import train
from tests.models import model2vec_folder, sentence_folder, write_json
from tests.tiny import DIM, FRUIT, WORDS, sentences, three_labels

pytestmark = pytest.mark.usefixtures("no_sample")


@pytest.fixture
def teacher(tmp_path: Path) -> Path:
    return sentence_folder(tmp_path / "teacher")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus.jsonl", 400)


def write_corpus(path: Path, count: int) -> Path:
    lines = [json.dumps({"text": t, "label": "x"}) for t in sentences(FRUIT, count, 3)]
    path.write_text("\n".join(lines))
    return path


def test_the_folder_is_taken_as_an_encoder_and_trained_on(
    teacher: Path, corpus: Path, tmp_path: Path
) -> None:
    made = distill(str(teacher), tmp_path / "own", corpus=corpus, dims=16)
    encoder = load_encoder(str(made.folder))
    assert isinstance(encoder, StaticEncoder)
    assert (encoder.description.dim, len(encoder.pieces)) == (16, made.pieces)
    assert encoder.description.licence == "apache-2.0"
    trained = train(three_labels(), encoder=str(made.folder), out=tmp_path / "bundle")
    assert trained.bundle.manifest["encoder"]["name"] == "own"


def test_the_receipt_is_the_share_of_neighbours_on_texts_held_out(
    teacher: Path, corpus: Path, tmp_path: Path
) -> None:
    made = distill(str(teacher), tmp_path / "own", corpus=corpus, dims=DIM)
    texts = [json.loads(line)["text"] for line in corpus.read_text().splitlines()][::10]
    encoder, original = load_encoder(str(made.folder)), load_teacher(str(teacher))
    pieces = encoder.tokenizer.pieces(texts)
    share = neighbours_kept(encoder.encode(pieces), original.encode(pieces))
    assert made.texts == len(texts) == 40
    assert made.neighbours_kept == pytest.approx(share, abs=1e-9)
    assert share > 0.33  # the teacher is random; by chance it would be 10 of 39, 0.26
    kept = json.loads((made.folder / "receipt.json").read_text())
    assert kept["neighbours_kept"] == made.neighbours_kept
    assert kept["learned_from"] == 360


def test_texts_held_out_have_no_part_in_the_table(
    teacher: Path, corpus: Path, tmp_path: Path
) -> None:
    first = distill(str(teacher), tmp_path / "one", corpus=corpus, dims=8).folder
    lines = corpus.read_text().splitlines()
    lines[::10] = [json.dumps({"text": f"motor {n}", "label": "x"}) for n in range(40)]
    corpus.write_text("\n".join(lines))
    second = distill(str(teacher), tmp_path / "two", corpus=corpus, dims=8).folder
    assert (first / "model.safetensors").read_bytes() == (second / "model.safetensors").read_bytes()


def test_texts_without_labels_give_what_the_same_texts_give_with_them(
    teacher: Path, corpus: Path, tmp_path: Path
) -> None:
    texts = [json.loads(line)["text"] for line in corpus.read_text().splitlines()]
    plain, notes = tmp_path / "plain.csv", tmp_path / "notes.csv"
    plain.write_text("\n".join(["text", *texts, texts[0], " "]))  # a copy and no text say nothing
    notes.write_text("\n".join(["number,note", *(f"{n},{t}" for n, t in enumerate(texts))]))
    tables = [
        distill(str(teacher), tmp_path / name, corpus=path, text_column=column, dims=8).folder
        for name, path, column in (("a", corpus, None), ("b", plain, None), ("c", notes, "note"))
    ]
    first, *others = [(folder / "model.safetensors").read_bytes() for folder in tables]
    assert others == [first, first]


def test_a_column_is_chosen_by_name_on_the_command_line(
    teacher: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notes = tmp_path / "notes.csv"
    notes.write_text("\n".join(["note", *sentences(FRUIT, 400, 3)]))
    call = ["distill", str(teacher), "--dims", "8", "--out", str(tmp_path / "own")]
    assert main([*call, "--corpus", str(notes)]) == 1
    assert "has no text column, only 'note'" in capsys.readouterr().err
    assert main([*call, "--text-column", "note"]) == 2
    said = "cutouts: --text-column note is one of a corpus: give --corpus too\n"
    assert capsys.readouterr().err == said
    assert main([*call, "--corpus", str(notes), "--text-column", "note"]) == 0


def test_the_pieces_most_used_in_the_corpus_are_kept(
    teacher: Path, corpus: Path, tmp_path: Path
) -> None:
    made = distill(str(teacher), tmp_path / "own", corpus=corpus, dims=8, vocabulary=20)
    encoder = load_encoder(str(made.folder))
    assert isinstance(encoder, StaticEncoder)
    assert len(encoder.pieces) == made.pieces == 20
    fruit = encoder.tokenizer.pieces(FRUIT)
    assert all(ids[0] in encoder.pieces for ids in fruit)


def test_a_piece_that_the_corpus_is_full_of_counts_less(
    teacher: Path, corpus: Path, tmp_path: Path
) -> None:
    fruit = distill(str(teacher), tmp_path / "one", corpus=corpus, dims=DIM)
    lines = [json.dumps({"text": t, "label": "x"}) for t in sentences(WORDS[7:14], 400, 3)]
    corpus.write_text("\n".join(lines))
    engines = distill(str(teacher), tmp_path / "two", corpus=corpus, dims=DIM)
    lengths = []
    for made in (fruit, engines):
        tensors = load_file(made.folder / "model.safetensors")
        ids = load_encoder(str(made.folder)).tokenizer.pieces(FRUIT).ids
        lengths.append(np.linalg.norm(tensors["embeddings"][tensors["mapping"][ids]], axis=1))
    assert np.median(lengths[0] / lengths[1]) < 1


def test_the_same_call_gives_the_same_files(teacher: Path, corpus: Path, tmp_path: Path) -> None:
    one, two = (
        distill(str(teacher), tmp_path / name, corpus=corpus, dims=8).folder for name in "ab"
    )
    names = sorted(path.name for path in one.iterdir())
    assert names == sorted(path.name for path in two.iterdir())
    assert all((one / name).read_bytes() == (two / name).read_bytes() for name in names)


def test_a_former_folder_is_replaced_and_any_other_refused(
    teacher: Path, corpus: Path, tmp_path: Path
) -> None:
    distill(str(teacher), tmp_path / "own", corpus=corpus, dims=8)
    assert distill(str(teacher), tmp_path / "own", corpus=corpus, dims=9).dims == 9
    with pytest.raises(BundleError, match=r"holds \S+, which belongs to no distilled model: move"):
        distill(str(teacher), teacher, corpus=corpus, dims=8)
    (tmp_path / "own" / "notes.txt").write_text("mine")
    with pytest.raises(BundleError, match=r"own holds notes\.txt, which belongs to no distilled"):
        distill(str(teacher), tmp_path / "own", corpus=corpus, dims=8)


def test_a_shop_with_receipts_is_no_distilled_model(
    teacher: Path, corpus: Path, tmp_path: Path
) -> None:
    (tmp_path / "receipt.json").write_text('{"total": 12.5}')
    (tmp_path / "books.csv").write_text("title\n")
    with pytest.raises(BundleError, match=r"holds books\.csv, which belongs to no distilled model"):
        distill(str(teacher), tmp_path, corpus=corpus, dims=8)
    assert (tmp_path / "books.csv").exists()


@pytest.mark.parametrize("name", ["static", "use-lite", "word2vec"])
def test_what_is_no_teacher_is_named(name: str, corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"^{name} is no teacher: give minilm, or a sentence-"):
        distill(name, tmp_path / "own", corpus=corpus)
    assert not (tmp_path / "own").exists()


def test_a_table_is_no_teacher(corpus: Path, tmp_path: Path) -> None:
    table = model2vec_folder(tmp_path / "table")
    with pytest.raises(UsageError, match=r"table is a table already: give a sentence-"):
        distill(str(table), tmp_path / "own", corpus=corpus)


def test_more_numbers_than_the_teacher_has_are_refused(
    teacher: Path, corpus: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=rf"vectors of {DIM} numbers, --dims asks for 256"):
        distill(str(teacher), tmp_path / "own", corpus=corpus)
    with pytest.raises(UsageError, match=r"are counts: give at least 1"):
        distill(str(teacher), tmp_path / "own", corpus=corpus, dims=0)


def test_a_corpus_too_small_to_measure_on_is_refused(teacher: Path, tmp_path: Path) -> None:
    small = write_corpus(tmp_path / "small.jsonl", 30)
    with pytest.raises(CorpusError, match=r"holds 30 texts, a table needs at least 200: give"):
        distill(str(teacher), tmp_path / "own", corpus=small, dims=8)


def test_the_command_prints_the_share_and_the_next_command(
    teacher: Path, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["distill", str(teacher), "--corpus", str(corpus), "--dims", "8"]
    own = tmp_path / "own"
    assert main([*call, "--out", str(own)]) == 0
    table, share, after = capsys.readouterr().out.splitlines()
    assert table.startswith(f"{own}: ")
    assert "of the ten nearest neighbours that teacher finds, among 40 texts held out" in share
    assert after == f"cutouts train CORPUS --encoder {own}"
    assert main([*call, "--out", str(own), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["dims"] == 8


def test_a_teacher_that_is_no_known_bert_teaches_too(
    teacher: Path, corpus: Path, tmp_path: Path
) -> None:
    write_json(teacher / "config.json", {"model_type": "distilbert"})
    made = distill(str(teacher), tmp_path / "own", corpus=corpus, dims=8)
    assert made.neighbours_kept > 0.3
