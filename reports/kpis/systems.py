"""KPIs of clients' systems: how much of the agreed time they ran, and how long between failures (§5.2).

A system is agreed to run round the clock from the day on which it went into service, but for the windows of
planned changes. It is down from the report of a grade-1 fault to its solution.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext_lazy as _

from clients.models import System
from reports.kpis.definition import NO_ROWS, Rows
from reports.kpis.figure import Figure, Unit
from reports.kpis.outages import NOTHING, Span, uptime
from reports.kpis.records import faults
from reports.kpis.shapes import Computed
from reports.scope import Axis, Scope, narrowed
from tickets.changes import ChangeState
from tickets.models import Change, Grade

OF_SYSTEM = {Axis.GROUP: "system__client__group", Axis.CLIENT: "system__client"}
# Windows of what is carried out; what is only planned may never come.
CARRIED_OUT = (ChangeState.STARTED, ChangeState.DONE, ChangeState.REVIEWED, ChangeState.CLOSED)
# The day on which the system of a fault went into service, where it is in use: looked up for each, as there
# are few of them beside all systems. None where it is not in use.
UNKNOWN = date.min
SINCE = Subquery(
    System.objects.filter(pk=OuterRef("system"), is_active=True).values(
        day=Coalesce("in_service_since", Value(UNKNOWN))
    )
)


def outages() -> Rows:
    """Grade-1 faults of systems that are in use."""
    return _of_any_system().filter(system__is_active=True)


def _of_any_system() -> Rows:
    return faults().filter(grade=Grade.ONE, system__isnull=False)


@dataclass(frozen=True, kw_only=True)
class OfSystems(Computed):
    """A figure of the uptime of systems, which adds up over spans that follow each other."""

    def totals(self, scope: Scope, spans: Sequence[Span], *, now: datetime) -> Sequence[Total]:
        """Return for each span the uptime of all systems of the scope together, in five statements at most.

        Systems that neither failed nor had a window in a span are added up by the day they went into service,
        and so are those that were down before all spans and still are, where that is all there is to say.
        """
        spans = [(start, min(end, now)) for start, end in spans]
        first, last = min(start for start, _end in spans), max(end for _start, end in spans)
        failed_ever = narrowed(_of_any_system(), scope, OF_SYSTEM).order_by().annotate(since=SINCE)
        still_down = failed_ever.filter(resolved_at=None, reported_at__lt=first)
        moved = Q(resolved_at__gte=first) | Q(resolved_at=None, reported_at__gte=first)
        outages = _outages(failed_ever.filter(moved, reported_at__lt=last))
        planned = _windows(scope, first, last)
        if several := {system for system, *_rest in (*outages, *planned)}:
            outages += _outages(still_down.filter(system__in=several))
        in_service, throughout = _in_service(scope), _alike(still_down.exclude(system__in=several))
        found = []
        failing, shut = _by_span(spans, outages, now), _by_span(spans, planned, now)
        for span, fails, windows in zip(spans, failing, shut, strict=True):
            agreed = _together(span, in_service)
            up = agreed - _together(span, throughout)
            midnights = {since: _midnight(since) for _system, since in fails.keys() | windows.keys()}
            for which in fails.keys() | windows.keys():
                down_for, since = fails.get(which, ()), midnights[which[1]]
                if which not in windows and len(down_for) == 1:  # nearly all: nothing overlaps
                    up -= _of_both(span, since, *down_for)
                    continue
                one = uptime(span, since, down_for, windows.get(which, ()))
                raw = _from(span, since)
                agreed += one.agreed - raw
                up += one.up - raw
            failed = sum(span[0] <= start < span[1] for spans in fails.values() for start, _end in spans)
            found.append(Total(agreed, up, failed))
        return found

    def figures(self, scope: Scope, spans: Sequence[Span], *, now: datetime) -> Sequence[Figure]:
        return [self.figure(self.numbers(total)) for total in self.totals(scope, spans, now=now)]

    def numbers(self, total: Total) -> Mapping[str, Any]:
        """Return what adds up over spans, in exact seconds."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Total:
    """How long systems were agreed to run and ran, and how often one failed."""

    agreed: timedelta
    up: timedelta
    failed: int


@dataclass(frozen=True, kw_only=True)
class Availability(OfSystems):
    """The share of the agreed time in which the systems ran, in per cent of seconds."""

    def falls(self, start: datetime, end: datetime, *, now: datetime) -> Q:
        """Outages that reach into the period."""
        return Q(reported_at__lt=min(end, now)) & (Q(resolved_at=None) | Q(resolved_at__gt=start))

    def numbers(self, total: Total) -> Mapping[str, Any]:
        return {**NO_ROWS, "numerator": exact_seconds(total.up), "denominator": exact_seconds(total.agreed)}

    def figure(self, row: Mapping[str, Any]) -> Figure:
        """Agreed in whole seconds; what outages take off is exact: without any it is 100 %, never more."""
        up, agreed = row["numerator"] or 0, row["denominator"] or 0
        return Figure(Unit.PERCENT, float(round(agreed) - (agreed - up)), round(agreed), is_of_time=True)


