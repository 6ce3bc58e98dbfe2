"""Nothing in, the whole way shown: sample corpus, bundle, proof, result, and the app with it."""

from __future__ import annotations

from pathlib import Path

import brotli

from cutouts.manifest import MANIFEST, read_manifest
from cutouts.proof import write_proof
from cutouts.proof_texts import proof_texts
from cutouts.prove import prove
from cutouts.samples import read_sample
from cutouts.serve import serve
from cutouts.summary import proof_lines, trained_lines
from cutouts.training import stage, train

SAMPLE = "20newsgroups"
QUALITY = 9  # of brotli: level 11 takes a minute for 2 % less


def run_demo(out: Path, *, serving: bool) -> int:
    """Train, prove and print; serve until Ctrl-C when `serving`; return the exit code."""
    bundle_folder = out / "bundle"
    trained = train(read_sample(SAMPLE, "train"), read_sample(SAMPLE, "test"), out=bundle_folder)
    texts, _ = proof_texts(bundle_folder)
    stage(f"proving in Chromium on {len(texts):,} texts of the test part")
    proof = prove(trained.bundle, texts)
    write_proof(bundle_folder, proof)
    stage("compressing, to count what is sent")
    print("\n".join([*trained_lines(trained), *_sizes(bundle_folder), *proof_lines(proof)]))
    if not proof.passed:
        return 1
    if serving:
        serve(bundle_folder, on_ready=_invite)
    return 0


def _sizes(bundle_folder: Path) -> list[str]:
    """Return what a browser loads, raw and as brotli."""
    manifest = read_manifest(bundle_folder)
    paths = [MANIFEST, *(entry["path"] for entry in manifest["files"] if entry["load"])]
    contents = [(bundle_folder / path).read_bytes() for path in paths]
    raw, packed = sum(map(len, contents)), sum(map(_packed, contents))
    return [f"  {'to load':<18} {raw:,} bytes raw, {packed:,} with brotli"]


def _packed(content: bytes) -> int:
    return len(brotli.compress(content, quality=QUALITY))


def invitation(url: str) -> str:
    """Return what to open: the app with the bundle in it, and the page to try it on one text."""
    return f"Save and find: {url}/library.html\nTag one text:  {url}/  (Ctrl-C ends both)"


def _invite(url: str) -> None:
    print(f"\n{invitation(url)}", flush=True)
