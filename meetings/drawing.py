"""A meeting's agenda, drawn from all sources now, or as it was frozen with what changed since marked."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count

from meetings.agenda import KEPT, SHOWN, MarkedSection, Section, compared, read, unmarked
from meetings.asked import Asked, asked_about, in_one
from meetings.kinds import MeetingState
from meetings.models import Meeting
from meetings.sources import SOURCES


def asked_for(meeting: Meeting, now: datetime, *, of: str = "") -> Asked:
    """What the sources are asked for this meeting. One query where it was not loaded `with_weeks`."""
    weeks: int | None = getattr(meeting, "merged", None)
    if weeks is None:
        weeks = meeting.covers.count()
    return asked_about(meeting.group, meeting.pk, meeting.week, weeks + 1, now, of)


def with_weeks(rows):  # type: ignore[no-untyped-def]
    """Meetings with how many others they cover, as `merged`."""
    return rows.annotate(merged=Count("covers"))


def draw(asked: Asked, *, limit: int = SHOWN) -> list[Section]:
    """Ask every source, in one query all that have rows."""
    found = in_one(SOURCES, asked, limit)
    return [Section(name, drawn.count, drawn.lines) for name, drawn in found.items()]


def agenda_of(meeting: Meeting, now: datetime) -> list[MarkedSection]:
    """The agenda as the meeting has it: live before the freeze, then frozen with later changes marked.

    What changes after the meeting has ended is the next one's affair.
    """
    if meeting.frozen_at is None:
        return unmarked(draw(asked_for(meeting, now)))
    frozen = [one for one in read(meeting.agenda) if one.source in SOURCES]
    if meeting.state not in (MeetingState.SCHEDULED, MeetingState.RUNNING):
        return unmarked(frozen)
    return compared(frozen, draw(asked_for(meeting, now), limit=KEPT))
