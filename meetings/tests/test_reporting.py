"""Which days a weekly report covers and when it is due: pure, with the calendar that the government gave."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from duty.models import DayKind
from duty.models.calendar import WORKING_KINDS
from duty.official import plan_of
from meetings.reporting import DAY, Span, Standing, before, drafted_at, due_on, span_of, standing
from opsdesk.testing import at

TZ = ZoneInfo("Asia/Shanghai")
KINDS = {day.date: day.kind for year in (2025, 2026) for day in plan_of(year).days}


def is_working(day: date) -> bool:
    return KINDS.get(day, DayKind.usual(day)) in WORKING_KINDS


def span(first: str, last: str, due: str) -> Span:
    return Span(*(date.fromisoformat(f"2026-{text}") for text in (first, last, due)))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-11-18", span("11-16", "11-22", "11-23")),  # ordinary
        ("2026-11-22", span("11-16", "11-22", "11-23")),  # its Sunday
        ("2026-04-01", span("03-30", "04-05", "04-07")),  # Qingming's Monday is off: Tuesday
        # Spring Festival: the Mondays of 16 and 23 February are both off, both weeks are one report.
        ("2026-02-10", span("02-09", "02-22", "02-24")),
        ("2026-02-20", span("02-09", "02-22", "02-24")),
        ("2026-02-24", span("02-23", "03-01", "03-02")),
        ("2026-09-30", span("09-28", "10-04", "10-08")),  # National Day: Thursday
    ],
)
def test_a_day_belongs_to_one_report(day: str, expected: Span) -> None:
    assert span_of(date.fromisoformat(day), is_working) == expected


def test_every_day_of_two_years_belongs_to_exactly_one_report_with_a_working_day_in_it() -> None:
    days = [date(2025, 1, 6) + number * DAY for number in range(700)]
    spans = {day: span_of(day, is_working) for day in days}
    for day, found in spans.items():
        assert found.first <= day <= found.last < found.due_on
        assert span_of(found.first, is_working) == span_of(found.last, is_working) == found
        assert is_working(found.due_on)
        assert any(is_working(found.first + n * DAY) for n in range((found.last - found.first).days + 1))
        assert before(found, is_working).last + DAY == found.first
    assert len({found.due_on for found in spans.values()}) == len(set(spans.values()))


def test_it_is_drafted_in_the_afternoon_of_the_last_working_day() -> None:
    ordinary = span_of(date(2026, 11, 18), is_working)
    assert drafted_at(ordinary, is_working, TZ) == at("2026-11-20 16:00")
    makeup = span_of(date(2026, 2, 24), is_working)  # Saturday 28 February is a working day
    assert drafted_at(makeup, is_working, TZ) == at("2026-02-28 16:00")
    assert ordinary.due_at(TZ) == at("2026-11-23 12:00")


def test_a_calendar_without_working_days_moves_nothing() -> None:
    assert due_on(date(2026, 11, 16), lambda day: False) == date(2026, 11, 23)
    assert span_of(date(2026, 11, 16), lambda day: False).weeks == 1


@pytest.mark.parametrize(
    ("submitted", "first", "now", "expected"),
    [
        (None, None, -1, Standing.DRAFT),
        (None, None, 0, Standing.MISSING),
        (-1, -1, 5, Standing.SUBMITTED),
        (0, 0, 5, Standing.SUBMITTED),
        (1, 1, 5, Standing.LATE),
        (None, -1, 5, Standing.DRAFT),  # reopened: nobody's delay
        (4, -1, 5, Standing.SUBMITTED),
        (4, 1, 5, Standing.LATE),
    ],
)
def test_how_it_stands(submitted: int | None, first: int | None, now: int, expected: Standing) -> None:
    due = at("2026-11-23 12:00")

    def hours(number: int | None) -> datetime | None:
        return None if number is None else due + timedelta(hours=number)

    assert standing(due, hours(submitted), hours(first), due + timedelta(hours=now)) == expected
