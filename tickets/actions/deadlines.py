"""The sweep: find what is due, mark it, report it up (§5.4).

One plain function, called by the Celery tick and by the Redis-free guard. It is safe to run twice, late, or
by many workers at once: it locks records with SKIP LOCKED, and every step is written at most once.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import F

from tickets.actions.firing import fire_due
from tickets.actions.journal import finish
from tickets.models import Clock, Ticket

log = logging.getLogger(__name__)
BATCH = 100
# A record that cannot be worked off is tried again later and later, so that it never starves the others.
FIRST_RETRY, LAST_RETRY = timedelta(seconds=5), timedelta(minutes=5)


def enforce_deadlines(*, now: datetime) -> int:
    """Mark and report everything that came due before `now`; return how many steps fired.

    Works in batches, soonest first, until nothing is due that another worker does not already hold.
    """
    total = 0
    while True:
        taken, fired = _sweep_batch(now)
        total += fired
        if taken < BATCH:
            return total


def next_deadline() -> datetime | None:
    """Return the soonest instant at which any clock wants attention."""
    return (
        Clock.objects.filter(next_at__isnull=False)
        .order_by("next_at")
        .values_list("next_at", flat=True)
        .first()
    )


def _sweep_batch(now: datetime) -> tuple[int, int]:
    due = (
        Clock.objects.filter(next_at__lt=now).order_by("next_at").values_list("ticket_id", flat=True)[:BATCH]
    )
    with transaction.atomic():
        locked = (
            Ticket.objects.filter(pk__in=set(due))
            .select_related("client", "group", "owner")
            .select_for_update(skip_locked=True, of=("self",))
        )
        tickets = list(locked)
        return len(tickets), sum(_sweep_one(ticket, now) for ticket in tickets)


def _sweep_one(ticket: Ticket, now: datetime) -> int:
    try:
        with transaction.atomic():
            fired = fire_due(ticket, now=now)
            if fired:
                finish(ticket)
            return fired
    except Exception as error:
        if isinstance(error, DatabaseError) and _connection_is_gone():
            raise
        log.exception("deadlines of %s could not be enforced; trying again later", ticket.number)
        _put_off(ticket, now)
        return 0


def _put_off(ticket: Ticket, now: datetime) -> None:
    for clock in ticket.clocks.running().filter(next_at__lt=now):
        wait = min(FIRST_RETRY * 2**clock.failures, LAST_RETRY)
        Clock.objects.filter(pk=clock.pk).update(failures=F("failures") + 1, next_at=now + wait)


def _connection_is_gone() -> bool:
    return not transaction.get_connection().is_usable()
