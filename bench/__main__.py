"""Names of measurements and folders of corpora in, tables in Markdown out."""

from __future__ import annotations

import argparse
import datetime
import os
import platform
from pathlib import Path

from bench import (
    accuracy,
    browser,
    cnn_recipe,
    encoders,
    export,
    export_onnx,
    extension,
    hand_over,
    out_of_core,
    rounding_recipe,
    scale,
    settings_rule,
    size,
    static_recipe,
    training,
)
from bench.library import chromium as library
from bench.library import imports
from bench.library import like as library_like
from bench.library import search as library_search
from bench.original import agreement, race, stacks
from cutouts.samples import SAMPLES

PARTS = {
    "size": size.main,
    "training": training.main,
    "encoders": encoders.main,
    "settings_rule": settings_rule.main,
    "static_recipe": static_recipe.main,
    "cnn_recipe": cnn_recipe.main,
    "rounding_recipe": rounding_recipe.main,
    "original_agreement": agreement.main,
    "original_stacks": stacks.main,
    "original_networks": stacks.networks,
    "original_race": race.main,
    "export": export.main,
    "export_onnx": export_onnx.main,
    "browser": browser.main,
    "accuracy": accuracy.main,
    "scale": scale.main,
    "scale_ray": scale.on_ray,
    "scale_parts": scale.parts,
    "out_of_core": out_of_core.main,
    "out_of_core_made": out_of_core.on_made_rows,
    "imports": imports.main,
    "library_search": library_search.main,
    "library_like": library_like.main,
    "library": library.main,
    "library_half_million": library.half_million,
    "library_million": library.million,
    "extension": extension.main,
    "hand_over": hand_over.main,
}
JUDGED = {"library_search"}  # they also take folders of judged queries, which hold no train.csv
EXPORTS = {"imports"}  # they take folders of any files, which hold no train.csv


def main() -> None:
    """Run what is asked for, in the order of PARTS."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(PARTS)}")
    parser.add_argument(
        "--data",
        action="append",
        default=[],
        type=Path,
        metavar="DIR",
        help="folder with train.csv and test.csv (library_search: or with docs.jsonl, queries.jsonl "
        "and qrels.tsv; imports: of exports of other apps), a folder of such folders, or a sample "
        "by name (repeatable)",
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - PARTS.keys():
        parser.error(f"no measurement is called {', '.join(sorted(unknown))}")
    for name, run in PARTS.items():
        if name in (arguments.parts or PARTS):
            print(f"\n## {name}\n\n{_when()}\n", flush=True)
            run(_exports(arguments.data) if name in EXPORTS else _corpora(name, arguments.data))


def _exports(given: list[Path]) -> list[Path]:
    """Return the folders given that are no corpora."""
    return [one for one in given if one.is_dir() and not _folders([one], ("train.csv",))]


def _corpora(part: str, given: list[Path]) -> list[Path]:
    return _folders(given, ("train.csv", "docs.jsonl") if part in JUDGED else ("train.csv",))


def _folders(given: list[Path], marks: tuple[str, ...]) -> list[Path]:
    """Return the samples named, and the folders given or inside those that hold one of these files."""
    found = []
    for one in given:
        folders = (one, *sorted(one.iterdir())) if one.is_dir() else ()
        found += [folder for folder in folders if any((folder / mark).exists() for mark in marks)]
        found += [one] if str(one) in SAMPLES else []
    return found


def _when() -> str:
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return (
        f"{today}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    )


if __name__ == "__main__":
    main()
