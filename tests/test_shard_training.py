"""From a folder of shards to a bundle, and what is refused because it needs the texts in memory."""

import csv
import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from cutouts import shard_training
from cutouts.bundle import load_bundle
from cutouts.cli import main
from cutouts.corpus import Corpus
from cutouts.embed import Layout, embed, read_shards
from cutouts.encoders import receipt
from cutouts.errors import BundleError, CorpusError, EmbedError, HeadError, UsageError
from cutouts.heads import buckets, fit_stream
from cutouts.shard_training import HELD_OUT_PART, train_shards
from cutouts.training import TEST, train
from tests.models import model2vec_folder
from tests.test_embed import HERE
from tests.test_embed_faults import wait_until
from tests.tiny import (
    ENGINE,
    FRUIT,
    MUSIC,
    corpus_of,
    keep,
    sentences,
    several_labels,
    three_labels,
    tiny_onnx,
    tiny_static,
)

pytest.importorskip("pyarrow.parquet", reason="pip install 'cutouts[parquet]'")


def shards_of(corpus: Corpus, folder: Path, encoder: str | None = None) -> Path:
    """Write the corpus, sorted by label, into three shards, and keep its encoder."""
    keep(tiny_static())
    path = folder / "corpus.csv"
    rows = [
        [text, "|".join(names)] for text, names in zip(corpus.texts, corpus.labels, strict=True)
    ]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["text", "labels"], *rows])
    layout = Layout(shard_rows=-(-len(rows) // 3))
    made = encoder or tiny_static()
    embed([str(path)], folder / "shards", encoder=made, engine=HERE, layout=layout)
    return folder / "shards"


@pytest.fixture
def shards(tmp_path: Path) -> Path:
    return shards_of(three_labels(60), tmp_path)


TEXTS = corpus_of(("ripe plum juice", "fruit"), ("oil and a piston", "engine"), ("song", "music"))


def test_a_bundle_from_shards_tags_like_one_from_the_texts(shards: Path, tmp_path: Path) -> None:
    kinds = {"fruit": FRUIT, "engine": ENGINE, "music": MUSIC}
    test = corpus_of(*((text, name) for name in kinds for text in sentences(kinds[name], 30, 9)))
    streamed = train_shards(shards, test, out=tmp_path / "a")
    in_memory = train(three_labels(60), test, out=tmp_path / "b")
    assert streamed.split == TEST
    assert abs(streamed.metrics.accuracy - in_memory.metrics.accuracy) <= 0.1
    assert streamed.metrics.accuracy > 0.8
    bundle = load_bundle(tmp_path / "a")
    assert bundle.labels == ("engine", "fruit", "music")
    assert bundle.manifest["head"]["kind"] == "linear"
    tags = [bundle.decide(row) for row in bundle.probabilities(TEXTS.texts)]
    assert [tag[0].label for tag in tags] == ["fruit", "engine", "music"]


def test_the_same_shards_give_the_same_head(shards: Path, tmp_path: Path) -> None:
    heads = [
        train_shards(shards, out=tmp_path / name).bundle.folder / "head/head.safetensors"
        for name in ("a", "b")
    ]
    assert heads[0].read_bytes() == heads[1].read_bytes()


def test_without_a_test_part_the_metrics_are_those_of_the_part_held_out(
    shards: Path, tmp_path: Path
) -> None:
    made = train_shards(shards, out=tmp_path / "bundle")
    assert made.split == HELD_OUT_PART
    assert 20 < made.metrics.texts < 60
    assert made.bundle.manifest["provenance"]["training_texts"] == 180


def test_texts_with_several_labels_are_learned_from_shards(tmp_path: Path) -> None:
    shards = shards_of(several_labels(60), tmp_path)
    made = train_shards(shards, out=tmp_path / "bundle")
    assert made.bundle.manifest["multiple"] is True
    assert made.metrics.micro_f1 > 0.8


def test_labels_that_mean_nothing_are_not_told_on_the_part_held_out(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    texts = three_labels(100).texts
    labels = [["even", "odd"][number] for number in random.integers(0, 2, len(texts))]
    shards = shards_of(corpus_of(*zip(texts, labels, strict=True)), tmp_path)
    assert train_shards(shards, out=tmp_path / "bundle").metrics.accuracy < 0.7


def test_words_are_chosen_when_the_head_has_room_for_few(shards: Path, tmp_path: Path) -> None:
    rows = buckets.Buckets(tmp_path, read_shards(shards))
    rows.deal(read_shards(shards), (), lambda _: None)
    (tmp_path / "at").mkdir()
    small = 4 * 3 * (24 + 3) + 1_000 + 15 * 9  # nine words, at 15 bytes each
    fitted, held_out = fit_stream.fit_stream(rows, tmp_path / "at", head_bytes=small)
    assert fitted.settings["word_features"] == 9
    right = fitted.scores.argmax(axis=1) == held_out.truth.argmax(axis=1)
    assert right.mean() > 0.8


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"head": "cnn"}, "--head cnn is trained in memory, shards are not: leave it out"),
        ({"head": "auto"}, "--head auto is trained in memory"),
        ({"max_bytes": 3_000_000}, "--max-bytes 3,000,000 would change the encoder"),
        ({"encoder": "minilm"}, "holds vectors of static, --encoder says minilm: leave it out"),
    ],
)
def test_what_needs_the_texts_in_memory_is_refused(
    shards: Path, tmp_path: Path, options: dict[str, object], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        train_shards(shards, out=tmp_path / "bundle", **options)  # type: ignore[arg-type]
    assert not (tmp_path / "bundle").exists()


def test_shards_of_an_encoder_from_elsewhere_are_trained_on_when_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipt, "real_texts", tuple)  # pip would be asked for the sample
    model = str(model2vec_folder(tmp_path / "potion"))
    shards = shards_of(three_labels(60), tmp_path, model)
    with pytest.raises(EmbedError, match="say with --encoder where that model is"):
        train_shards(shards, out=tmp_path / "bundle")
    trained = train_shards(shards, encoder=model, out=tmp_path / "bundle")
    assert trained.bundle.manifest["encoder"]["name"] == "potion"


