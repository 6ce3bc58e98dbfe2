"""Blocks of texts in, one after another; one linear machine's weights per label out.

The machines are those of `fit_machines`: squared hinge loss, one per label. They are found by dual
coordinate descent (Hsieh et al. 2008, which LIBLINEAR uses) on one block at a time (Yu et al. 2012,
"Large linear classification when data cannot fit in memory"): what a text pulls at the weights is
remembered from pass to pass, so that passes come to the same machines as a fit to all texts at once,
in whatever order the texts lie, and there is no learning rate to choose.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

AT_ONCE = 128  # rows whose products with each other are computed together

Weights = NDArray[np.float64]
Pulls = NDArray[np.float32]  # (texts, labels): the dual variables, none below 0


@dataclass(frozen=True, slots=True)
class Block:
    """Texts that are in memory together, in the terms of the machines."""

    words: sparse.csr_array  # (texts, features)
    vectors: Weights  # (texts, dim), times the vector's weight
    truth: NDArray[np.bool_]  # (texts, labels)


class BlockMachines:
    """One support vector machine per label, fitted block by block."""

    def __init__(self, features: int, dim: int, labels: int, cost: float) -> None:
        """Begin with weights of zero, which is where pulls of zero lead."""
        self.words: Weights = np.zeros((features, labels))
        self.meaning: Weights = np.zeros((dim, labels))
        self.bias: Weights = np.zeros(labels)
        self._softness = 1 / (2 * cost)  # what squared hinge loss adds to the diagonal

    def scores(self, block: Block) -> Weights:
        """Return raw scores, (texts, labels)."""
        return np.asarray(block.words @ self.words + block.vectors @ self.meaning + self.bias)

    def learn(self, block: Block, pulls: Pulls, rows: NDArray[np.int64]) -> float:
        """Move the weights by each of these rows in turn, and change their `pulls` in place.

        Returns by how much all pulls together have changed.
        """
        return sum(
            self._learn_few(block, pulls, rows[start : start + AT_ONCE])
            for start in range(0, len(rows), AT_ONCE)
        )

    def _learn_few(self, block: Block, pulls: Pulls, rows: NDArray[np.int64]) -> float:
        """Take a few rows, one after another; what one does to the next is in their products.

        The result is that of single steps; the weights are read and written once for all of them.
        """
        words, columns = _narrowed(block.words[rows])
        rest = np.column_stack(
            [block.vectors[rows], np.ones(len(rows))]
        )  # the bias is a number too
        of_words, of_rest = self.words[columns], np.vstack([self.meaning, self.bias])
        scores = words @ of_words + rest @ of_rest  # (rows, labels), before any of these steps
        products = (words @ words.T).toarray() + rest @ rest.T  # (rows, rows)
        signs = np.where(block.truth[rows], 1.0, -1.0)
        curvature = products.diagonal() + self._softness
        before = pulls[rows].astype(np.float64)
        steps = np.zeros_like(scores)
        for row in range(len(rows)):
            score = scores[row] + products[row, :row] @ steps[:row]
            slope = signs[row] * score - 1 + self._softness * before[row]
            pulled = np.maximum(before[row] - slope / curvature[row], 0).astype(np.float32)
            pulls[rows[row]] = pulled
            steps[row] = signs[row] * (pulled - before[row])
        self.words[columns] = of_words + words.T @ steps
        self.meaning += rest[:, :-1].T @ steps
        self.bias += steps.sum(axis=0)
        return float(np.abs(steps).sum())


def _narrowed(words: sparse.csr_array) -> tuple[sparse.csr_array, NDArray[np.int64]]:
    """Return the columns that hold something, and their numbers."""
    columns, places = np.unique(words.indices, return_inverse=True)
    shape = (words.shape[0], len(columns))
    return sparse.csr_array((words.data, places, words.indptr), shape=shape), columns
