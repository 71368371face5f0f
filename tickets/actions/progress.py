"""The client's progress messages: each starts the time until the next (§3.2). Not verbs: verbs call these."""

from __future__ import annotations

from datetime import datetime

from tickets.actions import firing, timing
from tickets.models import ClockKind, EntryKind, Status, Ticket

IN_WORK = (Status.IN_PROGRESS, Status.WAITING)


def promise_word(ticket: Ticket, *, now: datetime) -> None:
    """Owe the client of a locked fault word within one interval of its grade from now on.

    From when somebody works on a graded fault: until then the response clock promises an answer. Where no
    interval holds for the record, no word is owed.
    """
    if ticket.grade is None or ticket.status not in IN_WORK:
        return
    if timing.is_limited(ticket, ClockKind.PROGRESS, at=now):
        timing.start(ticket, ClockKind.PROGRESS, at=now)


def keep_word(ticket: Ticket, *, now: datetime) -> None:
    """Count a word to the client of a locked record: the clock stops in time or late, and the next begins."""
    running = ticket.clocks.running().filter(kind=ClockKind.PROGRESS)
    if running.exists():
        timing.stop(ticket, ClockKind.PROGRESS, now=now)
        promise_word(ticket, now=now)


def count_words(ticket: Ticket, *, since: datetime, now: datetime) -> None:
    """Count the words that the client heard of a locked record while it was merged, as they came.

    One that came too late leaves the interval marked as exceeded; what was to be reported up after it is not.
    """
    words = ticket.entries.filter(kind=EntryKind.MESSAGE, at__gte=since).order_by("pk")
    for at in list(words.values_list("at", flat=True)):
        clock = ticket.clocks.running().filter(kind=ClockKind.PROGRESS).first()
        if clock is None:
            return
        timing.cancel(clock.escalations.planned().filter(due_at__gte=at))
        if clock.due_at is not None and clock.due_at < at:
            firing.fire_due(ticket, now=now)
        keep_word(ticket, now=at)
