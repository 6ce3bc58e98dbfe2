"""Bytes go in, fewer bytes come out: brotli and gzip, for files that are text-like."""

import functools
import gzip
from pathlib import Path

import brotli

ENCODINGS = ("br", "gzip")  # the one that saves most first
SUFFIXES = {"br": ".br", "gzip": ".gz"}
WORTH = 0.95  # a file that keeps more than this share of its size is left as it is
LARGE = 1 << 20  # brotli's highest quality needs seconds for each megabyte


def compress(data: bytes, encoding: str, *, thorough: bool) -> bytes:
    """Return `data` in `encoding`; `thorough` is for files that are compressed once."""
    if encoding == "gzip":
        return gzip.compress(
            data, 9 if thorough else 6, mtime=0
        )  # no time inside: the same in, the same out
    quality = (11 if len(data) < LARGE else 9) if thorough else 5
    packed: bytes = brotli.compress(data, quality=quality)
    return packed


def is_worth(original: int, compressed: int) -> bool:
    """Return whether `compressed` bytes instead of `original` repay unpacking them."""
    return compressed <= original * WORTH


def accepted_encoding(accept_encoding: str) -> str | None:
    """Return the first of ENCODINGS that an Accept-Encoding header allows, if any."""
    allowed = set()
    for part in accept_encoding.lower().split(","):
        name, _, parameter = part.strip().partition(";")
        refused = parameter.replace(" ", "").rstrip("0").rstrip(".") in ("q=", "q=0")
        if not refused:
            allowed.add(name.strip())
    return next((encoding for encoding in ENCODINGS if encoding in allowed), None)


@functools.lru_cache(maxsize=128)
def compressed_file(path: Path, mtime_ns: int, encoding: str) -> bytes:
    """Return the file at `path` in `encoding`, from its compressed sibling when that is not older.

    `mtime_ns` is part of the cache's key, so that a changed file is compressed again.
    """
    sibling = path.with_name(path.name + SUFFIXES[encoding])
    if sibling.is_file() and not sibling.is_symlink() and sibling.stat().st_mtime_ns >= mtime_ns:
        return sibling.read_bytes()
    return compress(path.read_bytes(), encoding, thorough=False)
