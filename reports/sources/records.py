"""Rows of the maintenance record library and of what happens on its records (§3.2, §5.4, §4.2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.sources.listing import Cell, PartOf, Source, in_time, name_of
from tickets.models import (
    Change,
    Clock,
    Dispatch,
    Entry,
    Escalation,
    Link,
    Pause,
    RemoteSession,
    Ticket,
    TimeSpent,
)

# The long texts of a record, which no list shows.
TEXTS = ("details", "grade_reason", "diagnosis", "solution")
OF_A_RECORD = ("ticket__client", "ticket__group", "ticket__owner")
OF_ITS_TEXTS = tuple(f"ticket__{name}" for name in TEXTS)
RECORD = (
    gettext_lazy("Record"),
    gettext_lazy("Client"),
    gettext_lazy("What happened"),
    gettext_lazy("Owner"),
)


def record_url(pk: int) -> str:
    return reverse("tickets:detail", args=[pk])


def of_record(ticket: Ticket) -> tuple[Cell, ...]:
    """What every list says of a record; nobody's is its group's."""
    who = name_of(ticket.owner) or name_of(ticket.group)
    return ticket.number, name_of(ticket.client), ticket.title, who


def _ticket(ticket: Ticket, now: datetime) -> Sequence[Cell]:
    graded = ticket.get_grade_display() if ticket.grade else ticket.get_kind_display()
    status = ticket.get_status_display()
    dates = (ticket.reported_at, ticket.acknowledged_at, ticket.resolved_at, ticket.closed_at)
    return *of_record(ticket), graded, *dates, status


def _clock(clock: Clock, now: datetime) -> Sequence[Cell]:
    result = in_time(clock.stopped_at, clock.due_at, now)
    return *of_record(clock.ticket), clock.kind_label, clock.due_at, clock.stopped_at, result


def _escalation(step: Escalation, now: datetime) -> Sequence[Cell]:
    if step.fired_at is None:
        result = _("not sent")
    elif step.found_nobody:
        result = _("found nobody")
    else:
        result = _("too late") if step.is_late else _("in time")
    return *of_record(step.ticket), step.get_target_display(), step.due_at, step.fired_at, result


def _dispatch(order: Dispatch, now: datetime) -> Sequence[Cell]:
    outcome = _("called off") if order.called_off_at else order.get_outcome_display()
    number, client, title, _owner = of_record(order.ticket)
    dates = (order.ordered_at, order.arrived_at, order.left_at)
    return number, client, title, name_of(order.engineer), *dates, outcome


def _entry(entry: Entry, now: datetime) -> Sequence[Cell]:
    return *of_record(entry.ticket), entry.at, name_of(entry.by)


def _pause(pause: Pause, now: datetime) -> Sequence[Cell]:
    hours = round(((pause.ended_at or now) - pause.started_at).total_seconds() / 3600, 2)
    return *of_record(pause.ticket), pause.get_reason_display(), pause.started_at, pause.ended_at, hours


def _merge(link: Link, now: datetime) -> Sequence[Cell]:
    return *of_record(link.record), f"T-{link.other_id}", link.at, name_of(link.by)


def _time(spent: TimeSpent, now: datetime) -> Sequence[Cell]:
    number, client, title, _owner = of_record(spent.ticket)
    return number, client, title, name_of(spent.person), spent.on, spent.minutes


def _session(session: RemoteSession, now: datetime) -> Sequence[Cell]:
    allowed = session.authorisation
    number, client, title, _owner = of_record(allowed.ticket)
    dates = (allowed.window_from, allowed.window_to, session.started_at, session.ended_at)
    return number, client, title, name_of(session.operator), allowed.get_how_display(), *dates


def _change(change: Change, now: datetime) -> Sequence[Cell]:
    dates = (change.started_at, change.finished_at)
    return *of_record(change.ticket), name_of(change.type), *dates, change.get_outcome_display()


TICKET = Source(
    Ticket,
    (
        *RECORD,
        gettext_lazy("Grade or kind"),
        gettext_lazy("Reported"),
        gettext_lazy("Answered"),
        gettext_lazy("Solved"),
        gettext_lazy("Closed"),
        gettext_lazy("State"),
    ),
    _ticket,
    lambda ticket: record_url(ticket.pk),
    ("client", "group", "owner"),
    TEXTS,
)
CLOCK = PartOf(
    Clock,
    (*RECORD, gettext_lazy("Clock"), gettext_lazy("Due"), gettext_lazy("Stopped"), gettext_lazy("Result")),
    _clock,
    lambda clock: record_url(clock.ticket_id),
    OF_A_RECORD,
    OF_ITS_TEXTS,
    "ticket",
    Ticket,
)
ESCALATION = PartOf(
    Escalation,
    (*RECORD, gettext_lazy("Whom"), gettext_lazy("Due"), gettext_lazy("Sent"), gettext_lazy("Result")),
    _escalation,
    lambda step: record_url(step.ticket_id),
    OF_A_RECORD,
    OF_ITS_TEXTS,
    "ticket",
    Ticket,
)
DISPATCH = Source(
    Dispatch,
    (
        *RECORD[:3],
        gettext_lazy("Engineer"),
        gettext_lazy("Ordered"),
        gettext_lazy("Arrived"),
        gettext_lazy("Left"),
        gettext_lazy("Result"),
    ),
    _dispatch,
    lambda order: record_url(order.ticket_id),
    (*OF_A_RECORD, "engineer"),
    OF_ITS_TEXTS,
)
SOLUTION = PartOf(
    Entry,
    (*RECORD, gettext_lazy("Solved"), gettext_lazy("By whom")),
    _entry,
    lambda entry: record_url(entry.ticket_id),
    (*OF_A_RECORD, "by"),
    (*OF_ITS_TEXTS, "text", "changes"),
    "ticket",
    Ticket,
)
PAUSE = PartOf(
    Pause,
    (*RECORD, gettext_lazy("Why"), gettext_lazy("From"), gettext_lazy("To"), gettext_lazy("Hours")),
    _pause,
    lambda pause: record_url(pause.ticket_id),
    OF_A_RECORD,
    (*OF_ITS_TEXTS, "text"),
    "ticket",
    Ticket,
)
MERGE = PartOf(
    Link,
    (*RECORD, gettext_lazy("Merged into"), gettext_lazy("When"), gettext_lazy("By whom")),
    _merge,
    lambda link: record_url(link.record_id),
    ("record__client", "record__group", "record__owner", "by"),
    (*(f"record__{name}" for name in TEXTS), "reason"),
    "record",
    Ticket,
)
TIME = PartOf(
    TimeSpent,
    (*RECORD[:3], gettext_lazy("Person"), gettext_lazy("Day"), gettext_lazy("Minutes")),
    _time,
    lambda spent: record_url(spent.ticket_id),
    (*OF_A_RECORD, "person"),
    OF_ITS_TEXTS,
    "ticket",
    Ticket,
)
SESSION = Source(
    RemoteSession,
    (
        *RECORD[:3],
        gettext_lazy("Operator"),
        gettext_lazy("How it was given"),
        gettext_lazy("Window from"),
        gettext_lazy("Window to"),
        gettext_lazy("Began"),
        gettext_lazy("Ended"),
    ),
    _session,
    lambda session: record_url(session.authorisation.ticket_id),
    ("operator", *(f"authorisation__{name}" for name in OF_A_RECORD)),
    (*(f"authorisation__{name}" for name in OF_ITS_TEXTS), "summary"),
)
CHANGE = Source(
    Change,
    (
        *RECORD,
        gettext_lazy("Work type"),
        gettext_lazy("Began"),
        gettext_lazy("Ended"),
        gettext_lazy("Result"),
    ),
    _change,
    lambda change: reverse("changes:change", args=[change.pk]),
    (*OF_A_RECORD, "type"),
    OF_ITS_TEXTS,
)
