"""The page that proves, as it is shipped, in every browser that is installed here."""

import json
from pathlib import Path

import pytest

from cutouts.browsers import BROWSERS, find_browser
from cutouts.bundle import Bundle
from cutouts.errors import ProofError
from cutouts.proof import write_proof
from cutouts.prove import prove
from cutouts.training import train
from tests.browser.tiny import onnx_tiny, static_tiny, write_tiny
from tests.tiny import keep, three_labels, tiny_static

pytestmark = pytest.mark.browser

NETWORK = """
from keras import Input, Sequential, layers

def build(dim, labels):
    return Sequential([
        Input((dim,)),
        layers.Reshape((dim, 1)),
        layers.Conv1D(4, 3, padding="same", activation="relu"),
        layers.MaxPooling1D(2),
        layers.Flatten(),
        layers.Dense(labels),
    ])
"""
TEXTS = [f"{'and ' * (number % 300)}apple w{number} angle{number}" for number in range(200)]


@pytest.fixture(scope="module", params=["static", "onnx"])
def tiny(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    encoder = static_tiny() if request.param == "static" else onnx_tiny()
    return write_tiny(tmp_path_factory.mktemp("bundle"), encoder)


@pytest.mark.parametrize("name", BROWSERS)
def test_a_browser_answers_as_python_does(tiny: Bundle, name: str) -> None:
    try:
        find_browser(name)
    except ProofError as error:
        pytest.skip(str(error))
    proof = prove(tiny, TEXTS, browser=name)
    assert proof.passed, proof.worst
    assert proof.same_ids == proof.same_tags == proof.texts == 206
    assert 0 < proof.milliseconds < proof.load_milliseconds
    entries = json.loads(write_proof(tiny.folder, proof).read_text())["browsers"]
    assert name in [entry["engine"] for entry in entries]


def test_a_bundle_that_does_not_load_is_no_proof(tmp_path: Path) -> None:
    tiny = write_tiny(tmp_path, onnx_tiny())
    [model] = tmp_path.rglob("*.onnx")
    model.write_bytes(model.read_bytes()[:-1] + b"?")
    with pytest.raises(ProofError, match=r"after 0 of 206 texts: BundleError: .*chunk 0 has the"):
        prove(tiny, TEXTS)


def test_a_network_of_ones_own_is_trained_and_answers_alike_in_the_browser(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("jax", reason="the extra cnn is not installed")
    monkeypatch.setenv("CUTOUTS_CACHE", str(tmp_path / "cache"))
    keep(tiny_static())
    (tmp_path / "network.py").write_text(NETWORK)
    head = f"{tmp_path / 'network.py'}:build"
    trained = train(three_labels(), head=head, out=tmp_path / "bundle")
    proof = prove(trained.bundle, ["ripe plum juice", "motor oil", *TEXTS])
    assert proof.passed, proof.worst
    assert proof.same_tags == proof.texts > len(TEXTS)
    kinds = {layer["type"] for layer in trained.bundle.manifest["head"]["layers"]}
    assert kinds >= {"reshape", "conv1d", "dense"}
