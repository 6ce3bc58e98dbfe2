"""Shards dealt into buckets: no row is lost, copies stay together, nothing depends on the day."""

import csv
import tracemalloc
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from cutouts.embed import Layout, Shards, embed, read_shards
from cutouts.embed.blocks import hash_of
from cutouts.errors import CorpusError
from cutouts.heads import buckets as buckets_module
from cutouts.heads.buckets import HELD_OUT, Buckets
from tests.test_embed import HERE
from tests.tiny import FRUIT, MUSIC, sentences, tiny_static

pytest.importorskip("pyarrow.parquet", reason="pip install 'cutouts[parquet]'")

TEXTS = [*sentences(FRUIT, 60, 0), *sentences(MUSIC, 60, 1)]
LABELS = ["fruit"] * 60 + ["music|zither"] * 60


def shards_of(folder: Path, texts: list[str], labels: list[str]) -> Shards:
    with (folder / "a.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["text", "labels"], *zip(texts, labels, strict=True)])
    out = folder / "shards"
    embed(
        [str(folder / "a.csv")],
        out,
        encoder=tiny_static(),
        engine=HERE,
        layout=Layout(shard_rows=50),
    )
    return read_shards(out)


def dealt(folder: Path, shards: Shards, left_out: tuple[bytes, ...] = ()) -> Buckets:
    folder.mkdir()
    buckets = Buckets(folder, shards, bucket_rows=40)
    buckets.deal(shards, left_out, lambda _: None)
    return buckets


def rows_of(buckets: Buckets, numbers: list[int]) -> Counter[tuple[tuple[int, ...], ...]]:
    """Return each row's pieces and labels, and how often they are there."""
    parts = [buckets.read(number) for number in numbers]
    return Counter(
        (tuple(ids.tolist()), tuple(np.flatnonzero(truth).tolist()))
        for part in parts
        for ids, truth in zip(part.pieces, part.truth, strict=True)
    )


def test_every_row_is_in_one_bucket_with_its_own_vector_and_labels(tmp_path: Path) -> None:
    buckets = dealt(tmp_path / "b", shards_of(tmp_path, TEXTS, LABELS))
    assert buckets.labels == ("fruit", "music", "zither")
    assert buckets.multiple
    assert buckets.sizes == {"fruit": 60, "music": 60, "zither": 60}
    pieces = tiny_static().tokenizer.pieces(TEXTS)
    wanted = Counter(
        (tuple(ids.tolist()), (0,) if label == "fruit" else (1, 2))
        for ids, label in zip(pieces, LABELS, strict=True)
    )
    assert rows_of(buckets, [HELD_OUT, *buckets.training]) == wanted
    for number in (HELD_OUT, *buckets.training):
        part = buckets.read(number)
        assert len(part) > 5
        assert np.abs(part.vectors - tiny_static().encode(part.pieces)).max() < 2**-10


def test_copies_of_a_text_are_all_held_out_or_all_trained_on(tmp_path: Path) -> None:
    buckets = dealt(tmp_path / "b", shards_of(tmp_path, TEXTS * 3, LABELS * 3))
    held, trained = (
        {ids for ids, _ in rows_of(buckets, numbers)}
        for numbers in ([HELD_OUT], list(buckets.training))
    )
    assert held and trained
    assert not held & trained


def test_rows_of_the_test_part_are_left_out(tmp_path: Path) -> None:
    shards = shards_of(tmp_path, TEXTS, LABELS)
    buckets = dealt(tmp_path / "b", shards, (hash_of(TEXTS[0]), hash_of(TEXTS[70])))
    assert (buckets.left_out, buckets.rows, buckets.counting.texts) == (2, 118, 118)
    found = rows_of(buckets, [HELD_OUT, *buckets.training])
    gone = tiny_static().tokenizer.pieces([TEXTS[0], TEXTS[70]])
    assert not {ids for ids, _ in found} & {tuple(ids.tolist()) for ids in gone}
    assert found.total() == 118


def test_a_long_label_is_kept_once_however_many_there_are(tmp_path: Path) -> None:
    names = [f"name {number}" for number in range(len(TEXTS))]
    names[7] = "z" * 400_000
    buckets = dealt(tmp_path / "b", shards_of(tmp_path, TEXTS, names))
    tracemalloc.start()
    buckets.read(HELD_OUT)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 4_000_000  # 120 cells as wide as the longest take 192 MB
    assert buckets.labels == tuple(sorted(names))


def test_labels_without_end_are_refused_by_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets_module, "MOST_LABELS", 100)
    shards = shards_of(tmp_path, TEXTS, [f"name {number}" for number in range(len(TEXTS))])
    with pytest.raises(CorpusError, match=r"more than 100 labels up to here: is the label column"):
        dealt(tmp_path / "b", shards)
