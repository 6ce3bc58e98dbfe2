"""The files of USE lite, tiny and published, go in; its weights, graphs and encoder come out."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cutouts.encoders import load_encoder, use_lite
from cutouts.encoders.embeddings import _keys
from cutouts.encoders.minilm import OnnxEncoder
from cutouts.encoders.tokenizer import join
from cutouts.encoders.use_lite import drawn_texts, use_lite_encoder, use_lite_sources
from cutouts.encoders.use_lite_graph import (
    MAX_TOKENS,
    float32_graph,
    int8_graph,
    int8_layers,
    read_layers,
)
from cutouts.encoders.use_lite_weights import (
    DIM,
    PIECES,
    _all_names,
    read_vocabulary,
    read_weights,
)
from cutouts.errors import EncoderError

GOLDEN = Path(__file__).parent / "golden" / "use-lite"
FEW: dict[str, Any] = json.loads((GOLDEN / "few_pieces.json").read_text())


def published(**shapes: tuple[int, ...]) -> tuple[bytes, bytes]:
    """Return a model.json of the published names, some with other shapes, and random weights."""
    named = {name: shapes.get(short, shape) for short, (name, shape) in _all_names().items()}
    entries = [{"name": name, "shape": shape, "dtype": "float32"} for name, shape in named.items()]
    count = sum(int(np.prod(shape)) for shape in named.values())
    data = np.random.default_rng(0).normal(size=count).astype(np.float32) / 16
    model = {"weightsManifest": [{"paths": [], "weights": entries}]}
    return json.dumps(model).encode(), data.tobytes()


@pytest.fixture(scope="module")
def graphs() -> tuple[bytes, bytes]:
    model, data = published()
    weights = read_weights(model, [data[:1000], data[1000:]])
    return float32_graph(weights), int8_graph(weights, int8_layers(weights, random_ids()))


def random_ids() -> list[Any]:
    return [np.random.default_rng(2).integers(0, PIECES, (8, length)) for length in (2, 9, 30)]


def encoder_of(graph: bytes) -> OnnxEncoder:
    return use_lite_encoder(graph, json.dumps(FEW["tokenizer"]).encode(), {})


def random_pieces(*lengths: int) -> Any:
    random = np.random.default_rng(1)
    return join([random.integers(0, PIECES, length).astype(np.uint32) for length in lengths])


@pytest.mark.parametrize("kind", [0, 1])
def test_a_row_depends_on_neither_batch_nor_padding(graphs: tuple[bytes, bytes], kind: int) -> None:
    encoder, pieces = encoder_of(graphs[kind]), random_pieces(3, 40, 0, 1, 128)
    together = encoder.encode(pieces)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for row in range(len(pieces)):
        alone = encoder.encode(pieces.take([row]))[0]
        np.testing.assert_allclose(together[row], alone, rtol=0, atol=1e-5)


def test_only_the_first_128_pieces_count(graphs: tuple[bytes, bytes]) -> None:
    encoder, long = encoder_of(graphs[0]), random_pieces(200)
    short, longer = join([long[0][:MAX_TOKENS]]), join([long[0][: MAX_TOKENS - 1]])
    assert (encoder.encode(long) == encoder.encode(short)).all()
    assert not np.allclose(encoder.encode(long), encoder.encode(longer), atol=1e-6)


def test_texts_that_differ_in_the_last_piece_read_are_kept_apart(
    graphs: tuple[bytes, bytes],
) -> None:
    description = encoder_of(graphs[0]).description
    ids = np.arange(MAX_TOKENS, dtype=np.uint32)
    other = ids.copy()
    other[-1] = 7
    first, second = _keys(join([ids, other]), description)
    assert first != second


def test_int8_stays_close_to_float32(graphs: tuple[bytes, bytes]) -> None:
    pieces = random_pieces(5, 20, 60)
    float32, int8 = (encoder_of(graph).encode(pieces) for graph in graphs)
    assert (np.sum(float32 * int8, axis=1) > 0.99).all()
    assert len(graphs[1]) < len(graphs[0]) / 3.8


def test_the_layers_of_a_graph_that_ships_are_read_back(graphs: tuple[bytes, bytes]) -> None:
    model, data = published()
    weights = read_weights(model, [data])
    assert int8_graph(weights, read_layers(weights, graphs[1])) == graphs[1]
    with pytest.raises(KeyError):
        read_layers(weights, graphs[0])


def test_texts_are_drawn_as_often_as_scores_say() -> None:
    vocabulary = [["reserved", -0.1]] * 6 + [[":30", 30.0], ["odd", 0], ["a", -0.5], ["b", -2.0]]
    tokenizer = json.dumps({"model": {"vocab": vocabulary}}).encode()
    texts = drawn_texts(tokenizer)
    ids, counts = np.unique(np.concatenate([ids.ravel() for ids in texts]), return_counts=True)
    assert ids.tolist() == [8, 9]
    assert counts[0] / counts[1] == pytest.approx(np.exp(1.5), rel=0.1)
    lengths = [ids.shape[1] for ids in texts]
    assert min(lengths) == 2 and 100 < max(lengths) <= MAX_TOKENS
    assert sum(len(ids) for ids in texts) == use_lite.DRAWN
    assert all(
        (one == other).all() for one, other in zip(texts, drawn_texts(tokenizer), strict=True)
    )


def test_shards_that_are_cut_short_or_missing_are_refused() -> None:
    model, data = published()
    with pytest.raises(EncoderError) as caught:
        read_weights(model, [data[:-4]])
    assert f"hold {len(data) - 4:,} bytes, model.json lists {len(data):,}" in str(caught.value)


def test_a_weight_of_another_shape_is_named() -> None:
    model, data = published(**{"tanh.bias": (DIM - 1,)})
    with pytest.raises(EncoderError, match=r"511 numbers of float32 for .*tanh_layer_0/bias"):
        read_weights(model, [data])


@pytest.mark.parametrize("count", [0, PIECES - 1, PIECES + 1])
def test_a_vocabulary_of_another_size_is_refused(count: int) -> None:
    with pytest.raises(EncoderError) as caught:
        read_vocabulary(json.dumps([["a", -1.0]] * count).encode())
    assert f"lists {count:,} pieces, expected 8,000" in str(caught.value)


def test_a_piece_without_score_has_score_zero() -> None:
    assert read_vocabulary(json.dumps([[":", None]] * PIECES).encode())[0] == (":", 0.0)


def test_the_description_has_no_special_pieces(graphs: tuple[bytes, bytes]) -> None:
    described = encoder_of(graphs[1]).description.as_json()
    assert "cls" not in described and "sep" not in described
    assert (described["name"], described["dim"], described["max_tokens"]) == (
        use_lite.NAME,
        512,
        128,
    )


@pytest.mark.real
def test_ids_and_float32_vectors_are_those_of_the_original() -> None:
    weights, tokenizer_json = use_lite_sources()
    encoder = use_lite_encoder(float32_graph(weights), tokenizer_json, {})
    frozen = json.loads((GOLDEN / "published.json").read_text())["texts"]
    pieces = encoder.tokenizer.pieces([one["text"] for one in frozen])
    vectors = encoder.encode(pieces)
    for one, ids, vector in zip(frozen, pieces, vectors, strict=True):
        assert ids.tolist() == one["ids"], ascii(one["text"])
        if "vector" in one:
            np.testing.assert_allclose(vector, one["vector"], rtol=0, atol=1e-5)


@pytest.mark.real
def test_every_machine_makes_the_same_encoder() -> None:
    assert load_encoder("use-lite").description.space == "aa7b94626e7a9db7"


@pytest.mark.real
def test_the_receipt_says_that_int8_is_close() -> None:
    receipt = load_encoder("use-lite").description.receipt
    assert float(receipt["mean_cosine"]) >= 0.999
    assert float(receipt["lowest_cosine"]) >= 0.995
    assert receipt["compared_with"] == "USE lite in float32"
