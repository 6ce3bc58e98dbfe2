"""A vector in, one score per label out of a small network, layer by layer in float64."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutouts.encoders.tokenizer import Pieces
from cutouts.errors import HeadError
from cutouts.heads.layers import Shape, Step, build_layer

Matrix = NDArray[np.float32]  # (texts, dim)
Scores = NDArray[np.float64]  # (texts, labels)
Layer = Mapping[str, Any]  # as head.layers of the manifest lists it

KIND = "cnn"
LINKS = ("softmax", "sigmoid")  # a last activation that calibration replaces
BATCH = 128  # texts at once; bounds the memory that the inner layers take


@dataclass(frozen=True, slots=True)
class CnnHead:
    """Scores of a small network on a text's vector; its words are not looked at."""

    network: tuple[Layer, ...]
    weights: Mapping[str, NDArray[np.float32]]  # "<index>.<name>"
    steps: tuple[Step, ...]
    dim: int
    labels: int

    def scores(self, pieces: Pieces, vectors: Matrix) -> Scores:  # noqa: ARG002  (every head gets both)
        """Return one raw score per text and label, (texts, labels)."""
        if vectors.ndim != 2 or vectors.shape[1] != self.dim:
            raise HeadError(
                f"the vectors have shape {vectors.shape}, the head expects (texts, {self.dim}): "
                "use the encoder that it was trained with"
            )
        result = np.zeros((len(vectors), self.labels))
        for start in range(0, len(vectors), BATCH):
            values = vectors[start : start + BATCH].astype(np.float64)
            for step in self.steps:
                values = step.run(values)
            result[start : start + BATCH] = values
        return result

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return the weights by name, as head.safetensors holds them."""
        return dict(self.weights)

    def layers(self) -> list[dict[str, Any]]:
        """Return the manifest's list of layers, first to last."""
        return [dict(layer) for layer in self.network]


def read_cnn(
    tensors: Mapping[str, NDArray[Any]], layers: Sequence[Layer], labels: int, dim: int
) -> CnnHead:
    """Return the head of these layers; raise HeadError naming the layer that does not fit."""
    if not layers:
        raise HeadError("the head lists no layers, expected at least one: build the bundle again")
    steps: list[Step] = []
    shape: Shape = (dim,)
    for index, layer in enumerate(layers):
        last = index == len(layers) - 1
        step = build_layer(before_link(layer) if last else layer, tensors, index, shape)
        steps.append(step)
        shape = step.shape
    if shape != (labels,):
        raise HeadError(
            f"layer {len(layers) - 1} ({layers[-1]['type']}) gives shape {list(shape)}, "
            f"expected [{labels}], one score per label: "
            f"end with Flatten or a global pooling, then Dense({labels})"
        )
    used = {
        name: np.asarray(value)
        for name, value in tensors.items()
        if name.partition(".")[0] in {str(index) for index in range(len(layers))}
    }
    return CnnHead(tuple(dict(layer) for layer in layers), used, tuple(steps), dim, labels)


def before_link(layer: Layer) -> Layer:
    """Return the last layer without its softmax or sigmoid: scores are what comes before."""
    return {**layer, "activation": "linear"} if layer.get("activation") in LINKS else layer


def check_link(layers: Sequence[Layer], *, multiple: bool) -> None:
    """Raise HeadError when the network ends with the link of the other kind of labels."""
    last = layers[-1].get("activation")
    link = "sigmoid" if multiple else "softmax"
    if last in LINKS and last != link:
        several = "several labels" if multiple else "one label"
        raise HeadError(f"the model ends with {last}, but texts have {several}: end it with {link}")
