"""The pages of meetings, each with something on it, for the test that opens every page."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.urls import reverse
from django.utils import timezone

from meetings import actions
from meetings.actions import Decided
from meetings.kinds import MeetingState
from meetings.models import Decision, Meeting
from meetings.tests.meetings import DAY, HOUR, MINUTE
from meetings.weeks import WEEK, monday_of
from opsdesk.testing import Cast
from staff.models import User

LONG = "住院收费系统在高峰期反复断开连接并丢失未保存的医嘱" * 5


def about_now(cast: Cast) -> Meeting:
    """A meeting of the southern group that begins in ten minutes, with its agenda frozen; invited to."""
    now = timezone.now()
    actions.write_ahead(now=now)
    rows = Meeting.objects.filter(group=cast.south, state=MeetingState.SCHEDULED, starts_at__gt=now)
    meeting = rows.order_by("starts_at")[0]
    facts = {"starts_at": now + 10 * MINUTE, "announce_at": now - DAY, "is_by_hand": True, "why": "by_hand"}
    Meeting.objects.filter(pk=meeting.pk).update(**facts, reason="x")
    actions.tend_meetings(now=now - HOUR)
    return Meeting.objects.select_related("group", "chair").get(pk=meeting.pk)


def meeting_pages(cast: Cast) -> list[tuple[str, str]]:
    """A meeting ahead, one running on a frozen agenda, one with minutes; long words in all of them."""
    now, tz = timezone.now(), timezone.get_default_timezone()
    week = monday_of(timezone.localdate(now)) - 2 * WEEK
    actions.write_ahead(now=datetime.combine(week - DAY, time(8), tz))
    actions.write_ahead(now=now)
    rows = Meeting.objects.filter(group=cast.south).meeting()
    old = rows.filter(starts_at__lt=now).order_by("starts_at")[0]
    actions.add_item(old, title=LONG[:190], details=LONG, by=cast.li, now=old.starts_at - HOUR)
    held = actions.start_meeting(old, by=cast.wang, now=old.starts_at)
    actions.write_note(held, "faults", text=LONG, by=cast.wang, now=old.starts_at)
    for text, ticket in ((LONG, cast.ticket(now - HOUR)), ("补交报告", None)):
        decided = Decided(text, cast.chen, old.starts_at.date() + DAY, ticket)
        actions.decide(held, "leftovers", decided, by=cast.wang, now=old.starts_at)
    actions.end_meeting(held, by=cast.wang, now=old.starts_at + HOUR)
    actions.publish_minutes(held, language="zh-hans", by=cast.wang, now=old.starts_at + 2 * HOUR)
    actions.add_to_minutes(held, text=LONG, by=cast.wang, now=old.starts_at + 3 * HOUR)
    soon = about_now(cast)
    actions.add_item(soon, title=LONG[:190], details=LONG, by=cast.li, now=now)
    actions.start_meeting(soon, by=cast.wang, now=now)
    actions.write_note(soon, "decisions", text=LONG[:500], by=cast.wang, now=now)
    User.objects.filter(pk=cast.wang.pk).update(email="wang@opsdesk.test")
    ahead = rows.filter(starts_at__gt=now + 7 * DAY).order_by("starts_at")[0]
    gone = rows.filter(starts_at__gt=ahead.starts_at + timedelta(days=1)).order_by("starts_at")[0]
    actions.add_item(ahead, title=LONG[:190], by=cast.li, now=now)
    actions.cancel_meeting(gone, reason=LONG[:290], by=cast.wang, now=now)
    one, free = "meetings:meeting", soon.items.get(source="").key
    room = reverse("meetings:room", args=[soon.pk])
    decision = Decision.objects.earliest("pk")
    return [
        ("wang", reverse("meetings:list")),
        ("zhao", reverse("meetings:list") + "?list=behind"),
        ("wang", reverse(one, args=[ahead.pk])),
        ("li", reverse(one, args=[soon.pk])),
        ("wang", reverse(one, args=[held.pk])),
        ("li", reverse(one, args=[gone.pk])),
        ("wang", room),
        ("wang", f"{room}?item=decisions"),
        ("wang", f"{room}?item=leftovers"),
        ("wang", f"{room}?item={free}"),
        ("wang", f"{room}?item=end"),
        ("li", reverse("meetings:rows", args=[soon.pk, "leftovers"])),
        ("li", reverse("meetings:rows", args=[soon.pk, "decisions"]) + "?frozen=1"),
        ("wang", reverse("meetings:minutes", args=[held.pk])),
        ("zhao", reverse("meetings:decisions") + "?list=all"),
        ("outsider", reverse("meetings:decisions")),
        ("wang", reverse("meetings:decision", args=[decision.pk])),
        ("zhao", reverse("meetings:plans")),
        ("wang", reverse("meetings:plan", args=["south"])),
    ]
