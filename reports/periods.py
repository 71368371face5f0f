"""Weeks, months, quarters and years as half-open spans of days: `2026-W48`, `2026-11`, `2026-Q4`, `2026`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WRITTEN = re.compile(
    r"(?P<year>20\d\d)(?:-(?:W(?P<week>0[1-9]|[1-4]\d|5[0-3])|Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?"
)
EARLIEST = date(2000, 1, 1)  # what can be written so
MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The days from `first` to before `until`; `unit` is week, month, quarter or year."""

    first: date
    until: date
    unit: str

    def __str__(self) -> str:
        return WRITERS[self.unit](self.first)

    def span(self, tz: ZoneInfo) -> tuple[datetime, datetime]:
        """Return the first instant of the period in a time zone, and that of the next period."""
        midnight = time(0, tzinfo=tz)
        return datetime.combine(self.first, midnight), datetime.combine(self.until, midnight)

    def plus(self, number: int) -> Period:
        """Return the period of the same unit so many later, or earlier where negative."""
        if self.unit == "week":
            return week_of(self.first + timedelta(weeks=number))
        return period_of(_months_later(self.first, number * MONTHS_OF[self.unit]), self.unit)

    def months(self) -> list[Period]:
        """Return the months that it is made of; none of a week."""
        if self.unit == "week":
            return []
        return [period_of(_months_later(self.first, n), "month") for n in range(MONTHS_OF[self.unit])]


def week_of(day: date) -> Period:
    """Return the week, from Monday on, in which a day lies."""
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + timedelta(weeks=1), "week")


def period_of(day: date, unit: str) -> Period:
    """Return the period of a unit in which a day lies."""
    if unit == "week":
        return week_of(day)
    length = MONTHS_OF[unit]
    first = date(day.year, (day.month - 1) // length * length + 1, 1)
    return Period(first, _months_later(first, length), unit)


def parse_period(text: str) -> Period:
    """Return the period that a text names. Raises ValueError on anything else."""
    if (found := WRITTEN.fullmatch(text)) is None:
        raise ValueError(f"not a period: {text!r}")
    year = int(found["year"])
    if found["week"]:
        return week_of(date.fromisocalendar(year, int(found["week"]), 1))
    if found["quarter"]:
        return period_of(date(year, 3 * int(found["quarter"]), 1), "quarter")
    return period_of(date(year, int(found["month"] or 1), 1), "month" if found["month"] else "year")


def _months_later(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _week(first: date) -> str:
    year, week, _day = first.isocalendar()
    return f"{year}-W{week:02}"


WRITERS: Mapping[str, Callable[[date], str]] = {
    "week": _week,
    "month": lambda first: f"{first:%Y-%m}",
    "quarter": lambda first: f"{first.year}-Q{(first.month + 2) // 3}",
    "year": lambda first: str(first.year),
}
