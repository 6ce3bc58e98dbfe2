"""The static site: complete, compressed, guarded, and never half of one."""

import gzip
import json
from pathlib import Path

import brotli
import pytest

from cutouts.build import build_site, headers_file
from cutouts.compression import accepted_encoding, is_worth
from cutouts.errors import BundleError, ServeError
from cutouts.site import page_policy, site_files
from tests.standin import write_bundle, write_webapp


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    return write_bundle(tmp_path / "bundle"), write_webapp(tmp_path / "webapp")


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_site_holds_what_is_served_and_no_more(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    bundle, webapp = folders
    (bundle / "secret.txt").write_text("not listed")
    (webapp / "extension").mkdir()
    (webapp / "extension" / "panel.html").write_text("for a browser to load unpacked")
    files = build_site(bundle, tmp_path / "site", webapp_folder=webapp)
    plain = {name for name in names(tmp_path / "site") if not name.endswith((".br", ".gz"))}
    assert plain == {
        "_headers",
        "index.html",
        "assets/index-0a1b2c3d.css",
        "assets/prove-0a1b2c3d.js",
        "runtime/index.js",
        "runtime/engine.wasm",
        "bundle/manifest.json",
        "bundle/golden.json",
        "bundle/report.html",
        "bundle/head/head.safetensors",
        "bundle/encoder/0123456789abcdef/tokenizer.json",
    }
    assert {path.relative_to(tmp_path / "site").as_posix() for path in files} == names(
        tmp_path / "site"
    )


def test_compressed_files_unpack_to_the_plain_ones(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    site = tmp_path / "site"
    build_site(folders[0], site, webapp_folder=folders[1])
    for suffix, unpack in ((".br", brotli.decompress), (".gz", gzip.decompress)):
        packed = [path for path in site.rglob("*") if path.suffix == suffix]
        assert "tokenizer.json" + suffix in {path.name for path in packed}
        for path in packed:
            plain = path.with_suffix("").read_bytes()
            assert unpack(path.read_bytes()) == plain
            assert path.stat().st_size <= 0.95 * len(plain)
    assert not list(site.rglob("*.safetensors.*"))


def test_the_same_bundle_builds_the_same_bytes(folders: tuple[Path, Path], tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    build_site(folders[0], first, webapp_folder=folders[1])
    build_site(folders[0], second, webapp_folder=folders[1])
    assert names(first) == names(second)
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in names(first))


@pytest.mark.parametrize("kind", ["static", "onnx"])
def test_the_host_is_told_to_send_the_same_headers(tmp_path: Path, kind: str) -> None:
    bundle, webapp = write_bundle(tmp_path / "b", kind=kind), write_webapp(tmp_path / "w")
    (webapp / "library").mkdir()
    (webapp / "library" / "worker.js").write_text("")
    text = headers_file(site_files(bundle, webapp))
    blocks: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        if line.startswith("/"):
            current = blocks.setdefault(line, {})
        else:
            name, _, value = line.strip().partition(": ")
            current[name] = value
    assert blocks["/*"]["Cross-Origin-Embedder-Policy"] == "require-corp"
    places = ["/", "/assets/*", "/bundle/*", "/index.html", "/library/*", "/runtime/*"]
    assert list(blocks) == ["/*", *places]
    for pattern in places:
        policy = page_policy("onnx" if pattern == "/library/*" else kind)  # SQLite is WebAssembly
        assert blocks[pattern]["Content-Security-Policy"] == policy
        assert not blocks[pattern].keys() & blocks["/*"].keys()
    assert blocks["/assets/*"]["Cache-Control"] == "public, max-age=31536000, immutable"
    assert blocks["/bundle/*"]["Cache-Control"] == "no-cache"


def test_a_former_build_is_replaced_as_a_whole(folders: tuple[Path, Path], tmp_path: Path) -> None:
    site = tmp_path / "site"
    build_site(folders[0], site, webapp_folder=folders[1])
    (folders[1] / "service.js").write_text("of a version that had one")
    (folders[1] / "assets" / "index-Qx3_-9aB.js").write_text("of the same version\n" * 100)
    build_site(folders[0], site, webapp_folder=folders[1])
    stale = {"service.js", "assets/index-Qx3_-9aB.js", "assets/index-Qx3_-9aB.js.br"}
    assert stale < names(site)
    for name in ("service.js", "assets/index-Qx3_-9aB.js"):
        (folders[1] / name).unlink()
    build_site(folders[0], site, webapp_folder=folders[1])
    assert not names(site) & stale
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundle", "site", "webapp"]


def test_a_former_build_that_lists_no_files_is_replaced_too(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    site = tmp_path / "site"
    build_site(folders[0], site, webapp_folder=folders[1])
    lines = (site / "_headers").read_text().splitlines(keepends=True)
    older = "".join(line for line in lines if not line.startswith("# holds "))
    (site / "_headers").write_text(older)
    (site / "assets" / "index-Qx3_-9aB.js.br").write_text("of another version")
    build_site(folders[0], site, webapp_folder=folders[1])
    assert not (site / "assets" / "index-Qx3_-9aB.js.br").exists()
    (site / "_headers").write_text(older)
    (site / "CNAME").write_text("mine")
    with pytest.raises(ServeError, match="site holds CNAME, which belongs to no former build"):
        build_site(folders[0], site, webapp_folder=folders[1])


def test_a_folder_with_anything_else_in_it_is_left_alone(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "_headers").write_text("/*\n  X-Mine: yes\n")
    with pytest.raises(ServeError, match="mine holds _headers, which belongs to no former build:"):
        build_site(folders[0], tmp_path / "mine", webapp_folder=folders[1])
    with pytest.raises(
        ServeError, match=r"bundle holds \S+, which belongs to no former build: move"
    ):
        build_site(folders[0], folders[0], webapp_folder=folders[1])
    assert names(tmp_path / "mine") == {"_headers"}


@pytest.mark.parametrize(
    "name", ["CNAME", "assets/photo.png", "bundle/notes.txt", "blog/index.html"]
)
def test_what_was_put_beside_a_site_is_named_and_stays(
    name: str, folders: tuple[Path, Path], tmp_path: Path
) -> None:
    site = tmp_path / "site"
    build_site(folders[0], site, webapp_folder=folders[1])
    (site / name).parent.mkdir(exist_ok=True)
    (site / name).write_text("mine")
    with pytest.raises(ServeError) as caught:
        build_site(folders[0], site, webapp_folder=folders[1])
    assert str(caught.value) == (
        f"{site} holds {name}, which belongs to no former build: "
        "move it away, or choose an empty or a new folder"
    )
    assert (site / name).read_text() == "mine"


def test_a_file_in_the_place_of_the_site_is_left_alone(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "site").write_text("a file")
    with pytest.raises(ServeError, match="site is there and is no folder: choose another fo"):
        build_site(folders[0], tmp_path / "site", webapp_folder=folders[1])


def test_a_damaged_bundle_leaves_the_former_build_as_it_was(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    site = tmp_path / "site"
    build_site(folders[0], site, webapp_folder=folders[1])
    before = names(site)
    (folders[0] / "head/head.safetensors").write_bytes(b"half")
    with pytest.raises(BundleError, match=r"head\.safetensors has 4 bytes, the manifest says 4096"):
        build_site(folders[0], site, webapp_folder=folders[1])
    assert names(site) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundle", "site", "webapp"]


def test_the_working_folder_can_become_the_site(
    folders: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    build_site(folders[0], Path(), webapp_folder=folders[1])
    assert "index.html" in names(tmp_path / "here")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said_and_leaves_nothing(
    folders: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Path, data: bytes) -> int:
        with Path("/dev/full").open("wb", buffering=0) as device:
            return device.write(data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ServeError, match=r"site cannot be written \(No space left on device\): ma"):
        build_site(folders[0], tmp_path / "site", webapp_folder=folders[1])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundle", "webapp"]


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("BR;q=1.0", "br"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("br; q=0.0", None),
        ("", None),
        ("identity", None),
    ],
)
def test_the_best_encoding_that_is_allowed_is_chosen(header: str, encoding: str | None) -> None:
    assert accepted_encoding(header) == encoding


def test_five_percent_must_be_saved() -> None:
    assert is_worth(100, 95)
    assert not is_worth(100, 96)


def test_the_manifest_of_the_site_is_the_bundles(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    build_site(folders[0], tmp_path / "site", webapp_folder=folders[1])
    written = json.loads((tmp_path / "site/bundle/manifest.json").read_text())
    assert written == json.loads((folders[0] / "manifest.json").read_text())
