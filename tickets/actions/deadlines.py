"""The sweep: find what is due, mark it, report it up (§5.4).

One plain function, called by the Celery tick and by the Redis-free guard. It is safe to run twice, late, or
by many workers at once: it locks records with SKIP LOCKED, and every step is written at most once.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import Error, transaction
from django.db.models import F, prefetch_related_objects
from django.urls import reverse

from staff.actions import notify
from staff.models import Role, User
from tickets.actions.firing import fire_all
from tickets.actions.journal import finish_all
from tickets.models import Clock, Ticket

log = logging.getLogger(__name__)
# A record that cannot be worked off is tried again later and later, so that it never starves the others.
FIRST_RETRY, LAST_RETRY = timedelta(seconds=5), timedelta(minutes=5)
ALARM_AFTER = 3  # failed attempts


@dataclass(slots=True)
class Pace:
    """How many clocks this process takes at once: as many as it works off in a fifth of a second.

    More at once are quicker. Fewer keep a person who acts on one of the records waiting less, and less is to
    be done again where the process is killed; so a busy machine takes fewer.
    """

    size: int = 50
    fewest: int = 20
    most: int = 400
    aim: float = 0.2  # seconds

    def learn(self, taken: int, seconds: float) -> None:
        """Take in how long so many took."""
        fitting = int(taken * self.aim / seconds)
        if seconds > self.aim:
            self.size = max(fitting, self.fewest)
        elif taken == self.size:
            self.size = min(fitting, 2 * self.size, self.most)


pace = Pace()


def enforce_deadlines(*, now: datetime, batches: int | None = None) -> int:
    """Mark and report everything that came due before `now`; return how many steps fired.

    Works in batches, soonest first, until nothing is due that another worker does not already hold; at most
    so many `batches`, for a caller that must come back in time.
    """
    total = done = 0
    while batches is None or done < batches:
        size, begun = pace.size, time.perf_counter()
        taken, fired = _sweep_batch(now, size)
        pace.learn(taken, time.perf_counter() - begun)
        total, done = total + fired, done + 1
        if taken < size:
            break
    return total


def next_deadline() -> datetime | None:
    """Return the soonest instant at which any clock wants attention."""
    return (
        Clock.objects.filter(next_at__isnull=False)
        .order_by("next_at")
        .values_list("next_at", flat=True)
        .first()
    )


def _sweep_batch(now: datetime, size: int) -> tuple[int, int]:
    """Take the soonest clocks whose records nobody holds; return how many clocks, and how much fired."""
    with transaction.atomic():
        due = (
            Ticket.objects.filter(clocks__next_at__lt=now)
            .order_by("clocks__next_at", "clocks__id")
            .select_for_update(skip_locked=True, of=("self",))
        )
        by_clock = list(due[:size])
        tickets = list({ticket.pk: ticket for ticket in by_clock}.values())
        prefetch_related_objects(tickets, "client", "group", "owner")
        return len(by_clock), _fire(tickets, now) if tickets else 0


def _fire(tickets: list[Ticket], now: datetime) -> int:
    """Fire what is due on locked records, all together; where one fails, by halves until it stands alone."""
    try:
        with transaction.atomic():
            fired = fire_all(tickets, now=now)
            finish_all([pk for pk, steps in fired.items() if steps])
            return fired.total()
    except Exception as error:
        if isinstance(error, Error) and not transaction.get_connection().is_usable():
            raise  # nothing more can be written on it: the next sweep goes on
        if len(tickets) == 1:
            log.exception("deadlines of %s could not be enforced; trying again later", tickets[0].number)
            _put_off(tickets[0], now)
            return 0
    middle = len(tickets) // 2
    return _fire(tickets[:middle], now) + _fire(tickets[middle:], now)


def _put_off(ticket: Ticket, now: datetime) -> None:
    for clock in ticket.clocks.running().filter(next_at__lt=now):
        wait = min(FIRST_RETRY * 2**clock.failures, LAST_RETRY)
        Clock.objects.filter(pk=clock.pk).update(failures=F("failures") + 1, next_at=now + wait)
        if clock.failures + 1 == ALARM_AFTER:
            _alarm(ticket, now)


def _alarm(ticket: Ticket, now: datetime) -> None:
    """Tell the administrators about a record that keeps failing, as the auditor would within a minute."""
    notify(
        User.objects.filter(is_active=True, role=Role.ADMINISTRATOR),
        "audit",
        {"number": ticket.number, "code": "deadline_keeps_failing"},
        url=reverse("tickets:detail", args=[ticket.pk]),
        key=f"audit:deadline_keeps_failing:{ticket.pk}:{now:%Y-%m-%d}",
        now=now,
    )
