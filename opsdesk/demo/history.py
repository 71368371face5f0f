"""Closed history, written in bulk: thousands of records in seconds, in the order of their calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from opsdesk.demo.ledger import Ledger
from opsdesk.demo.lookup import Lookup
from opsdesk.demo.story import Story
from tickets.actions.indexing import index
from tickets.models import (
    Clock,
    CoordinationMeeting,
    Entry,
    Escalation,
    Link,
    Overrun,
    Pause,
    ServiceStep,
    Ticket,
    TimeSpent,
    Verdict,
)

CHUNK = 1000


def write(
    stories: Sequence[Story],
    lookup: Lookup,
    *,
    judge: Callable[[Ledger], None] = lambda ledger: None,
    say: Callable[[int], None] = lambda done: None,
) -> list[Ticket]:
    """Write stories that are over. Their ids follow the order given, out of the table's own sequence.

    `judge` says what became of the overruns of each before it is written.
    """
    written: list[Ticket] = []
    for start in range(0, len(stories), CHUNK):
        ledgers = [Ledger(lookup).keep(story) for story in stories[start : start + CHUNK]]
        for ledger in ledgers:
            judge(ledger)
        written += _insert(ledgers)
        say(len(written))
    return written


def _insert(ledgers: list[Ledger]) -> list[Ticket]:
    """Parents before children; each `bulk_create` fills in the ids that the next one refers to."""
    tickets = Ticket.objects.bulk_create([ledger.ticket for ledger in ledgers])
    Pause.objects.bulk_create([pause for ledger in ledgers for pause in ledger.pauses])
    Clock.objects.bulk_create([clock.row for ledger in ledgers for clock in ledger.clocks])
    Overrun.objects.bulk_create([case for ledger in ledgers for case in ledger.overruns])
    Escalation.objects.bulk_create([step for ledger in ledgers for step in ledger.escalations])
    told = Escalation.told.through
    told.objects.bulk_create(
        told(escalation_id=step.pk, user_id=person.pk)
        for ledger in ledgers
        for step, people in ledger.told
        for person in people
    )
    for ledger in ledgers:
        ledger.name_the_repeated()
    CoordinationMeeting.objects.bulk_create([row for ledger in ledgers for row in ledger.meetings])
    asked = CoordinationMeeting.invited.through
    asked.objects.bulk_create(
        asked(coordinationmeeting_id=meeting.pk, user_id=person.pk)
        for ledger in ledgers
        for meeting, invited in zip(ledger.meetings, ledger.invited, strict=True)
        for person in invited
    )
    Verdict.objects.bulk_create([row for ledger in ledgers for row in ledger.verdicts])
    ServiceStep.objects.bulk_create([row for ledger in ledgers for row in ledger.steps])
    Entry.objects.bulk_create([entry for ledger in ledgers for entry in ledger.entries])
    Link.objects.bulk_create([ledger.repeat for ledger in ledgers if ledger.repeat])
    TimeSpent.objects.bulk_create([row for ledger in ledgers for row in ledger.times])
    index(tickets)
    return tickets
