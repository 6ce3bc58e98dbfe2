"""MiniLM's weights in, ONNX graphs out: plain float32 to compare with, and fused int8 to ship.

The graphs are written node by node, so neither torch nor transformers is needed. In the int8 graph
weights have one scale per output channel, and each activation is two bytes, multiplied apart:
whole steps of its token's scale, and the rest in steps 254 times finer. With one byte, Python and a
browser disagreed by up to 2e-2 in a score: their last float32 digits differ, so now and then a
number rounds to the next step, a step is large, and twenty-four roundings in a row spread it. With
two bytes a step is small enough not to matter. The scale is the token's and not the tensor's, so a
text's vector does not depend on the other texts of its batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Weights = Mapping[str, NDArray[np.float32]]

HEADS = 12
EPSILON = 1e-12  # of MiniLM's layer normalisations
LARGEST_WEIGHT = 63
"""Weights take 7 of their 8 bits: two products of 255 and 63 still fit the int16 in which
processors without VNNI add them up, so every processor gives the same sums."""

FINER = 254  # steps of the second byte in one step of the first

MICROSOFT = "com.microsoft"  # the domain of onnxruntime's fused operators


@dataclass(slots=True)
class Graph:
    """Nodes and constants collected in order; `op` and `const` return the name of what they add."""

    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)

    def const(self, array: NDArray[Any] | np.generic) -> str:
        from onnx import numpy_helper

        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array, order="C"), name))
        return name

    def op(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        return self.ops(kind, *inputs, domain=domain, **attributes)[0]

    def ops(
        self, kind: str, *inputs: str, outputs: int = 1, domain: str = "", **attributes: Any
    ) -> list[str]:
        from onnx import helper

        names = [f"n{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, domain=domain, **attributes))
        return names

    def model(self, output: str, dim: int) -> bytes:
        """Return the serialised model that ends in `output`, renamed sentence_embedding."""
        from onnx import TensorProto, checker, helper

        self.nodes.append(helper.make_node("Identity", [output], ["sentence_embedding"]))
        shape = ["batch", "length"]
        graph = helper.make_graph(
            self.nodes,
            "minilm",
            [
                helper.make_tensor_value_info("input_ids", TensorProto.INT64, shape),
                helper.make_tensor_value_info("attention_mask", TensorProto.INT64, shape),
            ],
            [
                helper.make_tensor_value_info(
                    "sentence_embedding", TensorProto.FLOAT, ["batch", dim]
                )
            ],
            initializer=self.constants,
        )
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid(MICROSOFT, 1)]
        model = helper.make_model(
            graph, opset_imports=opsets, ir_version=8, producer_name="cutouts"
        )
        checker.check_model(model)
        return bytes(model.SerializeToString())


@dataclass(frozen=True, slots=True)
class Levels:
    """Names of an activation's two bytes around 128, the steps of each, and its tokens' scales."""

    whole: str  # (batch, length, n)
    one: str
    rest: str  # (batch, length, n)
    finer: str
    scale: str  # (batch, length, 1)


def int8_graph(weights: Weights) -> bytes:
    """Return the graph that ships: int8 weights per channel, activations of two bytes, fused."""
    graph = Graph()
    x = _embed_int8(graph, weights)
    padding = graph.op("Cast", "attention_mask", to=6)  # int32, as MultiHeadAttention wants it
    for layer in range(layer_count(weights)):
        x = _block_int8(graph, weights, f"encoder.layer.{layer}.", x, padding)
    mask = graph.op("Cast", "attention_mask", to=1)
    return graph.model(_pool(graph, x, mask), x_dim(weights))


def float32_graph(weights: Weights) -> bytes:
    """Return the same model with standard operators only, in float32, as exporters write it."""
    graph = Graph()
    rows = graph.op(
        "Gather", graph.const(weights["embeddings.word_embeddings.weight"]), "input_ids"
    )
    types = weights["embeddings.token_type_embeddings.weight"][:1]
    positions = _positions(graph, weights["embeddings.position_embeddings.weight"])
    x = graph.op("Add", graph.op("Add", rows, graph.const(types)), positions)
    x = _layer_norm(graph, x, weights, "embeddings.LayerNorm")
    mask = graph.op("Cast", "attention_mask", to=1)
    # (batch, length) -> (batch, 1, 1, length): 0 where there is text, -10000 where there is padding
    absent = graph.op("Sub", mask, graph.const(np.float32(1)))
    bias = graph.op("Mul", absent, graph.const(np.float32(10_000)))
    bias = graph.op("Unsqueeze", bias, graph.const(np.array([1, 2], np.int64)))
    for layer in range(layer_count(weights)):
        x = _block_float32(graph, weights, f"encoder.layer.{layer}.", x, bias)
    return graph.model(_pool(graph, x, mask), x_dim(weights))


def layer_count(weights: Weights) -> int:
    """Return the number of transformer blocks."""
    return sum(name.endswith(".attention.self.query.weight") for name in weights)


def x_dim(weights: Weights) -> int:
    """Return the width of the hidden state."""
    return int(weights["embeddings.word_embeddings.weight"].shape[1])


def quantise_rows(
    matrix: NDArray[np.float32], largest: int = 127
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return int8 rows and one scale per row: `rows * scales[:, None]` is close to `matrix`."""
    scales = np.maximum(np.abs(matrix).max(axis=1), 1e-12) / largest
    rows = np.rint(matrix / scales[:, None]).astype(np.int8)
    return rows, scales.astype(np.float32)


