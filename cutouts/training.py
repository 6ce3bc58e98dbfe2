"""A corpus in, a bundle out: read, encode, fit, calibrate, measure, pack, in that order."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cutouts.bundle import Bundle, load_bundle
from cutouts.card import write_card
from cutouts.corpus import (
    Corpus,
    check_trainable,
    overlap,
    read_corpus,
    truth_of,
    without_overlap,
)
from cutouts.encoders import Encoder, Pieces, load_encoder
from cutouts.encoders.embeddings import encode_texts
from cutouts.errors import BundleError, CorpusError
from cutouts.former import BUNDLE, refuse_foreign
from cutouts.heads.blueprint import Blueprint, check_fits
from cutouts.heads.calibration import Calibration, fit_calibration, fit_thresholds
from cutouts.heads.choose import choose_head, fit_head
from cutouts.heads.folds import Evidence, Fitted
from cutouts.manifest import Manifest
from cutouts.metrics import Metrics, measure
from cutouts.pack import Tagger, pack, put_in_place, write_manifest
from cutouts.proof_texts import remember_texts
from cutouts.report import Facts, write_report
from cutouts.shrink import Plan, plan_for

log = logging.getLogger("cutouts")

HELD_OUT = "texts held out in turn"
TEST = "test texts"


@dataclass(frozen=True, slots=True)
class Trained:
    """A bundle, how good it is, and what it took."""

    bundle: Bundle
    metrics: Metrics
    split: str  # what the metrics were measured on
    bytes: int  # of the whole folder
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return what a script wants to know."""
        return {
            "bundle": str(self.bundle.folder),
            "measured_on": self.split,
            "bytes": self.bytes,
            "seconds": round(self.seconds, 2),
            "encoder": self.bundle.manifest["encoder"]["name"],
            "head": self.bundle.manifest["head"]["kind"],
            **self.bundle.manifest["metrics"],
        }


@dataclass(frozen=True, slots=True)
class Learned:
    """A head with everything that cross-validation settled."""

    fitted: Fitted
    calibration: Calibration
    labels: tuple[str, ...]
    thresholds: np.ndarray[Any, np.dtype[np.float64]]
    multiple: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """What a bundle is trained on, and what its metrics are measured on."""

    name: str  # of the corpus
    texts: int
    split: str


def train(
    corpus: Corpus | str | Path,
    test: Corpus | str | Path | None = None,
    *,
    encoder: str = "static",
    head: str | Blueprint = "linear",
    out: str | Path = "bundle",
    max_bytes: int | None = None,
) -> Trained:
    """Return the bundle trained on a corpus and written to the folder `out`.

    `head` is linear, cnn or auto, or a network of your own: `model.keras` or `network.py:build`.
    Without a test corpus the metrics are those on texts held out in turn. Raises CutoutsError for
    whatever the caller can repair; nothing is written to `out` unless all went well.
    """
    begun = time.monotonic()
    out = Path(out)
    head = choose_head(head)
    refuse_foreign(out, BUNDLE)
    corpus = read_reported(corpus)
    check_trainable(corpus)
    if test is not None:
        test = read_reported(test, keep_duplicates=True)
        if not test.texts:
            raise CorpusError(f"{test.name} holds no text to measure on: give another --test")
        corpus = _apart(corpus, test)
        check_trainable(corpus)
    loaded = load_encoder(encoder, max_bytes)
    _check_fits(head, loaded, corpus)
    plan = plan_for(loaded, corpus, max_bytes, stage)
    _check_fits(head, plan.encoder, corpus)  # --max-bytes may have made its vectors shorter
    evidence = gather_evidence(plan.encoder, corpus)
    learned = learn(evidence, corpus.label_names, head, plan.head_bytes)
    metrics = _measure(learned, evidence, plan.encoder, test)
    split = TEST if test is not None else HELD_OUT
    with put_in_place(out) as folder:
        write_bundle(folder, plan, learned, metrics, Origin(corpus.name, len(corpus.texts), split))
        _check_size(folder, max_bytes)
    bundle = load_bundle(out)
    try:
        remember_texts(out, corpus, test)
    except OSError as error:
        log.warning("texts to prove the bundle with cannot be kept (%s)", error)
    return Trained(bundle, metrics, split, folder_bytes(out), time.monotonic() - begun)


def stage(what: str) -> None:
    """Say on stderr what begins now."""
    print(f"· {what}", file=sys.stderr, flush=True)


def gather_evidence(encoder: Encoder, corpus: Corpus) -> Evidence:
    """Return the corpus as a head learns from it."""
    stage(f"encoding {len(corpus.texts):,} texts")
    pieces = encoder.tokenizer.pieces(corpus.texts)
    truth, _ = truth_of(corpus, corpus.label_names)
    return Evidence(pieces, encode_texts(encoder, pieces), truth, corpus.multiple)


def learn(
    evidence: Evidence, labels: tuple[str, ...], head: str | Blueprint, head_bytes: int | None
) -> Learned:
    """Return the head fitted, calibrated and with thresholds, all by cross-validation."""
    fitted = fit_head(head, evidence, head_bytes, stage)
    calibration = fit_calibration(fitted.scores, evidence.truth, multiple=evidence.multiple)
    thresholds = fit_thresholds(
        calibration.probabilities(fitted.scores), evidence.truth, multiple=evidence.multiple
    )
    return Learned(fitted, calibration, labels, thresholds, evidence.multiple)


