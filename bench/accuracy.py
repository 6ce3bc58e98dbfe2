"""Corpora with a test part in; accuracy, F1, calibration, bytes and seconds of each encoder out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from bench.table import print_table
from cutouts.corpus import Corpus, read_corpus, truth_of, without_overlap
from cutouts.encoders import ENCODERS
from cutouts.metrics import measure
from cutouts.samples import SAMPLES, read_sample
from cutouts.training import Trained, train

HEADER = (
    "corpus", "measure", "encoder", "result", "macro F1", "calibration error", "MB", "seconds",
)  # fmt: skip


def main(folders: Sequence[Path]) -> None:
    """Train the linear head on each encoder, beside plain tf-idf with one machine per label."""
    rows: list[Sequence[object]] = []
    for name, (corpus, test) in corpora(folders):
        measured = "micro F1" if corpus.multiple else "accuracy"
        rows.append(
            (name, measured, "none: plain tf-idf", f"{baseline(corpus, test):.4f}", *"    ")
        )
        for encoder in ENCODERS:
            with tempfile.TemporaryDirectory() as out:
                trained = train(corpus, test, encoder=encoder, out=Path(out) / "bundle")
            rows.append((name, measured, encoder, *_cells(trained, corpus)))
        print_table(HEADER, rows[-1 - len(ENCODERS) :])
    print()
    print_table(HEADER, rows)


def corpora(folders: Sequence[Path]) -> Iterator[tuple[str, tuple[Corpus, Corpus]]]:
    """Yield each corpus's name, training part and test part: folders, or samples by name."""
    for folder in folders or [Path(name) for name in SAMPLES]:
        if str(folder) in SAMPLES:
            name = str(folder)
            yield name, (read_sample(name, "train"), read_sample(name, "test"))
        else:
            test = read_corpus(folder / "test.csv", keep_duplicates=True)
            yield folder.name, (read_corpus(folder / "train.csv"), test)


def baseline(corpus: Corpus, test: Corpus) -> float:
    """Return what words alone reach: tf-idf of words, one linear machine for each label."""
    corpus = without_overlap(corpus, test)
    labels = corpus.label_names
    truth, _ = truth_of(corpus, labels)
    wanted, unknown = truth_of(test, labels)
    words = TfidfVectorizer(sublinear_tf=True)
    texts, asked = words.fit_transform(corpus.texts), words.transform(test.texts)
    scores = np.stack([_scores(texts, truth[:, i], asked) for i in range(len(labels))], axis=1)
    if not corpus.multiple:
        return measure(scores, wanted, labels, np.zeros(len(labels)), multiple=False).accuracy
    given = np.where(scores > 0, 1.0, 0.0)
    halves = np.full(len(labels), 0.5)
    return measure(given, wanted, labels, halves, multiple=True, unknown=unknown).micro_f1


def _scores(texts: Any, truth: np.ndarray[Any, Any], asked: Any) -> np.ndarray[Any, Any]:
    machine = LinearSVC(random_state=0).fit(texts, truth)
    return np.asarray(machine.decision_function(asked))


def _cells(trained: Trained, corpus: Corpus) -> tuple[str, ...]:
    metrics = trained.metrics
    result = metrics.micro_f1 if corpus.multiple else metrics.accuracy
    return (
        f"{result:.4f}",
        f"{metrics.macro_f1:.4f}",
        f"{metrics.calibration_error:.4f}",
        f"{trained.bytes / 1e6:.2f}",
        f"{trained.seconds:.0f}",
    )
