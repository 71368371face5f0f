"""The months of a wall chart, each table written in one go: as nested templates a quarter of forty people
took longer than all that is read for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from functools import cache
from html import escape
from itertools import groupby
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from duty.models import DutyRole
from duty.views.calendar import MARKS, WEEK
from duty.views.month import LETTERS
from duty.wallchart import Chart, Day, Held, Pattern, pattern_of
from staff.models import User

register = template.Library()
Cell = Callable[[Held], str]


@register.simple_tag
def chart_months(chart: Chart, today: date) -> list[tuple[date, SafeString]]:
    """Each month's first day shown, and its table."""
    mark = _marks(chart.patterns)
    months = groupby(chart.days, key=lambda day: (day.date.year, day.date.month))
    return [
        ((days := list(found))[0].date, mark_safe(_table(chart, days, today, mark)))
        for _month, found in months
    ]


@register.simple_tag
def chart_legend(chart: Chart) -> SafeString:
    """What each mark means; it stands on every sheet."""
    held = "".join(
        f'<li><span class="held" data-role="{role}">{_letter(role, number)}</span>'
        f'{escape(str(DutyRole(role).label))} <span class="tnum">{_times(starts, ends)}</span></li>'
        for (role, starts, ends), number in chart.patterns.items()
    )
    return mark_safe(
        f'<ul class="legend" aria-label="{escape(_("Legend"))}">{held}'
        f"<li>* {escape(_('by a swap or a change'))}</li><li>! {escape(_('nobody'))}</li>"
        f'<li><span class="legend-mark is-away"></span>{escape(_("on leave"))}</li></ul>'
    )


def _table(chart: Chart, days: Sequence[Day], today: date, mark: Cell) -> str:
    place = {day.date: number for number, day in enumerate(days)}
    rows = [_row(person, chart, place, mark) for person in chart.people]
    cells = ["<td>"] * len(days)
    for day in place.keys() & set(chart.holes):
        cells[place[day]] = f'<td><b class="held gap">!{_hidden(_("nobody"))}</b>'
    rows.append(
        f'<tr class="board-holes"><th scope="row">{escape(_("Nobody"))}</th>{"".join(cells)}<td></tr>'
    )
    return f'<table class="month-board wall-chart">{_head(days, today)}<tbody>{"".join(rows)}</tbody></table>'


def _row(person: User, chart: Chart, place: Mapping[date, int], mark: Cell) -> str:
    """A person's month: most cells are empty, and only the others are looked at."""
    cells, count = ["<td>"] * len(place), 0
    away = chart.away.get(person.pk, ())
    for day in place.keys() & away:
        cells[place[day]] = f'<td class="is-away">{_hidden(_("on leave"))}'
    for day, held in chart.held.get(person.pk, {}).items():
        if day in place:
            cells[place[day]] += "".join(map(mark, held))
            count += sum(one.role == DutyRole.PRIMARY and not one.is_empty for one in held)
    phone = f'<small class="tnum">{escape(person.phone)}</small>' if person.phone else ""
    return (
        f'<tr><th scope="row">{escape(person.label)}{phone}</th>{"".join(cells)}<td class="tnum">{count}</tr>'
    )


def _hidden(words: str) -> str:
    return f'<span class="visually-hidden"> {escape(words)}</span>'


def _head(days: Sequence[Day], today: date) -> str:
    """The columns, what the holidays are called, and the numbers and letters of the days."""
    columns, names, numbers = [], [], []
    for day in days:
        is_today = day.date == today
        columns.append(f'<col data-kind="{day.kind}"{" class=is-today" if is_today else ""}>')
        week, sign = WEEK[day.date.weekday()], MARKS.get(day.kind, "")
        numbers.append(
            f'<th scope="col" class="day{" is-today" if is_today else ""}" data-kind="{day.kind}"'
            f"{' aria-current=date' if is_today else ''}>"
            f'<span class="day-number tnum">{day.date.day}</span><br><span class="day-week">'
            f'<abbr title="{date_format(day.date, "l")}">{week}</abbr></span><br>'
            f'<span class="day-mark">{sign}</span></th>'
        )
    for name, found in groupby(days, key=lambda day: day.name):
        length = len(list(found))
        names.append(f'<td colspan="{length}"{" class=day-name" if name else ""}>{escape(name)}</td>')
    return (
        f"<colgroup><col>{''.join(columns)}<col></colgroup><thead>"
        f'<tr class="day-names"><td></td>{"".join(names)}<td></td></tr>'
        f'<tr><th scope="col">{escape(_("Person"))}</th>{"".join(numbers)}'
        f'<th scope="col">{escape(_("Shifts"))}</th></tr></thead>'
    )


def _marks(patterns: Mapping[Pattern, int | None]) -> Cell:
    """How a shift is written, each of the few that differ once."""
    tz = ZoneInfo(settings.TIME_ZONE)

    @cache
    def written(pattern: Pattern, is_changed: bool, is_empty: bool) -> str:
        role, starts, ends = pattern
        title = f"{DutyRole(role).label} {_times(starts, ends)}"
        letter = _letter(role, patterns.get(pattern)) + ("!" if is_empty else "*" if is_changed else "")
        return (
            f'<span class="held{" gap" if is_empty else ""}" data-role="{role}" title="{escape(title)}">'
            f"{escape(letter)}</span>"
        )

    return lambda held: written(pattern_of(held, tz), held.is_changed, held.is_empty)


def _letter(role: str, number: int | None) -> str:
    return f"{LETTERS[DutyRole(role)]}{number or ''}"


def _times(starts: time, ends: time) -> str:
    return f"{starts:%H:%M}–{'24:00' if ends == time(0) else f'{ends:%H:%M}'}"
