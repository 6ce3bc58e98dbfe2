"""Names of samples go in; their texts and the CSV files written of them come out."""

from pathlib import Path

import pytest

from cutouts.corpus import read_corpus
from cutouts.errors import UsageError
from cutouts.samples import SAMPLES, read_sample, write_sample


def test_an_unknown_sample_is_answered_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="no sample 'news': expected one of 20newsgroups, reuters"):
        read_sample("news", "train")


def test_an_unknown_part_is_answered_with_those_there_are() -> None:
    with pytest.raises(
        UsageError, match="no part 'dev' of reuters-r8: expected one of train, test"
    ):
        read_sample("reuters-r8", "dev")


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "part", "rows", "labels"),
    [
        ("20newsgroups", "train", 11_293, 20),
        ("20newsgroups", "test", 7_528, 20),
        ("reuters-r8", "train", 5_485, 8),
        ("reuters-r8", "test", 2_189, 8),
    ],
)
def test_the_samples_have_the_published_sizes(name: str, part: str, rows: int, labels: int) -> None:
    corpus = read_sample(name, part)
    assert (corpus.report.rows, len(corpus.label_names)) == (rows, labels)
    assert part == "train" or len(corpus.texts) == rows


@pytest.mark.real
def test_a_written_sample_is_read_back_row_for_row(tmp_path: Path) -> None:
    train, test = write_sample("reuters-r8", tmp_path / "new")
    assert [train.name, test.name] == ["reuters-r8-train.csv", "reuters-r8-test.csv"]
    back, sample = read_corpus(test, keep_duplicates=True), read_sample("reuters-r8", "test")
    assert (back.texts, back.labels) == (sample.texts, sample.labels)
    assert list(SAMPLES) == ["20newsgroups", "reuters-r8"]
