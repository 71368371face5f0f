"""Days of the house, and the periods that are kept around them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reports.periods import Period, period_of

Span = tuple[datetime, datetime]
DAY = timedelta(days=1)
UNITS = ("week", "month", "quarter", "year")


def midnight(day: date, tz: ZoneInfo) -> datetime:
    """Return the first instant of a day."""
    return datetime.combine(day, time(0), tz)


def day_of(instant: datetime, tz: ZoneInfo) -> date:
    """Return the day in which an instant (aware) lies."""
    return instant.astimezone(tz).date()


def days_between(start: datetime, stop: datetime, tz: ZoneInfo) -> Iterator[date]:
    """Yield the days that [start, stop) touches."""
    day = day_of(start, tz)
    while midnight(day, tz) < stop:
        yield day
        day += DAY


def enclosing(days: Iterable[date]) -> set[Period]:
    """Return every week, month, quarter and year that one of the days lies in."""
    firsts = {period_of(day, unit) for day in set(days) for unit in ("week", "month")}
    months = {period.first for period in firsts if period.unit == "month"}
    return firsts | {period_of(first, unit) for first in months for unit in ("quarter", "year")}


def spans_of(days: Iterable[date], tz: ZoneInfo, *, until: datetime) -> list[Span]:
    """Return the days as few spans: what is later than `until` is cut off."""
    whole = [(midnight(day, tz), min(midnight(day + DAY, tz), until)) for day in sorted(set(days))]
    return joined(span for span in whole if span[0] < span[1])


def joined(spans: Iterable[Span]) -> list[Span]:
    """Put spans that touch each other together; in their order."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found
