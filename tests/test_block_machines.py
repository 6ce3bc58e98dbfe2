"""Machines fitted block by block: where they arrive, and that single steps are what they take."""

import numpy as np
import pytest
from scipy import sparse

from cutouts.heads import block_machines
from cutouts.heads.block_machines import Block, BlockMachines
from cutouts.heads.machines import fit_machines

COST = 0.5
ROWS = 150


def evidence() -> tuple[sparse.csr_array, np.ndarray, np.ndarray]:
    """Return words with an empty row, vectors, and four labels with some noise."""
    random = np.random.default_rng(0)
    words = random.random((ROWS, 12)) * (random.random((ROWS, 12)) < 0.3)
    words[7] = words[-1] = 0
    vectors = random.normal(size=(ROWS, 5))
    goal = words @ random.normal(size=(12, 4)) + vectors @ random.normal(size=(5, 4))
    return sparse.csr_array(words), vectors, goal + random.normal(size=goal.shape) > 0.5


def blocks(count: int) -> list[Block]:
    words, vectors, truth = evidence()
    parts = np.array_split(np.arange(ROWS), count)
    return [Block(words[rows], vectors[rows], truth[rows]) for rows in parts]


def fitted(parts: list[Block], passes: int) -> BlockMachines:
    machines = BlockMachines(12, 5, 4, COST)
    pulls = [np.zeros(part.truth.shape, np.float32) for part in parts]
    for number in range(passes):
        for part, pull in zip(parts, pulls, strict=True):
            order = np.random.default_rng(number).permutation(len(part.truth))
            machines.learn(part, pull, order)
    return machines


def loss(weights: np.ndarray, bias: np.ndarray) -> float:
    """Return what the machines are to make small, all labels together."""
    words, vectors, truth = evidence()
    scores = words @ weights[:12] + vectors @ weights[12:] + bias
    wrong = np.maximum(0, 1 - np.where(truth, 1, -1) * scores)
    return float(((weights**2).sum() + (bias**2).sum()) / 2 + COST * (wrong**2).sum())


def test_passes_over_blocks_come_to_the_machines_of_a_fit_to_all() -> None:
    words, vectors, truth = evidence()
    both = sparse.hstack([words, sparse.csr_array(vectors)], format="csr")
    both.indices, both.indptr = both.indices.astype(np.int32), both.indptr.astype(np.int32)
    wanted = loss(*fit_machines(both, truth, COST))
    for count in (1, 4):
        machines = fitted(blocks(count), 300)
        reached = loss(np.vstack([machines.words, machines.meaning]), machines.bias)
        assert reached <= wanted  # whose solver stops a little earlier


def test_rows_taken_together_move_the_weights_as_single_ones_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    together = fitted(blocks(2), 3)
    monkeypatch.setattr(block_machines, "AT_ONCE", 1)
    single = fitted(blocks(2), 3)
    assert np.allclose(together.words, single.words, atol=1e-6)
    assert np.allclose(together.meaning, single.meaning, atol=1e-6)
    assert np.allclose(together.bias, single.bias, atol=1e-6)


def test_pulls_change_ever_less_from_pass_to_pass() -> None:
    (block,) = blocks(1)
    machines, pulls = BlockMachines(12, 5, 4, COST), np.zeros((ROWS, 4), np.float32)
    moved = [machines.learn(block, pulls, np.arange(ROWS)) for _ in range(30)]
    assert moved[-1] < moved[0] / 10
    assert (pulls >= 0).all()
