"""An encoder and real texts in, numbers out that say how close it stays to its original."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from tqdm import tqdm

from cutouts.encoders.description import Encoder, Matrix
from cutouts.encoders.minilm import OnnxEncoder
from cutouts.encoders.tokenizer import Pieces, Tokenizer, join
from cutouts.errors import AssetError
from cutouts.samples import read_sample

log = logging.getLogger("cutouts")

NEIGHBOURS = 10
TEXTS = 1000
CHARS = 500
MADE = "texts of pieces at random"  # what is compared where the sample cannot be had


def with_receipt(encoder: OnnxEncoder, float32: bytes, called: str) -> OnnxEncoder:
    """Return the encoder with how close its vectors of real texts are to those of `float32`."""
    texts = real_texts()
    if not texts:
        return encoder
    name = encoder.description.name
    pieces = encoder.tokenizer.pieces(texts)
    close = cosines(
        encoded(f"{name}, int8", encoder, pieces),
        encoded(f"{name}, float32", replace(encoder, model=float32), pieces),
    )
    receipt: dict[str, float | str] = {"texts": len(texts), "compared_with": called, **close}
    return replace(encoder, description=replace(encoder.description, receipt=receipt))


def encoded(title: str, encoder: Encoder, pieces: Pieces) -> Matrix:
    """Return the vectors, with progress on stderr."""
    with tqdm(total=len(pieces), desc=title, unit=" texts", file=sys.stderr, disable=None) as bar:
        return encoder.encode(pieces, bar.update)


def real_texts() -> Sequence[str]:
    """Return texts to measure on, or none (and a warning) where the sample cannot be had."""
    try:
        corpus = read_sample("20newsgroups", "test")
    except AssetError as error:
        log.warning("the encoder is not compared with its original, for want of texts: %s", error)
        return ()
    step = len(corpus.texts) // TEXTS
    return [text[:CHARS] for text in corpus.texts[::step]][:TEXTS]


def pieces_to_measure(tokenizer: Tokenizer) -> tuple[Pieces, str]:
    """Return the pieces of real texts and "", or else of made ones and a word that says so."""
    if texts := real_texts():
        return tokenizer.pieces(texts), ""
    random = np.random.default_rng(0)
    lengths = random.integers(1, 60, 200)
    made = [random.integers(0, tokenizer.vocabulary, length) for length in lengths]
    return join([ids.astype(np.uint32) for ids in made]), MADE


def cosines(vectors: Matrix, reference: Matrix) -> dict[str, float]:
    """Return the mean and the lowest cosine between rows that stand for the same text."""
    cosine = np.sum(vectors.astype(np.float64) * reference, axis=1)
    return {"mean_cosine": float(cosine.mean()), "lowest_cosine": float(cosine.min())}


def neighbours_kept(vectors: Matrix, reference: Matrix) -> float:
    """Return the share of each text's 10 nearest neighbours in `reference` that are so here too."""
    here, there = _nearest(vectors), _nearest(reference)
    kept = [len(np.intersect1d(a, b)) for a, b in zip(here, there, strict=True)]
    return float(np.mean(kept)) / here.shape[1]


def _nearest(vectors: Matrix) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Return the row numbers of each row's nearest others, (texts, 10)."""
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -np.inf)
    count = min(NEIGHBOURS, len(vectors) - 1)
    return np.argpartition(-similarity, count - 1, axis=1)[:, :count]
