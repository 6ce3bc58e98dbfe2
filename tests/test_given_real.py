"""The published MiniLM in a sentence-transformers folder: made anew, it is the built-in encoder."""

import shutil
from pathlib import Path

import pytest
from safetensors.numpy import load_file

from cutouts.assets import MINILM_TOKENIZER, MINILM_WEIGHTS, fetch
from cutouts.browsers import find_browser
from cutouts.encoders import load_encoder
from cutouts.encoders.minilm import OnnxEncoder
from cutouts.encoders.store import encoder_folder
from cutouts.errors import ProofError
from cutouts.golden import TEXTS
from cutouts.prove import prove
from cutouts.training import train
from tests.models import sentence_folder
from tests.tiny import three_labels

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    weights = load_file(fetch(MINILM_WEIGHTS))
    weights.pop("embeddings.position_ids", None)
    tokenizer = fetch(MINILM_TOKENIZER).read_bytes()
    place = tmp_path_factory.mktemp("real") / "all-MiniLM-L6-v2"
    return sentence_folder(place, weights=weights, tokenizer=tokenizer)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that begins with what was fetched and the built-in encoder, and no more."""
    cache = tmp_path_factory.mktemp("cache")
    built = encoder_folder("minilm")
    load_encoder("minilm")
    (cache / "assets").symlink_to(fetch(MINILM_WEIGHTS).parent)
    shutil.copytree(built, cache / "encoders" / built.name)
    return cache


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, folder: Path, cache: Path) -> None:
    """Keep what is made of the folder out of the person's cache."""
    assert folder.is_dir()
    monkeypatch.setenv("CUTOUTS_CACHE", str(cache))


def test_it_becomes_the_same_int8_graph_as_the_built_in(folder: Path) -> None:
    given, built = load_encoder(str(folder)), load_encoder("minilm")
    assert isinstance(given, OnnxEncoder)
    assert isinstance(built, OnnxEncoder)
    assert given.model == built.model
    assert given.description.receipt["mean_cosine"] == pytest.approx(
        built.description.receipt["mean_cosine"], abs=1e-6
    )
    here, there = (one.tokenizer.pieces(TEXTS) for one in (given, built))
    assert (here.ids == there.ids).all()


@pytest.mark.browser
def test_a_browser_answers_as_python_does_on_it(folder: Path, tmp_path: Path) -> None:
    try:
        find_browser("chromium")
    except ProofError as error:
        pytest.skip(str(error))
    bundle = train(three_labels(), encoder=str(folder), out=tmp_path / "bundle").bundle
    proof = prove(bundle, [text for text in TEXTS if text])
    assert proof.passed, proof.worst
    assert proof.worst_difference <= 2e-6
