"""Arguments in, one function called, its result printed: the `cutouts` command."""

from __future__ import annotations

import argparse
import io
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cutouts.budget import byte_count
from cutouts.distill_command import DISTILL, add_distill, distill
from cutouts.errors import CutoutsError, UsageError

FORMATS = (
    "CSV, TSV, JSON Lines, Parquet, bookmark HTML, a library, or a folder with a folder per label"
)
ENCODERS = "static (default), use-lite, minilm, the folder of a model, or owner/name[@revision]"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return 0, 1 for a failure, 2 for a wrong call."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    if isinstance(sys.stdout, io.TextIOWrapper):  # a label that the terminal cannot show
        sys.stdout.reconfigure(errors="backslashreplace")
    arguments = parse(argv)
    try:
        run: Callable[[argparse.Namespace], int] = arguments.run
        code = run(arguments)
        sys.stdout.flush()  # here, where a reader that has gone is noticed
        return code
    except UsageError as error:
        print(f"cutouts: {error}", file=sys.stderr)
        return 2
    except CutoutsError as error:
        print(f"cutouts: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("cutouts: stopped; what was finished is kept, run it again to go on", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output has gone
        _forget_output()
        return 1
    except OSError as error:  # a full disk, a folder that may not be written
        _forget_output()
        where = f"{error.filename}: " if error.filename else "what was to be written: "
        print(f"cutouts: {where}{error.strerror or error}", file=sys.stderr)
        return 1


def _forget_output() -> None:
    """Send what is still to be printed nowhere, so that the end of the program does not fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
    add_distill(_add(commands, "distill", distill, DISTILL))
    _add_tag(commands)
    _add_prove(commands)
    _add_serve(commands)
    _add_build(commands)
    _add_export(commands)
    _add_show(commands)
    _add_sample(commands)
    _add_demo(commands)
    return parser


def _add(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], said: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=said, description=f"{said[0].upper()}{said[1:]}."
    )
    parser.set_defaults(run=run)
    return parser


def _add_json(parser: argparse.ArgumentParser, said: str) -> None:
    parser.add_argument("--json", action="store_true", help=said)


def _add_bundle(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="folder that train wrote")


def _add_check(commands: Any) -> None:
    parser = _add(commands, "check", check, "say which layers of a Keras model a browser can run")
    parser.add_argument("file", metavar="FILE", help="model.keras, or file.py:build")
    _add_json(parser, "print one JSON object")


def _add_train(commands: Any) -> None:
    parser = _add(commands, "train", train, "train a bundle on labelled text")
    parser.add_argument("corpus", type=Path, metavar="CORPUS", help=FORMATS)
    parser.add_argument("--test", type=Path, metavar="CORPUS", help="labelled text to measure on")
    parser.add_argument("--encoder", default="static", help=ENCODERS)
    parser.add_argument(
        "--head", default="linear", help="linear (default), cnn, auto, model.keras or file.py:build"
    )
    parser.add_argument("--out", type=Path, default=Path("bundle"), metavar="DIR", help="bundle")
    _add_budget_and_columns(parser)
    _add_json(parser, "print one JSON object")


def _add_budget_and_columns(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--max-bytes", type=byte_count, metavar="N", help="size to keep to: 3000000, 3MB, 800kB"
    )
    parser.add_argument("--text-column", metavar="NAME", help="column that holds the text")
    parser.add_argument("--label-column", metavar="NAME", help="column that holds the labels")
    parser.add_argument(
        "--separator", metavar="TEXT", help="what parts several labels in a cell (default: |)"
    )


def _columns(arguments: argparse.Namespace) -> dict[str, Any]:
    return {name: getattr(arguments, name) for name in ("text_column", "label_column", "separator")}


def _add_compare(commands: Any) -> None:
    said = "say which encoder and head to take for a corpus and a budget"
    parser = _add(commands, "compare", compare, said)
    parser.add_argument("corpus", type=Path, metavar="CORPUS", help=FORMATS)
    page = Path("comparison.html")
    parser.add_argument("--out", type=Path, default=page, metavar="FILE", help="page to write")
    said = f"another encoder beside those built in: {ENCODERS.partition('minilm, ')[2]}"
    parser.add_argument("--encoder", action="append", metavar="NAME", help=said)
    _add_budget_and_columns(parser)
    _add_json(parser, "print one JSON object")


def _add_tag(commands: Any) -> None:
    parser = _add(commands, "tag", tag, "tag texts, or the lines of standard input")
    _add_bundle(parser)
    parser.add_argument("texts", nargs="*", metavar="TEXT", help="text to tag")
    _add_json(parser, "print one JSON object per text, with every label's probability")


def _add_prove(commands: Any) -> None:
    parser = _add(commands, "prove", prove, "compare a real browser's answers with Python's")
    _add_bundle(parser)
    parser.add_argument(
        "--browser", action="append", metavar="NAME", help="chromium (default), firefox or webkit"
    )
    parser.add_argument("--open", action="store_true", help="use the browser that you have")
    parser.add_argument("--texts", type=Path, metavar="CORPUS", help="labelled text to prove with")
    _add_json(parser, "print one JSON object")


def _add_serve(commands: Any) -> None:
    parser = _add(commands, "serve", serve, "serve a page that tags text as it is typed")
    _add_bundle(parser)
    parser.add_argument("--port", type=int, metavar="N", help="0 takes any free one")


def _add_build(commands: Any) -> None:
    parser = _add(commands, "build", build, "write that page as a static site")
    _add_bundle(parser)
    parser.add_argument(
        "--extension", action="store_true", help="write the browser extension, the bundle inside"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="site (default), with --extension extension"
    )


def _add_export(commands: Any) -> None:
    parser = _add(commands, "export", export, "write a bundle for another library to run")
    _add_bundle(parser)
    parser.add_argument("--format", required=True, metavar="NAME", help="tfjs")
    parser.add_argument("--out", type=Path, metavar="DIR", help="export (default: the format)")


def _add_show(commands: Any) -> None:
    parser = _add(commands, "show", show, "say what is in a bundle")
    _add_bundle(parser)
    _add_json(parser, "print the manifest")


def _add_sample(commands: Any) -> None:
    parser = _add(commands, "sample", sample, "write a sample corpus as CSV")
    parser.add_argument("name", metavar="NAME", help="20newsgroups or reuters-r8")
    parser.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="where to")


def _add_demo(commands: Any) -> None:
    parser = _add(commands, "demo", demo, "train on 20 Newsgroups, prove in Chromium, serve")
    parser.add_argument("--out", type=Path, default=Path("demo"), metavar="DIR", help="where to")


def check(arguments: argparse.Namespace) -> int:
    """Print what becomes of each layer, and fail when one cannot run."""
    from cutouts.heads.blueprint import review
    from cutouts.summary import review_lines

    found = review(arguments.file)
    print(json.dumps(found.as_json()) if arguments.json else "\n".join(review_lines(found)))
    return 1 if found.complaint else 0


def train(arguments: argparse.Namespace) -> int:
    """Train, and print how good the bundle is."""
    from cutouts.corpus import read_corpus
    from cutouts.heads.choose import choose_head
    from cutouts.summary import trained_lines
    from cutouts.training import train as run

    columns = _columns(arguments)
    head = choose_head(arguments.head)  # first: it takes no time, reading texts may
    test = arguments.test and read_corpus(arguments.test, keep_duplicates=True, **columns)
    trained = run(
        read_corpus(arguments.corpus, **columns),
        test,
        encoder=arguments.encoder,
        head=head,
        out=arguments.out,
        max_bytes=arguments.max_bytes,
    )
    print(json.dumps(trained.as_json()) if arguments.json else "\n".join(trained_lines(trained)))
    return 0


def compare(arguments: argparse.Namespace) -> int:
    """Compare encoders and heads, and fail when none can be taken."""
    from cutouts.comparison import compare as run
    from cutouts.comparison import corpus_words, refuse_foreign_page
    from cutouts.corpus import read_corpus
    from cutouts.summary import comparison_lines

    columns = _columns(arguments)
    refuse_foreign_page(arguments.out)  # first: it takes no time, reading texts may
    made = run(
        read_corpus(arguments.corpus, **columns),
        max_bytes=arguments.max_bytes,
        out=arguments.out,
        asked=corpus_words(arguments.corpus, columns),
        also=arguments.encoder or (),
    )
    print(json.dumps(made.as_json()) if arguments.json else "\n".join(comparison_lines(made)))
    return 0 if made.compared.choice.taken else 1


def tag(arguments: argparse.Namespace) -> int:
    """Print each text's tags."""
    from cutouts.bundle import load_bundle
    from cutouts.summary import tag_line, tag_object

    bundle = load_bundle(arguments.bundle)
    if not arguments.texts and isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")
    for texts in in_batches(arguments.texts or (line.rstrip("\n") for line in sys.stdin)):
        for text, row in zip(texts, bundle.probabilities(texts), strict=True):
            tags = bundle.decide(row)
            made = tag_object(text, tags, bundle.labels, row) if arguments.json else None
            print(json.dumps(made) if made else tag_line(tags), flush=True)
    return 0


def prove(arguments: argparse.Namespace) -> int:
    """Prove in each browser, write proof.json, and fail when an answer differs."""
    from cutouts.bundle import load_bundle
    from cutouts.corpus import read_corpus
    from cutouts.proof import write_proof
    from cutouts.proof_texts import proof_texts
    from cutouts.prove import prove as run
    from cutouts.prove import prove_each
    from cutouts.summary import proof_lines, proofs_object

    bundle = load_bundle(arguments.bundle)
    if arguments.texts:
        texts, source = list(read_corpus(arguments.texts).texts), str(arguments.texts)
    else:
        texts, source = proof_texts(arguments.bundle)
    print(f"· proving on {len(texts):,} texts ({source}) and the golden ones", file=sys.stderr)
    if arguments.open:
        proofs = [run(bundle, texts, open_url=True)]
    else:
        proofs = prove_each(bundle, texts, arguments.browser or ["chromium"])
    for proof in proofs:
        write_proof(arguments.bundle, proof)
        print("\n".join(proof_lines(proof)), file=sys.stderr if arguments.json else sys.stdout)
    if arguments.json:
        print(json.dumps(proofs_object(proofs)))
    return 0 if all(proof.passed for proof in proofs) else 1


def serve(arguments: argparse.Namespace) -> int:
    """Serve until interrupted."""
    from cutouts.serve import DEFAULT_PORT
    from cutouts.serve import serve as run

    port = DEFAULT_PORT if arguments.port is None else arguments.port
    run(
        arguments.bundle,
        port=port,
        on_ready=lambda url: print(f"{url}  (Ctrl-C ends it)", flush=True),
    )
    return 0


def build(arguments: argparse.Namespace) -> int:
    """Write the static site, or the browser extension."""
    from cutouts.build import build_site
    from cutouts.extension import build_extension

    if arguments.extension:
        out = arguments.out or Path("extension")
        for archive in build_extension(arguments.bundle, out):
            print(f"{archive.with_suffix('')}, {archive.name}: {archive.stat().st_size:,} bytes")
        return 0
    out = arguments.out or Path("site")
    files = build_site(arguments.bundle, out)
    print(f"{len(files)} files in {out}: put them on any static host")
    return 0


def export(arguments: argparse.Namespace) -> int:
    """Write the bundle in another format."""
    from cutouts.export import export_bundle

    out = arguments.out or Path(arguments.format)
    files = export_bundle(arguments.bundle, arguments.format, out)
    size = sum(file.stat().st_size for file in files)
    print(f"{len(files)} files in {out}, {size:,} bytes: put them on any static host")
    return 0


def show(arguments: argparse.Namespace) -> int:
    """Print what a bundle is and how good it was measured to be."""
    from cutouts.manifest import read_manifest
    from cutouts.summary import bundle_lines

    manifest = read_manifest(arguments.bundle)
    lines = [json.dumps(manifest)] if arguments.json else bundle_lines(arguments.bundle, manifest)
    print("\n".join(lines))
    return 0


def sample(arguments: argparse.Namespace) -> int:
    """Write a sample corpus."""
    from cutouts.samples import write_sample

    for path in write_sample(arguments.name, arguments.out):
        print(path)
    return 0


def demo(arguments: argparse.Namespace) -> int:
    """Train on 20 Newsgroups, prove, print, and serve when somebody is watching."""
    from cutouts.demo import run_demo

    return run_demo(arguments.out, serving=sys.stdout.isatty() and sys.stdin.isatty())


def in_batches(texts: Any, size: int = 256) -> Any:
    """Yield lists of texts; the first are short, so that typed lines are answered at once."""
    batch: list[str] = []
    for text in texts:
        batch.append(text)
        if len(batch) >= (1 if sys.stdin.isatty() else size):
            yield batch
            batch = []
    if batch:
        yield batch


if __name__ == "__main__":
    sys.exit(main())
