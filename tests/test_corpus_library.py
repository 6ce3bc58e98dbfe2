"""The library that the app's code made goes in; what is trained on, counted and left out comes out."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cutouts.bundle import load_bundle
from cutouts.cli import main
from cutouts.corpus import read_corpus
from cutouts.errors import CorpusError, UsageError
from tests.test_library import GOLDEN, changed
from tests.tiny import keep, tiny_static


def test_a_library_is_trained_on_by_the_tags_that_the_person_gave() -> None:
    corpus = read_corpus(GOLDEN)
    assert dict(zip(corpus.texts, corpus.labels, strict=True)) == {
        "Apple pie\nPeel ripe apples.": ("Fruit", "a word\u0301", "to cook"),
        "Plum juice\nSweet plum juice and pear peel": ("Fruit",),  # a model says Engine too
        "\na ripe pear": ("Fruit",),
        "Motor oil\nWhich oil a motor needs": ("Engine",),
        "Valve gear\npiston, valve and torque": ("Engine", "to cook"),
        "Spark\n": ("Engine",),
        "梨の木 🍐\n庭の梨": ("日本語",),
    }
    assert corpus.multiple


def test_the_report_counts_every_cutout_that_is_left_out() -> None:
    report = read_corpus(GOLDEN).report
    assert str(report).splitlines() == [
        "texts: 11 read, 7 kept; labels: 5, one or several each",
        "text from title and body, labels from the tags that you gave",
        "exact duplicates, kept once: 1 ('Motor oil')",
        "copies of a text with other labels, kept once, with the labels of all copies together: 1"
        " ('Valve gear')",
        "empty texts, set aside: 2 ('image', 'empty')",
        "cutouts in the trash, left out: 1 ('In the trash')",
        "cutouts that you gave no tag, left out: 3 ('Nobody tagged this',"
        " 'Tagged by a model alone', 'Its only tag was removed')",
        "labels with a single text: 2 ('a word\u0301', '日本語')",
    ]
    with closing(sqlite3.connect(GOLDEN)) as base:
        (cutouts,) = base.execute("SELECT count(*) FROM cutout").fetchone()
    assert report.rows + report.trashed + report.untagged == cutouts


def test_a_library_with_one_tag_each_has_one_label_per_text(tmp_path: Path) -> None:
    kept = "SELECT id FROM tag WHERE name IN ('Fruit', 'Engine')"
    path = changed(tmp_path, f"DELETE FROM cutout_tag WHERE tag NOT IN ({kept})")  # noqa: S608
    corpus = read_corpus(path)
    assert corpus.label_names == ("Engine", "Fruit")
    assert not corpus.multiple


@pytest.mark.parametrize(
    "name", ["library.sqlite", "mine.db", "export.SQLITE3", "library.csv", "it"]
)
def test_a_library_is_known_by_what_is_in_it_whatever_its_name(tmp_path: Path, name: str) -> None:
    shutil.copyfile(GOLDEN, tmp_path / name)
    assert len(read_corpus(tmp_path / name).texts) == 7


def test_a_file_called_as_a_library_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    path.write_text("text,label\nx,a\n")
    with pytest.raises(CorpusError) as caught:
        read_corpus(path)
    assert str(caught.value) == f"{path} is no SQLite database: expected an exported library"


def test_a_damaged_library_is_refused_as_a_corpus(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite"
    path.write_bytes(GOLDEN.read_bytes()[:30_000])
    with pytest.raises(CorpusError, match=r"is damaged \(it has 30,000 of .* export the library"):
        read_corpus(path)


def test_a_library_without_a_tag_says_what_to_do(tmp_path: Path) -> None:
    path = changed(tmp_path, "UPDATE cutout_tag SET origin = 'model'")
    with pytest.raises(CorpusError) as caught:
        read_corpus(path)
    said = "holds no cutout with a tag that you gave (14 without, 1 in the trash): tag some first"
    assert str(caught.value) == f"{path} {said}"


def test_a_library_has_no_columns_to_choose() -> None:
    with pytest.raises(UsageError, match="is a library: it has no columns to choose and no sep"):
        read_corpus(GOLDEN, label_column="kind")


def test_train_takes_a_library(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep(tiny_static())
    assert main(["train", str(GOLDEN), "--out", str(tmp_path / "bundle")]) == 0
    assert "  cutouts that you gave no tag, left out: 3 (" in capsys.readouterr().err
    bundle = load_bundle(tmp_path / "bundle")
    assert bundle.labels == ("Engine", "Fruit", "a word\u0301", "to cook", "日本語")
    assert bundle.manifest["multiple"]
