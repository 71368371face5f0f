"""Calendar months as half-open spans of time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

WRITTEN = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    def plus(self, months: int) -> Month:
        """Return the month so many months later, or earlier where negative."""
        number = self.year * 12 + self.month - 1 + months
        return Month(number // 12, number % 12 + 1)

    def span(self, tz: ZoneInfo) -> tuple[datetime, datetime]:
        """Return the first instant of the month in a time zone, and that of the next month."""
        start, end = self.first, self.plus(1).first
        midnight = time(0, tzinfo=tz)
        return datetime.combine(start, midnight), datetime.combine(end, midnight)


def month_of(day: date) -> Month:
    return Month(day.year, day.month)


def parse_month(text: str) -> Month:
    """Return the month that `2026-11` names. Raises ValueError on anything else."""
    if (found := WRITTEN.fullmatch(text)) is None:
        raise ValueError(f"not a month: {text!r}")
    return Month(int(found[1]), int(found[2]))
