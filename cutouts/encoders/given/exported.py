"""A published ONNX file in, a model that answers alike on both sides out, and its weights.

Exporters write a transformer with what its last block makes of each token as the output. Pooling
and length 1 go into the graph here, so that no runtime needs to know of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutouts.encoders.given.folder import Given
from cutouts.encoders.graph import Graph, pool
from cutouts.encoders.minilm import INPUTS, OUTPUT
from cutouts.errors import EncoderError

MODEL = "onnx/model.onnx"
OPSETS = range(13, 24)
DELIMITED = 2  # protobuf's wire type of messages and texts
SMALL = 1024  # numbers; what has fewer stays float32, since it weighs nothing
NAMES = (
    "Abs Add And Cast CastLike Ceil Clip Concat Constant ConstantOfShape Cos CumSum Div Equal Erf"
    " Exp Expand Flatten Floor Gather GatherElements GatherND Gelu Gemm Greater GreaterOrEqual"
    " Identity LayerNormalization Less LessOrEqual Log MatMul Max Min Mod Mul Neg Not Or Pow Range"
    " Reciprocal ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum Relu Reshape Shape Sigmoid"
    " Sign Sin Slice Softmax Split Sqrt Squeeze Sub Tanh Tile Transpose Trilu Unsqueeze Where"
)
OPERATORS = frozenset(NAMES.split())
"""What transformers in float32 are made of. onnxruntime runs each in WebAssembly as it does
natively; what rounds to whole numbers (QuantizeLinear, MatMulInteger) it does not round alike."""

ATTENTION = tuple(f"attention.{name}" for name in ("self.query", "self.key", "self.value"))
DENSE_PARTS = (*ATTENTION, "attention.output.dense", "intermediate.dense", "output.dense")
NORM_PARTS = ("attention.output.LayerNorm", "output.LayerNorm")
TABLES = tuple(
    f"embeddings.{name}_embeddings.weight" for name in ("word", "position", "token_type")
)
BLOCK = re.compile(r"encoder\.layer\.(\d{1,3})\.attention\.self\.query\.bias$")

Weights = dict[str, NDArray[np.float32]]


def read_model(given: Given, most: int) -> Any:
    """Return the parsed model with all its weights in it.

    Raises EncoderError when it is no model, when its weights lie elsewhere, or when it holds an
    operator on which both sides have not been seen to agree.
    """
    from onnx import ModelProto, serialization

    # Of the library below onnx, which is reached through onnx: no dependency of our own.
    broken = serialization.google.protobuf.message.DecodeError  # type: ignore[attr-defined]
    model = ModelProto()
    try:
        model.ParseFromString(given.read(MODEL, most))
    except broken as error:
        raise EncoderError(f"{given.name}: {MODEL} is no ONNX ({error}): copy it again") from None
    if not model.graph.node or not model.graph.output:
        raise EncoderError(f"{given.name}: {MODEL} is no ONNX (no nodes): copy it again")
    opset = max((one.version for one in model.opset_import if not one.domain), default=0)
    if opset not in OPSETS:
        raise EncoderError(
            f"{given.name}: {MODEL} has opset {opset}, expected {OPSETS[0]} to {OPSETS[-1]}: "
            "export the model again"
        )
    for node in model.graph.node:
        _check_operator(given, node)
    _drop_functions(given, model)
    _bring_in(given, model, most)
    for tensor in _tensors(model):
        _check_tensor(given, tensor)
    return model


def check_start(given: Given, start: bytes) -> None:
    """Raise EncoderError for an operator that `read_model` refuses, from a file's first bytes.

    Protobuf writes the nodes before the weights, so most of them are known before these are read.
    """
    for node in _nodes_at(start):
        _check_operator(given, node)


def _check_operator(given: Given, node: Any) -> None:
    if node.domain not in ("", "ai.onnx") or node.op_type not in OPERATORS:
        kind = f"{node.domain}.{node.op_type}" if node.domain else node.op_type
        raise EncoderError(
            f"{given.name}: {MODEL} holds the operator {kind[:80]}, on which Python and a "
            "browser are not known to agree: export the model in float32, not optimised"
        )


def _drop_functions(given: Given, model: Any) -> None:
    """Drop functions, which no node uses; raise EncoderError where there is more than nodes say."""
    for function in model.functions:
        if function.domain in ("", "ai.onnx"):
            raise EncoderError(
                f"{given.name}: {MODEL} gives the operator {function.name[:80]} another meaning: "
                "do not trust it"
            )
    if model.graph.sparse_initializer:
        raise EncoderError(
            f"{given.name}: {MODEL} holds sparse weights, which no bundle has: export it densely"
        )
    del model.functions[:]


def _nodes_at(start: bytes) -> Iterator[Any]:
    """Yield the whole nodes of a model that are in its first bytes, up to its first weights."""
    from onnx import NodeProto, serialization

    broken = serialization.google.protobuf.message.DecodeError  # type: ignore[attr-defined]
    graph, node = 7 << 3 | DELIMITED, 1 << 3 | DELIMITED  # ModelProto.graph, GraphProto.node
    place, wanted = 0, graph
    try:
        while True:
            key, place = _varint(start, place)
            size, after = _varint(start, place)  # of what is delimited, or else a number itself
            if key == wanted == graph:
                place, wanted = after, node
                continue
            place = after + size if key & 7 == DELIMITED else after
            if key & 7 not in (0, DELIMITED) or place > len(start):
                return
            if wanted == node:
                if key != node:
                    return
                yield NodeProto.FromString(start[after:place])
    except (IndexError, broken):
        return  # cut in the middle, or no ONNX at all: the whole file is looked at later


def _varint(content: bytes, place: int) -> tuple[int, int]:
    """Return the number of protobuf's that begins there, and where it has ended."""
    value = shift = 0
    while True:
        byte = content[place]
        place += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, place
        if shift > 63:
            raise IndexError


