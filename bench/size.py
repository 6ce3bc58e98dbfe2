"""20 Newsgroups in; bytes of a bundle, of a second head and of a 3 MB bundle, and accuracy, out."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import brotli

from bench.table import print_table
from cutouts.manifest import read_manifest
from cutouts.samples import read_sample
from cutouts.site import WEBAPP
from cutouts.training import Trained, train

SMALL = 3_000_000
STATIC_PATH = ("index.js", "worker.js")  # of the runtime; what they import is looked up


def main(folders: Sequence[Path]) -> None:  # noqa: ARG001  (the same for every measurement)
    """Train with and without a budget, and count what each part weighs."""
    rows = []
    with tempfile.TemporaryDirectory() as out:
        corpus, test = read_sample("20newsgroups", "train"), read_sample("20newsgroups", "test")
        for name, budget in (("no budget", None), ("--max-bytes 3MB", SMALL)):
            trained = train(corpus, test, out=Path(out) / "bundle", max_bytes=budget)
            rows.append((name, *_sizes(trained)))
    print_table(("bundle", "raw", "to load", "brotli", "head alone", "accuracy"), rows)
    raw, packed = runtime_bytes()
    print(f"\nRuntime, static path, all its scripts: {raw:,} bytes raw, {packed:,} with brotli.")


def _sizes(trained: Trained) -> tuple[str, ...]:
    folder = trained.bundle.folder
    manifest = read_manifest(folder)
    loaded = [entry["path"] for entry in manifest["files"] if entry["load"]]
    contents = {path: (folder / path).read_bytes() for path in [*loaded, "manifest.json"]}
    head = sum(len(content) for path, content in contents.items() if "encoder/" not in path)
    packed = sum(len(brotli.compress(content, quality=9)) for content in contents.values())
    numbers = (trained.bytes, sum(map(len, contents.values())), packed, head)
    return (*(f"{number:,}" for number in numbers), f"{trained.metrics.accuracy:.4f}")


def runtime_bytes() -> tuple[int, int]:
    """Return the bytes of every script of the runtime that no engine needs, raw and as brotli."""
    wanted, seen = [WEBAPP / "runtime" / name for name in STATIC_PATH], dict[Path, bytes]()
    while wanted:
        path = wanted.pop()
        if path not in seen and path.exists():
            seen[path] = path.read_bytes()
            others = path.parent.glob("*.js")
            wanted += [p for p in others if f'from"./{p.name}"' in seen[path].decode()]
    packed = sum(len(brotli.compress(content)) for content in seen.values())
    return sum(map(len, seen.values())), packed
