"""Windows of changes with what they conflict with, in a fixed number of queries; and those of a week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from clients.models import QuietPeriod, ServiceHours
from clients.quiet import Period
from duty.calendar import working_time
from duty.hours import Hours
from duty.models import CalendarDay, DayKind, Leave, Shift
from tickets.changeconflicts import Conflict, Known, Planned, Span, conflicts_of
from tickets.changes import ChangeState
from tickets.models import Change
from tickets.models.works import ChangeQuerySet

OFF = (DayKind.STATUTORY, DayKind.DAY_IN_LIEU)
WAITING = (ChangeState.SCHEDULED, ChangeState.STARTED)  # nobody need mend the past


@dataclass(frozen=True, slots=True)
class Window:
    """A change with its window, and what that conflicts with."""

    change: Change
    conflicts: Sequence[Conflict]

    @property
    def is_grave(self) -> bool:
        return any(conflict.is_grave for conflict in self.conflicts)


def with_conflicts(rows: Iterable[Change], days: Sequence[CalendarDay] | None = None) -> list[Window]:
    """The changes that have a window, in its order, with what it conflicts with; of `with_names`.

    `days` are those of the calendar that the windows lie in, where they are known already.
    """
    found = sorted((row for row in rows if row.window), key=lambda row: (row.window_from, row.pk))
    watched = [row for row in found if row.state in WAITING]
    if not watched:
        return [Window(row, []) for row in found]
    start = min(row.window_from for row in watched if row.window_from)
    end = max(row.window_to for row in watched if row.window_to)
    known = _known(watched, start, end, _days(start, end) if days is None else days)
    hours = _service_of({row.ticket.client.hours for row in watched}, start)
    quiet = _quiet_of({row.ticket.client_id for row in watched})
    return [
        Window(row, _conflicts(row, known, hours, quiet) if row.state in WAITING else []) for row in found
    ]


def windows_between(
    rows: ChangeQuerySet, start: datetime, end: datetime, days: Sequence[CalendarDay] | None = None
) -> list[Window]:
    """What a calendar shows of [start, end), the windows of what was withdrawn left out."""
    return with_conflicts(rows.in_window(start, end).with_names(), days)


def planned(change: Change) -> Planned:
    """The window as the rules see it; of a change that has one."""
    assert change.window_from is not None and change.window_to is not None
    ticket = change.ticket
    return Planned(
        change.pk,
        change.window_from,
        change.window_to,
        ticket.group_id,
        ticket.system_id,
        ticket.owner_id,
        change.type.hours,
    )


def _conflicts(
    row: Change, known: Known, hours: dict[int, Hours], quiet: dict[int, list[Period]]
) -> list[Conflict]:
    ticket = row.ticket
    own = Known(
        known.tz,
        known.windows,
        known.holidays,
        hours[ticket.client.hours_id],
        quiet[ticket.client_id],
        known.away,
        known.duties,
        known.rostered,
    )
    return conflicts_of(planned(row), own)


def _known(rows: Sequence[Change], start: datetime, end: datetime, days: Iterable[CalendarDay]) -> Known:
    """All that concerns every window alike."""
    english = (get_language() or "").startswith("en")
    groups = {row.ticket.group_id for row in rows}
    owners = {row.ticket.owner_id for row in rows}
    others = Change.objects.filter(state__in=WAITING).in_window(start, end)
    others = others.filter(ticket__system__in={row.ticket.system_id for row in rows if row.ticket.system_id})
    away = Leave.objects.held(start, end).filter(user__in=owners)
    shifts = Shift.objects.filter(group__in=groups)
    facts = ("user", "starts_at", "ends_at", "group")
    then = shifts.filter(starts_at__lt=end, ends_at__gt=start).values_list(*facts)
    last = shifts.order_by("group", "-ends_at").distinct("group").values_list(*facts)
    duties = [Span(*shift) for shift in then.union(last)]  # the last of each says how far it is written out
    rostered = {one.group for one in duties if one.group is not None}
    return Known(
        timezone.get_default_timezone(),
        [planned(other) for other in others.select_related("ticket", "type")],
        {
            day.date: (day.name_en if english else day.name) or str(_("Holiday"))
            for day in days
            if day.kind in OFF
        },
        away=[Span(one.user_id, one.starts_at, one.ends_at) for one in away],
        duties=duties,
        rostered={group: max(one.end for one in duties if one.group == group) for group in rostered},
    )


def _days(start: datetime, end: datetime) -> list[CalendarDay]:
    span = (timezone.localdate(start), timezone.localdate(end))
    return list(CalendarDay.objects.filter(date__range=span, kind__in=OFF))


def _service_of(timetables: set[ServiceHours], start: datetime) -> dict[int, Hours]:
    rows = list(timetables)
    prefetch_related_objects(rows, "spans")
    return {row.pk: working_time(row, since=timezone.localdate(start)) for row in rows}


def _quiet_of(clients: set[int]) -> dict[int, list[Period]]:
    found: dict[int, list[Period]] = defaultdict(list)
    rows = QuietPeriod.objects.filter(client__in=clients).order_by("starts_on")
    facts = ("client", "starts_on", "ends_on", "every_year", "reason")
    for client, *period in rows.values_list(*facts):
        found[client].append(Period(*period))
    return found
