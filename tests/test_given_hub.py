"""Models of a hub, answered by a local server as the hub answers: pinned, checked, or refused."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from huggingface_hub import HfApi
from onnx import ModelProto, numpy_helper

from cutouts.encoders import load_encoder
from cutouts.encoders.given.exported import MODEL, check_start
from cutouts.encoders.given.folder import open_given
from cutouts.errors import AssetError, CutoutsError, EncoderError, UsageError
from tests.local_hub import (
    COMMIT,
    LARGE,
    NAME,
    NEWER,
    LocalHub,
    git_hash,
    local_hub,
    sha256,
)
from tests.models import model2vec_folder, sentence_folder, write_json

pytestmark = pytest.mark.usefixtures("no_sample")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[LocalHub]:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with local_hub(sentence_folder(tmp_path / "published")) as served:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{served.port}")
        yield served


def refused(kind: type[CutoutsError], name: str = NAME, max_bytes: int | None = None) -> str:
    with pytest.raises(kind) as caught:
        load_encoder(name, max_bytes)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_it_is_the_encoder_of_the_same_folder_with_the_commit(hub: LocalHub) -> None:
    about = load_encoder(NAME).description
    local = load_encoder(str(hub.folder)).description
    assert about.space == local.space
    assert (about.name, about.source) == (NAME, f"{NAME}@{COMMIT}")
    assert about.origin is not None
    assert local.origin is not None
    assert about.origin == {**local.origin, "revision": COMMIT}


def test_the_hubs_own_client_takes_the_local_hub_for_a_hub(hub: LocalHub, tmp_path: Path) -> None:
    api = HfApi(endpoint=os.environ["HF_ENDPOINT"], token=False)
    info = api.model_info(NAME, revision="main", files_metadata=True)
    assert info.sha == COMMIT
    listed = {one.rfilename: one for one in info.siblings or ()}
    for path in filter(Path.is_file, hub.folder.rglob("*")):
        one, content = listed[path.relative_to(hub.folder).as_posix()], path.read_bytes()
        assert (one.size, one.blob_id) == (len(content), git_hash(content))
        assert (one.lfs.sha256 if one.lfs else None) in (None, sha256(content))
        fetched = api.hf_hub_download(NAME, one.rfilename, revision="main", cache_dir=tmp_path)
        assert Path(fetched).read_bytes() == content


def test_a_model2vec_model_fetches_its_table_only(hub: LocalHub, tmp_path: Path) -> None:
    hub.folder = model2vec_folder(tmp_path / "table")
    assert load_encoder(NAME).description.kind == "static"
    assert sorted(hub.names()) == [
        "README.md",
        "config.json",
        "model.safetensors",
        "tokenizer.json",
    ]


def test_the_commit_is_asked_for_once_and_kept(hub: LocalHub) -> None:
    load_encoder(NAME)
    hub.commit = NEWER
    before = len(hub.asked)
    about = load_encoder(NAME).description
    assert len(hub.asked) == before
    assert about.origin is not None
    assert about.origin["revision"] == COMMIT


def test_a_named_revision_is_asked_for_again(hub: LocalHub) -> None:
    load_encoder(NAME)
    hub.commit = NEWER
    about = load_encoder(f"{NAME}@main").description
    assert about.origin is not None
    assert about.origin["revision"] == NEWER
    again = load_encoder(NAME).description.origin
    assert again is not None
    assert again["revision"] == NEWER


def test_a_commit_can_be_named(hub: LocalHub) -> None:
    about = load_encoder(f"{NAME}@{COMMIT}").description
    assert about.origin is not None
    assert about.origin["revision"] == COMMIT
    assert hub.asked[0] == f"GET /api/models/{NAME}/revision/{COMMIT}?blobs=true"


def test_a_hub_that_answers_another_commit_is_not_trusted(hub: LocalHub) -> None:
    assert hub.commit == COMMIT
    message = refused(AssetError, f"{NAME}@{NEWER}")
    assert message == f"{NAME}: the hub answers commit {COMMIT} to {NEWER}: do not trust it"


def test_a_list_without_sizes_is_completed_by_head_requests(hub: LocalHub) -> None:
    hub.blobs = False
    about = load_encoder(NAME).description
    assert about.space == load_encoder(str(hub.folder)).description.space
    assert f"HEAD /{NAME}/resolve/{COMMIT}/{MODEL}" in hub.asked
    assert [path for path in hub.asked if "store" in path] == [f"GET /store/{MODEL}"]


def too_large(hub: LocalHub) -> None:
    def claim(answer: Any) -> Any:
        for one in answer["siblings"]:
            if one["rfilename"] == MODEL:
                one["size"] = 600_000_000
        return answer

    hub.said = claim


def another_pooling(hub: LocalHub) -> None:
    write_json(hub.folder / "1_Pooling" / "config.json", {"pooling_mode": "lasttoken"})


def another_tokenizer(hub: LocalHub) -> None:
    write_json(hub.folder / "tokenizer.json", {"model": {"type": "BPE"}})


def another_module(hub: LocalHub) -> None:
    write_json(hub.folder / "modules.json", [{"type": "x.Dense", "path": ""}])


def pickle_only(hub: LocalHub) -> None:
    (hub.folder / MODEL).rename(hub.folder / "pytorch_model.bin")


REFUSED: list[tuple[Callable[[LocalHub], None], str]] = [
    (too_large, f"{MODEL} has 600,000,000 bytes, 500,000,000 are allowed: take a model"),
    (another_pooling, "1_Pooling/config.json has the pooling lasttoken"),
    (another_tokenizer, "tokenizer.json has "),
    (another_module, "modules.json has the modules Dense"),
    (pickle_only, f"has no {MODEL}, and pytorch_model.bin is a pickle"),
]


@pytest.mark.parametrize(("change", "said"), REFUSED)
def test_what_cannot_run_is_refused_before_its_weights_are_fetched(
    hub: LocalHub, change: Callable[[LocalHub], None], said: str
) -> None:
    change(hub)
    assert said in refused(EncoderError)
    assert not [name for name in hub.names() if name.endswith((*LARGE, ".bin"))]


def test_an_operator_is_refused_before_the_weights_after_it_come(hub: LocalHub) -> None:
    path = hub.folder / MODEL
    model = ModelProto.FromString(path.read_bytes())
    model.graph.node[-1].op_type = "QuantizeLinear"
    model.graph.initializer.append(numpy_helper.from_array(np.zeros(1 << 20, np.float32), "much"))
    path.write_bytes(model.SerializeToString())
    hub.change = lambda name, content: content[: 1 << 20] if name.endswith(MODEL) else content
    assert f"{MODEL} holds the operator QuantizeLinear" in refused(EncoderError)
    model.graph.node[-1].op_type = "Identity"
    path.write_bytes(model.SerializeToString())
    assert "it broke off after 1,048,576 of" in refused(AssetError, f"{NAME}@main")


def test_the_start_of_a_model_may_be_cut_anywhere(hub: LocalHub) -> None:
    given = open_given(hub.folder)
    model = ModelProto.FromString((hub.folder / MODEL).read_bytes())
    for cut in range(3000):
        check_start(given, model.SerializeToString()[:cut])
    for junk in (b"\x3a\xff", b"\xff" * 40, b"\x3a\x08\x0a\x06\xff\xff\xff\xff\xff\xff"):
        check_start(given, junk)


def test_a_budget_is_kept_before_the_weights_are_fetched(hub: LocalHub) -> None:
    assert "--max-bytes is 1,000: use --encoder static" in refused(EncoderError, max_bytes=1000)
    assert MODEL not in hub.names()


STATUSES = [
    (401, "401 Unauthorized: it is private, gated or not there: correct the name"),
    (403, "403 Forbidden: it is gated: ask its owner"),
    (404, "404 Not Found: there is no such model, revision or file: correct the name"),
    (429, "429 Too Many Requests: the hub asks for patience: try again in some minutes"),
    (500, "500 Internal Server Error: try again"),
]


@pytest.mark.parametrize(("status", "said"), STATUSES)
def test_what_the_hub_answers_is_said_with_what_to_do(
    hub: LocalHub, status: int, said: str
) -> None:
    hub.status = status
    message = refused(AssetError)
    assert f"answers {said}, or download the files elsewhere and give --encoder" in message


def test_without_network_a_folder_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # the port that discards
    monkeypatch.setenv("NO_PROXY", "*")
    message = refused(AssetError)
    assert "cannot be reached (" in message
    assert message.endswith(
        "connect this machine to the hub, or download the files elsewhere and give --encoder "
        "their folder"
    )


def test_offline_by_choice_asks_nobody(hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert f"{NAME}: HF_HUB_OFFLINE is set" in refused(AssetError)
    assert hub.asked == []


def test_what_is_here_needs_no_hub(hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_encoder(NAME).description
    assert hub.asked
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert load_encoder(NAME).description == first


CHANGES: list[tuple[str, Callable[[bytes], bytes], str]] = [
    (MODEL, lambda content: content[: len(content) // 2], "it broke off after "),
    (MODEL, lambda content: content + b"!", "what came is longer than "),
    (MODEL, lambda content: content[:-1] + b"!", "what came has another hash than the hub lists"),
    ("tokenizer.json", lambda content: content[:-1] + b" ", "what came has another hash"),
    ("modules.json", lambda _: b"", "it broke off after 0 of "),
]


@pytest.mark.parametrize(("name", "change", "said"), CHANGES)
def test_half_a_file_and_another_file_are_not_kept(
    hub: LocalHub, name: str, change: Callable[[bytes], bytes], said: str
) -> None:
    hub.change = lambda path, content: change(content) if path.endswith(name) else content
    message = refused(AssetError)
    assert message.startswith(f"{NAME}: {name}: {said}")
    hub.change = lambda _, content: content
    assert load_encoder(NAME).description.name == NAME


def test_a_kept_file_that_changed_on_the_disk_is_fetched_again(hub: LocalHub) -> None:
    first = load_encoder(NAME).description
    kept = next(path for path in Path(cache_of(hub)).rglob("tokenizer.json"))
    kept.write_bytes(kept.read_bytes()[:-9] + b"         ")
    before = hub.names().count("tokenizer.json")
    assert load_encoder(NAME).description == first
    assert hub.names().count("tokenizer.json") == before + 1


def cache_of(hub: LocalHub) -> Path:
    from cutouts.assets import cache_folder

    assert hub.commit == COMMIT
    return cache_folder() / "hub" / "someone--tiny" / COMMIT


ANSWERS: list[tuple[Callable[[Any], Any], str]] = [
    (lambda _: [], "the commit None"),
    (lambda answer: {**answer, "sha": "../../x"}, "the commit '../../x'"),
    (lambda answer: {**answer, "siblings": "all"}, "no list of files"),
    (lambda answer: {**answer, "siblings": [3]}, "no list of files"),
    (
        lambda answer: {
            **answer,
            "siblings": [{"rfilename": "config.json", "size": -1, "blobId": "c" * 40}],
        },
        "neither size nor hash of config.json",
    ),
    (
        lambda answer: {
            **answer,
            "siblings": [{"rfilename": "config.json", "size": 3, "blobId": "x"}],
        },
        "neither size nor hash of config.json",
    ),
]


@pytest.mark.parametrize(("said", "found"), ANSWERS)
def test_a_list_that_is_not_as_the_hub_writes_it_is_named(
    hub: LocalHub, said: Callable[[Any], Any], found: str
) -> None:
    hub.said = said
    assert refused(AssetError).startswith(f"{NAME}: the hub answers {found}: is HF_ENDPOINT a hub")


def test_names_of_files_that_lead_elsewhere_are_passed_over(hub: LocalHub) -> None:
    def add(answer: Any) -> Any:
        for name in ("../config.json", "../../evil/config.json", "/etc/config.json"):
            entry = {"rfilename": name, "size": 3, "blobId": "c" * 40}
            answer["siblings"].append(entry)
        return answer

    hub.said = add
    load_encoder(NAME)
    assert not [path for path in hub.asked if "evil" in path or ".." in path or "etc" in path]


@pytest.mark.parametrize("name", ["a/b@", "a/..", "a b/c", "a/b@c/d", "-a/b?c", "a/" + "b" * 99])
def test_what_is_no_name_of_a_model_is_refused(name: str) -> None:
    assert "give" in refused(UsageError, name)
