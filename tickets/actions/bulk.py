"""One verb on many records: each by itself, so that what is refused for one holds up no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import transaction

from tickets.lifecycle import Refused
from tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record: as it stands now, or why not."""

    ticket: Ticket
    refusal: str = ""


def each(tickets: Iterable[Ticket], verb: Callable[[Ticket], object]) -> list[Outcome]:
    """Do a verb on each record, in a transaction of its own; return what became of each, in their order.

    A record is locked only while its own turn lasts, so two people with overlapping lists never wait for
    each other's whole list. What the rules refuse is an outcome, any other error is raised.
    """
    return [_one(ticket, verb) for ticket in tickets]


def _one(ticket: Ticket, verb: Callable[[Ticket], object]) -> Outcome:
    try:
        with transaction.atomic():
            verb(ticket)
    except Refused as refused:
        return Outcome(ticket, str(refused))
    return Outcome(ticket)
