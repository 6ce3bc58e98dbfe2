"""The web part, and a bundle if there is one, go in; the browser extension comes out: folders, zips.

A folder is what a browser loads unpacked, a zip is what its store takes. The same files give the
same bytes.
"""

import json
import secrets
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from cutouts.build import bundle_within, put_in_place, refuse_foreign_build
from cutouts.errors import ServeError
from cutouts.former import read_mark
from cutouts.manifest import MANIFEST, Manifest, read_file, read_manifest
from cutouts.site import EXTENSION, LIBRARY, LICENCES, RUNTIME, WEBAPP
from cutouts.sources import BROKEN

BROWSERS = ("chromium", "firefox")
# What one browser needs and the other does not; the manifests are written anew.
LEFT_OUT = {
    "chromium": {"event_page.js", "chromium.json", "firefox.json"},
    "firefox": {
        *("background.js", "offscreen.html", "offscreen.js"),
        *("chromium.json", "firefox.json"),
    },
}
ENGINE = ("engine.js", "ort-")  # how the files of the ONNX engine begin, which few bundles need
MOST_MANIFEST = 1 << 20  # bytes; an extension's has some thousands
EARLIEST = (1980, 1, 1, 0, 0, 0)  # the time that a zip cannot do without


def build_extension(
    bundle_folder: Path | None, out: Path, *, webapp_folder: Path = WEBAPP
) -> list[Path]:
    """Write a folder and a zip for each browser into `out`, and return the zips.

    What a former build left there is replaced; anything else in `out` stays. Raises BundleError for
    a bundle that cannot be right, ServeError when the web part is missing, a folder is not a former
    build, or nothing can be written.
    """
    bundle = {} if bundle_folder is None else dict(_bundle_files(bundle_folder))
    kind = None if bundle_folder is None else read_manifest(bundle_folder)["encoder"]["kind"]
    made = {
        browser: bundle | dict(_own_files(webapp_folder, browser, with_engine=kind == "onnx"))
        for browser in BROWSERS
    }
    for browser in BROWSERS:
        _refuse_foreign(out, browser, made[browser])
    try:
        out.mkdir(parents=True, exist_ok=True)
        return [_write(files, out.resolve() / browser) for browser, files in made.items()]
    except OSError as error:
        raise ServeError(
            f"{out} cannot be written ({error.strerror}): make room or choose another"
        ) from error


def _own_files(webapp: Path, browser: str, *, with_engine: bool) -> Iterator[tuple[str, bytes]]:
    """Give the files of the extension and of the two rooms that it uses."""
    manifest = webapp / EXTENSION / f"{browser}.json"
    if not manifest.is_file():
        raise ServeError(
            f"the web part in {webapp} has no {EXTENSION}/{browser}.json: build it with `make web`"
        )
    yield "manifest.json", manifest.read_bytes()
    yield LICENCES, (webapp / LICENCES).read_bytes()
    for path in sorted((webapp / EXTENSION).rglob("*")):
        name = path.relative_to(webapp / EXTENSION).as_posix()
        if path.is_file() and name not in LEFT_OUT[browser]:
            yield name, path.read_bytes()
    for room in (LIBRARY, RUNTIME):
        for path in sorted((webapp / room).iterdir()):
            is_engine = room == RUNTIME and path.name.startswith(ENGINE)
            if path.suffix in (".js", ".wasm") and (with_engine or not is_engine):
                yield f"{room}/{path.name}", path.read_bytes()


def _bundle_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Give what the browser loads of a bundle, each file checked."""
    manifest: Manifest = read_manifest(folder)
    yield f"bundle/{MANIFEST}", (folder / MANIFEST).read_bytes()
    for entry in manifest["files"]:
        if entry["load"]:
            yield f"bundle/{entry['path']}", read_file(folder, entry)


def _refuse_foreign(out: Path, browser: str, made: dict[str, bytes]) -> None:
    """Raise ServeError when the folder or the zip of this browser is none that we wrote."""
    name = json.loads(made["manifest.json"])["name"]
    folder, archive = out / browser, out / f"{browser}.zip"
    zipped = _names_in(archive, name)
    if archive.exists() and not zipped:
        raise ServeError(
            f"{archive} belongs to no former build: move it away, or choose another folder"
        )
    is_ours = read_mark(folder / "manifest.json").get("name") == name
    # Without its zip, a folder is known by what would lie there now, and by its bundle.
    known = zipped | made.keys() | bundle_within(folder)
    refuse_foreign_build(folder, known if is_ours else ())


def _names_in(path: Path, name: str) -> set[str]:
    """Return the names of the files in the zip of an extension of this name; none if it is none."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open("manifest.json") as manifest:
            found = json.loads(manifest.read(MOST_MANIFEST))
            return set(archive.namelist()) if found["name"] == name else set()
    except (*BROKEN, KeyError, TypeError, ValueError, RuntimeError):  # the last: it is encrypted
        return set()


def _write(files: dict[str, bytes], folder: Path) -> Path:
    """Write the folder and, beside it, the zip."""
    made = folder.parent / f".{folder.name}.new-{secrets.token_hex(4)}"
    archive = folder.parent / f"{folder.name}.zip"
    try:
        for name, data in files.items():
            path = made / PurePosixPath(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        put_in_place(made, folder)
        write_zip(files, made.with_suffix(".zip"))
        made.with_suffix(".zip").replace(archive)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return archive


def write_zip(files: dict[str, bytes], path: Path) -> None:
    """Write files by name; the same ones give the same bytes, whenever and wherever."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])
