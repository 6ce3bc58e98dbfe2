"""Training parts in; what ways of choosing settings reach on texts that none of them had seen, out.

The way in which the linear head's settings are chosen was changed after results on test parts had
been printed. Which is best is asked here of training parts alone: each is halved in three ways,
settings are chosen and a head is fitted on one half, and it is measured on the other, both ways
round.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path

import numpy as np

from bench.accuracy import corpora
from bench.table import print_table
from cutouts.corpus import Corpus, without_overlap
from cutouts.encoders import Encoder, load_encoder
from cutouts.heads.fit_linear import HEAD_BYTES, choose_words, fit_head
from cutouts.heads.folds import MANY, Evidence, Rows, quality, spread
from cutouts.heads.settings import (
    COSTS,
    Settings,
    Trials,
    best_settings,
    climb,
    costs_beside,
    weights_beside,
)
from cutouts.training import gather_evidence

ENCODERS = ("static", "minilm")
MANY_BEFORE = 5_000  # from so many texts on, settings were chosen by one part held out
COSTS_BEFORE = COSTS[:-1]
ERRORS = (0.0, 0.5, 1.0)  # standard errors that a step has to gain
WAYS = ("none", "as before", *(f"gain > {errors:g} errors" for errors in ERRORS))
HEADER = (
    "corpus", "encoder", "texts in a half", *WAYS, "last - as before", "halves won / lost",
    "weight, cost before", "weight, cost by the last",
)  # fmt: skip


def main(folders: Sequence[Path]) -> None:
    """Print accuracy, or micro F1 of several labels: the mean of all halves."""
    encoders = {name: load_encoder(name) for name in ENCODERS}
    rows = []
    for name, (corpus, test) in corpora(folders):
        learned = without_overlap(corpus, test)
        for encoder, loaded in encoders.items():
            rows.append((name, encoder, *_row(loaded, learned)))
            print_table(HEADER, rows[-1:])
    print()
    print_table(HEADER, rows)


def _row(encoder: Encoder, corpus: Corpus) -> tuple[str, ...]:
    evidence = gather_evidence(encoder, corpus)
    found = [
        _measure(_take(evidence, own), _take(evidence, other)) for own, other in _halves(evidence)
    ]
    reached = np.array([results for _, results in found])
    lead = reached[:, -1] - reached[:, 1]
    chosen = zip(*(settings for settings, _ in found), strict=True)
    _, before, *_, now = (
        Counter(f"{s.vector_weight:g}, {s.cost:g}" for s in way) for way in chosen
    )
    return (
        f"{len(evidence) // 2:,}",
        *(f"{value:.4f}" for value in reached.mean(axis=0)),
        f"{100 * lead.mean():+.2f}",
        f"{(lead > 0).sum()} / {(lead < 0).sum()}",
        *("; ".join(f"{n} x {name}" for name, n in each.most_common()) for each in (before, now)),
    )


def _halves(evidence: Evidence) -> Iterator[tuple[Rows, Rows]]:
    """Yield one half and the other: quarters, joined in each way."""
    quarter = spread(evidence.truth, 4)
    for beside in (1, 2, 3):
        half = (quarter == 0) | (quarter == beside)
        yield np.flatnonzero(half), np.flatnonzero(~half)
        yield np.flatnonzero(~half), np.flatnonzero(half)


def _measure(own: Evidence, other: Evidence) -> tuple[list[Settings], list[float]]:
    """Return what each way chooses on its own half, and how well that does on the other."""
    parts, features = choose_words(own, HEAD_BYTES)
    score = cache(lambda part, settings: parts[part].scores(own, settings))
    held_out = [part.held_out for part in parts]

    def trials(many: int) -> Trials:
        rows = held_out[:1] if 2 * len(own) >= many else held_out  # as on the whole training part
        return Trials(own.truth, rows, score, own.multiple)

    settings = [Settings(), _as_before(trials(MANY_BEFORE))]
    settings += [best_settings(partial(trials(MANY).is_better, errors=errors)) for errors in ERRORS]

    @cache
    def result(one: Settings) -> float:
        scores = fit_head(own, features, one).scores(other.pieces, other.vectors)
        return quality(scores, other.truth, multiple=other.multiple)

    return settings, [result(one) for one in settings]


def _as_before(trials: Trials) -> Settings:
    """Return the settings by one look at the weight, then one at the cost; any lead counted."""

    def is_better(one: Settings, other: Settings) -> bool:
        return trials.quality(one) > trials.quality(other)

    best = climb(weights_beside(Settings()), Settings(), is_better)
    return climb(costs_beside(best)[: len(COSTS_BEFORE)], best, is_better)


def _take(evidence: Evidence, rows: Rows) -> Evidence:
    return Evidence(
        evidence.pieces.take(rows), evidence.vectors[rows], evidence.truth[rows], evidence.multiple
    )
