"""Names of a graph's numbers in, int8 layers that answer the same on every machine out.

Weights are int8 with a scale for each output channel, activations one byte with a scale for each
token (so a vector does not depend on the other texts of its batch). Such a graph tends to answer
differently natively and in WebAssembly: both add float32 numbers in another order, the last digits
differ, now and then one rounds to the next step of a byte, and twenty-four roundings in a row
spread that to 2e-2 in a score. Two bytes per activation only dampen it, at twice the work. Here
whatever comes before a rounding is exact, so nothing is left to differ:

* Products of bytes are summed in int32.
* Queries, keys, values and attention's shares are whole numbers held in float32, so small that
  every sum stays below 2**24 and is exact in any order.
* The sums of layer normalisation are taken in float64. Their last digits are lost when the mean
  and the deviation become float32 again.
* Exponentials, which every library computes in its own way, and GELU are made of multiplications
  and additions of single numbers, which IEEE 754 leaves no choice in.

What comes after the last rounding may differ by 1e-7, and does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cutouts.encoders.graph import MICROSOFT, Graph
from cutouts.encoders.rounding import ROWS, SCALES, Matrix, Rows, quantise_rows

NARROW = 63
"""The largest weight where each is rounded by itself: two products of 255 and 63 still fit the int16
in which processors without VNNI add them up, so every processor gives the same sums."""

FINE = 128  # steps in 1 of a query, key or value; MiniLM's stay below 6, so below 768 steps
SHARES = 512  # steps of the largest share of attention
FAR = 16  # a share of exp(-16) and less is none


@dataclass(frozen=True, slots=True)
class Levels:
    """Names of an activation's bytes, (tokens, n), and of its tokens' steps; how to read a byte."""

    bytes: str
    step: str  # (tokens, 1)
    zero: int  # the byte that stands for 0


def absent(graph: Graph) -> str:
    """Return what is added to logits, (batch, 1, 1, length): 0, and far below where text ends."""
    mask = graph.op("Cast", "attention_mask", to=1)
    below = graph.op("Mul", graph.op("Sub", mask, graph.number(1)), graph.number(1e4 * FINE**2))
    return graph.op("Unsqueeze", below, graph.const(np.array([1, 2])))


def embed(graph: Graph, table: Matrix) -> str:
    """Return the table's row for each token id, (batch, length, dim), kept as int8."""
    rows, scales = quantise_rows(table)
    found = graph.op("Cast", graph.op("Gather", graph.const(rows), "input_ids"), to=1)
    return graph.op("Mul", found, graph.op("Gather", graph.const(scales[:, None]), "input_ids"))


def by_text(graph: Graph, x: str, *width: int) -> str:
    """Return (tokens, n) as (batch, length, *width)."""
    shape = graph.op("Concat", graph.op("Shape", "input_ids"), graph.const(np.array(width)), axis=0)
    return graph.op("Reshape", x, shape)


