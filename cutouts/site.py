"""A bundle and the web part go in; the files a browser may ask for come out, with their headers."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cutouts.errors import ServeError
from cutouts.manifest import MANIFEST, PROOF, Manifest, read_manifest

WEBAPP = Path(__file__).parent / "webapp"

# Named here, because what a system's own table says differs from machine to machine.
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".wasm": "application/wasm",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".md": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}
BINARY = "application/octet-stream"
# Folders of the web part: what keeps the things that a person saved, what tags, and the browser
# extension, which is no part of a site.
LIBRARY, RUNTIME, EXTENSION = "library", "runtime", "extension"
LICENCES = "licences.txt"  # of the web part, and of the packages whose code it holds
# A bundle may come from anywhere: nothing in it is ever served as a script.
BUNDLE_MEDIA_TYPES = {suffix: MEDIA_TYPES[suffix] for suffix in (".json", ".html", ".md", ".txt")}
COMPRESSIBLE = MEDIA_TYPES.keys() - {".png", ".ico", ".woff2"}

NO_CACHE = "no-cache"
IMMUTABLE = "public, max-age=31536000, immutable"

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# For a document inside the bundle, such as its report: it may look as it likes and do nothing.
DOCUMENT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class SiteFile:
    """One file that a browser may ask for at `url`."""

    url: str  # starts with "/"
    path: Path
    root: Path  # the folder that `path` must not leave, links followed
    media_type: str
    cache_control: str
    policy: str  # its Content-Security-Policy

    @property
    def compressible(self) -> bool:
        """Whether this is text-like; weights hardly compress and are sent as they are."""
        return PurePosixPath(self.url).suffix in COMPRESSIBLE

    def resolved(self) -> Path:
        """Return the real file; raises ServeError when it is missing or outside its folder."""
        real = self.path.resolve()
        if not real.is_relative_to(self.root.resolve()):
            raise ServeError(
                f"{self.url} leads out of {self.root}: replace the link by the file itself"
            )
        if not real.is_file():
            raise ServeError(
                f"{self.url} is listed but {self.path} is not a file: build or train it again"
            )
        return real


def page_policy(encoder_kind: str) -> str:
    """Return the pages' Content-Security-Policy; WebAssembly only where an engine needs it."""
    wasm = " 'wasm-unsafe-eval'" if encoder_kind == "onnx" else ""
    return (
        f"default-src 'none'; script-src 'self'{wasm}; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def site_files(bundle_folder: Path, webapp_folder: Path) -> dict[str, SiteFile]:
    """Return every file of the site by URL: the web part, and what the bundle's manifest lists.

    Raises BundleError for a manifest that cannot be right, ServeError when the web part is missing.
    """
    manifest = read_manifest(bundle_folder)
    policy = page_policy(manifest["encoder"]["kind"])
    files = {file.url: file for file in _webapp_files(webapp_folder, policy)}
    files |= {file.url: file for file in _bundle_files(bundle_folder, manifest, policy)}
    files["/"] = files["/index.html"]
    return files


def prove_page(webapp_folder: Path, encoder_kind: str) -> SiteFile:
    """Return the proof page, which is no part of the site and only served while a proof runs."""
    path = webapp_folder / "prove.html"
    if not path.is_file():
        raise ServeError(
            f"the web part in {webapp_folder} has no prove.html: build it with `make web`"
        )
    policy = page_policy(encoder_kind)
    return SiteFile("/prove.html", path, webapp_folder, MEDIA_TYPES[".html"], NO_CACHE, policy)


def _webapp_files(folder: Path, pages: str) -> Iterator[SiteFile]:
    if not (folder / "index.html").is_file():
        raise ServeError(
            f"the web part is missing: {folder} has no index.html: build it with `make web`"
        )
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        left_out = (
            relative.name == "prove.html"
            or relative.name.endswith((".d.ts", ".br", ".gz", ".map"))
            or relative.parts[0] == EXTENSION
        )
        if left_out or not path.is_file():
            continue
        # Only the build tool's folder holds names that change with the content.
        cache_control = IMMUTABLE if relative.parts[0] == "assets" else NO_CACHE
        media_type = MEDIA_TYPES.get(path.suffix, BINARY)
        # SQLite is WebAssembly, and its worker goes by the policy that its own script comes with.
        policy = page_policy("onnx") if relative.parts[0] == LIBRARY else pages
        yield SiteFile("/" + relative.as_posix(), path, folder, media_type, cache_control, policy)


def _bundle_files(folder: Path, manifest: Manifest, policy: str) -> Iterator[SiteFile]:
    names = [MANIFEST, *(entry["path"] for entry in manifest["files"])]
    if (folder / PROOF).is_file():
        names.append(PROOF)
    for name in names:
        suffix = PurePosixPath(name).suffix
        yield SiteFile(
            url=f"/bundle/{name}",
            path=folder / name,
            root=folder,
            media_type=BUNDLE_MEDIA_TYPES.get(suffix, BINARY),
            cache_control=NO_CACHE,
            policy=DOCUMENT_POLICY if suffix == ".html" else policy,
        )
