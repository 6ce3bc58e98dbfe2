"""The words of a call in, the command and its options out; the page of the command line too."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FORMATS = (
    "CSV, TSV, JSON Lines, Parquet, bookmark HTML, a library, or a folder with a folder per label"
)

ENCODERS = "static (default), use-lite, minilm, the folder of a model, or owner/name[@revision]"


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return the arguments of one command; texts to tag may also stand behind an option."""
    parser = build_parser()
    arguments, more = parser.parse_known_args(argv)
    texts = getattr(arguments, "texts", None)
    if more and (not isinstance(texts, list) or any(word.startswith("-") for word in more)):
        parser.error(f"unrecognized arguments: {' '.join(more)}")
    if more:
        arguments.texts = [*arguments.texts, *more]
    return arguments


def build_parser() -> argparse.ArgumentParser:
    """Return the parser, from which docs/cli.md is written."""
    parser = argparse.ArgumentParser(
        prog="cutouts",
        description="Labelled text in, a folder of static files out that tags text in a browser.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_check(commands)
    _add_train(commands)
    _add_compare(commands)
    _add_distill(commands)
    _add_embed(commands)
    _add_tag(commands)
    _add_prove(commands)
    _add_serve(commands)
    _add_build(commands)
    _add_export(commands)
    _add_show(commands)
    _add_sample(commands)
    _add_demo(commands)
    return parser


def _add(commands: Any, name: str, said: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=said, description=f"{said[0].upper()}{said[1:]}."
    )
    parser.set_defaults(command=name)
    return parser


def _add_json(parser: argparse.ArgumentParser, said: str) -> None:
    parser.add_argument("--json", action="store_true", help=said)


def _add_bundle(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="folder that train wrote")


def _add_check(commands: Any) -> None:
    parser = _add(commands, "check", "say which layers of a Keras model a browser can run")
    parser.add_argument("file", metavar="FILE", help="model.keras, or file.py:build")
    _add_json(parser, "print one JSON object")


def _add_train(commands: Any) -> None:
    parser = _add(commands, "train", "train a bundle on labelled text")
    said = f"{FORMATS}; or shards that embed wrote, out of core"
    parser.add_argument("corpus", type=Path, metavar="CORPUS", help=said)
    parser.add_argument("--test", type=Path, metavar="CORPUS", help="labelled text to measure on")
    parser.add_argument("--encoder", help=ENCODERS)
    parser.add_argument(
        "--head", default="linear", help="linear (default), cnn, auto, model.keras or file.py:build"
    )
    parser.add_argument("--out", type=Path, default=Path("bundle"), metavar="DIR", help="bundle")
    _add_budget(parser)
    _add_columns(parser)
    _add_json(parser, "print one JSON object")


def _add_budget(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--max-bytes", type=byte_count, metavar="N", help="size to keep to: 3000000, 3MB, 800kB"
    )


def _add_text_column(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--text-column", metavar="NAME", help="column that holds the text")


def _add_columns(parser: argparse.ArgumentParser) -> None:
    _add_text_column(parser)
    parser.add_argument("--label-column", metavar="NAME", help="column that holds the labels")
    parser.add_argument(
        "--separator", metavar="TEXT", help="what parts several labels in a cell (default: |)"
    )


def _add_compare(commands: Any) -> None:
    said = "say which encoder and head to take for a corpus and a budget"
    parser = _add(commands, "compare", said)
    parser.add_argument("corpus", type=Path, metavar="CORPUS", help=FORMATS)
    page = Path("comparison.html")
    parser.add_argument("--out", type=Path, default=page, metavar="FILE", help="page to write")
    said = f"another encoder beside those built in: {ENCODERS.partition('minilm, ')[2]}"
    parser.add_argument("--encoder", action="append", metavar="NAME", help=said)
    _add_budget(parser)
    _add_columns(parser)
    _add_json(parser, "print one JSON object")


def _add_embed(commands: Any) -> None:
    said = "encode corpora that outgrow memory into Parquet shards of vectors"
    parser = _add(commands, "embed", said)
    parser.add_argument(
        "inputs", nargs="+", metavar="INPUT", help="corpus, pattern (*.csv) or address (s3://...)"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="shards")
    parser.add_argument("--encoder", default="static", help=ENCODERS)
    parser.add_argument("--numbers", default="float16", help="float16 (default) or int8")
    parser.add_argument(
        "--engine", default="local", help="local (default: processes), or ray (cutouts[scale])"
    )
    parser.add_argument("--address", metavar="HOST:PORT", help="Ray cluster to use (default: none)")
    parser.add_argument("--workers", type=int, metavar="N", help="default: one per core")
    parser.add_argument("--again", action="store_true", help="begin again, without what is there")
    _add_columns(parser)
    _add_json(parser, "print one JSON object")


def _add_distill(commands: Any) -> None:
    parser = _add(commands, "distill", "make a static encoder of your own from a model")
    model = "minilm, the folder of a sentence-transformers model, or owner/name[@revision]"
    parser.add_argument("model", metavar="MODEL", help=model)
    parser.add_argument("--corpus", type=Path, metavar="CORPUS", help="your texts, labelled or not")
    _add_text_column(parser)
    parser.add_argument("--dims", type=int, default=256, metavar="N", help="256 (default), 128, …")
    parser.add_argument("--vocab", type=int, metavar="N", help="word pieces to keep (default: all)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write")
    _add_json(parser, "print one JSON object")


def _add_tag(commands: Any) -> None:
    parser = _add(commands, "tag", "tag texts, or the lines of standard input")
    _add_bundle(parser)
    parser.add_argument("texts", nargs="*", metavar="TEXT", help="text to tag")
    _add_json(parser, "print one JSON object per text, with every label's probability")


def _add_prove(commands: Any) -> None:
    parser = _add(commands, "prove", "compare a real browser's answers with Python's")
    _add_bundle(parser)
    parser.add_argument(
        "--browser", action="append", metavar="NAME", help="chromium (default), firefox or webkit"
    )
    parser.add_argument("--open", action="store_true", help="use the browser that you have")
    parser.add_argument("--texts", type=Path, metavar="CORPUS", help="labelled text to prove with")
    _add_json(parser, "print one JSON object")


def _add_serve(commands: Any) -> None:
    parser = _add(commands, "serve", "serve a page that tags text as it is typed")
    _add_bundle(parser)
    parser.add_argument("--port", type=int, metavar="N", help="0 takes any free one")


def _add_build(commands: Any) -> None:
    parser = _add(commands, "build", "write that page as a static site")
    _add_bundle(parser)
    parser.add_argument(
        "--extension", action="store_true", help="write the browser extension, the bundle inside"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="site (default), with --extension extension"
    )


def _add_export(commands: Any) -> None:
    parser = _add(commands, "export", "write a bundle for something else to run")
    _add_bundle(parser)
    parser.add_argument(
        "--format", required=True, metavar="NAME", help="onnx, npm, transformers-js or tfjs"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="export (default: the format)")


def _add_show(commands: Any) -> None:
    parser = _add(commands, "show", "say what is in a bundle")
    _add_bundle(parser)
    _add_json(parser, "print the manifest")


def _add_sample(commands: Any) -> None:
    parser = _add(commands, "sample", "write a sample corpus as CSV")
    parser.add_argument("name", metavar="NAME", help="20newsgroups or reuters-r8")
    parser.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="where to")


def _add_demo(commands: Any) -> None:
    parser = _add(commands, "demo", "train on 20 Newsgroups, prove in Chromium, serve")
    parser.add_argument("--out", type=Path, default=Path("demo"), metavar="DIR", help="where to")


def byte_count(text: str) -> int:
    """Return the bytes that `3000000`, `800kB` or `3MB` say (1 MB is 1,000,000 bytes)."""
    for unit, size in (("kb", 1_000), ("mb", 1_000_000), ("b", 1), ("", 1)):
        number = text.lower().removesuffix(unit)
        if text.lower().endswith(unit) and number.replace(".", "", 1).isdecimal():
            return int(min(float(number) * size, 1e18))
    raise argparse.ArgumentTypeError(f"{text!r} is no size: write 3000000, 800kB or 3MB")
