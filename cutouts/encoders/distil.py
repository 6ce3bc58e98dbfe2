"""MiniLM in, a table with one row per word piece out: the recipe of Model2Vec.

Every piece goes through the model alone, principal components take the 384 numbers down to fewer,
and frequent pieces count less, by smooth inverse frequency under Zipf's law (Arora et al. 2017;
Tulkens and van Dongen 2024, Model2Vec). `bench/static_recipe.py` shows what each of the
three constants below is worth in neighbours of MiniLM that are kept.
"""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray

from cutouts.encoders.description import Matrix
from cutouts.encoders.tokenizer import Pieces, join

DIM = 192  # the whole vocabulary then fits a bundle of 8 MB, words and tokenizer included
SMOOTHING = 3e-5  # how soon a frequent piece counts less; Arora's a
FLATTENING = 0.25  # the largest components are divided by this power of their spread


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


def distil(
    vectors: Matrix, dim: int = DIM, *, smoothing: float = SMOOTHING, flattening: float = FLATTENING
) -> Matrix:
    """Return the table's rows, (pieces, dim), from the model's vector of each piece, (pieces, 384).

    Pieces are in the order of the vocabulary, which MiniLM's authors sorted by frequency.
    """
    centred = vectors - vectors.mean(axis=0)
    _, spread, axes = np.linalg.svd(centred, full_matrices=False)
    axes = axes[:dim] * np.sign(axes[:dim].sum(axis=1, keepdims=True))  # the same on every machine
    axes *= (spread[:dim, None] / spread[0]) ** -flattening
    rank = np.arange(1, len(vectors) + 1)
    probability = 1 / rank / np.sum(1 / rank)
    weight = smoothing / (smoothing + probability)
    return np.asarray((centred @ axes.T) * weight[:, None], np.float32)
