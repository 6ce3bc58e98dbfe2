"""Corpora with a test part in; how well the original's stack and ours tag each, out.

All stacks learn from the same training texts. The original is USE lite in float32 with the CNN,
trained by our own recipe: it is given the better training that it did not have then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.accuracy import corpora
from bench.encoders import float32_use_lite
from bench.table import print_table
from cutouts.corpus import Corpus, without_overlap
from cutouts.encoders import Encoder, load_encoder
from cutouts.training import gather_evidence, learn, measure_held_out, measure_on

NO_WORDS = 1  # bytes for a linear head: none are left for words, so it goes by the vector

Stack = tuple[str, str, str, int | None]  # name, encoder, head, bytes of the head

NETWORKS: Sequence[Stack] = (
    ("USE lite + CNN (the original)", "use-lite in float32", "cnn", None),
    ("MiniLM + CNN", "minilm", "cnn", None),
)
LINEAR: Sequence[Stack] = (
    ("USE lite + linear", "use-lite in float32", "linear", NO_WORDS),
    ("USE lite in int8 + linear", "use-lite", "linear", NO_WORDS),
    ("words + static", "static", "linear", None),
    ("words + USE lite", "use-lite in float32", "linear", None),
    ("words + USE lite in int8", "use-lite", "linear", None),
    ("words + MiniLM", "minilm", "linear", None),
)


def main(folders: Sequence[Path]) -> None:
    """Print the stacks with a linear head."""
    _compare(folders, LINEAR)


def networks(folders: Sequence[Path]) -> None:
    """Print the stacks with a network, which take ten times as long."""
    _compare(folders, NETWORKS)


def _compare(folders: Sequence[Path], stacks: Sequence[Stack]) -> None:
    """Print one row per corpus, one column per stack: accuracy, or micro F1 of several labels."""
    encoders = {name: _encoder(name) for _, name, _, _ in stacks}
    header = ("corpus", "measure", "texts", *(name for name, *_ in stacks))
    tested: list[Sequence[object]] = []
    held_out: list[Sequence[object]] = []
    for name, (corpus, test) in corpora(folders):
        measured = "micro F1" if corpus.multiple else "accuracy"
        corpus = without_overlap(corpus, test)
        results = list(_results(stacks, encoders, corpus, test))
        for rows, part, texts in ((tested, 0, test.texts), (held_out, 1, corpus.texts)):
            rows.append((name, measured, len(texts), *(f"{both[part]:.4f}" for both in results)))
        print_table(header, tested[-1:])
    print("\nOn the test parts:\n")
    print_table(header, tested)
    print("\nOn the training parts, each text by a head that had not seen it:\n")
    print_table(header, held_out)


def _results(
    stacks: Sequence[Stack], encoders: dict[str, Encoder], corpus: Corpus, test: Corpus
) -> Iterator[tuple[float, float]]:
    """Yield for each stack what it reaches on the test part, and in cross-validation."""
    for _, encoder, head, head_bytes in stacks:
        evidence = gather_evidence(encoders[encoder], corpus)
        learned = learn(evidence, corpus.label_names, head, head_bytes)
        both = (measure_on(learned, encoders[encoder], test), measure_held_out(learned, evidence))
        here, there = (one.micro_f1 if corpus.multiple else one.accuracy for one in both)
        yield here, there


def _encoder(name: str) -> Encoder:
    return float32_use_lite() if name == "use-lite in float32" else load_encoder(name)
