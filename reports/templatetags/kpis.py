"""Figures in the words of a page, and the lines of the rows behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from html import escape

from django import template
from django.template.context import Context
from django.utils.formats import number_format
from django.utils.safestring import SafeString

from reports.kpis.figure import NOTHING, Figure, Unit
from reports.sources.listing import Cell
from reports.targets import Aim
from reports.wording import interval_words, numbers_in_words, target_words, whole_words
from staff.templatetags.look import when

register = template.Library()


@register.filter
def value(figure: Figure, aim: Aim | None = None) -> str:
    """A figure's value with its unit; beside what is aimed at, one that misses it never reads as met."""
    return whole_words(figure, aim)


@register.filter
def numbers(figure: Figure) -> str:
    """What it was made of: `19 / 20`, `n = 12`; nothing of a total."""
    return numbers_in_words(figure)


@register.filter
def interval(figure: Figure) -> str:
    """The bounds of 95 % certainty; nothing where there are none."""
    return interval_words(figure)


@register.filter
def in_unit(value: float | None, unit: Unit) -> str:
    return NOTHING if value is None else target_words(unit, value)


@register.simple_tag(takes_context=True)
def figure_rows(
    context: Context, lines: Iterable[tuple[str, Sequence[Cell]]], heads: Sequence[object]
) -> SafeString:
    """Write the lines of a list, the first cell of each leading to its page."""
    names = [escape(str(head)) for head in heads]
    written = []
    for url, cells in lines:
        first, *others = zip(names, cells, strict=True)
        link = f'<a class="number" href="{escape(url)}">{escape(str(first[1]))}</a>'
        written.append(f'<tr><th scope="row" class="wrap" data-label="{first[0]}">{link}</th>')
        written.extend(_cell(context, name, cell) for name, cell in others)
        written.append("</tr>\n")
    return SafeString("".join(written))


def _cell(context: Context, name: str, cell: Cell) -> str:
    if isinstance(cell, date):
        return f'<td class="tnum nowrap" data-label="{name}">{when(context, cell)}</td>'
    if isinstance(cell, int | float):
        return f'<td class="tnum" data-label="{name}">{number_format(cell, use_l10n=True)}</td>'
    return f'<td class="wrap" data-label="{name}">{escape(cell) if cell else "–"}</td>'
