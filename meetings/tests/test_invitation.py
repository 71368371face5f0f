"""Invitations as a calendar reads them: imported, updated, cancelled, with a SEQUENCE that rises."""

from __future__ import annotations

from datetime import UTC, date, time, timedelta

import pytest
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse
from icalendar import Calendar, Event

from duty.actions import load_year
from duty.official import plan_of
from meetings import actions
from meetings.actions import Wanted
from meetings.models import Meeting, MeetingPlan
from meetings.tests.meetings import START, THURSDAY, written
from opsdesk.testing import Cast, at
from staff.delivery import deliver
from staff.models import User

pytestmark = pytest.mark.django_db


def calendar_of(meeting: Meeting, reader: User) -> Calendar:
    browser = Browser(headers={"Accept-Language": "en"})
    browser.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    answer = browser.get(reverse("meetings:invitation", args=[meeting.pk]))
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/calendar")
    found = Calendar.from_ical(answer.content)
    assert isinstance(found, Calendar)
    return found


class Diary:
    """What somebody's calendar program keeps: by UID the event of the highest sequence (RFC 5546)."""

    def __init__(self) -> None:
        self.events: dict[str, Event] = {}

    def take(self, calendar: Calendar) -> Event:
        [event] = calendar.walk("VEVENT")
        uid = str(event["uid"])
        kept = self.events.get(uid)
        assert kept is None or int(event["sequence"]) >= int(kept["sequence"])
        assert (calendar["method"] == "CANCEL") == (str(event["status"]) == "CANCELLED")
        self.events[uid] = event
        return event


def test_an_invitation_is_imported_updated_and_cancelled(cast: Cast) -> None:
    User.objects.filter(pk=cast.wang.pk).update(email="wang@opsdesk.test")
    meeting, diary = written(cast), Diary()
    plan = MeetingPlan.objects.get(group=cast.south)
    actions.set_plan(plan, Wanted(0, time(14), 90, "301", "", cast.wang), by=cast.wang, now=THURSDAY)
    first = diary.take(calendar_of(meeting, cast.li))
    assert first.decoded("dtstart") == START.astimezone(UTC)
    assert first.decoded("dtend") - first.decoded("dtstart") == timedelta(minutes=90)
    assert str(first["organizer"]) == "mailto:wang@opsdesk.test" and str(first["location"]) == "301"
    meeting.refresh_from_db()
    facts = {"by": cast.wang, "now": THURSDAY}
    meeting = actions.move_meeting(meeting, starts_at=at("2026-11-24 09:00"), reason="出差", **facts)
    second = diary.take(calendar_of(meeting, cast.li))
    assert second["uid"] == first["uid"] and int(second["sequence"]) > int(first["sequence"])
    assert second.decoded("dtstart") == at("2026-11-24 09:00").astimezone(UTC)
    meeting = actions.cancel_meeting(meeting, reason="培训", **facts)
    third = diary.take(calendar_of(meeting, cast.li))
    assert third["uid"] == first["uid"] and int(third["sequence"]) > int(second["sequence"])
    assert len(diary.events) == 1 and str(third["summary"]).startswith("Cancelled")


def test_a_meeting_that_is_merged_into_another_is_cancelled_in_calendars(cast: Cast) -> None:
    load_year(plan_of(2026))
    actions.write_ahead(now=at("2026-02-05 09:00"))
    diary = Diary()
    for week in (date(2026, 2, 16), date(2026, 2, 23)):
        diary.take(calendar_of(Meeting.objects.get(group=cast.south, week=week), cast.li))
    assert sorted(str(event["status"]) for event in diary.events.values()) == ["CANCELLED", "CONFIRMED"]


def test_the_invitation_goes_with_the_e_mail(cast: Cast) -> None:
    """By mail it is taken into calendars at once: invited, moved, cancelled, each with a higher sequence."""
    User.objects.filter(pk=cast.li.pk).update(email="li@opsdesk.test", email_notices=True)
    meeting, diary = written(cast), Diary()
    now = at("2026-11-20 16:00")
    actions.tend_meetings(now=now)
    meeting.refresh_from_db()
    facts = {"by": cast.wang, "now": now}
    meeting = actions.move_meeting(meeting, starts_at=at("2026-11-24 09:00"), reason="出差", **facts)
    actions.cancel_meeting(meeting, reason="培训", **facts)
    while deliver(now=now + timedelta(hours=1)):
        pass
    sent = [message for message in mail.outbox if message.to == ["li@opsdesk.test"]]
    files = [file for message in sent for file in message.attachments]
    assert len(files) == 3
    sequences = [int(diary.take(Calendar.from_ical(file.content))["sequence"]) for file in files]
    assert sorted(sequences) == [0, 1, 2] and len(diary.events) == 1
    assert {file.mimetype for file in files} == {
        "text/calendar; method=REQUEST",
        "text/calendar; method=CANCEL",
    }
