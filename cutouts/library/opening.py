"""The path of an exported library goes in; a connection that cannot write comes out, once checked.

What is checked at once: that the file is SQLite's, a library of Cutouts, of a known version, whole
in length, without changes waiting in a file beside it, and that its tables are plain tables. SQLite's
quick_check is not run: it reads the whole file, images included, for every opening, and a changed
byte within a text escapes it. Damage is found where it is read instead, and told in the same way.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cutouts.errors import LibraryError

SUFFIXES = (".sqlite", ".sqlite3", ".db")
MAGIC = b"SQLite format 3\0"
HEADER_BYTES = 100  # https://sqlite.org/fileformat2.html#the_database_header
APPLICATION_ID = 0x43757473  # "Cuts"
VERSION = 1  # steps that the app has taken: STEPS in web/library/schema.ts
WAL = b"\2\2"  # in the header of a database whose changes go to a second file first
OLDEST_SQLITE = (3, 37, 0)  # the first that knows STRICT tables
MAX_VALUE_BYTES = 100_000_000  # of one row: an image, or the longest text with room to spare
BUSY_SECONDS = 5.0
# What is read; a file may hold more.
COLUMNS = {
    "asset": ("sha256", "type", "bytes"),
    "cutout": (
        *("id", "key", "kind", "title", "body", "note", "address", "site", "asset"),
        *("created", "trashed", "language", "icon"),
    ),
    "source": ("cutout", "description", "html"),
    "tag": ("id", "name"),
    "cutout_tag": ("cutout", "tag", "origin"),
    "space": ("id", "name", "dim"),
    "vector": ("space", "cutout", "passage", "scale", "row"),
}


def is_library(start: bytes) -> bool:
    """Return whether a file that begins like this calls itself a library of Cutouts."""
    return start.startswith(MAGIC) and _number(start, 68) == APPLICATION_ID


def connect(path: Path) -> sqlite3.Connection:
    """Return the file as a database that is only read; raises LibraryError when it is no library."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise LibraryError(
            f"the SQLite of this Python is {sqlite3.sqlite_version}, a library needs 3.37 or newer: "
            "use a newer Python"
        )
    header, size = _header(path)
    _check_header(path, header)
    _check_size(path, header, size)
    _check_beside(path)
    # A file in WAL mode would get two more files beside it as soon as it is opened, even to read.
    # None is there, so nobody is writing, and SQLite may take the file as one that never changes.
    immutable = "&immutable=1" if header[18:20] == WAL else ""
    uri = f"{path.absolute().as_uri()}?mode=ro{immutable}"
    with telling(path):
        base = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
            base.text_factory = _text
            for setting in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON"):
                base.execute(f"PRAGMA {setting}")
            base.execute("BEGIN")  # all that is read is of one moment
            _check_tables(path, base)
        except BaseException:
            base.close()
            raise
    return base


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Turn what SQLite says about a file into a LibraryError."""
    try:
        yield
    except UnicodeDecodeError as error:  # a message of SQLite that quotes bytes of the file
        raise damaged(path, "a name is no text") from error
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code is None:
            raise  # not SQLite but Python: a library that was closed, or used in another thread
        raise LibraryError(_said(path, code & 0xFF, str(error))) from error


def damaged(path: Path, found: str) -> LibraryError:
    """Return the error for a file in which something is not as the app wrote it."""
    return LibraryError(f"{path} is damaged ({found}): export the library again")


def _said(path: Path, code: int, said: str) -> str:
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"{path} is being written by another program: close that, or read a copy"
    if code == sqlite3.SQLITE_TOOBIG:
        limit = f"more than {MAX_VALUE_BYTES:,} bytes"
        return f"{path} holds a row of {limit}, which no library has: export the library again"
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return f"{path} cannot be opened ({said}): check who may read it"
    if code == sqlite3.SQLITE_READONLY:
        return f"{path} has changes beside it that are not in it yet: export the library again"
    return str(damaged(path, said))


def _header(path: Path) -> tuple[bytes, int]:
    """Return the first bytes of the file, and how many it has."""
    try:
        if path.exists() and not path.is_file():
            raise LibraryError(f"{path} is no file: expected an exported library")
        with path.open("rb") as file:
            return file.read(HEADER_BYTES), path.stat().st_size
    except FileNotFoundError as error:
        raise LibraryError(f"{path} is not there: check the name") from error
    except OSError as error:
        raise LibraryError(f"{path} cannot be read: {error.strerror}") from error


def _number(header: bytes, offset: int) -> int:
    return int.from_bytes(header[offset : offset + 4], "big")


def _check_header(path: Path, header: bytes) -> None:
    if not header:
        raise LibraryError(f"{path} is empty: export the library again")
    if not header.startswith(MAGIC):
        raise LibraryError(f"{path} is no SQLite database: expected an exported library")
    if len(header) < HEADER_BYTES:
        raise damaged(path, f"it ends after {len(header)} bytes")
    if not is_library(header):
        raise LibraryError(
            f"{path} is the SQLite database of another program: expected a library of Cutouts"
        )
    version = _number(header, 60)
    if version > VERSION:
        raise LibraryError(
            f"{path} is of version {version} and this package knows {VERSION}: update cutouts"
        )
    if version < 1:
        raise damaged(path, "it has no version")


def _check_size(path: Path, header: bytes, size: int) -> None:
    """Raise LibraryError for a file that was cut short; SQLite lets a lost half of a page pass."""
    page_bytes = int.from_bytes(header[16:18], "big")
    whole = _number(header, 28) * (page_bytes if page_bytes > 1 else 65_536)
    is_told = header[24:28] == header[92:96]  # else the count of pages was not kept up to date
    if is_told and size < whole:
        raise damaged(path, f"it has {size:,} of {whole:,} bytes")


def _check_beside(path: Path) -> None:
    """Raise LibraryError when changes wait in a file beside this one, or are being made."""
    for suffix in ("-wal", "-journal"):
        beside = path.with_name(path.name + suffix)
        try:
            with beside.open("rb") as file:
                start = file.read(8)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise LibraryError(f"{beside} cannot be read: {error.strerror}") from error
        if start.strip(b"\0"):  # one that is done with is empty, or begins with zeros
            raise LibraryError(
                f"{beside.name} lies beside {path} and may hold changes that are not in it yet: "
                "close the program that writes it, or move the library to a folder of its own"
            )


def _check_tables(path: Path, base: sqlite3.Connection) -> None:
    """Raise LibraryError unless what is read is stored in tables: a view could compute forever."""
    stored = "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0"
    tables = {name for (name,) in base.execute(stored)}
    for table, columns in COLUMNS.items():
        if table not in tables:
            raise damaged(path, f"it has no table {table}")
        plain = {
            name
            for _, name, *_, hidden in base.execute(f"PRAGMA table_xinfo({table})")
            if not hidden
        }
        for column in columns:
            if column not in plain:
                raise damaged(path, f"the table {table} has no column {column}")


def _text(data: bytes) -> str:
    """Return text as a browser reads it: what is no UTF-8, half a character too, is replaced."""
    return data.decode("utf-8", "replace")
