"""A folder that is in the way in; out the name of a file in it that is none of ours, if there is one.

A folder is replaced as a whole, with all that it holds. So it is only replaced when its mark, the
file that says what it is, has our own fields, and each of its files is one that we write there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cutouts.errors import BundleError
from cutouts.manifest import MANIFEST, MAX_MANIFEST, PROOF

LITTER = (".DS_Store", "Thumbs.db", "desktop.ini")  # of systems, in folders that were looked at


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of folder that a command writes."""

    what: str  # as messages call it
    mark: str  # the JSON file by which it is known
    names: Callable[[Mapping[str, Any]], Collection[str]]  # of its files, from the mark's content

    def known(self, folder: Path) -> Collection[str]:
        """Return the names of the files that we write there; none when the mark is not ours."""
        return self.names(read_mark(folder / self.mark))


def refuse_foreign(out: Path, kind: Kind) -> None:
    """Raise BundleError when writing to `out` would remove anything but a former folder of ours."""
    if out.exists() and not out.is_dir():
        raise BundleError(f"{out} is a file: choose a folder for the {kind.what}")
    name = first_foreign(out, kind.known(out)) if out.exists() else None
    if name is not None:
        raise BundleError(
            f"{out} holds {name}, which belongs to no {kind.what}: "
            "move it away, or choose another --out"
        )


def first_foreign(folder: Path, known: Collection[str]) -> str | None:
    """Return the name of a file that is not known, or None.

    Where nothing is known, an empty folder in it is foreign too.
    """
    for path in sorted(folder.rglob("*") if known else folder.iterdir()):
        name = path.relative_to(folder).as_posix()
        is_folder = path.is_dir() and not path.is_symlink()
        if name not in known and path.name not in LITTER and not (known and is_folder):
            return name
    return None


def read_mark(path: Path) -> Mapping[str, Any]:
    """Return the object in a file; an empty one when there is no such file, or anything else."""
    try:
        if path.stat().st_size > MAX_MANIFEST:
            return {}
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def bundle_names(manifest: Mapping[str, Any]) -> Collection[str]:
    """Return the names of a bundle's files; none when this is no manifest of a bundle."""
    kinds = {"format": int, "encoder": dict, "head": dict, "labels": list, "files": list}
    if not all(isinstance(manifest.get(name), kind) for name, kind in kinds.items()):
        return ()
    entries = [entry for entry in manifest["files"] if isinstance(entry, dict)]
    return {MANIFEST, PROOF, *(str(entry.get("path")) for entry in entries)}


BUNDLE = Kind("bundle", MANIFEST, bundle_names)
