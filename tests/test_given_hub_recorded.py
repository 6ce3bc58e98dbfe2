"""What huggingface.co answered, recorded by others, is read as it was meant."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cutouts.encoders import load_encoder
from cutouts.encoders.given.hub import Listed, _ask, _listed, open_hub_model
from cutouts.errors import AssetError, EncoderError
from tests.recorded_hub import RecordedHub, recorded_hub

MINILM = "sentence-transformers/all-MiniLM-L6-v2"
MINILM_COMMIT = "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"
OTHER, OTHER_COMMIT = "wzshiming/test", "bcf51b2ec6fb5bc8215f4b365a0e48532e26abb8"
EICAR, EICAR_COMMIT = "mcpotato/42-eicar-street", "8b3861f6931c4026b0cd22b38dbc09e7668983ac"

SMALL = {
    "1_Pooling/config.json": 190,
    "README.md": 10_454,
    "config.json": 612,
    "config_sentence_transformers.json": 116,
    "modules.json": 349,
    "sentence_bert_config.json": 53,
}
NOT_RECORDED = ("tokenizer.json", "model.safetensors", "onnx/model.onnx")  # the store's answer is


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[RecordedHub]:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("CUTOUTS_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with recorded_hub() as served:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{served.port}")
        yield served


def test_a_list_with_sizes_and_hashes_is_all_that_is_asked_for(
    hub: RecordedHub, caplog: pytest.LogCaptureFixture
) -> None:
    model = open_hub_model(f"{EICAR}@{EICAR_COMMIT}")
    assert model.commit == EICAR_COMMIT
    assert list(model.files) == ["pytorch_model.bin", "supposedly_safe.pkl"]
    assert hub.asked == [f"GET /api/models/{EICAR}/revision/{EICAR_COMMIT}?blobs=true"]
    assert "pytorch_model.bin" in caplog.text
    with pytest.raises(EncoderError, match=r"no .*(config|modules)\.json") as caught:
        load_encoder(f"{EICAR}@{EICAR_COMMIT}")
    assert "\n" not in str(caught.value)
    assert not hub.unknown


@pytest.mark.parametrize("name", SMALL)
def test_size_and_hash_of_a_small_file_are_behind_its_redirect(hub: RecordedHub, name: str) -> None:
    listed = _listed(MINILM, "main", name, {"rfilename": name})
    assert listed.bytes == SMALL[name]
    first, then = hub.asked
    assert first == f"HEAD /{MINILM}/resolve/main/{name}"
    assert then.startswith(f"HEAD /api/resolve-cache/models/{MINILM}/{MINILM_COMMIT}/")
    # The redirect names the hash as well.
    location = hub.exchanges["HEAD", first.removeprefix("HEAD ")]["headers"]["location"]
    assert location.endswith(f"&etag=%22{listed.hash}%22")
    assert not hub.unknown


def test_size_and_hash_of_a_large_file_are_before_its_redirect(hub: RecordedHub) -> None:
    large, small = "regression/ref-lfs.bin", "regression/ref-regular.txt"
    sha256 = "cd44947308b4b22228767cab8addd523d1de22abd9b23a10808e5fc295202e4f"
    assert _listed(OTHER, OTHER_COMMIT, large, {}) == Listed(1 << 20, sha256)
    git = "e5698f9a721147f2090edf7da4892e23da00d5be"
    assert _listed(OTHER, OTHER_COMMIT, small, {}) == Listed(186, git)
    assert hub.asked == [f"HEAD /{OTHER}/resolve/{OTHER_COMMIT}/{name}" for name in (large, small)]


def test_a_list_without_sizes_is_completed_file_by_file(hub: RecordedHub) -> None:
    known = hub.exchanges
    known["GET", f"/api/models/{MINILM}/revision/main?blobs=true"] = known.pop(
        ("GET", f"/api/models/{MINILM}")
    )
    for (method, path), one in list(known.items()):  # what `main` was, by its commit
        known[method, path.replace("/main/", f"/{MINILM_COMMIT}/")] = one
    store = known["HEAD", f"/{OTHER}/resolve/{OTHER_COMMIT}/regression/ref-lfs.bin"]
    for name in NOT_RECORDED:
        known["HEAD", f"/{MINILM}/resolve/{MINILM_COMMIT}/{name}"] = store
    commit, files = _ask(MINILM, "main")
    assert commit == MINILM_COMMIT
    assert files.pop("pytorch_model.bin") == Listed(0, "")  # named as a pickle, never asked for
    assert {files.pop(name).bytes for name in NOT_RECORDED} == {1 << 20}
    assert {name: listed.bytes for name, listed in files.items()} == SMALL
    assert not hub.unknown


def test_a_file_that_is_not_there_is_said_so(hub: RecordedHub) -> None:
    with pytest.raises(AssetError) as caught:
        _listed(OTHER, "main", "regression/does-not-exist.bin", {})
    assert re.search(r"answers 404 .*there is no such model, revision or file", str(caught.value))
    assert not hub.unknown
