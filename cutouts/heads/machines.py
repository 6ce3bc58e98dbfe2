"""A sparse matrix of texts and true labels in, one linear machine's weights per label out."""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

TOLERANCE = 0.1  # of the solver; a tenth or a hundredth of it gave the same accuracy
MAX_PASSES = 20_000
WORTH_SHARING = 20_000_000  # entries times labels from which on a second process pays

Weights = NDArray[np.float64]


def fit_machines(
    matrix: sparse.csr_array, truth: NDArray[np.bool_], cost: float
) -> tuple[Weights, Weights]:
    """Return weights, (columns, labels), and one bias per label.

    Each label has a support vector machine with squared hinge loss (Fan et al. 2008, LIBLINEAR),
    fitted on all cores where there is enough to do: the solver keeps the interpreter's lock, so
    that takes processes.
    """
    labels = range(truth.shape[1])
    if matrix.nnz * truth.shape[1] < WORTH_SHARING or (os.cpu_count() or 1) == 1:
        fitted = [_fit_label(matrix, truth[:, label], cost) for label in labels]
    else:
        from joblib import Parallel, delayed

        share = Parallel(n_jobs=os.cpu_count(), batch_size=1)
        fitted = share(delayed(_fit_label)(matrix, truth[:, label], cost) for label in labels)
    weights, bias = zip(*fitted, strict=True)
    return np.stack(weights, axis=1), np.array(bias)


def _fit_label(
    matrix: sparse.csr_array, truth: NDArray[np.bool_], cost: float
) -> tuple[Weights, float]:
    from sklearn.svm import LinearSVC

    if truth.all() or not truth.any():  # a label that this part lacks, or that is everywhere
        return np.zeros(matrix.shape[1]), 1.0 if truth.all() else -1.0
    machine = LinearSVC(C=cost, tol=TOLERANCE, dual=True, max_iter=MAX_PASSES, random_state=0)
    machine.fit(matrix, truth)
    return machine.coef_[0], float(machine.intercept_[0])
