"""An encoder, a corpus and a budget in, the smaller encoder and head size that do best out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from cutouts.corpus import Corpus, truth_of
from cutouts.encoders import Encoder, Pieces
from cutouts.encoders.embeddings import encode_texts
from cutouts.encoders.static import StaticEncoder
from cutouts.errors import UsageError
from cutouts.golden import TEXTS
from cutouts.heads.fit_linear import HEAD_BYTES, Sizes
from cutouts.heads.folds import Evidence, Stage

FOR_PEOPLE = 120_000  # manifest, metrics, report and card, rounded up
WIDTHS = (192, 128, 64, 32)
HEAD_SHARES = (0.25, 0.45)  # of what the table and the words share
SMALLEST_ROWS = 2_000
SMALLEST_HEAD = 50_000


@dataclass(frozen=True, slots=True)
class Plan:
    """The encoder to use and the bytes that the head may take (None: its own default)."""

    encoder: Encoder
    head_bytes: int | None = None
    settings: Mapping[str, float] = field(default_factory=dict)
    tried: Mapping[str, float] = field(default_factory=dict)
    rows: int = 0  # of a static table


def plan_for(encoder: Encoder, corpus: Corpus, max_bytes: int | None, stage: Stage) -> Plan:
    """Return the plan that does best within the budget, by cross-validation on the corpus.

    Raises UsageError when the budget is too small for anything.
    """
    if max_bytes is None:
        return Plan(encoder)
    labels = len(corpus.label_names)
    room, least = max_bytes - _fixed_bytes(encoder, labels), least_bytes(encoder, labels)
    if not isinstance(encoder, StaticEncoder):
        if max_bytes < least:
            raise UsageError(
                f"--max-bytes {max_bytes:,} is too small for {encoder.description.name}, "
                f"which takes {least:,}: use --encoder static"
            )
        return _plan_words(encoder, corpus, room, stage)
    if max_bytes < least:
        raise UsageError(f"--max-bytes {max_bytes:,} is too small: {least:,} is the least here")
    return _best_static(encoder, corpus, room, stage)


def least_bytes(encoder: Encoder, labels: int) -> int:
    """Return the smallest budget that `plan_for` accepts for this encoder and so many labels."""
    fixed = _fixed_bytes(encoder, labels)
    if not isinstance(encoder, StaticEncoder):
        return fixed + _smallest_head(labels, encoder.description.dim)
    narrowest = min(WIDTHS[-1], encoder.description.dim)
    table = _fewest_rows(encoder) * (narrowest + 6)
    return fixed + _smallest_head(labels, narrowest) + table


def _fewest_rows(encoder: StaticEncoder) -> int:
    return min(SMALLEST_ROWS, len(encoder.pieces))


def _smallest_head(labels: int, dim: int) -> int:
    """Return what a head takes that knows hardly any words."""
    return SMALLEST_HEAD + 4 * labels * (dim + 3)


def _plan_words(encoder: Encoder, corpus: Corpus, room: int, stage: Stage) -> Plan:
    """Return the plan that keeps the encoder whole and gives up words."""
    if room >= HEAD_BYTES:
        return Plan(encoder)
    pieces = encoder.tokenizer.pieces(corpus.texts)
    truth, _ = truth_of(corpus, corpus.label_names)
    evidence = Evidence(pieces, encode_texts(encoder, pieces), truth, corpus.multiple)
    tried: dict[str, float] = {}
    sizes = Sizes(evidence)
    for head_bytes in (HEAD_BYTES, room):
        name = f"{head_bytes // 1000} kB of words"
        stage(f"cross-validating {name}")
        tried[name] = sizes.quality(evidence, head_bytes)
    before, after = tried.values()
    return _told(Plan(encoder, room, tried=tried), name, before - after, stage)


def _told(plan: Plan, name: str, cost: float, stage: Stage) -> Plan:
    """Return the plan with its cost, and say it."""
    stage(f"{name} fits and costs {100 * cost:.1f} points in cross-validation")
    return replace(plan, settings={"max_bytes_cost": round(cost, 4)})


def _fixed_bytes(encoder: Encoder, labels: int) -> int:
    """Return what is there whatever the plan: tokenizer, answers in advance, pages for people."""
    answers = len(TEXTS) * (encoder.description.dim * 14 + labels * 60 + 500)
    size = encoder.file_bytes - (encoder.table_bytes if isinstance(encoder, StaticEncoder) else 0)
    return size + answers + FOR_PEOPLE + 400 * labels


def _best_static(encoder: StaticEncoder, corpus: Corpus, room: int, stage: Stage) -> Plan:
    pieces = encoder.tokenizer.pieces(corpus.texts)
    truth, _ = truth_of(corpus, corpus.label_names)
    order = by_use(encoder, pieces)
    whole = Plan(encoder, rows=len(encoder.pieces))
    if room >= encoder.table_bytes + HEAD_BYTES:
        return whole
    plans = [whole, *_plans(encoder, order, room, truth.shape[1])]
    tried: dict[str, float] = {}
    sizes: Sizes | None = None
    for plan in plans:
        name = _name(plan)
        stage(f"cross-validating {name}")
        vectors = plan.encoder.encode(pieces)
        evidence = Evidence(pieces, vectors, truth, corpus.multiple)
        sizes = sizes or Sizes(evidence)
        tried[name] = sizes.quality(evidence, plan.head_bytes or HEAD_BYTES)
    best = max(plans[1:], key=lambda plan: tried[_name(plan)])
    cost = tried[_name(whole)] - tried[_name(best)]
    return _told(replace(best, tried=tried), _name(best), cost, stage)


def _plans(encoder: StaticEncoder, order: NDArray[np.uint32], room: int, labels: int) -> list[Plan]:
    """Return the plans that fit: fewer numbers with many pieces, or many with fewer."""
    plans = []
    dim = encoder.description.dim
    for width in [width for width in WIDTHS if width <= dim] or [dim]:
        for share in HEAD_SHARES:
            head_bytes = min(HEAD_BYTES, max(_smallest_head(labels, width), int(room * share)))
            rows = min(len(order), (room - head_bytes) // (width + 6))
            if rows < _fewest_rows(encoder):
                continue
            smaller = encoder.smaller(width, order[:rows])
            plans.append(Plan(smaller, min(HEAD_BYTES, room - smaller.table_bytes), rows=rows))
            if rows == len(order):
                break
        if rows == len(order):
            break  # narrower tables would only lose
    return plans


def by_use(encoder: StaticEncoder, pieces: Pieces) -> NDArray[np.uint32]:
    """Return the encoder's pieces, those most used in these texts first, then by the vocabulary."""
    used = np.bincount(pieces.ids, minlength=encoder.description.vocabulary)[encoder.pieces]
    return encoder.pieces[np.argsort(-used, kind="stable")]


def _name(plan: Plan) -> str:
    words = (plan.head_bytes or HEAD_BYTES) // 1000
    return f"{plan.encoder.description.dim} numbers for {plan.rows:,} pieces, {words} kB of words"
