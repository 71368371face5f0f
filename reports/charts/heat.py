"""The hours of a week as a map: a row a weekday, a column an hour, the stronger the more there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reports.charts.drawing import WIDTH, Drawing, Rect, Shape, Words

HOURS, DAYS, LEVELS = 24, 7, 5
NAMES, CELL, HIGH, HEAD = 56, 21, 24, 20


def level_of(count: int, most: int) -> int:
    """Return 0 for none, and 1 to 5 in equal steps up to the most."""
    return -(-count * LEVELS // most) if count else 0


def spans_of(most: int) -> list[tuple[int, int, int]]:
    """Return `(level, from, to)` of every level that a count can have: of few, not all of them."""
    ends = [
        (level, most * (level - 1) // LEVELS + 1, most * level // LEVELS) for level in range(1, LEVELS + 1)
    ]
    return [(level, low, high) for level, low, high in ends if low <= high]


def heat_map(days: Sequence[str], counts: Mapping[tuple[int, int], int]) -> Drawing:
    """Lay out `(weekday from 0 for Monday, hour) -> count`; `days` are the weekdays' names."""
    most = max(counts.values(), default=0)
    shapes: list[Shape] = [Words(NAMES + CELL * (hour + 0.5), 14, str(hour)) for hour in range(0, HOURS, 3)]
    for day, name in enumerate(days):
        y = HEAD + HIGH * day
        shapes.append(Words(NAMES - 6, y + 16, name, anchor="end"))
        for hour in range(HOURS):
            count = counts.get((day, hour), 0)
            title = f"{name} {hour:02}:00: {count}"
            shapes.append(
                Rect(NAMES + CELL * hour, y, CELL - 1, HIGH - 1, f"h{level_of(count, most)}", title)
            )
    return Drawing(WIDTH, HEAD + HIGH * DAYS, shapes)
