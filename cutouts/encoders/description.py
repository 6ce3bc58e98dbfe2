"""What every encoder says of itself and does: the `encoder` part of a manifest, and a Protocol."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cutouts.encoders.tokenizer import Pieces, Tokenizer

Matrix = NDArray[np.float32]  # (texts, dim)
Progress = Callable[[int], object]  # told how many texts a step did

APACHE = "Apache-2.0"
MINILM_SOURCE = "sentence-transformers/all-MiniLM-L6-v2"
TOKENIZER_FILE = "tokenizer.json"


@dataclass(frozen=True, slots=True)
class Description:
    """The `encoder` part of a manifest, field by field."""

    kind: str  # static or onnx
    name: str
    space: str
    dim: int
    max_tokens: int  # 0: all
    vocabulary: int
    licence: str = APACHE
    source: str = MINILM_SOURCE
    receipt: Mapping[str, float | str] = field(default_factory=dict)
    cls: int | None = None
    sep: int | None = None
    origin: Mapping[str, Any] | None = None  # of one that a person gave: revision, files

    @property
    def pieces_read(self) -> int | None:
        """Return how many pieces of a text the encoder reads; None means all."""
        if self.max_tokens == 0:
            return None
        return self.max_tokens if self.cls is None else self.max_tokens - 2

    def as_json(self) -> dict[str, Any]:
        """Return the manifest's object; what does not apply is left out."""
        return {key: value for key, value in asdict(self).items() if value is not None}


class Encoder(Protocol):
    """Texts to vectors: a tokenizer, and what turns its pieces into a row of numbers."""

    @property
    def description(self) -> Description:
        """Return what a manifest says about this encoder."""
        ...

    @property
    def tokenizer(self) -> Tokenizer:
        """Return what turns texts into pieces."""
        ...

    @property
    def tokenizer_json(self) -> bytes:
        """Return the tokenizer's file."""
        ...

    def encode(self, pieces: Pieces, progress: Progress | None = None) -> Matrix:
        """Return one vector of length 1 per text; all zeros where a text has nothing to go by."""
        ...

    @property
    def file_bytes(self) -> int:
        """Return the bytes of the files that `write` writes."""
        ...

    def write(self, folder: Path) -> None:
        """Write the files that a bundle's encoder folder holds."""
        ...


def space_of(contents: Mapping[str, bytes], **settings: str | int | bool) -> str:
    """Return the 16 hex digits that name the space of an encoder with these files and settings."""
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    text = json.dumps({"files": hashes, **settings}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
