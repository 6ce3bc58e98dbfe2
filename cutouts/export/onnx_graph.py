"""A bundle in, its ONNX models out: token ids to probabilities, and a vector to probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np

from cutouts.bundle import Bundle
from cutouts.encoders import Encoder
from cutouts.encoders.graph import Graph
from cutouts.encoders.minilm import OnnxEncoder
from cutouts.encoders.static import StaticEncoder
from cutouts.errors import ExportError
from cutouts.export.onnx_layers import network_scores
from cutouts.export.onnx_model import FLOAT, Shape, model_bytes
from cutouts.export.onnx_pieces import (
    IDS,
    INT64,
    MASK,
    onnx_vector,
    read_places,
    static_vector,
    word_scores,
)
from cutouts.heads.calibration import Calibration
from cutouts.heads.cnn import CnnHead
from cutouts.heads.linear import LinearHead

TOKENS: tuple[Any, Shape] = (INT64, ("batch", "length"))


def whole_model(bundle: Bundle, *, bracketed: bool) -> bytes:
    """Return the model from `input_ids` and `attention_mask`, padded on the right, to answers.

    `probabilities`, `logits` (before the link, calibrated) and `sentence_embedding` come out.
    `bracketed`: the ids of a text stand between [CLS] and [SEP].
    """
    graph, head = Graph(), bundle.head
    words = isinstance(head, LinearHead) and len(head.keys) > 0
    static = isinstance(bundle.encoder, StaticEncoder)
    places = read_places(graph, bracketed=bracketed) if words or static else None
    vector = _vector(graph, bundle.encoder, places)
    scores = _vector_scores(graph, bundle, vector)
    if isinstance(head, LinearHead) and words and places is not None:
        scores = graph.op("Add", scores, word_scores(graph, head, places))
    outputs = _answers(graph, bundle.calibration, scores)
    outputs["sentence_embedding"] = (vector, bundle.encoder.description.dim)
    return model_bytes(graph, {IDS: TOKENS, MASK: TOKENS}, outputs)


def head_model(bundle: Bundle) -> bytes | None:
    """Return the model from `vector` to `probabilities` and `logits`; None when words matter too."""
    if isinstance(bundle.head, LinearHead) and len(bundle.head.keys):
        return None
    graph = Graph()
    outputs = _answers(graph, bundle.calibration, _vector_scores(graph, bundle, "vector"))
    shape: Shape = ("batch", bundle.encoder.description.dim)
    return model_bytes(graph, {"vector": (FLOAT, shape)}, outputs)


def _vector(graph: Graph, encoder: Encoder, places: Any) -> str:
    if isinstance(encoder, StaticEncoder):
        return static_vector(graph, encoder, places)
    if isinstance(encoder, OnnxEncoder):
        return onnx_vector(graph, encoder)
    raise ExportError(f"no encoder of the kind {encoder.description.kind} is exported to ONNX")


def _vector_scores(graph: Graph, bundle: Bundle, vector: str) -> str:
    """Return what a vector says, (batch, labels)."""
    if isinstance(bundle.head, CnnHead):
        return network_scores(graph, bundle.head, vector)
    if isinstance(bundle.head, LinearHead):
        product = graph.op("MatMul", vector, graph.const(bundle.head.vector_weights.T))
        return graph.op("Add", product, graph.const(bundle.head.bias))
    raise ExportError("no such head is exported to ONNX: use --head linear or cnn")


def _answers(graph: Graph, calibration: Calibration, scores: str) -> dict[str, tuple[str, int]]:
    scaled = graph.op("Mul", scores, graph.const(calibration.slope))
    logits = graph.op("Add", scaled, graph.const(calibration.offset))
    link = (
        graph.op("Softmax", logits, axis=-1)
        if calibration.link == "softmax"
        else graph.op("Sigmoid", logits)
    )
    labels = len(np.atleast_1d(calibration.slope))
    return {"probabilities": (link, labels), "logits": (logits, labels)}