def _positions(graph: Graph, table: NDArray[np.float32]) -> str:
    length = graph.op("Gather", graph.op("Shape", "input_ids"), graph.const(np.array([1])))
    start = graph.const(np.array([0]))
    return graph.op("Slice", graph.const(table), start, length, start)  # (length, dim)


def _embed_int8(graph: Graph, weights: Weights) -> str:
    rows, scales = quantise_rows(weights["embeddings.word_embeddings.weight"])
    words = graph.op("Cast", graph.op("Gather", graph.const(rows), "input_ids"), to=1)
    x = graph.op("Mul", words, graph.op("Gather", graph.const(scales[:, None]), "input_ids"))
    # There is one segment only, so its embedding is added to every position here, once.
    table = weights["embeddings.position_embeddings.weight"]
    table = table + weights["embeddings.token_type_embeddings.weight"][0]
    return _skip_norm(graph, x, _positions(graph, table), weights, "embeddings.LayerNorm")


def _quantise(graph: Graph, x: str) -> Levels:
    """Return x in steps of its token's scale: whole ones, and what they leave over."""
    zero, one = graph.const(np.uint8(128)), graph.const(np.float32(1))
    finer = graph.const(np.float32(1 / FINER))
    largest = graph.op("ReduceMax", graph.op("Abs", x), axes=[-1], keepdims=1)
    largest = graph.op("Max", largest, graph.const(np.float32(1e-9)))
    steps = graph.op("Mul", x, graph.op("Div", graph.const(np.float32(127)), largest))
    whole = graph.op("QuantizeLinear", steps, one, zero)
    rest = graph.op("Sub", steps, graph.op("DequantizeLinear", whole, one, zero))
    scale = graph.op("Mul", largest, graph.const(np.float32(1 / 127)))
    return Levels(whole, one, graph.op("QuantizeLinear", rest, finer, zero), finer, scale)


def _dense_int8(graph: Graph, x: Levels, weight: NDArray[np.float32]) -> str:
    """Return x @ weight.T without bias; the operators that follow add it."""
    rows, scales = quantise_rows(weight, LARGEST_WEIGHT)
    right, right_scales = graph.const(rows.T), graph.const(scales)
    zero = graph.const(np.uint8(128))
    products = [
        graph.op("MatMulIntegerToFloat", left, right, step, right_scales, zero, domain=MICROSOFT)
        for left, step in ((x.whole, x.one), (x.rest, x.finer))
    ]
    return graph.op("Mul", graph.op("Add", *products), x.scale)


def _block_int8(graph: Graph, weights: Weights, name: str, x: str, padding: str) -> str:
    parts = [f"{name}attention.self.{part}" for part in ("query", "key", "value")]
    merged = np.concatenate([weights[f"{part}.weight"] for part in parts])
    merged_bias = np.concatenate([weights[f"{part}.bias"] for part in parts])
    qkv = _dense_int8(graph, _quantise(graph, x), merged)
    query, key, value = graph.ops("Split", qkv, outputs=3, axis=-1)
    context = graph.op(
        "MultiHeadAttention",
        query,
        key,
        value,
        graph.const(merged_bias),
        padding,
        domain=MICROSOFT,
        num_heads=HEADS,
    )
    out = f"{name}attention.output"
    y = _dense_int8(graph, _quantise(graph, context), weights[f"{out}.dense.weight"])
    x = _skip_norm(graph, y, x, weights, f"{out}.LayerNorm", weights[f"{out}.dense.bias"])
    up = f"{name}intermediate.dense"
    y = _dense_int8(graph, _quantise(graph, x), weights[f"{up}.weight"])
    y = graph.op("BiasGelu", y, graph.const(weights[f"{up}.bias"]), domain=MICROSOFT)
    down = f"{name}output"
    y = _dense_int8(graph, _quantise(graph, y), weights[f"{down}.dense.weight"])
    return _skip_norm(graph, y, x, weights, f"{down}.LayerNorm", weights[f"{down}.dense.bias"])


