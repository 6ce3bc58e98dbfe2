"""Cutouts and queries in; what web/tools/library_search.js makes of them, out."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cutouts.encoders import Encoder, Matrix
from cutouts.encoders.embeddings import encode_texts

SCRIPT = Path(__file__).parents[2] / "web" / "tools" / "library_search.js"


def write_inputs(
    folder: Path, cutouts: Sequence[Mapping[str, Any]], queries: Sequence[str], encoder: Encoder
) -> int:
    """Write cutouts, queries and their vectors to `folder`; return how many passages there are.

    Which passages a cutout has is asked of the library itself, so the rule is in one place.
    """
    _write_lines(folder / "queries.jsonl", [{"text": text} for text in queries])
    texts = [text for one in passages_of(folder, cutouts) for text in one]
    embed(texts, encoder).tofile(folder / "passages.f32")
    embed(queries, encoder).tofile(folder / "queries.f32")
    return len(texts)


def passages_of(folder: Path, cutouts: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Return the passages of each cutout, by the library's own rule."""
    _write_lines(folder / "cutouts.jsonl", cutouts)
    run("passages", folder)
    passages: list[list[str]] = json.loads((folder / "passages.json").read_text(encoding="utf-8"))
    return passages


def run(job: str, folder: Path, settings: Mapping[str, Any] | None = None) -> None:
    """Let the script do its job on what is in the folder."""
    (folder / "settings.json").write_text(json.dumps(settings or {}), encoding="utf-8")
    subprocess.run(["node", "--max-old-space-size=8192", SCRIPT, job, folder], check=True)


def embed(texts: Sequence[str], encoder: Encoder) -> Matrix:
    """Return one vector per text, (texts, dim)."""
    vectors = encode_texts(encoder, encoder.tokenizer.pieces(list(texts)))
    return np.ascontiguousarray(vectors, np.float32)


def a_cutout(key: str, **part: object) -> dict[str, object]:
    """Return a cutout as `insertCutout` takes it."""
    empty = {"kind": "page", "title": "", "body": "", "note": "", "address": ""}
    rest: dict[str, object] = {
        "anchor": None,
        "asset": None,
        "tags": [],
        "created": 1_700_000_000_000,
    }
    return {"key": key, **empty, **rest, **part}


def _write_lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
