"""Meetings on which every example of the REST interface runs, for days from now.

The examples say `/meetings/1/`, `T-10234` and 2026-12-07: a meeting on which the verb is possible, a record,
and the seventh day from today.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from meetings import actions
from meetings.actions import Decided
from meetings.models import Decision, Meeting
from meetings.tests.meetings import DAY, HOUR, MINUTE
from opsdesk.apioperations import EXAMPLE_PATHS
from opsdesk.testing import Cast
from staff.models import User

STATES = {
    "start": "soon",
    "note": "running",
    "attend": "running",
    "decide": "running",
    "end": "running",
    "publish": "ended",
    "add_to": "published",
    "minutes": "published",
    "agenda": "running",
}


@dataclass
class World:
    cast: Cast
    meetings: Mapping[str, Meeting]
    decision: Decision
    record: str

    def fits(self, text: str) -> str:
        """An address or a body of the examples, as it is here and today."""
        for stand_in, value in EXAMPLE_PATHS.items():
            text = text.replace(stand_in, value)
        verb = re.search(r"/meetings/1/(\w+)/", text)
        meeting = self.meetings[STATES.get(verb[1], "scheduled") if verb else "scheduled"]
        text = text.replace("/decisions/1/", f"/decisions/{self.decision.pk}/")
        text = text.replace("/meetings/1/", f"/meetings/{meeting.pk}/").replace("T-10234", self.record)
        today = timezone.localdate()
        text = text.replace("2026-12-08T10:00:00+08:00", "MOVED")
        text = re.sub(r"2026-12-(\d\d)", lambda found: (today + int(found[1]) * DAY).isoformat(), text)
        return text.replace("MOVED", (self.meetings["scheduled"].starts_at + HOUR).isoformat())

    def who_does(self, address: str) -> User:
        return self.cast.wang


def build_world(cast: Cast) -> World:
    now = timezone.now()
    actions.write_ahead(now=now - timedelta(weeks=9))
    actions.write_ahead(now=now)
    rows = Meeting.objects.filter(group=cast.south).meeting()
    published, ended, running = rows.filter(starts_at__lt=now - 8 * DAY).order_by("-starts_at")[:3]
    soon, scheduled = rows.filter(starts_at__gt=now + 8 * DAY).order_by("starts_at")[:2]
    Meeting.objects.filter(pk=soon.pk).update(starts_at=now + 10 * MINUTE)
    for meeting in (published, ended, running):
        actions.start_meeting(meeting, by=cast.wang, now=meeting.starts_at)
    actions.write_note(published, "faults", text="x", by=cast.wang, now=published.starts_at)
    for meeting in (published, ended):
        actions.end_meeting(meeting, by=cast.wang, now=meeting.starts_at + HOUR)
    actions.publish_minutes(published, language="en", by=cast.wang, now=now - DAY)
    actions.add_to_minutes(published, text="y", by=cast.wang, now=now)
    decided = Decided("x", cast.chen, timezone.localdate(now) + DAY)
    decision = actions.decide(running, "leftovers", decided, by=cast.wang, now=now)
    found = {"published": published, "ended": ended, "running": running, "soon": soon, "scheduled": scheduled}
    return World(cast, found, decision, cast.ticket(now - HOUR).number)
