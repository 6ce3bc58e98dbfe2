"""A head's name and evidence in, the fitted head out; `auto` tries each kind and keeps the best."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

from cutouts.errors import UsageError
from cutouts.heads.fit_linear import HEAD_BYTES, fit_linear
from cutouts.heads.folds import Evidence, Fitted, Stage, quality

HEADS = ("linear", "cnn", "auto")


def fit_head(name: str, evidence: Evidence, head_bytes: int | None, stage: Stage) -> Fitted:
    """Return the fitted head; raise UsageError for an unknown name."""
    if name == "linear":
        return fit_linear(evidence, head_bytes=head_bytes or HEAD_BYTES, stage=stage)
    if name == "cnn":
        from cutouts.heads.fit_cnn import fit_cnn

        return fit_cnn(evidence, stage=stage)
    if name == "auto":
        return _fit_best(evidence, head_bytes, stage)
    raise UsageError(f"no head is called {name!r}: choose one of {', '.join(HEADS)}")


def _fit_best(evidence: Evidence, head_bytes: int | None, stage: Stage) -> Fitted:
    """Return whichever head is better on texts that it had not seen; linear wins a tie."""
    if find_spec("keras") is None or find_spec("jax") is None:
        stage("head auto: linear, since cnn is not installed (pip install 'cutouts[cnn]')")
        return fit_head("linear", evidence, head_bytes, stage)
    fitted = {name: fit_head(name, evidence, head_bytes, stage) for name in ("linear", "cnn")}
    reached = {
        name: quality(one.scores, evidence.truth, multiple=evidence.multiple)
        for name, one in fitted.items()
    }
    best = max(reached, key=lambda name: reached[name])
    measure = "micro F1" if evidence.multiple else "accuracy"
    table = ", ".join(f"{name} {value:.4f}" for name, value in reached.items())
    stage(f"head auto: {best}, the better {measure} on held-out texts ({table})")
    tried = {**fitted[best].tried, **{f"head {name}": value for name, value in reached.items()}}
    return replace(fitted[best], tried=tried)
