"""Cutouts as a library's zip has them go in, one on each line; the zip comes out."""

from __future__ import annotations

import hashlib
import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

PLAIN = {"kind": "text", "created": 1_760_000_000_000, "tags": []}

# One dot as a bitmap, of bytes that are letters to the server: headers of 14 and 40 bytes, a row.
DOT = (
    struct.pack("<2sIHHI", b"BM", 58, 0, 0, 54)
    + struct.pack("<IiiHHIIiiII", 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0)
    + bytes([16, 32, 64, 0])
).decode("ascii")


def write_archive(
    path: Path, cutouts: list[dict[str, Any]], images: tuple[bytes, ...] = ()
) -> Path:
    """Return the path of a zip with these cutouts and images in it."""
    head = {
        "format": "cutouts-library",
        "version": 1,
        "counts": {"cutouts": len(cutouts), "assets": len(images)},
        "tags": [],
        "models": [],
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("cutouts.jsonl", "".join(json.dumps(PLAIN | one) + "\n" for one in cutouts))
        for image in images:
            file.writestr(f"assets/{hashlib.sha256(image).hexdigest()}", image)
        file.writestr("library.json", json.dumps(head))
    return path


def icon_of(red: int, green: int, blue: int) -> bytes:
    """Return a PNG of 16 by 16 dots in one colour."""
    rows = (b"\0" + bytes([red, green, blue]) * 16) * 16
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0),
        b"IDAT": zlib.compress(rows),
        b"IEND": b"",
    }
    chunks = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts.items()
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def named(image: bytes, media_type: str = "image/png") -> dict[str, str]:
    """Return an image as a line of the zip names it."""
    return {"sha256": hashlib.sha256(image).hexdigest(), "type": media_type}
