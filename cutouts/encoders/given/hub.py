"""owner/name of a model on a hub in, a folder with its files out: one commit, each file checked.

Small files are fetched first. Weights follow only when asked for, after the small ones were looked
at, and go no further than their first bytes allow. What the hub lists (size, and sha256 or git's
own hash) is what each file is held against.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

from filelock import FileLock
from tqdm import tqdm

from cutouts.assets import cache_folder, write_whole
from cutouts.encoders.given.folder import MOST_JSON, Given, is_pickle, warn_of_pickles
from cutouts.errors import AssetError, UsageError
from cutouts.sources import NotHereError, chunks, headers_of, hub_address, open_address

log = logging.getLogger("cutouts")

NAME = re.compile(r"([\w-][\w.-]{0,95}/[\w-][\w.-]{0,95})(?:@([\w.-]{1,200}))?", re.ASCII)
COMMIT = re.compile(r"[0-9a-f]{40}")
SHA256 = re.compile(r"[0-9a-f]{64}")
MOST_LISTING = 16 << 20
SMALL = re.compile(
    r"(?:config|modules|tokenizer|sentence_bert_config|config_sentence_transformers)\.json"
    r"|[\w.-]+/config\.json|README\.md",
    re.ASCII,
)
WEIGHTS = re.compile(r"model\.safetensors|onnx/model\.onnx(?:_data|\.data)?")
Look = Callable[[str, bytes], None]
ELSE = "or download the files elsewhere and give --encoder their folder"


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as the hub lists it: its size and its hash, sha256 or (40 digits) git's."""

    bytes: int
    hash: str


