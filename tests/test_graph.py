"""The graphs of a tiny random transformer against a forward pass in numpy."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import erf, softmax

from cutouts.encoders.graph import (
    HEADS,
    float32_graph,
    layer_count,
    x_dim,
)
from cutouts.encoders.int8_graph import int8_graph
from cutouts.encoders.minilm import TOKENS_AT_ONCE, batches, open_session, run
from cutouts.encoders.receipt import cosines, neighbours_kept
from cutouts.encoders.tokenizer import join
from cutouts.errors import EncoderError
from tests.tiny import DIM, POSITIONS, WORDS, Weights, static_vocabulary, tiny_bert, tiny_onnx

Wide = NDArray[np.float64]

WEIGHTS = tiny_bert()
FLOAT32 = open_session(float32_graph(WEIGHTS))
INT8 = open_session(int8_graph(WEIGHTS))


def dense(x: Wide, weights: Weights, name: str) -> Wide:
    return np.asarray(x @ weights[f"{name}.weight"].T.astype(np.float64) + weights[f"{name}.bias"])


def norm(x: Wide, weights: Weights, name: str) -> Wide:
    centred = x - x.mean(axis=-1, keepdims=True)
    deviation = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-12)
    return np.asarray(centred / deviation * weights[f"{name}.weight"] + weights[f"{name}.bias"])


def block(x: Wide, weights: Weights, name: str) -> Wide:
    parts = [dense(x, weights, f"{name}attention.self.{p}") for p in ("query", "key", "value")]
    width = x.shape[1] // HEADS
    context = np.zeros_like(x)
    for head in range(HEADS):
        mine = slice(head * width, (head + 1) * width)
        query, key, value = (part[:, mine] for part in parts)
        context[:, mine] = softmax(query @ key.T / np.sqrt(width), axis=1) @ value
    y = dense(context, weights, f"{name}attention.output.dense")
    x = norm(x + y, weights, f"{name}attention.output.LayerNorm")
    up = dense(x, weights, f"{name}intermediate.dense")
    y = dense(up * (1 + erf(up / np.sqrt(2))) / 2, weights, f"{name}output.dense")
    return norm(x + y, weights, f"{name}output.LayerNorm")


def forward(ids: NDArray[np.int64], weights: Weights) -> Wide:
    """Return the embedding of one sequence, in float64, without batch and padding."""
    x = weights["embeddings.word_embeddings.weight"][ids].astype(np.float64)
    x = x + weights["embeddings.position_embeddings.weight"][: len(ids)]
    x = x + weights["embeddings.token_type_embeddings.weight"][0]
    x = norm(x, weights, "embeddings.LayerNorm")
    for layer in range(layer_count(weights)):
        x = block(x, weights, f"encoder.layer.{layer}.")
    mean = x.mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean))


def sequences(*lengths: int) -> list[NDArray[np.int64]]:
    random = np.random.default_rng(5)
    return [random.integers(0, static_vocabulary(), length) for length in lengths]


LENGTHS = [2, 3, 9, 17, POSITIONS]


def test_the_float32_graph_is_the_forward_pass() -> None:
    found = sequences(*LENGTHS)
    vectors = run(FLOAT32, found)
    for vector, ids in zip(vectors, found, strict=True):
        np.testing.assert_allclose(vector, forward(ids, WEIGHTS), rtol=0, atol=2e-5)


def test_the_int8_graph_stays_close_to_the_forward_pass() -> None:
    found = sequences(*LENGTHS, *range(2, 40))
    reference = np.stack([forward(ids, WEIGHTS) for ids in found])
    close = cosines(run(INT8, found), reference.astype(np.float32))
    assert close["lowest_cosine"] > 0.99
    assert close["mean_cosine"] > 0.995


@pytest.mark.parametrize(("session", "within"), [(FLOAT32, 2e-5), (INT8, 2e-7)])
def test_a_row_does_not_depend_on_its_batch_or_padding(session: object, within: float) -> None:
    found = sequences(*LENGTHS)
    together = run(session, found)
    for row, ids in enumerate(found):
        np.testing.assert_allclose(run(session, [ids])[0], together[row], rtol=0, atol=within)


def test_the_int8_graph_answers_the_same_however_it_is_optimised() -> None:
    """Fused and unfused kernels add in another order, as native and WebAssembly ones do."""
    import onnxruntime

    plain = onnxruntime.SessionOptions()
    plain.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    unfused = onnxruntime.InferenceSession(
        int8_graph(WEIGHTS), plain, providers=["CPUExecutionProvider"]
    )
    found = sequences(*LENGTHS, *range(2, 60))
    np.testing.assert_allclose(run(unfused, found), run(INT8, found), rtol=0, atol=2e-7)


@pytest.mark.parametrize("session", [FLOAT32, INT8], ids=["float32", "int8"])
def test_every_vector_has_length_1(session: object) -> None:
    lengths = np.linalg.norm(run(session, sequences(*LENGTHS)), axis=1)
    np.testing.assert_allclose(lengths, 1, atol=1e-5)


def test_the_same_weights_give_the_same_bytes() -> None:
    assert int8_graph(tiny_bert()) == int8_graph(tiny_bert())
    assert float32_graph(tiny_bert()) == float32_graph(tiny_bert())


def test_the_shape_is_read_from_the_weights() -> None:
    assert layer_count(tiny_bert(layers=3)) == 3
    assert x_dim(WEIGHTS) == DIM


def test_batches_hold_every_row_once_and_few_tokens() -> None:
    lengths = np.random.default_rng(0).integers(2, 300, 500)
    found = list(batches(lengths))
    assert sorted(np.concatenate(found).tolist()) == list(range(500))
    assert all(len(rows) * lengths[rows].max() <= TOKENS_AT_ONCE for rows in found)
    assert list(batches(np.zeros(0, np.int64))) == []
    assert [rows.tolist() for rows in batches(np.array([9 * TOKENS_AT_ONCE]))] == [[0]]


def test_a_text_is_cut_to_what_the_model_reads() -> None:
    encoder = tiny_onnx()
    long = np.tile(np.array([7, 8, 9], np.uint32), 90)
    pieces = join([long, long[: POSITIONS - 2], np.zeros(0, np.uint32)])
    vectors = encoder.encode(pieces)
    np.testing.assert_allclose(vectors[0], vectors[1], rtol=0, atol=2e-5)
    cls, sep = encoder.description.cls, encoder.description.sep
    np.testing.assert_allclose(vectors[2], run(INT8, [np.array([cls, sep])])[0], atol=2e-5)


def test_many_texts_come_back_in_their_own_order() -> None:
    encoder = tiny_onnx()
    texts = [" ".join(WORDS[: 1 + i % 20]) + f" {WORDS[i % 7]}" for i in range(300)]
    pieces = encoder.tokenizer.pieces(texts)
    vectors = encoder.encode(pieces)
    for row in (0, 1, 19, 150, 299):
        alone = encoder.encode(pieces.take([row]))[0]
        np.testing.assert_allclose(vectors[row], alone, rtol=0, atol=2e-5)


@pytest.mark.parametrize("model", [b"", b"junk" * 100, int8_graph(WEIGHTS)[:-200]])
def test_bytes_that_are_no_model_are_refused(model: bytes) -> None:
    with pytest.raises(EncoderError) as caught:
        open_session(model)
    assert str(caught.value).startswith("onnx/model_quantized.onnx cannot be run (")
    assert str(caught.value).endswith("build the bundle again")
    assert "\n" not in str(caught.value)


def test_cosines_are_of_rows_that_stand_for_the_same_text() -> None:
    one, other = np.eye(3, dtype=np.float32), np.eye(3, dtype=np.float32)
    other[2] = [0, 0.6, 0.8]
    assert cosines(one, other) == pytest.approx({"mean_cosine": 2.8 / 3, "lowest_cosine": 0.8})


def test_neighbours_kept_is_all_for_the_same_vectors_and_few_for_others() -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(200, 8)).astype(np.float32)
    assert neighbours_kept(vectors, vectors) == 1
    others = random.normal(size=(200, 8)).astype(np.float32)
    assert neighbours_kept(others, vectors) < 0.2
    assert neighbours_kept(vectors[:3], vectors[:3]) == 1  # fewer than ten others


def test_a_model_of_another_shape_is_refused() -> None:
    encoder = tiny_onnx()
    wide = replace(encoder, description=replace(encoder.description, dim=DIM + 1))
    with pytest.raises(EncoderError) as caught:
        wide.encode(join([np.array([7], np.uint32)]))
    assert str(caught.value) == (
        f"onnx/model_quantized.onnx gives (1, {DIM}) for 1 texts, expected {DIM + 1} numbers each: "
        "build the bundle again"
    )


def test_a_piece_that_the_model_does_not_know_is_an_error_of_one_line() -> None:
    with pytest.raises(EncoderError) as caught:
        tiny_onnx().encode(join([np.array([50_000], np.uint32)]))
    assert str(caught.value).startswith("onnx/model_quantized.onnx fails on a text (")
    assert "\n" not in str(caught.value)


def test_a_graph_with_other_names_is_refused() -> None:
    model = float32_graph(WEIGHTS).replace(b"attention_mask", b"attention_musk")
    with pytest.raises(
        EncoderError, match=r"has inputs and outputs input_ids, attention_musk, sent"
    ):
        open_session(model)
