"""Corpora in, shards out and read again: what they hold, and what a second run does not do again."""

import csv
import hashlib
import json
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from cutouts.cli import main
from cutouts.embed import Batch, Embedded, Engine, Layout, embed, read_shards
from cutouts.embed import local as local_engine
from cutouts.embed.blocks import Block, block_of
from cutouts.encoders import Encoder, Matrix
from cutouts.encoders.embeddings import encode_texts
from cutouts.errors import CorpusError, EmbedError, UsageError
from tests.tiny import FRUIT, keep, sentences, tiny_onnx, tiny_static

pytest.importorskip("pyarrow.parquet", reason="pip install 'cutouts[parquet]'")

HERE = Engine(workers=1)


def write_csv(path: Path, texts: Sequence[str], label: str = "fruit") -> str:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["text", "label"], *([text, label] for text in texts)])
    return str(path)


def run(source: str | Sequence[str], out: Path, rows: int = 10, **more: object) -> Embedded:
    """Embed in this process, into shards of so many rows."""
    inputs = [source] if isinstance(source, str) else source
    options = {"encoder": tiny_static(), "engine": HERE, "layout": Layout(shard_rows=rows), **more}
    return embed(inputs, out, **options)  # type: ignore[arg-type]


def read(folder: Path) -> Batch:
    """Return all rows as one batch."""
    (batch,) = read_shards(folder).batches(1_000_000)
    return batch


def expected(encoder: Encoder, texts: Sequence[str]) -> Matrix:
    return encoder.encode(encoder.tokenizer.pieces(texts))


def test_shards_hold_each_text_in_order_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    texts, encoder = sentences(FRUIT, 25, 0), tiny_static()
    made = run(write_csv(tmp_path / "a.csv", texts), tmp_path / "out")
    assert (made.rows, made.shards, made.encoded) == (25, 3, 25)
    batches = list(read_shards(tmp_path / "out"))
    assert [len(batch.ids) for batch in batches] == [10, 10, 5]
    vectors = np.concatenate([batch.vectors for batch in batches])
    assert np.abs(vectors - expected(encoder, texts)).max() < 2**-11
    assert [one for batch in batches for one in batch.ids] == [f"a.csv:{n}" for n in range(2, 27)]
    hashes = [one for batch in batches for one in batch.hashes]
    assert hashes == [hashlib.blake2b(t.encode(), digest_size=16).digest() for t in texts]
    assert {names for batch in batches for names in batch.labels or ()} == {("fruit",)}
    pieces = encoder.tokenizer.pieces(texts)
    found = [ids.tolist() for batch in batches for ids in batch.pieces]
    assert found == [ids.tolist() for ids in pieces]


def test_int8_keeps_each_number_to_half_a_step(tmp_path: Path) -> None:
    texts = sentences(FRUIT, 9, 0)
    layout = Layout("int8", 100)
    run(write_csv(tmp_path / "a.csv", texts), tmp_path / "out", layout=layout)
    wanted = expected(tiny_static(), texts)
    steps = np.abs(wanted).max(axis=1, keepdims=True) / 127
    assert (np.abs(read(tmp_path / "out").vectors - wanted) <= 0.5001 * steps).all()


def test_int8_takes_less_room_than_float16(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "a.csv", sentences(FRUIT, 2_000, 0))
    small = run(source, tmp_path / "int8", layout=Layout("int8", 10_000))
    assert small.bytes < run(source, tmp_path / "float16", rows=10_000).bytes


def test_texts_without_labels_have_no_column_of_labels(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "ripe plum"}\n')
    run(str(tmp_path / "a.jsonl"), tmp_path / "out")
    assert read(tmp_path / "out").labels is None


def test_inputs_of_one_name_are_told_apart_by_their_folder(tmp_path: Path) -> None:
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        write_csv(tmp_path / folder / "a.csv", [f"plum {folder}"])
    run(f"{tmp_path}/*/a.csv", tmp_path / "out")
    (batch,) = read_shards(tmp_path / "out")
    assert batch.ids == ("x/a.csv:2", "y/a.csv:2")
    with pytest.raises(UsageError, match="is given twice"):
        run([f"{tmp_path}/x/a.csv"] * 2, tmp_path / "other")


def test_bad_rows_are_counted_with_their_places_and_take_a_number(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"text,label\nplum,a\n  ,a\ncaf\xe9,a\npear,a\na,b,c\napple,a\n")
    made = run(str(path), tmp_path / "out", rows=2)
    assert made.bad.as_json() == {
        "empty": {"count": 1, "places": ["a.csv:3"]},
        "undecodable": {"count": 1, "places": ["a.csv:4"]},
        "malformed": {"count": 1, "places": ["a.csv:6"]},
    }
    assert [entry.rows for entry in read_shards(tmp_path / "out").entries] == [1, 1, 1]


