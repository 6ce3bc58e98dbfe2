"""A corpus in; every encoder with every head on it compared, and which to take for a budget, out."""

from __future__ import annotations

import datetime
import math
import shlex
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from cutouts.assets import write_whole
from cutouts.browsers import find_browser
from cutouts.bundle import Bundle, load_bundle
from cutouts.candidates import Answers, Candidate, Choice, Table, answers_of, choose
from cutouts.corpus import Corpus, check_trainable
from cutouts.encoders import Encoder, load_encoder
from cutouts.encoders.store import ENCODERS
from cutouts.errors import AssetError, EncoderError, HeadError, ProofError, UsageError
from cutouts.heads.calibration import fit_calibration, fit_thresholds
from cutouts.heads.choose import cnn_is_installed
from cutouts.heads.folds import Evidence, folds
from cutouts.metrics import Metrics, measure
from cutouts.payload import payload_of
from cutouts.prove import prove
from cutouts.report.comparison import KIND, Compared, comparison_page
from cutouts.report.page import made_by
from cutouts.shrink import Plan, least_bytes, plan_for
from cutouts.site import WEBAPP, prove_page
from cutouts.training import (
    HELD_OUT,
    Origin,
    folder_bytes,
    gather_evidence,
    learn,
    measure_held_out,
    read_reported,
    stage,
    write_bundle,
)

HEADS = ("linear", "cnn")
BROWSER = "chromium"
SPEED_TEXTS = 300  # of the corpus, in the browser
FIRST_BYTES = 512  # of a page: what made it stands there


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was compared, where the page is, and how long it took."""

    compared: Compared
    page: Path
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return what a script wants to know."""
        compared, choice = self.compared, self.compared.choice
        return {
            "corpus": compared.corpus,
            "texts": compared.texts,
            "labels": compared.labels,
            "multiple": compared.multiple,
            "max_bytes": compared.max_bytes,
            "candidates": [
                _candidate_json(one, p)
                for one, p in zip(compared.candidates, choice.chances, strict=True)
            ],
            "left_out": [{"name": name, "why": why} for name, why in compared.left_out],
            "take": choice.taken.name if choice.taken else None,
            "why": choice.why,
            "command": compared.command or None,
            "page": str(self.page),
            "seconds": round(self.seconds, 2),
        }


def _candidate_json(one: Candidate, p: float | None) -> dict[str, Any]:
    return {
        "encoder": one.encoder,
        "head": one.head,
        "quality": round(one.answers.quality, 4),
        "standard_error": round(one.answers.standard_error, 4),
        "p": p and round(p, 4),
        "accuracy": round(one.accuracy, 4),
        "macro_f1": round(one.macro_f1, 4),
        "calibration_error": round(one.calibration_error, 4),
        "bytes_to_first_tag": one.payload_sent,
        "bytes_to_first_tag_raw": one.payload_raw,
        "bundle_bytes": one.bundle_bytes,
        "fits": one.fits,
        "milliseconds": one.milliseconds,
        "complaint": one.complaint or None,
    }


