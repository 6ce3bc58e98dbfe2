"""The encoders built from the published MiniLM: how close they stay to it."""

import numpy as np
import pytest

from cutouts.encoders import load_encoder
from cutouts.golden import TEXTS

pytestmark = pytest.mark.real


def test_int8_minilm_stays_close_to_float32() -> None:
    receipt = load_encoder("minilm").description.receipt
    assert float(receipt["mean_cosine"]) >= 0.993
    assert float(receipt["lowest_cosine"]) >= 0.97
    assert float(receipt["texts"]) >= 1000


def test_static_keeps_some_of_minilms_neighbours() -> None:
    receipt = load_encoder("static").description.receipt
    assert 0.35 <= float(receipt["neighbours_kept"]) <= 1


@pytest.mark.parametrize("name", ["static", "minilm"])
def test_texts_of_one_meaning_are_nearer_than_others(name: str) -> None:
    encoder = load_encoder(name)
    texts = ["How do I cook rice?", "Preparing rice in a pot", "The engine needs new spark plugs"]
    rice, pot, engine = encoder.encode(encoder.tokenizer.pieces(texts))
    assert rice @ pot > 0.4 > rice @ engine


@pytest.mark.parametrize("name", ["static", "minilm"])
def test_a_row_does_not_depend_on_its_batch(name: str) -> None:
    encoder = load_encoder(name)
    pieces = encoder.tokenizer.pieces(TEXTS)
    together = encoder.encode(pieces)
    for row in (0, 3, 9, len(TEXTS) - 1):
        alone = encoder.encode(pieces.take([row]))[0]
        np.testing.assert_allclose(together[row], alone, rtol=0, atol=1e-4)
