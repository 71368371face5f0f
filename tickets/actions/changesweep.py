"""What time does to changes: windows are reminded of. What is overdue, the record's clock reports up."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tickets import changes as rules
from tickets.actions.changenotices import remind
from tickets.models import Change

BATCH = 100


def tend_changes(*, now: datetime) -> None:
    """Remind of the windows that open within a day, and within an hour; a second run changes nothing."""
    while _remind(now):
        pass


@transaction.atomic
def _remind(now: datetime) -> int:
    """Take each of a batch one reminder further; one whose window has opened is told of no more."""
    rows = Change.objects.to_remind(now).select_for_update(of=("self",), skip_locked=True)
    related = ("planner", "ticket__owner", "ticket__client", "ticket__group")
    batch = list(rows.select_related(*related).order_by("remind_at", "pk")[:BATCH])
    for change in batch:
        assert change.window_from is not None
        # Of two reminders that were missed one is enough.
        change.reminded = max(change.reminded + 1, rules.already_reminded(change.window_from, now=now))
        change.remind_at = rules.remind_at(change.window_from, reminded=change.reminded)
        if now < change.window_from:
            remind(change, now=now)
    Change.objects.bulk_update(batch, ["reminded", "remind_at"])
    return len(batch)