@dataclass(frozen=True, kw_only=True)
class BetweenFailures(OfSystems):
    """The time that systems ran, in hours, over how often they failed."""

    unit: Unit = Unit.HOURS
    minimum_sample: int = 1

    def numbers(self, total: Total) -> Mapping[str, Any]:
        return {**NO_ROWS, "numerator": exact_seconds(total.up), "denominator": total.failed}

    def figure(self, row: Mapping[str, Any]) -> Figure:
        return Figure(self.unit, float(row["numerator"] or 0) / 3600, int(row["denominator"] or 0))


def exact_seconds(time: timedelta) -> Decimal:
    """To the microsecond, however long."""
    return Decimal(time // timedelta(microseconds=1)) / 10**6


def _in_service(scope: Scope) -> Sequence[tuple[datetime | None, int]]:
    """From which instants on systems in use of a scope are agreed to run, and how many of them from each."""
    rows = System.objects.filter(is_active=True)
    if scope.group is not None:
        rows = rows.filter(client__group=scope.group)
    if scope.client is not None:
        rows = rows.filter(client=scope.client)
    days = rows.order_by().values_list("in_service_since").annotate(number=Count("*"))
    return [(_midnight(day), number) for day, number in days]


def _alike(outages: Rows) -> Sequence[tuple[datetime | None, int]]:
    """From which instants on the systems in use of such outages are agreed to run, and how many from each."""
    days = outages.values_list("since").annotate(number=Count("system", distinct=True))
    return [(_midnight(_known(day)), number) for day, number in days if day is not None]


def _outages(rows: Rows) -> list[Any]:
    """Outages of systems in use: the system, its first day, from and to."""
    found = rows.values_list("system", "since", "reported_at", "resolved_at")
    return [(system, _known(since), *ends) for system, since, *ends in found if since is not None]


def _windows(scope: Scope, first: datetime, last: datetime) -> list[Any]:
    """Windows of changes carried out, of systems in use: the system, its first day, from and to."""
    rows = Change.objects.filter(
        state__in=CARRIED_OUT,
        ticket__system__is_active=True,
        window_from__lt=last,
        window_to__gt=first,
    )
    if scope.group is not None:
        rows = rows.filter(ticket__system__client__group=scope.group)
    if scope.client is not None:
        rows = rows.filter(ticket__system__client=scope.client)
    system = "ticket__system"
    columns = (system, f"{system}__in_service_since", "window_from", "window_to")
    return list(rows.order_by().values_list(*columns))


Reaching = dict[tuple[int, date | None], list[Span]]


def _by_span(spans: Sequence[Span], rows: Iterable[Any], now: datetime) -> list[Reaching]:
    """The rows that reach into each span, by system and its first day; those that go on reach to now."""
    found: list[Reaching] = [defaultdict(list) for _span in spans]
    ends, starts = [end for _start, end in spans], [start for start, _end in spans]
    in_order = all(end <= start for end, start in zip(ends, starts[1:], strict=False))
    for system, since, start, until in rows:
        end = until or now
        places: Iterable[int] = range(len(spans))
        if in_order:
            places = range(bisect_left(ends, start), min(bisect_right(starts, end), len(spans)))
        for place in places:
            if start < ends[place] and end >= starts[place]:
                found[place][system, since].append((start, end))
    return found


def _together(span: Span, systems: Iterable[tuple[datetime | None, int]]) -> timedelta:
    """How much of a span lies after their first instants, of so many systems each."""
    return sum((_from(span, since) * number for since, number in systems), NOTHING)


def _from(span: Span, since: datetime | None) -> timedelta:
    start = max(span[0], since) if since else span[0]
    return max(span[1] - start, NOTHING)


def _of_both(span: Span, since: datetime | None, outage: Span) -> timedelta:
    """How long a system was down in a span, from the day on which it went into service."""
    start = max(span[0], since) if since else span[0]
    return max(min(span[1], outage[1]) - max(start, outage[0]), NOTHING)


def _known(day: date) -> date | None:
    return None if day == UNKNOWN else day


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(0), get_default_timezone()) if day else None


AVAILABILITY = Availability(
    key="availability",
    name=_("Availability of systems"),
    clause="§5.2",
    formula=_(
        "The agreed time less the outages, over the agreed time. Agreed is the whole period up to now, "
        "round the clock, for each system in use (active), from the day it went into service on where that "
        "is known, without the windows of changes of that system that were carried out (started or "
        "further). An outage lasts from the report of a grade-1 fault of the system to its solution, or to "
        "now; what overlaps counts once, what lies in a window not at all. Merged faults do not count. "
        "Several systems are added up. The rows are the outages that reach into the period."
    ),
    rows=outages,
    at="reported_at",
    source="ticket",
    axes=OF_SYSTEM,
    target=99.5,
    minimum_sample=0,
)
MTBF = BetweenFailures(
    key="mtbf",
    name=_("Mean time between failures"),
    clause="§5.2",
    formula=_(
        "The agreed time less the outages, in hours, as for the availability, over the number of grade-1 "
        "faults of systems in use reported in the period. Merged faults do not count. Without a failure "
        "there is no value."
    ),
    rows=outages,
    at="reported_at",
    source="ticket",
    axes=OF_SYSTEM,
)
