"""A bundle folder goes in; the bytes that a browser downloads before its first tag come out."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cutouts.compression import compress, is_worth
from cutouts.manifest import MANIFEST, read_manifest
from cutouts.site import WEBAPP, SiteFile, site_files

ENGINE = "engine.js"  # what runs ONNX graphs; with its WebAssembly only where one is


@dataclass(frozen=True, slots=True)
class Payload:
    """What is downloaded: the manifest, encoder and head, golden answers, and the runtime."""

    raw: int  # bytes as they lie on disk
    sent: int  # bytes as a site from `cutouts build` sends them, with brotli


def payload_of(bundle_folder: Path, webapp_folder: Path = WEBAPP) -> Payload:
    """Return the bytes of every file that a page loads to give its first tag.

    The page's own HTML and style are left out, since a site has its own. Raises ServeError when
    the web part is missing.
    """
    raw = sent = 0
    for file in payload_files(bundle_folder, webapp_folder):
        path = file.resolved()
        size = path.stat().st_size
        raw += size
        packed = _packed(path, path.stat().st_mtime_ns) if file.compressible else size
        sent += packed if is_worth(size, packed) else size
    return Payload(raw, sent)


def payload_files(bundle_folder: Path, webapp_folder: Path = WEBAPP) -> list[SiteFile]:
    """Return the files that are loaded, in the order of their addresses."""
    manifest = read_manifest(bundle_folder)
    onnx = manifest["encoder"]["kind"] == "onnx"
    names = [MANIFEST, *(entry["path"] for entry in manifest["files"] if entry["load"])]
    wanted = {f"/bundle/{name}" for name in names}
    files = site_files(bundle_folder, webapp_folder)
    return [
        file for url, file in sorted(files.items()) if url in wanted or _of_runtime(url, onnx=onnx)
    ]


def _of_runtime(url: str, *, onnx: bool) -> bool:
    path = PurePosixPath(url)
    if path.parent != PurePosixPath("/runtime"):
        return False
    return onnx or (path.suffix == ".js" and path.name != ENGINE)


@functools.lru_cache(maxsize=16)  # the engine is in every bundle, and takes seconds
def _packed(path: Path, mtime_ns: int) -> int:  # noqa: ARG001  (part of the key: a changed file is another)
    return len(compress(path.read_bytes(), "br", thorough=True))