def measure_on(learned: Learned, encoder: Encoder, corpus: Corpus) -> Metrics:
    """Return how good the head is on texts that it has not seen."""
    pieces: Pieces = encoder.tokenizer.pieces(corpus.texts)
    scores = learned.fitted.head.scores(pieces, encode_texts(encoder, pieces))
    truth, unknown = truth_of(corpus, learned.labels)
    return measure(
        learned.calibration.probabilities(scores),
        truth,
        learned.labels,
        learned.thresholds,
        multiple=learned.multiple,
        unknown=unknown,
    )


def _check_fits(head: str | Blueprint, encoder: Encoder, corpus: Corpus) -> None:
    """Raise HeadError when the network of a file does not fit vectors and labels."""
    if isinstance(head, Blueprint):
        about = encoder.description
        labels = len(corpus.label_names)
        check_fits(head, (about.name, about.dim), labels, multiple=corpus.multiple)


def _check_size(folder: Path, max_bytes: int | None) -> None:
    """Raise BundleError when the bundle came out larger than planned."""
    size = folder_bytes(folder)
    if max_bytes is not None and size > max_bytes:
        raise BundleError(
            f"the bundle takes {size:,} bytes, --max-bytes is {max_bytes:,}: "
            f"ask for at least {size:,}, or give the labels shorter names"
        )


def folder_bytes(folder: Path) -> int:
    """Return the bytes of all files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def read_reported(corpus: Corpus | str | Path, *, keep_duplicates: bool = False) -> Corpus:
    """Return the corpus, read where it is a path, with its report on stderr."""
    if not isinstance(corpus, Corpus):
        corpus = read_corpus(corpus, keep_duplicates=keep_duplicates)
    for line in str(corpus.report).splitlines():
        print(f"  {line}", file=sys.stderr)
    return corpus


def _apart(corpus: Corpus, test: Corpus) -> Corpus:
    if shared := overlap(corpus, test):
        print(f"  {shared} texts are also in the test part: left out of training", file=sys.stderr)
    return without_overlap(corpus, test)


def _measure(
    learned: Learned, evidence: Evidence, encoder: Encoder, test: Corpus | None
) -> Metrics:
    if test is not None:
        stage(f"measuring on {len(test.texts):,} test texts")
        return measure_on(learned, encoder, test)
    return measure_held_out(learned, evidence)


def measure_held_out(learned: Learned, evidence: Evidence) -> Metrics:
    """Return how good the head is on the training texts, each told by a head fitted without it."""
    return measure(
        learned.calibration.probabilities(learned.fitted.scores),
        evidence.truth,
        learned.labels,
        learned.thresholds,
        multiple=learned.multiple,
    )


def write_bundle(
    folder: Path, plan: Plan, learned: Learned, metrics: Metrics, origin: Origin
) -> None:
    """Write every file of a bundle."""
    stage("packing the bundle")
    tagger = Tagger(
        name=bundle_name(origin.name),
        encoder=plan.encoder,
        head=learned.fitted.head,
        calibration=learned.calibration,
        labels=learned.labels,
        thresholds=learned.thresholds,
        multiple=learned.multiple,
        metrics=headline(metrics, origin.split),
        provenance={
            "training_texts": origin.texts,
            **learned.fitted.settings,
            **plan.settings,
        },
    )
    manifest = pack(tagger, folder).manifest
    (folder / "metrics.json").write_text(
        json.dumps(metrics.as_json(), indent=1, ensure_ascii=False)
    )
    write_card(folder / "card.md", manifest, metrics)
    tried = {**learned.fitted.tried, **plan.tried}
    facts = _facts(manifest, learned.fitted, tried, f"{metrics.texts:,} {origin.split}")
    write_report(folder / "report.html", title=origin.name, metrics=metrics, facts=facts)
    write_manifest(folder, manifest)


def bundle_name(name: str) -> str:
    """Return the name of a corpus as a manifest can hold it."""
    return name.encode("utf-8", "replace").decode()[:200] or "bundle"


def _facts(manifest: Manifest, fitted: Fitted, tried: Mapping[str, float], split: str) -> Facts:
    encoder, head = manifest["encoder"], manifest["head"]
    return Facts(
        created=manifest["created"],
        split=split,
        multiple=manifest["multiple"],
        encoder=f"{encoder['name']}: {encoder['dim']} numbers, from {encoder['source']}",
        head=f"{head['kind']}, {head['link']} probabilities",
        settings=fitted.settings,
        tried=tried,
        files=[(entry["path"], entry["bytes"]) for entry in manifest["files"]],
        learning_curve=fitted.learning_curve,
    )


def headline(metrics: Metrics, split: str) -> dict[str, float | str | None]:
    """Return the few numbers that a manifest holds."""
    return {
        "measured_on": split,
        "texts": metrics.texts,
        "accuracy": round(metrics.accuracy, 4),
        "macro_f1": round(metrics.macro_f1, 4),
        "micro_f1": round(metrics.micro_f1, 4),
        "calibration_error": round(metrics.calibration_error, 4),
        "answered": round(metrics.answered, 4),
    }
