"""A corpus and label names in, a table of which text has which label out."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cutouts.corpus.rows import Corpus


def truth_of(corpus: Corpus, labels: Sequence[str]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Return which text has which label, (texts, labels), and how many of its labels are unknown."""
    column = {label: number for number, label in enumerate(labels)}
    truth = np.zeros((len(corpus.texts), len(labels)), np.bool_)
    unknown = np.zeros(len(corpus.texts), np.int64)
    for row, names in enumerate(corpus.labels):
        for name in names:
            if name in column:
                truth[row, column[name]] = True
            else:
                unknown[row] += 1
    return truth, unknown
