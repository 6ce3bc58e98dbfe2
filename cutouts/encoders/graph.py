"""MiniLM's weights in, its plain float32 ONNX graph out: what the int8 graph is compared with.

The graphs are written node by node, so neither torch nor transformers is needed.
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
OPSET = 17  # the version of ONNX' operators
MICROSOFT = "com.microsoft"  # the domain of onnxruntime's fused operators


@dataclass(frozen=True, slots=True)
class Shape:
    """What the weights of a transformer like BERT do not say; as it stands, MiniLM's."""

    heads: int = HEADS
    epsilon: float = EPSILON
    pooling: str = "mean"  # or cls or max


MINILM = Shape()


@dataclass(slots=True)
class Graph:
    """Nodes and constants collected in order; `op` and `const` return the name of what they add."""

    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)
    opset: int = OPSET

    def const(self, array: NDArray[Any] | np.generic, name: str = "") -> str:
        from onnx import numpy_helper

        name = name or f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array, order="C"), name))
        return name

    def number(self, value: float) -> str:
        return self.const(np.float32(value))

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
        opsets = [helper.make_opsetid("", self.opset), helper.make_opsetid(MICROSOFT, 1)]
        model = helper.make_model(
            graph, opset_imports=opsets, ir_version=8, producer_name="cutouts"
        )
        checker.check_model(model)
        return bytes(model.SerializeToString())


def float32_graph(weights: Weights, shape: Shape = MINILM) -> bytes:
    """Return the same model with standard operators only, in float32, as exporters write it."""
    graph = Graph()
    x = hidden_state(graph, weights, shape)
    mask = graph.op("Cast", "attention_mask", to=1)
    return graph.model(pool(graph, x, mask, shape.pooling), x_dim(weights))


def hidden_state(graph: Graph, weights: Weights, shape: Shape = MINILM) -> str:
    """Return what the last block makes of each token, (batch, length, dim), in float32."""
    rows = graph.op(
        "Gather", graph.const(weights["embeddings.word_embeddings.weight"]), "input_ids"
    )
    types = weights["embeddings.token_type_embeddings.weight"][:1]
    places = positions(graph, weights["embeddings.position_embeddings.weight"])
    x = graph.op("Add", graph.op("Add", rows, graph.const(types)), places)
    x = _layer_norm(graph, x, weights, "embeddings.LayerNorm", shape)
    mask = graph.op("Cast", "attention_mask", to=1)
    # (batch, length) -> (batch, 1, 1, length): 0 where there is text, -10000 where there is padding
    absent = graph.op("Sub", mask, graph.const(np.float32(1)))
    bias = graph.op("Mul", absent, graph.const(np.float32(10_000)))
    bias = graph.op("Unsqueeze", bias, graph.const(np.array([1, 2], np.int64)))
    for layer in range(layer_count(weights)):
        x = _block_float32(graph, weights, f"encoder.layer.{layer}.", x, bias, shape)
    return x


def layer_count(weights: Weights) -> int:
    """Return the number of transformer blocks."""
    return sum(name.endswith(".attention.self.query.weight") for name in weights)


def x_dim(weights: Weights) -> int:
    """Return the width of the hidden state."""
    return int(weights["embeddings.word_embeddings.weight"].shape[1])


def positions(graph: Graph, table: NDArray[np.float32]) -> str:
    """Return the rows of the table for as many positions as there are tokens, (length, dim)."""
    length = graph.op("Gather", graph.op("Shape", "input_ids"), graph.const(np.array([1])))
    start = graph.const(np.array([0]))
    return graph.op("Slice", graph.const(table), start, length, start)


def _layer_norm(graph: Graph, x: str, weights: Weights, name: str, shape: Shape) -> str:
    scale, shift = graph.const(weights[f"{name}.weight"]), graph.const(weights[f"{name}.bias"])
    centred = graph.op("Sub", x, graph.op("ReduceMean", x, axes=[-1]))
    square = graph.op("ReduceMean", graph.op("Mul", centred, centred), axes=[-1])
    deviation = graph.op("Sqrt", graph.op("Add", square, graph.const(np.float32(shape.epsilon))))
    return graph.op("Add", graph.op("Mul", graph.op("Div", centred, deviation), scale), shift)


def _dense_float32(graph: Graph, weights: Weights, name: str, x: str) -> str:
    product = graph.op("MatMul", x, graph.const(weights[f"{name}.weight"].T))
    return graph.op("Add", product, graph.const(weights[f"{name}.bias"]))


def _block_float32(
    graph: Graph, weights: Weights, name: str, x: str, bias: str, shape: Shape
) -> str:
    width = x_dim(weights)
    split = graph.const(np.array([0, 0, shape.heads, width // shape.heads]))

    def heads(part: str, perm: list[int]) -> str:
        dense = _dense_float32(graph, weights, f"{name}attention.self.{part}", x)
        return graph.op("Transpose", graph.op("Reshape", dense, split), perm=perm)

    query, key = heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1])
    logits = graph.op("MatMul", query, key)
    logits = graph.op("Div", logits, graph.const(np.float32(np.sqrt(width // shape.heads))))
    shares = graph.op("Softmax", graph.op("Add", logits, bias), axis=-1)
    context = graph.op("MatMul", shares, heads("value", [0, 2, 1, 3]))
    context = graph.op("Transpose", context, perm=[0, 2, 1, 3])
    context = graph.op("Reshape", context, graph.const(np.array([0, 0, width])))
    y = _dense_float32(graph, weights, f"{name}attention.output.dense", context)
    norm = f"{name}attention.output.LayerNorm"
    x = _layer_norm(graph, graph.op("Add", y, x), weights, norm, shape)
    y = _gelu(graph, _dense_float32(graph, weights, f"{name}intermediate.dense", x))
    y = _dense_float32(graph, weights, f"{name}output.dense", y)
    return _layer_norm(graph, graph.op("Add", y, x), weights, f"{name}output.LayerNorm", shape)


def _gelu(graph: Graph, x: str) -> str:
    error = graph.op("Erf", graph.op("Div", x, graph.const(np.float32(np.sqrt(2)))))
    total = graph.op("Add", error, graph.const(np.float32(1)))
    return graph.op("Mul", graph.op("Mul", x, total), graph.const(np.float32(0.5)))


def pool(graph: Graph, x: str, mask: str, pooling: str = "mean") -> str:
    """Return one vector of length 1 per text, (batch, dim).

    It is the mean over the text's tokens (of length 1, so the sum serves as the mean), the vector
    of its first token (cls), or the largest of each number over its tokens (max).
    """
    if pooling == "mean":
        row = graph.op("Unsqueeze", mask, graph.const(np.array([1], np.int64)))
        total = graph.op("MatMul", row, x)  # (batch, 1, length) @ (batch, length, dim)
        found = graph.op("Squeeze", total, graph.const(np.array([1], np.int64)))
    elif pooling == "cls":
        found = graph.op("Gather", x, graph.const(np.int64(0)), axis=1)
    else:
        below = graph.op("Mul", graph.op("Sub", mask, graph.number(1)), graph.number(1e9))
        below = graph.op("Reshape", below, graph.const(np.array([0, -1, 1])))
        x = graph.op("Transpose", graph.op("Add", x, below), perm=[0, 2, 1])
        found = graph.op("GlobalMaxPool", x)  # (batch, dim, 1)
        found = graph.op("Reshape", found, graph.const(np.array([0, -1])))
    return graph.op("LpNormalization", found, axis=-1, p=2)
