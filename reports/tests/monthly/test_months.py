"""Which months want a report, and by when: pure."""

from datetime import date

from opsdesk.testing import SHANGHAI, at
from reports.monthly.months import due_on, last_over, wanted
from reports.periods import parse_period


def test_a_month_is_over_on_the_first_of_the_next_at_two_in_the_night():
    assert str(last_over(at("2026-11-01 01:59"), SHANGHAI)) == "2026-09"
    assert str(last_over(at("2026-11-01 02:00"), SHANGHAI)) == "2026-10"
    assert str(last_over(at("2027-01-01 02:00"), SHANGHAI)) == "2026-12"


def test_a_beat_that_was_dead_for_months_makes_them_good_and_the_first_run_owes_one_alone():
    now = at("2026-11-20 09:00")
    assert [str(month) for month in wanted(None, now, SHANGHAI)] == ["2026-10"]
    late = wanted(date(2026, 8, 1), now, SHANGHAI)
    assert [str(month) for month in late] == ["2026-08", "2026-09", "2026-10"]
    assert [str(month) for month in wanted(date(2026, 10, 1), now, SHANGHAI)] == ["2026-10"]


def test_it_is_due_on_the_fifth_working_day_holidays_and_make_up_days_counted():
    off = {date(2026, 10, day) for day in range(1, 8)}
    extra = {date(2026, 10, 10)}

    def is_working(day: date) -> bool:
        return day in extra or (day.weekday() < 5 and day not in off)

    assert due_on(parse_period("2026-09"), 5, is_working) == date(2026, 10, 13)
    assert due_on(parse_period("2026-10"), 1, is_working) == date(2026, 11, 2)
