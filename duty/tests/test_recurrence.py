"""On which days an inspection falls, and how its values are drawn."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from duty.readings import Level
from duty.recurrence import Often, Recurrence, falls_on
from duty.trendline import Value, plain, trend_line
from opsdesk.testing import at

# National Day 2026 as it was published: 1 to 7 October are off, 20 September and 10 October are worked.
OFF = {date(2026, 10, 1) + timedelta(days=n) for n in range(7)}
WORKED = {date(2026, 9, 20), date(2026, 10, 10)}


def is_working(day: date) -> bool:
    return day in WORKED or (day not in OFF and day.weekday() < 5)


def days(recurrence: Recurrence, first: date, last: date) -> list[str]:
    span = (last - first).days + 1
    all_days = (first + timedelta(days=n) for n in range(span))
    return [f"{day:%m-%d}" for day in all_days if falls_on(recurrence, day, is_working)]


@pytest.mark.parametrize(
    ("recurrence", "expected"),
    [
        (Recurrence(Often.WORKDAYS), ["09-28", "09-29", "09-30", "10-08", "10-09", "10-10"]),
        (Recurrence(Often.WEEKLY, weekday=0), ["09-28", "10-05"]),
        (Recurrence(Often.WEEKLY, weekday=0, moved=True), ["09-28", "10-08"]),
        (Recurrence(Often.WEEKLY, weekday=5, moved=True), ["09-28", "10-08", "10-10"]),
        (Recurrence(Often.MONTHLY, day=1), ["10-01"]),
        (Recurrence(Often.MONTHLY, day=1, moved=True), ["10-08"]),
        (Recurrence(Often.MONTHLY, day=31, moved=True), ["09-30"]),
    ],
)
def test_weekly_and_monthly_days_move_off_the_holiday(recurrence: Recurrence, expected: list[str]) -> None:
    assert days(recurrence, date(2026, 9, 28), date(2026, 10, 11)) == expected


def test_daily_is_every_day_and_a_short_month_has_its_last_day() -> None:
    assert len(days(Recurrence(Often.DAILY), date(2026, 10, 1), date(2026, 10, 31))) == 31
    assert days(Recurrence(Often.MONTHLY, day=31), date(2026, 2, 1), date(2026, 4, 30)) == [
        "02-28",
        "03-31",
        "04-30",
    ]


@pytest.mark.parametrize("often", [Often.WEEKLY, Often.MONTHLY])
def test_what_is_moved_is_never_lost_and_always_on_a_workday(often: Often) -> None:
    """Of 53 Thursdays the one in the holiday meets the next one: two that meet are one."""
    recurrence = Recurrence(often, weekday=3, day=3, moved=True)
    found = days(recurrence, date(2026, 1, 1), date(2026, 12, 31))
    assert all(is_working(date.fromisoformat(f"2026-{day}")) for day in found)
    assert len(found) == (52 if often == Often.WEEKLY else 12)


def value(day: int, number: str, level: Level = Level.NORMAL) -> Value:
    return Value(at(f"2026-11-{day:02} 09:30"), Decimal(number), level)


def test_a_trend_has_a_dot_for_each_value_in_the_order_of_time_with_its_limits_in_the_picture() -> None:
    values = [value(1, "40"), value(2, "50"), value(4, "91", Level.CRITICAL)]
    line = trend_line(values, {"warn_high": Decimal(80), "critical_high": Decimal(95)})
    assert line is not None
    first, second, third = line.dots
    assert first.x < second.x < third.x and first.y > second.y > third.y
    assert third.x - second.x == pytest.approx(2 * (second.x - first.x), abs=0.2)  # a day is missing
    assert [mark.text for mark in line.limits] == ["80", "95"]
    assert line.limits[1].at < third.y < line.limits[0].at
    assert [mark.text for mark in line.grid] == ["40", "50", "60", "70", "80", "90", "100"]
    assert all(0 <= dot.y <= line.base for dot in line.dots)
    assert line.path.split()[0] == f"{first.x},{first.y}"


@pytest.mark.parametrize("numbers", [["5"], ["0", "0"], ["-3", "0.0004"], ["999999999999", "1"]])
def test_any_values_are_drawn_inside(numbers: list[str]) -> None:
    line = trend_line([value(day, number) for day, number in enumerate(numbers, start=1)], {})
    assert line is not None and 2 <= len(line.grid) <= 9
    for dot in line.dots:
        assert line.left <= dot.x <= line.right and 0 <= dot.y <= line.base


def test_no_value_no_drawing() -> None:
    assert trend_line([], {"warn_high": Decimal(1)}) is None


@pytest.mark.parametrize(
    ("number", "text"), [("80.0000", "80"), ("0.5000", "0.5"), ("1E+3", "1000"), ("100", "100")]
)
def test_numbers_are_plain(number: str, text: str) -> None:
    assert plain(Decimal(number)) == text
