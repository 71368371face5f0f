"""Standing bars: in stacks, or beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reports.charts.drawing import (
    BOTTOM,
    HEIGHT,
    WIDTH,
    Drawing,
    Rect,
    Scale,
    Words,
    along,
    axis,
    slots,
    steps_to,
)

SHARE = 0.68  # of a place that its bar takes
MOST_VALUES = 14  # above so many bars their sums would touch


def stacks(
    labels: Sequence[str], series: Sequence[tuple[str, str, Sequence[int]]], *, so_far: str = ""
) -> Drawing:
    """Lay out a stack for each label; `(mark, name, its values)`, the first stands on the axis.

    `so_far` is said of the last one where its period goes on.
    """
    sums = [sum(values) for values in zip(*(values for _mark, _name, values in series), strict=True)]
    scale, marks = _counted(max(sums, default=0))
    slot, middles = slots(len(labels))
    shapes = axis(scale, marks)
    for place in range(len(labels)):
        below = 0
        for mark, name, values in series:
            if value := values[place]:
                title = f"{_named(labels, place, so_far)} · {name}: {value}"
                bar = _bar(scale, middles[place], slot * SHARE, below, below + value, mark, title)
                shapes.append(_marked(bar, labels, place, so_far))
                below += value
        if below and len(labels) <= MOST_VALUES:
            shapes.append(Words(middles[place], scale.at(below) - 5, str(below), "value"))
    return Drawing(WIDTH, HEIGHT, [*shapes, *along(labels, middles, scale.base, so_far=so_far)])


def beside(
    labels: Sequence[str],
    series: Sequence[tuple[str, str, Sequence[int]]],
    *,
    height: float = HEIGHT,
    so_far: str = "",
) -> Drawing:
    """Lay out for each label its bars side by side, in the order of the series; `so_far` as of stacks."""
    highest = max((max(values, default=0) for _mark, _name, values in series), default=0)
    scale, marks = _counted(highest, height)
    slot, middles = slots(len(labels))
    wide = slot * SHARE / len(series)
    shapes = axis(scale, marks)
    for place in range(len(labels)):
        for number, (mark, name, values) in enumerate(series):
            if value := values[place]:
                x = middles[place] + wide * (number - (len(series) - 1) / 2)
                title = f"{_named(labels, place, so_far)} · {name}: {value}"
                bar = _bar(scale, x, wide * 0.92, 0, value, mark, title)
                shapes.append(_marked(bar, labels, place, so_far))
    return Drawing(WIDTH, height, [*shapes, *along(labels, middles, scale.base, so_far=so_far)])


def _counted(highest: int, height: float = HEIGHT) -> tuple[Scale, list[tuple[float, str]]]:
    """An axis of whole numbers from 0, with fewer steps where it is low."""
    step, number = steps_to(highest, 5 if height >= HEIGHT else 3)
    if step < 1:
        step, number = 1, max(1, highest)
    return Scale(0, step * number, base=height - BOTTOM), [
        (step * n, f"{step * n:g}") for n in range(number + 1)
    ]


def _bar(scale: Scale, middle: float, wide: float, low: float, high: float, mark: str, title: str) -> Rect:
    top, base = scale.at(high), scale.at(low)
    return Rect(round(middle - wide / 2, 1), top, round(wide, 1), round(base - top, 1), mark, title)


def _named(labels: Sequence[str], place: int, so_far: str) -> str:
    """The period of a bar, and that it goes on."""
    return f"{labels[place]} {so_far}" if so_far and place == len(labels) - 1 else labels[place]


def _marked(bar: Rect, labels: Sequence[str], place: int, so_far: str) -> Rect:
    return replace(bar, is_so_far=True) if so_far and place == len(labels) - 1 else bar
