"""Names of a graph's numbers in, a checked ONNX model of standard operators out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cutouts.encoders.given.exported import OPSETS
from cutouts.encoders.graph import MICROSOFT, Graph
from cutouts.errors import ExportError

AXES_ARE_INPUTS = 18  # from this opset on, of every operator that begins with Reduce
IR_VERSION = 8
FLOAT = 1  # TensorProto's number for float32
STANDARD = ("", "ai.onnx")
END = np.iinfo(np.int64).max  # of a slice: up to the last

Shape = tuple[str | int, ...]


def model_bytes(
    graph: Graph, inputs: Mapping[str, tuple[Any, Shape]], outputs: Mapping[str, tuple[str, int]]
) -> bytes:
    """Return the model: inputs are (type, shape) by name, outputs (name in the graph, width).

    Every operator is one of ONNX' own, so that any runtime of the graph's opset can run it.
    """
    from onnx import TensorProto, checker, helper

    if graph.opset >= AXES_ARE_INPUTS:
        _give_axes_as_inputs(graph)
    nodes = list(graph.nodes)
    nodes += [helper.make_node("Identity", [own], [name]) for name, (own, _) in outputs.items()]
    made = helper.make_graph(
        nodes,
        "cutouts",
        [
            helper.make_tensor_value_info(name, kind, shape)
            for name, (kind, shape) in inputs.items()
        ],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", width])
            for name, (_, width) in outputs.items()
        ],
        initializer=graph.constants,
    )
    opsets = [helper.make_opsetid("", graph.opset)]
    model = helper.make_model(
        made, opset_imports=opsets, ir_version=IR_VERSION, producer_name="cutouts"
    )
    checker.check_model(model)
    return bytes(model.SerializeToString())


def opset_of(content: bytes) -> int:
    """Return the version of ONNX' own operators in which a model is written."""
    import onnx

    return _opset(onnx.load_model_from_string(content))


def _opset(model: Any) -> int:
    found = (one.version for one in model.opset_import if one.domain in STANDARD)
    return max(found, default=0)


def _give_axes_as_inputs(graph: Graph) -> None:
    """Write the axes of our own sums, means and maxima as a newer opset wants them."""
    for node in graph.nodes:
        for place, one in enumerate(node.attribute):
            if node.op_type.startswith("Reduce") and one.name == "axes":
                node.input.append(graph.const(np.array(one.ints)))
                del node.attribute[place]
                break


def insert_model(graph: Graph, content: bytes, inputs: Mapping[str, str]) -> str:
    """Add the nodes of a bundle's encoder to the graph, and return the name of its output.

    `inputs` says which name in the graph stands for each of its own. The one fused operator that
    our graphs hold is written out; raises ExportError naming any other that is not ONNX' own.
    """
    import onnx

    model = onnx.load_model_from_string(content)
    opset = _opset(model)
    if opset not in OPSETS:
        raise ExportError(
            f"the encoder's graph has opset {opset}, expected {OPSETS[0]} to {OPSETS[-1]}: train "
            "the bundle again with this version of cutouts"
        )
    # From 13 to ours no operator got another meaning; of a newer opset all nodes are written.
    graph.opset = max(graph.opset, opset)
    if model.functions or model.graph.sparse_initializer:
        raise ExportError(
            "the encoder's graph holds functions or sparse weights, which are not exported: train "
            "with --encoder static, use-lite or minilm"
        )
    names = {"": "", **inputs}
    for constant in model.graph.initializer:
        if constant.data_location == onnx.TensorProto.EXTERNAL:
            raise ExportError(
                f"the encoder's graph takes {constant.name[:40]!r} from another file: do not trust "
                "this bundle"
            )
        names[constant.name] = f"encoder_{constant.name}"
        constant.name = names[constant.name]
        graph.constants.append(constant)
    for node in model.graph.node:
        given = [names[name] for name in node.input]
        names |= {name: f"encoder_{name}" for name in node.output}
        made = [names[name] for name in node.output]
        if node.domain in STANDARD and not any(one.HasField("g") for one in node.attribute):
            node.ClearField("input")
            node.ClearField("output")
            node.input.extend(given)
            node.output.extend(made)
            graph.nodes.append(node)
        elif (node.domain, node.op_type) == (MICROSOFT, "MatMulIntegerToFloat"):
            names[node.output[0]] = _product(graph, *given)
        else:
            raise ExportError(
                f"the encoder's graph holds {node.domain or 'onnx'}:{node.op_type}, which is not "
                "written with standard operators: train with --encoder static, use-lite or minilm"
            )
    return names[model.graph.output[0].name]


def _product(graph: Graph, *given: str) -> str:
    """Return a product of bytes, summed in int32, as float32: what MatMulIntegerToFloat gives."""
    left, right, left_scale, right_scale, *zeros = given
    if len(zeros) > 2:
        raise ExportError(
            "the encoder's graph adds a bias inside MatMulIntegerToFloat: train the bundle again "
            "with this version of cutouts"
        )
    whole = graph.op("Cast", graph.op("MatMulInteger", left, right, *zeros), to=FLOAT)
    return graph.op("Mul", whole, graph.op("Mul", left_scale, right_scale))


def slice_of(graph: Graph, x: str, start: int, stop: int = END) -> str:
    """Return columns `start` to `stop` of x, (batch, columns, ...)."""
    ends = (graph.const(np.array([number])) for number in (start, stop, 1))
    return graph.op("Slice", x, *ends)


def size_of(graph: Graph, x: str, axis: int) -> str:
    """Return the size of x along an axis, (1,)."""
    return graph.op("Gather", graph.op("Shape", x), graph.const(np.array([axis])))


def unit(graph: Graph, x: str, square: str) -> str:
    """Return x, (batch, n), divided by the root of `square`, (batch, 1); zeros stay zeros."""
    length = graph.op("Max", graph.op("Sqrt", square), graph.number(1e-30))
    return graph.op("Div", x, length)


def weighted_sum(graph: Graph, weights: str, rows: str) -> str:
    """Return the sum of the rows, (batch, places, n) in any type, each times its weight."""
    line = graph.op("Unsqueeze", weights, graph.const(np.array([1])))
    total = graph.op("MatMul", line, graph.op("Cast", rows, to=FLOAT))
    return graph.op("Squeeze", total, graph.const(np.array([1])))
