"""Which months are over and want a report, and by when it is to be out. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reports.periods import Period, period_of

DRAFTED_AT = time(2)  # of the first day after it, local time: the nightly work is done by then


def drafted_at(month: Period, tz: ZoneInfo) -> datetime:
    """Return the instant from which the report of a month may be drafted."""
    return datetime.combine(month.until, DRAFTED_AT, tz)


def last_over(now: datetime, tz: ZoneInfo) -> Period:
    """Return the latest month whose report may be drafted by now."""
    month = period_of(now.astimezone(tz).date(), "month").plus(-1)
    return month if drafted_at(month, tz) <= now else month.plus(-1)


def wanted(latest: date | None, now: datetime, tz: ZoneInfo) -> list[Period]:
    """Return the months to be drafted, the oldest first: from the `latest` that there is, whose editions may
    not all be there yet, up to the last that is over. Where there is none, that one alone: nobody owes a
    report of the time before there were reports.
    """
    last = last_over(now, tz)
    if latest is None:
        return [last]
    months, month = [], period_of(latest, "month")
    while month <= last:
        months.append(month)
        month = month.plus(1)
    return months


def due_on(month: Period, nth: int, is_working: Callable[[date], bool]) -> date:
    """Return the nth working day after a month: by its end the report is to be published."""
    day, left = month.until, nth
    while True:
        if is_working(day):
            left -= 1
            if left <= 0:
                return day
        day += timedelta(days=1)
