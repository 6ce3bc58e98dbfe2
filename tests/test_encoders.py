"""Building, keeping and reading encoders: what is damaged is built again, what is unknown named."""

import json
import logging
import shutil
from pathlib import Path

import numpy as np
import pytest

from cutouts.encoders import Encoder, load_encoder, read_encoder, store
from cutouts.encoders.description import space_of
from cutouts.errors import EncoderError, UsageError
from tests.tiny import WORDS, keep, tiny_onnx, tiny_static


@pytest.fixture(params=["static", "minilm"])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    return tiny_static() if request.param == "static" else tiny_onnx()


def contents_of(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_an_unknown_encoder_is_refused_and_the_known_are_named() -> None:
    with pytest.raises(UsageError) as caught:
        load_encoder("word2vec")
    assert str(caught.value) == (
        "no encoder is called 'word2vec': choose one of static, use-lite, minilm, or give a folder"
    )


def test_what_an_encoder_writes_reads_back_the_same(encoder: Encoder, tmp_path: Path) -> None:
    encoder.write(tmp_path)
    again = read_encoder(contents_of(tmp_path), encoder.description)
    pieces = encoder.tokenizer.pieces(["apple motor", "", "ripe ripe song"])
    assert (again.encode(pieces) == encoder.encode(pieces)).all()


def test_an_encoder_counts_the_bytes_that_it_writes(encoder: Encoder, tmp_path: Path) -> None:
    encoder.write(tmp_path)
    written = sum(map(len, contents_of(tmp_path).values()))
    assert written - 1000 <= encoder.file_bytes <= written  # but for a header


def test_an_encoder_without_one_of_its_files_names_it(encoder: Encoder, tmp_path: Path) -> None:
    encoder.write(tmp_path)
    contents = contents_of(tmp_path)
    for name in contents:
        others = {other: content for other, content in contents.items() if other != name}
        with pytest.raises(EncoderError) as caught:
            read_encoder(others, encoder.description)
        assert name in str(caught.value)
        assert "build the bundle again" in str(caught.value)


def test_the_space_is_another_when_a_byte_or_a_setting_is() -> None:
    space = space_of({"a": b"1"}, pooling="mean")
    assert space == space_of({"a": b"1"}, pooling="mean")
    others = [space_of({"a": b"2"}, pooling="mean"), space_of({"a": b"1"}, pooling="sum")]
    others.append(space_of({"b": b"1"}, pooling="mean"))
    assert len({space, *others}) == 4
    assert all(len(one) == 16 and set(one) <= set("0123456789abcdef") for one in [space, *others])


def test_a_kept_encoder_is_the_one_that_was_put_there() -> None:
    keep(tiny_static())
    loaded = load_encoder("static")
    assert loaded.description == tiny_static().description


@pytest.mark.parametrize("name", ["table.safetensors", "tokenizer.json", "encoder.json"])
@pytest.mark.parametrize("damage", ["cut", "flip", "remove", "empty"])
def test_a_damaged_kept_encoder_is_built_again(
    name: str, damage: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    keep(tiny_static())
    path = store.encoder_folder("static") / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes({"cut": content[: len(content) // 2], "flip": content}.get(damage, b""))
    if damage == "remove":
        path.unlink()
    monkeypatch.setattr(store, "_build_static", tiny_static)  # the real one needs MiniLM
    with caplog.at_level(logging.WARNING, "cutouts"):
        loaded = load_encoder("static")
    pieces = loaded.tokenizer.pieces(WORDS)
    assert (loaded.encode(pieces) == tiny_static().encode(pieces)).all()
    again = [record.getMessage() for record in caplog.records]
    if (name, damage) != ("encoder.json", "flip"):  # a flipped digit of a receipt goes unseen
        assert [
            line.startswith(f"{store.encoder_folder('static')} is damaged (") for line in again
        ] == [True]
        assert again[0].endswith("building it again")
        assert (load_encoder("static").encode(pieces) == loaded.encode(pieces)).all()


def test_debris_of_a_killed_run_does_not_stop_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    keep(tiny_static())
    shutil.copytree(
        store.encoder_folder("static"), store.encoder_folder("static").with_suffix(".new")
    )
    (store.encoder_folder("static").with_suffix(".new") / "table.safetensors").write_bytes(b"half")
    shutil.rmtree(store.encoder_folder("static"))
    monkeypatch.setattr(store, "_build_static", tiny_static)
    load_encoder("static")
    assert load_encoder("static").description == tiny_static().description


def test_an_interrupted_build_leaves_nothing_and_the_next_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted() -> Encoder:
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "_build_static", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load_encoder("static")
    assert [
        path.name for path in store.encoder_folder("static").parent.iterdir() if path.is_dir()
    ] == []
    monkeypatch.setattr(store, "_build_static", tiny_static)
    assert load_encoder("static").description == tiny_static().description


def test_the_description_in_a_manifest_holds_only_what_applies() -> None:
    static, onnx = tiny_static().description.as_json(), tiny_onnx().description.as_json()
    assert "cls" not in static
    assert static["max_tokens"] == 0
    assert {"cls", "sep"} <= onnx.keys()
    assert json.loads(json.dumps(onnx)) == onnx


@pytest.mark.parametrize("texts", [[], [""], ["apple", "", "\u200b"]])
def test_no_texts_and_empty_texts_are_encoded_too(encoder: Encoder, texts: list[str]) -> None:
    vectors = encoder.encode(encoder.tokenizer.pieces(texts))
    assert vectors.shape == (len(texts), encoder.description.dim)
    assert np.isfinite(vectors).all()


def test_progress_is_told_of_every_text(encoder: Encoder) -> None:
    told: list[int] = []
    encoder.encode(encoder.tokenizer.pieces(["apple"] * 700), told.append)
    assert sum(told) == 700
