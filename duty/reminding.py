"""Which reminder of a duty is due: the day before, at its start, a week before a holiday. Pure.

Of those that are due only the last is given, so that a late look reminds once.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
LATEST = timedelta(hours=12)  # whoever has been on duty for longer knows it
MORNING = time(8)  # when a day's first notices are written


class Reminder(StrEnum):
    BEFORE = "before"
    START = "start"


def due(starts_at: datetime, ends_at: datetime, now: datetime) -> Reminder | None:
    """Return the reminder of one duty that is due at `now`, if any."""
    if starts_at <= now:
        return Reminder.START if now < min(ends_at, starts_at + LATEST) else None
    return Reminder.BEFORE if now >= starts_at - DAY else None


def holiday_is_due(
    first_day: date, first_duty_at: datetime, days_before: int, now: datetime, tz: ZoneInfo
) -> bool:
    """Whether somebody with duties in a break hears of them now: not once the first is a day off or less."""
    return days_until(first_day, now, tz) <= days_before and now < first_duty_at - DAY


def days_until(day: date, now: datetime, tz: ZoneInfo) -> int:
    """Return how many days it is to a date; a day of notices begins at eight in the morning."""
    return (day - notice_day(now, tz)).days


def notice_day(now: datetime, tz: ZoneInfo) -> date:
    """Return the day whose notices are written at `now`."""
    local = now.astimezone(tz)
    return local.date() if local.time() >= MORNING else local.date() - DAY
