"""What is ours is known by its mark and by the names of its files; all else stays."""

import json
from pathlib import Path

import pytest

from cutouts.errors import BundleError
from cutouts.former import BUNDLE, LITTER, refuse_foreign
from cutouts.training import train
from tests.standin import write_bundle
from tests.tiny import three_labels


def test_a_bundle_with_nothing_else_in_it_may_be_replaced(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    (bundle / "proof.json").write_text("{}")
    for name in LITTER:
        (bundle / "head" / name).write_text("where icons stand")
    (bundle / "golden.json").unlink()
    (bundle / "head" / "head.safetensors").write_text("half")
    refuse_foreign(bundle, BUNDLE)


@pytest.mark.parametrize("name", ["notes.txt", "head/notes.txt", "src/app/index.js"])
def test_a_file_that_no_manifest_lists_is_named(name: str, tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    (bundle / name).parent.mkdir(parents=True, exist_ok=True)
    (bundle / name).write_text("mine")
    with pytest.raises(BundleError) as caught:
        refuse_foreign(bundle, BUNDLE)
    assert str(caught.value) == (
        f"{bundle} holds {name}, which belongs to no bundle: move it away, or choose another --out"
    )


@pytest.mark.parametrize(
    "manifest",
    [
        '{"name": "My app", "start_url": "/", "icons": []}',
        '{"manifest_version": 3, "name": "My extension", "version": "1"}',
        json.dumps({"files": ["app.js"], "format": 1}),
        "[]",
        "{",
        "[" * 100_000,
        "",
        "\x00",
    ],
)
def test_the_manifest_of_somebody_else_is_left_alone(manifest: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(
        BundleError, match=r"holds manifest\.json, which belongs to no bundle: move"
    ):
        refuse_foreign(tmp_path, BUNDLE)


def test_an_app_with_a_manifest_of_its_own_survives_training(tmp_path: Path) -> None:
    app = tmp_path / "webapp"
    app.mkdir()
    (app / "manifest.json").write_text('{"name": "My app"}')
    (app / "app.js").write_text("start()")
    with pytest.raises(BundleError, match=r"webapp holds app\.js, which belongs to no bundle"):
        train(three_labels(), out=app)
    assert sorted(path.name for path in app.iterdir()) == ["app.js", "manifest.json"]


def test_a_link_and_a_folder_with_nothing_in_it_are_not_ours(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    (bundle / "elsewhere").symlink_to(tmp_path)
    with pytest.raises(BundleError, match="holds elsewhere, which belongs to no bundle"):
        refuse_foreign(bundle, BUNDLE)
    (tmp_path / "out" / "drafts").mkdir(parents=True)
    with pytest.raises(BundleError, match="holds drafts, which belongs to no bundle"):
        refuse_foreign(tmp_path / "out", BUNDLE)
