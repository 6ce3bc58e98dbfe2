"""A bundle folder goes in; a static site comes out: the same page, for any host of files."""

import secrets
import shutil
import sys
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from tqdm import tqdm

from cutouts.compression import ENCODINGS, SUFFIXES, compress, is_worth
from cutouts.errors import ServeError
from cutouts.former import BUNDLE, first_foreign
from cutouts.manifest import read_file, read_manifest
from cutouts.site import DOCUMENT_POLICY, SECURITY_HEADERS, WEBAPP, SiteFile, site_files

HEADERS_FILE = "_headers"
# By this line a former build is told from a folder that happens to be where the new one should go.
MARK = (
    "# Written by `cutouts build`: the headers that a host like Netlify or Cloudflare Pages sends."
)

HOLDS = "# holds /"  # and the path of a file: what a former build may hold, compressed or not
MOST_HEADERS = 1 << 20


def build_site(bundle_folder: Path, out: Path, *, webapp_folder: Path = WEBAPP) -> list[Path]:
    """Write the static site to the folder `out`, and return its files.

    What is text-like lies there a second and third time, compressed. A former build is replaced as
    a whole, or not at all; a folder that holds anything else is refused with ServeError.
    """
    files = site_files(bundle_folder, webapp_folder)
    entries = read_manifest(bundle_folder)["files"]
    listed = {f"/bundle/{entry['path']}": entry for entry in entries}
    refuse_foreign_build(out, _names(out, files))
    out = out.resolve()  # "." has no name to put a new folder beside
    out.parent.mkdir(parents=True, exist_ok=True)
    made = out.parent / f".{out.name}.new-{secrets.token_hex(4)}"
    try:
        made.mkdir()
        for file in tqdm(
            [file for url, file in files.items() if url != "/"],
            desc="build",
            unit="file",
            file=sys.stderr,
            disable=None,
            delay=1,
        ):
            path = file.resolved()
            checked = file.url in listed
            data = read_file(bundle_folder, listed[file.url]) if checked else path.read_bytes()
            _write(file, made, data)
        (made / HEADERS_FILE).write_text(headers_file(files), encoding="utf-8")
        put_in_place(made, out)
    except OSError as error:
        raise ServeError(
            f"{out} cannot be written ({error.strerror}): make room or choose another"
        ) from error
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return sorted(path for path in out.rglob("*") if path.is_file())


def headers_file(files: dict[str, SiteFile]) -> str:
    """Return the text of `_headers`: for each place of the site the headers that `serve` sends.

    No header is named under two patterns that fit the same file: hosts would send both values.
    """
    blocks = {"/*": SECURITY_HEADERS}
    for url, file in sorted(files.items()):
        parts = PurePosixPath(url).parts  # "/", "assets", "index-1a2b3c4d.js"
        pattern = f"/{parts[1]}/*" if len(parts) > 2 else url
        if file.policy != DOCUMENT_POLICY:  # the bundle has one pattern, for its other files
            blocks[pattern] = {
                "Cache-Control": file.cache_control,
                "Content-Security-Policy": file.policy,
            }
    lines = [MARK, *(f"{HOLDS}{url.removeprefix('/')}" for url in sorted(files) if url != "/")]
    for pattern, headers in blocks.items():
        lines += [pattern, *(f"  {name}: {value}" for name, value in headers.items())]
    return "\n".join(lines) + "\n"


def _write(file: SiteFile, folder: Path, data: bytes) -> None:
    path = folder / file.url.removeprefix("/")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    for encoding in ENCODINGS if file.compressible else ():
        packed = compress(data, encoding, thorough=True)
        if is_worth(len(data), len(packed)):
            path.with_name(path.name + SUFFIXES[encoding]).write_bytes(packed)


def _names(out: Path, files: dict[str, SiteFile]) -> set[str]:
    """Return the names that files of a former site have; none if this is none."""
    first, *lines = _former_headers(out).split("\n")
    if first != MARK:
        return set()
    plain = {line.removeprefix(HOLDS) for line in lines if line.startswith(HOLDS)}
    if not plain:  # one of before they were listed: as now, but for the names that change
        plain = {url.removeprefix("/") for url in files} | bundle_within(out)
        plain |= {f"assets/{path.name}" for path in (out / "assets").glob("*-????????.*")}
    return {HEADERS_FILE, *plain, *(name + end for name in plain for end in SUFFIXES.values())}


def refuse_foreign_build(out: Path, known: Collection[str]) -> None:
    """Raise ServeError when `out` is no folder, or holds a file that no build of ours writes."""
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise ServeError(f"{out} is there and is no folder: choose another folder")
    name = first_foreign(out, known) if out.exists() else None
    if name is not None:
        raise ServeError(
            f"{out} holds {name}, which belongs to no former build: "
            "move it away, or choose an empty or a new folder"
        )


def bundle_within(out: Path) -> set[str]:
    """Return the names of the files of the bundle in a former build."""
    return {f"bundle/{name}" for name in BUNDLE.known(out / "bundle")}


def _former_headers(folder: Path) -> str:
    """Return what `_headers` of a former build says, nothing where there is none."""
    try:
        with (folder / HEADERS_FILE).open(encoding="utf-8") as file:
            return file.read(MOST_HEADERS)
    except (OSError, UnicodeDecodeError):
        return ""


def put_in_place(made: Path, out: Path) -> None:
    """Rename `made` to `out`; a former build is moved away first, and back when that fails."""
    if not out.exists():
        made.rename(out)
        return
    former = out.parent / f".{out.name}.old-{secrets.token_hex(4)}"
    out.rename(former)
    try:
        made.rename(out)
    except OSError:
        former.rename(out)
        raise
    shutil.rmtree(former, ignore_errors=True)
