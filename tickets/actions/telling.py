"""What the owner of a record is told. Written in the transaction of what it tells of."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from staff.actions import notify
from staff.models import User
from tickets.models import Ticket


def tell_owner(ticket: Ticket, *, by: User | None, now: datetime) -> None:
    """Tell a new owner that the record is his, unless he gave it to himself."""
    if ticket.owner != by:
        tell(ticket, "assigned", key=f"assigned:{ticket.pk}:{ticket.version}", now=now)


def tell(ticket: Ticket, kind: str, *, key: str, now: datetime) -> None:
    """Write the owner a notice of this kind about the record; nobody is told where nobody owns it."""
    if ticket.owner is None:
        return
    notify(
        [ticket.owner],
        kind,
        {
            "number": ticket.number,
            "title": ticket.title,
            "client": ticket.client.name,
            "client_en": ticket.client.name_en,
            "grade": ticket.grade,
        },
        url=reverse("tickets:detail", args=[ticket.pk]),
        key=key,
        now=now,
    )
