"""Word pieces in, a transformer's sentence embedding out, from the ONNX file browsers run too."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutouts.encoders.description import (
    TOKENIZER_FILE,
    Description,
    Matrix,
    Progress,
    space_of,
)
from cutouts.encoders.graph import Weights, x_dim
from cutouts.encoders.tokenizer import Pieces, Tokenizer
from cutouts.errors import EncoderError

NAME = "minilm"
MODEL_FILE = "onnx/model_quantized.onnx"
CONFIG_FILE = "config.json"
INPUTS = ["attention_mask", "input_ids"]
OUTPUT = "sentence_embedding"
MAX_TOKENS = 256  # as published: max_seq_length of all-MiniLM-L6-v2
TOKENS_AT_ONCE = 512  # of a batch, padding included; with more, activations outgrow a core's cache


@dataclass(frozen=True)
class OnnxEncoder:
    """A transformer with pooling and normalisation inside its graph."""

    description: Description
    tokenizer_json: bytes
    config_json: bytes
    model: bytes

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """Return what turns texts into pieces."""
        return Tokenizer(self.tokenizer_json)

    @cached_property
    def _session(self) -> Any:
        return open_session(self.model)

    def encode(self, pieces: Pieces, progress: Progress | None = None) -> Matrix:
        """Return one vector of length 1 per text, (texts, dim), from its first pieces."""
        session = self._session
        sequences = [self.sequence(ids) for ids in pieces]
        vectors = np.zeros((len(sequences), self.description.dim), np.float32)
        parts = list(batches(np.array([len(ids) for ids in sequences], np.int64)))
        # A batch for each core, not all cores for each batch: no operator waits for the slowest.
        with ThreadPoolExecutor(_threads()) as pool:
            results = pool.map(lambda rows: run(session, [sequences[row] for row in rows]), parts)
            for rows, found in zip(parts, results, strict=True):
                if found.shape != (len(rows), self.description.dim):
                    raise EncoderError(
                        f"{MODEL_FILE} gives {found.shape} for {len(rows)} texts, expected "
                        f"{self.description.dim} numbers each: build the bundle again"
                    )
                vectors[rows] = found
                if progress is not None:
                    progress(len(rows))
        return vectors

    def sequence(self, ids: NDArray[np.uint32]) -> NDArray[np.int64]:
        """Return what the model reads: the first pieces, between [CLS] and [SEP] if it has them."""
        read = ids[: self.description.pieces_read].astype(np.int64)
        cls, sep = self.description.cls, self.description.sep
        return read if cls is None or sep is None else np.array([cls, *read, sep], np.int64)

    def write(self, folder: Path) -> None:
        """Write tokenizer.json, config.json and onnx/model_quantized.onnx."""
        for name, content in self.contents.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)

    @property
    def file_bytes(self) -> int:
        """Return the bytes of the files that `write` writes."""
        return sum(len(content) for content in self.contents.values())

    @property
    def contents(self) -> dict[str, bytes]:
        """Return the files of the encoder by name."""
        return {
            TOKENIZER_FILE: self.tokenizer_json,
            CONFIG_FILE: self.config_json,
            MODEL_FILE: self.model,
        }


def _threads() -> int | None:
    """Return how many threads encode: OMP_NUM_THREADS says so to one of many processes."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, int(asked)) if asked.isdecimal() else os.cpu_count()


def batches(lengths: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Yield row numbers in batches of similar length and at most TOKENS_AT_ONCE tokens, padded."""
    order = np.argsort(lengths, kind="stable")
    start = 0
    for stop in range(1, len(order) + 1):
        full = stop == len(order) or (stop + 1 - start) * lengths[order[stop]] > TOKENS_AT_ONCE
        if full:
            yield order[start:stop]
            start = stop


def open_session(model: bytes, *, optimised: bool = True) -> Any:
    """Return an onnxruntime session on one core of the CPU, which any thread may run.

    Not optimised, it runs node by node, as a WebAssembly build may. Raises EncoderError when the
    file is no model.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    if not optimised:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4  # not even errors: each is raised too, and said in our words
    try:
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except _refusals() as error:
        said = str(error).splitlines()[0]
        raise EncoderError(f"{MODEL_FILE} cannot be run ({said}): build the bundle again") from None
    names = [one.name for one in (*session.get_inputs(), *session.get_outputs())]
    if sorted(names[:-1]) != INPUTS or names[-1:] != [OUTPUT]:
        raise EncoderError(
            f"{MODEL_FILE} has inputs and outputs {', '.join(names)}, "
            f"expected {', '.join([*INPUTS, OUTPUT])}: build the bundle again"
        )
    return session


def _refusals() -> tuple[type[Exception], ...]:
    """Return what onnxruntime raises; its errors have no base class of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    model = (state.InvalidArgument, state.InvalidGraph, state.InvalidProtobuf, state.NoSuchFile)
    running = (state.Fail, state.NotImplemented, state.RuntimeException)
    return (*model, *running, ValueError, RuntimeError)


def run(session: Any, sequences: list[NDArray[np.int64]]) -> Matrix:
    """Return the vectors of one batch of token sequences, padded to the longest."""
    # A text without pieces is one masked place, as in a browser, whose engine takes no empty tensor.
    shape = (len(sequences), max(1, *(len(ids) for ids in sequences)))
    tokens, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for row, ids in enumerate(sequences):
        tokens[row, : len(ids)] = ids
        mask[row, : len(ids)] = 1
    try:
        (vectors,) = session.run([OUTPUT], {"input_ids": tokens, "attention_mask": mask})
    except _refusals() as error:
        said = str(error).splitlines()[0]
        raise EncoderError(
            f"{MODEL_FILE} fails on a text ({said}): build the bundle again"
        ) from None
    return np.asarray(vectors, np.float32)


def onnx_encoder(
    model: bytes, tokenizer_json: bytes, weights: Weights, receipt: Mapping[str, float | str]
) -> OnnxEncoder:
    """Return the encoder that runs this graph of MiniLM."""
    tokenizer = Tokenizer(tokenizer_json)
    contents = {TOKENIZER_FILE: tokenizer_json, MODEL_FILE: model}
    description = Description(
        kind="onnx",
        name=NAME,
        space=space_of(contents, pooling="mean", normalised=True, max_tokens=MAX_TOKENS),
        dim=x_dim(weights),
        max_tokens=MAX_TOKENS,
        vocabulary=tokenizer.vocabulary,
        receipt=receipt,
        cls=tokenizer.id_of("[CLS]"),
        sep=tokenizer.id_of("[SEP]"),
    )
    config = {
        "model_type": "bert",
        "hidden_size": description.dim,
        "vocab_size": tokenizer.vocabulary,
    }
    config |= {"max_position_embeddings": len(weights["embeddings.position_embeddings.weight"])}
    return OnnxEncoder(description, tokenizer_json, json.dumps(config).encode(), model)


def read_onnx(contents: Mapping[str, bytes], description: Description) -> OnnxEncoder:
    """Return the encoder whose files are `contents`."""
    return OnnxEncoder(
        description, contents[TOKENIZER_FILE], contents[CONFIG_FILE], contents[MODEL_FILE]
    )
