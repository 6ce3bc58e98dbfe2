"""A folder with a model that a person gives in, its files out: read whole, with limits, only here.

Nothing in it is run and no pickle is opened: JSON, safetensors and ONNX are all that is read.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from cutouts.errors import EncoderError

log = logging.getLogger("cutouts")

MOST_JSON = 64 << 20  # bytes of a configuration file; the largest tokenizers have 30 MB
MOST_WEIGHTS = 500_000_000  # bytes of a file of weights, where no --max-bytes says less
PICKLES = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib")
LICENCE = re.compile(r"^license:\s*['\"]?([\w.+-]{1,60})['\"]?\s*$", re.MULTILINE)
UNKNOWN_LICENCE = "not stated: ask who published the model"


@dataclass(frozen=True, slots=True)
class Given:
    """A model's folder; `hashes` collects the sha256 of each file that was read, by name."""

    path: Path
    name: str  # as people call it: the folder's own name, or owner/name
    source: str  # where it is from, never a path of this machine
    revision: str = ""  # the hub's commit
    hashes: dict[str, str] = field(default_factory=dict)
    coming: Mapping[str, int] = field(default_factory=dict)  # bytes of what can still be fetched

    def has(self, name: str) -> bool:
        """Return whether there is a file of this name, or can be, whatever is in it."""
        return name in self.coming or (self.path / name).is_file()

    def bytes_of(self, name: str) -> int:
        """Return the size of a file; 0 when there is none."""
        if name in self.coming:
            return self.coming[name]
        return (self.path / name).stat().st_size if self.has(name) else 0

    def read(self, name: str, most: int = MOST_JSON) -> bytes:
        """Return a file's content; raise EncoderError when it is missing, too large or elsewhere.

        `name` may come out of a file of the folder: it is not trusted.
        """
        path = self.place_of(name)
        try:
            size = path.stat().st_size
            if size > most:
                raise EncoderError(
                    f"{self.name}: {name} has {size:,} bytes, {most:,} are allowed: "
                    "take a smaller model"
                )
            content = path.read_bytes()
        except OSError as error:
            raise EncoderError(
                f"{self.name}: {name} cannot be read ({error.strerror}): give a whole folder"
            ) from None
        self.hashes[name] = hashlib.sha256(content).hexdigest()
        return content

    def place_of(self, name: str) -> Path:
        """Return where the file is; a path that leads out of the folder is refused."""
        parts = PurePosixPath(name).parts
        path = self.path / name
        plain = parts and not PurePosixPath(name).is_absolute() and ".." not in parts
        if not plain or "\\" in name or "\0" in name:
            raise EncoderError(f"{self.name}: {name!r} leads out of the folder: do not trust it")
        root = self.path.resolve()
        # The hub's own cache is made of links from snapshots/<commit>/ to blobs/ beside it.
        root = root.parent.parent if root.parent.name == "snapshots" else root
        try:
            inside = path.resolve().is_relative_to(root)
        except (OSError, RuntimeError):  # a link that leads to itself
            inside = False
        if not inside:
            raise EncoderError(
                f"{self.name}: {name!r} is a link that leads out of the folder: "
                "do not trust it, or copy the file in"
            )
        return path

    def json(self, name: str, kind: type = dict) -> Any:
        """Return the object (or list) that a JSON file holds; raise EncoderError for any other."""
        try:
            found = json.loads(self.read(name))
        except (ValueError, RecursionError) as error:
            said = "nested too deep" if isinstance(error, RecursionError) else str(error)
            raise EncoderError(
                f"{self.name}: {name} is not JSON ({said[:200]}): copy it again"
            ) from None
        if not isinstance(found, kind):
            raise EncoderError(
                f"{self.name}: {name} holds a {type(found).__name__}, expected "
                f"{'a list' if kind is list else 'an object'}: copy it again"
            )
        return found

    @property
    def licence(self) -> str:
        """Return what the model card's first lines say of the licence."""
        if not self.has("README.md"):
            return UNKNOWN_LICENCE
        card = self.read("README.md").decode(errors="replace")
        del self.hashes["README.md"]  # no part of the model
        head = card.split("\n---", 1)[0] if card.startswith("---") else ""
        found = LICENCE.search(head)
        return found.group(1) if found else UNKNOWN_LICENCE

    def pickles(self) -> list[str]:
        """Return the names of the files that run code when they are opened."""
        names = {path.name for path in self.path.glob("*")} | self.coming.keys()
        return sorted(filter(is_pickle, names))

    def missing(self, wanted: str) -> EncoderError:
        """Return the error for a folder that lacks its weights."""
        if pickles := self.pickles():
            return EncoderError(
                f"{self.name} has no {wanted}, and {pickles[0]} is a pickle, which is never "
                "opened: save the model as safetensors (Model2Vec) or ONNX"
            )
        return EncoderError(f"{self.name} has no {wanted}: give a whole folder")


def is_pickle(name: str) -> bool:
    """Return whether a file is named as pickles are; OpenVINO's weights are plain numbers."""
    return name.endswith(PICKLES) and not name.startswith("openvino/")


def open_given(path: Path) -> Given:
    """Return the folder at `path`; pickles in it are named on stderr and left alone."""
    name = path.resolve().name or "model"
    given = Given(path, name[:200].encode("utf-8", "replace").decode(), f"folder {name}"[:200])
    warn_of_pickles(given)
    return given


def warn_of_pickles(given: Given) -> None:
    """Say which files of the folder are not read because opening them would run code."""
    if pickles := given.pickles():
        log.warning("%s: %s not read (pickles run code)", given.name, ", ".join(pickles))


def field_of(given: Given, config: dict[str, Any], name: str, kind: type, file: str) -> Any:
    """Return a field of a configuration; raise EncoderError when it is not of this type."""
    found = config.get(name)
    if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
        shown = json.dumps(found)[:60]
        raise EncoderError(
            f"{given.name}: {file} has {name} {shown}, expected {kind.__name__}: copy it again"
        )
    return found
