"""Candidates and a choice in; the HTML page that shows what each encoder and head gives and costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from cutouts.candidates import Candidate, Choice, milliseconds, probability
from cutouts.report.charts import cost_chart
from cutouts.report.elements import Child, make, name, section, table
from cutouts.report.format import NOTHING, count, decimal, size
from cutouts.report.page import document

KIND = "comparison"


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison was of, and what it came to."""

    corpus: str
    texts: int
    labels: int
    multiple: bool
    max_bytes: int | None
    candidates: Sequence[Candidate]
    choice: Choice
    left_out: Sequence[tuple[str, str]]  # what was not compared, and why
    speed: str  # where the milliseconds are from, or why there are none
    command: str  # that trains the one to take; empty where there is none
    created: str  # UTC, ISO 8601

    @property
    def quality(self) -> str:
        """Return what is compared: accuracy, or with several labels per text micro F1."""
        return "micro F1" if self.multiple else "accuracy"


def comparison_page(compared: Compared) -> str:
    """Return the comparison as HTML."""
    several = "several per text" if compared.multiple else "one per text"
    lead = (
        f"{count(compared.texts, 'text')}, {count(compared.labels, 'label')}, {several}. Each text "
        "is answered by heads that were trained without it, in three folds."
    )
    top = make(
        "header",
        {},
        make("p", {"class": "kind"}, "Encoders and heads, compared by Cutouts"),
        make("h1", {}, name(compared.corpus)),
        make("p", {"class": "lead"}, lead),
    )
    parts = [_verdict(compared), _plot(compared), _quality(compared), _cost(compared)]
    foot = make(
        "footer",
        {},
        f"Made {compared.created} by Cutouts. A dash: not measured, or not compared.",
    )
    return document(compared.corpus, KIND, make("body", {}, top, make("main", {}, *parts), foot))


def _verdict(compared: Compared) -> Element:
    taken = compared.choice.taken
    within = f" within {compared.max_bytes:,} bytes" if compared.max_bytes is not None else ""
    title = f"Take {taken.name}{within}" if taken else f"None to take{within}"
    parts: list[Child] = [make("p", {"class": "verdict"}, compared.choice.why)]
    if compared.command:
        parts.append(make("pre", {}, make("code", {}, compared.command)))
    parts += [
        make("p", {"class": "note"}, "Left out: ", name(what), f": {why}")
        for what, why in compared.left_out
    ]
    return section(title, *parts)


def _plot(compared: Compared) -> Element:
    heads = sorted({one.head for one in compared.candidates}, reverse=True)
    legend = [make("li", {"class": f"of-{head}"}, f"head {head}") for head in heads]
    if compared.choice.taken:
        legend.append(make("li", {"class": "of-taken"}, "the one to take"))
    return section(
        f"What {compared.quality} costs",
        make("p", {}, "Up: better. Left: less to download. A line is one standard error each way."),
        make("ul", {"class": "legend"}, *legend),
        cost_chart(compared.candidates, compared.choice.taken, compared.quality),
    )


def _quality(compared: Compared) -> Element:
    """Return the table of how good each is on held-out texts."""
    rows = []
    for one, p in zip(compared.candidates, compared.choice.chances, strict=True):
        error = make("span", {"class": "to"}, f" ±{decimal(one.answers.standard_error)}")
        reached: list[Child] = [make("span", {}, decimal(one.answers.quality), error)]
        if compared.multiple:
            reached.append(decimal(one.accuracy))
        said = NOTHING if p is None else "best" if one is compared.choice.best else _p(p)
        numbers = (decimal(one.macro_f1), decimal(one.calibration_error), said)
        rows.append((name(one.name), *reached, *numbers))
    quality = ("Micro F1", "Exact") if compared.multiple else ("Accuracy",)
    exact = " Exact: the share of texts whose whole set of labels is right." * compared.multiple
    caption = (
        f"On held-out texts, ± one standard error.{exact} ECE: expected calibration error. p: how "
        "often chance alone parts it from the best at least as far, when each text's two answers "
        "are swapped at random."
    )
    columns = ("", *quality, "Macro F1", "ECE", "p")
    kind = "compared several" if compared.multiple else "compared"
    return section("How good", table(caption, columns, rows, kind=kind))


def _p(p: float) -> str:
    return probability(p).removeprefix("p ").removeprefix("= ")


def _cost(compared: Compared) -> Element:
    """Return the table of what each takes to download and to run."""
    rows = []
    for one in compared.candidates:
        time = NOTHING if one.milliseconds is None else milliseconds(one.milliseconds)
        bundle = size(one.bundle_bytes) + ("" if one.fits else " (too large)")
        rows.append((name(one.name), size(one.payload_sent), time, bundle))
    caption = (
        "First tag: what a browser downloads before it, the runtime's scripts and engine "
        f"included, after brotli. Bundle: its folder, which a budget is about. {compared.speed}"
    )
    columns = ("", "First tag", "Per text", "Bundle")
    parts: list[Child] = [table(caption, columns, rows, kind="compared")]
    parts += [
        make("p", {"class": "note"}, f"{one.name} is not proved: {one.complaint}")
        for one in compared.candidates
        if one.complaint
    ]
    return section("What it takes", *parts)
