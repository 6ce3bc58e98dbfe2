"""A bundle in, a package for npm out: the bundle with the runtime that tags with it, in one .tgz.

NAME-VERSION.tgz   what `npm install` takes
cutouts.json       labels, thresholds, sha256 of the .tgz, texts with answers
README.md          how to use it; the .tgz holds it too
"""

from __future__ import annotations

import gzip
import io
import json
import re
import tarfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from cutouts.bundle import Bundle
from cutouts.encoders.description import APACHE
from cutouts.errors import ExportError
from cutouts.export.contents import SETTINGS, Contents, readme, settings
from cutouts.manifest import MANIFEST, Manifest, read_file
from cutouts.site import LICENCES, RUNTIME, WEBAPP

ENGINE = "ort-wasm-simd-threaded.wasm"  # 14 MB
NO_ENGINE = """/** What stands for the engine of graphs: this bundle has none, and never asks for it. */
export const Tensor = undefined;
export function startSession() {
  throw new Error("this package holds no engine: its bundle needs none");
}
"""
ORIGIN = "http://localhost"  # what stands for a page's own host in Node; nothing is asked there
LONGEST_NAME = 40
WHEN = 499_162_500  # 1985-10-26, which npm writes for every file, so that packing twice is the same
RUNTIME_LICENCE = f"Runtime: {APACHE}; `{LICENCES}` names the packages whose code it holds."
SAID = "npm install the .tgz; it tags as the bundle does, thresholds and none of these included"


def npm_files(bundle: Bundle, webapp: Path = WEBAPP) -> Contents:
    """Return the files of the export.

    Raises ExportError when the web part, whose runtime goes in, is missing.
    """
    name, version = package_name(bundle.manifest["name"]), package_version(bundle.manifest)
    card = _readme(bundle, name, version)
    held = {**_bundle_files(bundle), **_runtime_files(bundle, webapp)}
    for file in sorted(_glue(), key=lambda file: file.name):
        held[file.name] = file.read_bytes()
    held["files.js"] = _addresses(held)
    root = f"/.cutouts/{name}/{version}/"
    held["root.js"] = (
        "/** Where the bundle seems to be; nothing is there, `names.js` says where its files are. */\n"
        f"export const ROOT = {json.dumps(root)};\nexport const ORIGIN = {json.dumps(ORIGIN)};\n"
    ).encode()
    held["README.md"] = card
    held["package.json"] = _description(bundle, name, version, held)
    packed = {f"{name}-{version}.tgz": tarball(held)}
    return Contents({**packed, "README.md": card, SETTINGS: settings(bundle, packed)}, SAID)


def package_name(bundle_name: str) -> str:
    """Return a name that npm takes: letters, digits and hyphens of the bundle's, then -tagger."""
    plain = re.sub(r"[^a-z0-9]+", "-", bundle_name.lower()).strip("-")
    return f"{plain[:LONGEST_NAME].strip('-') or 'bundle'}-tagger"


def package_version(manifest: Manifest) -> str:
    """Return when the bundle was made as a version, so that a newer one has a higher."""
    year, month, day, *time = (int(part) for part in re.findall(r"\d+", manifest["created"]))
    hour, minute, second = time
    return f"{year}.{month * 100 + day}.{hour * 10_000 + minute * 100 + second}"


def tarball(held: Mapping[str, bytes]) -> bytes:
    """Return the files as npm packs them, the same bytes whenever they are the same."""
    out = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=out, mode="wb", filename="", mtime=WHEN) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path in sorted(held):
            entry = tarfile.TarInfo(f"package/{path}")
            entry.size, entry.mtime, entry.mode = len(held[path]), WHEN, 0o644
            archive.addfile(entry, io.BytesIO(held[path]))
    return out.getvalue()


def _bundle_files(bundle: Bundle) -> dict[str, bytes]:
    """Return the manifest and every file that it lists, each checked once more."""
    found = {f"bundle/{MANIFEST}": (bundle.folder / MANIFEST).read_bytes()}
    for entry in bundle.manifest["files"]:
        if entry["load"]:
            found[f"bundle/{entry['path']}"] = read_file(bundle.folder, entry)
    return found


