"""Meetings for tests: the next one of a group, brought as far as a test needs it."""

from __future__ import annotations

from datetime import datetime, timedelta

from meetings import actions
from meetings.models import Meeting
from opsdesk.testing import Cast, at
from staff.models import Group

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
THURSDAY = at("2026-11-19 10:00")  # the week before the cast's Monday
START = at("2026-11-23 14:00")


def written(cast: Cast, now: datetime = THURSDAY) -> Meeting:
    """The next meeting of the southern group."""
    actions.write_ahead(now=now)
    return next_of(cast.south, now)


def next_of(group: Group, now: datetime) -> Meeting:
    rows = Meeting.objects.filter(group=group, starts_at__gt=now).meeting().select_related("group", "chair")
    return rows.order_by("starts_at")[0]


def running(cast: Cast) -> Meeting:
    """The meeting of Monday, begun on time by its supervisor."""
    meeting = written(cast)
    actions.tend_meetings(now=START - 30 * MINUTE)
    return actions.start_meeting(meeting, by=cast.wang, now=START)


def ended(cast: Cast) -> Meeting:
    return actions.end_meeting(running(cast), by=cast.wang, now=START + HOUR)
