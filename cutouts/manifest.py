"""A bundle's folder in, its checked manifest out, and back: the only file that names the others."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn

from cutouts.errors import BundleError

FORMAT = 1
CHUNK = 1 << 20  # bytes that a browser checks at once
MANIFEST = "manifest.json"
PROOF = "proof.json"
MAX_MANIFEST = 64 << 20

Manifest = dict[str, Any]


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a bundle; raise BundleError when there is none or it is not valid."""
    path = folder / MANIFEST
    try:
        if path.stat().st_size > MAX_MANIFEST:
            raise BundleError(f"{path} has more than {MAX_MANIFEST} bytes: it is no manifest")
        manifest = json.loads(path.read_bytes(), parse_constant=_refuse_constant)
    except (FileNotFoundError, NotADirectoryError):
        raise BundleError(
            f"{folder} holds no {MANIFEST}: give the folder that cutouts train wrote"
        ) from None
    except OSError as error:
        raise BundleError(f"{path} cannot be read ({error.strerror}): copy it again") from None
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{path} is not JSON ({error}): train again or copy it again") from None
    found = manifest.get("format") if isinstance(manifest, dict) else None
    if isinstance(found, int) and found > FORMAT:
        raise BundleError(
            f"{path} has format {found}, this version reads up to {FORMAT}: update cutouts"
        )
    check_manifest(manifest, str(path))
    return dict(manifest)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"it holds {name}")


def check_manifest(manifest: object, name: str = MANIFEST) -> None:
    """Raise BundleError when the manifest is not as bundle.schema.json says."""
    from jsonschema.exceptions import best_match

    error = best_match(_validator().iter_errors(manifest))
    if error is not None:
        where = "/".join(str(part) for part in error.absolute_path) or "its top"
        said = error.message if len(error.message) < 200 else error.message[:200] + "…"
        raise BundleError(f"{name} is not a manifest: at {where}, {said}: train again")


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    schema = files("cutouts").joinpath("bundle.schema.json").read_bytes()
    return Draft202012Validator(json.loads(schema))


def file_entry(path: str, content: bytes, *, load: bool) -> dict[str, Any]:
    """Return what a manifest says about a file."""
    chunks = [content[start : start + CHUNK] for start in range(0, len(content), CHUNK)]
    return {
        "path": path,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "chunks": [hashlib.sha256(chunk).hexdigest() for chunk in chunks],
        "load": load,
    }


def read_file(folder: Path, entry: dict[str, Any]) -> bytes:
    """Return the content of a file of the bundle; raise BundleError when it is not as listed."""
    path = folder / entry["path"]
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise BundleError(f"{path} leads out of the bundle: do not trust this bundle")
        size = path.stat().st_size
        content = path.read_bytes() if size == entry["bytes"] else b""
    except (OSError, RuntimeError) as error:  # RuntimeError: a link that leads to itself
        reason = getattr(error, "strerror", None) or str(error)
        raise BundleError(f"{path} cannot be read ({reason}): copy the bundle again") from None
    if size != entry["bytes"]:
        raise BundleError(
            f"{path} has {size} bytes, the manifest says {entry['bytes']}: copy the bundle again"
        )
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise BundleError(f"{path} is damaged (another sha256): copy the bundle again")
    return content
