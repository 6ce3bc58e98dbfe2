"""Results in, lines for a terminal and objects for scripts out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutouts.manifest import Manifest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cutouts.bundle import Tag
    from cutouts.candidates import Candidate
    from cutouts.comparison import Comparison
    from cutouts.distillation import Distilled
    from cutouts.embed import Embedded
    from cutouts.heads.blueprint import Review
    from cutouts.heads.keras_layers import Verdict
    from cutouts.metrics import Metrics
    from cutouts.proof import Proof
    from cutouts.training import Trained

NONE = "(none of these)"
WORST_LABELS = 5
WIDTH = 40  # of a label in a table


def distilled_lines(made: Distilled) -> list[str]:
    """Return what a distilled table is and keeps, and how to go on."""
    return [
        f"{made.folder}: {made.pieces:,} pieces, {made.dims} numbers each, {made.bytes:,} bytes",
        f"keeps {made.neighbours_kept:.2f} of the ten nearest neighbours that {made.teacher} finds, "
        f"among {made.texts:,} texts held out",
        f"cutouts train CORPUS --encoder {made.folder}",
    ]


def review_lines(review: Review) -> list[str]:
    """Return what becomes of each layer in a browser, as a table, and the verdict."""
    cells = [("layer", "name", "class", "in a browser")]
    for verdict in review.verdicts:
        layer = verdict.layer
        first, *more = _fate(verdict)
        cells.append((str(verdict.number), _cut(printable(layer.name), WIDTH), layer.kind, first))
        cells += [("", "", "", f"  {line}") for line in more]
    widths = [max(len(row[column]) for row in cells) + 2 for column in range(3)]
    lines = [
        "  " + "".join(cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True))
        for row in cells
    ]
    refused = [verdict for verdict in review.verdicts if not verdict.runs]
    if review.complaint:
        layers = f"{len(refused)} of {len(review.verdicts)} layers"
        alone = review.model.complaint or not refused
        why = review.complaint if alone else layers
        return [*lines, f"{review.name} cannot run in a browser: {why}"]
    numbers, scores = review.model.input or (0,), review.verdicts[-1].shape or (0,)
    read, given = (" x ".join(f"{size:,}" for size in shape) for shape in (numbers, scores))
    return [*lines, f"{review.name} runs in a browser: {read} numbers in, {given} scores out"]


def embedded_lines(made: Embedded) -> list[str]:
    """Return what lies in a folder of shards, the rate, and which rows are not in it."""
    rate = f", {made.encoded / made.seconds:,.0f} a second" if made.encoded else ""
    lines = [
        f"{made.folder}: {made.rows:,} vectors in {made.shards:,} shard{'s' * (made.shards != 1)}, "
        f"{made.bytes:,} bytes",
        f"encoded now: {made.encoded:,} in {made.seconds:.1f} s{rate}",
    ]
    for kind, found in made.bad.as_json().items():
        more = ", ..." if found["count"] > len(found["places"]) else ""
        places = printable(", ".join(found["places"]))
        lines.append(f"left out, {kind}: {found['count']:,} ({places}{more})")
    return lines


def _fate(verdict: Verdict) -> list[str]:
    """Return what becomes of a layer: in short, and below it the reasons."""
    if not verdict.runs:
        return (
            ["no", verdict.complaint, verdict.repair]
            if verdict.repair
            else ["no", verdict.complaint]
        )
    fate = ["yes" if verdict.exported else "left out: it does nothing while tagging"]
    if verdict.layer.unused:
        fate.append(f"trained without its {', '.join(verdict.layer.unused)}")
    return fate


def trained_lines(trained: Trained) -> list[str]:
    """Return how good a bundle is, as a table."""
    manifest = trained.bundle.manifest
    return [
        f"{manifest['name']}: {len(manifest['labels'])} labels, "
        f"{manifest['encoder']['name']} encoder, {manifest['head']['kind']} head",
        *metrics_lines(trained.metrics, trained.split),
        *_rows({"bundle": f"{trained.bytes:,} bytes in {trained.bundle.folder}"}),
        *_rows({"took": f"{trained.seconds:.1f} s"}),
    ]


def comparison_lines(made: Comparison) -> list[str]:
    """Return each candidate as a row of a table, what was left out, which to take, and how."""
    compared = made.compared
    quality = ("micro F1", "± s.e.", "exact") if compared.multiple else ("accuracy", "± s.e.")
    cells = [("", *quality, "macro F1", "calib.", "first tag", "raw", "per text", "bundle")]
    cells += [_candidate_cells(one, multiple=compared.multiple) for one in compared.candidates]
    widths = [max(len(row[column]) for row in cells) + 2 for column in range(len(cells[0]))]
    lines = [f"{printable(compared.corpus)}: {compared.texts:,} texts, {compared.labels} labels"]
    for first, *others in cells:
        right = "".join(f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True))
        lines.append(f"  {first:<{widths[0]}}{right}".rstrip())
    lines += [f"  {one.name}: {one.complaint}" for one in compared.candidates if one.complaint]
    lines += [f"  left out: {what}: {why}" for what, why in compared.left_out]
    lines += [f"  {compared.speed}", compared.choice.why]
    lines += [f"  {compared.command}"] if compared.command else []
    return [
        *map(printable, lines),
        *_rows({"page": str(made.page), "took": f"{made.seconds:.0f} s"}),
    ]


def _candidate_cells(one: Candidate, *, multiple: bool) -> tuple[str, ...]:
    from cutouts.candidates import milliseconds
    from cutouts.report.format import NOTHING, decimal, size

    return (
        one.name,
        decimal(one.answers.quality),
        decimal(one.answers.standard_error),
        *([decimal(one.accuracy)] if multiple else []),
        decimal(one.macro_f1),
        decimal(one.calibration_error),
        size(one.payload_sent),
        size(one.payload_raw),
        NOTHING if one.milliseconds is None else milliseconds(one.milliseconds),
        f"{size(one.bundle_bytes)}{'' if one.fits else ', too large'}",
    )


def metrics_lines(metrics: Metrics, split: str) -> list[str]:
    """Return the numbers, then the labels that are found worst."""
    sure = metrics.accuracy_answered
    rows = {
        "measured on": f"{metrics.texts:,} {split}",
        "accuracy": f"{metrics.accuracy:.4f}",
        "macro F1": f"{metrics.macro_f1:.4f}",
        "micro F1": f"{metrics.micro_f1:.4f}",
        "calibration error": f"{metrics.calibration_error:.4f}",
        "given a tag": f"{metrics.answered:.1%} of texts"
        + (f", {sure:.1%} of them rightly" if sure is not None else ""),
    }
    worst = sorted((label for label in metrics.labels if label.texts), key=lambda label: label.f1)
    lines = [*_rows(rows), f"  hardest labels{'precision':>{WIDTH - 2}}{'recall':>10}{'F1':>8}"]
    for label in worst[:WORST_LABELS]:
        name = _cut(printable(label.label), WIDTH - 1)
        lines.append(
            f"    {name:<{WIDTH}}{label.precision:>10.3f}{label.recall:>10.3f}{label.f1:>8.3f}"
        )
    return lines


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def proof_lines(proof: Proof) -> list[str]:
    """Return a proof's verdict, its times, and the texts that were answered differently."""
    lines = [proof.verdict()]
    lines += _rows(
        {
            "per text": f"{proof.milliseconds:.3f} ms in the browser (median)",
            "loaded in": f"{proof.load_milliseconds:,.0f} ms",
        }
    )
    return lines + [f"    {worst.text!r}: {worst.what}" for worst in proof.worst]