def _bring_in(given: Given, model: Any, most: int) -> None:
    """Put weights that lie in files beside the model into it; each may lie in the folder only."""
    files: dict[str, bytes] = {}
    total = model.ByteSize()
    for tensor in _tensors(model):
        if tensor.data_location != tensor.EXTERNAL:
            continue
        said = {entry.key: entry.value for entry in tensor.external_data}
        location = said.get("location", "")
        parts = PurePosixPath(location)
        if not location or parts.is_absolute() or ".." in parts.parts or "\\" in location:
            raise EncoderError(
                f"{given.name}: {MODEL} wants weights from {location!r}, which is not in its "
                "folder: do not trust it"
            )
        if location not in files:
            left = most - sum(map(len, files.values()))
            files[location] = given.read((PurePosixPath(MODEL).parent / parts).as_posix(), left)
        start, length = (_count(given, said.get(name, "0")) for name in ("offset", "length"))
        stop = start + length if length else len(files[location])
        if stop > len(files[location]):
            raise EncoderError(
                f"{given.name}: {location} has {len(files[location]):,} bytes, {MODEL} wants "
                f"{stop:,}: copy it again"
            )
        total += max(0, stop - start)
        if total > most:  # a file may be wanted many times over
            raise EncoderError(
                f"{given.name}: {MODEL} with weights from {location} has more than {most:,} "
                "bytes: take a smaller model"
            )
        tensor.raw_data = files[location][start:stop]
        del tensor.external_data[:]
        tensor.data_location = tensor.DEFAULT


def _tensors(model: Any) -> Iterator[Any]:
    yield from model.graph.initializer
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t


def _check_tensor(given: Given, tensor: Any) -> None:
    """Raise EncoderError unless the numbers fill the shape; no runtime looks at one left unused."""
    from onnx import numpy_helper

    try:
        fits = min(tensor.dims, default=0) >= 0 and numpy_helper.to_array(tensor) is not None
    except (ValueError, TypeError, KeyError):  # too few or too many, or of a type that is none
        fits = False
    if not fits:
        shape = ", ".join(map(str, tensor.dims))
        raise EncoderError(
            f"{given.name}: {MODEL} holds {tensor.name[:80]!r}, whose numbers do not fill its "
            f"shape ({shape[:80]}): export the model again"
        )


def _count(given: Given, said: str) -> int:
    if not said.isascii() or not said.isdecimal() or len(said) > 18:
        raise EncoderError(f"{given.name}: {MODEL} wants weights from byte {said!r}: copy it again")
    return int(said)


def pooled(given: Given, model: Any, pooling: str) -> bytes:
    """Return the model from ids and mask to `sentence_embedding`, in float32, (batch, dim)."""
    from onnx import ModelProto, TensorProto, helper

    made = ModelProto()
    made.CopyFrom(model)
    graph = made.graph
    hidden = _hidden_output(given, graph)
    held = {tensor.name for tensor in graph.initializer}
    wanted = [one.name for one in graph.input if one.name not in held]
    if unknown := set(wanted) - {*INPUTS, "token_type_ids"}:
        raise EncoderError(
            f"{given.name}: {MODEL} wants the input {sorted(unknown)[0][:80]!r}, a text has "
            f"{' and '.join(INPUTS)} only: take an encoder of sentences"
        )
    before, after = Graph(), Graph()
    if "token_type_ids" in wanted:  # there is one segment: zeros, as many as there are ids
        before.nodes.append(helper.make_node("Sub", ["input_ids"] * 2, ["token_type_ids"]))
    mask = after.op("Cast", "attention_mask", to=TensorProto.FLOAT)
    vector = pool(after, hidden, mask, pooling)
    after.nodes.append(helper.make_node("Identity", [vector], [OUTPUT]))
    _rename(after, "cutouts_")
    nodes = [*before.nodes, *graph.node, *after.nodes]
    del graph.node[:], graph.input[:], graph.output[:], graph.value_info[:]
    graph.node.extend(nodes)
    graph.initializer.extend(after.constants)
    shape = ["batch", "length"]
    graph.input.extend(
        helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in sorted(INPUTS)
    )
    graph.output.append(helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["batch", "dim"]))
    return _bytes_of(given, made)