@dataclass(frozen=True, slots=True)
class HubModel:
    """One commit of a model, and the folder of the cache that its files come into."""

    repo: str
    commit: str
    files: dict[str, Listed]
    folder: Path

    def given(self) -> Given:
        """Return its folder, with the files that can still be fetched."""
        coming = {name: listed.bytes for name, listed in self.files.items()}
        return Given(self.folder, self.repo, f"{self.repo}@{self.commit}", self.commit, {}, coming)

    def fetch(self, names: Iterable[str], look: Look | None = None) -> None:
        """Fetch those of the files that the hub lists and that are not here, whole and unchanged.

        `look` sees the name and the first MiB of each, and may raise, which ends the fetching.
        """
        for name in names:
            if name in self.files and not _is_whole(self.folder / name, self.files[name]):
                self._fetch_one(name, self.files[name], look)

    def _fetch_one(self, name: str, listed: Listed, look: Look | None) -> None:
        place = self.given().place_of(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        title = f"{self.repo}: {name}"
        size = 0
        try:
            with (
                open_address(hub_address(f"{self.repo}/resolve/{self.commit}/{name}")) as answer,
                tqdm(
                    desc=title, total=listed.bytes, unit="B", unit_scale=True, disable=None
                ) as bar,
                write_whole(place) as file,
            ):
                for chunk in chunks(answer):
                    if look is not None and not size:
                        look(name, chunk)
                    size += len(chunk)
                    if size > listed.bytes:
                        raise NotHereError(f"what came is longer than {listed.bytes:,} bytes")
                    file.write(chunk)
                    bar.update(len(chunk))
                if size < listed.bytes:
                    raise NotHereError(f"it broke off after {size:,} of {listed.bytes:,} bytes")
        except NotHereError as reason:
            _refuse(title, reason)
        if not _is_whole(place, listed):
            place.unlink()
            raise AssetError(
                f"{title}: what came has another hash than the hub lists ({listed.hash}): "
                f"try again, {ELSE}"
            )


def open_hub_model(name: str) -> HubModel:
    """Return the model with its small files fetched; `name` is owner/name, or owner/name@revision.

    Without a revision it is the commit that this machine took first, so that the same words give
    the same encoder; `@main` asks again. Raises UsageError for what is no name, AssetError when
    the hub does not give what it should.
    """
    found = NAME.fullmatch(name)
    if not found or ".." in name:
        raise UsageError(
            f"{name!r} is no folder and no owner/name[@revision] of a model: give one of them"
        )
    repo, revision = found[1], found[2]
    place = cache_folder() / "hub" / repo.replace("/", "--")
    try:
        place.mkdir(parents=True, exist_ok=True)
        with FileLock(place / "lock"):
            model = _pinned(repo, revision, place)
            model.fetch(filter(SMALL.fullmatch, model.files))
    except OSError as error:
        raise AssetError(
            f"{place} cannot be written ({error.strerror or error}): make room there, "
            "or set CUTOUTS_CACHE to another folder"
        ) from None
    warn_of_pickles(model.given())
    return model


def fetch_rest(model: HubModel, names: Iterable[str], look: Look | None = None) -> Given:
    """Return the model's folder with these files in it; `look` as in `HubModel.fetch`."""
    model.folder.mkdir(parents=True, exist_ok=True)
    with FileLock(model.folder.parent / "lock"):
        model.fetch(names, look)
    return replace(model.given(), coming={})


def _pinned(repo: str, revision: str | None, place: Path) -> HubModel:
    """Return the commit that is meant, from what was kept of it or as the hub says now."""
    kept = place / "commit"
    if revision is None and kept.is_file():
        revision = kept.read_text().strip()
        log.warning("%s is taken at commit %s (@main asks for the newest)", repo, revision[:12])
    if revision and COMMIT.fullmatch(revision):
        files = _kept_listing(place / f"{revision}.json")
        if files is not None:
            return HubModel(repo, revision, files, place / revision)
    commit, files = _ask(repo, revision or "main")
    listing = {name: [listed.bytes, listed.hash] for name, listed in files.items()}
    with write_whole(place / f"{commit}.json") as file:
        file.write(json.dumps(listing).encode())
    if not kept.is_file() or not (revision and COMMIT.fullmatch(revision)):
        with write_whole(kept) as file:
            file.write(commit.encode())
    return HubModel(repo, commit, files, place / commit)


def _kept_listing(path: Path) -> dict[str, Listed] | None:
    """Return the listing that was kept, or None when there is none that can be read."""
    try:
        return {name: Listed(*entry) for name, entry in json.loads(path.read_bytes()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return None  # it is asked for again


def _ask(repo: str, revision: str) -> tuple[str, dict[str, Listed]]:
    """Return the commit that the hub has for a revision, and its files of the layouts known."""
    path = f"api/models/{repo}/revision/{revision}?blobs=true"
    try:
        with open_address(hub_address(path)) as answer:
            content = answer.read(MOST_LISTING)
    except NotHereError as reason:
        _refuse(repo, reason)
    except (OSError, http.client.HTTPException) as error:
        raise AssetError(f"{repo}: the hub's answer broke off ({error!r}): try again") from None
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        raise _not_understood(repo, "no JSON") from None
    commit = said.get("sha") if isinstance(said, dict) else None
    if not isinstance(commit, str) or not COMMIT.fullmatch(commit):
        raise _not_understood(repo, f"the commit {commit!r}"[:100])
    if COMMIT.fullmatch(revision) and commit != revision:
        raise AssetError(f"{repo}: the hub answers commit {commit} to {revision}: do not trust it")
    siblings = said.get("siblings")
    if not isinstance(siblings, list) or not all(isinstance(one, dict) for one in siblings):
        raise _not_understood(repo, "no list of files")
    entries = {str(one.get("rfilename")): one for one in siblings}
    names = [name for name in entries if ".." not in name]
    files = {
        name: _listed(repo, commit, name, entries[name])
        for name in names
        if SMALL.fullmatch(name) or WEIGHTS.fullmatch(name)
    }
    # Pickles are named to the user and never fetched.
    pickles = {name: Listed(0, "") for name in filter(is_pickle, names)}
    return commit, {**files, **pickles}


def _listed(repo: str, commit: str, name: str, entry: dict[str, Any]) -> Listed:
    """Return size and hash of a file, from the list or else from what a HEAD request says."""
    size, large = entry.get("size"), entry.get("lfs")
    digest = large.get("sha256") if isinstance(large, dict) else entry.get("blobId")
    if size is None or digest is None:
        try:
            headers = headers_of(hub_address(f"{repo}/resolve/{commit}/{name}"))
        except NotHereError as reason:
            _refuse(f"{repo}: {name}", reason)
        found = headers.get("X-Linked-Size") or headers.get("Content-Length")
        tag = headers.get("X-Linked-Etag") or headers.get("ETag") or ""
        size = int(found) if found and found.isascii() and found.isdecimal() else None
        digest = tag.removeprefix("W/").strip('"')
    is_hash = isinstance(digest, str) and (SHA256.fullmatch(digest) or COMMIT.fullmatch(digest))
    if type(size) is not int or size < 0 or not is_hash:
        raise _not_understood(repo, f"neither size nor hash of {name}")
    if SMALL.fullmatch(name) and size > MOST_JSON:
        raise AssetError(f"{repo}: {name} has {size:,} bytes, {MOST_JSON:,} are allowed")
    return Listed(size, str(digest))


def _is_whole(path: Path, listed: Listed) -> bool:
    """Return whether the file is there and has the size and the hash that the hub lists."""
    if not path.is_file() or path.stat().st_size != listed.bytes:
        return False
    if SHA256.fullmatch(listed.hash):
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == listed.hash
    git = hashlib.sha1(f"blob {listed.bytes}\0".encode(), usedforsecurity=False)
    git.update(path.read_bytes())
    return git.hexdigest() == listed.hash


def _not_understood(repo: str, what: str) -> AssetError:
    return AssetError(f"{repo}: the hub answers {what}: is HF_ENDPOINT a hub? Correct it, {ELSE}")


def _refuse(what: str, reason: NotHereError) -> NoReturn:
    """Raise AssetError with what can be done about the hub's answer."""
    advice = {
        401: "it is private, gated or not there: correct the name",
        403: "it is gated: ask its owner",
        404: "there is no such model, revision or file: correct the name",
        429: "the hub asks for patience: try again in some minutes",
    }.get(reason.status, "try again" if reason.status else "connect this machine to the hub")
    raise AssetError(f"{what}: {reason}: {advice}, {ELSE}") from None
