"""Word features and a vector in, one score per label out: one linear layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutouts.encoders.tokenizer import Pieces
from cutouts.errors import HeadError
from cutouts.heads.words import Keys, word_matrix

Matrix = NDArray[np.float32]
Scores = NDArray[np.float64]  # (texts, labels)

KIND = "linear"
TENSORS = ("keys", "idf", "rows", "row_scales", "vector_weights", "bias")


@dataclass(frozen=True, slots=True)
class LinearHead:
    """Scores that are linear in a text's words and in its vector."""

    keys: Keys  # (features,), sorted
    idf: NDArray[np.float32]  # (features,)
    rows: NDArray[np.int8]  # (features, labels)
    row_scales: NDArray[np.float32]  # (features,)
    vector_weights: Matrix  # (labels, dim)
    bias: NDArray[np.float32]  # (labels,)

    def scores(self, pieces: Pieces, vectors: Matrix) -> Scores:
        """Return one raw score per text and label, (texts, labels)."""
        words = word_matrix(pieces, self.keys, self.idf)
        weights = self.rows.astype(np.float64) * self.row_scales[:, None]
        meaning = vectors.astype(np.float64) @ self.vector_weights.astype(np.float64).T
        return np.asarray(words @ weights) + meaning + self.bias

    def tensors(self) -> dict[str, NDArray[np.generic]]:
        """Return the weights by name, as head.safetensors holds them."""
        return {name: getattr(self, name) for name in TENSORS}

    def layers(self) -> None:
        """Return nothing: a linear head has no layers to list."""


def linear_head(
    keys: Keys, idf: NDArray[np.float32], weights: Matrix, vector_weights: Matrix, bias: Matrix
) -> LinearHead:
    """Return the head with these word weights, (features, labels), rounded to int8 per feature."""
    largest = np.abs(weights).max(axis=1, initial=0)
    scales = (np.maximum(largest, 1e-12) / 127).astype(np.float32)
    rows = np.rint(weights / scales[:, None]).clip(-127, 127).astype(np.int8)
    return LinearHead(
        keys,
        idf.astype(np.float32),
        rows,
        scales,
        vector_weights.astype(np.float32),
        bias.astype(np.float32),
    )


def read_linear(tensors: Mapping[str, NDArray[np.generic]], labels: int, dim: int) -> LinearHead:
    """Return the head with these tensors; raise HeadError when they do not fit each other."""
    try:
        head = LinearHead(*(np.asarray(tensors[name]) for name in TENSORS))
    except KeyError as missing:
        raise HeadError(
            f"the head has no tensor {missing.args[0]!r}: build the bundle again"
        ) from None
    features = len(head.keys)
    expected = {
        "keys": ("uint32", (features,)),
        "idf": ("float32", (features,)),
        "rows": ("int8", (features, labels)),
        "row_scales": ("float32", (features,)),
        "vector_weights": ("float32", (labels, dim)),
        "bias": ("float32", (labels,)),
    }
    for name, (kind, shape) in expected.items():
        found = np.asarray(tensors[name])
        if found.dtype != kind or found.shape != shape:
            raise HeadError(
                f"tensor {name!r} of the head is {found.dtype} {found.shape}, "
                f"expected {kind} {shape}: build the bundle again"
            )
        if not np.isfinite(found).all():
            raise HeadError(
                f"tensor {name!r} of the head holds numbers that are not finite: "
                "build the bundle again"
            )
    if np.any(np.diff(head.keys.astype(np.int64)) <= 0):
        raise HeadError("the keys of the head are not sorted: build the bundle again")
    return head


def bytes_per_feature(labels: int) -> int:
    """Return what one word feature costs: key, idf, scale, and an int8 per label."""
    return 12 + labels
