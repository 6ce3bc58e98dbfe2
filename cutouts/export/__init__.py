"""A bundle's folder and the name of a format in, a folder that something else runs out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cutouts.bundle import Bundle, load_bundle
from cutouts.errors import UsageError
from cutouts.export.contents import README, SETTINGS, Contents
from cutouts.export.npm_package import npm_files
from cutouts.export.onnx import onnx_files
from cutouts.export.tfjs import MODEL, OWN_FILES, tfjs_files
from cutouts.export.transformers_js import transformers_js_files
from cutouts.former import Kind
from cutouts.pack import put_in_place

FORMATS: Mapping[str, Callable[[Bundle], Contents]] = {
    "onnx": onnx_files,
    "npm": npm_files,
    "transformers-js": transformers_js_files,
    "tfjs": tfjs_files,
}


def _names(settings: Mapping[str, Any]) -> Collection[str]:
    """Return the names of the files of an export in any format; none when it is not ours."""
    listed = settings.get("files")
    if not str(settings.get("made_by")).startswith("cutouts ") or not isinstance(listed, dict):
        return ()
    beside = OWN_FILES if MODEL in listed else (README,)
    return {SETTINGS, *beside, *listed}


EXPORT = Kind("export", SETTINGS, _names)


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written, and in one line what it leaves to whoever runs it."""

    files: list[Path]
    said: str


def export_bundle(folder: str | Path, format_name: str, out: str | Path) -> Exported:
    """Write the bundle in `folder` to the folder `out` in this format, and return its files.

    A former export is replaced as a whole, or not at all. Raises UsageError for a format that
    there is not, BundleError for a damaged bundle or when `out` holds anything else, ExportError
    when the format cannot say what the bundle does, and AssetError when files of the library that
    is to run it cannot be had.
    """
    make = FORMATS.get(format_name)
    if make is None:
        raise UsageError(f"no format {format_name!r}: expected one of {', '.join(FORMATS)}")
    out = Path(out)
    with put_in_place(out, EXPORT) as fresh:
        made = make(load_bundle(folder))
        for name, content in made.files.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return Exported(sorted(path for path in out.rglob("*") if path.is_file()), made.said)
