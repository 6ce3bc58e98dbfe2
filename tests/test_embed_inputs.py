"""What is asked of `embed` before the first text is encoded, and inputs without a text."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cutouts.embed import Engine, Layout, embed, read_shards
from cutouts.embed.plan import find_inputs
from cutouts.errors import CorpusError, UsageError
from tests.tiny import tiny_static

pytest.importorskip("pyarrow.parquet", reason="pip install 'cutouts[parquet]'")

HERE = Engine(workers=1)
TABLE = "text,label\nplum,fruit\npear,fruit\n"


def table(path: Path, content: str = TABLE) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return str(path)


@pytest.mark.parametrize("name", ["owner/name", "my model", "m" * 255])
def test_shards_of_an_encoder_from_anywhere_are_read_again(tmp_path: Path, name: str) -> None:
    encoder = tiny_static()
    named = replace(encoder, description=replace(encoder.description, name=name))
    embed([table(tmp_path / "a.csv")], tmp_path / "out", encoder=named, engine=HERE)
    assert read_shards(tmp_path / "out").encoder == name


def test_of_many_files_none_stays_open(tmp_path: Path) -> None:
    for number in range(20):
        table(tmp_path / "in" / f"{number}.csv")
    before = len(os.listdir("/dev/fd"))  # noqa: PTH208  (its entries are gone before they are paths)
    assert find_inputs([f"{tmp_path}/in/*.csv"], {}).total == 40
    assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208


def test_a_file_is_not_read_twice_by_two_names(tmp_path: Path) -> None:
    source = table(tmp_path / "a.csv")
    (tmp_path / "b.csv").symlink_to(source)
    with pytest.raises(UsageError, match=r"b\.csv is given twice: name each input once"):
        find_inputs([source, str(tmp_path / "b.csv")], {})


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.csv")
    table(Path(path))
    with pytest.raises(CorpusError, match=r"the name '\\udcff\.csv' is not UTF-8: rename it"):
        find_inputs([path], {})


def test_shards_do_not_go_where_texts_are_read(tmp_path: Path) -> None:
    table(tmp_path / "in" / "fruit" / "a.txt", "plum")
    for out in (tmp_path / "in", tmp_path / "in" / "vectors"):
        with pytest.raises(UsageError, match=r"--out .* is in .*in, which is read: choose another"):
            embed([str(tmp_path / "in")], out, encoder=tiny_static(), engine=HERE)
    assert not (tmp_path / "in" / "vectors").exists()


def test_shards_do_not_go_to_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"--out s3://b/v is an address: name a folder of this"):
        embed([table(tmp_path / "a.csv")], "s3://b/v", encoder=tiny_static(), engine=HERE)
    assert not Path("s3:").exists()


def test_what_is_asked_for_is_checked_before_an_encoder_is_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="numbers are float16 or int8, not 'float64'"):
        embed([table(tmp_path / "a.csv")], tmp_path / "out", encoder="no", layout=Layout("float64"))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "text,label\n", "a.csv: no rows to encode"),
        ("a.csv", "text,label\n,x\n", "a.csv: no rows to encode"),
        ("a.jsonl", '{"text": 1, "label": "x"}\n' * 2, r"line 1: 'text' is '1' \(int\): expected"),
        ("in/a.txt", "plum", "in: no rows to encode: expected in/LABEL/FILE.txt"),
        ("in/x/a.parquet", "PAR1", r"a\.parquet: a Parquet file: give .*/in/\*\*/\*\.parquet"),
    ],
)
def test_inputs_without_a_text_are_an_error_with_its_reason(
    tmp_path: Path, name: str, content: str, said: str
) -> None:
    table(tmp_path / name, content)
    source = str(tmp_path / Path(name).parts[0])
    with pytest.raises(CorpusError, match=said):
        embed([source], tmp_path / "out", encoder=tiny_static(), engine=HERE)
    # What was written of it is in nobody's way.
    mended = table(tmp_path / "mended.csv")
    assert embed([mended], tmp_path / "out", encoder=tiny_static(), engine=HERE).rows == 2


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc")
def test_no_ctrl_c_reaches_a_worker_that_begins() -> None:
    # In a process of its own, whose first one it is.
    script = """
import multiprocessing, pathlib, signal, time
from cutouts.embed import local
worker = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(60,), daemon=True)
with local._undisturbed():
    worker.start()
said = pathlib.Path(f"/proc/{worker.pid}/status").read_text()
blocked = int(said.partition("SigBlk:")[2].split()[0], 16)
ours = signal.pthread_sigmask(signal.SIG_BLOCK, [])
worker.kill()
print(blocked >> (signal.SIGINT - 1) & 1, signal.SIGINT in ours)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["1", "False"]
