"""What is asked for goes in, a plan comes out: the inputs and the encoder, as shards name them."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cutouts.corpus import Source, find_sources, mark_of, stream_corpus
from cutouts.corpus.addresses import check_name
from cutouts.encoders import Description, Encoder, read_encoder
from cutouts.encoders.description import TOKENIZER_FILE
from cutouts.errors import EncoderError, UsageError

FORMAT = 1
NUMBERS = ("float16", "int8")
MOST_PIECES = 1 << 16  # ids of pieces are kept in two bytes
SHARD_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Input:
    """A file or folder, what shards call it, and what changes when it does."""

    source: Source
    name: str
    mark: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is read, in order, and how."""

    each: tuple[Input, ...]
    columns: Mapping[str, str | None]  # as `stream_corpus` takes them
    labelled: bool  # some input may have labels
    total: int | None  # rows of all of them, about, where that is known


@dataclass(frozen=True, slots=True)
class Recipe:
    """An encoder that travels to other processes and machines: its files, and what it gives."""

    contents: Mapping[str, bytes]
    description: Description
    numbers: str

    def load(self) -> Encoder:
        """Return the encoder."""
        return read_encoder(self.contents, self.description)

    @property
    def tokenizer(self) -> str:
        """Return the sha256 of tokenizer.json, which names what the pieces are."""
        return hashlib.sha256(self.contents[TOKENIZER_FILE]).hexdigest()


@dataclass(frozen=True, slots=True)
class Plan:
    """All that decides what the shards of a folder hold."""

    inputs: Inputs
    recipe: Recipe
    shard_rows: int

    def as_json(self) -> dict[str, Any]:
        """Return the part of embeddings.json that is known before the first text is encoded."""
        description = self.recipe.description
        return {
            "format": FORMAT,
            "encoder": description.name,
            "space": description.space,
            "dim": description.dim,
            "vocabulary": description.vocabulary,
            "tokenizer": self.recipe.tokenizer,
            "numbers": self.recipe.numbers,
            "labelled": self.inputs.labelled,
            "shard_rows": self.shard_rows,
            "columns": dict(self.inputs.columns),
            "inputs": [{"name": one.name, "mark": one.mark} for one in self.inputs.each],
        }


def find_inputs(given: Sequence[str], columns: Mapping[str, str | None]) -> Inputs:
    """Return the files and folders that are meant; each is opened once, to see that it can be read.

    Raises CorpusError for what is missing or unreadable, UsageError for what is given twice.
    """
    sources = [source for one in given for source in find_sources(one)]
    places: set[Source] = set()
    for source in sources:
        place = source.resolve() if isinstance(source, Path) else source
        if place in places:
            raise UsageError(f"{source} is given twice: name each input once")
        places.add(place)
    totals: list[int | None] = []
    labelled = False
    for source in sources:  # one open file at a time, however many are given
        found = stream_corpus(source, **columns)
        totals.append(found.total)
        labelled = labelled or found.labelled
    names = _names([str(source).rstrip("/") for source in sources])
    for name in names:
        check_name(name)
    each = tuple(
        Input(source, name, mark_of(source)) for source, name in zip(sources, names, strict=True)
    )
    known = [total for total in totals if total is not None]
    return Inputs(each, columns, labelled, sum(known) if len(known) == len(totals) else None)


def _names(paths: Sequence[str]) -> list[str]:
    """Return the last parts of each path, as many as it takes to tell them apart."""
    parts = [path.split("/") for path in paths]
    for count in range(1, max(map(len, parts)) + 1):
        names = ["/".join(part[-count:]) for part in parts]
        if len(set(names)) == len(names):
            break
    return names


def make_recipe(encoder: Encoder, numbers: str) -> Recipe:
    """Return the encoder's files with its description; raises when shards cannot hold its pieces."""
    description = encoder.description
    if description.vocabulary > MOST_PIECES:
        raise EncoderError(
            f"{description.name} has {description.vocabulary:,} pieces, shards hold ids below "
            f"{MOST_PIECES:,}: use an encoder with a smaller vocabulary"
        )
    with tempfile.TemporaryDirectory() as folder:
        encoder.write(Path(folder))
        files = [path for path in sorted(Path(folder).rglob("*")) if path.is_file()]
        contents = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    return Recipe(contents, description, numbers)
