"""A bundle in; what every export holds beside its models: cutouts.json, and README.md for people."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cutouts.bundle import Bundle
from cutouts.report.format import markdown

README = "README.md"
SETTINGS = "cutouts.json"  # what a page reads first; by it a former export is known
TOLERANCE = 1e-4  # the largest difference in a probability that still counts as the same answer
CHECKS = 6  # texts with answers, which whoever runs the export can replay
CHECK_CHARS = 1_000  # a longer text takes too long for that


@dataclass(frozen=True, slots=True)
class Contents:
    """The files of an export by path, and what its format leaves to whoever runs it, in one line."""

    files: Mapping[str, bytes]
    said: str


def settings(bundle: Bundle, models: Mapping[str, bytes], **more: Any) -> bytes:
    """Return cutouts.json: labels with thresholds, each model file's sha256, texts with answers."""
    manifest = bundle.manifest
    found = {
        "made_by": f"cutouts {importlib.metadata.version('cutouts')}",
        "name": manifest["name"],
        "licences": {"head": manifest["licence"], "encoder": manifest["encoder"]["licence"]},
        "labels": manifest["labels"],
        "multiple": manifest["multiple"],
        "max_chars": manifest["max_chars"],
        "files": {
            path: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for path, data in models.items()
        },
        "tolerance": TOLERANCE,
        "checks": [
            {"text": entry["text"], "probabilities": entry["probabilities"]}
            for entry in checks(bundle)
        ],
        **more,
    }
    return json.dumps(found, indent=1, allow_nan=False).encode() + b"\n"


def checks(bundle: Bundle) -> Sequence[Mapping[str, Any]]:
    """Return some of the bundle's golden texts, not empty and not long."""
    short = [entry for entry in bundle.golden if 0 < len(entry["text"]) <= CHECK_CHARS]
    step = max(1, len(short) // CHECKS)
    return short[::step][:CHECKS]


def deciding(bundle: Bundle) -> str:
    """Return in words how probabilities become tags, which the models themselves do not do."""
    if bundle.manifest["multiple"]:
        return (
            "Several labels may hold. Give every label whose probability is at least its threshold "
            f"in {SETTINGS}, the most probable first; where none is, the answer is none of these."
        )
    return (
        "One label holds, or none. Give the most probable label if its probability is at least its "
        f"threshold in {SETTINGS}; otherwise the answer is none of these."
    )


def readme(
    bundle: Bundle, title: str, sections: Sequence[tuple[str, Sequence[str]]], runtime: str = ""
) -> bytes:
    """Return README.md: sections of paragraphs under a title, and under which licences it all is.

    `runtime` says so of the code that goes with the bundle, where there is some.
    """
    parts = [f"# {title}"]
    head, encoder = bundle.manifest["licence"], bundle.manifest["encoder"]
    licences = [
        f"Head: {markdown(head)}.",
        f"Encoder: {markdown(encoder['licence'])}, from {markdown(encoder['source'])}.",
        *filter(None, [runtime]),
    ]
    for heading, paragraphs in [*sections, ("Licence", licences)]:
        parts += [f"## {heading}", *paragraphs]
    return ("\n\n".join(parts) + "\n").encode()
