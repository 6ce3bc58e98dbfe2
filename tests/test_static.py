"""The static encoder against plain loops, and tables that do not fit."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.numpy import save

from cutouts.encoders.static import StaticEncoder, read_static, static_encoder
from cutouts.encoders.tokenizer import join
from cutouts.errors import EncoderError
from tests.golden import reference
from tests.tiny import DIM, FRUIT, tiny_static, tokenizer_json

ENCODER = tiny_static()
IDS = st.lists(st.integers(0, 200), max_size=30)


def plain(ids: list[int], encoder: StaticEncoder) -> list[float]:
    table = {
        "pieces": encoder.pieces.tolist(),
        "rows": encoder.rows.tolist(),
        "scales": encoder.scales.tolist(),
    }
    return reference.encode(ids, table, encoder.description.dim)


@given(st.lists(IDS, max_size=5))
def test_vectors_are_those_of_plain_loops(texts: list[list[int]]) -> None:
    pieces = join([np.array(ids, np.uint32) for ids in texts])
    vectors = ENCODER.encode(pieces)
    assert vectors.shape == (len(texts), DIM)
    for vector, ids in zip(vectors, texts, strict=True):
        np.testing.assert_allclose(vector, plain(ids, ENCODER), rtol=0, atol=1e-6)


def test_a_text_without_a_known_piece_is_all_zeros() -> None:
    unknown = join([np.array([0, 1, 4_000_000_000], np.uint32), np.zeros(0, np.uint32)])
    assert not ENCODER.encode(unknown).any()


def test_int8_rows_stay_within_half_a_step() -> None:
    values = np.random.default_rng(3).normal(size=(5, 7)).astype(np.float32)
    made = static_encoder(tokenizer_json(), np.arange(5, 10, dtype=np.uint32), values, {})
    steps = np.abs(values).max(axis=1, keepdims=True) / 127
    assert (np.abs(made.rows * made.scales[:, None] - values) <= steps * 0.501).all()
    assert np.abs(made.rows).max(axis=1).tolist() == [127] * 5


def test_a_row_of_zeros_stays_zero() -> None:
    made = static_encoder(tokenizer_json(), np.array([7], np.uint32), np.zeros((1, 4), "f4"), {})
    assert not made.encode(join([np.array([7], np.uint32)])).any()


def test_a_smaller_table_keeps_the_pieces_and_the_first_numbers() -> None:
    kept = ENCODER.pieces[::3]
    small = ENCODER.smaller(8, kept[::-1])
    assert small.pieces.tolist() == kept.tolist()
    assert small.description.dim == 8
    assert small.description.space != ENCODER.description.space
    measured_on = small.description.receipt["measured_on"]
    assert measured_on == f"the whole table, {DIM} numbers for {len(ENCODER.pieces)} pieces"
    before = (ENCODER.rows * ENCODER.scales[:, None])[::3, :8]
    after = small.rows * small.scales[:, None]
    np.testing.assert_allclose(after, before, rtol=0, atol=np.abs(before).max() / 127)


def tensors(**changes: NDArray[Any] | None) -> dict[str, bytes]:
    found: dict[str, NDArray[Any]]
    found = {"pieces": ENCODER.pieces, "rows": ENCODER.rows, "scales": ENCODER.scales}
    changed = {**found, **changes}
    kept = {name: array for name, array in changed.items() if array is not None}
    return {"tokenizer.json": tokenizer_json(), "table.safetensors": save(kept)}


@pytest.mark.parametrize(
    "changes",
    [
        {"pieces": None},
        {"rows": None},
        {"scales": None},
        {"rows": ENCODER.rows[:, :-1].copy()},
        {"rows": ENCODER.rows[:-1]},
        {"rows": ENCODER.rows.astype(np.float32)},
        {"rows": ENCODER.rows.ravel()},
        {"scales": ENCODER.scales[:-1]},
        {"scales": ENCODER.scales[:, None].copy()},
        {"scales": np.full_like(ENCODER.scales, np.nan)},
        {"scales": np.full_like(ENCODER.scales, np.inf)},
        {"scales": np.ones(len(ENCODER.scales), np.int32)},
        {"pieces": ENCODER.pieces[::-1].copy()},
        {"pieces": ENCODER.pieces.astype(np.float32)},
        {"pieces": ENCODER.pieces.astype(np.int64)},
        {"pieces": np.full_like(ENCODER.pieces, 7)},
        {"pieces": ENCODER.pieces + np.uint32(1)},  # the last is beyond the vocabulary
    ],
)
def test_a_table_that_does_not_fit_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(EncoderError, match=r"^table.safetensors .+: build the bundle again$"):
        read_static(tensors(**changes), ENCODER.description)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff" * 40, (1 << 40).to_bytes(8, "little") + b"{}", b"\x02" + bytes(7) + b"{}"],
)
def test_bytes_that_are_no_table_are_refused(content: bytes) -> None:
    contents = tensors() | {"table.safetensors": content}
    with pytest.raises(EncoderError, match=r"^table.safetensors cannot be read \("):
        read_static(contents, ENCODER.description)


def test_a_table_of_numbers_that_numpy_lacks_is_refused() -> None:
    header = b'{"pieces":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}'
    content = len(header).to_bytes(8, "little") + header + b"\0\0"
    with pytest.raises(EncoderError, match=r"^table.safetensors cannot be read \("):
        read_static(tensors() | {"table.safetensors": content}, ENCODER.description)


def test_a_table_without_rows_gives_zeros() -> None:
    empty = ENCODER.smaller(DIM, np.zeros(0, np.uint32))
    assert not empty.encode(empty.tokenizer.pieces(FRUIT)).any()
