"""Time that an entry took, and its correction by a counter-entry."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from staff.models import User
from staff.refused import require
from tickets.actions.journal import changing, record
from tickets.lifecycle import Move, Refused
from tickets.models import Entry, EntryKind, Ticket, TimeSpent
from tickets.timespent import LONGEST


def spend(entry: Entry, minutes: int | None) -> None:
    """Write down how many minutes an entry took its writer, where he said so. Not a verb.

    The day is that of the entry, as the house counts days.
    """
    if minutes is None or entry.by is None:
        return
    if entry.by.is_contact:
        raise Refused(_("Only the staff counts its time."), field="minutes", code="forbidden")
    if not 0 < minutes <= LONGEST:
        raise Refused(_("Between 1 minute and 24 hours."), field="minutes", code="invalid")
    TimeSpent.objects.create(
        ticket=entry.ticket,
        entry=entry,
        person=entry.by,
        minutes=minutes,
        on=timezone.localdate(entry.at),
    )


def correct_time(
    ticket: Ticket, spent: TimeSpent, *, minutes: int, reason: str, by: User, now: datetime
) -> Entry:
    """Correct one's own time of this week to `minutes` (0: it was none at all) by a counter-entry.

    What was written stands; the difference is added on the same day. Raises `Refused` for somebody else's
    time, for one of another week, and when nothing would change.
    """
    with changing(ticket, Move.CORRECT_TIME, by=by, now=now) as fresh:
        if spent.person_id != by.pk:
            raise Refused(_("Everybody corrects his own time only."), field="spent", code="forbidden")
        if not is_correctable(spent, now):
            raise Refused(
                _("Time is corrected in the week in which it was spent."), field="spent", code="late"
            )
        reason = require(reason, "reason")
        if not 0 <= minutes <= LONGEST:
            raise Refused(_("Between 0 minutes and 24 hours."), field="minutes", code="invalid")
        corrected = spent.corrections.aggregate(sum=Sum("minutes"))["sum"] or 0
        was = spent.minutes + corrected
        if was == minutes:
            raise Refused(_("That is what it says already."), field="minutes", code="unchanged")
        changes = {"minutes": [was, minutes]}
        entry = record(fresh, EntryKind.TIME_CORRECTED, by=by, now=now, text=reason, changes=changes)
        TimeSpent.objects.create(
            ticket=fresh, entry=entry, person=by, minutes=minutes - was, on=spent.on, corrects=spent
        )
    return entry


def is_correctable(spent: TimeSpent, now: datetime) -> bool:
    """Whether it was spent in the week of `now`, Monday to Sunday, and is no correction itself."""
    this_week = timezone.localdate(now).isocalendar()[:2]
    return spent.corrects_id is None and spent.on.isocalendar()[:2] == this_week
