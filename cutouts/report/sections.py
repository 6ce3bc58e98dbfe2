"""Metrics and facts in; the parts of the report out, each with a heading of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from cutouts.metrics import Bin, LabelMetrics, Metrics
from cutouts.report.charts import coverage_chart, learning_chart, reliability_chart
from cutouts.report.elements import Child, bar, make, name, numbers, section, table
from cutouts.report.facts import Facts
from cutouts.report.format import NOTHING, count, decimal, percent, setting, size

MOST_LABELS = 150  # shown one by one; metrics.json has them all
SAME = 0.005  # confidence and accuracy are called equal when no farther apart
LIKELY = 0.5  # with several labels per text, most probabilities are near 0 and rightly so
Z = 1.96  # standard errors to either side that hold 95 %


def headline(metrics: Metrics, *, multiple: bool) -> Element:
    """Return the few numbers that say how good it is, each with what it means."""
    whole = "of the texts get exactly the right set of labels"
    one = "of the texts are given the right label"
    said = f"texts, so accuracy is known to about ± {decimal(_margin(metrics))}"
    if metrics.unknown_labels:
        said += f"; {count(metrics.unknown_labels, 'label')} given to them, training never saw"
    tiles = [
        ("Accuracy", decimal(metrics.accuracy), whole if multiple else one),
        ("Macro F1", decimal(metrics.macro_f1), "mean over labels, rare ones count as much"),
        ("Micro F1", decimal(metrics.micro_f1), "over all labels given, frequent ones count more"),
        ("Calibration error", decimal(metrics.calibration_error), "how far confidence is off"),
        ("Answered", percent(metrics.answered), _answered(metrics, multiple=multiple)),
        ("Measured on", f"{metrics.texts:,}", said),
    ]
    first = 2 if multiple else 0  # what settings are chosen by comes first
    tiles.insert(0, tiles.pop(first))
    pairs = [
        make(
            "div",
            {"class": "tile"},
            make("dt", {}, term),
            make("dd", {}, make("span", {"class": "value"}, value), make("span", {}, detail)),
        )
        for term, value, detail in tiles
    ]
    return make("dl", {"class": "tiles"}, *pairs)


def _answered(metrics: Metrics, *, multiple: bool) -> str:
    if metrics.accuracy_answered is None:
        return "no text reached the threshold of a label"
    how = "exactly right" if multiple else "right"
    return (
        f"of the texts reach a threshold; {decimal(metrics.accuracy_answered)} of those are {how}"
    )


def _margin(metrics: Metrics) -> float:
    """Return half the width of accuracy's 95 % interval (Wilson 1927)."""
    texts, share = max(1, metrics.texts), metrics.accuracy
    spread = math.sqrt(share * (1 - share) / texts + Z**2 / (4 * texts**2))
    return Z / (1 + Z**2 / texts) * spread


def reliability(metrics: Metrics, *, multiple: bool) -> Element:
    """Return whether a probability means what it says."""
    leaning = _leaning(metrics.reliability, multiple=multiple)
    what = "Each label of each text counts" if multiple else "The most probable label counts"
    rows = [
        (decimal(b.confidence), decimal(b.accuracy), f"{b.answers:,}") for b in metrics.reliability
    ]
    return section(
        "How sure, and how often right",
        make("p", {}, f"{leaning} {what}; larger points hold more answers."),
        reliability_chart(metrics.reliability),
        numbers(table("Answers of similar confidence", ("How sure", "Right", "Answers"), rows)),
    )


def _leaning(bins: Sequence[Bin], *, multiple: bool) -> str:
    where = f"Where it is at least {LIKELY} sure" if multiple else "On average"
    bins = [one for one in bins if one.confidence >= LIKELY or not multiple]
    answers = sum(one.answers for one in bins)
    gap = sum((one.confidence - one.accuracy) * one.answers for one in bins) / max(1, answers)
    if not answers:
        return f"{where}, there was nothing to measure."
    if abs(gap) < SAME:
        return f"{where}, it is right as often as it says."
    side = "surer than it should be" if gap > 0 else "right more often than it says"
    return f"{where}, it is {side}, by {abs(gap):.3f}."


def coverage(metrics: Metrics) -> Element:
    """Return what is gained and lost when unsure answers are left out."""
    rows = [
        (f"{p.threshold:.2f}", percent(p.coverage), decimal(p.accuracy)) for p in metrics.coverage
    ]
    legend = make(
        "ul",
        {"class": "legend"},
        make("li", {"class": "right"}, "right, among those answered"),
        make("li", {"class": "kept"}, "answered, among all texts"),
    )
    columns = ("At least this sure", "Texts answered", "Right among them")
    return section(
        "What leaving out unsure answers gains",
        make(
            "p", {}, "Only the most probable label of a text counts, and only if it is this sure."
        ),
        legend,
        coverage_chart(metrics.coverage),
        numbers(table("Answers at least this sure", columns, rows)),
    )


