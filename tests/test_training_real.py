"""20 Newsgroups and the real MiniLM: the numbers that the project promises, once from end to end."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cutouts.bundle import load_bundle

pytestmark = pytest.mark.real

TRAIN = """
import json, re, resource, sys
from pathlib import Path
from cutouts.samples import read_sample
from cutouts.training import train

def peak():
    # On Linux getrusage would count the peak of the process that started this one, too.
    if sys.platform == "linux":
        kilobytes = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]
        return int(kilobytes) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

if __name__ == "__main__":
    out, budget = sys.argv[1], int(sys.argv[2]) or None
    parts = [read_sample("20newsgroups", part) for part in ("train", "test")]
    trained = train(*parts, out=out, max_bytes=budget)
    print(json.dumps({**trained.as_json(), "peak": peak()}))
"""


def trained(folder: Path, max_bytes: int) -> dict[str, Any]:
    """Train in a process of its own, and return what it says of the bundle and of itself."""
    (folder / "train.py").write_text(TRAIN)
    command = [sys.executable, str(folder / "train.py"), str(folder / "bundle"), str(max_bytes)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=900)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return trained(tmp_path_factory.mktemp("whole"), 0)


def test_the_static_bundle_is_as_good_and_as_small_as_promised(whole: dict[str, Any]) -> None:
    assert whole["accuracy"] >= 0.862
    assert whole["bytes"] <= 8_000_000
    assert whole["calibration_error"] < 0.1
    assert whole["texts"] > 7000


def test_training_takes_less_than_1500_megabytes(whole: dict[str, Any]) -> None:
    assert whole["peak"] < 1_500_000_000


def test_the_bundle_tags_what_anybody_would(whole: dict[str, Any]) -> None:
    bundle = load_bundle(whole["bundle"])
    texts = ["The shuttle reached its orbit on Tuesday", "He pitched a shutout in the ninth inning"]
    assert [tags[0].label for tags in bundle.tag(texts)] == ["sci.space", "rec.sport.baseball"]
    assert bundle.tag(["", "xq zv"]) == [(), ()] or bundle.probabilities([""]).max() < 0.5


def test_three_megabytes_cost_at_most_one_point(
    whole: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    small = trained(tmp_path_factory.mktemp("small"), 3_000_000)
    assert small["bytes"] <= 3_000_000
    assert small["accuracy"] >= whole["accuracy"] - 0.01