def _skip_norm(
    graph: Graph,
    x: str,
    skip: str,
    weights: Weights,
    name: str,
    bias: NDArray[np.float32] | None = None,
) -> str:
    """Return the layer normalisation of x + skip + bias."""
    if bias is not None:
        x = graph.op("Add", x, graph.const(bias))
    return graph.op(
        "LayerNormalization",
        graph.op("Add", x, skip),
        graph.const(weights[f"{name}.weight"]),
        graph.const(weights[f"{name}.bias"]),
        axis=-1,
        epsilon=EPSILON,
    )


def _layer_norm(graph: Graph, x: str, weights: Weights, name: str) -> str:
    scale, shift = graph.const(weights[f"{name}.weight"]), graph.const(weights[f"{name}.bias"])
    centred = graph.op("Sub", x, graph.op("ReduceMean", x, axes=[-1]))
    square = graph.op("ReduceMean", graph.op("Mul", centred, centred), axes=[-1])
    deviation = graph.op("Sqrt", graph.op("Add", square, graph.const(np.float32(EPSILON))))
    return graph.op("Add", graph.op("Mul", graph.op("Div", centred, deviation), scale), shift)


def _dense_float32(graph: Graph, weights: Weights, name: str, x: str) -> str:
    product = graph.op("MatMul", x, graph.const(weights[f"{name}.weight"].T))
    return graph.op("Add", product, graph.const(weights[f"{name}.bias"]))


def _block_float32(graph: Graph, weights: Weights, name: str, x: str, bias: str) -> str:
    width = x_dim(weights)
    split = graph.const(np.array([0, 0, HEADS, width // HEADS]))

    def heads(part: str, perm: list[int]) -> str:
        dense = _dense_float32(graph, weights, f"{name}attention.self.{part}", x)
        return graph.op("Transpose", graph.op("Reshape", dense, split), perm=perm)

    query, key = heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1])
    logits = graph.op("MatMul", query, key)
    logits = graph.op("Div", logits, graph.const(np.float32(np.sqrt(width // HEADS))))
    shares = graph.op("Softmax", graph.op("Add", logits, bias), axis=-1)
    context = graph.op("MatMul", shares, heads("value", [0, 2, 1, 3]))
    context = graph.op("Transpose", context, perm=[0, 2, 1, 3])
    context = graph.op("Reshape", context, graph.const(np.array([0, 0, width])))
    y = _dense_float32(graph, weights, f"{name}attention.output.dense", context)
    x = _layer_norm(graph, graph.op("Add", y, x), weights, f"{name}attention.output.LayerNorm")
    y = _gelu(graph, _dense_float32(graph, weights, f"{name}intermediate.dense", x))
    y = _dense_float32(graph, weights, f"{name}output.dense", y)
    return _layer_norm(graph, graph.op("Add", y, x), weights, f"{name}output.LayerNorm")


def _gelu(graph: Graph, x: str) -> str:
    error = graph.op("Erf", graph.op("Div", x, graph.const(np.float32(np.sqrt(2)))))
    total = graph.op("Add", error, graph.const(np.float32(1)))
    return graph.op("Mul", graph.op("Mul", x, total), graph.const(np.float32(0.5)))


def _pool(graph: Graph, x: str, mask: str) -> str:
    """Return the mean over the text's tokens, of length 1 (so the sum serves as the mean)."""
    row = graph.op("Unsqueeze", mask, graph.const(np.array([1], np.int64)))
    total = graph.op("MatMul", row, x)  # (batch, 1, length) @ (batch, length, dim)
    total = graph.op("Squeeze", total, graph.const(np.array([1], np.int64)))
    return graph.op("LpNormalization", total, axis=-1, p=2)
