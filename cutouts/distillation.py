"""A transformer and texts in, a folder with a table of one's own out, and what it keeps of it.

The recipe is that of the encoder `static` (`cutouts.encoders.distil`), with the corpus in two
places: how often a piece is used says how much it counts, and passages of the corpus say where
sums of rows should point. One text in ten has no part in either; the receipt is measured on those.
The folder has Model2Vec's layout, which `--encoder` and Model2Vec itself read.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from cutouts.corpus import stream_corpus
from cutouts.encoders import load_teacher
from cutouts.encoders.description import TOKENIZER_FILE, Matrix
from cutouts.encoders.distil import (
    SMOOTHING,
    alone,
    components,
    distil,
    fit_rows,
    pieces_with_rows,
    zipf,
)
from cutouts.encoders.minilm import OnnxEncoder
from cutouts.encoders.passages import choose_passages
from cutouts.encoders.receipt import CHARS, TEXTS, encoded, neighbours_kept
from cutouts.encoders.static import count_rows, static_encoder
from cutouts.errors import CorpusError, UsageError
from cutouts.former import Kind, refuse_foreign
from cutouts.pack import put_in_place
from cutouts.samples import SAMPLES, read_sample

RECEIPT_FILE = "receipt.json"  # by it a former folder is known
FILES = ("config.json", TOKENIZER_FILE, "model.safetensors", RECEIPT_FILE, "README.md")
DIMS = 256
HELD_OUT = 10  # one text in so many is kept for the receipt
LEAST_TEXTS = 200  # below it the receipt would be about fewer than twenty texts


def _names(receipt: Mapping[str, Any]) -> Collection[str]:
    """Return the names of the files of a table; none when this is no receipt of one."""
    return FILES if {"teacher", "neighbours_kept", "learned_from"} <= receipt.keys() else ()


DISTILLED = Kind("distilled model", RECEIPT_FILE, _names)


@dataclass(frozen=True, slots=True)
class Distilled:
    """A table of one's own: where it lies, and how much of its teacher it keeps."""

    folder: Path
    teacher: str
    dims: int
    pieces: int
    neighbours_kept: float  # the share of ten nearest neighbours
    texts: int  # that was measured on
    bytes: int  # of the whole folder

    def as_json(self) -> dict[str, Any]:
        """Return what a script wants to know."""
        return {
            "folder": str(self.folder),
            "teacher": self.teacher,
            "dims": self.dims,
            "pieces": self.pieces,
            "neighbours_kept": round(self.neighbours_kept, 4),
            "texts": self.texts,
            "bytes": self.bytes,
        }


def distill(
    model: str,
    out: str | Path,
    *,
    corpus: str | Path | None = None,
    dims: int = DIMS,
    text_column: str | None = None,
    vocabulary: int | None = None,
) -> Distilled:
    """Return the table made from a transformer, and written to the folder `out`.

    `corpus` is a file or folder that `stream_corpus` reads, with labels or without, its texts in
    `text_column` where the column's name does not say so; without one, the samples are taken.
    `vocabulary` keeps so many pieces, those most used. Raises CutoutsError for whatever the caller
    can repair; nothing is written to `out` unless all went well.
    """
    out = Path(out)
    refuse_foreign(out, DISTILLED)
    if dims < 1 or (vocabulary is not None and vocabulary < 1):
        raise UsageError("--dims and --vocab are counts: give at least 1")
    if corpus is None and text_column is not None:
        raise UsageError(f"--text-column {text_column} is one of a corpus: give --corpus too")
    learned, held_out = _texts(corpus, text_column)
    teacher = load_teacher(model)
    if dims > teacher.description.dim:
        raise UsageError(
            f"{model} has vectors of {teacher.description.dim} numbers, --dims asks for {dims}: "
            "ask for fewer"
        )
    pieces = pieces_with_rows(teacher.tokenizer_json)
    rows, probability = _rows(teacher, pieces, learned, dims)
    order = np.argsort(-probability, kind="stable")[:vocabulary]
    kept = np.sort(order)
    pieces, rows = pieces[kept], rows[kept]
    share = _share_kept(teacher, pieces, rows, held_out)
    receipt: dict[str, float | str] = {
        "teacher": teacher.description.source,
        "neighbours_kept": share,
        "texts": len(held_out),
        "learned_from": len(learned),
    }
    with put_in_place(out, DISTILLED) as folder:
        _write(folder, teacher, pieces, rows, receipt)
    size = sum(path.stat().st_size for path in out.iterdir())
    name = teacher.description.name
    return Distilled(out, name, rows.shape[1], len(pieces), share, len(held_out), size)


