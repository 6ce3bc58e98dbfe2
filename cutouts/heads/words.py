"""Word pieces in, word features out: single pieces and pairs of neighbours, counted per text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from cutouts.encoders.tokenizer import Pieces

SINGLE = 0xFFFF  # the first half of a key that stands for a single piece
MAX_PIECE = 0xFFFE  # the largest piece id that a key can hold

Keys = NDArray[np.uint32]  # (features,), sorted


def count_words(pieces: Pieces) -> tuple[NDArray[np.int64], Keys, NDArray[np.int64]]:
    """Return each text's distinct features: text numbers, keys and counts, ordered by both.

    A single piece b has the key 0xFFFF0000 + b, two neighbours a b have a * 65536 + b. A piece
    above MAX_PIECE has none, nor has a pair with it.
    """
    ids = pieces.ids.astype(np.uint64)
    texts = pieces.texts().astype(np.uint64)
    held = ids <= MAX_PIECE
    neighbours = (texts[1:] == texts[:-1]) & held[1:] & held[:-1]
    pairs = (ids[:-1] << 16 | ids[1:])[neighbours]
    keys = np.concatenate([ids[held] + (SINGLE << 16), pairs])
    where = np.concatenate([texts[held], texts[1:][neighbours]])
    both, counts = np.unique(where << 32 | keys, return_counts=True)
    return (both >> 32).astype(np.int64), both.astype(np.uint32), counts


def word_matrix(pieces: Pieces, keys: Keys, idf: NDArray[np.float32]) -> sparse.csr_array:
    """Return sublinear tf-idf over `keys`, (texts, features) in float64, rows of length 1 or 0."""
    texts, found, counts = count_words(pieces)
    columns = np.searchsorted(keys, found)
    columns[columns == len(keys)] = 0
    known = keys[columns] == found if len(keys) else np.zeros(len(found), bool)
    texts, columns, counts = texts[known], columns[known], counts[known]
    values = (1 + np.log(counts)) * idf.astype(np.float64)[columns]
    shape = (len(pieces), len(keys))
    where = (texts.astype(np.int32), columns.astype(np.int32))  # the solver takes no wider index
    return unit_rows(sparse.csr_array((values, where), shape=shape))


def unit_rows(matrix: sparse.csr_array) -> sparse.csr_array:
    """Return the matrix with each row scaled to length 1; a row of zeros stays."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    lengths = np.sqrt(np.bincount(rows, matrix.data**2, minlength=matrix.shape[0]))
    scaled = matrix.copy()
    scaled.data /= lengths[rows]
    return scaled


def document_frequency(pieces: Pieces) -> tuple[Keys, NDArray[np.int64]]:
    """Return all features of the texts, sorted, and the number of texts that hold each."""
    _, keys, _ = count_words(pieces)
    return np.unique(keys, return_counts=True)


def inverse_document_frequency(texts: int, frequency: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the smoothed idf of each feature: ln((1 + n) / (1 + df)) + 1."""
    return (np.log((1 + texts) / (1 + frequency)) + 1).astype(np.float32)
