"""KPIs of the maintenance record library: limits kept, and how long things took (§5.4).

A change is a record, but no call and no fault (decision 28); a merged one counts with the record that
answers for it. So neither is among these.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from reports.kpis.definition import Duration, Rows, Share, Stock
from reports.scope import Axis
from tickets.models import Clock, ClockKind, Escalation, Kind, Status, Ticket
from tickets.models.ticket import TicketQuerySet

OF_TICKET = {Axis.GROUP: "group", Axis.PERSON: "owner", Axis.CLIENT: "client"}
OF_ITS_PARTS = {axis: f"ticket__{lookup}" for axis, lookup in OF_TICKET.items()}
IN_TIME = Q(stopped_at__lte=F("due_at"))
# What would make a rate of limits beautiful: letting records wait, and merging them.
NOT_COUNTED = ("waiting", "paused_hours", "merged")


def calls() -> TicketQuerySet:
    """Records of faults, requests and complaints that stand for themselves."""
    return Ticket.objects.exclude(status=Status.MERGED).exclude(kind=Kind.CHANGE)


def faults() -> TicketQuerySet:
    return Ticket.objects.filter(kind=Kind.FAULT).exclude(status=Status.MERGED)


def clocks(kind: ClockKind) -> Rows:
    """Clocks that count: a regrade replaced none of them. One that stands still has no deadline."""
    return Clock.objects.current().filter(kind=kind)


RESPONSE = Share(
    key="response",
    name=_("Answered in time"),
    clause="§5.4",
    formula=_(
        "Response clocks that stopped at or before their deadline, over all whose deadline lies in the "
        "period. Clocks that a new grade or a merge has set aside do not count, nor do clocks that stand "
        "still because their record waits."
    ),
    rows=lambda: clocks(ClockKind.RESPONSE),
    at="due_at",
    source="clock",
    axes=OF_ITS_PARTS,
    counted=IN_TIME,
    target=95,
    beside=NOT_COUNTED,
)
DIAGNOSIS = Share(
    key="diagnosis",
    name=_("Diagnosed in time"),
    clause="§5.4.1.2",
    formula=_(
        "Diagnosis clocks of faults that stopped at or before their deadline, over all whose deadline lies "
        "in the period. Clocks that a new grade or a merge has set aside do not count, nor do clocks that "
        "stand still because their record waits."
    ),
    rows=lambda: clocks(ClockKind.DIAGNOSIS),
    at="due_at",
    source="clock",
    axes=OF_ITS_PARTS,
    counted=IN_TIME,
    target=90,
    beside=NOT_COUNTED,
)
REPORT_UP = Share(
    key="report_up",
    name=_("Reported up in time"),
    clause="§5.4",
    formula=_(
        "Report-ups that were sent no later than ten seconds after their time (not marked late) and found "
        "somebody to tell, over all whose time lies in the period. Those of merged records do not count."
    ),
    rows=lambda: Escalation.objects.exclude(ticket__status=Status.MERGED),
    at="due_at",
    source="escalation",
    axes=OF_ITS_PARTS,
    counted=Q(fired_at__isnull=False, is_late=False, found_nobody=False),
    target=100,
    beside=NOT_COUNTED,
)
ARRIVAL = Share(
    key="arrival",
    name=_("On site in time"),
    clause="§5.4.1.2",
    formula=_(
        "Arrival clocks that stopped at or before their deadline, over all whose deadline lies in the "
        "period. Clocks that a new grade or a merge has set aside do not count, nor does an arrival that "
        "was not owed any more before it was due."
    ),
    rows=lambda: clocks(ClockKind.ARRIVAL),
    at="due_at",
    source="clock",
    axes=OF_ITS_PARTS,
    counted=IN_TIME,
    target=98,
    beside=("merged",),
)
RESOLUTION = Share(
    key="resolution",
    name=_("Solved in time"),
    clause="§5.4.1.2",
    formula=_(
        "Resolution clocks that stopped at or before their deadline, over all whose deadline lies in the "
        "period. A record that was reopened has one for each time. Clocks that a new grade or a merge has "
        "set aside do not count, nor do clocks that stand still because their record waits."
    ),
    rows=lambda: clocks(ClockKind.RESOLUTION),
    at="due_at",
    source="clock",
    axes=OF_ITS_PARTS,
    counted=IN_TIME,
    target=90,
    beside=NOT_COUNTED,
)
MTTA = Duration(
    key="mtta",
    name=_("Mean time to answer"),
    clause="§5.4",
    formula=_(
        "From the report to the first answer by a person, over the records that were first answered in the "
        "period. Merged records and changes do not count."
    ),
    rows=calls,
    at="acknowledged_at",
    source="ticket",
    axes=OF_TICKET,
    of=F("acknowledged_at") - F("reported_at"),
)
MTTR = Duration(
    key="mttr",
    name=_("Mean time to restore"),
    clause="§5.4",
    formula=_(
        "From the report of a fault to its solution, waiting included, over the faults solved in the "
        "period. One that was reopened counts with its last solution, in the period of that. Merged ones "
        "do not count."
    ),
    rows=faults,
    at="resolved_at",
    source="ticket",
    axes=OF_TICKET,
    of=F("resolved_at") - F("reported_at"),
    beside=("paused_hours", "merged"),
)


def open_at(instant: datetime) -> Q:
    """The condition of records that were reported before an instant and not closed by then."""
    ended = Q(closed_at__isnull=True) | Q(closed_at__gte=instant)
    return Q(reported_at__lt=instant) & ended & ~Q(status=Status.MERGED)


BACKLOG = Stock(
    key="backlog",
    name=_("Open records"),
    clause="§3.2",
    formula=_(
        "Records of all kinds, changes among them, that were reported before the end of the period and not "
        "closed before it; for a period that has not ended, now stands for its end. Merged ones do not "
        "count. One that was reopened later counts as open throughout."
    ),
    rows=Ticket.objects.all,
    at="reported_at",
    source="ticket",
    axes=OF_TICKET,
    standing=open_at,
    higher_is_better=False,
)
