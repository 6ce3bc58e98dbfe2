"""Folders as Model2Vec saves them: the same vectors come out, and what cannot run is named."""

import hashlib
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokenizers
from numpy.typing import NDArray
from safetensors.numpy import save

from cutouts.encoders import load_encoder
from cutouts.encoders.static import StaticEncoder
from cutouts.errors import EncoderError, UsageError
from cutouts.training import train
from tests.models import (
    DIM,
    model2vec_folder,
    model2vec_tensors,
    published_tokenizer,
    vocabulary,
)
from tests.tiny import WORDS, three_labels

TEXTS = ["ripe apple and pear", "motor oil, a valve", "[MASK] tune  [SEP]", "zebra", "日本 flute"]


pytestmark = pytest.mark.usefixtures("no_sample")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return model2vec_folder(tmp_path / "potion")


def as_model2vec(folder: Path, text: str, tensors: dict[str, NDArray[Any]]) -> NDArray[np.float64]:
    """Return the vector as Model2Vec computes it from its own files."""
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    unknown = tokenizer.token_to_id("[UNK]")
    ids = [i for i in tokenizer.encode(text, add_special_tokens=False).ids if i != unknown]
    if not ids:
        return np.zeros(tensors["embeddings"].shape[1])
    rows = tensors["embeddings"][tensors["mapping"][ids]].astype(np.float64)
    mean = (rows * tensors["weights"][ids][:, None]).mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean))


def refused(folder: Path) -> str:
    with pytest.raises(EncoderError) as caught:
        load_encoder(str(folder))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_vectors_are_those_of_model2vec_but_for_the_rounding(folder: Path) -> None:
    encoder = load_encoder(str(folder))
    vectors = encoder.encode(encoder.tokenizer.pieces(TEXTS))
    for text, vector in zip(TEXTS, vectors, strict=True):
        wanted = as_model2vec(folder, text, model2vec_tensors())
        assert (vector @ wanted > 0.9995) if wanted.any() else not vector.any()


def test_the_description_says_where_it_is_from_and_every_hash(folder: Path) -> None:
    about = load_encoder(str(folder)).description
    assert (about.kind, about.name, about.source) == ("static", "potion", "folder potion")
    assert (about.licence, about.dim, about.vocabulary) == ("mit", DIM, vocabulary())
    assert about.origin is not None
    assert about.origin["files"] == {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in ("config.json", "model.safetensors", "tokenizer.json")
    }
    assert float(about.receipt["lowest_cosine"]) > 0.999
    assert (
        about.receipt["compared_with"] == "its own table before int8, on texts of pieces at random"
    )


def test_the_second_time_it_comes_from_the_cache(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_encoder(str(folder))

    def built_again(*_: object) -> StaticEncoder:
        raise AssertionError("built again")

    monkeypatch.setattr("cutouts.encoders.given.model2vec_encoder", built_again)
    assert load_encoder(str(folder)).description == first.description


def test_a_changed_file_gives_another_encoder(folder: Path) -> None:
    first = load_encoder(str(folder)).description.space
    tensors = model2vec_tensors()
    tensors["weights"] = tensors["weights"][::-1].copy()
    (folder / "model.safetensors").write_bytes(save(tensors))
    assert load_encoder(str(folder)).description.space != first


def test_a_table_alone_is_enough(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(vocabulary(), DIM)).astype(np.float32)
    encoder = load_encoder(str(model2vec_folder(tmp_path / "plain", {"embeddings": rows})))
    apple = encoder.encode(encoder.tokenizer.pieces(["apple"]))[0]
    row = rows[encoder.tokenizer.pieces(["apple"])[0][0]]
    np.testing.assert_allclose(apple, row / np.linalg.norm(row), atol=0.01)


def test_a_smaller_table_keeps_name_licence_and_origin(folder: Path) -> None:
    encoder = load_encoder(str(folder))
    assert isinstance(encoder, StaticEncoder)
    smaller = encoder.smaller(4, encoder.pieces[:20])
    for name in ("name", "licence", "source", "origin"):
        assert getattr(smaller.description, name) == getattr(encoder.description, name)
    assert (smaller.description.dim, len(smaller.rows)) == (4, 20)
    assert smaller.description.space != encoder.description.space


def test_an_unknown_piece_has_no_row(folder: Path) -> None:
    encoder = load_encoder(str(folder))
    pieces = encoder.tokenizer.pieces(["ß", "apple ß", "apple"])
    assert len(pieces[0]) == 1
    none, with_it, without = encoder.encode(pieces)
    assert not none.any()
    assert (with_it == without).all()


TENSORS: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda t: t.pop("embeddings"), "has the tensors mapping, weights, expected embeddings"),
    (lambda t: t.update(embeddings=t["embeddings"][:, 0].copy()), "embeddings of float16 ("),
    (lambda t: t.update(embeddings=t["embeddings"].astype(np.int64)), "embeddings of int64"),
    (lambda t: t.update(mapping=t["mapping"] + 1), "a mapping of"),
    (lambda t: t.update(mapping=t["mapping"][:3].copy()), "a mapping of 3 pieces to rows 0 to 2"),
    (lambda t: t.update(mapping=t["mapping"] * 1.0), "mapping of float64"),
    (lambda t: t.pop("mapping"), "rows, expected one for each of"),
    (lambda t: t.update(weights=t["weights"][:5].copy()), "has 5 weights, expected one for each"),
    (lambda t: t.update(weights=t["weights"] * np.nan), "numbers that are not finite"),
    (lambda t: t.update(weights=t["weights"] * 1e300), "numbers that are not finite"),
]


