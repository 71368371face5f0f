"""The kept counts brought up to date: what became stale, what fell due, and month by month what lies before.

Each step is one transaction that takes the notes of what is stale and writes what was counted instead: dead
between any two statements, it leaves either the notes or the new counts. One at a time, by a lock that is
asked for and never waited for; those who write records wait for none of it, nor it for them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Value
from django.utils.timezone import get_default_timezone

from reports.kept.calendar import DAY, day_of, days_between, enclosing, midnight, spans_of
from reports.kept.parts import TICK, Nature, Stale, is_kept_whole
from reports.kept.pieces import COLUMNS, FAR_AHEAD, counted_by_group, piece, standing_by_group
from reports.kpis.definition import Kpi
from reports.kpis.series import KEPT
from reports.kpis.systems import OfSystems
from reports.models import KeptCount, Reckoning, StaleSpan
from reports.periods import Period, period_of
from reports.scope import Scope
from staff.models import Group

STINT = 4.0  # seconds: how long one run goes on counting what lies before
BEHIND = timedelta(seconds=2)  # so that a server whose clock is a little late still finds nothing ahead of it
MOST_NOTES = 20_000  # of what is stale, taken at a time
LOCK = 0x6B657074  # "kept"

TAKE = """
DELETE FROM reports_stalespan WHERE id IN (SELECT id FROM reports_stalespan ORDER BY id LIMIT %s)
RETURNING source, since, until
"""
ADD_UP = """
INSERT INTO reports_keptcount (kpi, group_id, unit, first_on, numerator, denominator, squares)
SELECT kpi, group_id, %(unit)s, date_trunc(%(unit)s, first_on::timestamp)::date,
       sum(numerator), sum(denominator), sum(squares)
FROM reports_keptcount
WHERE kpi = %(kpi)s AND unit = 'day' AND ({days})
GROUP BY 1, 2, 4
"""


def keep(*, now: datetime, stint: float = STINT) -> bool:
    """Bring the kept counts up to `now`, then count what lies before them for some seconds.

    Says whether everything is kept; not so where another one is at it.
    """
    begun = time.monotonic()
    if not bring_up(now=now):
        return False
    while (kpi := _next_to_reach_back()) is not None:
        if time.monotonic() - begun > stint or not _reach_back(kpi):
            return False
    return True


def count_anew(*, now: datetime) -> None:
    """Throw all counts away and count everything: for rows that came past the triggers. Takes its time."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        for model in (StaleSpan, KeptCount, Reckoning):
            model.objects.all().delete()
    while not keep(now=now, stint=60):
        pass


@transaction.atomic
def bring_up(*, now: datetime) -> bool:
    """Count once more what has become stale, and what has fallen due up to `now`; False: another one does."""
    if not _is_alone():
        return False
    tz, until = get_default_timezone(), now - BEHIND
    stale = _take_stale()
    known = Reckoning.objects.in_bulk()
    reached = []
    for kpi in KEPT.values():
        reckoning = known.pop(kpi.key, None)
        if reckoning is None or reckoning.fingerprint != piece(kpi).fingerprint:
            reckoning = _begin(kpi, until, tz)
        _Counting(kpi, reckoning, tz).bring_up(stale.get(piece(kpi).source, []), max(until, reckoning.until))
        reached.append(reckoning)
    Reckoning.objects.bulk_update(reached, ["until", "next_at", "is_whole"])
    KeptCount.objects.filter(kpi__in=known).delete()  # of figures that are no longer defined
    Reckoning.objects.filter(pk__in=known).delete()
    return True


def _is_alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _take_stale() -> Mapping[str, list[Stale]]:
    found: dict[str, list[Stale]] = {}
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [MOST_NOTES])
        for source, since, until in cursor.fetchall():
            found.setdefault(source, []).append((since, until or FAR_AHEAD))
    return found


def _begin(kpi: Kpi, until: datetime, tz: ZoneInfo) -> Reckoning:
    """Of a figure that is new, or defined anew, nothing is kept yet: it is counted from this month on."""
    KeptCount.objects.filter(kpi=kpi.key).delete()
    month = midnight(day_of(until, tz).replace(day=1), tz)
    facts = {"since": month, "until": month, "next_at": month, "is_whole": False}
    facts["fingerprint"] = piece(kpi).fingerprint
    reckoning, _new = Reckoning.objects.update_or_create(pk=kpi.key, defaults=facts)
    return reckoning


def _next_to_reach_back() -> Kpi | None:
    """The figure whose kept counts reach back the least."""
    short = Reckoning.objects.filter(is_whole=False, kpi__in=KEPT).order_by("-since", "kpi").first()
    return KEPT[short.kpi] if short else None


@transaction.atomic
def _reach_back(kpi: Kpi) -> bool:
    """Count one month more of what lies before; False where another one is at it."""
    if not _is_alone():
        return False
    reckoning = Reckoning.objects.get(pk=kpi.key)
    _Counting(kpi, reckoning, get_default_timezone()).reach_back()
    return True


class _Counting:
    """One figure's counts being written."""

    def __init__(self, kpi: Kpi, reckoning: Reckoning, tz: ZoneInfo) -> None:
        self.kpi, self.reckoning, self.tz = kpi, reckoning, tz
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
            totals = self.kpi.totals(scope, spans, now=until)
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
        rows[None] = next(iter(everything.annotate(**self.kpi.aggregates(falls))), {})
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
