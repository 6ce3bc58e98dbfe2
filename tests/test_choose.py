"""The choice of a head: by name, or whichever does best on texts that it had not seen."""

import numpy as np
import pytest

from cutouts.errors import UsageError
from cutouts.heads import choose
from cutouts.heads.blueprint import Blueprint
from cutouts.heads.choose import fit_head
from cutouts.heads.described import Described, Model
from cutouts.heads.fit_linear import fit_linear
from cutouts.heads.folds import Evidence, Fitted
from cutouts.heads.keras_model import build_model
from cutouts.training import gather_evidence
from tests.tiny import three_labels, tiny_static


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return gather_evidence(tiny_static(), three_labels())


def test_an_unknown_head_is_refused_and_the_known_are_named(evidence: Evidence) -> None:
    with pytest.raises(UsageError) as caught:
        fit_head("tree", evidence, None, print)
    assert str(caught.value) == (
        "no head is called 'tree': choose one of linear, cnn, auto, "
        "or give a model.keras or a network.py:build"
    )


def test_a_network_of_ones_own_is_what_is_trained(evidence: Evidence) -> None:
    pytest.importorskip("jax", reason="the extra cnn is not installed")
    model = Model((Described("Dense", "only", True, {"units": 3, "activation": "linear"}),), (24,))
    blueprint = Blueprint("mine", lambda *_: build_model(model), model)
    fitted = fit_head(blueprint, evidence, None, lambda _: None)
    types = [layer["type"] for layer in fitted.head.layers() or []]
    assert types == ["batch_normalization", "dense"]


def test_a_head_is_as_large_as_asked(evidence: Evidence) -> None:
    small = fit_head("linear", evidence, 2_000, lambda _: None)
    assert sum(tensor.nbytes for tensor in small.head.tensors().values()) <= 2_000


def test_without_keras_auto_is_linear_and_says_so(
    evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(choose, "find_spec", lambda _: None)
    fitted = fit_head("auto", evidence, None, said.append)
    assert said[0] == "head auto: linear, since cnn is not installed (pip install 'cutouts[cnn]')"
    assert fitted.head.layers() is None


@pytest.mark.parametrize(("shift", "best"), [(-1.0, "linear"), (0.0, "linear"), (1.0, "cnn")])
def test_auto_takes_the_better_one_and_says_why(
    shift: float, best: str, evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    linear = fit_linear(evidence)
    worse = Fitted(linear.head, np.zeros_like(linear.scores), {"made": "linear"})
    better = Fitted(linear.head, linear.scores, {"made": "linear"})
    other = {-1.0: worse, 0.0: better, 1.0: better}[shift]
    mine = worse if shift > 0 else better
    found = {"linear": mine, "cnn": Fitted(other.head, other.scores, {"made": "cnn"})}
    monkeypatch.setattr(choose, "find_spec", lambda name: name)
    monkeypatch.setattr(choose, "fit_head", lambda name, *_: found[name])
    said: list[str] = []
    fitted = fit_head("auto", evidence, None, said.append)
    assert fitted.settings["made"] == best
    assert said == [
        f"head auto: {best}, the better accuracy on held-out texts "
        f"(linear {fitted.tried['head linear']:.4f}, cnn {fitted.tried['head cnn']:.4f})"
    ]
