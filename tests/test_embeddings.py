"""The cache of embeddings: each text once, whatever was interrupted, damaged or running beside."""

import logging
import multiprocessing
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from cutouts.assets import cache_folder
from cutouts.encoders import Matrix, Pieces, Progress, embeddings
from cutouts.encoders.description import Description
from cutouts.encoders.embeddings import encode_texts
from cutouts.encoders.minilm import OnnxEncoder
from cutouts.encoders.tokenizer import Tokenizer
from tests.tiny import tiny_onnx, tiny_static

TEXTS = ["apple pear", "motor", "", "song choir drum", "apple pear", "ripe plum juice"]


@dataclass
class Counting:
    """The tiny transformer, counting what it is asked, and broken off when told to."""

    encoder: OnnxEncoder = field(default_factory=tiny_onnx)
    asked: list[int] = field(default_factory=list)
    break_at: int = 1_000_000

    @property
    def description(self) -> Description:
        return self.encoder.description

    @property
    def tokenizer_json(self) -> bytes:
        return self.encoder.tokenizer_json

    @property
    def tokenizer(self) -> Tokenizer:
        return self.encoder.tokenizer

    @property
    def file_bytes(self) -> int:
        return self.encoder.file_bytes

    def write(self, folder: Path) -> None:
        self.encoder.write(folder)

    def encode(self, pieces: Pieces, progress: Progress | None = None) -> Matrix:
        if len(self.asked) >= self.break_at:
            raise KeyboardInterrupt
        self.asked.append(len(pieces))
        return self.encoder.encode(pieces, progress)


def cache_file() -> Path:
    return cache_folder() / "embeddings" / f"{tiny_onnx().description.space}.sqlite"


def encoded(counting: Counting, texts: list[str]) -> Matrix:
    return encode_texts(counting, counting.tokenizer.pieces(texts))


@pytest.fixture
def right() -> Matrix:
    encoder = tiny_onnx()
    return encoder.encode(encoder.tokenizer.pieces(TEXTS))


def same(found: Matrix, expected: Matrix) -> bool:
    return bool(np.allclose(found, expected, rtol=0, atol=2e-5))


def test_a_text_is_encoded_once(right: Matrix) -> None:
    counting = Counting()
    first = encoded(counting, TEXTS)
    assert sum(counting.asked) == 5  # one text is there twice
    again = encoded(counting, [*TEXTS, "gear"])
    assert sum(counting.asked) == 6
    assert (again[: len(TEXTS)] == first).all()
    assert same(first, right)


def test_a_table_is_not_cached() -> None:
    encoder = tiny_static()
    encode_texts(encoder, encoder.tokenizer.pieces(TEXTS))
    assert not (cache_folder() / "embeddings").exists()


def test_no_texts_give_no_rows() -> None:
    assert encoded(Counting(), []).shape == (0, tiny_onnx().description.dim)


def test_an_interrupted_run_goes_on(monkeypatch: pytest.MonkeyPatch, right: Matrix) -> None:
    monkeypatch.setattr(embeddings, "AT_ONCE", 2)
    with pytest.raises(KeyboardInterrupt):
        encoded(Counting(break_at=2), TEXTS)
    counting = Counting()
    assert same(encoded(counting, TEXTS), right)
    assert sum(counting.asked) == 1  # four of five were kept


@pytest.mark.parametrize("damage", ["junk", "cut", "zeros", "other"])
def test_a_damaged_file_is_put_aside_and_made_again(
    damage: str, right: Matrix, caplog: pytest.LogCaptureFixture
) -> None:
    encoded(Counting(), TEXTS)
    content = cache_file().read_bytes()
    changed = {
        "junk": b"this is no database" * 100,
        "cut": content[: len(content) // 2],
        "zeros": content[:100] + bytes(len(content) - 100),
    }
    if damage == "other":
        cache_file().unlink()
        with closing(sqlite3.connect(cache_file())) as base:
            base.execute("CREATE TABLE vectors (something TEXT)")
    else:
        cache_file().write_bytes(changed[damage])
    with caplog.at_level(logging.WARNING, "cutouts"):
        assert same(encoded(Counting(), TEXTS), right)
    (record,) = caplog.records
    assert record.getMessage().startswith(f"{cache_file()} cannot be used (")
    assert record.getMessage().endswith("it is put aside and begun again")
    counting = Counting()
    assert same(encoded(counting, TEXTS), right)
    assert counting.asked == []


def test_a_vector_that_was_changed_on_disk_is_not_used(right: Matrix) -> None:
    encoded(Counting(), TEXTS)
    dim = tiny_onnx().description.dim
    wrong = [np.full(dim, np.nan, np.float32), np.zeros(dim, np.float32), np.ones(3, np.float32)]
    with closing(sqlite3.connect(cache_file())) as base, base:
        keys = [row[0] for row in base.execute("SELECT key FROM vectors")]
        for key, vector in zip(keys, wrong, strict=False):
            base.execute("UPDATE vectors SET vector = ? WHERE key = ?", (vector.tobytes(), key))
        base.execute("UPDATE vectors SET vector = 'text' WHERE key = ?", (keys[3],))
    counting = Counting()
    assert same(encoded(counting, TEXTS), right)
    assert sum(counting.asked) == 4


def test_a_cache_that_cannot_be_written_costs_only_time(
    right: Matrix, caplog: pytest.LogCaptureFixture
) -> None:
    (cache_folder() / "embeddings").write_text("a file stands in the way")
    with caplog.at_level(logging.WARNING, "cutouts"):
        assert same(encoded(Counting(), TEXTS), right)
    (record,) = caplog.records
    assert str(cache_file()) in record.getMessage()
    assert "vectors are not kept" in record.getMessage()


def test_a_full_disk_costs_only_time_and_the_file_stays(
    right: Matrix, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    encoded(Counting(), TEXTS[:1])
    before = cache_file().read_bytes()
    connect = sqlite3.connect

    def full(path: Path, timeout: float) -> sqlite3.Connection:
        base = connect(path, timeout=timeout)
        base.execute("PRAGMA max_page_count = 1")  # SQLite's own way to say: no page more
        return base

    many = [*TEXTS, *(f"apple {'z' * i}" for i in range(1, 80))]
    monkeypatch.setattr(sqlite3, "connect", full)
    with caplog.at_level(logging.WARNING, "cutouts"):
        assert same(encoded(Counting(), many)[: len(TEXTS)], right)
    assert "full" in caplog.text
    assert cache_file().read_bytes() == before
    assert not cache_file().with_suffix(".damaged").exists()


def _encode_in_another_process(texts: list[str], answers: "multiprocessing.Queue[Matrix]") -> None:
    answers.put(encoded(Counting(), texts))


def test_two_processes_at_once_both_get_right_answers(right: Matrix) -> None:
    spawn = multiprocessing.get_context("spawn")
    answers: multiprocessing.Queue[Matrix] = spawn.Queue()
    started = [
        spawn.Process(target=_encode_in_another_process, args=(TEXTS, answers)) for _ in range(2)
    ]
    for process in started:
        process.start()
    found = [answers.get(timeout=120) for _ in started]
    for process in started:
        process.join()
    assert all(same(vectors, right) for vectors in found)
