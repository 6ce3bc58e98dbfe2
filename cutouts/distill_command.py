"""Arguments of `cutouts distill` in, the table made and what it keeps printed."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

DISTILL = "make a static encoder of your own from a model"


def add_distill(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    model = "minilm, the folder of a sentence-transformers model, or owner/name[@revision]"
    parser.add_argument("model", metavar="MODEL", help=model)
    parser.add_argument("--corpus", type=Path, metavar="CORPUS", help="your texts, as for train")
    parser.add_argument("--dims", type=int, default=256, metavar="N", help="256 (default), 128, …")
    parser.add_argument("--vocab", type=int, metavar="N", help="word pieces to keep (default: all)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def distill(arguments: argparse.Namespace) -> int:
    """Distil, and print what the table keeps of its teacher."""
    from cutouts.distillation import distill as run
    from cutouts.summary import distilled_lines

    made = run(
        arguments.model,
        arguments.out,
        corpus=arguments.corpus,
        dims=arguments.dims,
        vocabulary=arguments.vocab,
    )
    print(json.dumps(made.as_json()) if arguments.json else "\n".join(distilled_lines(made)))
    return 0
