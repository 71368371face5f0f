"""Who has a record open. No fact of the process: no history entry, and nothing is locked."""

from __future__ import annotations

from datetime import datetime

from staff.models import User
from tickets.models import Presence, Ticket
from tickets.models.presence import KEPT_FOR


def be_present(ticket: Ticket, *, is_writing: bool, by: User, now: datetime) -> list[Presence]:
    """Say that `by` has the record open, and whether he writes; return who else has, the writers first.

    One statement without a lock on the record, so that looking never stands in the way of working.
    """
    Presence.objects.bulk_create(
        [Presence(ticket=ticket, user=by, seen_at=now, is_writing=is_writing)],
        update_conflicts=True,
        unique_fields=["ticket", "user"],
        update_fields=["seen_at", "is_writing"],
    )
    others = Presence.objects.visible_to(by).filter(ticket=ticket).now(now).exclude(user=by)
    return list(others.select_related("user").order_by("-is_writing", "user_id"))


def forget_absent(*, now: datetime) -> int:
    """Delete those who have not been heard of for 30 s; return how many. A second run finds none."""
    return Presence.objects.filter(seen_at__lte=now - KEPT_FOR).delete()[0]
