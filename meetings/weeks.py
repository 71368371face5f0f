"""When a group meets: a day that is off moves the meeting, and two on one day are one (§6.1.1). Pure.

A week is named by its Monday. Each week has its slot, the weekday agreed on. Where that day is off, the next
working day takes its place, be it a make-up Saturday or a day of the next week. Where that is the day of the
next week's meeting too, the later week has the meeting, and covers both. The answer for a week depends on
the calendar alone, so whoever asks, and however late, is told the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

IsWorking = Callable[[date], bool]
DAY, WEEK = timedelta(days=1), timedelta(days=7)
# No break is longer; a calendar that has no working day for so long is broken, and moves nothing.
LONGEST_BREAK = 30
MOST_WEEKS = 5
FREEZE = timedelta(minutes=30)
NOTICE_DAYS, NOTICE_AT = 3, time(16)
MINUTES_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Slot:
    """When a group meets: `weekday` counts from 0 for Monday, `at` is the local time of `tz`."""

    weekday: int
    at: time
    tz: tzinfo


@dataclass(frozen=True, slots=True)
class Placed:
    """The meeting of a week: when, in place of which day, and of which weeks (by their Mondays).

    `into` is the week whose meeting covers this one; empty where it has its own. `weeks` are those that it
    covers, its own among them, the earliest first.
    """

    week: date
    slot_on: date
    starts_at: datetime
    into: date | None
    weeks: tuple[date, ...]

    @property
    def is_moved(self) -> bool:
        return self.starts_at.date() != self.slot_on


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def placed(week: date, slot: Slot, is_working: IsWorking) -> Placed:
    """Return the meeting of a week. A local time that the clocks skip is the instant after the change."""
    day = _day(week, slot, is_working)
    last = week
    while last - week < MOST_WEEKS * WEEK and _day(last + WEEK, slot, is_working) == day:
        last += WEEK
    first = week
    while week - first < MOST_WEEKS * WEEK and _day(first - WEEK, slot, is_working) == day:
        first -= WEEK
    starts_at = datetime.combine(day, slot.at, slot.tz)
    weeks = tuple(first + number * WEEK for number in range((last - first).days // 7 + 1))
    return Placed(week, _slot_on(week, slot), starts_at, last if last != week else None, weeks)


def announce_at(starts_at: datetime, is_working: IsWorking, tz: tzinfo) -> datetime:
    """Return when it is told of: 16:00 on the Friday before a Monday, else on the working day before.

    Of a meeting on another day likewise the last working day that lies three days before it or earlier.
    """
    day = starts_at.astimezone(tz).date() - NOTICE_DAYS * DAY
    for back in range(LONGEST_BREAK):
        if is_working(day - back * DAY):
            return datetime.combine(day - back * DAY, NOTICE_AT, tz)
    return datetime.combine(day, NOTICE_AT, tz)


def freezes_at(starts_at: datetime) -> datetime:
    """Return from when on the agenda stays as it is."""
    return starts_at - FREEZE


def stays_in_its_week(week: date, was: datetime, to: datetime, tz: tzinfo) -> bool:
    """Say whether a meeting may be moved there by hand: inside its own week, or that in which it lies now."""
    return monday_of(to.astimezone(tz).date()) in (week, monday_of(was.astimezone(tz).date()))


def _slot_on(week: date, slot: Slot) -> date:
    return week + slot.weekday * DAY


def _day(week: date, slot: Slot, is_working: IsWorking) -> date:
    """The slot's day, or the next that is a working day."""
    wanted = _slot_on(week, slot)
    days = (wanted + number * DAY for number in range(LONGEST_BREAK))
    return next((day for day in days if is_working(day)), wanted)
