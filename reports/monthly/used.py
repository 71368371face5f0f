"""How much of a limit was used, in the hours in which its clock runs (§5.4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from clients.models import ServiceHours
from duty.calendar import working_time
from duty.hours import ROUND_THE_CLOCK, Hours
from staff.templatetags.look import in_words
from tickets.clocks import Interval, elapsed
from tickets.models import PAUSING, Clock, Pause, Ticket

DAY = timedelta(days=1)


def used_of(clocks: Sequence[Clock], tickets: Sequence[Ticket]) -> Mapping[int, timedelta]:
    """Return by clock what was used of it until it stopped: service hours where the limit runs in them,
    without the waiting that held it up. The tickets have their `client__hours`.
    """
    stopped = [clock for clock in clocks if clock.stopped_at is not None]
    if not stopped:
        return {}
    services = {ticket.pk: ticket.client.hours for ticket in tickets}
    pauses: defaultdict[int, list[Interval]] = defaultdict(list)
    spans = Pause.objects.filter(ticket__in={clock.ticket_id for clock in stopped})
    for pk, started_at, ended_at in spans.values_list("ticket", "started_at", "ended_at"):
        pauses[pk].append(Interval(started_at, ended_at))
    since = min(clock.started_at for clock in stopped).date()
    hours = _hours([services[clock.ticket_id] for clock in stopped if not clock.round_the_clock], since)
    found = {}
    for clock in stopped:
        runs: Hours = ROUND_THE_CLOCK
        if not clock.round_the_clock:
            runs = hours[services[clock.ticket_id].pk]
        held_up = pauses[clock.ticket_id] if clock.kind in PAUSING else []
        assert clock.stopped_at is not None
        found[clock.pk] = elapsed(clock.started_at, clock.stopped_at, runs, held_up)
    return found


def _hours(services: Iterable[ServiceHours], since: date) -> Mapping[int, Hours]:
    """The hours of each kind of service once, however many clients have it."""
    distinct = {service.pk: service for service in services}
    prefetch_related_objects(list(distinct.values()), "spans")
    return {pk: working_time(service, since=since) for pk, service in distinct.items()}


def of_limit(clock: Clock, used: timedelta | None) -> str:
    """Time taken and limit in the same clock; what runs in service hours says so."""
    limit = _said(clock, clock.limit)
    said = f"{_said(clock, used)} / {limit}" if used is not None else _("open / %(limit)s") % {"limit": limit}
    return said if clock.round_the_clock else "\n".join([said, _("in service hours")])


def _said(clock: Clock, span: timedelta) -> str:
    """A day of service is not 24 hours long: what runs in service hours is never said in days."""
    if clock.round_the_clock or span < DAY:
        return in_words(span.total_seconds())
    return _("%(hours)s h") % {"hours": f"{round(span.total_seconds() / 3600, 1):g}"}
