"""Mark what has come due on a locked record and report it up (§5.4). Called by the sweep and by every verb.

An instant has passed when it lies strictly before `now`: what is done at the very instant is in time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse

from staff.actions import notify
from staff.models import User
from tickets import escalation
from tickets.actions import people, timing
from tickets.models import Clock, ClockKind, Entry, EntryKind, Escalation, Target, Ticket

# What fires later than this after its instant is marked late. It is a promise of the product (two sweeps of
# the slowest guard), not a limit of the process.
LATE_AFTER = timedelta(seconds=10)


def fire_due(ticket: Ticket, *, now: datetime) -> int:
    """Mark and report everything on the record's clocks that came due before `now`; return how much it was.

    Steps of one record fire in the order of their instants. Each is written at most once, whoever calls.
    """
    ringing = list(ticket.clocks.running().filter(next_at__lt=now))
    steps = escalation.in_order(step for clock in ringing for step in _due_steps(clock, now))
    for step in steps:
        clock = step.clock
        if step.kind == escalation.NEAR:
            clock.near_marked_at = now
            _enter(ticket, EntryKind.NEAR, clock, step.at, now)
        elif step.kind == escalation.BREACH:
            clock.breached_marked_at = now
            _enter(ticket, EntryKind.BREACHED, clock, step.at, now)
        else:
            _report_up(step.report_up, clock, ticket, now)
    for clock in ringing:
        clock.next_at = timing.next_instant(clock)
        clock.failures = 0
        clock.save()
    return len(steps)


def _due_steps(clock: Clock, now: datetime) -> list[escalation.Step]:
    return escalation.due_steps(
        clock,
        near_at=None if clock.near_marked_at else clock.near_at,
        due_at=None if clock.breached_marked_at else clock.due_at,
        planned=[(e.due_at, e) for e in clock.escalations.planned().filter(due_at__lt=now) if e.due_at],
        now=now,
    )


def _report_up(planned: Escalation, clock: Clock, ticket: Ticket, now: datetime) -> None:
    told, reached = people.resolve(Target(planned.target), ticket, now)
    planned.fired_at = now
    planned.is_late = is_late(planned.due_at, now)
    planned.found_nobody = reached != planned.target
    planned.save()
    planned.told.set(told)
    _enter(
        ticket,
        EntryKind.REPORTED_UP,
        clock,
        planned.due_at,
        now,
        target=planned.target,
        reached=reached,
        told=[person.name for person in told],
    )
    _tell(told, planned, clock, ticket, now)


def _enter(
    ticket: Ticket, kind: EntryKind, clock: Clock, due_at: datetime | None, now: datetime, **more: object
) -> None:
    facts = {
        "clock": clock.kind,
        "due_at": due_at.isoformat() if due_at else None,
        "late": is_late(due_at, now),
    }
    Entry.objects.create(ticket=ticket, kind=kind, by=None, at=now, changes=facts | more)


def _tell(told: list[User], planned: Escalation, clock: Clock, ticket: Ticket, now: datetime) -> None:
    notify(
        told,
        "report_up",
        {
            "number": ticket.number,
            "title": ticket.title,
            "client": ticket.client.name,
            "client_en": ticket.client.name_en,
            "grade": ticket.grade,
            "clock": clock.kind,
            "clock_due_at": clock.due_at.isoformat() if clock.due_at else None,
            "breached": bool(clock.due_at and clock.due_at < now),
            "is_next_step": clock.kind == ClockKind.NEXT_STEP,
            "due_at": planned.due_at.isoformat() if planned.due_at else None,
            "late": planned.is_late,
        },
        url=reverse("tickets:detail", args=[ticket.pk]),
        key=f"escalation:{planned.pk}",
        now=now,
    )


def is_late(due_at: datetime | None, now: datetime) -> bool:
    """Say whether something due at `due_at` and done at `now` came later than the product promises."""
    return due_at is not None and now - due_at > LATE_AFTER
