"""The same corpora through Ray in; the same shards out, whatever happens to its workers."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cutouts.embed import Engine, cluster
from cutouts.errors import EmbedError
from tests.test_embed import run, write_csv
from tests.test_embed_faults import ROWS, SMALL, command, family, finish, source, wait_until
from tests.tiny import FRUIT, keep, sentences, tiny_static

pytest.importorskip("ray.data", reason="pip install 'cutouts[scale]'")

__all__ = ["source"]  # a fixture
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")


def own_lines(said: str) -> list[str]:
    """Return what was said but the line with which Ray says that it will say nothing."""
    return [line for line in said.splitlines() if "RAY_BACKEND_LOG_LEVEL" not in line]


def same_shards(one: Path, other: Path) -> bool:
    """Return whether both folders hold the same files."""
    names = sorted(path.name for path in one.iterdir())
    assert names == sorted(path.name for path in other.iterdir())
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in names)


def actors(process: int) -> list[int]:
    """Return the processes of Ray's that encode."""
    found = []
    for one in family(process):
        try:
            words = Path(f"/proc/{one}/cmdline").read_bytes()
        except OSError:
            continue
        found += [one] if b"ray::" in words and b"MapWorker" in words else []
    return found


@linux
def test_a_worker_of_ray_that_is_killed_changes_nothing(source: str, tmp_path: Path) -> None:
    assert finish(command(source, tmp_path / "local", "--workers", "1")).returncode == 0
    out = tmp_path / "ray"
    words = command(source, out, "--engine", "ray", "--workers", "1", "--json")
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until((out / "part-00000.parquet").exists, "the first shard")
    (actor,) = actors(process.pid)
    os.kill(actor, signal.SIGKILL)
    assert not (out / "embeddings.json").exists(), "it was killed too late to matter"
    printed, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert f'"encoded": {ROWS}' in printed
    assert same_shards(tmp_path / "local", out)


TWO_MACHINES = """
import sys
from ray.cluster_utils import Cluster
SMALL = {"num_cpus": 1, "object_store_memory": 10**8, "include_dashboard": False}
cluster = Cluster(initialize_head=True, head_node_args=SMALL)
cluster.add_node(**SMALL)
print(cluster.address, flush=True)
sys.stdin.read()
cluster.shutdown()
"""


@pytest.fixture
def two_machines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """Give the address of a cluster of two of Ray's machines, both here, which wants a token."""
    token = tmp_path / "token"
    token.write_text("0123456789abcdef" * 4)
    for name, value in {
        cluster.LOOPBACK_ALONE: "0",
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str(token),
        "RAY_USAGE_STATS_ENABLED": "0",
    }.items():
        monkeypatch.setenv(name, value)
    with subprocess.Popen(
        [sys.executable, "-c", TWO_MACHINES],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.communicate(timeout=60)  # its input ends, and so does the cluster


def test_a_cluster_that_wants_a_token_writes_the_same_bytes(
    source: str, tmp_path: Path, two_machines: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert finish(command(source, tmp_path / "local", "--workers", "1")).returncode == 0
    words = command(source, tmp_path / "ray", "--engine", "ray", "--address", two_machines)
    ended = finish(words)
    assert (ended.returncode, own_lines(ended.stderr)) == (0, [])
    assert same_shards(tmp_path / "local", tmp_path / "ray")
    monkeypatch.delenv("RAY_AUTH_MODE")
    refused = finish([*words[:-1], two_machines, "--again"])
    assert refused.returncode == 1
    assert f"the Ray cluster at {two_machines} wants a token: set RAY_AUTH_MODE=token" in (
        refused.stderr
    )


def test_what_ends_the_reading_is_said_as_without_ray(tmp_path: Path) -> None:
    keep(tiny_static())
    path = tmp_path / "a.csv"
    path.write_text('text,label\none,a\n"open\nstill" open,b\ntwo,b\n')
    ended = finish(command(str(path), tmp_path / "out", "--engine", "ray"))
    assert ended.returncode == 1
    (line,) = own_lines(ended.stderr)
    assert line.startswith(f"cutouts: {path}, row 3 (line 4): text after a closing quotation mark")
    assert [path.name for path in (tmp_path / "out").glob("part-*")] == []


LISTENING = """
import os
from pathlib import Path
from cutouts.embed.cluster import _ray
from tests.test_embed_faults import family

def sockets(process):
    for link in Path(f"/proc/{process}/fd").iterdir():
        try:
            yield link.readlink().name
        except OSError:
            pass

def listening():
    for name in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            _, local, _, state, *_, inode = line.split()[:10]
            if state == "0A":
                yield f"socket:[{inode}]", local.partition(":")[0]

with _ray(None):
    descended = family(os.getpid())
    own = {name for one in (os.getpid(), *descended) for name in sockets(one)}
    print(sorted({host for name, host in listening() if name in own}))
    calls = [Path(f"/proc/{one}/cmdline").read_bytes() for one in descended]
    served = [call for call in calls if b"dashboard.py" in call]
    print([call for call in served if b"--disable-frontend" not in call])
    from ray._common.usage import usage_lib
    print(usage_lib.usage_stats_enabled())
"""


@linux
def test_ray_listens_on_the_loopback_alone_without_dashboard_and_telemetry(root: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LISTENING], capture_output=True, text=True, timeout=120, cwd=root
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    hosts, dashboards, telemetry = ended.stdout.splitlines()
    allowed = {"0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F"}
    assert hosts != "[]"
    assert {host.strip("' ") for host in hosts.strip("[]").split(",")} <= allowed
    assert (dashboards, telemetry) == ("[]", "False")


@linux
def test_ray_that_was_loaded_to_listen_everywhere_is_not_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = write_csv(tmp_path / "a.csv", sentences(FRUIT, 3, 0))
    keep(tiny_static())
    monkeypatch.delenv(cluster.LOOPBACK_ALONE, raising=False)
    words = command(text, tmp_path / "out", "--engine", "ray")
    ended = finish([*words[:2], "import ray" + SMALL, *words[3:]])
    assert ended.returncode == 1
    assert "Ray was loaded before and would listen to other machines" in ended.stderr


def test_a_cluster_that_does_not_answer_is_named(tmp_path: Path) -> None:
    text = write_csv(tmp_path / "a.csv", sentences(FRUIT, 3, 0))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    engine = on_ray(f"127.0.0.1:{port}")
    with pytest.raises(EmbedError, match=rf"no Ray cluster answers at 127.0.0.1:{port} \("):
        run(text, tmp_path / "out", engine=engine)
    with pytest.raises(EmbedError, match="'nowhere' is no address: expected HOST:PORT"):
        run(text, tmp_path / "out", engine=on_ray("nowhere"))


def test_what_listens_and_is_no_cluster_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "STATUS_SECONDS", 3)
    text = write_csv(tmp_path / "a.csv", sentences(FRUIT, 3, 0))
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        with pytest.raises(EmbedError, match=f"127.0.0.1:{port} does not answer as a Ray cluster"):
            run(text, tmp_path / "out", engine=on_ray(f"127.0.0.1:{port}"))
    assert not list((tmp_path / "out").glob("part-*"))


def on_ray(address: str) -> Engine:
    return Engine("ray", 1, address)