def compare(
    corpus: Corpus | str | Path,
    *,
    max_bytes: int | None = None,
    out: str | Path = "comparison.html",
    asked: Sequence[str] = (),
    also: Sequence[str] = (),
    webapp_folder: Path = WEBAPP,
) -> Comparison:
    """Return every encoder with every head on a corpus, by cross-validation, as a page in `out`.

    `also` are encoders from elsewhere, beside those built in, as `load_encoder` takes them.
    Each candidate is packed as `train` would pack it, weighed, and asked in Chromium when there is
    one. `asked` are the words of a `train` command that name the corpus and its columns. Raises
    CutoutsError for what the caller can repair, such as a budget that nothing fits.
    """
    begun, out = time.monotonic(), Path(out)
    refuse_foreign_page(out)
    prove_page(webapp_folder, "static")  # raises where the web part is missing
    asked = asked or (str(corpus.name if isinstance(corpus, Corpus) else corpus),)
    corpus = read_reported(corpus)
    check_trainable(corpus)
    encoders, left_out = _load_encoders([*ENCODERS, *also])
    budgets = _budgets(encoders, len(corpus.label_names), max_bytes)
    browser, speed = _find_browser(webapp_folder)
    candidates = []
    for trial in _trials(corpus, encoders, budgets, left_out):
        try:
            one = try_out(trial, browser)
        except HeadError as error:
            left_out.append((f"{trial.encoder} with {trial.head}", str(error)))
            continue
        fits = budgets[trial.encoder] == max_bytes
        candidates.append(replace(one, fits=fits and one.bundle_bytes <= (max_bytes or math.inf)))
    if not candidates:
        raise HeadError(f"no head can be trained on {corpus.name}: {left_out[-1][1]}")
    choice = choose(candidates, multiple=corpus.multiple, max_bytes=max_bytes)
    compared = Compared(
        corpus=corpus.name,
        texts=len(corpus.texts),
        labels=len(corpus.label_names),
        multiple=corpus.multiple,
        max_bytes=max_bytes,
        candidates=candidates,
        choice=choice,
        left_out=left_out,
        speed=speed,
        command=train_command(asked, choice, max_bytes),
        created=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    with write_whole(out) as file:
        file.write(comparison_page(compared).encode())
    return Comparison(compared, out, time.monotonic() - begun)


@dataclass(frozen=True, slots=True)
class Browser:
    """The browser that is asked, None where there is none, and the web part that it loads."""

    name: str | None
    webapp_folder: Path


@dataclass(frozen=True, slots=True)
class Trial:
    """One encoder and head, with all that is known of the corpus."""

    corpus: Corpus
    evidence: Evidence
    plan: Plan
    encoder: str
    head: str


def _trials(
    corpus: Corpus,
    encoders: Mapping[str, Encoder],
    budgets: Mapping[str, int | None],
    left_out: list[tuple[str, str]],
) -> Iterator[Trial]:
    """Yield each encoder with each head; the texts are encoded once for all heads."""
    heads = HEADS if cnn_is_installed() else HEADS[:1]
    if heads != HEADS:
        left_out.append(("head cnn", "it is not installed (pip install 'cutouts[cnn]')"))
    for name, encoder in encoders.items():
        plan = plan_for(encoder, corpus, budgets[name], stage)
        evidence = gather_evidence(plan.encoder, corpus)
        for head in heads:
            stage(f"{name} with {head}")
            yield Trial(corpus, evidence, plan, name, head)


def try_out(trial: Trial, browser: Browser) -> Candidate:
    """Return the candidate: cross-validated, packed to a folder that vanishes, and proved."""
    corpus, evidence = trial.corpus, trial.evidence
    learned = learn(evidence, corpus.label_names, trial.head, trial.plan.head_bytes)
    answers, metrics = cross_fitted(learned.fitted.scores, evidence, corpus.label_names)
    with tempfile.TemporaryDirectory(prefix="cutouts-compare-") as made:
        folder = Path(made) / "bundle"
        folder.mkdir()
        as_trained = measure_held_out(learned, evidence)
        write_bundle(
            folder,
            trial.plan,
            learned,
            as_trained,
            Origin(corpus.name, len(corpus.texts), HELD_OUT),
        )
        size = folder_bytes(folder)
        payload = payload_of(folder, browser.webapp_folder)
        milliseconds, complaint = _ask(load_bundle(folder), corpus.texts, browser)
    return Candidate(
        encoder=trial.encoder,
        head=trial.head,
        answers=answers,
        accuracy=metrics.accuracy,
        macro_f1=metrics.macro_f1,
        calibration_error=metrics.calibration_error,
        bundle_bytes=size,
        payload_raw=payload.raw,
        payload_sent=payload.sent,
        milliseconds=milliseconds,
        complaint=complaint,
    )


def cross_fitted(
    scores: Table, evidence: Evidence, labels: Sequence[str]
) -> tuple[Answers, Metrics]:
    """Return what each text's answer adds, and the metrics, with calibration cross-fitted.

    `scores`, (texts, labels), are of texts held out in turn. Calibration and thresholds of each
    part are fitted on the scores of the others, so that no text has a say in its own probability.
    """
    truth, multiple = evidence.truth, evidence.multiple
    probabilities, thresholds = np.zeros(scores.shape), np.zeros(scores.shape)
    for others, part in folds(evidence):
        calibration = fit_calibration(scores[others], truth[others], multiple=multiple)
        probabilities[part] = calibration.probabilities(scores[part])
        known = calibration.probabilities(scores[others])
        if multiple:
            thresholds[part] = fit_thresholds(known, truth[others], multiple=True)
    answers = answers_of(probabilities, truth, thresholds, multiple=multiple)
    # With one label per text the thresholds have no part in the numbers that are compared.
    metrics = measure(
        probabilities, truth, labels, thresholds if multiple else thresholds[0], multiple=multiple
    )
    return answers, metrics


def _find_browser(webapp_folder: Path) -> tuple[Browser, str]:
    """Return what is asked how fast each candidate is, and a sentence on it."""
    try:
        find_browser(BROWSER)
    except ProofError as error:
        said = f"Per text: not measured, no browser found ({error})."
        return Browser(None, webapp_folder), said
    said = f"Per text: median in {BROWSER.title()}, over texts of the corpus and the golden ones."
    return Browser(BROWSER, webapp_folder), said


def _ask(bundle: Bundle, texts: Sequence[str], browser: Browser) -> tuple[float | None, str]:
    """Return the browser's milliseconds per text, and why its answers are no proof, if so."""
    if browser.name is None:
        return None, ""
    step = max(1, len(texts) // SPEED_TEXTS)
    some = texts[::step][:SPEED_TEXTS]
    stage(f"proving on {len(some):,} texts in {browser.name}")
    try:
        proof = prove(bundle, some, browser=browser.name, webapp_folder=browser.webapp_folder)
    except ProofError as error:
        return None, str(error)
    return proof.milliseconds, "" if proof.passed else proof.verdict()


def _load_encoders(names: Sequence[str]) -> tuple[dict[str, Encoder], list[tuple[str, str]]]:
    """Return the encoders that can be had, and of the others why not."""
    encoders: dict[str, Encoder] = {}
    left_out = []
    for name in dict.fromkeys(names):
        stage(f"loading encoder {name}")
        try:
            encoders[name] = load_encoder(name)
        except (AssetError, EncoderError) as error:
            left_out.append((f"encoder {name}", str(error)))
    if not encoders:
        raise EncoderError(f"no encoder can be had; {left_out[0][0]}: {left_out[0][1]}")
    return encoders, left_out


def _budgets(
    encoders: Mapping[str, Encoder], labels: int, max_bytes: int | None
) -> dict[str, int | None]:
    """Return what each encoder keeps to: None where it does not fit, and is measured as it is.

    Raises UsageError when none fits.
    """
    least = {name: least_bytes(encoder, labels) for name, encoder in encoders.items()}
    name = min(least, key=lambda name: least[name])
    if max_bytes is not None and max_bytes < least[name]:
        raise UsageError(
            f"--max-bytes {max_bytes:,} is too small for every encoder: the smallest bundle here "
            f"is one of {name}, ask for at least {least[name]:,}"
        )
    return {name: max_bytes if least[name] <= (max_bytes or 0) else None for name in encoders}


def refuse_foreign_page(out: Path) -> None:
    """Raise UsageError when the page would overwrite anything but a former comparison."""
    if out.is_dir() or not out.absolute().parent.is_dir():
        raise UsageError(f"{out} cannot be a page: give --out a file in a folder that exists")
    if out.exists():
        with out.open("rb") as file:
            if made_by(KIND).encode() not in file.read(FIRST_BYTES):
                raise UsageError(f"{out} is no former comparison: choose another --out")


def corpus_words(path: Path, columns: Mapping[str, str | None]) -> list[str]:
    """Return the words that name a corpus and its columns in a `train` command."""
    named = str(path) if not str(path).startswith("-") else f"./{path}"
    options = [
        f"--{name.replace('_', '-')}={value}"
        for name, value in columns.items()
        if value is not None
    ]
    return [named, *options]


def train_command(asked: Sequence[str], choice: Choice, max_bytes: int | None) -> str:
    """Return the command that trains what was chosen, quoted for a shell; empty without any."""
    if choice.taken is None:
        return ""
    words = [*asked, "--encoder", choice.taken.encoder, "--head", choice.taken.head]
    if max_bytes is not None:
        words += ["--max-bytes", str(max_bytes)]
    return shlex.join(["cutouts", "train", *words])
