"""An encoder and real texts in, numbers out that say how close it stays to float32 MiniLM."""

from __future__ import annotations

import numpy as np

from cutouts.encoders.description import Matrix

NEIGHBOURS = 10


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