@pytest.mark.parametrize(("change", "said"), TENSORS)
def test_tensors_that_do_not_fit_are_named(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    tensors = model2vec_tensors()
    change(tensors)
    message = refused(model2vec_folder(tmp_path / "model", tensors))
    assert message.startswith("model: model.safetensors has ")
    assert said in message
    assert message.endswith("give a folder that Model2Vec saved")


@pytest.mark.parametrize("content", [b"", b"junk" * 9, b"\xff" * 40])
def test_weights_that_are_no_safetensors_are_refused(folder: Path, content: bytes) -> None:
    (folder / "model.safetensors").write_bytes(content)
    assert refused(folder).startswith("potion: model.safetensors cannot be read (")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("config.json", b"{", "config.json is not JSON ("),
        ("config.json", b"[" * 100_000, "config.json is not JSON (nested too deep)"),
        ("config.json", b"[1]", "config.json holds a list, expected an object"),
        ("tokenizer.json", b"\xff\xfe", "tokenizer.json is not JSON ("),
        ("tokenizer.json", b"{}", "tokenizer.json has model null, which the browser's tokenizer"),
    ],
)
def test_a_file_that_is_no_json_object_is_named(
    folder: Path, name: str, content: bytes, said: str
) -> None:
    (folder / name).write_bytes(content)
    assert refused(folder).startswith(f"potion: {said}")


def changed_model(**changed: Any) -> bytes:
    found = json.loads(published_tokenizer())
    return published_tokenizer(model={**found["model"], **changed})


def changed_token(**changed: Any) -> bytes:
    found = json.loads(published_tokenizer())
    tokens = found["added_tokens"]
    return published_tokenizer(added_tokens=[*tokens[:-1], {**tokens[-1], **changed}])


HIGH = {f"piece{number}": number + 1 for number in range(5)}
TOKENIZERS = [
    (changed_model(type="Unigram"), 'model.type "Unigram"'),
    (changed_model(vocab=HIGH), "a vocab whose ids are not 0 to 4, each once"),
    (changed_model(vocab={"a": "0"}), "a vocab whose ids are not 0 to 0"),
    (changed_model(vocab=[]), 'model.vocab "list"'),
    (changed_model(unk_token=None), "model.unk_token null"),
    (changed_model(max_input_chars_per_word=10**9), "model.max_input_chars_per_word 1000000000"),
    (changed_model(continuing_subword_prefix=3), "model.continuing_subword_prefix 3"),
    (published_tokenizer(normalizer={"type": "NFKC"}), 'normalizer.type "NFKC"'),
    (published_tokenizer(normalizer=None), "normalizer null"),
    (published_tokenizer(pre_tokenizer={"type": "ByteLevel"}), 'pre_tokenizer.type "ByteLevel"'),
    (published_tokenizer(post_processor={"type": "ByteLevel"}), "post_processor "),
    (published_tokenizer(added_tokens=[3]), "added_tokens [3]"),
    (changed_token(single_word=True), "added token [MASK]"),
    (changed_token(normalized=True), "added token [MASK]"),
    (changed_token(id=1), "added_tokens "),
]