def _bytes_of(given: Given, model: Any) -> bytes:
    try:
        return bytes(model.SerializeToString())
    except ValueError as error:  # more than protobuf can hold
        raise EncoderError(f"{given.name}: {MODEL} is too large ({error})") from None


def _rename(graph: Graph, prefix: str) -> None:
    """Give what was added names that the model cannot have used already."""
    own = {constant.name for constant in graph.constants}
    own |= {name for node in graph.nodes for name in node.output if name != OUTPUT}
    for constant in graph.constants:
        constant.name = prefix + constant.name
    for node in graph.nodes:
        for names in (node.input, node.output):
            for place, name in enumerate(names):
                names[place] = prefix + name if name in own else name


def _hidden_output(given: Given, graph: Any) -> str:
    """Return the name of the output that has three axes: batch, length, dim."""
    outputs = {one.name: len(one.type.tensor_type.shape.dim) for one in graph.output}
    for name in ("last_hidden_state", "token_embeddings", *outputs):
        if outputs.get(name) == 3:
            return str(name)
    listed = ", ".join(f"{name} ({axes} axes)" for name, axes in outputs.items())
    raise EncoderError(
        f"{given.name}: {MODEL} gives {listed[:200]}, expected one vector per token (3 axes): "
        "export the model for feature extraction"
    )


def halved(model: bytes) -> bytes:
    """Return the model with its large weights as float16, made float32 before they are used."""
    from onnx import ModelProto, TensorProto, helper, numpy_helper

    made = ModelProto.FromString(model)
    casts = []
    for tensor in made.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < SMALL:
            continue
        values = numpy_helper.to_array(tensor)
        if not np.abs(values).max(initial=0) < np.finfo(np.float16).max:
            continue  # it would become infinite
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}_float16"))
        casts.append(helper.make_node("Cast", [tensor.name], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *made.graph.node]
    del made.graph.node[:]
    made.graph.node.extend(nodes)
    return bytes(made.SerializeToString())


def bert_weights(model: Any) -> Weights | None:
    """Return the weights by BERT's names, as `graph.float32_graph` takes them, or None.

    Exporters keep the names of embeddings, biases and norms. A dense layer's weight, transposed,
    has a name of its own: it is what is multiplied before the layer's bias is added.
    """
    from onnx import TensorProto, numpy_helper

    held = {one.name: one for one in model.graph.initializer if one.data_type == TensorProto.FLOAT}
    prefix = next((name[: -len(TABLES[0])] for name in held if name.endswith(TABLES[0])), None)
    blocks = [int(found[1]) for name in held if (found := BLOCK.search(name))]
    if prefix is None or sorted(blocks) != list(range(len(blocks))) or not blocks:
        return None
    makers = {name: node for node in model.graph.node for name in node.output}
    adders = {
        name: node for node in model.graph.node if node.op_type == "Add" for name in node.input
    }
    names = list(TABLES)
    layers = [f"encoder.layer.{number}." for number in range(len(blocks))]
    norms = ["embeddings.LayerNorm", *(layer + part for layer in layers for part in NORM_PARTS)]
    dense = [layer + part for layer in layers for part in DENSE_PARTS]
    names += [f"{norm}.weight" for norm in norms] + [f"{part}.bias" for part in (*norms, *dense)]
    if not all(prefix + name in held for name in names):
        return None
    weights = {name: numpy_helper.to_array(held[prefix + name]) for name in names}
    for name in dense:
        kernel = _multiplied(f"{prefix}{name}.bias", adders, makers, held)
        if kernel is None:
            return None
        weights[f"{name}.weight"] = np.ascontiguousarray(numpy_helper.to_array(held[kernel]).T)
    return weights


def _multiplied(
    bias: str, adders: Mapping[str, Any], makers: Mapping[str, Any], held: Mapping[str, Any]
) -> str | None:
    """Return the name of the matrix that is multiplied before this bias is added."""
    add = adders.get(bias)
    for name in add.input if add is not None else ():
        product = makers.get(name)
        if product is not None and product.op_type == "MatMul" and product.input[1] in held:
            return str(product.input[1])
    return None
