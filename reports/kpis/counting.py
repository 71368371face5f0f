"""KPIs counted from their rows: all of them, in all periods, in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from zoneinfo import ZoneInfo

from django.db.models import CharField, FloatField, Value
from django.db.models.functions import Cast

from reports.kpis.definition import Kpi, Rows, Stock
from reports.kpis.figure import Figure
from reports.periods import Period
from reports.scope import Scope

COLUMNS = ("numerator", "denominator", "squares", "median", "p90")
Figures = Mapping[tuple[str, Period], Figure]


def counted(
    kpis: Iterable[Kpi], scope: Scope, periods: Sequence[Period], *, tz: ZoneInfo, now: datetime
) -> Figures:
    """Return each figure in each period, by (key, period), without those that the scope does not narrow."""
    wanted = {kpi.key: kpi for kpi in kpis if kpi.measures(scope)}
    if not wanted or not periods:
        return {}
    spans = [period.span(tz) for period in periods]
    branches = [_branch(kpi, scope, spans, now) for kpi in wanted.values()]
    rows = branches[0].union(*branches[1:], all=True) if len(branches) > 1 else branches[0]
    nothing = dict.fromkeys(COLUMNS)  # no row at all for a figure into whose periods nothing fell
    found = {(key, period): kpi.figure(nothing) for key, kpi in wanted.items() for period in periods}
    for row in rows:
        kpi = wanted[row["kpi"]]
        for number, period in enumerate(periods):
            found[kpi.key, period] = kpi.figure({name: row[f"{name}_{number}"] for name in COLUMNS})
    return found


def _branch(kpi: Kpi, scope: Scope, spans: Sequence[tuple[datetime, datetime]], now: datetime) -> Rows:
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
