"""Metrics and facts in; fails where the report misleads, breaks, or asks for anything."""

import dataclasses
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutouts.metrics import (
    BINS,
    CONFUSIONS,
    Bin,
    Confusion,
    Coverage,
    LabelMetrics,
    Metrics,
    measure,
)
from cutouts.report import Facts, report_page, write_report
from cutouts.report.charts import learning_chart, reliability_chart
from cutouts.report.elements import make, written
from cutouts.report.format import decimal, percent, shortened, size, visible
from cutouts.report.sections import MOST_LABELS

VOID = {"meta", "link", "wbr"}
HOSTILE = (
    "<script>document.title='owned'</script>",
    '"><img src=http://example.com/x onerror=alert(1)>',
    "safe\u202egpj.exe\u2066",
    "two\nlines\x00\ud800",
    "w" * 500,
    "العربية",
)


def measured(labels: tuple[str, ...], *, multiple: bool = False, texts: int = 400) -> Metrics:
    """Return the metrics of a tagger that is right most of the time."""
    rng = np.random.default_rng(0)
    truth = np.zeros((texts, len(labels)), bool)
    truth[np.arange(texts), rng.integers(0, len(labels), texts)] = True
    scores = rng.normal(size=truth.shape) + truth * 2.5
    odds = np.exp(scores * 1.5)
    probabilities = odds / (odds + 5) if multiple else odds / odds.sum(axis=1, keepdims=True)
    thresholds = np.full(len(labels), 0.4)
    return measure(probabilities, truth, labels, thresholds, multiple=multiple)


FACTS = Facts(
    created="2026-11-23T14:10:00Z",
    split="400 test texts",
    multiple=False,
    encoder="static: 256 numbers",
    head="linear, softmax probabilities",
    settings={"vector_weight": 0.5, "word_features": 30211},
    tried={"vector weight 0.5": 0.861, "vector weight 1": 0.85},
    files=[("head/head.safetensors", 1_300_000), ("golden.json", 61_000)],
)


class Reader(HTMLParser):
    """Reads a page strictly: every element closed, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += data + " "

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of each element of this name."""
        return [attributes for found, attributes in self.tags if found == tag]


def test_the_report_holds_every_number_it_is_given() -> None:
    metrics = measured(("soup", "bread"))
    text = Reader(report_page("dishes", metrics, FACTS)).text
    for number in (metrics.accuracy, metrics.macro_f1, metrics.micro_f1, metrics.calibration_error):
        assert decimal(number) in text
    for label in metrics.labels:
        assert {label.label, decimal(label.precision), decimal(label.f1)} <= set(text.split())
    assert "2 labels, one per text. Measured on 400 test texts." in text
    assert "30,211" in text
    assert "vector weight 0.5 0.861 best" in " ".join(text.split())
    assert "vector weight 1 0.850 0.011" in " ".join(text.split())
    assert "1.36 MB in 2 files" in text


def test_the_report_asks_for_nothing_and_runs_nothing() -> None:
    page = report_page("dishes", measured(("soup", "bread")), FACTS)
    reader = Reader(page)
    assert not reader.named("script")
    assert [link["href"] for link in reader.named("link")] == ["data:,"]
    assert "url(" not in page
    assert "@import" not in page
    assert "http://" not in page
    assert "https://" not in page


@pytest.mark.parametrize("multiple", [False, True])
def test_names_from_elsewhere_never_become_markup(*, multiple: bool) -> None:
    facts = dataclasses.replace(
        FACTS,
        multiple=multiple,
        encoder=HOSTILE[0],
        split=HOSTILE[1],
        created=HOSTILE[2],
        settings={HOSTILE[0]: HOSTILE[1]},
        tried={HOSTILE[1]: 0.5, HOSTILE[2]: float("nan")},
        files=[(HOSTILE[0], 1), (HOSTILE[3], 0)],
    )
    page = report_page(HOSTILE[0], measured(HOSTILE, multiple=multiple), facts)
    reader = Reader(page)
    assert not reader.named("script")
    assert not reader.named("img")
    assert not [name for _, attributes in reader.tags for name in attributes if name[:2] == "on"]
    page.encode("utf-8")


