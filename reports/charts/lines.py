"""Lines over time: rates, durations, points, with what they aim at and how sure each value is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

from reports.charts.drawing import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    WIDTH,
    Dot,
    Drawing,
    Rule,
    Scale,
    Shape,
    Way,
    Words,
    along,
    axis,
    slots,
    steps_to,
)

ROOM = 48  # at the right, for what is aimed at

Bounds = tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a series in a period: None where there is none, which leaves a gap in the line."""

    value: float | None
    text: str
    is_small: bool = False
    bounds: Bounds = None


@dataclass(frozen=True, slots=True)
class Series:
    """A line: `targets` are what was aimed at in each period, None where nothing was."""

    mark: str
    name: str
    values: Sequence[Value]
    targets: Sequence[float | None] = ()


def lines(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    span: tuple[float, float] | None = None,
    unit: float = 1,
    said: Callable[[float], str] = "{:g}".format,
    height: float = HEIGHT,
    so_far: str = "",
) -> Drawing:
    """Lay out series over one axis: over `span`, or from 0 to beyond the highest value.

    Its steps are round in `unit`s (3600 for seconds that are said in hours); `said` writes a mark. A
    target is drawn over the periods in which it held, once where several series aim at the same. `so_far` is
    said of the last period where it goes on.
    """
    has_targets = any(target is not None for one in series for target in one.targets)
    end = WIDTH - (ROOM if has_targets else RIGHT)
    scale, marks = _scale(series, span, unit, height)
    slot, middles = slots(len(labels), end + RIGHT)
    shapes = axis(scale, [(value, said(value)) for value in marks], end + RIGHT)
    shapes += _aimed(series, slot, scale, said)
    for one in series:
        shapes += _drawn(one, labels, middles, scale, so_far)
    return Drawing(WIDTH, height, [*shapes, *along(labels, middles, scale.base, so_far=so_far)])


def share_span(values: Iterable[float]) -> tuple[float, float]:
    """Return what of 0 to 100 per cent an axis shows: from a round number below all values, at least 20."""
    lowest = min(values, default=0.0)
    return min(80.0, max(0.0, lowest // 20 * 20)), 100.0


def spark(
    values: Sequence[float | None], width: int = 240, height: int = 30, *, is_so_far: bool = False
) -> Drawing | None:
    """Lay out a line without an axis, from its lowest to its highest value; None of fewer than two values.

    `is_so_far`: the period of the last value goes on.
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return None
    low, high = min(known), max(known)
    scale = Scale(low, high if high > low else low + 1, base=height - 3, top=3)
    step = (width - 6) / (len(values) - 1)
    places = [(round(3 + step * n, 1), value) for n, value in enumerate(values)]
    heights = [(x, scale.at(value) if value is not None else None) for x, value in places]
    shapes: list[Shape] = [*_ways(heights, "a", is_so_far=is_so_far)]
    if values[-1] is not None:
        shapes.append(Dot(places[-1][0], scale.at(values[-1]), "a", ""))
    return Drawing(width, height, shapes)


def _scale(
    series: Sequence[Series], span: tuple[float, float] | None, unit: float, height: float
) -> tuple[Scale, list[float]]:
    base = height - BOTTOM
    if span is not None:
        low, high = span
        return Scale(low, high, base), [low + (high - low) * part / 4 for part in range(5)]
    known = [value.value for one in series for value in one.values if value.value is not None]
    known += [target for one in series for target in one.targets if target is not None]
    step, number = steps_to(max(known, default=0) / unit, 5 if height >= HEIGHT else 3)
    return Scale(0, step * number * unit, base), [step * n * unit for n in range(number + 1)]


def _aimed(series: Sequence[Series], slot: float, scale: Scale, said: Callable[[float], str]) -> list[Shape]:
    """What was aimed at, with its value behind it, or above it where another one has followed."""
    shapes: list[Shape] = []
    for target, first, until, is_last in sorted({run for one in series for run in _held(one.targets)}):
        begun, end, y = round(LEFT + slot * first, 1), round(LEFT + slot * until, 1), scale.at(target)
        shapes.append(Rule(begun, y, end, y, "target"))
        place = (end + 4, y + 4) if is_last else (begun, y - 4)
        shapes.append(Words(*place, said(target), "value", "start"))
    return shapes


def _held(targets: Sequence[float | None]) -> list[tuple[float, int, int, bool]]:
    """From which period to before which a target held, and whether that is the last of them."""
    runs = [(target, len(list(run))) for target, run in groupby(targets)]
    until = list(accumulate(length for _target, length in runs))
    return [
        (target, end - length, end, end == len(targets))
        for (target, length), end in zip(runs, until, strict=True)
        if target is not None
    ]


def _drawn(
    one: Series, labels: Sequence[str], middles: Sequence[float], scale: Scale, so_far: str
) -> list[Shape]:
    heights = [None if value.value is None else scale.at(value.value) for value in one.values]
    places = list(zip(middles, heights, strict=True))
    shapes: list[Shape] = [*_ways(places, one.mark, is_so_far=bool(so_far))]
    labels = [*labels[:-1], f"{labels[-1]} {so_far}"] if so_far and labels else labels
    for label, x, y, value in zip(labels, middles, heights, one.values, strict=True):
        if y is None:
            continue
        if value.bounds is not None:
            low, high = map(scale.at, value.bounds)
            shapes.append(Rule(x, low, x, high, "whisker"))
        shapes.append(Dot(x, y, one.mark, f"{label} · {one.name}: {value.text}", value.is_small))
    return shapes


def _ways(places: Sequence[tuple[float, float | None]], mark: str, *, is_so_far: bool) -> list[Way]:
    """The stretches of a line; the last step by itself where it leads to a period that goes on."""
    if not is_so_far:
        return [Way(run, mark) for run in _runs(places)]
    ways = [Way(run, mark) for run in _runs(places[:-1])]
    return ways + [Way(run, mark, is_so_far=True) for run in _runs(places[-2:])]


def _runs(places: Sequence[tuple[float, float | None]]) -> list[list[tuple[float, float]]]:
    """The stretches without a gap; a single point between two gaps is none, its dot says it."""
    runs: list[list[tuple[float, float]]] = [[]]
    for x, y in places:
        if y is None:
            runs.append([])
        else:
            runs[-1].append((x, y))
    return [run for run in runs if len(run) > 1]
