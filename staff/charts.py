"""Charts as numbers to draw: where each bar stands in an SVG. Pure; templates write the drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Near the size at which it is shown beside a second column, so that 12 px text stays about 12 px.
WIDTH, HEIGHT = 440, 220
LEFT, TOP, BOTTOM = 34, 20, 40
BAR_SHARE = 0.66
STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    series: int
    value: int
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A label on an axis, or a line at its height."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class StackedBars:
    """A drawing of `width` by `height`; the plot lies between `left`, `top`, `base` and the right edge."""

    width: int
    height: int
    left: int
    base: int
    bars: Sequence[Bar]
    totals: Sequence[tuple[float, float, int]]
    x_marks: Sequence[Mark]
    y_marks: Sequence[Mark]


def stacked_bars(labels: Sequence[str], series: Sequence[Sequence[int]]) -> StackedBars:
    """Lay out one stack per label; the first series stands on the axis. Each series has a value per label."""
    stacks = [sum(values) for values in zip(*series, strict=True)] or [0]
    base = HEIGHT - BOTTOM
    step = nice_step(max(stacks))
    top = step * max(1, -(-max(stacks) // step))
    unit = (base - TOP) / top
    slot = (WIDTH - LEFT) / max(1, len(labels))
    bars: list[Bar] = []
    totals: list[tuple[float, float, int]] = []
    for place, label in enumerate(labels):
        x, y = LEFT + slot * (place + (1 - BAR_SHARE) / 2), base
        for number, values in enumerate(series):
            height = values[place] * unit
            if height:
                y -= height
                bars.append(
                    Bar(
                        round(x, 1),
                        round(y, 1),
                        round(slot * BAR_SHARE, 1),
                        round(height, 1),
                        number,
                        values[place],
                        label,
                    )
                )
        totals.append((round(LEFT + slot * (place + 0.5), 1), round(y - 4, 1), stacks[place]))
    return StackedBars(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        base=base,
        bars=bars,
        totals=totals,
        x_marks=[Mark(round(LEFT + slot * (place + 0.5), 1), label) for place, label in enumerate(labels)],
        y_marks=[Mark(round(base - value * unit, 1), str(value)) for value in range(0, top + 1, step)],
    )


@dataclass(frozen=True, slots=True)
class Level:
    """One line of a chart of lying bars: how far it reaches, in parts of a hundred of the plot's width."""

    y: float
    width: float
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class LyingBars:
    """Bars from the left, one below the other; the plot begins at `left`."""

    width: int
    height: int
    left: int
    bar: int
    bars: Sequence[Level]


@dataclass(frozen=True, slots=True)
class Point:
    """A value with its interval, where it has one. `low_y` is below `high_y` on the drawing."""

    x: float
    y: float
    low_y: float | None
    high_y: float | None
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Course:
    """Values one after another on an axis from `lowest` to `highest`; `line` joins them."""

    width: int
    height: int
    left: int
    base: int
    points: Sequence[Point]
    line: str
    y_marks: Sequence[Mark]


LINE, BAR_HEIGHT, LABELS, VALUES = 28, 16, 130, 96


def lying_bars(rows: Sequence[tuple[str, float, str]], highest: float) -> LyingBars:
    """Lay out `(label, value, text behind the bar)`, each as long as its share of the highest."""
    plot = WIDTH - LABELS - VALUES
    bars = [
        Level(
            y=number * LINE + (LINE - BAR_HEIGHT) / 2,
            width=round(plot * value / highest, 1) if highest > 0 else 0.0,
            label=label,
            text=text,
        )
        for number, (label, value, text) in enumerate(rows)
    ]
    return LyingBars(WIDTH, max(1, len(rows)) * LINE, LABELS, BAR_HEIGHT, bars)


def course(
    values: Sequence[tuple[str, float, float | None, float | None, str]], lowest: float, highest: float
) -> Course:
    """Lay out `(label, value, low, high, text)` over an axis; bounds beyond it are drawn at its end."""
    base, top = HEIGHT - BOTTOM, TOP
    slot = (WIDTH - LEFT) / max(1, len(values))

    def at(value: float) -> float:
        inside = min(max(value, lowest), highest)
        return round(base - (base - top) * (inside - lowest) / (highest - lowest), 1)

    points = [
        Point(
            x=round(LEFT + slot * (place + 0.5), 1),
            y=at(value),
            low_y=None if low is None else at(low),
            high_y=None if high is None else at(high),
            label=label,
            text=text,
        )
        for place, (label, value, low, high, text) in enumerate(values)
    ]
    marks = [lowest + (highest - lowest) * part / 4 for part in range(5)]
    return Course(
        WIDTH,
        HEIGHT,
        LEFT,
        base,
        points,
        line=" ".join(f"{point.x},{point.y}" for point in points),
        y_marks=[Mark(at(mark), f"{mark:g}") for mark in marks],
    )


def nice_step(highest: int, most: int = 5) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, 50, … that needs at most `most` steps to reach the highest."""
    power = 1
    while True:
        for step in STEPS:
            if step * power * most >= highest:
                return step * power
        power *= 10