def test_text_that_reorders_its_surroundings_is_shown_by_number() -> None:
    page = report_page("dishes", measured(HOSTILE), FACTS)
    assert "safe[U+202E]gpj.exe[U+2066]" in Reader(page).text.replace(" ", "")
    assert "two lines[U+0000][U+D800]" in Reader(page).text
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", page)


def test_every_name_is_isolated_from_the_direction_of_its_neighbours() -> None:
    assert "<bdi>العربية</bdi>" in report_page("dishes", measured(HOSTILE), FACTS)


def test_every_table_has_a_caption_and_every_heading_cell_a_scope() -> None:
    reader = Reader(report_page("dishes", measured(("soup", "bread")), FACTS))
    names = [tag for tag, _ in reader.tags]
    assert names.count("table") == names.count("caption") > 4
    assert all(cell.get("scope") in {"col", "row"} for cell in reader.named("th"))


def test_every_chart_has_a_title_and_says_in_words_what_it_shows() -> None:
    facts = dataclasses.replace(FACTS, learning_curve=[0.5, 0.7, 0.65])
    reader = Reader(report_page("dishes", measured(("soup", "bread")), facts))
    names = [tag for tag, _ in reader.tags]
    assert names.count("svg") == names.count("desc") == names.count("title") - 1 == 3
    assert "0.500 after the first pass, 0.700 at best, 0.650 after the last of 3" in reader.text


def test_the_learning_curve_says_whose_quality_it_is_and_how_long_the_network_learned() -> None:
    facts = dataclasses.replace(FACTS, learning_curve=[0.5, 0.7], settings={"epochs": 9})
    text = " ".join(Reader(report_page("dishes", measured(("soup", "bread")), facts)).text.split())
    assert "Accuracy on texts held out in turn, after each pass of training on others." in text
    assert "The network of this bundle was trained for 9 passes." in text
    assert "Held-out texts, pass by pass Pass Accuracy 1 0.500 2 0.700" in text
    several = dataclasses.replace(facts, multiple=True)
    page = report_page("dishes", measured(("soup", "bread"), multiple=True), several)
    assert "Micro F1 at one threshold on texts held out in turn" in page


def test_headings_go_down_one_step_at_a_time() -> None:
    reader = Reader(report_page("dishes", measured(("soup", "bread")), FACTS))
    headings = [tag for tag, _ in reader.tags if re.fullmatch(r"h\d", tag)]
    assert headings[0] == "h1"
    assert set(headings[1:]) == {"h2"}


def test_labels_are_listed_the_hardest_first_and_those_without_texts_last() -> None:
    metrics = measured(("soup", "bread", "cake"))
    unseen = dataclasses.replace(metrics.labels[0], label="ghost", texts=0, given=0, f1=0.0)
    metrics = dataclasses.replace(metrics, labels=(unseen, *metrics.labels), confusions=())
    text = Reader(report_page("dishes", metrics, FACTS)).text
    hardest = sorted(metrics.labels[1:], key=lambda one: one.f1)
    order = [text.index(f" {one.label} ") for one in hardest] + [text.index(" ghost ")]
    assert order == sorted(order)
    assert "ghost 0 0 – – –" in " ".join(text.split())


def test_of_many_labels_those_with_the_most_texts_are_shown() -> None:
    metrics = measured(tuple(f"label {number}" for number in range(1000)), texts=5000)
    page = report_page("many", metrics, FACTS)
    assert f"The {MOST_LABELS} labels with the most texts, of 1,000; metrics.json has" in page
    assert len(page.encode()) < 100_000


def test_with_several_labels_micro_f1_comes_first_and_accuracy_is_of_whole_sets() -> None:
    facts = dataclasses.replace(FACTS, multiple=True)
    text = Reader(report_page("dishes", measured(("soup", "bread"), multiple=True), facts)).text
    assert text.index("Micro F1") < text.index("Accuracy")
    assert "of the texts get exactly the right set of labels" in text
    assert "Taken for another" not in text


def test_nothing_answered_is_said_in_words() -> None:
    metrics = dataclasses.replace(
        measured(("soup", "bread")), answered=0.0, accuracy_answered=None, reliability=()
    )
    text = Reader(report_page("dishes", metrics, FACTS)).text
    assert "no text reached the threshold of a label" in text
    assert "On average, there was nothing to measure." in text


