"""Weights and texts to go through them in, int8 rows out, whose roundings make up for each other.

Each weight at its nearest step is best when the inputs of a layer have nothing to do with each
other. They have: some are nearly always positive, some rise and fall together. So the weights of a
row are rounded one after the other, and each takes over what the ones before it owe, as far as its
input stands for theirs (GPTQ, Frantar et al. 2022; as a factorisation, Chee et al. 2023, QuIP).

The same weights give the same bytes on every machine: what goes into the layers is counted in whole
numbers, whose sums are exact, and everything after that is made of single multiplications and
additions in a fixed order.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

Matrix = NDArray[np.float32]
Wide = NDArray[np.float64]

LARGEST = 127  # of a weight
LARGEST_PAIR = 128
"""Of two neighbours of one sign: 255 times that still fits the int16 in which processors without
VNNI add up two products."""
DAMPING = 0.01  # of the mean square of the inputs, added to each; as published
ROWS, SCALES = ".rows", ".scales"  # end the names of a layer's constants in its graph


class Rows(NamedTuple):
    """`whole * scales[:, None]` is close to the weights."""

    whole: NDArray[np.int8]  # (outputs, inputs)
    scales: Matrix  # (outputs,)


def quantise_rows(matrix: Matrix, largest: int = LARGEST) -> Rows:
    """Return `matrix` in int8, each number by itself, in as many steps as its row's largest has."""
    scales = np.maximum(np.abs(matrix).max(axis=1), 1e-12) / largest
    return Rows(np.rint(matrix / scales[:, None]).astype(np.int8), scales.astype(np.float32))


def rounded(weight: Matrix, together: Wide | None = None) -> Rows:
    """Return `weight`, (outputs, inputs), in int8.

    `together`, (inputs, inputs), holds the sums of products of each two inputs over texts;
    without it, each weight is rounded by itself.
    """
    scales = _scales(weight)
    wanted = np.ascontiguousarray((weight / scales[:, None].astype(np.float64)).T)
    debts = np.zeros((len(wanted), len(wanted))) if together is None else _debts(together)
    whole, owed = np.zeros_like(wanted), np.zeros_like(wanted)
    for place, steps in enumerate(wanted):
        before = whole[place - 1] if place % 2 else np.zeros_like(steps)
        highest = np.minimum(LARGEST, LARGEST_PAIR - np.maximum(before, 0))
        lowest = np.maximum(-LARGEST, -LARGEST_PAIR - np.minimum(before, 0))
        whole[place] = np.clip(np.rint(steps + owed[place]), lowest, highest)
        owed[place + 1 :] += np.multiply.outer(debts[place + 1 :, place], steps - whole[place])
    return Rows(np.ascontiguousarray(whole.T).astype(np.int8), scales)


def _scales(weight: Matrix) -> Matrix:
    """Return the smallest step of each row with which single weights and pairs stay in range."""
    one, other = weight[:, 0::2], weight[:, 1::2]
    pairs = [np.maximum(sign * one, 0) + np.maximum(sign * other, 0) for sign in (1, -1)]
    pair, single = np.maximum(*pairs).max(axis=1), np.abs(weight).max(axis=1)
    steps = np.maximum(np.maximum(single / LARGEST, pair / LARGEST_PAIR), 1e-12)
    return np.asarray(steps, np.float32)


def _debts(together: Wide) -> Wide:
    """Return below the diagonal how much of an input's error each later input has to make up for.

    It is M of together = M' D M, where M is 1 on the diagonal and 0 above it, and D is diagonal:
    the squared error of a row is then a sum over its places, each of which has a weight of its own
    to lessen it.
    """
    rest: Wide = together + DAMPING * together.diagonal().mean() * np.eye(len(together))
    debts = np.zeros_like(rest)
    for place in range(len(rest) - 1, 0, -1):
        debts[place, :place] = rest[place, :place] / rest[place, place]
        rest[:place, :place] -= np.multiply.outer(debts[place, :place], rest[place, :place])
    return debts


def read_rows(model: bytes) -> Mapping[str, Rows]:
    """Return the int8 layers of a graph of `exact` by name."""
    import onnx

    graph = onnx.load_from_string(model).graph
    found = {one.name: one for one in graph.initializer}
    read = onnx.numpy_helper.to_array
    return {
        name: Rows(np.ascontiguousarray(read(one).T), read(found[name + SCALES]))
        for whole, one in found.items()
        if (name := whole.removesuffix(ROWS)) != whole
    }


def seen_together(
    name: str, model: bytes, texts: Sequence[NDArray[np.int64]]
) -> Mapping[str, Wide]:
    """Return, by layer of a graph of `exact`, the sums of products of each two of its inputs.

    `texts` are rows of ids, (texts of a batch, length). Inputs are counted in their bytes' steps,
    so each token of a text counts alike.
    """
    import onnx
    import onnxruntime

    graph = onnx.load_from_string(model)
    products = [node for node in graph.graph.node if node.op_type == "MatMulIntegerToFloat"]
    constants = {one.name: one for one in graph.graph.initializer}
    inputs = {node.input[1].removesuffix(ROWS): node.input[0] for node in products}
    zeros = [int(onnx.numpy_helper.to_array(constants[node.input[4]])) for node in products]
    # A layer's bytes are the input of no other, so each is an output once.
    graph.graph.output.extend(
        onnx.helper.make_empty_tensor_value_info(one) for one in inputs.values()
    )
    session = onnxruntime.InferenceSession(
        graph.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    sums: dict[str, Wide] = {}
    title = f"{name}, what its layers take in"
    for ids in tqdm(texts, desc=title, unit=" batches", file=sys.stderr, disable=None):
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        for layer, zero, found in zip(
            inputs, zeros, session.run(list(inputs.values()), feed), strict=True
        ):
            steps = found.astype(np.float64) - zero
            sums[layer] = sums.get(layer, 0) + steps.T @ steps
    return sums
