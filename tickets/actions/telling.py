"""What a record's owner is told, or who answers for it. Written in the transaction of what it tells of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse

from staff.actions import notify
from staff.models import User
from tickets.actions.people import resolve
from tickets.models import Entry, Target, Ticket


def tell_owner(entry: Entry, *, by: User | None, now: datetime) -> None:
    """Tell the owner that the record is his since this entry, unless he gave it to himself."""
    ticket = entry.ticket
    if ticket.owner != by:
        tell(ticket, "assigned", key=f"assigned:{entry.pk}", now=now)


def tell(ticket: Ticket, kind: str, *, key: str, now: datetime) -> None:
    """Write the owner a notice of this kind about the record; nobody is told where nobody owns it."""
    if ticket.owner is not None:
        tell_people(ticket, [ticket.owner], kind, key=key, now=now)


def tell_who_answers(ticket: Ticket, kind: str, *, key: str, now: datetime) -> None:
    """Write the same where the client has spoken: somebody reads it, though nobody owns the record yet."""
    people, _found_at = resolve(Target.OWNER, ticket, now)
    tell_people(ticket, people, kind, key=key, now=now)


def tell_people(
    ticket: Ticket, people: Iterable[User], kind: str, *, key: str, now: datetime, **more: object
) -> None:
    """Write these people a notice of this kind about the record; `more` is what else its text needs."""
    facts = {
        "number": ticket.number,
        "title": ticket.title,
        "client": ticket.client.name,
        "client_en": ticket.client.name_en,
        "grade": ticket.grade,
    }
    notify(people, kind, facts | more, url=reverse("tickets:detail", args=[ticket.pk]), key=key, now=now)
