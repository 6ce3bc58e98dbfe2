"""A head's name and evidence in, the fitted head out; `auto` tries each kind and keeps the best.

Instead of a name, a file may say which network to train: `model.keras` or `network.py:build`.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

from cutouts.errors import UsageError
from cutouts.heads.blueprint import Blueprint, check_runs, is_blueprint, read_blueprint
from cutouts.heads.fit_linear import HEAD_BYTES, fit_linear
from cutouts.heads.folds import Evidence, Fitted, Stage, quality

HEADS = ("linear", "cnn", "auto")


def choose_head(head: str | Blueprint) -> str | Blueprint:
    """Return the head's name, or the network that a file holds, for `fit_head`.

    Raises UsageError for an unknown name, HeadError for a file that no browser can run.
    """
    if isinstance(head, Blueprint) or head in HEADS:
        return head
    if not is_blueprint(head):
        raise UsageError(
            f"no head is called {head!r}: choose one of {', '.join(HEADS)}, "
            "or give a model.keras or a network.py:build"
        )
    blueprint = read_blueprint(head)
    check_runs(blueprint)
    return blueprint


def fit_head(
    head: str | Blueprint, evidence: Evidence, head_bytes: int | None, stage: Stage
) -> Fitted:
    """Return the fitted head; raise UsageError for an unknown name."""
    head = choose_head(head)
    if head == "linear":
        return fit_linear(evidence, head_bytes=head_bytes or HEAD_BYTES, stage=stage)
    if head == "auto":
        return _fit_best(evidence, head_bytes, stage)
    from cutouts.heads.fit_cnn import fit_cnn

    network = head.build if isinstance(head, Blueprint) else None
    return fit_cnn(evidence, stage=stage, network=network)


def cnn_is_installed() -> bool:
    """Return whether the extra `cnn` is there, without importing it."""
    return find_spec("keras") is not None and find_spec("jax") is not None


def _fit_best(evidence: Evidence, head_bytes: int | None, stage: Stage) -> Fitted:
    """Return whichever head is better on texts that it had not seen; linear wins a tie."""
    if not cnn_is_installed():
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
