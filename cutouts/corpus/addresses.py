"""The name of a file or its address on another system in (`s3://...`), what opens it out."""

from __future__ import annotations

import errno
import glob
import hashlib
import importlib
import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cutouts.errors import CorpusError

SCHEME = r"[a-z][a-z0-9+.-]*"
# One may lead through others: `zip://inside.csv::s3://bucket/archive.zip`.
ADDRESS = re.compile(rf"({SCHEME}(://[^:]*)?::)*{SCHEME}://", re.IGNORECASE)
# What systems tell of a file that changes when it does.
TELLING = ("etag", "content-md5", "crc", "mtime", "last-modified", "lastmodified", "last_modified")
HASHED_CHARS = 16
BUFFER_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Address:
    """A file on a system that fsspec reads, where it and the system's driver are installed."""

    url: str

    def __str__(self) -> str:
        """Return the address without what follows `?`, which may be a secret."""
        return self.url.partition("?")[0]

    @property
    def name(self) -> str:
        """Return the last part of the address, of the first one that has parts."""
        own = next(one for one in str(self).split("::") if "://" in one)
        return own.rstrip("/").rpartition("/")[2]

    @property
    def suffix(self) -> str:
        """Return the suffix of the name, with its dot."""
        return Path(self.name).suffix

    def open(self, mode: str = "rb") -> IO[bytes]:
        """Return the file for reading; raises OSError, or CorpusError without a driver."""
        system, path = _system(self)
        with _driving():
            return io.BufferedReader(_Remote(system.open(path, mode), system), BUFFER_BYTES)


Source = Path | Address


class DriverError(OSError):
    """What a system's driver raised in words of its own: no way to it, no right to it."""


class _Remote(io.RawIOBase):
    """A file of a driver's, whose errors are OSError whenever it is read."""

    def __init__(self, file: Any, system: Any) -> None:
        self._file = file
        self._system = system  # an archive closes when nobody knows it

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return bool(self._file.seekable())

    def tell(self) -> int:
        return int(self._file.tell())

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        with _driving():
            return int(self._file.seek(offset, whence))

    def readinto(self, buffer: Any, /) -> int:
        with _driving():
            content: bytes = self._file.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


@contextmanager
def _driving() -> Iterator[None]:
    """Turn what a driver raises into an OSError.

    Each has errors of its own (botocore's, aiohttp's), whose only common parent is Exception.
    """
    try:
        yield
    except (OSError, CorpusError):
        raise
    except Exception as error:
        said = (str(error).strip() or repr(error)).splitlines()[0]
        raise DriverError(errno.EIO, said[:300]) from error


def find_sources(given: str) -> list[Source]:
    """Return the files of a name or address, or those that a pattern (`*`, `?`, `[...]`) fits.

    Raises CorpusError when a pattern fits nothing. Whether a plain name is there is seen later.
    """
    found: list[Source]
    is_pattern = glob.has_magic(given.partition("?")[0] if ADDRESS.match(given) else given)
    if not ADDRESS.match(given):
        if not is_pattern or Path(given).exists():
            return [Path(given)]
        names = glob.glob(given, recursive=True)  # noqa: PTH207  (may begin at the root)
        found = [Path(name) for name in sorted(names)]
    elif not is_pattern:
        return [Address(given)]
    else:
        system, path = _system(Address(given))
        with reading(Address(given)), _driving():
            there = sorted(system.glob(path))
        found = [Address(str(system.unstrip_protocol(name))) for name in there]
    if not found:
        raise CorpusError(f"no file is called {given}: check the pattern")
    return found


def mark_of(source: Source) -> str:
    """Return what changes when the file or folder does: a hash of its size and time, or its tag."""
    if isinstance(source, Address):
        system, path = _system(source)
        with reading(source), _driving():
            about = {name.lower(): str(value) for name, value in system.info(path).items()}
            told = [about[name] for name in TELLING if name in about]
            # Its key is never another one for a file on the web, and always for one in an archive.
            said = "\0".join([about.get("size", ""), *(told or [str(system.ukey(path))])])
        return hashlib.sha256(said.encode()).hexdigest()[:HASHED_CHARS]
    found = hashlib.sha256()
    with reading(source):
        inside = (
            sorted(p for p in source.rglob("*") if p.is_file()) if source.is_dir() else [source]
        )
        for file in inside:
            stat = file.stat()
            name = file.relative_to(source) if source.is_dir() else ""
            found.update(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode(errors="replace"))
    return found.hexdigest()[:HASHED_CHARS]


def check_name(name: str, before: str = "") -> None:
    """Raise CorpusError when the name of a file is not UTF-8, in which ids and labels are kept."""
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise CorpusError(f"{before}the name {name!a} is not UTF-8: rename it") from error


def _system(address: Address) -> tuple[Any, str]:
    """Return the file system of an address, and the path on it."""
    try:
        core = importlib.import_module("fsspec.core")
    except ImportError:
        raise CorpusError(
            f"{address} is an address and fsspec is not installed: pip install fsspec, "
            "with the driver of that system (s3fs for s3://)"
        ) from None
    try:
        system, path = core.url_to_fs(address.url)
    except (ImportError, ValueError) as error:  # no driver; no such protocol
        said = str(error).splitlines()[0]
        raise CorpusError(f"{address} cannot be opened ({said}): install its driver") from None
    return system, path


@contextmanager
def reading(source: Source) -> Iterator[None]:
    """Turn what a system says about a file into a CorpusError."""
    try:
        yield
    except FileNotFoundError:
        raise CorpusError(f"{source} is not there: check the name") from None
    except OSError as error:
        raise CorpusError(f"{source} cannot be read: {error.strerror or error}") from None
