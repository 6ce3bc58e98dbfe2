"""Points in; line charts out, drawn as SVG that says in words what it shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from cutouts.metrics import Bin, Coverage
from cutouts.report.elements import make
from cutouts.report.format import decimal, size

if TYPE_CHECKING:
    from cutouts.candidates import Candidate  # which writes its numbers as a report does

Point = tuple[float, float]

WIDTH, HEIGHT = 360.0, 270.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 12.0, 12.0, 42.0  # around the plot: room for ticks and names
SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
LARGEST, SMALLEST = 9.0, 3.0  # radius of a point


@dataclass(frozen=True, slots=True)
class Axes:
    """Where a number lies on the drawing, and what the two directions mean."""

    x_name: str
    y_name: str
    x_ticks: Sequence[float] = SHARES
    y_ticks: Sequence[float] = SHARES
    x_tick_names: Sequence[str] = ()  # where the numbers of the ticks are not what is read

    def x(self, value: float) -> float:
        """Return how far from the left."""
        share = (value - self.x_ticks[0]) / (self.x_ticks[-1] - self.x_ticks[0])
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        """Return how far from the top."""
        share = (value - self.y_ticks[0]) / (self.y_ticks[-1] - self.y_ticks[0])
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def reliability_chart(bins: Sequence[Bin]) -> Element:
    """Return how sure the answers are against how often they are right; the area of a point is
    the number of answers in it."""
    axes = Axes("how sure", "how often right")
    most = max((one.answers for one in bins), default=1)
    gaps, dots = [], []
    for one in bins:
        x, y = axes.x(one.confidence), axes.y(one.accuracy)
        gaps.append(_line("gap", (x, axes.y(one.confidence)), (x, y)))
        radius = SMALLEST + (LARGEST - SMALLEST) * math.sqrt(one.answers / most)
        dots.append(make("circle", {"class": "dot", "cx": x, "cy": y, "r": radius}))
    ideal = _line("ideal", (axes.x(0), axes.y(0)), (axes.x(1), axes.y(1)))
    path = _path("first", [(axes.x(one.confidence), axes.y(one.accuracy)) for one in bins])
    said = "; ".join(f"{decimal(b.confidence)} sure, {decimal(b.accuracy)} right" for b in bins)
    return _drawing(axes, "How sure, and how often right", said, [ideal, *gaps, path, *dots])


def coverage_chart(points: Sequence[Coverage]) -> Element:
    """Return the share of texts that are answered, and how often the answer is right, as only
    answers that are sure enough count."""
    axes = Axes("answers at least this sure", "share")
    kept = [(axes.x(one.threshold), axes.y(one.coverage)) for one in points]
    right = [
        (axes.x(one.threshold), axes.y(one.accuracy)) for one in points if one.accuracy is not None
    ]
    squares = [
        make("rect", {"class": "square", "x": x - 3.5, "y": y - 3.5, "width": 7, "height": 7})
        for x, y in kept
    ]
    dots = [make("circle", {"class": "dot", "cx": x, "cy": y, "r": 4}) for x, y in right]
    said = "; ".join(
        f"at {p.threshold:.2f}: {decimal(p.coverage)} answered, {decimal(p.accuracy)} right"
        for p in points
    )
    drawn = [_path("second", kept), *squares, _path("first", right), *dots]
    return _drawing(axes, "What leaving out unsure answers gains", said, drawn)


def learning_chart(curve: Sequence[float], *, measure: str = "quality") -> Element:
    """Return the quality on held-out texts after each pass over the training texts."""
    values = [value for value in curve if math.isfinite(value)] or [0.0]
    passes = _ticks(1, max(2, len(curve)), least=1)
    axes = Axes("pass over the training texts", measure, passes, _ticks(min(values), max(values)))
    points = [
        (axes.x(number), axes.y(value))
        for number, value in enumerate(curve, start=1)
        if math.isfinite(value)
    ]
    dots = [make("circle", {"class": "dot", "cx": x, "cy": y, "r": 3}) for x, y in points]
    said = (
        f"{decimal(curve[0])} after the first pass, {decimal(max(values))} at best, "
        f"{decimal(curve[-1])} after the last of {len(curve)}"
    )
    return _drawing(axes, "Learning", said, [_path("first", points), *dots])


def cost_chart(candidates: Sequence[Candidate], taken: Candidate | None, quality: str) -> Element:
    """Return the quality of each candidate, with one standard error to either side, against the
    bytes to its first tag; a ring marks the one to take."""
    spans = [
        (one.answers.quality - one.answers.standard_error, one.answers.quality, one.payload_sent)
        for one in candidates
    ]
    ups = _ticks(min(low for low, _, _ in spans), max(2 * q - low for low, q, _ in spans))
    ticks = _sizes(min(b for _, _, b in spans), max(b for _, _, b in spans))
    acrosses = [math.log10(tick) for tick in ticks]
    named = [size(tick).replace(".00 ", " ").replace(".0 ", " ") for tick in ticks]
    axes = Axes("bytes to the first tag (logarithmic)", quality, acrosses, ups, named)
    drawn, words = list[Element](), dict[str, Point]()
    for one, (low, q, sent) in zip(candidates, spans, strict=True):
        x, y = axes.x(math.log10(sent)), axes.y(q)
        side = "second" if one.head == "cnn" else "first"
        drawn.append(_line(f"{side} error", (x, axes.y(low)), (x, axes.y(2 * q - low))))
        if one is taken:
            drawn.append(make("circle", {"class": "ring", "cx": x, "cy": y, "r": 10}))
        square = make("rect", {"class": "square", "x": x - 4, "y": y - 4, "width": 8, "height": 8})
        dot = make("circle", {"class": "dot", "cx": x, "cy": y, "r": 5})
        drawn.append(square if one.head == "cnn" else dot)
        # An encoder's heads weigh nearly the same: one word above the highest stands for them.
        top = min(axes.y(2 * q - low), y - 10)
        words[one.encoder] = min(words.get(one.encoder, (x, top)), (x, top), key=lambda at: at[1])
    drawn += [_text("named middle", x, y - 5, encoder) for encoder, (x, y) in words.items()]
    said = "; ".join(
        f"{one.name}: {decimal(q)} ± {decimal(q - low)}, {size(sent)}"
        for one, (low, q, sent) in zip(candidates, spans, strict=True)
    )
    return _drawing(axes, f"What {quality} costs", said, drawn)


def _sizes(low: int, high: int) -> list[int]:
    """Return 1, 2, 5, 10 and so on bytes, from below `low` to above `high`, two at least."""
    steps = [factor * 10**power for power in range(16) for factor in (1, 2, 5)]
    first = max(index for index, step in enumerate(steps) if step < max(low, 2))
    last = min(index for index, step in enumerate(steps) if step > high)
    return steps[first : last + 1]


def _ticks(low: float, high: float, *, least: float = 2e-4) -> tuple[float, ...]:
    """Return round numbers, at least `least` apart, from below `low` to above `high`."""
    rough = max((high - low) / 5, least)
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(step * number for number in range(first, max(last, first + 1) + 1))


def _drawing(axes: Axes, title: str, said: str, drawn: Sequence[Element]) -> Element:
    """Return the chart: its words for those who hear it, its axes, and what is drawn on them."""
    attributes = {"viewBox": f"0 0 {WIDTH:.0f} {HEIGHT:.0f}", "role": "img", "class": "chart"}
    words = f"Across: {axes.x_name}. Up: {axes.y_name}. {said}."
    return make(
        "svg",
        attributes,
        make("title", {}, title),
        make("desc", {}, words),
        *_grid(axes),
        *drawn,
    )


def _grid(axes: Axes) -> list[Element]:
    left, right = axes.x(axes.x_ticks[0]), axes.x(axes.x_ticks[-1])
    bottom, top = axes.y(axes.y_ticks[0]), axes.y(axes.y_ticks[-1])
    ups, acrosses = axes.y_ticks, axes.x_ticks
    drawn = [_line("grid", (left, axes.y(up)), (right, axes.y(up))) for up in ups]
    drawn += [_text("tick end", left - 6, axes.y(up) + 4, f"{up:.6g}") for up in ups]
    names = axes.x_tick_names or [f"{at:.6g}" for at in acrosses]
    drawn += [
        _text("tick middle", axes.x(at), bottom + 16, name)
        for at, name in zip(acrosses, names, strict=True)
    ]
    drawn.append(_text("axis middle", (left + right) / 2, HEIGHT - 6, axes.x_name))
    turned = _text("axis middle", 0, 0, axes.y_name)
    turned.set("transform", f"translate(10 {(top + bottom) / 2:.0f}) rotate(-90)")
    return [*drawn, turned]


def _text(kind: str, x: float, y: float, text: str) -> Element:
    return make("text", {"class": kind, "x": x, "y": y}, text)


def _line(kind: str, start: Point, end: Point) -> Element:
    (x1, y1), (x2, y2) = start, end
    return make("line", {"class": kind, "x1": x1, "y1": y1, "x2": x2, "y2": y2})


def _path(kind: str, points: Sequence[Point]) -> Element:
    where = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return make("polyline", {"class": kind, "points": where})
