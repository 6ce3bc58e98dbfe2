"""A manifest and metrics in; card.md out, which says in plain words what a bundle is and is not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cutouts.metrics import LabelMetrics, Metrics
from cutouts.report.format import count, decimal, markdown, percent, setting, size

HARDEST = 5
MOST_LABELS = 100  # named one by one; manifest.json has them all


def write_card(path: Path, manifest: Mapping[str, Any], metrics: Metrics) -> None:
    """Write the card of a bundle as Markdown."""
    path.write_text(card_text(manifest, metrics), encoding="utf-8", newline="\n")


def card_text(manifest: Mapping[str, Any], metrics: Metrics) -> str:
    """Return the card of a bundle as Markdown."""
    parts = [
        f"# {markdown(manifest['name'])}",
        *_what(manifest),
        "## What it was trained on",
        *_training(manifest),
        "## How good it is",
        *_quality(manifest, metrics),
        "## How big it is",
        *_weight(manifest),
        "## What it cannot do",
        _list(_limits(manifest, metrics)),
        "## Licence",
        *_licence(manifest),
    ]
    return "\n\n".join(parts) + "\n"


def _what(manifest: Mapping[str, Any]) -> Iterable[str]:
    encoder, head, labels = manifest["encoder"], manifest["head"], manifest["labels"]
    one, several = "one of these labels comes out, or none", "any number of these labels comes out"
    yield (
        "A folder of static files that tags text inside a browser. A text goes in; "
        f"{several if manifest['multiple'] else one}, with probabilities. Nothing is sent anywhere."
    )
    names = [markdown(one["name"]) for one in labels[:MOST_LABELS]]
    rest = len(labels) - len(names)
    more = [f"and {rest:,} more, listed in manifest.json"] if rest else []
    yield f"{count(len(labels), 'label')}: {', '.join([*names, *more])}."
    yield (
        f"The encoder is {markdown(encoder['name'])}, made from {markdown(encoder['source'])}: it "
        f"turns a text into {encoder['dim']} numbers. The head, of the kind "
        f"{markdown(head['kind'])}, makes the probabilities {_seen(head['kind'])}."
    )


def _seen(kind: str) -> str:
    return "from those and from the text's words" if kind == "linear" else "from those alone"


def _training(manifest: Mapping[str, Any]) -> Iterable[str]:
    """Yield what the manifest records; it holds numbers and versions, never a path."""
    recorded = manifest["provenance"]
    yield f"Made {markdown(manifest['created'])} from labelled text."
    if recorded:
        lines = [
            f"{markdown(_words(key))}: {markdown(setting(value))}"
            for key, value in recorded.items()
        ]
        yield _list(lines)


def _quality(manifest: Mapping[str, Any], metrics: Metrics) -> Iterable[str]:
    whole = "texts whose whole set of labels is right"
    one = "texts whose most probable label is right"
    rows = [
        ("Accuracy", decimal(metrics.accuracy), whole if manifest["multiple"] else one),
        ("Macro F1", decimal(metrics.macro_f1), "mean over labels: rare ones count as much"),
        ("Micro F1", decimal(metrics.micro_f1), "over all labels given: frequent ones count more"),
        ("Calibration error", decimal(metrics.calibration_error), "how far probabilities are off"),
        ("Answered", percent(metrics.answered), "texts that reach the threshold of a label"),
        ("Right among them", decimal(metrics.accuracy_answered), "of the texts that reach one"),
    ]
    measured_on = manifest["metrics"].get("measured_on", "texts")
    yield f"Measured on {metrics.texts:,} {markdown(str(measured_on))}."
    yield _table(("measure", "value", "meaning"), rows)
    hardest = sorted((one for one in metrics.labels if one.texts), key=lambda one: one.f1)
    if hardest:
        yield f"The hardest labels, by F1: {', '.join(map(_hard, hardest[:HARDEST]))}."
    if metrics.confusions:
        worst = metrics.confusions[0]
        yield (
            f"The most frequent mistake: {markdown(worst.label)} taken for "
            f"{markdown(worst.taken_for)}, in {count(worst.texts, 'text')}."
        )
    yield "All numbers are in metrics.json, and drawn in report.html."


def _hard(one: LabelMetrics) -> str:
    return f"{markdown(one.label)} {decimal(one.f1)}"


def _weight(manifest: Mapping[str, Any]) -> Iterable[str]:
    """Yield what a browser downloads to tag; the rest of the folder is for people."""
    needed = [entry for entry in manifest["files"] if entry["load"]]
    shared = sum(e["bytes"] for e in needed if e["path"].startswith("encoder/"))
    total = sum(e["bytes"] for e in needed)
    yield (
        f"A browser downloads {size(total)} in {count(len(needed), 'file')} before it can tag, "
        f"once; {size(shared)} of it is the encoder, shared by every bundle that uses the same one."
    )
    if manifest["encoder"]["kind"] == "onnx":
        yield "The engine that runs the encoder (WebAssembly) comes on top."


def _limits(manifest: Mapping[str, Any], metrics: Metrics) -> Iterable[str]:
    encoder = manifest["encoder"]
    yield "It knows these labels and no others, and never invents one."
    yield (
        "The numbers above hold for texts like those it was measured on. For other subjects, "
        "times or styles, measure again."
    )
    if encoder["max_tokens"]:
        rest = (
            "counts by its words alone" if manifest["head"]["kind"] == "linear" else "is not read"
        )
        read = encoder["max_tokens"] - (2 if "cls" in encoder else 0)
        yield (f"Its encoder reads the first {read} word pieces of a text; what follows {rest}.")
    yield f"Of a text, at most {count(manifest['max_chars'], 'character')} are read."
    yield (
        "It knows a language only as far as its encoder's vocabulary and the training texts do. "
        "It does not translate, summarise or understand arguments, irony and negation reliably."
    )
    yield (
        f"It is wrong at times: its {'set of labels' if manifest['multiple'] else 'first label'} "
        f"was not right for {percent(1 - metrics.accuracy)} of the texts measured. Do not decide "
        "about people by it alone."
    )
    yield (
        "The training texts are not inside. Word pieces that occur in them, and the names of "
        "the labels, are: do not publish a bundle whose vocabulary must stay secret."
    )


def _licence(manifest: Mapping[str, Any]) -> Iterable[str]:
    encoder = manifest["encoder"]
    yield f"Weights: {markdown(manifest['licence'])}."
    yield f"Encoder: {markdown(encoder['licence'])}, from {markdown(encoder['source'])}."


def _words(key: str) -> str:
    return key.replace("_", " ")


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"* {line}" for line in lines)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
