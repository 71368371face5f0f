"""A line of values over time as numbers to draw: where each stands in an SVG. Pure; a template draws it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from duty.readings import Level

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 28
STEPS = (Decimal(1), Decimal(2), Decimal(5))
MOST_STEPS = 6
MOST_DATES = 6


@dataclass(frozen=True, slots=True)
class Value:
    """A number that was read, when, and how grave it was then."""

    at: datetime
    number: Decimal
    level: Level


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    value: Value


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at a height or a place of the drawing: a line of the grid, a limit, a date."""

    at: float
    text: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class TrendLine:
    """A drawing of `width` by `height`; the plot lies between `left`, `right`, the top and `base`."""

    width: int
    height: int
    left: int
    right: int
    base: int
    dots: Sequence[Dot]
    dates: Sequence[tuple[float, datetime]]
    grid: Sequence[Mark]
    limits: Sequence[Mark]

    @property
    def path(self) -> str:
        """The dots as the points of a polyline."""
        return " ".join(f"{dot.x},{dot.y}" for dot in self.dots)


def trend_line(values: Sequence[Value], limits: Mapping[str, Decimal]) -> TrendLine | None:
    """Lay out values in the order of time, with their limits by name; None where there is no value.

    Time runs evenly, so that a day without a value is a gap as wide as a day. All limits are in the picture.
    """
    if not values:
        return None
    numbers = [value.number for value in values] + list(limits.values())
    low, high, step = _scale(min(numbers), max(numbers))
    base, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    first, last = values[0].at, values[-1].at
    length = (last - first).total_seconds()

    def x(at: datetime) -> float:
        share = (at - first).total_seconds() / length if length else 0.5
        return round(LEFT + 8 + share * (right - LEFT - 16), 1)

    def y(number: Decimal) -> float:
        return round(base - float((number - low) / (high - low)) * (base - TOP), 1)

    stride = max(1, -(-len(values) // MOST_DATES))
    return TrendLine(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=right,
        base=base,
        dots=[Dot(x(value.at), y(value.number), value) for value in values],
        dates=[(x(value.at), value.at) for value in values[::stride]],
        grid=[Mark(y(low + step * n), plain(low + step * n)) for n in range(int((high - low) / step) + 1)],
        limits=[Mark(y(number), plain(number), name) for name, number in limits.items()],
    )


def plain(number: Decimal) -> str:
    """A number without an exponent and without zeros that say nothing."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _scale(lowest: Decimal, highest: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """The ends of the axis and its step: 1, 2 or 5 times a power of ten, at most six of them or seven."""
    if lowest == highest:
        lowest, highest = lowest - 1, highest + 1
    span = highest - lowest
    power = Decimal(1).scaleb(span.adjusted() - 1)
    step = next(
        step * power * ten
        for ten in (1, 10, 100)
        for step in STEPS
        if step * power * ten * MOST_STEPS >= span
    )
    low = (lowest / step).to_integral_value(ROUND_FLOOR) * step
    high = (highest / step).to_integral_value(ROUND_CEILING) * step
    return low, high, step
