"""What a chart is made of: shapes with places in the units of an SVG's view box, without colours.

`mark` names a series by what tells it apart: the style sheet gives it a colour, the writer a pattern, so that
a chart printed in grey says the same. What is `is_so_far` belongs to a period that still goes on: it is drawn
lighter and in dashes, so that what is still to come does not look like a fall.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, floor, log10

# Near the size at which it is shown beside a second column, so that 12 px text stays about 12 px.
WIDTH, HEIGHT = 560, 240
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 20, 40


@dataclass(frozen=True, slots=True)
class Rect:
    x: float
    y: float
    width: float
    height: float
    mark: str
    title: str
    is_so_far: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line: `css` is grid, axis, target or whisker."""

    x1: float
    y1: float
    x2: float
    y2: float
    css: str


@dataclass(frozen=True, slots=True)
class Way:
    """A line through points."""

    points: Sequence[tuple[float, float]]
    mark: str
    is_so_far: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    """A value on a line. `is_small`: too few rows stand behind it, so it is drawn hollow."""

    x: float
    y: float
    mark: str
    title: str
    is_small: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A text on the drawing: `css` is tick or value, `anchor` start, middle or end."""

    x: float
    y: float
    text: str
    css: str = "tick"
    anchor: str = "middle"


Shape = Rect | Rule | Way | Dot | Words


@dataclass(frozen=True, slots=True)
class Drawing:
    width: float
    height: float
    shapes: Sequence[Shape]


@dataclass(frozen=True, slots=True)
class Scale:
    """From a value to its height on the drawing: `lowest` lies at `base`, `highest` at `top`."""

    lowest: float
    highest: float
    base: float = HEIGHT - BOTTOM
    top: float = TOP

    def at(self, value: float) -> float:
        """Return the place of a value, that of an end of the axis for what lies beyond it."""
        inside = min(max(value, self.lowest), self.highest)
        share = (inside - self.lowest) / (self.highest - self.lowest)
        return round(self.base - (self.base - self.top) * share, 1)


def steps_to(highest: float, most: int = 5) -> tuple[float, int]:
    """Return a round step (1, 2 or 5 times a power of ten) and how many, at most `most`, reach the highest.

    At least one, so that an axis has two ends where nothing was counted.
    """
    if highest <= 0:
        return 1, 1
    power = 10.0 ** floor(log10(highest / most))
    step = next(step * power for step in (1, 2, 5, 10) if step * power * most >= highest * (1 - 1e-9))
    return step, max(1, ceil(highest / step - 1e-9))


def slots(
    number: int, width: float = WIDTH, left: float = LEFT, right: float = RIGHT
) -> tuple[float, list[float]]:
    """Return how wide each of so many places along the axis is, and where their middles are."""
    slot = (width - left - right) / max(1, number)
    return slot, [round(left + slot * (place + 0.5), 1) for place in range(number)]


def along(
    labels: Sequence[str], middles: Sequence[float], base: float, most: int = 12, *, so_far: str = ""
) -> list[Words]:
    """Write labels under their places, every second or third of them where all would touch.

    Under the last one stands `so_far`, where its period goes on.
    """
    every = max(1, ceil(len(labels) / most))
    last = len(labels) - 1
    below = [Words(middles[-1], base + 33, so_far)] if so_far and middles else []
    return below + [
        Words(x, base + 18, label)
        for place, (x, label) in enumerate(zip(middles, labels, strict=True))
        if (last - place) % every == 0
    ]


def axis(scale: Scale, marks: Sequence[tuple[float, str]], width: float = WIDTH) -> list[Shape]:
    """Draw a line with its text at each mark, and the axis itself at the lowest."""
    shapes: list[Shape] = []
    for value, text in marks:
        y = scale.at(value)
        shapes.append(Rule(LEFT, y, width - RIGHT, y, "grid"))
        shapes.append(Words(LEFT - 6, y + 4, text, anchor="end"))
    return [*shapes, Rule(LEFT, scale.base, width - RIGHT, scale.base, "axis")]


def under(upper: Drawing, lower: Drawing) -> Drawing:
    """Put one drawing below another of the same width."""
    return Drawing(
        upper.width,
        upper.height + lower.height,
        [*upper.shapes, *(_moved(shape, upper.height) for shape in lower.shapes)],
    )


def _moved(shape: Shape, down: float) -> Shape:
    if isinstance(shape, Rule):
        return replace(shape, y1=shape.y1 + down, y2=shape.y2 + down)
    if isinstance(shape, Way):
        return replace(shape, points=[(x, round(y + down, 1)) for x, y in shape.points])
    return replace(shape, y=round(shape.y + down, 1))
