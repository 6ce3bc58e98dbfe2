"""MiniLM in, a table with one row per word piece out: the recipe of Model2Vec, then a regression.

Every piece goes through the model alone, principal components take the 384 numbers down to fewer,
and frequent pieces count less, by smooth inverse frequency under Zipf's law (Arora et al. 2017;
Tulkens and van Dongen 2024, Model2Vec). A piece alone tells little of what it does in a text, so
the rows are then moved until the sums of short passages point where MiniLM puts these passages
(ridge regression, Hoerl and Kennard 1970, towards the first rows instead of zero).
`bench/static_recipe.py` shows what the constants and the regression are worth in neighbours of
MiniLM that are kept.
"""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from cutouts.encoders.description import Matrix
from cutouts.encoders.tokenizer import Pieces, join

DIM = 192  # the whole vocabulary then fits a bundle of 8 MB, words and tokenizer included
SMOOTHING = 3e-5  # how soon a frequent piece counts less; Arora's a
FLATTENING = 0.25  # the largest components are divided by this power of their spread
HOLD = 2.0  # how strongly a row is held where it was; 1 to 4 keep equally much, 20 less
STEPS = 20  # of the solver; from 15 on the rows hardly move

Numbers = NDArray[np.float64]


def pieces_with_rows(tokenizer_json: bytes) -> NDArray[np.uint32]:
    """Return the ids that can occur in a text: neither special nor reserved, sorted."""
    description = json.loads(tokenizer_json)
    special = {token["id"] for token in description["added_tokens"]}
    vocabulary: dict[str, int] = description["model"]["vocab"]
    ids = [i for piece, i in vocabulary.items() if i not in special and piece[:7] != "[unused"]
    return np.sort(np.array(ids, np.uint32))


def alone(pieces: NDArray[np.uint32]) -> Pieces:
    """Return one text per piece that holds this piece only."""
    return join([pieces[i : i + 1] for i in range(len(pieces))])


def components(vectors: Matrix, dim: int = DIM, *, flattening: float = FLATTENING) -> Matrix:
    """Return the widest directions of the pieces' vectors, (dim, 384), the widest first."""
    _, spread, axes = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    axes = axes[:dim] * np.sign(axes[:dim].sum(axis=1, keepdims=True))  # the same on every machine
    return np.asarray(axes * (spread[:dim, None] / spread[0]) ** -flattening, np.float32)


def zipf(count: int) -> Numbers:
    """Return the probability of each piece by its rank, (pieces,), as Zipf's law has it."""
    rank = np.arange(1, count + 1)
    return np.asarray(1 / rank / np.sum(1 / rank))


def distil(
    vectors: Matrix,
    axes: Matrix,
    *,
    smoothing: float = SMOOTHING,
    probability: Numbers | None = None,
) -> Matrix:
    """Return the table's first rows, (pieces, dim), from the model's vector of each piece alone.

    Without a `probability` of each piece they are in the order of the vocabulary, which MiniLM's
    authors sorted by frequency.
    """
    if probability is None:
        probability = zipf(len(vectors))
    weight = smoothing / (smoothing + probability)
    centred = vectors - vectors.mean(axis=0)
    return np.asarray((centred @ axes.T) * weight[:, None], np.float32)


def fit_rows(rows: Matrix, counts: sparse.csr_array, vectors: Matrix, axes: Matrix) -> Matrix:
    """Return the rows, (pieces, dim), moved until sums over passages are like MiniLM's vectors.

    `counts`, (passages, pieces), says how often each passage holds each piece, and `vectors`,
    (passages, 384), what MiniLM makes of it. A piece that no passage holds keeps its row.
    """
    wanted = _unit((vectors - vectors.mean(axis=0)).astype(np.float64) @ axes.T)
    first = rows.astype(np.float64)
    sums = counts @ first
    lengths = np.linalg.norm(sums, axis=1)
    shares = sparse.diags_array(1 / np.where(lengths == 0, 1, lengths)) @ counts
    moved = _ridge(shares.tocsr(), wanted - _unit(sums))
    return np.asarray(first + moved, np.float32)


def _unit(matrix: Numbers) -> Numbers:
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / np.where(lengths == 0, 1, lengths))


def _ridge(matrix: sparse.csr_array, wanted: Numbers) -> Numbers:
    """Return the x that makes |matrix @ x - wanted|^2 + HOLD |x|^2 least, column by column.

    Conjugate gradients with a diagonal preconditioner (Shewchuk 1994): frequent pieces stand in
    thousands of passages and rare ones in a few, which plain steps would take long to even out.
    """
    back = matrix.T.tocsr()
    diagonal = np.asarray(back.multiply(back).sum(axis=1)).reshape(-1, 1) + HOLD
    found = np.zeros((matrix.shape[1], wanted.shape[1]))
    rest = back @ wanted
    step = scaled = rest / diagonal
    size = np.sum(rest * scaled, axis=0)
    for _ in range(STEPS):
        seen = back @ (matrix @ step) + HOLD * step
        far = size / np.maximum(np.sum(step * seen, axis=0), 1e-300)
        found += far * step
        rest -= far * seen
        scaled = rest / diagonal
        before, size = size, np.sum(rest * scaled, axis=0)
        step = scaled + size / np.maximum(before, 1e-300) * step
    return found
