"""KPIs counted from their rows: all of them, in all periods, in one statement.

What is computed of its rows (`Computed`) comes besides, in a few statements of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import CharField, F, FloatField, Value
from django.db.models.functions import Cast

from reports.kpis.definition import COLUMNS, NO_ROWS, Kpi, Rows, Stock
from reports.kpis.figure import Figure
from reports.kpis.shapes import Computed
from reports.periods import Period
from reports.scope import Axis, Scope

Figures = Mapping[tuple[str, Period], Figure]
Span = tuple[datetime, datetime]


def counted(
    kpis: Iterable[Kpi], scope: Scope, periods: Sequence[Period], *, tz: ZoneInfo, now: datetime
) -> Figures:
    """Return each figure in each period, by (key, period), without those that the scope does not narrow."""
    wanted = {kpi.key: kpi for kpi in kpis if kpi.measures(scope)}
    if not wanted or not periods:
        return {}
    spans = [period.span(tz) for period in periods]
    # Where nothing lies in any of the periods the statement has no row.
    found = {(key, period): kpi.figure(NO_ROWS) for key, kpi in wanted.items() for period in periods}
    for row in _counted([kpi for kpi in wanted.values() if not isinstance(kpi, Computed)], scope, spans, now):
        kpi = wanted[row["kpi"]]
        for number, period in enumerate(periods):
            figure = kpi.figure({name: row[f"{name}_{number}"] for name in COLUMNS})
            found[kpi.key, period] = kpi.told(figure, scope)
    for kpi in wanted.values():
        if isinstance(kpi, Computed):
            values = kpi.figures(scope, spans, now=now)
            found |= {(kpi.key, period): value for period, value in zip(periods, values, strict=True)}
    return found


def counted_of_people(
    kpis: Iterable[Kpi], people: Sequence[int], periods: Sequence[Period], *, tz: ZoneInfo, now: datetime
) -> Mapping[int, Figures]:
    """Return by person (id) what `counted` says of each, all people in one statement."""
    wanted = {kpi.key: kpi for kpi in kpis if Axis.PERSON in kpi.axes}
    if not wanted or not periods:
        return {person: {} for person in people}
    spans = [period.span(tz) for period in periods]
    found: dict[int, dict[tuple[str, Period], Figure]] = {
        person: {(key, period): kpi.figure(NO_ROWS) for key, kpi in wanted.items() for period in periods}
        for person in people
    }
    branches = [_branch(kpi, people, spans, now) for kpi in wanted.values()]
    for row in _together(branches) if people else ():
        kpi, person = wanted[row["kpi"]], row["of_person"]
        for number, period in enumerate(periods):
            figure = kpi.figure({name: row[f"{name}_{number}"] for name in COLUMNS})
            found[person][kpi.key, period] = kpi.told(figure, Scope(person=person))
    return found


def _counted(kpis: Sequence[Kpi], scope: Scope, spans: Sequence[Span], now: datetime) -> Iterable[Any]:
    return _together([_branch(kpi, scope, spans, now) for kpi in kpis])


def _together(branches: Sequence[Rows]) -> Iterable[Any]:
    if not branches:
        return ()
    return branches[0].union(*branches[1:], all=True) if len(branches) > 1 else branches[0]


def _branch(kpi: Kpi, of: Scope | Sequence[int], spans: Sequence[Span], now: datetime) -> Rows:
    """One row: the key, and five columns for each span. Of people a row for each, with his id."""
    falls = [kpi.falls(start, end, now=now) for start, end in spans]
    columns = {}
    for number, condition in enumerate(falls):
        for name, aggregate in kpi.aggregates(condition).items():
            columns[f"{name}_{number}"] = Cast(aggregate, FloatField())
    each: dict[str, Any] = {}
    if isinstance(of, Scope):
        rows = kpi.within(of).order_by()
    else:
        whose = kpi.axes[Axis.PERSON]
        rows = kpi.rows().filter(**{f"{whose}__in": of}).order_by()
        each = {"of_person": F(whose)}
    if isinstance(kpi, Stock):
        rows = rows.filter(reduce(or_, falls))
    else:  # the outermost bounds are those that an index can begin and end at
        first, last = min(start for start, _end in spans), max(end for _start, end in spans)
        rows = rows.filter(kpi.falls(first, last, now=now))
    keyed = rows.values(kpi=Value(kpi.key, CharField()), **each)
    return keyed.annotate(**columns).values("kpi", *each, *columns)
