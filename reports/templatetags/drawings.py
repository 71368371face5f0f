"""Drawings of charts as SVG, and the tables behind them, written in one go (decision 10).

What tells series apart is never colour alone: bars have hatchings, lines have dashes and marks of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from django import template
from django.utils.safestring import SafeString

from reports.board.parts.part import Cell, Legend, Shown
from reports.charts.drawing import Dot, Drawing, Rect, Rule, Shape, Way, Words

register = template.Library()

HATCHINGS = {
    "grade-2": '<path d="M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2"/>',
    "grade-3": '<path d="M0,3 h6"/>',
    "d": '<path d="M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2"/>',
}
SIZE = 4  # of a mark on a line


@register.simple_tag
def drawn(drawing: Drawing, key: str) -> SafeString:
    """Write a drawing; `key` is the part's, by which its heading is found and its hatchings are its own."""
    used = {shape.mark for shape in drawing.shapes if isinstance(shape, Rect)} & HATCHINGS.keys()
    body = "".join(_written(shape) for shape in drawing.shapes)
    return SafeString(
        f'<svg viewBox="0 0 {drawing.width:g} {drawing.height:g}" role="img" aria-labelledby="{key}-head">'
        f"{_hatchings(used, key)}{body}{_hatched(drawing.shapes, used, key)}</svg>"
    )


@register.simple_tag
def sparkline(drawing: Drawing | None) -> SafeString:
    """Write a line without axis, silent: its numbers are a link away."""
    if drawing is None:
        return SafeString('<span class="spark"></span>')
    body = "".join(_written(shape) for shape in drawing.shapes)
    return SafeString(
        f'<svg class="spark" preserveAspectRatio="xMinYMid" aria-hidden="true"'
        f' viewBox="0 0 {drawing.width:g} {drawing.height:g}">{body}</svg>'
    )


@register.simple_tag
def legend_drawn(legend: Sequence[Legend], key: str) -> SafeString:
    """Write what the marks stand for."""
    items = []
    for each in legend:
        if each.shape == "bar":
            shapes: list[Shape] = [Rect(1, 1, 18, 12, each.mark, "")]
        elif each.shape == "line":
            shapes = [Way([(0, 7), (20, 7)], each.mark), Dot(10, 7, each.mark, "")]
        else:
            upright = each.shape == "whisker"
            shapes = [Rule(10, 1, 10, 13, "whisker") if upright else Rule(0, 7, 20, 7, each.shape)]
        used = {each.mark} & HATCHINGS.keys() if each.shape == "bar" else set()
        own = f"{key}-legend"
        body = "".join(map(_written, shapes)) + _hatched(shapes, used, own)
        svg = f'<svg width="20" height="14" viewBox="0 0 20 14">{_hatchings(used, own)}{body}</svg>'
        items.append(f"<li>{svg}{escape(each.name)}</li>")
    return SafeString(f'<ul class="legend" aria-hidden="true">{"".join(items)}</ul>')


@register.simple_tag
def table_drawn(shown: Shown) -> SafeString:
    """Write the numbers behind a drawing, each a link to its rows where there are any."""
    first, *others = map(escape, shown.head)
    heads = "".join(f'<th class="num" scope="col">{name}</th>' for name in others)
    lines = "".join(
        f'<tr><th scope="row">{escape(row.head)}</th>{"".join(map(_cell, row.cells))}</tr>\n'
        for row in shown.rows
    )
    return SafeString(
        f'<table class="data-table"><thead><tr><th scope="col">{first}</th>{heads}</tr></thead>'
        f"<tbody>{lines}</tbody></table>"
    )


def _cell(cell: Cell) -> str:
    text = f"<b>{escape(cell.text)}</b>" if cell.is_strong else escape(cell.text)
    if cell.address:
        text = f'<a href="{escape(cell.address)}">{text}</a>'
    return f'<td class="num">{text}</td>'


def _written(shape: Shape) -> str:
    match shape:
        case Rect(x, y, width, height, mark, title, is_so_far):
            size = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
            return f'<rect class="bar {mark}{_so_far(is_so_far)}" {size}>{_title(title)}</rect>'
        case Rule(x1, y1, x2, y2, css):
            return f'<line class="{css}" x1="{x1:g}" x2="{x2:g}" y1="{y1:g}" y2="{y2:g}"></line>'
        case Way(points, mark, is_so_far):
            places = " ".join(f"{x:g},{y:g}" for x, y in points)
            return f'<polyline class="way {mark}{_so_far(is_so_far)}" points="{places}"></polyline>'
        case Dot(x, y, mark, title, is_small):
            css = f"dot {mark}{' is-small' if is_small else ''}"
            return f'<path class="{css}" d="{_mark(mark, x, y)}">{_title(title)}</path>'
        case Words(x, y, text, css, anchor):
            return f'<text class="{css}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(text)}</text>'


def _so_far(is_so_far: bool) -> str:
    return " is-so-far" if is_so_far else ""


def _title(title: str) -> str:
    return f"<title>{escape(title)}</title>" if title else ""


def _mark(mark: str, x: float, y: float) -> str:
    """A disc, a square, a triangle, a diamond."""
    s = SIZE
    if mark == "b":
        return f"M{x - s:g},{y - s:g}h{2 * s}v{2 * s}h-{2 * s}z"
    if mark == "c":
        return f"M{x:g},{y - s - 1:g}l{s + 1},{2 * s}h-{2 * s + 2}z"
    if mark == "d":
        return f"M{x:g},{y - s - 1:g}l{s + 1},{s + 1}l-{s + 1},{s + 1}l-{s + 1},-{s + 1}z"
    return f"M{x - s:g},{y:g}a{s},{s} 0 1,0 {2 * s},0a{s},{s} 0 1,0 -{2 * s},0"


def _hatchings(used: Iterable[str], key: str) -> str:
    patterns = "".join(
        f'<pattern id="{key}-{mark}" class="hatching" width="6" height="6" patternUnits="userSpaceOnUse">'
        f"{HATCHINGS[mark]}</pattern>"
        for mark in sorted(used)
    )
    return f"<defs>{patterns}</defs>" if patterns else ""


def _hatched(shapes: Iterable[Shape], used: set[str], key: str) -> str:
    """The bars of each hatching once more, as one path over the coloured ones."""
    bars = sorted((s for s in shapes if isinstance(s, Rect) and s.mark in used), key=lambda bar: bar.mark)
    return "".join(
        f'<path class="hatched" fill="url(#{key}-{mark})" d="'
        + "".join(f"M{b.x:g},{b.y:g}h{b.width:g}v{b.height:g}h{-b.width:g}z" for b in group)
        + '"></path>'
        for mark, group in groupby(bars, key=lambda bar: bar.mark)
    )
