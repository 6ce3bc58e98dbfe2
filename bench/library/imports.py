"""A folder of exports of other apps in; what the library makes of each file out.

Node runs the library's own code, on an empty database in memory for each file.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.table import print_table

SCRIPT = Path(__file__).parents[2] / "web" / "tools" / "library_imports.js"


def main(folders: Sequence[Path]) -> None:
    """Print for each file its format, what became of its rows, and why some were left out."""
    for folder in folders:
        found = subprocess.run(["node", SCRIPT, folder], check=True, stdout=subprocess.PIPE)
        intakes: list[dict[str, Any]] = json.loads(found.stdout)
        read = [one for one in intakes if "refused" not in one]
        print(f"{len(intakes)} files, {len(read)} read\n")
        header = ("file", "format", "added", "merged", "skipped", "why")
        print_table(header, [_row(one) for one in intakes])


def _row(one: dict[str, Any]) -> Sequence[str]:
    if "refused" in one:
        return [_cell(text) for text in (one["file"], "refused", "", "", "", one["refused"])]
    reasons = [f"{count} {why}" for why, count in one["reasons"].items()]
    if one["moreLines"] > 0:
        reasons.append(f"and {one['moreLines']:,} lines more")
    counts = [f"{one[name]:,}" for name in ("added", "merged", "skipped")]
    return [_cell(text) for text in (one["file"], one["format"], *counts, "; ".join(reasons))]


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