def test_a_run_that_was_ended_goes_on_and_ends_with_the_same_bytes(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "a.csv", [*sentences(FRUIT, 34, 0), " "])
    run(source, tmp_path / "whole")
    out = tmp_path / "out"
    run(source, out)
    index = json.loads((out / "embeddings.json").read_text())
    plan = {name: index[name] for name in index if name not in ("rows", "rows_read", "bad")}
    shards = plan.pop("shards")
    journal = [plan, *shards[:2]]
    (out / "unfinished.jsonl").write_text("".join(json.dumps(x) + "\n" for x in journal) + '{"nu')
    (out / "embeddings.json").unlink()
    (out / "part-00003.parquet").rename(out / "part-00003.parquet.partial")
    with pytest.raises(EmbedError, match=r"holds no embeddings.json: run cutouts embed to its end"):
        read_shards(out)
    assert run(source, out).encoded == 14
    names = sorted(path.name for path in out.iterdir())
    assert names == sorted(path.name for path in (tmp_path / "whole").iterdir())
    same = [(out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes() for name in names]
    assert all(same)


def test_a_finished_folder_is_left_alone(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "a.csv", [*sentences(FRUIT, 5, 0), ""])
    first = run(source, tmp_path / "out")
    again = run(source, tmp_path / "out")
    assert (again.encoded, again.rows) == (0, 5)
    assert again.bad.as_json() == first.bad.as_json()


def test_an_altered_or_missing_shard_is_made_again_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = write_csv(tmp_path / "a.csv", sentences(FRUIT, 30, 0))
    run(source, tmp_path / "out")
    altered = tmp_path / "out" / "part-00001.parquet"
    before = altered.read_bytes()
    altered.write_bytes(before[:100] + b"!" + before[101:])
    (tmp_path / "out" / "part-00002.parquet").unlink()
    with caplog.at_level(logging.WARNING):
        assert run(source, tmp_path / "out").encoded == 20
    assert "part-00001.parquet was altered: it is made again" in caplog.text
    assert "part-00002.parquet is missing or has another size" in caplog.text
    assert altered.read_bytes() == before


def test_changed_inputs_are_refused_and_begun_again_when_asked(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "a.csv", sentences(FRUIT, 12, 0))
    run(source, tmp_path / "out")
    write_csv(tmp_path / "a.csv", sentences(FRUIT, 5, 1))
    with pytest.raises(EmbedError, match=r"other inputs: a.csv changed since.*--again"):
        run(source, tmp_path / "out")
    assert len(list(read_shards(tmp_path / "out"))) == 2  # what was there is still whole
    assert run(source, tmp_path / "out", again=True).rows == 5
    assert not (tmp_path / "out" / "part-00001.parquet").exists()


def test_another_encoder_or_layout_is_refused(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "a.csv", ["plum"])
    run(source, tmp_path / "out")
    with pytest.raises(EmbedError, match=r"another run \(space "):
        run(source, tmp_path / "out", encoder=tiny_static(dim=8))
    with pytest.raises(EmbedError, match=r'\(numbers "float16", now "int8"\)'):
        run(source, tmp_path / "out", layout=Layout("int8", 10))


def test_a_folder_with_other_files_is_refused_and_keeps_them(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "a.csv", ["plum"])
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "novel.txt").write_text("It was")
    with pytest.raises(EmbedError, match=r"holds other files \(novel.txt\): choose an empty --out"):
        run(source, tmp_path / "out", again=True)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["novel.txt"]


SPARKS = ("part-00000-6f3c.snappy.parquet", "part-mine.parquet", "part-mine.parquet.partial")


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize(
    "index", ['{"model": "mine", "shards": []}', "[[0.5, 1]]", '{"id": 1}\n{"id": 2}', "vectors"]
)
def test_an_index_of_somebody_else_is_no_index(index: str, again: bool, tmp_path: Path) -> None:
    source, out = write_csv(tmp_path / "a.csv", ["plum"]), tmp_path / "spark"
    out.mkdir()
    for name in ("embeddings.json", *SPARKS):
        (out / name).write_text(index)
    with pytest.raises(
        EmbedError, match=r"spark holds other files \(embeddings\.json\): choose an"
    ):
        run(source, out, again=again)
    assert {path.name for path in out.iterdir()} == {"embeddings.json", *SPARKS}
    assert {path.read_text() for path in out.iterdir()} == {index}


def test_only_shards_of_ours_are_removed_to_begin_again(tmp_path: Path) -> None:
    source, out = write_csv(tmp_path / "a.csv", ["plum"] * 11), tmp_path / "out"
    run(source, out)
    for name in SPARKS:
        (out / name).write_text("mine")
    write_csv(tmp_path / "a.csv", ["plum"])
    assert run(source, out, again=True).rows == 1
    ours = {".lock", "embeddings.json", "part-00000.parquet"}
    assert {path.name for path in out.iterdir()} == {*ours, *SPARKS}
    assert all((out / name).read_text() == "mine" for name in SPARKS)


