"""The client's progress messages: each starts the time until the next (§3.2). Not verbs: verbs call these."""

from __future__ import annotations

from datetime import datetime

from tickets.actions import timing
from tickets.models import ClockKind, Status, Ticket

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
