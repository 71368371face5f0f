"""When a group meets: the vectors of the domain reference, and 520 weeks of the real calendar (§6.1.1)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from duty.official import plan_of
from meetings.weeks import (
    DAY,
    WEEK,
    Slot,
    announce_at,
    freezes_at,
    monday_of,
    placed,
    stays_in_its_week,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAYS = Slot(0, time(14), SHANGHAI)
SLOTS = [Slot(day, at, SHANGHAI) for day, at in ((0, time(14)), (1, time(9)), (2, time(8, 30)))]
SLOTS += [Slot(day, at, SHANGHAI) for day, at in ((3, time(16)), (4, time(15)), (0, time(10)))]
FIRST, WEEKS = date(2017, 1, 2), 520


def working(day: date) -> bool:
    """The government's plan, as the calendar's rows are written from it."""
    return _year(day.year)[day]


@cache
def _year(year: int) -> dict[date, bool]:
    return {day.date: day.kind in ("workday", "makeup_workday") for day in plan_of(year).days}


def on(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("week", "starts_at", "weeks"),
    [
        ("2026-11-23", "2026-11-23 14:00", ["2026-11-23"]),  # an ordinary Monday
        ("2026-04-06", "2026-04-07 14:00", ["2026-04-06"]),  # Qingming
        ("2026-05-04", "2026-05-06 14:00", ["2026-05-04"]),  # 1 May, five days
        ("2026-10-05", "2026-10-08 14:00", ["2026-10-05"]),  # National Day
        ("2026-02-23", "2026-02-24 14:00", ["2026-02-16", "2026-02-23"]),  # Spring Festival: two in one
        ("2026-02-16", "2026-02-24 14:00", ["2026-02-16", "2026-02-23"]),
        ("2024-02-12", "2024-02-18 14:00", ["2024-02-12"]),  # to a make-up Sunday, inside its week
        ("2025-10-06", "2025-10-09 14:00", ["2025-10-06"]),
        ("2020-01-27", "2020-02-03 14:00", ["2020-01-27", "2020-02-03"]),  # the break that was prolonged
    ],
)
def test_a_monday_that_is_off_moves_to_the_next_working_day(
    week: str, starts_at: str, weeks: list[str]
) -> None:
    found = placed(on(week), MONDAYS, working)
    assert found.starts_at == at(starts_at)
    assert found.weeks == tuple(map(on, weeks))
    assert found.into == (on(weeks[-1]) if week != weeks[-1] else None)
    assert found.is_moved == (found.starts_at.date() != on(week))


@pytest.mark.parametrize("slot", SLOTS, ids=lambda slot: f"{slot.weekday}-{slot.at:%H%M}")
def test_520_weeks_have_one_meeting_each_at_the_right_instant_or_a_reason(slot: Slot) -> None:
    taken: dict[date, date] = {}
    covered: list[date] = []
    for number in range(WEEKS):
        week = FIRST + number * WEEK
        found = placed(week, slot, working)
        assert found.starts_at.timetz().replace(tzinfo=None) == slot.at
        assert found.starts_at.utcoffset() == timedelta(hours=8)
        day = found.starts_at.date()
        assert working(day)
        # The next working day, and none before it.
        skipped = [found.slot_on + n * DAY for n in range((day - found.slot_on).days)]
        assert not any(working(one) for one in skipped)
        assert found.is_moved == bool(skipped)
        if found.into is not None:
            assert placed(found.into, slot, working).starts_at == found.starts_at
            continue
        assert day not in taken, "two meetings on one day"
        taken[day] = week
        covered += found.weeks
    missing = {FIRST + number * WEEK for number in range(WEEKS)} - set(covered)
    # A last week may be covered by one beyond those that were asked for.
    assert missing <= {FIRST + (WEEKS - 1) * WEEK} and len(covered) == len(set(covered))
    if slot.weekday == 0:
        with_work = [week for week in covered if any(working(week + n * DAY) for n in range(7))]
        assert len(with_work) >= len(taken)


def test_a_calendar_without_any_working_day_moves_nothing() -> None:
    found = placed(on("2026-11-23"), MONDAYS, lambda day: False)
    assert found.starts_at == at("2026-11-23 14:00") and not found.is_moved


@pytest.mark.parametrize(
    ("starts_at", "told_at"),
    [
        ("2026-11-23 14:00", "2026-11-20 16:00"),  # Friday
        ("2026-02-24 14:00", "2026-02-14 16:00"),  # the Saturday before the Festival is worked
        ("2026-05-06 14:00", "2026-04-30 16:00"),
        ("2026-10-08 14:00", "2026-09-30 16:00"),
        ("2026-01-05 14:00", "2025-12-31 16:00"),  # Friday 2 January is off
    ],
)
def test_people_are_told_on_friday_or_the_working_day_before(starts_at: str, told_at: str) -> None:
    assert announce_at(at(starts_at), working, SHANGHAI) == at(told_at)


def test_the_agenda_freezes_half_an_hour_before() -> None:
    assert freezes_at(at("2026-11-23 14:00")) == at("2026-11-23 13:30")


def test_by_hand_a_meeting_stays_in_its_week() -> None:
    week, was = on("2026-11-23"), at("2026-11-23 14:00")
    assert stays_in_its_week(week, was, at("2026-11-29 10:00"), SHANGHAI)
    assert not stays_in_its_week(week, was, at("2026-11-30 10:00"), SHANGHAI)
    assert not stays_in_its_week(week, was, at("2026-11-20 10:00"), SHANGHAI)
    # Where it lies in the next week already, it may stay there.
    assert stays_in_its_week(on("2026-02-20"), at("2026-02-24 14:00"), at("2026-02-25 10:00"), SHANGHAI)
    assert monday_of(on("2026-11-29")) == week
