"""A Model2Vec folder in, the same table as an encoder of kind `static` out, rounded to int8.

The layout is that of Model2Vec (Tulkens and van Dongen 2024): `embeddings`, a row per piece;
optionally `mapping`, which row a piece has, and `weights`, what its row is multiplied with. A text
is the mean of its rows, where pieces that are unknown do not count. The mean and the sum point the
same way, and a bundle's vectors have length 1, so `normalize` makes no difference here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from cutouts.encoders.description import Matrix
from cutouts.encoders.given.folder import MOST_WEIGHTS, Given
from cutouts.encoders.given.sentence import check_size
from cutouts.encoders.given.word_pieces import read_word_pieces
from cutouts.encoders.receipt import cosines, pieces_to_measure
from cutouts.encoders.static import StaticEncoder, count_rows, static_encoder
from cutouts.errors import EncoderError

WEIGHTS_FILE = "model.safetensors"
MOST_DIM = 4096
NUMBERS = ("float16", "float32", "float64", "int8")

Tensors = dict[str, NDArray[Any]]


def model2vec_encoder(given: Given) -> StaticEncoder:
    """Return the table with what its rounding to int8 costs; raise EncoderError when it cannot be."""
    given.read("config.json")  # which says that it is one, so its hash is kept too
    word_pieces = read_word_pieces(given)
    tensors = read_tensors(given)
    values = table_of(given, tensors, word_pieces.vocabulary)
    kept = np.flatnonzero(values.any(axis=1)).astype(np.uint32)
    kept = kept[kept != word_pieces.unknown]
    encoder = static_encoder(word_pieces.json, kept, values[kept], {})
    pieces, made = pieces_to_measure(encoder.tokenizer)
    sums = count_rows(pieces, kept) @ values[kept].astype(np.float64)
    known = np.flatnonzero(np.linalg.norm(sums, axis=1))
    wanted = sums[known] / np.linalg.norm(sums[known], axis=1, keepdims=True)
    receipt: dict[str, float | str] = {
        "texts": len(known),
        "compared_with": f"its own table before int8{f', on {made}' if made else ''}",
    }
    if len(known):
        receipt |= cosines(encoder.encode(pieces.take(known)), wanted.astype(np.float32))
    about = replace(
        encoder.description,
        name=given.name,
        licence=given.licence,
        source=given.source,
        receipt=receipt,
        origin=origin_of(given),
    )
    return replace(encoder, description=about)


def review_model2vec(given: Given) -> None:
    """Raise EncoderError for what can be known to be refused without the weights."""
    read_word_pieces(given)
    if not given.has(WEIGHTS_FILE):
        raise given.missing(WEIGHTS_FILE)
    check_size(given, WEIGHTS_FILE, None)  # a table is made smaller, whatever the budget


def origin_of(given: Given, **settings: str | bool) -> dict[str, Any]:
    """Return what a manifest says of where an encoder is from."""
    revision = {"revision": given.revision} if given.revision else {}
    return {**revision, **settings, "files": dict(sorted(given.hashes.items()))}


def read_tensors(given: Given) -> Tensors:
    """Return the tensors of model.safetensors by name."""
    try:
        return dict(load(given.read(WEIGHTS_FILE, MOST_WEIGHTS)))
    except (SafetensorError, KeyError) as error:
        raise EncoderError(
            f"{given.name}: {WEIGHTS_FILE} cannot be read ({error}): copy it again, or save it "
            "in float32"
        ) from None


def table_of(given: Given, tensors: Tensors, vocabulary: int) -> Matrix:
    """Return the row of each piece, (vocabulary, dim), multiplied with its weight."""
    rows = _tensor(given, tensors, "embeddings", NUMBERS, 2)
    if not 0 < rows.shape[1] <= MOST_DIM:
        raise _wrong(given, f"rows of {rows.shape[1]} numbers", f"1 to {MOST_DIM}")
    if "mapping" in tensors:
        mapping = _tensor(given, tensors, "mapping", ("int32", "int64"), 1)
        if len(mapping) != vocabulary or mapping.min() < 0 or mapping.max() >= len(rows):
            raise _wrong(
                given,
                f"a mapping of {len(mapping)} pieces to rows {mapping.min()} to {mapping.max()}",
                f"{vocabulary} pieces and rows below {len(rows)}",
            )
        rows = rows[mapping]
    if len(rows) != vocabulary:
        raise _wrong(given, f"{len(rows)} rows", f"one for each of {vocabulary} pieces")
    values = rows.astype(np.float64)
    if "weights" in tensors:
        weights = _tensor(given, tensors, "weights", NUMBERS[:3], 1)
        if len(weights) != vocabulary:
            raise _wrong(given, f"{len(weights)} weights", f"one for each of {vocabulary} pieces")
        values = values * weights.astype(np.float64)[:, None]
    if not np.isfinite(values).all() or np.abs(values).max(initial=0) > np.finfo(np.float32).max:
        raise _wrong(given, "numbers that are not finite", "finite ones")
    return values.astype(np.float32)


def _tensor(
    given: Given, tensors: Tensors, name: str, kinds: tuple[str, ...], axes: int
) -> NDArray[Any]:
    found = tensors.get(name)
    if found is None:
        raise _wrong(given, f"the tensors {', '.join(sorted(tensors)) or 'none'}"[:200], name)
    if found.dtype.name not in kinds or found.ndim != axes or not found.size:
        said = f"{name} of {found.dtype} {found.shape}"
        raise _wrong(given, said, f"{' or '.join(kinds)} with {axes} axes")
    return found


def _wrong(given: Given, found: str, expected: str) -> EncoderError:
    return EncoderError(
        f"{given.name}: {WEIGHTS_FILE} has {found}, expected {expected}: "
        "give a folder that Model2Vec saved"
    )
