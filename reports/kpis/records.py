"""KPIs of the maintenance record library: limits kept, durations, what stands open (§5.4)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from reports.kpis.definition import Duration, Rows, Share, Stock
from reports.scope import Axis
from tickets.models import Clock, ClockKind, Status, Ticket

OF_TICKET = {Axis.GROUP: "group", Axis.PERSON: "owner", Axis.CLIENT: "client"}
OF_ITS_PARTS = {axis: f"ticket__{lookup}" for axis, lookup in OF_TICKET.items()}
IN_TIME = Q(stopped_at__lte=F("due_at"))


def _clocks(kind: ClockKind) -> Rows:
    """Clocks that count: a regrade replaced none of them. One that stands still has no deadline."""
    return Clock.objects.current().filter(kind=kind)


RESPONSE = Share(
    key="response",
    name=_("Answered in time"),
    clause="§5.4",
    formula=_("Records that a person answered within the limit, over all whose limit ended in the period."),
    rows=lambda: _clocks(ClockKind.RESPONSE),
    at="due_at",
    source="clock",
    axes=OF_ITS_PARTS,
    counted=IN_TIME,
    target=95,
)
MTTR = Duration(
    key="mttr",
    name=_("Mean time to restore"),
    clause="§5.4",
    formula=_("From the report of a fault to its solution, over the faults solved in the period."),
    rows=lambda: Ticket.objects.filter(kind="fault").exclude(status=Status.MERGED),
    at="resolved_at",
    source="ticket",
    axes=OF_TICKET,
    of=F("resolved_at") - F("reported_at"),
)


def _open_at(instant: datetime) -> Q:
    ended = Q(closed_at__isnull=True) | Q(closed_at__gte=instant)
    return Q(reported_at__lt=instant) & ended & ~Q(status=Status.MERGED)


BACKLOG = Stock(
    key="backlog",
    name=_("Open records"),
    clause="§3.2",
    formula=_("Records reported before the end of the period and not closed by then."),
    rows=Ticket.objects.all,
    at="reported_at",
    source="ticket",
    axes=OF_TICKET,
    standing=_open_at,
    higher_is_better=False,
)