def _runtime_files(bundle: Bundle, webapp: Path) -> dict[str, bytes]:
    folder = webapp / RUNTIME
    if not (folder / "worker.js").is_file():
        raise ExportError(f"the web part is missing: {folder} has no worker.js: run `make web`")
    held = {
        f"{RUNTIME}/{path.name}": path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.name.endswith((".js", ".d.ts")) or path.name == ENGINE
    }
    held[LICENCES] = (webapp / LICENCES).read_bytes()
    if bundle.manifest["encoder"]["kind"] != "onnx":
        del held[f"{RUNTIME}/{ENGINE}"]
        held[f"{RUNTIME}/engine.js"] = NO_ENGINE.encode()
    return held


def _glue() -> list[Path]:
    scripts = Path(str(files("cutouts.export").joinpath("package")))
    return [file for file in scripts.iterdir() if file.suffix in (".js", ".ts")]


def _addresses(held: Mapping[str, bytes]) -> bytes:
    """Return files.js: for each file that is fetched, its address, written so that bundlers see it."""
    fetched = [path for path in sorted(held) if path.startswith("bundle/") or path.endswith(ENGINE)]
    lines = [
        f"  {json.dumps(path)}: new URL({json.dumps(f'./{path}?no-inline')}, import.meta.url).href,"
        for path in fetched
    ]
    said = "/** Each file that is fetched, by name; a bundler gives it another address. */"
    return "\n".join([said, "export const FILES = {", *lines, "};", ""]).encode()


def _description(bundle: Bundle, name: str, version: str, held: Mapping[str, bytes]) -> bytes:
    folders = {path.partition("/")[0] for path in held}
    found = {
        "name": name,
        "version": version,
        "description": "A Cutouts bundle that tags text in a browser or in Node, and its runtime",
        "license": _licence(bundle.manifest),
        "type": "module",
        "engines": {"node": ">=20.19"},
        "exports": {
            ".": {"types": "./index.d.ts", "node": "./node.js", "default": "./index.js"},
            "./bundle/*": "./bundle/*",
            "./package.json": "./package.json",
        },
        "types": "./index.d.ts",
        "files": sorted(folders - {"README.md"}),
    }
    return json.dumps(found, indent=2, ensure_ascii=False).encode() + b"\n"


def _licence(manifest: Manifest) -> str:
    """Return the one licence of all parts as npm names it, or where the several are told."""
    named = {APACHE, manifest["licence"], manifest["encoder"]["licence"]}
    same = {name.lower() for name in named} == {APACHE.lower()}
    return APACHE if same else "SEE LICENSE IN README.md"


def _readme(bundle: Bundle, name: str, version: str) -> bytes:
    example = (
        "```js\n"
        f'import {{ loadTagger }} from "{name}";\n\n'
        "const tagger = await loadTagger();\n"
        'const { tags } = await tagger.tag("Is the big hall free on Sunday?");\n'
        "console.log(tags); // [{ label, probability }], none where nothing is probable enough\n"
        "tagger.close();\n"
        "```"
    )
    use = [
        f"`npm install ./{name}-{version}.tgz`, then, in a page or in Node:",
        example,
        "A page needs https or localhost. Its worker and the bundle's files come from the page's own "
        "host; nothing else is asked. Vite 8 needs no settings for it, and a page without a bundler "
        "imports `index.js`.",
    ]
    if bundle.manifest["encoder"]["kind"] == "onnx":
        use.append(
            "The engine is WebAssembly: a Content-Security-Policy needs 'wasm-unsafe-eval' in "
            "script-src."
        )
    about = [
        "The bundle's own answers, checked at every load against Python's: tags, thresholds, none "
        "of these and several labels included. Nothing is left to you.",
        "To publish it, choose a name of your own in package.json first.",
    ]
    sections = [("Use", use), ("What comes out", about)]
    return readme(bundle, "A Cutouts bundle for npm", sections, RUNTIME_LICENCE)
