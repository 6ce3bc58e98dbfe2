"""Token ids and their mask in; which pieces stand where, their vector and their word scores out.

What a place holds is looked up in tables that end with a row of zeros: it is taken where there is
no piece, or none that is known. Sums are float32, the bundle's are float64.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cutouts.encoders.graph import Graph
from cutouts.encoders.minilm import OnnxEncoder
from cutouts.encoders.static import StaticEncoder
from cutouts.export.onnx_model import insert_model, size_of, slice_of, unit, weighted_sum
from cutouts.heads.linear import LinearHead
from cutouts.heads.words import MAX_PIECE, SINGLE

IDS, MASK = "input_ids", "attention_mask"
INT32, INT64 = 6, 7
LOWEST = 1 << 31  # keys are kept 2**31 lower, as int32: ONNX compares no uint32


@dataclass(frozen=True, slots=True)
class Places:
    """Names of what stands at each place of a text, (batch, places)."""

    before: str  # the piece in front; anything at place 0
    pieces: str
    number: str  # (places,), from 0
    there: str  # whether there is a piece


def read_places(graph: Graph, *, bracketed: bool) -> Places:
    """Return the text's pieces; `bracketed` ids have a token that is no piece at either end."""
    count = graph.op("ReduceSum", MASK, graph.const(np.array([1])), keepdims=1)  # (batch, 1)
    ids = IDS
    if bracketed:
        count = graph.op("Sub", count, graph.const(np.array(2)))
    else:  # in front comes the first piece once more
        ids = graph.op("Concat", slice_of(graph, IDS, 0, 1), IDS, axis=1)
    pieces, before = slice_of(graph, ids, 1), slice_of(graph, ids, 0, -1)
    width = graph.op("Squeeze", size_of(graph, pieces, 1))
    number = graph.op("Range", graph.const(np.array(0)), width, graph.const(np.array(1)))
    return Places(before, pieces, number, graph.op("Less", number, count))


def static_vector(graph: Graph, encoder: StaticEncoder, places: Places) -> str:
    """Return the direction of the sum of the pieces' rows, (batch, dim)."""
    rows, dim = encoder.rows.shape
    row_of = np.full(encoder.description.vocabulary, rows, np.int32)
    row_of[encoder.pieces] = np.arange(rows)
    known = graph.op("Gather", graph.const(row_of), places.pieces)
    row = graph.op("Where", places.there, known, graph.const(np.int32(rows)))
    table = graph.const(np.concatenate([encoder.rows, np.zeros((1, dim), np.int8)]))
    scales = graph.const(np.append(encoder.scales, np.float32(0)))
    weights = graph.op("Gather", scales, row)
    total = weighted_sum(graph, weights, graph.op("Gather", table, row))
    return unit(graph, total, graph.op("ReduceSumSquare", total, axes=[-1]))


def onnx_vector(graph: Graph, encoder: OnnxEncoder) -> str:
    """Return the vector of the first tokens, (batch, dim), by the bundle's own graph."""
    most = encoder.description.max_tokens
    ids, mask = (slice_of(graph, name, 0, most) for name in (IDS, MASK))
    if (sep := encoder.description.sep) is not None:
        # A text that is cut ends with [SEP] too; in a shorter one the last place has it or is empty.
        ends = graph.const(np.append(np.zeros(most - 1, bool), True))
        ends = graph.op("Slice", ends, graph.const(np.array([0])), size_of(graph, ids, 1))
        ids = graph.op("Where", ends, graph.const(np.array(sep)), ids)
    return insert_model(graph, encoder.model, {IDS: ids, MASK: mask})


def word_scores(graph: Graph, head: LinearHead, places: Places) -> str:
    """Return what the text's pieces and pairs of neighbours say, (batch, labels).

    A feature that occurs n times in a text stands at n places, and a share of 1/n of its value is
    counted at each. So nothing is sorted or made unique, and no row is read that is not needed.
    """
    features, labels = head.rows.shape
    column = _columns_of(graph, head, places)  # (batch, 2 * places); `features` where unknown
    every = graph.op(
        "Concat", size_of(graph, IDS, 0), graph.const(np.array([features + 1])), axis=0
    )
    ones = graph.op("Expand", graph.number(1), graph.op("Shape", column))
    zeros = graph.op("ConstantOfShape", every)  # float32 zeros
    counts = graph.op("ScatterElements", zeros, column, ones, axis=1, reduction="add")
    count = graph.op("GatherElements", counts, column, axis=1)
    idf = graph.op("Gather", graph.const(np.append(head.idf, np.float32(0))), column)
    value = graph.op("Mul", graph.op("Add", graph.op("Log", count), graph.number(1)), idf)
    share = graph.op("Div", value, count)
    square = graph.op(
        "ReduceSum", graph.op("Mul", value, share), graph.const(np.array([1])), keepdims=1
    )
    scales = graph.op("Gather", graph.const(np.append(head.row_scales, np.float32(0))), column)
    rows = graph.const(np.concatenate([head.rows, np.zeros((1, labels), np.int8)]))
    weights = graph.op("Mul", share, scales)
    total = weighted_sum(graph, weights, graph.op("Gather", rows, column))
    return unit(graph, total, square)


def _columns_of(graph: Graph, head: LinearHead, places: Places) -> str:
    """Return the feature at each place: first the single pieces, then each with the one before.

    Found by halving: `position` is the last key that is not above the wanted one.
    """
    features = len(head.keys)
    size = 1 << (features - 1).bit_length()
    keys = np.full(size, np.iinfo(np.int32).max)  # no key is as high: MAX_PIECE is 0xFFFE
    keys[:features] = head.keys.astype(np.int64) - LOWEST
    table = graph.const(keys.astype(np.int32))
    single = graph.op("Add", places.pieces, graph.const(np.array((SINGLE << 16) - LOWEST)))
    pair = graph.op("Mul", places.before, graph.const(np.array(1 << 16)))
    pair = graph.op("Add", graph.op("Add", pair, places.pieces), graph.const(np.array(-LOWEST)))
    wanted = graph.op("Cast", graph.op("Concat", single, pair, axis=1), to=INT32)
    position = graph.op("Expand", graph.const(np.int32(0)), graph.op("Shape", wanted))
    half = size // 2
    while half:
        probe = graph.op("Add", position, graph.const(np.int32(half)))
        fits = graph.op("LessOrEqual", graph.op("Gather", table, probe), wanted)
        position = graph.op("Where", fits, probe, position)
        half //= 2
    found = graph.op("Equal", graph.op("Gather", table, position), wanted)
    most = graph.const(np.array(MAX_PIECE))
    there = graph.op("And", places.there, graph.op("LessOrEqual", places.pieces, most))
    inner = graph.op("And", there, graph.op("Less", graph.const(np.array(0)), places.number))
    inner = graph.op("And", inner, graph.op("LessOrEqual", places.before, most))
    known = graph.op("And", found, graph.op("Concat", there, inner, axis=1))
    column = graph.op("Where", known, position, graph.const(np.int32(features)))
    return graph.op("Cast", column, to=INT64)
