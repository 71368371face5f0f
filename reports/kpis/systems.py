"""KPIs of clients' systems: how much of the agreed time they ran, and how long between failures (§5.2).

A system is agreed to run round the clock from the day on which it went into service, but for the windows of
planned changes. It is down from the report of a grade-1 fault to its solution.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.db.models import Q
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext_lazy as _

from clients.models import System
from reports.kpis.definition import Rows
from reports.kpis.figure import Figure, Unit
from reports.kpis.outages import NOTHING, Span, Uptime, uptime
from reports.kpis.records import faults
from reports.kpis.shapes import Computed
from reports.scope import Axis, Scope
from tickets.changes import ChangeState
from tickets.models import Change, Grade

OF_SYSTEM = {Axis.GROUP: "system__client__group", Axis.CLIENT: "system__client"}
# Windows of what is carried out; what is only planned may never come.
CARRIED_OUT = (ChangeState.STARTED, ChangeState.DONE, ChangeState.REVIEWED, ChangeState.CLOSED)


def outages() -> Rows:
    """Grade-1 faults of systems that are in use."""
    return faults().filter(grade=Grade.ONE, system__isnull=False, system__is_active=True)


@dataclass(frozen=True, kw_only=True)
class OfSystems(Computed):
    """A figure of the uptime of systems."""

    def uptimes(
        self, scope: Scope, spans: Sequence[tuple[datetime, datetime]], *, now: datetime
    ) -> Sequence[Mapping[int, Uptime]]:
        """Return for each span the uptime of each system of the scope (its id), in three statements."""
        spans = [(start, min(end, now)) for start, end in spans]
        first, last = min(start for start, _end in spans), max(end for _start, end in spans)
        systems = _systems(scope)
        down = _by_system(
            self.within(scope)
            .filter(Q(resolved_at=None) | Q(resolved_at__gt=first), reported_at__lt=last)
            .order_by()
            .values_list("system", "reported_at", "resolved_at"),
            now,
        )
        planned = _by_system(
            Change.objects.filter(
                state__in=CARRIED_OUT, ticket__system__in=systems, window_from__lt=last, window_to__gt=first
            )
            .order_by()
            .values_list("ticket__system", "window_from", "window_to"),
            now,
        )
        return [
            {
                system: uptime(span, since, down.get(system, ()), planned.get(system, ()))
                for system, since in systems.items()
            }
            for span in spans
        ]


@dataclass(frozen=True, kw_only=True)
class Availability(OfSystems):
    """The share of the agreed time in which the systems ran, in per cent of seconds."""

    def falls(self, start: datetime, end: datetime, *, now: datetime) -> Q:
        """Outages that reach into the period."""
        return Q(reported_at__lt=min(end, now)) & (Q(resolved_at=None) | Q(resolved_at__gt=start))

    def figures(
        self, scope: Scope, spans: Sequence[tuple[datetime, datetime]], *, now: datetime
    ) -> Sequence[Figure]:
        return [share_of(found.values()) for found in self.uptimes(scope, spans, now=now)]


@dataclass(frozen=True, kw_only=True)
class BetweenFailures(OfSystems):
    """The time that systems ran, in hours, over how often they failed."""

    unit: Unit = Unit.HOURS
    minimum_sample: int = 1

    def figures(
        self, scope: Scope, spans: Sequence[tuple[datetime, datetime]], *, now: datetime
    ) -> Sequence[Figure]:
        found = []
        failures = self.within(scope).order_by().values_list("reported_at", flat=True)
        first, last = min(start for start, _end in spans), max(end for _start, end in spans)
        times = list(failures.filter(self.falls(first, last, now=now)))
        for (start, end), uptimes in zip(spans, self.uptimes(scope, spans, now=now), strict=True):
            ran = sum((one.up for one in uptimes.values()), NOTHING)
            failed = sum(start <= at < min(end, now) for at in times)
            found.append(Figure(self.unit, ran.total_seconds() / 3600, failed))
        return found


def share_of(uptimes: Iterable[Uptime]) -> Figure:
    """The availability of several systems: all their agreed time taken together, in whole seconds.

    What is taken off for the outages is exact, so that without any it is 100 % and never more.
    """
    known = list(uptimes)
    agreed = sum((one.agreed for one in known), NOTHING).total_seconds()
    up = sum((one.up for one in known), NOTHING).total_seconds()
    return Figure(Unit.PERCENT, round(agreed) - (agreed - up), round(agreed), is_of_time=True)


def _systems(scope: Scope) -> dict[int, datetime | None]:
    """The systems in use of a scope, each with the instant from which it is agreed to run."""
    tz = get_default_timezone()
    rows = System.objects.filter(is_active=True)
    if scope.group is not None:
        rows = rows.filter(client__group=scope.group)
    if scope.client is not None:
        rows = rows.filter(client=scope.client)
    return {
        pk: datetime.combine(day, time(0), tz) if day else None
        for pk, day in rows.order_by().values_list("pk", "in_service_since")
    }


def _by_system(rows: Rows, now: datetime) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = defaultdict(list)
    for system, start, end in rows:
        found[system].append((start, end or now))
    return found


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
