"""Arguments in, one function called, its result printed: the `cutouts` command."""

from __future__ import annotations

import argparse
import io
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutouts.arguments import parse
from cutouts.errors import CutoutsError, UsageError

if TYPE_CHECKING:
    from cutouts.training import Trained


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return 0, 1 for a failure, 2 for a wrong call."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    if isinstance(sys.stdout, io.TextIOWrapper):  # a label that the terminal cannot show
        sys.stdout.reconfigure(errors="backslashreplace")
    arguments = parse(argv)
    try:
        _end_as_with_ctrl_c()
        code = COMMANDS[arguments.command](arguments)
        sys.stdout.flush()  # here, where a reader that has gone is noticed
        return code
    except UsageError as error:
        print(f"cutouts: {error}", file=sys.stderr)
        return 2
    except CutoutsError as error:
        print(f"cutouts: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        kept = "; what was finished is kept, run it again to go on"
        print(f"cutouts: stopped{'' if arguments.command == 'train' else kept}", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output has gone
        _forget_output()
        return 1
    except OSError as error:  # a full disk, a folder that may not be written
        _forget_output()
        where = f"{error.filename}: " if error.filename else "what was to be written: "
        print(f"cutouts: {where}{error.strerror or error}", file=sys.stderr)
        return 1


def _end_as_with_ctrl_c() -> None:
    """Let a request to end (SIGTERM) remove what is half done, as Ctrl-C does."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def _forget_output() -> None:
    """Send what is still to be printed nowhere, so that the end of the program does not fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _columns(arguments: argparse.Namespace) -> dict[str, Any]:
    return {name: getattr(arguments, name) for name in ("text_column", "label_column", "separator")}


def check(arguments: argparse.Namespace) -> int:
    """Print what becomes of each layer, and fail when one cannot run."""
    from cutouts.heads.blueprint import review
    from cutouts.summary import review_lines

    found = review(arguments.file)
    print(json.dumps(found.as_json()) if arguments.json else "\n".join(review_lines(found)))
    return 1 if found.complaint else 0


def train(arguments: argparse.Namespace) -> int:
    """Train, and print how good the bundle is."""
    from cutouts.embed import is_embedded
    from cutouts.heads.choose import choose_head
    from cutouts.summary import trained_lines

    head = choose_head(arguments.head)  # first: it takes no time, reading texts may
    trained = (_train_shards if is_embedded(arguments.corpus) else _train_texts)(arguments, head)
    print(json.dumps(trained.as_json()) if arguments.json else "\n".join(trained_lines(trained)))
    return 0


def _train_texts(arguments: argparse.Namespace, head: Any) -> Trained:
    from cutouts.corpus import read_corpus
    from cutouts.training import train as run

    columns = _columns(arguments)
    test = arguments.test and read_corpus(arguments.test, keep_duplicates=True, **columns)
    encoder, out, max_bytes = arguments.encoder or "static", arguments.out, arguments.max_bytes
    corpus = read_corpus(arguments.corpus, **columns)
    return run(corpus, test, encoder=encoder, head=head, out=out, max_bytes=max_bytes)


def _train_shards(arguments: argparse.Namespace, head: Any) -> Trained:
    """Train out of core; the columns are those of the test part, shards have their own."""
    from cutouts.corpus import read_corpus
    from cutouts.shard_training import train_shards as run

    columns, encoder = _columns(arguments), arguments.encoder
    if arguments.test is None and any(value is not None for value in columns.values()):
        raise UsageError(f"{arguments.corpus} is a folder of shards: it has no columns to choose")
    test = arguments.test and read_corpus(arguments.test, keep_duplicates=True, **columns)
    out, max_bytes = arguments.out, arguments.max_bytes
    return run(arguments.corpus, test, encoder=encoder, head=head, out=out, max_bytes=max_bytes)


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


def distill(arguments: argparse.Namespace) -> int:
    """Distil, and print what the table keeps of its teacher."""
    from cutouts.distillation import distill as run
    from cutouts.summary import distilled_lines

    made = run(
        arguments.model,
        arguments.out,
        corpus=arguments.corpus,
        dims=arguments.dims,
        text_column=arguments.text_column,
        vocabulary=arguments.vocab,
    )
    print(json.dumps(made.as_json()) if arguments.json else "\n".join(distilled_lines(made)))
    return 0


def embed(arguments: argparse.Namespace) -> int:
    """Encode, and print what lies in the folder then."""
    from cutouts.embed import Engine, Layout
    from cutouts.embed import embed as run
    from cutouts.summary import embedded_lines

    made = run(
        arguments.inputs,
        arguments.out,
        encoder=arguments.encoder,
        engine=Engine(arguments.engine, arguments.workers, arguments.address),
        layout=Layout(arguments.numbers),
        columns=_columns(arguments),
        again=arguments.again,
    )
    print(json.dumps(made.as_json()) if arguments.json else "\n".join(embedded_lines(made)))
    return 0


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
    made = export_bundle(arguments.bundle, arguments.format, out)
    size = sum(file.stat().st_size for file in made.files)
    print(f"{len(made.files)} files in {out}, {size:,} bytes: {made.said}")
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


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "check": check,
    "train": train,
    "compare": compare,
    "distill": distill,
    "embed": embed,
    "tag": tag,
    "prove": prove,
    "serve": serve,
    "build": build,
    "export": export,
    "show": show,
    "sample": sample,
    "demo": demo,
}


if __name__ == "__main__":
    sys.exit(main())
