"""Made-up candidates in; fails where the page of a comparison misleads, breaks or hides one."""

import dataclasses

import numpy as np
import pytest

from cutouts.candidates import Answers, Candidate, choose
from cutouts.report.charts import cost_chart
from cutouts.report.comparison import Compared, comparison_page
from tests.test_report import HOSTILE, Reader

TEXTS = 1000
MEGABYTES = {"static": 6.4, "use-lite": 10.5, "minilm": 26.8}


def compared(*, multiple: bool = False, max_bytes: int | None = 15_000_000) -> Compared:
    """Return six candidates: two too large, one with other answers in the browser."""
    candidates = []
    for number, (encoder, megabytes) in enumerate(MEGABYTES.items()):
        for head in ("linear", "cnn"):
            gained = (np.arange(TEXTS) < 700 + 20 * number - 90 * (head == "cnn")).astype(float)
            sent = int(megabytes * 1e6) + 100_000 * (head == "cnn")
            one = Candidate(
                encoder=encoder,
                head=head,
                answers=Answers(gained, np.ones(TEXTS)),
                accuracy=float(gained.mean()),
                macro_f1=0.612,
                calibration_error=0.043,
                bundle_bytes=sent,
                payload_raw=2 * sent,
                payload_sent=sent,
                fits=encoder != "minilm",
                milliseconds=None if head == "cnn" else 0.2 * megabytes,
                complaint=HOSTILE[1] if (encoder, head) == ("static", "cnn") else "",
            )
            candidates.append(one)
    return Compared(
        corpus=HOSTILE[0],
        texts=TEXTS,
        labels=12,
        multiple=multiple,
        max_bytes=max_bytes,
        candidates=candidates,
        choice=choose(candidates, multiple=multiple, max_bytes=max_bytes),
        left_out=[("head of one's own", HOSTILE[1]), (HOSTILE[4], HOSTILE[3])],
        speed="Per text: median in Chromium.",
        command=f"cutouts train '{HOSTILE[0]}' --encoder use-lite --head linear",
        created="2026-11-24T18:58:33Z",
    )


@pytest.mark.parametrize("multiple", [False, True])
def test_the_page_shows_each_candidate_with_its_numbers(multiple: bool) -> None:
    made = compared(multiple=multiple)
    text = Reader(comparison_page(made)).text
    for one in made.candidates:
        assert one.name in text.replace("use- lite", "use-lite")
    assert "Take use-lite with linear within 15,000,000 bytes" in text
    assert {"0.720", "±0.014", "0.612", "0.043", "10.50", "2.10"} <= set(text.split())
    assert "26.80 MB (too large)" in text
    assert ("Exact" in text) is multiple
    assert made.choice.why in text


def test_no_text_from_elsewhere_becomes_markup() -> None:
    page = comparison_page(compared())
    reader = Reader(page)
    assert reader.named("script") == reader.named("img") == []
    assert "\x00" not in page
    assert HOSTILE[1] in reader.text


def test_none_to_take_is_said_in_the_heading() -> None:
    made = compared()
    failing = [dataclasses.replace(one, complaint="other answers") for one in made.candidates]
    choice = choose(failing, multiple=False, max_bytes=None)
    none = dataclasses.replace(made, candidates=failing, choice=choice, command="", max_bytes=None)
    reader = Reader(comparison_page(none))
    assert "None to take" in reader.text
    assert reader.named("pre") == []
    assert not [found for found in reader.named("circle") if found["class"] == "ring"]


def test_the_plot_says_what_the_table_says_and_rings_the_one_to_take() -> None:
    made = compared()
    chart = cost_chart(made.candidates, made.choice.taken, made.quality)
    words = chart.findtext("desc") or ""
    assert "use-lite with linear: 0.720 ± 0.014, 10.50 MB; " in words
    assert words.count("±") == len(made.candidates)
    (ring,) = [one for one in chart.iter("circle") if one.get("class") == "ring"]
    dots = [one for one in chart.iter("circle") if one.get("class") == "dot"]
    assert (ring.get("cx"), ring.get("cy")) == (dots[1].get("cx"), dots[1].get("cy"))
    across = [float(dot.get("cx") or 0) for dot in dots]
    assert across == sorted(across)
    up = [float(dot.get("cy") or 0) for dot in dots]
    assert up == sorted(up, reverse=True)


@pytest.mark.parametrize("sent", [1, 999, 10**6, 6_400_000, 10**12])
def test_a_plot_of_one_candidate_can_be_drawn(sent: int) -> None:
    one = dataclasses.replace(compared().candidates[0], payload_sent=sent)
    perfect = dataclasses.replace(one, answers=Answers(np.ones(3), np.ones(3)))
    for candidate in (one, perfect):
        chart = cost_chart([candidate], None, "accuracy")
        (dot,) = chart.iter("circle")
        assert 0 <= float(dot.get("cx") or -1) <= 360
        assert 0 <= float(dot.get("cy") or -1) <= 270