def _texts(corpus: str | Path | None, text_column: str | None) -> tuple[list[str], list[str]]:
    """Return the texts to learn from, and those to measure on."""
    if corpus is None:
        learned = [text for name in SAMPLES for text in read_sample(name, "train").texts]
        measured = read_sample("20newsgroups", "test").texts
        step = max(1, len(measured) // TEXTS)
        return learned, [text[:CHARS] for text in measured[::step]][:TEXTS]
    rows = stream_corpus(Path(corpus), text_column=text_column).rows
    texts = list(dict.fromkeys(text for _, text, _ in rows if text and not text.isspace()))
    if len(texts) < LEAST_TEXTS:
        raise CorpusError(
            f"{corpus} holds {len(texts)} texts, a table needs at least {LEAST_TEXTS}: "
            "give more, or leave out --corpus"
        )
    held_out = [text[:CHARS] for text in texts[::HELD_OUT]][:TEXTS]
    return [t for number, t in enumerate(texts) if number % HELD_OUT], held_out


def _rows(
    teacher: OnnxEncoder, pieces: NDArray[np.uint32], texts: Sequence[str], dims: int
) -> tuple[Matrix, NDArray[np.float64]]:
    """Return the row of each piece, (pieces, dims), and how probable it is in these texts."""
    name = teacher.description.name
    print(f"· {len(pieces):,} pieces and passages of {len(texts):,} texts", file=sys.stderr)
    vectors = encoded(f"{name}, every piece", teacher, alone(pieces))
    read = teacher.tokenizer.pieces(texts)
    used = np.bincount(read.ids, minlength=teacher.description.vocabulary)[pieces]
    # As if each piece had been seen once more, those early in the vocabulary more often than others.
    seen = used + len(pieces) * zipf(len(pieces))
    probability = np.asarray(seen / seen.sum())
    axes = components(vectors, dims)
    rows = distil(vectors, axes, probability=probability)
    passages = choose_passages(texts, teacher.tokenizer)
    wanted = encoded(f"{name}, passages", teacher, passages)
    return fit_rows(rows, count_rows(passages, pieces), wanted, axes), probability


def _share_kept(
    teacher: OnnxEncoder, pieces: NDArray[np.uint32], rows: Matrix, texts: Sequence[str]
) -> float:
    """Return the share of a text's ten nearest neighbours that are so under the int8 table too."""
    table = static_encoder(teacher.tokenizer_json, pieces, rows, {})
    read = teacher.tokenizer.pieces(texts)
    reference = encoded(f"{teacher.description.name}, texts held out", teacher, read)
    return neighbours_kept(table.encode(read), reference)


def _write(
    folder: Path,
    teacher: OnnxEncoder,
    pieces: NDArray[np.uint32],
    rows: Matrix,
    receipt: dict[str, float | str],
) -> None:
    """Write the files of a Model2Vec model, and the receipt beside them.

    The first row is all zeros, and that of every piece without one.
    """
    mapping = np.zeros(teacher.description.vocabulary, np.int64)
    mapping[pieces] = np.arange(1, len(pieces) + 1)
    table = np.concatenate([np.zeros((1, rows.shape[1]), np.float32), rows])
    config = {
        "model_type": "model2vec",
        "architectures": ["StaticModel"],
        "tokenizer_name": teacher.description.name,
        "apply_pca": rows.shape[1],
        "sif_coefficient": SMOOTHING,
        "hidden_dim": rows.shape[1],
        "seq_length": 1_000_000,
        "normalize": True,
    }
    card = (
        f"---\nlicense: {teacher.description.licence.lower()}\n---\n"
        f"A table of {len(pieces):,} word pieces, made by `cutouts distill` from "
        f"{teacher.description.source}.\n"
    )
    (folder / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    (folder / TOKENIZER_FILE).write_bytes(teacher.tokenizer_json)
    (folder / "model.safetensors").write_bytes(save({"embeddings": table, "mapping": mapping}))
    (folder / RECEIPT_FILE).write_text(json.dumps(receipt, indent=1), encoding="utf-8")
    (folder / "README.md").write_text(card, encoding="utf-8")
