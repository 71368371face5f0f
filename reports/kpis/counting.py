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

from django.db.models import CharField, FloatField, Value
from django.db.models.functions import Cast

from reports.kpis.definition import COLUMNS, NO_ROWS, Kpi, Rows, Stock
from reports.kpis.figure import Figure
from reports.kpis.shapes import Computed
from reports.periods import Period
from reports.scope import Scope

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


def _counted(kpis: Sequence[Kpi], scope: Scope, spans: Sequence[Span], now: datetime) -> Iterable[Any]:
    branches = [_branch(kpi, scope, spans, now) for kpi in kpis]
    if not branches:
        return ()
    return branches[0].union(*branches[1:], all=True) if len(branches) > 1 else branches[0]


def _branch(kpi: Kpi, scope: Scope, spans: Sequence[Span], now: datetime) -> Rows:
    """One row: the key, and five columns for each span."""
    falls = [kpi.falls(start, end, now=now) for start, end in spans]
    columns = {}
    for number, condition in enumerate(falls):
        for name, aggregate in kpi.aggregates(condition).items():
            columns[f"{name}_{number}"] = Cast(aggregate, FloatField())
    rows = kpi.within(scope).order_by()
    if isinstance(kpi, Stock):
        rows = rows.filter(reduce(or_, falls))
    else:  # the outermost bounds are those that an index can begin and end at
        first, last = min(start for start, _end in spans), max(end for _start, end in spans)
        rows = rows.filter(kpi.falls(first, last, now=now))
    return rows.values(kpi=Value(kpi.key, CharField())).annotate(**columns).values("kpi", *columns)