def in_steps(merged: Matrix, bias: Matrix, heads: int) -> tuple[Matrix, Matrix]:
    """Return what makes queries, keys and values, one below the other, in steps of 1 / FINE.

    Queries and keys are divided by a root of their width, as their product has to be.
    """
    width = len(merged) // 3
    root = np.sqrt(np.sqrt(width // heads))
    by = np.repeat(np.array([FINE / root, FINE / root, FINE], np.float32), width)
    return merged * by[:, None], bias * by


def attend(graph: Graph, merged: str, width: int, heads: int, absent: str) -> str:
    """Return what tokens make of each other, (tokens, width).

    `merged`, (tokens, 3 * width), has queries, keys and values side by side, as `in_steps` has it.
    """
    whole = graph.op("Round", merged)
    parts = graph.op(
        "Transpose", by_text(graph, whole, 3 * heads, width // heads), perm=[0, 2, 1, 3]
    )
    query, key, value = graph.ops("Split", parts, outputs=3, axis=1)
    logits = graph.op("MatMul", query, graph.op("Transpose", key, perm=[0, 1, 3, 2]))
    shares = _shares(graph, graph.op("Add", logits, absent))
    total = graph.op("ReduceSum", shares, graph.const(np.array([-1])), keepdims=1)
    total = graph.op("Mul", total, graph.number(FINE))
    context = graph.op("Div", graph.op("MatMul", shares, value), total)
    context = graph.op("Transpose", context, perm=[0, 2, 1, 3])
    return graph.op("Reshape", context, graph.const(np.array([-1, width])))


def _shares(graph: Graph, logits: str) -> str:
    """Return exp(logits - the row's largest) in whole steps, the largest SHARES of them.

    Logits come in steps of 1 / FINE**2. exp(d) is taken as ((1 + (1 + d/16)^2) / 2)^16, whose
    error is d^3/1536 of it: a thousandth at -1, a twentieth at -4, where the share is 0.018.
    """
    steps = FINE**2
    farthest = graph.op("ReduceMax", logits, axes=[-1], keepdims=1)
    farthest = graph.op("Sub", farthest, graph.number(FAR * steps))
    near = graph.op("Relu", graph.op("Sub", logits, farthest))  # (FAR + d) * steps
    power = graph.op("Add", graph.op("Mul", near, near), graph.number((FAR * steps) ** 2))
    power = graph.op("Mul", power, graph.number(SHARES ** (1 / 16) / (2 * (FAR * steps) ** 2)))
    for _ in range(4):
        power = graph.op("Mul", power, power)
    return graph.op("Round", power)


def quantise(graph: Graph, x: str, *, is_positive: bool = False) -> Levels:
    """Return x in steps to either side of 0, or above it, as wide as its token needs."""
    largest = graph.op("ReduceMax", graph.op("Abs", x), axes=[-1], keepdims=0)
    largest = graph.op("Max", largest, graph.number(1e-9))
    count = step_count(is_positive=is_positive)
    return levels(graph, x, largest, 0 if is_positive else count + 1, count)


def step_count(*, is_positive: bool) -> int:
    """Return how many steps a byte holds above 0, with as many below it or none."""
    return 255 if is_positive else 127


def levels(graph: Graph, x: str, largest: str, zero: int, steps: int) -> Levels:
    """Return x in so many steps from 0 to each token's `largest`; the byte `zero` stands for 0."""
    step = graph.op("Mul", largest, graph.number(1 / steps))
    zeros = graph.op("Expand", graph.const(np.uint8(zero)), graph.op("Shape", step))
    whole = graph.op("QuantizeLinear", x, step, zeros, axis=0)
    return Levels(whole, graph.op("Unsqueeze", step, graph.const(np.array([1]))), zero)


def dense(graph: Graph, x: Levels, weight: Rows, bias: Matrix, name: str = "") -> str:
    """Return x @ weight.T + bias; a named layer's constants are called after it."""
    product = graph.op(
        "MatMulIntegerToFloat",
        x.bytes,
        graph.const(weight.whole.T, name and name + ROWS),
        graph.number(1),
        graph.const(weight.scales, name and name + SCALES),
        graph.const(np.uint8(x.zero)),
        domain=MICROSOFT,
    )
    return graph.op("Add", graph.op("Mul", product, x.step), graph.const(bias))


def layer_norm(graph: Graph, x: str, scale: Matrix, shift: Matrix, epsilon: float) -> str:
    """Return x with mean 0 and deviation 1, scaled and shifted, by sums in float64."""
    double = graph.op("Cast", x, to=11)
    mean = graph.op("ReduceMean", double, axes=[-1])
    square = graph.op("ReduceSumSquare", double, axes=[-1])
    square = graph.op("Mul", square, graph.const(np.float64(1 / len(scale))))
    variance = graph.op("Sub", square, graph.op("Mul", mean, mean))
    variance = graph.op("Max", variance, graph.const(np.float64(0)))  # never -1e-17
    deviation = graph.op("Sqrt", graph.op("Add", variance, graph.const(np.float64(epsilon))))
    inverse = graph.op("Cast", graph.op("Reciprocal", deviation), to=1)
    x = graph.op("Mul", graph.op("Sub", x, graph.op("Cast", mean, to=1)), inverse)
    return graph.op("Add", graph.op("Mul", x, graph.const(scale)), graph.const(shift))
