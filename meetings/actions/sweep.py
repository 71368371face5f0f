"""What time does to meetings: written ahead, invited to, frozen, reminded of, and told of when they are late.

Pulls what is due: as late as it comes, and as often; each row says what was done about it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from meetings.actions.common import log, save, tz
from meetings.actions.holding import freeze
from meetings.actions.planning import write_ahead
from meetings.actions.telling import tell, tell_owner
from meetings.kinds import EventKind, MeetingState
from meetings.models import Decision, Meeting
from meetings.people import in_charge
from meetings.weeks import FREEZE, MINUTES_WITHIN

BATCH = 50
# So long after its time a meeting that nobody began counts as not held.
NOT_HELD_AFTER = timedelta(hours=24)


def tend_meetings(*, now: datetime) -> None:
    """Do all that is due; a second run changes nothing."""
    write_ahead(now=now)
    scheduled = Q(state=MeetingState.SCHEDULED)
    # Whoever hears of a meeting after it has begun hears too late.
    _each(scheduled & Q(announced_at=None, announce_at__lte=now, starts_at__gt=now), _announce, now)
    _each(scheduled & Q(frozen_at=None, starts_at__lte=now + FREEZE), _freeze, now)
    not_held = scheduled & Q(starts_at__lte=now - NOT_HELD_AFTER)
    without_minutes = Q(state=MeetingState.ENDED, ended_at__lte=now - MINUTES_WITHIN)
    _each((not_held | without_minutes) & Q(told_at=None), _tell_late, now)
    while _tell_overdue(now):
        pass


def _each(condition: Q, do: Callable[[Meeting, datetime], None], now: datetime) -> None:
    """Do it to every meeting due for it, a batch a transaction; what somebody holds is left to him."""
    rows = Meeting.objects.filter(condition).select_related("group", "chair").order_by("starts_at", "pk")
    while True:
        with transaction.atomic():
            batch = list(rows.select_for_update(of=("self",), skip_locked=True)[:BATCH])
            for meeting in batch:
                do(meeting, now)
        if len(batch) < BATCH:
            return


def _announce(meeting: Meeting, now: datetime) -> None:
    meeting.announced_at = now
    save(meeting, "announced_at")
    tell(meeting, "invited", now=now)
    log(meeting, EventKind.ANNOUNCED, by=None, now=now)


def _freeze(meeting: Meeting, now: datetime) -> None:
    freeze(meeting, now=now)
    if now < meeting.starts_at:
        tell(meeting, "soon", now=now)


def _tell_late(meeting: Meeting, now: datetime) -> None:
    meeting.told_at = now
    save(meeting, "told_at")
    what = "not_held" if meeting.state == MeetingState.SCHEDULED else "no_minutes"
    tell(meeting, what, now=now, people=in_charge(meeting), kind="meeting_overdue")
    log(meeting, EventKind.REPORTED, by=None, now=now, text="")


@transaction.atomic
def _tell_overdue(now: datetime) -> int:
    """Tell the owner once that his decision is overdue; the next agenda says it to all."""
    overdue = Decision.objects.overdue(now.astimezone(tz()).date()).filter(told_at=None)
    rows = overdue.select_for_update(of=("self",), skip_locked=True).select_related("owner")
    batch = list(rows.order_by("due_on", "pk")[:BATCH])
    for decision in batch:
        decision.told_at = now
        tell_owner(decision, "overdue", now=now)
    Decision.objects.bulk_update(batch, ["told_at"])
    return len(batch)
