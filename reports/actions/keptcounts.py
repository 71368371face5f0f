"""The kept counts of one figure are written: of days that are stale or new, and of a month before them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Value

from reports.kept.calendar import DAY, Span, day_of, days_between, enclosing, midnight, spans_of
from reports.kept.parts import TICK, Nature, Stale, is_kept_whole
from reports.kept.pieces import EVERY, counted_by_group, piece, standing_by_group
from reports.kpis.definition import COLUMNS, Kpi
from reports.kpis.systems import OfSystems, Total
from reports.models import KeptCount, Reckoning
from reports.periods import Period, period_of
from reports.scope import Scope
from staff.models import Group

ADD_UP = """
INSERT INTO reports_keptcount (kpi, group_id, unit, first_on, numerator, denominator, squares)
SELECT kpi, group_id, %(unit)s, date_trunc(%(unit)s, first_on::timestamp)::date,
       sum(numerator), sum(denominator), sum(squares)
FROM reports_keptcount
WHERE kpi = %(kpi)s AND unit = 'day' AND ({days})
GROUP BY 1, 2, 4
"""


# How long systems ran, by what was asked: several figures are made of the same.
Uptimes = dict[tuple[Scope, tuple[Span, ...]], Sequence[Total]]


class Counting:
    """One figure's counts being written. `uptimes` is shared by the figures of one transaction."""

    def __init__(self, kpi: Kpi, reckoning: Reckoning, tz: ZoneInfo, uptimes: Uptimes | None = None) -> None:
        self.kpi, self.reckoning, self.tz = kpi, reckoning, tz
        self.uptimes: Uptimes = {} if uptimes is None else uptimes
        self.piece, self.nature = piece(kpi), piece(kpi).nature

    def bring_up(self, stale: Sequence[Stale], until: datetime) -> None:
        """Count what is stale, and everything from where the last count ended."""
        stale = self.piece.stale(stale)
        before = self.reckoning.until
        falls_due = self.reckoning.next_at is not None and self.reckoning.next_at < until
        begins = day_of(before, self.tz) != day_of(until, self.tz) or before == self.reckoning.since
        days = set(days_between(before, until, self.tz)) if falls_due or begins else set()
        self.reckoning.until = until
        if any(since < self.reckoning.since for since, _last in stale):
            self.reckoning.is_whole = not self.piece.lies_before(self.reckoning.since)
        if self.nature is Nature.STOCK:
            self._count_stocks(self._ends_within(stale, is_new=bool(days), since=before))
        else:
            for since, last in stale:
                first = max(since, self.reckoning.since)
                days |= set(days_between(first, min(last, until - TICK) + TICK, self.tz))
            self._count_days(days)
        if days or stale:
            self.reckoning.next_at = self.piece.next_at(until)

    def reach_back(self) -> None:
        """Count the month before; where nothing lies before that, the counts are whole."""
        reckoning = self.reckoning
        last = day_of(reckoning.since, self.tz) - DAY
        month = period_of(last, "month")
        old, reckoning.since = reckoning.since, midnight(month.first, self.tz)
        reckoning.is_whole = not self.piece.lies_before(reckoning.since)
        if self.nature is Nature.STOCK:
            self._count_stocks(
                {
                    period
                    for period in enclosing(days_between(reckoning.since - DAY, old, self.tz))
                    if reckoning.since < period.span(self.tz)[1] <= old
                }
            )
        else:
            self._count_days(set(days_between(reckoning.since, old, self.tz)))
        reckoning.save()

    def _count_days(self, days: set[date]) -> None:
        """Count days, and put the periods around them together anew."""
        if not days:
            return
        periods = {period for period in enclosing(days) if self._is_kept(period)}
        if self.nature is not Nature.SUM:
            self._forget(enclosing(days) - periods)
            for period in sorted(periods):
                self._write(period.unit, {period.first: self._counted(*self._span(period))})
            return
        found = self._of_systems(days) if isinstance(self.kpi, OfSystems) else self._rows_by_day(days)
        self._write("day", found)
        self._add_up(periods)

    def _rows_by_day(self, days: set[date]) -> dict[date, dict[int | None, Mapping[str, Any]]]:
        until = self.reckoning.until
        spans = [self.piece.falls(*span) for span in spans_of(days, self.tz, until=until)]
        found: dict[date, dict[int | None, dict[str, Any]]] = {day: {} for day in days}
        if spans:
            first, last = midnight(min(days), self.tz), midnight(max(days) + DAY, self.tz)
            falls = self.piece.falls(first, min(last, until)) & reduce(or_, spans)
            for row in counted_by_group(self.piece, falls, on_day=self.piece.day):
                found[row["on_day"]][row["of_group"]] = row
        return {day: _with_all(rows) for day, rows in found.items()}

    def _of_systems(self, days: set[date]) -> dict[date, dict[int | None, Mapping[str, Any]]]:
        assert isinstance(self.kpi, OfSystems)
        until, in_order = self.reckoning.until, sorted(days)
        spans = [(midnight(day, self.tz), min(midnight(day + DAY, self.tz), until)) for day in in_order]
        found: dict[date, dict[int | None, Mapping[str, Any]]] = {day: {} for day in days}
        for scope in (Scope(), *(Scope(group=pk) for pk in Group.objects.values_list("pk", flat=True))):
            asked = scope, tuple(spans)
            totals = self.uptimes.get(asked) or self.kpi.totals(scope, spans, now=until)
            self.uptimes[asked] = totals
            for day, total in zip(in_order, totals, strict=True):
                found[day][scope.group] = self.kpi.numbers(total)
        return found

    def _is_kept(self, period: Period) -> bool:
        start, end = period.span(self.tz)
        is_whole = self.reckoning.is_whole and not isinstance(self.kpi, OfSystems)
        if start < self.reckoning.since and not is_whole:
            return False
        return self.nature is not Nature.WHOLE or is_kept_whole(period.unit, end, self.reckoning.until)

    def _span(self, period: Period) -> tuple[datetime, datetime]:
        start, end = period.span(self.tz)
        return start, min(end, self.reckoning.until)

    def _counted(self, start: datetime, stop: datetime) -> dict[int | None, dict[str, Any]]:
        """A span by group, and all of it under None: what does not add up is counted twice."""
        falls = self.piece.falls(start, stop)
        rows = {row["of_group"]: row for row in counted_by_group(self.piece, falls) if row["of_group"]}
        everything = self.kpi.rows().order_by().filter(falls).values(all=Value(1))
        rows[None] = next(iter(everything.annotate(**self.kpi.aggregates(EVERY))), {})
        return rows

    def _add_up(self, periods: Iterable[Period]) -> None:
        by_unit: dict[str, list[Period]] = {}
        for period in periods:
            by_unit.setdefault(period.unit, []).append(period)
        for unit, some in by_unit.items():
            self._forget(some)
            spans = " OR ".join(["first_on >= %s AND first_on < %s"] * len(some))
            with connection.cursor() as cursor:
                days = cursor.mogrify(spans, [day for one in some for day in (one.first, one.until)]).decode()
                facts = {"unit": unit, "kpi": self.kpi.key}
                cursor.execute(ADD_UP.format(days=days), facts)

    def _ends_within(self, stale: Sequence[Stale], *, is_new: bool, since: datetime) -> set[Period]:
        """The periods of a stock whose end is stale, or has come since; and those that go on, as of now."""
        found: set[Period] = set()
        until = self.reckoning.until
        spans = [(max(first, self.reckoning.since), min(last, until)) for first, last in stale]
        spans += [(since, until)] if is_new else []
        if not spans:
            return found
        for first, last in spans:
            if first <= last:
                found |= {
                    period
                    for period in enclosing(days_between(first - DAY, last + DAY, self.tz))
                    if first <= period.span(self.tz)[1] <= last
                }
        return found | enclosing([day_of(until, self.tz)])

    def _count_stocks(self, periods: set[Period]) -> None:
        """Count what stood at the ends of periods, each instant once, in one pass over the rows."""
        if not periods:
            return
        ends = {period: self._span(period)[1] for period in periods}
        found = standing_by_group(self.piece, sorted(set(ends.values())))
        for period, instant in ends.items():
            rows = {group: {"numerator": number} for group, number in found[instant].items()}
            self._write(period.unit, {period.first: _with_all(rows)})

    def _forget(self, periods: Iterable[Period]) -> None:
        for period in periods:
            KeptCount.objects.filter(kpi=self.kpi.key, unit=period.unit, first_on=period.first).delete()

    def _write(self, unit: str, counts: Mapping[date, Mapping[int | None, Mapping[str, Any]]]) -> None:
        """Write counts of periods of one unit by their first day and group, in place of what was there."""
        KeptCount.objects.filter(kpi=self.kpi.key, unit=unit, first_on__in=counts).delete()
        KeptCount.objects.bulk_create(
            KeptCount(
                kpi=self.kpi.key,
                group_id=group,
                unit=unit,
                first_on=first,
                **{name: row.get(name) for name in COLUMNS},
            )
            for first, rows in counts.items()
            for group, row in rows.items()
        )


def _with_all(rows: Mapping[int | None, Mapping[str, Any]]) -> dict[int | None, Mapping[str, Any]]:
    """With what they come to together, under None; rows of no group are in that alone."""
    total: dict[str, Any] = {}
    for row in rows.values():
        for name in ("numerator", "denominator", "squares"):
            if row.get(name) is not None:
                total[name] = total.get(name, 0) + row[name]
    return {group: row for group, row in rows.items() if group is not None} | {None: total}
