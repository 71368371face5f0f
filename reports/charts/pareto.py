"""The few causes that make up most of it: bars by weight, and the line of what they come to together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from reports.charts.drawing import (
    HEIGHT,
    LEFT,
    RIGHT,
    WIDTH,
    Dot,
    Drawing,
    Rect,
    Rule,
    Scale,
    Shape,
    Way,
    Words,
    axis,
    slots,
    steps_to,
)

ROOM = 40  # at the right, for the axis of the line
VITAL = 80  # per cent: where Pareto's rule draws its line


def weighed(counts: Sequence[tuple[str, int]]) -> list[tuple[str, int, float, float]]:
    """Return `(name, count, share, share together with all before)` in per cent, the weightiest first.

    What was not counted at all is left out.
    """
    ordered = sorted((pair for pair in counts if pair[1]), key=lambda pair: -pair[1])
    whole = sum(count for _name, count in ordered)
    together = accumulate(count for _name, count in ordered)
    return [
        (name, count, 100 * count / whole, 100 * so_far / whole)
        for (name, count), so_far in zip(ordered, together, strict=True)
    ]


def pareto(rows: Sequence[tuple[str, int, float, float]]) -> Drawing:
    """Lay out what `weighed` returns."""
    highest = max((count for _name, count, *_shares in rows), default=0)
    step, number = steps_to(highest)
    if step < 1:
        step, number = 1, max(1, highest)
    scale, shares = Scale(0, step * number), Scale(0, 100)
    right = WIDTH - ROOM
    slot, middles = slots(len(rows), right + RIGHT)
    shapes: list[Shape] = axis(scale, [(step * n, f"{step * n:g}") for n in range(number + 1)], right + RIGHT)
    shapes += [Words(right + 6, shares.at(share) + 4, f"{share} %", anchor="start") for share in (0, 50, 100)]
    shapes += [
        Rule(LEFT, shares.at(VITAL), right, shares.at(VITAL), "target"),
        Words(right + 6, shares.at(VITAL) + 4, f"{VITAL} %", anchor="start"),
    ]
    line, dots = [], []
    for x, (name, count, share, together) in zip(middles, rows, strict=True):
        y, wide = scale.at(count), slot * 0.68
        title = f"{name}: {count} ({share:.1f} %)"
        shapes.append(Rect(round(x - wide / 2, 1), y, round(wide, 1), round(scale.base - y, 1), "b", title))
        shapes.append(Words(x, scale.base + 18, _short(name, slot)))
        line.append((x, shares.at(together)))
        dots.append(Dot(x, shares.at(together), "a", f"{name}: {together:.1f} %"))
    return Drawing(WIDTH, HEIGHT, [*shapes, *([Way(line, "a")] if len(line) > 1 else []), *dots])


def _short(name: str, slot: float) -> str:
    """A name as long as its place is wide; the table has the whole."""
    wide = sum(12 if ord(sign) > 0x2E80 else 6.5 for sign in name)
    if wide <= slot:
        return name
    kept, left = "", slot - 9
    for sign in name:
        left -= 12 if ord(sign) > 0x2E80 else 6.5
        if left < 0:
            break
        kept += sign
    return f"{kept}…"
