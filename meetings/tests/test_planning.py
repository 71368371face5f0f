"""Meetings are written ahead, once a group and week, whatever becomes of the beat (§6.1.1)."""

from __future__ import annotations

import os
import random
from datetime import date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction

from duty.actions import edit_day, load_year
from duty.calendar import working_days
from duty.models import DayKind
from duty.official import plan_of
from meetings import actions
from meetings.actions import Wanted
from meetings.kinds import EventKind, MeetingState, Why
from meetings.models import Meeting, MeetingPlan
from meetings.tests.meetings import DAY, START, THURSDAY, next_of, written
from meetings.weeks import WEEK, announce_at, monday_of, placed
from opsdesk.testing import Cast, at
from staff.models import Group, Notice
from staff.refused import Refused
from tickets.lifecycle import Moved

DRILL = bool(os.environ.get("OPSDESK_DRILL"))
WEEKS, GROUPS = (520, 6) if DRILL else (60, 3)
pytestmark = pytest.mark.django_db


def test_four_weeks_ahead_are_written_once(cast: Cast) -> None:
    actions.write_ahead(now=THURSDAY)
    weeks = list(Meeting.objects.filter(group=cast.south).order_by("week").values_list("week", flat=True))
    assert weeks == [date(2026, 11, 23), date(2026, 11, 30), date(2026, 12, 7), date(2026, 12, 14)]
    before = list(Meeting.objects.values())
    actions.write_ahead(now=THURSDAY)
    assert list(Meeting.objects.values()) == before
    with pytest.raises(IntegrityError), transaction.atomic():
        twin = Meeting.objects.filter(group=cast.south)[0]
        twin.pk, twin.uid = None, None
        twin.save(force_insert=True)


