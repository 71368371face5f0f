"""Nobody may not hear of a gap: who is told of holes and of holidays without cover, when, and how often."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.urls import reverse

from duty.actions import (
    approve_leave,
    ask_leave,
    empty_shifts_of,
    end_override,
    place_override,
    publish_all,
    raise_alarms,
    raise_all,
    raise_holiday_alarms,
    set_alarm_terms,
)
from duty.models import (
    CalendarYear,
    DutyRole,
    HoleAlarm,
    Override,
    OverrideKind,
    RosterEvent,
    RosterTerms,
    Rotation,
    Shift,
)
from duty.tests.rosters import defined
from opsdesk.testing import MONDAY, Cast, at
from staff.models import ManagementLevel, Notice, Role, User
from staff.notices import render
from staff.refused import Refused
from staff.topics import never_waits

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SATURDAY = at("2026-12-05 18:00")  # twelve days ahead


@pytest.fixture
def roster(cast: Cast) -> Cast:
    """Somebody at every hour, from Monday morning on."""
    defined(cast, since=MONDAY, starts=time(9, 30), ends=time(9, 30))
    return cast


def vacate(cast: Cast, starts_at=SATURDAY, hours: float = 12) -> Override:
    ends_at = starts_at + hours * HOUR
    return place_override(
        cast.south, OverrideKind.REMOVE, DutyRole.PRIMARY, starts_at, ends_at, by=cast.wang, now=MONDAY
    )


def told(person: User, kind: str = "holes") -> list[Notice]:
    return list(Notice.objects.filter(recipient=person, kind=kind).order_by("pk"))


def words(notice: Notice, language: str = "en") -> str:
    return "\n".join(render(notice, language=language))


# Holes


def test_without_a_hole_nobody_is_told_and_a_group_without_a_roster_is_not_watched(roster):
    assert raise_all(now=MONDAY) == 0
    assert not Notice.objects.filter(kind="holes").exists() and not HoleAlarm.objects.exists()


def test_a_new_hole_is_told_to_the_supervisor_once(roster):
    vacate(roster)
    assert [raise_all(now=MONDAY + n * HOUR) for n in range(3)] == [1, 0, 0]
    (notice,) = told(roster.wang)
    assert notice.url == f"{reverse('duty:now')}#south"
    assert "from 12-05 18:00 on: South" in words(notice) and "nobody is planned" in words(notice)
    assert not told(roster.zhao) and not told(roster.admin)


def test_it_is_told_again_as_it_comes_near_and_to_the_department_manager_within_a_day(roster):
    vacate(roster)
    instants = [SATURDAY - days * DAY for days in (12, 7, 3, 1, 0)]
    counts = []
    for instant in instants:
        raise_all(now=instant)
        raise_all(now=instant)
        counts.append((len(told(roster.wang)), len(told(roster.zhao)), len(told(roster.qian))))
    assert counts == [(1, 0, 0), (2, 0, 0), (2, 0, 0), (3, 1, 0), (4, 2, 0)]
    assert "Within 24 hours" in words(told(roster.zhao)[0])
    last = told(roster.wang)[-1]
    assert "Nobody is on duty now" in words(last) and never_waits(last.params)


def test_a_late_look_tells_once_of_what_it_missed(roster):
    vacate(roster)
    raise_all(now=SATURDAY + HOUR)
    assert len(told(roster.wang)) == len(told(roster.zhao)) == 1
    raise_all(now=SATURDAY + 2 * HOUR)
    assert len(told(roster.wang)) == 1


def test_a_hole_that_was_filled_and_opens_again_is_told_again(roster):
    hole = vacate(roster)
    raise_all(now=MONDAY)
    end_override(hole, by=roster.wang, now=MONDAY)
    assert raise_all(now=MONDAY + HOUR) == 0
    (row,) = HoleAlarm.objects.all()
    assert row.filled_at == MONDAY + HOUR
    vacate(roster)
    assert raise_all(now=MONDAY + 2 * HOUR) == 1
    assert len(told(roster.wang)) == 2


def test_many_holes_come_in_one_notice_with_who_is_away(roster):
    off = at("2026-11-25 00:00")
    leave = ask_leave(roster.li, off, off + 8 * DAY, by=roster.li, now=MONDAY)
    approve_leave(leave, by=roster.wang, now=MONDAY)
    assert raise_all(now=MONDAY) > 2
    (notice,) = told(roster.wang)
    assert words(notice).count("李敏 is away") == len(notice.params["holes"]) > 2


def test_a_part_of_a_known_hole_is_no_news_but_a_longer_one_is(roster):
    vacate(roster)
    raise_all(now=MONDAY)
    hu = User.objects.create_user("hu", name="胡工", role=Role.ENGINEER, group=roster.south)
    place_override(
        roster.south,
        OverrideKind.ADD,
        DutyRole.PRIMARY,
        SATURDAY + 4 * HOUR,
        SATURDAY + 6 * HOUR,
        user=hu,
        by=roster.wang,
        now=MONDAY,
    )
    assert raise_all(now=MONDAY) == 0 and HoleAlarm.objects.count() == 2
    vacate(roster, SATURDAY + 12 * HOUR, 5)
    assert raise_all(now=MONDAY) == 1


def test_a_roster_that_ends_is_told_once_and_not_as_each_day_comes_into_sight(roster):
    Rotation.objects.update(until=at("2026-12-10 09:30"))
    publish_all(now=MONDAY)
    assert raise_all(now=MONDAY) == 1
    assert [raise_all(now=MONDAY + n * DAY) for n in range(1, 5)] == [0] * 4


def test_a_group_sets_when_it_is_told_again(roster):
    set_alarm_terms(
        roster.south, warn_days=[3, 10], plan_days=20, plan_alarm_days=8, by=roster.wang, now=MONDAY
    )
    assert RosterTerms.objects.get().warn_days == [10, 3]
    assert RosterEvent.objects.filter(kind="alarms_changed", note="10, 3 / 20 / 8").exists()
    vacate(roster)
    for days in (11, 10, 7, 3):
        raise_all(now=SATURDAY - days * DAY)
    assert len(told(roster.wang)) == 3
    with pytest.raises(Refused):
        set_alarm_terms(roster.south, warn_days=[], plan_days=9, plan_alarm_days=7, by=roster.li, now=MONDAY)


def test_where_a_group_has_no_supervisor_those_above_hear_of_it(roster):
    vacate(roster)
    User.objects.filter(pk=roster.wang.pk).update(is_active=False)
    raise_alarms(roster.south, now=MONDAY)
    assert told(roster.zhao) and not told(roster.wang)
    User.objects.filter(management_level__gte=ManagementLevel.DEPARTMENT_MANAGER).update(is_active=False)
    HoleAlarm.objects.all().delete()
    raise_alarms(roster.south, now=MONDAY)
    assert told(roster.admin)


def test_whoever_leaves_empties_his_shifts_and_that_is_told(roster):
    before = Shift.objects.filter(user=roster.chen, ends_at__gt=MONDAY).count()
    User.objects.filter(pk=roster.chen.pk).update(is_active=False)
    roster.chen.refresh_from_db()
    assert empty_shifts_of(roster.chen, by=roster.admin, now=MONDAY + HOUR) == 1
    assert before and not Shift.objects.filter(user=roster.chen, starts_at__gt=MONDAY + HOUR).exists()
    assert RosterEvent.objects.filter(kind="person_left", person=roster.chen, by=roster.admin).exists()
    raise_all(now=MONDAY + HOUR)
    assert "Nobody is on duty now" in words(told(roster.wang)[0])
    assert empty_shifts_of(roster.li, by=roster.admin, now=MONDAY + HOUR) == 0


# Holidays: 1 January 2027 is a Friday


@pytest.fixture
def covered(cast: Cast) -> Cast:
    """All three duties round the clock by people who can be called, from Monday on."""
    people = {}
    for name in ("gu", "hu", "jin"):
        people[name] = User.objects.create_user(
            name, name=name, role=Role.ENGINEER, group=cast.south, phone="13800001111"
        )
    for role, person in zip(DutyRole, people.values(), strict=True):
        define = {"role": role, "people": [person], "first_day": date(2026, 11, 23)}
        defined(cast, since=MONDAY, starts=time(9, 30), ends=time(9, 30), **define)
    return cast


def cover_notices() -> list[tuple[str, ...]]:
    found = Notice.objects.filter(kind="holiday_cover").order_by("pk")
    return [(one.recipient.username, one.key.rsplit(":", 1)[1]) for one in found]


def uncover(cast: Cast, hours: float = 5) -> Override:
    starts_at = at("2027-01-01 03:00")
    ends_at = starts_at + hours * HOUR
    kind = OverrideKind.REMOVE
    return place_override(cast.south, kind, DutyRole.BACKUP, starts_at, ends_at, by=cast.wang, now=MONDAY)


def test_a_holiday_with_complete_cover_alarms_nobody(covered):
    for days in range(15):
        raise_holiday_alarms(now=at("2027-01-01 09:00") - days * DAY)
    assert cover_notices() == []


def test_what_lacks_is_told_at_fourteen_days_and_up_to_the_leader_from_seven_days_on(covered):
    hole = uncover(covered)
    told_on = {}
    for day in ("17", "18", "19", "24"):
        raise_holiday_alarms(now=at(f"2026-12-{day} 08:00"))
        told_on[day] = cover_notices()
    assert told_on == {
        "17": [],
        "18": [("wang", "early")],
        "19": [("wang", "early")],
        "24": [("wang", "early")],
    }
    for instant in ("12-25 07:59", "12-25 08:00", "12-25 08:01", "12-26 07:00", "12-26 08:10"):
        raise_holiday_alarms(now=at(f"2026-{instant}"))
    assert cover_notices()[1:] == [
        (who, f"2026-12-{day}") for day in (25, 26) for who in ("wang", "zhao", "qian")
    ]
    notice = told(covered.qian, "holiday_cover")[0]
    assert "The cover of New Year's Day is not complete: South" in words(notice)
    assert "01-01 03:00 – 08:00 · Backup · nobody is planned" in words(notice)
    assert "official plan" in words(notice)  # that of 2027 is not known
    end_override(hole, by=covered.wang, now=at("2026-12-26 09:00"))
    raise_holiday_alarms(now=at("2026-12-27 08:10"))
    assert len(cover_notices()) == 7


def test_days_that_no_look_came_round_are_not_made_up_for(covered):
    uncover(covered)
    raise_holiday_alarms(now=at("2026-12-30 11:00"))
    assert cover_notices() == [(who, "2026-12-30") for who in ("wang", "zhao", "qian")]


def test_somebody_who_cannot_be_called_is_a_lack(covered):
    CalendarYear.objects.filter(year=2027).update(is_official=True)
    User.objects.filter(username="gu").update(phone="later")
    raise_holiday_alarms(now=at("2026-12-25 09:00"))
    text = words(told(covered.wang, "holiday_cover")[0])
    assert "gu has no phone number" in text and "official plan" not in text


def test_the_chinese_words_are_there_for_every_notice(covered):
    uncover(covered)
    raise_holiday_alarms(now=at("2026-12-25 09:00"))
    vacate(covered)
    raise_all(now=SATURDAY)
    for notice in Notice.objects.all():
        chinese = words(notice, "zh-hans")
        assert chinese != words(notice) and "South" not in chinese