def test_shards_of_another_encoder_than_the_one_at_hand_are_refused(
    shards: Path, tmp_path: Path
) -> None:
    with pytest.raises(EmbedError, match=r"holds vectors of the space .*: run cutouts embed again"):
        train_shards(shards, encoder=tiny_onnx(), out=tmp_path / "bundle")


def test_a_shard_that_is_cut_off_missing_or_of_another_space_is_named(
    shards: Path, tmp_path: Path
) -> None:
    path = shards / "part-00002.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[:-50])
    with pytest.raises(EmbedError, match=r"part-00002.parquet has .* bytes, embeddings.json says"):
        train_shards(shards, out=tmp_path / "bundle")
    path.unlink()
    with pytest.raises(EmbedError, match=r"part-00002.parquet is missing"):
        train_shards(shards, out=tmp_path / "bundle")
    path.write_bytes(whole)
    index = json.loads((shards / "embeddings.json").read_text())
    index["space"] = tiny_static(dim=24, made_up=3).description.space
    (shards / "embeddings.json").write_text(json.dumps(index))
    with pytest.raises(EmbedError, match=r"part-00000.parquet says space .*, embeddings.json says"):
        train_shards(shards, encoder=tiny_static(made_up=3), out=tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


def test_a_folder_that_is_not_finished_is_refused(shards: Path, tmp_path: Path) -> None:
    (shards / "embeddings.json").unlink()
    assert main(["train", str(shards), "--out", str(tmp_path / "bundle")]) == 1


def test_too_few_rows_and_a_single_label_are_refused(tmp_path: Path) -> None:
    for name, corpus, kind, said in (
        (
            "few",
            corpus_of(("apple", "x"), ("plum", "x"), ("juice", "y")),
            HeadError,
            "3 rows are too few",
        ),
        ("one", corpus_of(("a", "x"), ("b", "x")), CorpusError, "are labelled 'x': add a second"),
    ):
        (tmp_path / name).mkdir()
        with pytest.raises(kind, match=said):
            train_shards(shards_of(corpus, tmp_path / name), out=tmp_path / "bundle")


def test_rows_that_are_all_in_the_test_part_are_said(shards: Path, tmp_path: Path) -> None:
    with pytest.raises(CorpusError) as caught:
        train_shards(shards, three_labels(60), out=tmp_path / "bundle")
    assert str(caught.value) == (
        f"all 180 rows of {shards} are also in the test part, and none is left to train on: "
        "give another --test"
    )


def test_shards_are_read_without_pandas(shards: Path) -> None:
    # It takes longer to import than the rest, and swallows Ctrl-C meanwhile.
    script = (
        "import sys; from cutouts.embed import read_shards; "
        f"assert sum(len(one.ids) for one in read_shards({str(shards)!r}).batches()) == 180; "
        "sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


# What a shell starts in the background inherits that Ctrl-C is ignored, and so would the command.
# The signal is given back after a process of its own has begun: in a fork, hooks of loaded
# libraries would run.
HEEDING_CTRL_C = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_what_is_kept_for_training_goes_when_it_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: signal.Signals
) -> None:
    shards = shards_of(three_labels(3000), tmp_path)
    room = tmp_path / "room"
    room.mkdir()
    monkeypatch.setenv("TMPDIR", str(room))
    words = [
        *(sys.executable, "-c", HEEDING_CTRL_C),
        *("-m", "cutouts.cli", "train", str(shards), "--out", str(tmp_path / "b")),
    ]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: list(room.glob("cutouts-*/*")), "a folder of buckets")
    process.send_signal(asked)
    _, said = process.communicate(timeout=60)
    # Python itself ends by the signal when that came while it ran code made of a string.
    assert process.returncode in (130, -signal.SIGINT)
    assert said.endswith("\ncutouts: stopped\n")
    assert "Traceback" not in said
    assert not (tmp_path / "b").exists()
    assert list(room.glob("cutouts-*")) == []