@pytest.mark.drill("meetings")
def test_no_beat_late_doubled_or_dead_makes_two_meetings_or_none(cast: Cast, record_property: object) -> None:
    """The rows that come of any beats are those of the calendar: one a group and week, at its instant."""
    dice = random.Random(7)
    first = date(2017, 1, 2) if DRILL else date(2025, 12, 1)
    for year in range(first.year - 1, (first + (WEEKS + 6) * WEEK).year + 1):
        load_year(plan_of(year))
    for number in range(GROUPS - 2):
        Group.objects.create(code=f"g{number}", name=f"g{number}")
    start = datetime.combine(first, time(8), START.tzinfo)
    actions.write_ahead(now=start)
    for number, plan in enumerate(MeetingPlan.objects.order_by("pk")):
        if number in (1, 3):
            wanted = Wanted((4, 2)[number // 2], time(9), 45)
            actions.set_plan(plan, wanted, by=cast.admin, now=start)
    now, until = start, start + WEEKS * WEEK
    outages = 0
    while now < until:
        actions.write_ahead(now=now)
        if dice.random() < 0.2:
            actions.write_ahead(now=now)  # doubled
        if dice.random() < 0.02:
            now += timedelta(days=dice.randint(20, 60))  # dead, and late for weeks
            outages += 1
        else:
            now += timedelta(hours=dice.randint(20, 90))
    actions.write_ahead(now=now)
    assert outages
    is_working = working_days(since=first - 10 * WEEK)
    for plan in MeetingPlan.objects.select_related("group"):
        rows = Meeting.objects.filter(group=plan.group, week__lt=first + WEEKS * WEEK)
        by_week = {row.week: row for row in rows}
        assert sorted(by_week) == [first + n * WEEK for n in range(WEEKS)]
        own = [row for row in by_week.values() if row.state == MeetingState.SCHEDULED]
        assert len({row.starts_at for row in own}) == len(own)
        for week, row in by_week.items():
            wanted_place = placed(week, plan.slot(START.tzinfo), is_working)
            assert row.starts_at == wanted_place.starts_at
            assert row.announce_at == announce_at(row.starts_at, is_working, START.tzinfo)
            assert (row.state == MeetingState.MERGED) == (wanted_place.into is not None)
            assert bool(row.reason) == (wanted_place.is_moved or wanted_place.into is not None)


def test_two_mondays_of_the_spring_festival_are_one_meeting(cast: Cast) -> None:
    load_year(plan_of(2026))
    written(cast, at("2026-02-05 09:00"))
    of_both = Meeting.objects.get(group=cast.south, week=date(2026, 2, 23))
    covered = Meeting.objects.get(group=cast.south, week=date(2026, 2, 16))
    assert of_both.starts_at == at("2026-02-24 14:00") and of_both.why == Why.HOLIDAY
    assert covered.state == MeetingState.MERGED and covered.merged_into == of_both
    assert "春节" in of_both.reason and of_both.reason.startswith("2026-02-23")
    assert covered.reason.startswith("2026-02-16")


def test_a_dead_beat_at_the_hour_of_the_meeting_loses_none(cast: Cast) -> None:
    """Nothing ran since Thursday of three weeks before: the meeting is there, and begins."""
    meeting = written(cast, START - 18 * DAY)
    meeting = next_of(cast.south, START - DAY)
    begun = actions.start_meeting(meeting, by=cast.wang, now=START)
    assert begun.state == MeetingState.RUNNING and begun.frozen_at == START


def test_the_calendar_moves_what_nobody_has_touched(cast: Cast) -> None:
    meeting = written(cast)
    actions.tend_meetings(now=at("2026-11-20 16:00"))
    edit_day(meeting.week, kind=DayKind.DAY_IN_LIEU, name="停电", name_en="x", by=cast.admin, now=THURSDAY)
    actions.tend_meetings(now=at("2026-11-20 16:01"))
    meeting.refresh_from_db()
    assert meeting.starts_at == at("2026-11-24 14:00") and meeting.sequence == 1
    assert (meeting.why, meeting.reason) == (Why.HOLIDAY, "2026-11-23 停电")
    told = Notice.objects.filter(recipient=cast.li, kind="meeting").order_by("pk")
    assert [notice.params["what"] for notice in told] == ["invited", "moved"]


def test_what_was_moved_or_cancelled_by_hand_stays_so(cast: Cast) -> None:
    meeting = written(cast)
    moved = actions.move_meeting(
        meeting, starts_at=at("2026-11-25 09:00"), reason="领导出差", by=cast.wang, now=THURSDAY
    )
    later = Meeting.objects.get(group=cast.south, week=date(2026, 11, 30))
    gone = actions.cancel_meeting(later, reason="全员培训", by=cast.wang, now=THURSDAY)
    edit_day(meeting.week, kind=DayKind.DAY_IN_LIEU, name="停电", name_en="", by=cast.admin, now=THURSDAY)
    plan = MeetingPlan.objects.get(group=cast.south)
    actions.set_plan(plan, Wanted(1, time(10), 30), by=cast.wang, now=THURSDAY)
    for _time in range(2):
        actions.write_ahead(now=THURSDAY + DAY)
    for row in (moved, gone):
        row.refresh_from_db()
    assert moved.starts_at == at("2026-11-25 09:00") and moved.why == Why.BY_HAND
    assert gone.state == MeetingState.CANCELLED
    third = Meeting.objects.get(group=cast.south, week=date(2026, 12, 7))
    assert third.starts_at == at("2026-12-08 10:00") and third.minutes == 30
    kinds = list(moved.events.values_list("kind", flat=True))
    assert kinds == [EventKind.SCHEDULED, EventKind.MOVED]


def test_a_meeting_may_not_be_moved_into_another_week_or_the_past(cast: Cast) -> None:
    meeting = written(cast)
    for starts_at, code in ((at("2026-12-01 14:00"), "other_week"), (THURSDAY - DAY, "invalid")):
        with pytest.raises(Refused) as refused:
            actions.move_meeting(meeting, starts_at=starts_at, reason="x", by=cast.wang, now=THURSDAY)
        assert (refused.value.field, refused.value.code) == ("starts_at", code)
    with pytest.raises(Refused) as refused:
        actions.move_meeting(meeting, starts_at=START + DAY, reason=" ", by=cast.wang, now=THURSDAY)
    assert refused.value.field == "reason"
    with pytest.raises(Refused) as refused:
        actions.move_meeting(meeting, starts_at=START + DAY, reason="x", by=cast.li, now=THURSDAY)
    assert refused.value.code == "forbidden"
    actions.move_meeting(meeting, starts_at=START + DAY, reason="x", by=cast.wang, now=THURSDAY)
    with pytest.raises(Moved):
        actions.cancel_meeting(meeting, reason="x", by=cast.wang, now=THURSDAY)


def test_the_plan_is_changed_by_who_leads_the_group_and_kept(cast: Cast) -> None:
    written(cast)
    plan = MeetingPlan.objects.get(group=cast.south)
    wanted = Wanted(2, time(15, 30), 90, "三楼会议室", "https://meet.test/1", cast.chen)
    with pytest.raises(Refused):
        actions.set_plan(plan, wanted, by=cast.li, now=THURSDAY)
    changed = actions.set_plan(plan, wanted, by=cast.wang, now=THURSDAY)
    [entry] = changed.events.filter(kind=EventKind.PLAN_CHANGED)
    assert entry.changes["weekday"] == ["0", "2"] and entry.by == cast.wang
    meeting = next_of(cast.south, THURSDAY)
    assert meeting.starts_at == at("2026-11-25 15:30") and meeting.chair == cast.chen
    with pytest.raises(Refused) as refused:
        actions.set_plan(changed, Wanted(0, time(14), 5), by=cast.wang, now=THURSDAY)
    assert refused.value.field == "minutes"
    assert monday_of(meeting.week) == meeting.week
