"""A bundle's folder and the name of a format in, a folder that another library runs out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from cutouts.bundle import Bundle, load_bundle
from cutouts.errors import UsageError
from cutouts.export.tfjs import tfjs_files
from cutouts.pack import put_in_place

MARK = "cutouts.json"  # what a page reads first; by it a former export is known
FORMATS: Mapping[str, Callable[[Bundle], Mapping[str, bytes]]] = {"tfjs": tfjs_files}


def export_bundle(folder: str | Path, format_name: str, out: str | Path) -> list[Path]:
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
    with put_in_place(out, "export", MARK) as fresh:
        for name, content in make(load_bundle(folder)).items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return sorted(path for path in out.rglob("*") if path.is_file())