def labels(metrics: Metrics) -> Element:
    """Return precision, recall and F1 of each label, the hardest first."""
    kept = sorted(metrics.labels, key=lambda one: -one.texts)[:MOST_LABELS]
    kept.sort(key=lambda one: (one.texts == 0, one.f1))
    note = "Hardest first. "
    if len(kept) < len(metrics.labels):
        note += (
            f"The {len(kept)} labels with the most texts, of {len(metrics.labels):,}; "
            "metrics.json has them all. "
        )
    note += "Bars show F1; where there are few texts, it says little."
    columns = ("Label", "Texts", "Given", "Precision", "Recall", "F1")
    rows = [_label_row(one) for one in kept]
    return section("Label by label", table(note, columns, rows, kind="labels"), kind="across")


def _label_row(one: LabelMetrics) -> Sequence[Child]:
    precision = one.precision if one.given else None
    recall = one.recall if one.texts else None
    f1: Child = NOTHING
    if one.texts or one.given:
        f1 = make("span", {"class": "barred"}, decimal(one.f1), bar(one.f1))
    return (
        name(one.label),
        f"{one.texts:,}",
        f"{one.given:,}",
        decimal(precision),
        decimal(recall),
        f1,
    )


def confusions(metrics: Metrics) -> Element:
    """Return which labels are taken for which."""
    most = max((one.texts for one in metrics.confusions), default=1)
    rows = []
    for one in metrics.confusions:
        pair = make("span", {}, name(one.label), make("span", {"class": "to"}, " taken for "))
        pair.append(name(one.taken_for))
        shown = make("span", {"class": "barred"}, f"{one.texts:,}", bar(one.texts / most))
        rows.append((pair, shown))
    caption = "What was expected, what was answered, and how many texts. Most frequent first."
    return section("Taken for another", table(caption, ("Labels", "Texts"), rows, kind="pairs"))


def making(facts: Facts, *, quality: str) -> Element:
    """Return what the bundle was made of, and what cross-validation chose from."""
    entries = [("Encoder", facts.encoder), ("Head", facts.head)]
    entries += [(key.replace("_", " "), setting(value)) for key, value in facts.settings.items()]
    terms = [make("div", {}, make("dt", {}, key), make("dd", {}, value)) for key, value in entries]
    parts: list[Child] = [make("dl", {"class": "terms"}, *terms)]
    if facts.tried:
        best = max((value for value in facts.tried.values() if math.isfinite(value)), default=0.0)
        rows = [
            (name(key), decimal(value), decimal(best - value) if value != best else "best")
            for key, value in facts.tried.items()
        ]
        caption = f"Tried by cross-validation on the training texts alone, judged by {quality}."
        parts.append(table(caption, ("Tried", "Quality", "Below best"), rows))
    return section("How it was made", *parts)


def learning(facts: Facts, *, quality: str) -> Element:
    """Return how the quality on held-out texts grew."""
    measure = f"{quality[0].upper()}{quality[1:]}"
    text = (
        f"{measure} on texts held out in turn, after each pass of training on others. The mean "
        "over the parts held out, up to where the first of these trainings stopped; the texts held "
        "out have no say in when. Texts without a label are left out."
    )
    if epochs := facts.settings.get("epochs"):
        text += f" The network of this bundle was trained for {setting(epochs)} passes."
    rows = [(f"{number}", decimal(value)) for number, value in enumerate(facts.learning_curve, 1)]
    return section(
        "Learning",
        make("p", {}, text),
        learning_chart(facts.learning_curve, measure=quality),
        numbers(table("Held-out texts, pass by pass", ("Pass", measure), rows)),
    )


def weight(facts: Facts) -> Element:
    """Return what each file weighs, the heaviest first."""
    total = sum(size_ for _, size_ in facts.files)
    most = max((size_ for _, size_ in facts.files), default=0) or 1
    rows = [
        (name(path), make("span", {"class": "barred"}, size(size_), bar(size_ / most)))
        for path, size_ in sorted(facts.files, key=lambda file: -file[1])
    ]
    caption = f"{size(total)} in {count(len(facts.files), 'file')}, before compression."
    return section("What it weighs", table(caption, ("File", "Size"), rows, kind="pairs"))
