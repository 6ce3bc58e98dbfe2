"""`cutouts embed` as a process that is killed, or gets no room; the next run ends what it began."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from cutouts.embed import read_shards
from tests.test_embed import write_csv
from tests.tiny import FRUIT, keep, sentences, tiny_static

pytest.importorskip("pyarrow.parquet", reason="pip install 'cutouts[parquet]'")

SHARD_ROWS, ROWS = 5_000, 60_000
SMALL = f"""
import sys
from cutouts import cli, embed
Layout = embed.Layout
embed.Layout = lambda numbers: Layout(numbers, {SHARD_ROWS})
sys.exit(cli.main(sys.argv[1:]))
"""
LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_{}, ({}, resource.RLIM_INFINITY))"


def command(source: str, out: Path, *more: str) -> list[str]:
    """Return the call of the command, with small shards."""
    return [sys.executable, "-c", SMALL, "embed", source, "--out", str(out), *more]


def limited(kind: str, limit: int, words: list[str]) -> list[str]:
    """Return the call with a limit that the system sets."""
    return [*words[:2], LIMITED.format(kind, limit) + words[2], *words[3:]]


def finish(words: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, timeout=120)


def children(process: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def family(process: int) -> list[int]:
    """Return all processes that descend from this one."""
    found = []
    for task in Path(f"/proc/{process}/task").glob("*"):
        try:
            children = (task / "children").read_text().split()
        except OSError:  # it has ended
            continue
        found += [one for child in children for one in (int(child), *family(int(child)))]
    return found


def wait_until(met: object, what: str) -> None:
    end = time.monotonic() + 60
    while not met():  # type: ignore[operator]
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(0.05)


@pytest.fixture
def source(tmp_path: Path) -> str:
    """Return a corpus of twelve shards; the tiny encoder is in the cache."""
    keep(tiny_static())
    return write_csv(tmp_path / "a.csv", sentences(FRUIT, 2_000, 0) * (ROWS // 2_000))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at processes in /proc")
def test_a_run_that_was_killed_leaves_no_worker_and_the_next_goes_on(
    source: str, tmp_path: Path
) -> None:
    out, first = tmp_path / "out", tmp_path / "out" / "part-00000.parquet"
    process = subprocess.Popen(command(source, out, "--workers", "2"), stderr=subprocess.DEVNULL)
    wait_until(first.exists, "the first shard")
    workers = children(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert len(workers) >= 2
    wait_until(lambda: not any(Path(f"/proc/{one}/fd/0").exists() for one in workers), "their end")
    assert not (out / "embeddings.json").exists()
    written = first.stat().st_mtime_ns
    ended = finish(command(source, out, "--json"))
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["encoded"] <= ROWS - SHARD_ROWS
    assert first.stat().st_mtime_ns == written
    assert sum(len(batch.ids) for batch in read_shards(out)) == ROWS


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at processes in /proc")
def test_a_worker_that_is_killed_changes_nothing(source: str, tmp_path: Path) -> None:
    out, whole = tmp_path / "out", tmp_path / "whole"
    words = command(source, out, "--workers", "2", "--json")
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until((out / "part-00000.parquet").exists, "the first shard")
    os.kill(children(process.pid)[-1], signal.SIGKILL)
    assert not (out / "embeddings.json").exists(), "it was killed too late to matter"
    printed, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, "")
    assert json.loads(printed)["encoded"] == ROWS
    assert finish(command(source, whole, "--workers", "1")).returncode == 0
    for shard in whole.glob("part-*"):
        assert (out / shard.name).read_bytes() == shard.read_bytes()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at processes in /proc")
def test_workers_that_are_always_killed_end_the_run_with_one_line(
    source: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    words = command(source, out, "--workers", "2")
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until((out / "part-00000.parquet").exists, "the first shard")
    while process.poll() is None:
        with suppress(OSError):  # one of them has just ended
            for worker in children(process.pid)[1:]:  # the first looks after what they share
                os.kill(worker, signal.SIGKILL)
        time.sleep(0.01)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said.splitlines() == [
        "cutouts: a worker was ended from outside, and again on the same rows (short of memory?): "
        "run it again to go on, with fewer --workers"
    ]
    assert finish(command(source, out)).returncode == 0


def test_without_room_the_run_says_so_and_leaves_nothing_half_written(
    source: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    full = finish(limited("FSIZE", 200_000, command(source, out, "--workers", "1")))
    assert full.returncode == 1
    (line,) = full.stderr.splitlines()
    assert "part-00000.parquet cannot be written (File too large): make room and run" in line
    assert sorted(path.name for path in out.iterdir()) == [".lock", "unfinished.jsonl"]
    assert finish(command(source, out)).returncode == 0
    assert read_shards(out).rows == ROWS


def test_two_runs_into_one_folder_do_not_meet(source: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = subprocess.Popen(command(source, out), stderr=subprocess.DEVNULL)
    wait_until((out / "unfinished.jsonl").exists, "the first run")
    second = finish(command(source, out))
    assert process.wait() == 0
    assert second.returncode == 1
    assert "is being written by another run: wait for it" in second.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="counts memory as Linux does")
def test_texts_of_ten_megabytes_do_not_add_up_in_memory(tmp_path: Path) -> None:
    keep(tiny_static())
    with (tmp_path / "a.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        for number in range(30):  # 300 MB
            writer.writerow(["plum " * 1_999_990 + str(number), "a"])
    out = tmp_path / "out"
    words = command(f"{tmp_path}/a.csv", out, "--workers", "1")
    ended = finish(limited("AS", 1_600_000_000, words))
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert read_shards(out).rows == 30