@pytest.mark.parametrize("step", ["_deal", "_learn"])
def test_a_temporary_folder_without_room_is_named(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = pytest.importorskip("resource")
    shards = shards_of(three_labels(500), tmp_path)
    room = tmp_path / "room"
    room.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(room))
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    original = getattr(shard_training, step)

    def limited(*arguments: object) -> object:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8_192, unlimited[1]))
        return original(*arguments)

    monkeypatch.setattr(shard_training, step, limited)
    try:
        with pytest.raises(HeadError) as caught:
            train_shards(shards, out=tmp_path / "bundle")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    assert str(caught.value) == (
        f"what training keeps in {room} meanwhile cannot be written (File too large): "
        "make room there, or set TMPDIR to a folder on a larger disk"
    )
    assert list(room.iterdir()) == []


def test_a_folder_of_somebody_else_is_not_written_to(shards: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("mine")
    with pytest.raises(BundleError, match=r"holds notes\.txt, which belongs to no bundle"):
        train_shards(shards, out=tmp_path / "mine")


def test_the_command_sees_that_a_folder_holds_shards(
    shards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", str(shards), "--out", str(tmp_path / "bundle")]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("shards: 3 labels, static encoder, linear head\n")
    assert f"· reading 180 rows of {shards}, out of core" in shown.err
    assert "fitting without the rows held out, pass 1" in shown.err


def test_columns_are_refused_where_only_shards_are_read(
    shards: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", str(shards), "--label-column", "kind"]) == 2
    assert "is a folder of shards: it has no columns to choose" in capsys.readouterr().err
