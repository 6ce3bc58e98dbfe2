"""Loading a bundle: everything that is missing, damaged or untrue is refused in one line."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save

import cutouts
from cutouts.bundle import load_bundle
from cutouts.errors import BundleError
from cutouts.manifest import file_entry

Json = dict[str, Any]
GOLDEN, HEAD = "golden.json", "head/head.safetensors"


@pytest.fixture
def bundle(root: Path, tmp_path: Path) -> Path:
    """Give a golden bundle that the test may damage."""
    return Path(shutil.copytree(root / "tests/golden/static-linear", tmp_path / "bundle"))


def names(bundle: Path) -> list[str]:
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    return [entry["path"] for entry in manifest["files"]]


def encoder_file(bundle: Path, name: str) -> str:
    return next(path for path in names(bundle) if path.endswith(name))


def edit(bundle: Path, change: Callable[[Json], object]) -> None:
    """Change the manifest."""
    path = bundle / "manifest.json"
    manifest = json.loads(path.read_bytes())
    change(manifest)
    path.write_text(json.dumps(manifest))


def replace(bundle: Path, name: str, content: bytes) -> None:
    """Put other content into the bundle and say so in the manifest, as a forger would."""
    (bundle / name).write_bytes(content)

    def relist(manifest: Json) -> None:
        others = [entry for entry in manifest["files"] if entry["path"] != name]
        manifest["files"] = [*others, file_entry(name, content, load=True)]

    edit(bundle, relist)


def refusal(bundle: Path) -> str:
    with pytest.raises(BundleError) as caught:
        load_bundle(bundle)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_bundle_loads_by_the_short_name(bundle: Path) -> None:
    assert cutouts.load(bundle).labels == ("fruit", "engine", "music")
    assert cutouts.load(str(bundle)).tag(["motor oil valve"])[0][0].label == "engine"


def test_no_texts_have_no_tags(bundle: Path) -> None:
    loaded = load_bundle(bundle)
    assert loaded.tag([]) == []
    assert loaded.answers([]) == []


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("damage", ["remove", "cut", "flip", "longer", "folder"])
def test_every_file_that_is_missing_or_damaged_is_named(
    number: int, damage: str, bundle: Path
) -> None:
    name = names(bundle)[number]
    path = bundle / name
    content = path.read_bytes()
    flipped = bytearray(content)
    flipped[len(content) // 3] ^= 4
    path.unlink()
    if damage == "folder":
        path.mkdir()
    elif damage != "remove":
        path.write_bytes({"cut": content[:-9], "flip": bytes(flipped)}.get(damage, content + b" "))
    said = refusal(bundle)
    assert said.startswith(str(path))
    assert said.endswith("copy the bundle again")


@pytest.mark.parametrize("number", range(4))
def test_every_file_that_is_not_listed_is_named(number: int, bundle: Path) -> None:
    name = names(bundle)[number]

    def unlist(manifest: Json) -> None:
        manifest["files"] = [one for one in manifest["files"] if one["path"] != name]

    edit(bundle, unlist)
    assert name.rpartition("/")[2] in refusal(bundle)


def test_a_link_out_of_the_bundle_is_not_followed(bundle: Path, tmp_path: Path) -> None:
    (bundle / HEAD).rename(tmp_path / "elsewhere")
    (bundle / HEAD).symlink_to(tmp_path / "elsewhere")
    assert refusal(bundle) == f"{bundle / HEAD} leads out of the bundle: do not trust this bundle"


def test_a_bundle_may_itself_be_a_link(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(bundle)
    assert load_bundle(tmp_path / "link").labels


@pytest.mark.parametrize("field", ["ids", "scores", "probabilities", "tags"])
def test_other_answers_than_the_golden_ones_are_refused(field: str, bundle: Path) -> None:
    golden = json.loads((bundle / GOLDEN).read_bytes())
    entry = golden["texts"][4]
    entry[field] = {
        "ids": [*entry["ids"], 7],
        "scores": [entry["scores"][0] + 2e-5, *entry["scores"][1:]],
        "probabilities": [entry["probabilities"][0] - 2e-5, *entry["probabilities"][1:]],
        "tags": ["music"],
    }[field]
    replace(bundle, GOLDEN, json.dumps(golden).encode())
    said = refusal(bundle)
    assert said.startswith(
        f"{bundle} gives other answers here than where it was made (to 'motor oil valve', "
    )
    assert said.endswith(" apart): update cutouts or train again")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"null",
        b"[]",
        b'{"texts": []}',
        b'{"texts": {}}',
        b'{"texts": [{"text": "x"}]}',
        b'{"texts": ["x"]}',
        b'{"texts": [{"text": 7, "ids": [], "scores": [], "probabilities": [], "tags": []}]}',
        b'{"texts": [{"text": "", "ids": [], "scores": "x", "probabilities": 1, "tags": []}]}',
        b"[" * 100_000,
    ],
)
def test_golden_answers_that_are_none_are_refused(content: bytes, bundle: Path) -> None:
    replace(bundle, GOLDEN, content)
    refusal(bundle)


def test_scores_that_are_too_few_or_no_numbers_are_other_answers(bundle: Path) -> None:
    before = (bundle / GOLDEN).read_bytes()
    for wrong in ([0.1], [0.1, 0.2, float("nan")], []):
        golden = json.loads(before)
        golden["texts"][0]["scores"] = wrong
        replace(bundle, GOLDEN, json.dumps(golden).encode())
        assert "gives other answers here" in refusal(bundle)


@pytest.mark.parametrize(
    ("name", "tensor"),
    [
        ("keys", np.arange(3, dtype=np.int64)),
        ("bias", np.full(3, np.nan, np.float32)),
        ("vector_weights", np.full((3, 16), np.inf, np.float32)),
        ("vector_weights", np.zeros((3, 15), np.float32)),
        ("slope", np.full(3, np.nan, np.float32)),
        ("slope", np.ones(3, np.float64)),
        ("slope", np.ones(4, np.float32)),
        ("offset", None),
        ("idf", None),
        ("row_scales", np.zeros(0, np.float32)),
    ],
)
def test_weights_that_do_not_fit_are_refused(name: str, tensor: Any, bundle: Path) -> None:
    tensors = load((bundle / HEAD).read_bytes())
    tensors = {key: value for key, value in {**tensors, name: tensor}.items() if value is not None}
    replace(bundle, HEAD, save(tensors))
    said = refusal(bundle)
    assert said.startswith(f"{bundle} cannot be used: ")
    assert name in said


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff" * 100,
        (1 << 40).to_bytes(8, "little") + b"{}",
        (1 << 63).to_bytes(8, "little"),
        b"\x02" + bytes(7) + b"{}",
        b"\x3b" + bytes(7) + b'{"bias":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}',
    ],
)
@pytest.mark.parametrize("name", [HEAD, "table.safetensors"])
def test_bytes_that_are_no_weights_are_refused(content: bytes, name: str, bundle: Path) -> None:
    replace(bundle, name if name == HEAD else encoder_file(bundle, name), content)
    said = refusal(bundle)
    assert said.startswith(f"{bundle} cannot be used: {name.rpartition('/')[2]}") or "lacks" in said


def test_a_tokenizer_that_is_none_is_refused(bundle: Path) -> None:
    replace(bundle, encoder_file(bundle, "tokenizer.json"), b"{}")
    assert refusal(bundle).startswith(f"{bundle} cannot be used: tokenizer.json cannot be read (")


def test_an_encoder_of_another_space_is_not_used(bundle: Path) -> None:
    edit(bundle, lambda manifest: manifest["encoder"].update(space="0" * 16))
    assert "tokenizer.json" in refusal(bundle) or "table.safetensors" in refusal(bundle)


def test_a_newer_bundle_asks_for_an_update(bundle: Path) -> None:
    edit(bundle, lambda manifest: manifest.update(format=2))
    assert refusal(bundle).endswith("has format 2, this version reads up to 1: update cutouts")


def test_files_for_people_may_be_left_out(bundle: Path) -> None:
    entry = file_entry("report.html", b"a page", load=False)
    edit(bundle, lambda manifest: manifest["files"].append(entry))
    assert load_bundle(bundle).labels


def test_an_onnx_bundle_with_a_model_that_is_none_is_refused(bundle: Path) -> None:
    space = json.loads((bundle / "manifest.json").read_bytes())["encoder"]["space"]
    (bundle / f"encoder/{space}/onnx").mkdir()
    replace(bundle, f"encoder/{space}/onnx/model_quantized.onnx", b"no model")
    replace(bundle, f"encoder/{space}/config.json", b"{}")
    edit(bundle, lambda m: m["encoder"].update(kind="onnx", max_tokens=9, cls=2, sep=3))
    said = refusal(bundle)
    assert said.startswith(f"{bundle} cannot be used: onnx/model_quantized.onnx cannot be run (")


def test_a_hash_is_all_that_tells_a_forgery(bundle: Path) -> None:
    """A forger who also forges the manifest gets as far as the golden answers."""
    tensors = load((bundle / HEAD).read_bytes())
    replace(bundle, HEAD, save({**tensors, "bias": tensors["bias"] + np.float32(1e-3)}))
    listed = json.loads((bundle / "manifest.json").read_bytes())["files"][-1]
    assert listed["sha256"] == hashlib.sha256((bundle / HEAD).read_bytes()).hexdigest()
    assert "gives other answers here" in refusal(bundle)
