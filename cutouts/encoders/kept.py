"""An encoder in, a folder of the cache that holds it out, and back: whole, and checked by hash."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from filelock import FileLock

from cutouts.encoders.description import Description, Encoder
from cutouts.encoders.minilm import read_onnx
from cutouts.encoders.static import read_static
from cutouts.errors import EncoderError

log = logging.getLogger("cutouts")


def load_kept(folder: Path, build: Callable[[], Encoder]) -> Encoder:
    """Return the encoder that `folder` holds; built and put there when it holds none or a damaged.

    One process builds at a time. Raises EncoderError when the folder cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_suffix(".lock")):
            return _load_locked(folder, build)
    except OSError as error:
        raise EncoderError(
            f"{folder} cannot be written ({error.strerror or error}): make room there, "
            "or set CUTOUTS_CACHE to another folder"
        ) from None


def _load_locked(folder: Path, build: Callable[[], Encoder]) -> Encoder:
    if folder.exists():
        try:
            return _read(folder)
        except (EncoderError, OSError, ValueError, KeyError, TypeError) as error:
            log.warning("%s is damaged (%s): building it again", folder, error)
            shutil.rmtree(folder)
    encoder = build()
    keep(encoder, folder)
    return encoder


def keep(encoder: Encoder, folder: Path) -> None:
    """Write the encoder beside `folder` and put it in place whole."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="part-") as part:
        encoder.write(Path(part))
        files = [path for path in sorted(Path(part).rglob("*")) if path.is_file()]
        hashes = {path.relative_to(part).as_posix(): _hash(path.read_bytes()) for path in files}
        kept = {"description": encoder.description.as_json(), "files": hashes}
        (Path(part) / "encoder.json").write_text(json.dumps(kept))
        shutil.copytree(part, folder.with_suffix(".new"), dirs_exist_ok=True)
    folder.with_suffix(".new").replace(folder)


def _read(folder: Path) -> Encoder:
    kept = json.loads((folder / "encoder.json").read_text())
    contents = {name: (folder / name).read_bytes() for name in kept["files"]}
    for name, content in contents.items():
        if _hash(content) != kept["files"][name]:
            raise EncoderError(f"{name} has changed")
    return read_encoder(contents, Description(**kept["description"]))


def read_encoder(contents: Mapping[str, bytes], description: Description) -> Encoder:
    """Return the encoder whose files are `contents`, by name."""
    read = read_static if description.kind == "static" else read_onnx
    try:
        return read(contents, description)
    except KeyError as missing:
        raise EncoderError(
            f"the encoder has no {missing.args[0]}: build the bundle again"
        ) from None


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