def test_a_run_that_made_no_shard_is_in_nobodys_way(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text("text,label\n")
    with pytest.raises(CorpusError):
        run(str(source), tmp_path / "out")
    assert (tmp_path / "out" / "unfinished.jsonl").exists()
    source.write_text("text,label\nripe plum,fruit\n")
    assert run(str(source), tmp_path / "out", encoder=tiny_static(dim=8)).rows == 1


def test_what_the_cache_holds_is_not_encoded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder, texts = tiny_onnx(), ["ripe plum", "sweet pear", "ripe plum", "motor oil"]
    known = encode_texts(encoder, encoder.tokenizer.pieces(texts[:2]))
    asked: list[int] = []
    original = type(encoder).encode

    def counting(self: object, pieces: object, progress: object = None) -> Matrix:
        asked.append(len(pieces))  # type: ignore[arg-type]
        return original(self, pieces, progress)  # type: ignore[arg-type]

    monkeypatch.setattr(type(encoder), "encode", counting)
    run(write_csv(tmp_path / "a.csv", texts), tmp_path / "out", encoder=encoder)
    assert sum(asked) == 1
    assert np.abs(read(tmp_path / "out").vectors[:2] - known).max() < 2**-11


def test_several_processes_write_the_same_bytes_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cutouts.embed.blocks.MOST_TEXTS", 7)
    source = write_csv(tmp_path / "a.csv", sentences(FRUIT, 100, 0))
    run(source, tmp_path / "one", rows=40)
    run(source, tmp_path / "two", rows=40, engine=Engine(workers=2))
    for number in range(3):
        name = f"part-{number:05}.parquet"
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_what_waits_for_workers_is_bounded_however_long_the_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cutouts.embed.blocks.MOST_TEXTS", 1)
    ahead: list[int] = []
    begun = done = 0
    cut = Block.as_row

    def sent(block: Block) -> dict[str, object]:
        nonlocal begun
        begun += 1
        ahead.append(begun - done)
        return cut(block)

    def came(row: dict[str, object]) -> Block:
        nonlocal done
        done += 1
        return block_of(row)

    monkeypatch.setattr(Block, "as_row", sent)
    monkeypatch.setattr(local_engine, "block_of", came)
    source = write_csv(tmp_path / "a.csv", sentences(FRUIT, 60, 0))
    run(source, tmp_path / "out", rows=100, engine=Engine(workers=2))
    assert begun == done == 60
    assert max(ahead) == 2


def test_the_command_prints_what_it_made_and_what_it_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(tiny_static())
    source = write_csv(tmp_path / "a.csv", ["plum", "", "pear"])
    out = tmp_path / "out"
    assert main(["embed", source, "--out", str(out), "--workers", "1"]) == 0
    printed = capsys.readouterr().out
    assert "2 vectors in 1 shard, " in printed
    assert "left out, empty: 1 (a.csv:3)" in printed
    assert main(["embed", source, "--out", str(out), "--workers", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["rows"], found["encoded"], found["bad"]["empty"]["count"]) == (2, 0, 1)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (["--numbers", "float8"], "numbers are float16 or int8, not 'float8'"),
        (["--workers", "0"], "0 workers cannot work"),
        (["--engine", "spark"], "no engine is called 'spark': choose local or ray"),
        (["--address", "here:1"], "--address here:1 belongs to --engine ray"),
    ],
)
def test_a_wrong_option_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: list[str], said: str
) -> None:
    keep(tiny_static())
    source = write_csv(tmp_path / "a.csv", ["plum"])
    assert main(["embed", source, "--out", str(tmp_path / "out"), *option]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out" / "embeddings.json").exists()


def test_without_ray_its_engine_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    source = write_csv(tmp_path / "a.csv", ["plum"])
    before = dict(os.environ)
    with pytest.raises(EmbedError, match=r"Ray is not installed: pip install 'cutouts\[scale\]'"):
        run(source, tmp_path / "out", engine=Engine("ray"))
    assert dict(os.environ) == before


def test_a_damaged_index_is_said_and_begun_again_when_asked(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "a.csv", ["plum"])
    run(source, tmp_path / "out")
    (tmp_path / "out" / "embeddings.json").write_text("{")
    with pytest.raises(EmbedError, match=r"is not JSON .*--again"):
        run(source, tmp_path / "out")
    assert run(source, tmp_path / "out", again=True).rows == 1


def test_an_input_without_rows_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,label\n")
    with pytest.raises(CorpusError, match=r"a\.csv: no rows to encode"):
        run(str(tmp_path / "a.csv"), tmp_path / "out")
