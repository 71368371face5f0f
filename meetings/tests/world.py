"""A group of whose every matter the agenda has something to say."""

from __future__ import annotations

from datetime import date, datetime, time

from clients.models import Contact
from duty.actions import edit_day, make_plan
from duty.models import DayKind, Inspection, Leave, LeaveState
from duty.tests.inspections import daily, published
from meetings import actions
from meetings.actions import Decided
from meetings.models import Meeting
from meetings.tests.meetings import DAY, HOUR, START, next_of
from opsdesk.testing import Cast
from surveys.tests.correcting import planned
from tickets.actions import acknowledge, grade
from tickets.models import Grade, HowGiven, RemoteAuthorisation
from visits import actions as visits
from visits.kinds import Method


def busy(cast: Cast, start: datetime | None = None) -> Meeting:
    """The meeting of the Monday at `start` (the cast's), after a week in which everything happened."""
    start = start or START
    now = start - 3 * DAY + 2 * HOUR  # Friday 16:00
    before = start - 7 * DAY
    actions.write_ahead(now=before - 4 * DAY)
    held = next_of(cast.south, before - 4 * DAY)
    held = actions.start_meeting(held, by=cast.wang, now=before)
    decided = Decided("备件清单本周补齐", cast.chen, before.date() + 2 * DAY)
    actions.decide(held, "leftovers", decided, by=cast.wang, now=before)
    actions.end_meeting(held, by=cast.wang, now=before + HOUR)

    for days, level in ((4, Grade.ONE), (3, Grade.TWO)):
        at = before + days * DAY - 4 * HOUR
        ticket = grade(cast.ticket(at), level, reason="按条款", by=cast.li, now=at)
        ticket = acknowledge(ticket, by=cast.chen, now=at + HOUR)
    cast.ticket(now - HOUR / 4)
    RemoteAuthorisation.objects.create(
        ticket=ticket,
        given_by="孙主任",
        how=HowGiven.PHONE,
        callback_number="0755-1234",
        given_at=now,
        other_systems="HIS",
        purpose="查看日志",
        window_from=now,
        window_to=start + 9 * DAY,
        recorded_by=cast.li,
        recorded_at=now,
        written_due_at=now + 5 * DAY,
    )
    missed_inspection(cast, before.date() + 2 * DAY)
    visits.arrange(
        cast.hospital,
        method=Method.PHONE,
        on=start.date() + DAY,
        note="看升级后的报表",
        person=cast.li,
        by=cast.li,
        now=now,
    )
    planned(cast, before, due_on=start.date() - DAY, contact=Contact.objects.get(pk=cast.contact.pk))
    Leave.objects.create(
        user=cast.chen, starts_at=start + 2 * DAY, ends_at=start + 3 * DAY, state=LeaveState.APPROVED
    )
    edit_day(
        start.date() + 8 * DAY,
        kind=DayKind.STATUTORY,
        name="元旦",
        name_en="New Year's Day",
        by=cast.admin,
        now=now,
    )
    actions.write_ahead(now=now)
    return next_of(cast.south, now)


def missed_inspection(cast: Cast, day: date) -> Inspection:
    sheet = published(cast, now=_morning(day - 5 * DAY))
    plan = make_plan(sheet, daily(since=day), by=cast.wang, now=_morning(day))
    found = plan.inspections.get(day=day)
    Inspection.objects.filter(pk=found.pk).update(missed_at=_morning(day) + 2 * HOUR)
    return found


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(8), START.tzinfo)