def test_what_is_too_sure_is_called_too_sure() -> None:
    metrics = measured(("soup", "bread"))
    bins = tuple(dataclasses.replace(b, accuracy=b.confidence - 0.1) for b in metrics.reliability)
    page = report_page("dishes", dataclasses.replace(metrics, reliability=bins), FACTS)
    assert "On average, it is surer than it should be, by 0.100." in page


def test_with_several_labels_the_many_probabilities_near_0_do_not_hide_what_is_too_sure() -> None:
    bins = (Bin(0.01, 0.01, 100_000), Bin(0.9, 0.7, 10))
    metrics = dataclasses.replace(measured(("soup", "bread"), multiple=True), reliability=bins)
    page = report_page("dishes", metrics, dataclasses.replace(FACTS, multiple=True))
    assert "Where it is at least 0.5 sure, it is surer than it should be, by 0.200." in page


@pytest.mark.parametrize(
    ("accuracy", "texts", "margin"), [(0.9, 1000, "0.019"), (1.0, 10, "0.139"), (0.5, 0, "0.445")]
)
def test_the_report_says_how_far_accuracy_is_known(
    accuracy: float, texts: int, margin: str
) -> None:
    metrics = dataclasses.replace(measured(("soup", "bread")), accuracy=accuracy, texts=texts)
    assert f"accuracy is known to about ± {margin}" in report_page("dishes", metrics, FACTS)


def test_a_report_is_the_same_file_each_time(tmp_path: Path) -> None:
    for name in ("a.html", "b.html"):
        write_report(
            tmp_path / name, title="dishes", metrics=measured(("soup", "bread")), facts=FACTS
        )
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert b"\r" not in (tmp_path / "a.html").read_bytes()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_every_learning_curve_is_drawn_inside_its_frame(curve: list[float]) -> None:
    svg = written(learning_chart(curve))
    points = re.findall(r'cx="([\d.-]+)" cy="([\d.-]+)"', svg)
    assert len(points) == len(curve)
    assert all(30 < float(x) < 355 and 5 < float(y) < 235 for x, y in points)


@pytest.mark.parametrize("passes", [1, 2, 3, 7, 40])
def test_passes_over_the_texts_are_counted_in_whole_numbers(passes: int) -> None:
    svg = written(learning_chart([0.5] * passes))
    across = re.findall(r'class="tick middle"[^>]*>([^<]*)<', svg)
    assert across
    assert all(tick.isdigit() for tick in across)


def test_a_learning_curve_of_nothing_but_nan_is_drawn_empty() -> None:
    assert "circle" not in written(learning_chart([float("nan")] * 3))


def test_a_chart_without_points_is_an_empty_frame() -> None:
    assert "circle" not in written(reliability_chart(()))


@given(st.text() | st.text(st.characters(categories=["Cc", "Cf", "Cs", "Zl"])))
def test_any_text_is_written_as_text_and_as_utf_8(text: str) -> None:
    page = written(make("p", {"title": text}, text))
    page.encode("utf-8")
    reader = Reader(page)
    assert [tag for tag, _ in reader.tags] == ["p"]
    assert reader.named("p")[0]["title"] == visible(text)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x1f]", page)


def test_numbers_are_written_for_people() -> None:
    assert [size(n) for n in (0, 999, 1000, 999_949, 999_950)] == [
        *("0 B", "999 B", "1.0 kB", "999.9 kB", "1.00 MB")
    ]
    assert [percent(s) for s in (0, 0.0001, 0.5, 0.9999, 1)] == [
        *("0.0 %", "< 0.1 %", "50.0 %", "> 99.9 %", "100.0 %")
    ]
    assert [decimal(n) for n in (0, 1, None, float("nan"))] == ["0.000", "1.000", "–", "–"]
    assert shortened("e\u0301" * 200)[-2:] == "\u0301…"


def test_every_number_of_the_metrics_is_in_its_page(root: Path) -> None:
    page = (root / "docs" / "metrics.md").read_text(encoding="utf-8")
    kinds = (Metrics, LabelMetrics, Coverage, Bin, Confusion)
    names = {field.name for kind in kinds for field in dataclasses.fields(kind)}
    assert not {name for name in names - {"label"} if f"`{name}`" not in page}
    assert f"{BINS} bins of equal width" in page
    assert f"at most {CONFUSIONS} pairs" in page
    assert f"at most {MOST_LABELS} of them" in page
