"""Metrics and facts in; one HTML file out that needs no script, no network and no other file."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element

from cutouts.metrics import Metrics
from cutouts.report import sections
from cutouts.report.elements import make, name
from cutouts.report.facts import Facts
from cutouts.report.format import count
from cutouts.report.page import document

__all__ = ["Facts", "report_page", "write_report"]


def write_report(path: Path, *, title: str, metrics: Metrics, facts: Facts) -> None:
    """Write the report of a bundle as one HTML file."""
    path.write_text(report_page(title, metrics, facts), encoding="utf-8", newline="\n")


def report_page(title: str, metrics: Metrics, facts: Facts) -> str:
    """Return the report as HTML."""
    return document(title, "report", _body(title, metrics, facts))


def _body(title: str, metrics: Metrics, facts: Facts) -> Element:
    several = "several per text" if facts.multiple else "one per text"
    quality = "micro F1 at one threshold" if facts.multiple else "accuracy"
    lead = f"{count(len(metrics.labels), 'label')}, {several}. Measured on {facts.split}."
    top = make(
        "header",
        {},
        make("p", {"class": "kind"}, "Report of a Cutouts bundle"),
        make("h1", {}, name(title)),
        make("p", {"class": "lead"}, lead),
    )
    parts = [
        sections.headline(metrics, multiple=facts.multiple),
        sections.reliability(metrics, multiple=facts.multiple),
        sections.coverage(metrics),
        sections.labels(metrics),
    ]
    flowing = [sections.making(facts, quality=quality), sections.weight(facts)]
    if facts.learning_curve:
        flowing.insert(0, sections.learning(facts, quality=quality))
    if metrics.confusions:
        flowing.insert(0, sections.confusions(metrics))
    parts.append(make("div", {"class": "flow"}, *flowing))
    foot = make(
        "footer",
        {},
        f"Made {facts.created} by Cutouts. Numbers have three digits after the point; "
        "a dash means that there was nothing to measure.",
    )
    return make("body", {}, top, make("main", {}, *parts), foot)
