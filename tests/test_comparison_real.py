"""Real encoders in a real browser on a few texts of a sample: weighed, proved, and trained alike."""

import shlex
from pathlib import Path

import pytest

from cutouts.cli import main
from cutouts.comparison import compare
from cutouts.corpus import read_corpus
from cutouts.encoders.store import ENCODERS
from cutouts.heads.choose import cnn_is_installed
from cutouts.samples import read_sample
from cutouts.training import folder_bytes

pytestmark = [pytest.mark.real, pytest.mark.browser]

TEXTS = 120
CHARS = 200  # the transformers read no more, to be done in a minute
BUDGET = 4_000_000


def test_every_encoder_is_proved_and_what_is_taken_trains_within_the_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sample = read_sample("reuters-r8", "train")
    step = len(sample.texts) // TEXTS
    for number in range(0, len(sample.texts), step):
        folder = Path("corpus") / sample.labels[number][0]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.txt").write_text(sample.texts[number][:CHARS])
    made = compare(read_corpus("corpus"), max_bytes=BUDGET, asked=["corpus"])
    candidates = made.compared.candidates
    heads = ("linear", "cnn") if cnn_is_installed() else ("linear",)
    assert [(one.encoder, one.head) for one in candidates] == [
        (encoder, head) for encoder in ENCODERS for head in heads
    ]
    assert [one.complaint for one in candidates] == [""] * len(candidates)
    assert all((one.milliseconds or 0) > 0 for one in candidates)
    assert {one.encoder for one in candidates if one.fits} == {"static"}
    linear = [one.payload_sent for one in candidates if one.head == "linear"]
    assert linear[0] < BUDGET < linear[1] < linear[2]
    taken = made.compared.choice.taken
    assert taken is not None
    assert taken.accuracy > 0.7
    assert main(shlex.split(made.compared.command)[1:]) == 0
    assert folder_bytes(Path("bundle")) == taken.bundle_bytes <= BUDGET