def proofs_object(proofs: Sequence[Proof]) -> dict[str, Any]:
    """Return the least that all browsers reached, and each browser's own entry."""
    entries = [proof.entry() for proof in proofs]
    differences = [entry["worst_difference"] for entry in entries]
    return {
        "texts": min(proof.texts for proof in proofs),
        "same_ids": min(proof.same_ids for proof in proofs),
        "same_tags": min(proof.same_tags for proof in proofs),
        "worst_difference": None if None in differences else max(differences),
        "tolerance": proofs[0].tolerance,
        "milliseconds": max(proof.milliseconds for proof in proofs),
        "passed": all(proof.passed for proof in proofs),
        "browsers": entries,
    }


def tag_line(tags: Sequence[Tag]) -> str:
    """Return one text's tags with their probabilities, a tab between them."""
    return "\t".join(f"{printable(tag.label)} {tag.probability:.3f}" for tag in tags) or NONE


def tag_object(
    text: str, tags: Sequence[Tag], labels: Sequence[str], probabilities: NDArray[np.float64]
) -> dict[str, Any]:
    """Return a text, its tags and the probability of every label."""
    named = zip(labels, probabilities.tolist(), strict=True)
    return {"text": text, "tags": [tag.label for tag in tags], "probabilities": dict(named)}


def bundle_lines(folder: Path, manifest: Manifest) -> list[str]:
    """Return what a bundle is, how good, how big and how far proved."""
    from cutouts.proof import read_proofs

    encoder, head = manifest["encoder"], manifest["head"]
    loaded = sum(entry["bytes"] for entry in manifest["files"] if entry["load"])
    rows = {
        "made": manifest["created"],
        "encoder": f"{encoder['name']} ({encoder['kind']}), {encoder['dim']} numbers, "
        f"space {encoder['space']}, {encoder['licence']}",
        "receipt": ", ".join(f"{name} {value}" for name, value in encoder["receipt"].items()),
        "head": f"{head['kind']}, {'several labels' if manifest['multiple'] else 'one label'} a text",
        "labels": f"{len(manifest['labels'])}: "
        + ", ".join(printable(label["name"]) for label in manifest["labels"][:8])
        + (", …" if len(manifest["labels"]) > 8 else ""),
        "bytes to load": f"{loaded:,}",
        **{name: str(value) for name, value in manifest["metrics"].items()},
        "made with": ", ".join(f"{name} {value}" for name, value in manifest["provenance"].items()),
    }
    for entry in manifest["files"]:
        rows[entry["path"]] = f"{entry['bytes']:,} bytes, sha256 {entry['sha256'][:12]}…"
    for proof in read_proofs(folder) or [{"engine": "proof", "texts": 0}]:
        verdict = "the same answers" if proof.get("passed") else "other answers"
        rows[proof["engine"]] = (
            f"{verdict} to {proof['texts']:,} texts"
            if proof["texts"]
            else "none yet: cutouts prove"
        )
    return [printable(manifest["name"]), *_rows(rows)]


def printable(text: str) -> str:
    """Return text that a terminal shows as it is: no control, format or bidirectional characters."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _rows(rows: dict[str, str]) -> list[str]:
    return [f"  {name:<18} {value}" for name, value in rows.items()]