@pytest.mark.parametrize(("content", "said"), TOKENIZERS, ids=[said for _, said in TOKENIZERS])
def test_a_tokenizer_that_no_browser_reads_is_named_with_the_nearest(
    folder: Path, content: bytes, said: str
) -> None:
    (folder / "tokenizer.json").write_bytes(content)
    message = refused(folder)
    assert message.startswith(f"potion: tokenizer.json has {said}")
    assert message.endswith(
        "such as sentence-transformers/all-MiniLM-L6-v2 or minishlab/potion-base-8M"
    )


def test_accents_and_case_are_kept_where_the_tokenizer_keeps_them(folder: Path) -> None:
    normalizer = json.loads(published_tokenizer())["normalizer"]
    kept = normalizer | {"lowercase": False, "strip_accents": False}
    (folder / "tokenizer.json").write_bytes(published_tokenizer(normalizer=kept))
    lower, upper = load_encoder(str(folder)).tokenizer.pieces(["apple", "APPLE"])
    assert len(lower) == 1
    assert upper.tolist() != lower.tolist()


def test_spaces_that_a_token_swallows_change_nothing(folder: Path) -> None:
    published = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    texts = ["apple   [MASK]   pear", "\t[MASK]\u3000a", "ap[MASK]ple", "[MASK][MASK] [SEP]\n"]
    here = load_encoder(str(folder)).tokenizer.pieces(texts)
    for text, ids in zip(texts, here, strict=True):
        assert ids.tolist() == published.encode(text, add_special_tokens=False).ids


def test_a_pickle_is_left_alone_with_a_word(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "pytorch_model.bin").write_bytes(b"cos\nsystem\n")
    with caplog.at_level(logging.WARNING, "cutouts"):
        load_encoder(str(folder))
    said = [record.getMessage() for record in caplog.records]
    assert "potion: pytorch_model.bin not read (pickles run code)" in said


def test_a_folder_with_a_pickle_for_weights_is_refused(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "model.pkl")
    assert refused(folder) == (
        "potion has no model.safetensors, and model.pkl is a pickle, which is never opened: "
        "save the model as safetensors (Model2Vec) or ONNX"
    )


def test_a_link_out_of_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "tokenizer.json").rename(tmp_path / "elsewhere.json")
    (folder / "tokenizer.json").symlink_to(tmp_path / "elsewhere.json")
    assert "'tokenizer.json' is a link that leads out of the folder" in refused(folder)


def test_the_links_of_the_hubs_own_cache_are_followed(tmp_path: Path) -> None:
    model = tmp_path / "models--someone--tiny"
    snapshot = model2vec_folder(model / "snapshots" / ("a" * 40))
    (model / "blobs").mkdir()
    (snapshot / "tokenizer.json").rename(model / "blobs" / "1234")
    (snapshot / "tokenizer.json").symlink_to("../../blobs/1234")
    assert load_encoder(str(snapshot)).description.dim == DIM


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^there is no folder .*/nothing: give the folder"):
        load_encoder(str(tmp_path / "nothing"))


def test_a_folder_without_a_model_is_said(tmp_path: Path) -> None:
    assert refused(tmp_path).startswith(f"{tmp_path.name} has no ")


def test_words_of_the_corpus_still_read_alike(folder: Path) -> None:
    published = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    here = load_encoder(str(folder)).tokenizer.pieces(WORDS)
    there = [published.encode(word, add_special_tokens=False).ids for word in WORDS]
    assert [ids.tolist() for ids in here] == there


def test_a_bundle_trained_on_it_says_so_and_is_read_back(folder: Path, tmp_path: Path) -> None:
    trained = train(three_labels(), encoder=str(folder), out=tmp_path / "bundle")
    about = trained.bundle.manifest["encoder"]
    assert about["name"] == "potion"
    assert set(about["origin"]["files"]) == {"config.json", "model.safetensors", "tokenizer.json"}
    assert str(tmp_path) not in json.dumps(trained.bundle.manifest)
    assert trained.bundle.encoder.description.origin == about["origin"]
