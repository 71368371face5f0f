"""A roster as an iCalendar file (RFC 5545): duty, place and people, and nothing of a client.

Times are in UTC, so that no reader needs a table of time zones. What changed a shift is told in words that
people write about clients too, so no reason and no note is given out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from duty.actions.announcing import announced_span
from duty.models import Feed, FeedEvent, FeedKind

READ_AGAIN = timedelta(hours=1)
# Part of every tag: a calendar that is written otherwise is another one.
EDITION = 1


def events_of(feed: Feed, now: datetime) -> list[FeedEvent]:
    """What a calendar shows now: 15 days back, 180 ahead, what was called off among it."""
    span = announced_span(now)
    found = FeedEvent.objects.shown_by(feed, span.starts_at, span.ends_at)
    return list(found.select_related("user", "group"))


def tag_of(feed: Feed, events: Sequence[FeedEvent], language: str) -> str:
    """The calendar's ETag, known before it is written."""
    facts = [
        (event.pk, event.sequence, event.changed_at.timestamp(), event.user.label, event.group.label)
        for event in events
    ]
    known = repr((EDITION, language, feed.kind, name_of(feed), facts))
    return f'"{hashlib.sha256(known.encode()).hexdigest()[:32]}"'


def name_of(feed: Feed) -> str:
    """What the calendar is called, in the language spoken."""
    group = feed.user.group
    whose = feed.user.label if feed.kind == FeedKind.MINE or group is None else group.label
    return _("Duty · %(whose)s") % {"whose": whose}


def as_calendar(feed: Feed, events: Sequence[FeedEvent]) -> bytes:
    """Write the calendar in the language spoken: the same for the same events, whenever it is read."""
    calendar = empty_calendar(name_of(feed), of="Duty")
    for event in events:
        calendar.add_component(_written(event, feed))
    return calendar.to_ical()


def empty_calendar(name: str, *, of: str) -> Calendar:
    """A calendar to subscribe to, read again each hour, with nothing in it yet; `of` says what made it."""
    calendar = Calendar()
    calendar.add("prodid", f"-//OpsDesk//{of}//EN")
    calendar.add("version", "2.0")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", READ_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    return calendar


def _written(event: FeedEvent, feed: Feed) -> Event:
    is_off = event.called_off_at is not None
    title = f"{event.get_role_display()} · "
    title += event.group.label if feed.kind == FeedKind.MINE else event.user.label
    written = Event()
    written.add("uid", str(event.uid))
    written.add("summary", _("Called off: %(duty)s") % {"duty": title} if is_off else title)
    written.add("dtstart", _utc(event.starts_at))
    written.add("dtend", _utc(event.ends_at))
    written.add("dtstamp", _utc(event.changed_at))
    written.add("last-modified", _utc(event.changed_at))
    written.add("sequence", event.sequence)
    written.add("status", "CANCELLED" if is_off else "CONFIRMED")
    written.add("transp", "TRANSPARENT")
    return written


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)
