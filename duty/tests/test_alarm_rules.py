"""When holes are told of, whether a holiday is covered, what news there is, which reminder is due: rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from duty import alarms
from duty.alarms import Found, Known, judge, step_of
from duty.cover import Block, DayOff, Lack, Planned, Why, blocks_of, lacks
from duty.news import Duty, Step, news_of
from duty.reminding import Reminder, due, holiday_is_due, notice_day
from opsdesk.testing import MONDAY, SHANGHAI, at

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


# Holes


@pytest.mark.parametrize(
    ("ahead", "step"),
    [
        (30 * DAY, None),
        (7 * DAY + HOUR, None),
        (7 * DAY, 7),
        (DAY + HOUR, 7),
        (DAY, 1),
        (HOUR, 1),
        (-HOUR, 0),
    ],
)
def test_a_hole_comes_near_in_steps(ahead, step):
    assert step_of(MONDAY + ahead, MONDAY, [7]) == step


def test_a_day_before_and_the_start_are_steps_whatever_is_set():
    assert step_of(MONDAY + HOUR, MONDAY, []) == 1 and step_of(MONDAY, MONDAY, []) == 0
    assert [alarms.is_urgent(step) for step in (None, 7, 1, 0)] == [False, False, True, True]


HOLE = Found(MONDAY + 10 * DAY, MONDAY + 10 * DAY + 12 * HOUR, "primary")
TOLD = Known(1, HOLE.starts_at, HOLE.ends_at, "primary")


def judged(found, known, now=MONDAY):
    return [(one.key, one.step, one.is_told) for one in judge(found, known, now=now, warn_days=[7])]


@pytest.mark.parametrize(
    ("found", "known", "now", "expected"),
    [
        pytest.param([HOLE], [], MONDAY, [(None, None, True)], id="new"),
        pytest.param([HOLE], [TOLD], MONDAY, [(1, None, False)], id="known"),
        pytest.param([HOLE], [TOLD], MONDAY + 4 * DAY, [(1, 7, True)], id="near"),
        pytest.param([HOLE], [TOLD], MONDAY + 10 * DAY, [(1, 0, True)], id="late: only the last step"),
        pytest.param(
            [HOLE], [replace(TOLD, step=0)], MONDAY + 10 * DAY, [(1, 0, False)], id="told as it began"
        ),
        pytest.param([HOLE], [replace(TOLD, role="backup")], MONDAY, [(None, None, True)], id="another duty"),
        pytest.param(
            [replace(HOLE, ends_at=HOLE.ends_at + HOUR)],
            [TOLD],
            MONDAY,
            [(1, None, True)],
            id="longer than known",
        ),
        pytest.param(
            [replace(HOLE, ends_at=HOLE.ends_at + DAY)],
            [replace(TOLD, goes_on=True)],
            MONDAY,
            [(1, None, False)],
            id="known to go on",
        ),
        pytest.param(
            [replace(HOLE, starts_at=HOLE.starts_at + HOUR)],
            [TOLD],
            MONDAY,
            [(1, None, False)],
            id="a part filled",
        ),
        pytest.param(
            [
                replace(HOLE, ends_at=HOLE.starts_at + HOUR),
                replace(HOLE, starts_at=HOLE.starts_at + 2 * HOUR),
            ],
            [TOLD],
            MONDAY,
            [(1, None, False), (None, None, False)],
            id="split in two",
        ),
        pytest.param(
            [replace(HOLE, starts_at=HOLE.starts_at + 6 * HOUR)],
            [replace(TOLD, step=1)],
            MONDAY + 9 * DAY,
            [(1, 7, False)],
            id="a part filled: it comes near again",
        ),
        pytest.param([], [TOLD], MONDAY, [], id="filled"),
    ],
)
def test_a_hole_is_told_of_when_it_is_new_or_has_come_near(found, known, now, expected):
    assert judged(found, known, now) == expected


# Holidays


def off(day: str, name: str = "Tomb-sweeping Day", *, statutory: bool = True) -> DayOff:
    return DayOff(date.fromisoformat(day), name, name, statutory)


QINGMING = Block((off("2027-04-03", statutory=False), off("2027-04-04"), off("2027-04-05", statutory=False)))
NEW_YEAR = Block((off("2027-01-01", "New Year's Day"),))


def test_days_off_in_a_row_are_one_break_if_one_is_a_holiday():
    days = [
        off("2026-10-01", "National Day"),
        off("2026-10-02", "Mid-Autumn Festival"),
        off("2026-10-03", "National Day", statutory=False),
        off("2026-10-10", "Day in lieu", statutory=False),
    ]
    (block,) = blocks_of(days)
    assert (block.first, block.last) == (date(2026, 10, 1), date(2026, 10, 3))
    assert block.name == "National Day · Mid-Autumn Festival"


@pytest.mark.parametrize(
    ("day", "name", "is_key"),
    [
        ("2026-01-01", "New Year's Day", True),
        ("2026-02-17", "Spring Festival", True),
        ("2027-02-05", "Chinese New Year's Eve", True),
        ("2026-05-01", "Labour Day", True),
        ("2026-10-01", "National Day", True),
        ("2026-10-01", "", True),  # edited by hand, without an English name
        ("2026-04-05", "Tomb-sweeping Day", False),
        ("2026-06-19", "Dragon Boat Festival", False),
        ("2026-09-25", "Mid-autumn Festival", False),
    ],
)
def test_the_four_holidays_of_the_process_need_double_cover(day, name, is_key):
    assert Block((off(day, name),)).is_key is is_key


def covering(role: str, person: int, since: str, until: str, **more) -> Planned:
    return Planned(at(since), at(until), role, person, **more)


FULL = [
    covering("primary", 1, "2027-01-01 00:00", "2027-01-01 12:00"),
    covering("primary", 2, "2027-01-01 12:00", "2027-01-02 08:00"),
    covering("backup", 3, "2026-12-31 08:00", "2027-01-02 08:00"),
    covering("supervisor", 4, "2026-12-28 08:00", "2027-01-04 08:00"),
]


def lacking(block, planned, *, callable_=(1, 2, 3, 4), since=MONDAY):
    found = lacks(block, planned, callable_=callable_, since=since, tz=SHANGHAI)
    return [(one.role, one.why, one.person) for one in found]


def test_a_holiday_is_covered_when_every_duty_is_at_every_moment():
    assert lacking(NEW_YEAR, FULL) == []


@pytest.mark.parametrize(
    ("planned", "callable_", "expected"),
    [
        pytest.param(FULL[1:], (1, 2, 3, 4), [("primary", Why.NOBODY, None)], id="half a day"),
        pytest.param(FULL[:2] + FULL[3:], (1, 2, 3, 4), [("backup", Why.NOBODY, None)], id="no backup"),
        pytest.param(FULL[:3], (1, 2, 3, 4), [("supervisor", Why.NOBODY, None)], id="no duty supervisor"),
        pytest.param(
            [replace(FULL[0], is_there=False), *FULL[1:]],
            (1, 2, 3, 4),
            [("primary", Why.ABSENT, 1)],
            id="ill",
        ),
        pytest.param(FULL, (1, 2, 3), [("supervisor", Why.PHONE, 4)], id="no number"),
    ],
)
def test_what_lacks_is_said_with_the_reason(planned, callable_, expected):
    assert lacking(NEW_YEAR, planned, callable_=callable_) == expected


def test_the_other_holidays_need_no_backup_and_what_is_over_is_not_asked_for():
    planned = [
        covering("primary", 1, "2027-04-03 00:00", "2027-04-06 00:00"),
        covering("supervisor", 4, "2027-04-04 00:00", "2027-04-06 00:00"),
    ]
    assert lacking(QINGMING, planned) == [("supervisor", Why.NOBODY, None)]
    (lack,) = lacks(QINGMING, planned, callable_=(1, 4), since=at("2027-04-03 18:00"), tz=SHANGHAI)
    assert lack == Lack(at("2027-04-03 18:00"), at("2027-04-04 00:00"), "supervisor", Why.NOBODY)
    assert lacking(QINGMING, planned, since=at("2027-04-04 00:00")) == []
    assert lacking(QINGMING, [], since=at("2027-04-06 00:00")) == []


# News


def duty(day: int, hours: int = 12, role: str = "primary") -> Duty:
    return Duty(MONDAY + day * DAY, MONDAY + day * DAY + hours * HOUR, role)


GIVEN, TAKEN = True, False


@pytest.mark.parametrize(
    ("steps", "new", "dropped", "changed"),
    [
        pytest.param([(duty(1), GIVEN), (duty(2), GIVEN)], [duty(1), duty(2)], [], [], id="new"),
        pytest.param([(duty(1), TAKEN)], [], [duty(1)], [], id="dropped"),
        pytest.param([(duty(1), GIVEN), (duty(1), TAKEN)], [], [], [], id="there and back"),
        pytest.param(
            [(duty(1), TAKEN), (duty(1, 8), GIVEN)], [], [], [(duty(1), duty(1, 8))], id="another span"
        ),
        pytest.param(
            [(duty(1), TAKEN), (duty(1, role="backup"), GIVEN)],
            [duty(1, role="backup")],
            [duty(1)],
            [],
            id="another duty",
        ),
        pytest.param([(duty(-1), TAKEN)], [], [], [], id="over"),
    ],
)
def test_news_is_what_the_steps_come_to(steps, new, dropped, changed):
    found = news_of([Step(*step) for step in steps], MONDAY)
    assert (found.new, found.dropped, found.changed) == (new, dropped, changed)
    assert bool(found) is bool(new or dropped or changed)


# Reminders


@pytest.mark.parametrize(
    ("before", "reminder"),
    [
        (25 * HOUR, None),
        (24 * HOUR, Reminder.BEFORE),
        (timedelta(minutes=1), Reminder.BEFORE),
        (timedelta(0), Reminder.START),
        (-7 * HOUR, Reminder.START),
        (-8 * HOUR, None),
    ],
)
def test_a_duty_is_reminded_of_a_day_before_and_at_its_start(before, reminder):
    assert due(MONDAY + before, MONDAY + before + 8 * HOUR, MONDAY) == reminder


def test_nobody_is_told_that_he_has_been_on_duty_since_yesterday():
    assert due(MONDAY - 13 * HOUR, MONDAY + 11 * HOUR, MONDAY) is None


@pytest.mark.parametrize(
    ("now", "day"), [("2026-11-23 07:59", 22), ("2026-11-23 08:00", 23), ("2026-11-24 00:30", 23)]
)
def test_a_day_of_notices_begins_at_eight(now, day):
    assert notice_day(at(now), SHANGHAI) == date(2026, 11, day)


@pytest.mark.parametrize(
    ("now", "is_due"),
    [
        ("2026-12-25 07:59", False),
        ("2026-12-25 08:00", True),
        ("2026-12-30 08:00", True),
        ("2026-12-31 09:00", False),  # the day before, the duty itself is reminded of
    ],
)
def test_holiday_duties_are_told_of_a_week_before(now, is_due):
    first = at("2027-01-01 08:30")
    assert holiday_is_due(date(2027, 1, 1), first, 7, at(now), SHANGHAI) is is_due
