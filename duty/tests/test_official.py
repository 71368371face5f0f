"""The government's plan as the libraries know it, against the announcements and against each other."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from functools import cache

import chinese_calendar
import holidays
import pytest

from duty.hours import Day
from duty.official import plan_of
from duty.tests.test_hours import CALENDAR_2026

WORKING = {"workday", "makeup_workday"}
OFF = {"weekend", "statutory", "day_in_lieu"}


@cache
def kinds(year):
    return {day.date: day.kind for day in plan_of(year).days}


def days_of(year, kind):
    return [f"{day:%m-%d}" for day, found in kinds(year).items() if found == kind]


@pytest.mark.parametrize("year", range(2018, 2027))
def test_both_libraries_agree_on_every_working_day(year):
    calendar = holidays.country_holidays("CN")
    for day, kind in kinds(year).items():
        assert (kind in WORKING) is chinese_calendar.is_workday(day) is calendar.is_working_day(day), day


@pytest.mark.parametrize("year", [2024, 2025, 2026, 2027, 2028])
def test_every_day_of_the_year_has_one_of_five_kinds(year):
    days = plan_of(year).days
    first = date(year, 1, 1)
    assert [day.date for day in days] == [first + timedelta(n) for n in range(366 if year % 4 == 0 else 365)]
    assert {day.kind for day in days} <= WORKING | OFF


@pytest.mark.parametrize(
    ("year", "make_up_days"),
    [
        (2025, ["01-26", "02-08", "04-27", "09-28", "10-11"]),
        (2026, ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]),
    ],
)
def test_the_make_up_days_as_announced(year, make_up_days):
    assert days_of(year, "makeup_workday") == make_up_days


@pytest.mark.parametrize(("year", "workdays"), [(2024, 251), (2025, 248), (2026, 248)])
def test_the_number_of_workdays(year, workdays):
    assert sum(kind in WORKING for kind in kinds(year).values()) == workdays


def test_the_days_off_of_2026_as_announced():
    plan = kinds(2026)
    off = {day for day, kind in CALENDAR_2026.items() if kind is Day.OFF}
    assert {day for day, kind in plan.items() if kind in {"statutory", "day_in_lieu"}} == off


@pytest.mark.parametrize(
    ("year", "count"), [(2018, 11), (2019, 11), (2020, 10), (2023, 11), (2024, 11), (2025, 13), (2026, 13)]
)
def test_statutory_days_are_as_many_as_the_law_has(year, count):
    """Eleven, since 2025 thirteen; in 2020 Mid-Autumn fell on 1 October."""
    assert Counter(kinds(year).values())["statutory"] == count


def test_the_statutory_days_of_2026():
    assert days_of(2026, "statutory") == [
        "01-01",
        *("02-16", "02-17", "02-18", "02-19"),
        "04-05",
        *("05-01", "05-02"),
        "06-19",
        "09-25",
        *("10-01", "10-02", "10-03"),
    ]


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2026-02-20", "day_in_lieu"),  # won by the make-up Saturday of 14 February
        ("2026-02-22", "day_in_lieu"),  # a Sunday inside the break
        ("2026-05-04", "day_in_lieu"),  # stands in for 2 May, a Saturday
        ("2026-05-02", "statutory"),  # a Saturday, and still the festival's own day
        ("2026-05-10", "weekend"),
        ("2026-05-11", "workday"),
        ("2025-01-28", "statutory"),  # the eve, since 2025
        ("2024-02-09", "workday"),  # the eve, before: work as usual that year
        ("2022-01-31", "day_in_lieu"),  # the eve, before: won by a make-up day
        ("2020-01-31", "day_in_lieu"),  # the break was prolonged
        ("2020-10-01", "statutory"),
    ],
)
def test_how_the_kinds_are_told_apart(day, kind):
    day = date.fromisoformat(day)
    assert kinds(day.year)[day] == kind


def test_a_make_up_day_is_always_on_a_weekend_and_a_day_off_never_loses_its_name():
    for year in range(2018, 2027):
        for day in plan_of(year).days:
            assert day.date.weekday() >= 5 or day.kind not in {"makeup_workday", "weekend"}
            assert bool(day.name_zh) is bool(day.name_en) is (day.kind not in {"workday", "weekend"})


def test_days_are_named_in_both_languages_and_say_where_they_come_from():
    day = plan_of(2026).days[date(2026, 5, 9).timetuple().tm_yday - 1]
    assert (day.kind, day.name_zh, day.name_en) == ("makeup_workday", "劳动节", "Labour Day")
    assert day.source.startswith("chinesecalendar ")
    assert plan_of(2026).source == day.source


@pytest.mark.parametrize("year", range(2018, 2027))
def test_a_year_with_a_published_plan_is_official(year):
    assert plan_of(year).is_official


def test_a_year_without_a_published_plan_is_never_called_official():
    """One library answers for it all the same, with the statutory days alone."""
    plan = plan_of(2027)
    assert not plan.is_official
    assert "statutory days only" in plan.source
    assert Counter(day.kind for day in plan.days).keys() == {"workday", "weekend", "statutory"}
    assert days_of(2027, "statutory") == [
        "01-01",
        *("02-05", "02-06", "02-07", "02-08"),
        "04-05",
        *("05-01", "05-02"),
        "06-09",
        "09-15",
        *("10-01", "10-02", "10-03"),
    ]
    assert plan.days[0].name_zh == "元旦"
    assert plan.days[0].name_en == "New Year's Day"


def test_a_library_that_knows_only_the_next_january_knows_no_plan(monkeypatch):
    """A plan may reach a few days into the next year; that is not the next year's plan."""
    known = chinese_calendar.constants.holidays | {date(2027, 1, 1): "New Year's Day"}
    monkeypatch.setattr(chinese_calendar.utils, "holidays", known)
    assert chinese_calendar.is_holiday(date(2027, 1, 1))
    assert not plan_of(2027).is_official


@pytest.mark.parametrize("year", [1949, 2101])
def test_a_year_that_nobody_knows_is_refused(year):
    with pytest.raises(ValueError, match=str(year)):
        plan_of(year)


def test_sources_fit_their_column():
    assert all(len(plan_of(year).source) <= 120 for year in (2026, 2027))
