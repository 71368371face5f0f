"""Which callbacks are due when: slots by a client's rhythm, the share of solved faults, working days.

Pure: no database, no clock (§5.3). A slot is a day on which something is due by the client's type; each
becomes one callback, put in its place by `visits.placing`. Days are local, instants aware.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Protocol

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

DAY = timedelta(days=1)
AHEAD = timedelta(days=28)
FARTHEST = 120  # days past the limit that are looked at before quiet hours are given up
GOLDEN = 0.6180339887498949  # multiples of it, modulo 1, lie as evenly as can be
IsWorking = Callable[[date], bool]

# Times at which we call, and the two at which we come: well inside office hours, lunch left alone.
MORNING = tuple(time(hour, minute) for hour in (9, 10, 11) for minute in (0, 30))[1:]
AFTERNOON = tuple(time(hour, minute) for hour in (14, 15, 16) for minute in (0, 30))
NOON = time(12)
CALL_TIMES = (*MORNING, *AFTERNOON)
COME_TIMES = {time(10, 0): MORNING, time(14, 30): AFTERNOON}


class Unit(TextChoices):
    WEEK = "week", _("weeks")
    MONTH = "month", _("months")


@dataclass(frozen=True, slots=True)
class Every:
    """So many weeks or months."""

    count: int
    unit: Unit

    @property
    def days(self) -> int:
        """About how many days that is, for spreading."""
        return self.count * (7 if self.unit == Unit.WEEK else 30)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often, and within how many working days of its slot a callback is to be made."""

    every: Every
    within: int


@dataclass(frozen=True, slots=True)
class Share:
    """How many of a hundred solved faults are called back, and within how many working days."""

    percent: int
    within: int


class Quiet(Protocol):
    """When somebody does not want to be called."""

    def is_quiet(self, at: datetime) -> bool: ...


# Slots ------------------------------------------------------------------------------------------------------


def following(slot: date, every: Every) -> date:
    """Return the slot after one. Of a shorter month its last day, and from then on that day of the month."""
    if every.unit == Unit.WEEK:
        return slot + every.count * 7 * DAY
    months = slot.month - 1 + every.count
    year, month = slot.year + months // 12, months % 12 + 1
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    return min(first_of_next - DAY, date(year, month, 1) + (slot.day - 1) * DAY)


def first_slot(seed: int, every: Every, since: date) -> date:
    """Return the first slot after a day, by a client's number: many are spread over the whole period."""
    return since + DAY + int((seed * GOLDEN) % 1 * every.days) * DAY


@dataclass(frozen=True, slots=True)
class Line:
    """The slots of one client by one way: the next one, the last day it may be on, and spans without any."""

    rhythm: Rhythm
    next_on: date
    ends_on: date | None = None
    suspended: Sequence[tuple[date, date]] = ()


def slots(line: Line, today: date, until: date) -> tuple[list[date], date | None]:
    """Return the slots of a line up to a day, and the next one after; None when the line is over.

    Of those missed while nobody planned, only the last is still made.
    """
    found: list[date] = []
    slot = line.next_on
    every = line.rhythm.every
    while slot <= until:
        if line.ends_on is not None and slot > line.ends_on:
            return found, None
        after = following(slot, every)
        is_missed = after <= today and not (line.ends_on is not None and after > line.ends_on)
        if not is_missed and not any(first <= slot <= last for first, last in line.suspended):
            found.append(slot)
        slot = after
    is_over = line.ends_on is not None and slot > line.ends_on
    return found, None if is_over else slot


# Faults -----------------------------------------------------------------------------------------------------


def draw(number: str) -> int:
    """Return 0 to 99 from a record's number alone: nobody chooses, and a second look finds the same."""
    return int.from_bytes(hashlib.sha256(number.encode()).digest()[:8]) % 100


def is_drawn(number: str, share: Share) -> bool:
    return draw(number) < share.percent


def covering(slot: date, others: Iterable[tuple[int, date]], close_days: int) -> int | None:
    """Return which after-fault callback counts as that of the slot: the closest, if it is close enough."""
    near = [(abs((day - slot).days), pk) for pk, day in others]
    return min((found for found in near if found[0] <= close_days), default=(0, None))[1]


# Days -------------------------------------------------------------------------------------------------------


def workday(after: date, count: int, is_working: IsWorking) -> date:
    """Return the working day so many after a day; of none, the day itself or the first working one after."""
    day, left = after, count
    if not left:
        while not is_working(day):
            day += DAY
        return day
    while left:
        day += DAY
        left -= is_working(day)
    return day


def end_of(day: date, tz: tzinfo) -> datetime:
    """Return the instant at which a day is over."""
    return datetime.combine(day + DAY, time.min, tz)


def half_day(at: datetime, tz: tzinfo) -> tuple[date, bool]:
    """Return the day and whether it is the afternoon: tries on one half-day count as one."""
    local = at.astimezone(tz)
    return local.date(), local.time() >= NOON


def next_try(
    at: datetime, is_working: IsWorking, is_quiet: Callable[[datetime], bool], tz: tzinfo
) -> datetime:
    """Return when somebody is called again who was not reached: in the next half-day that suits."""
    day, is_afternoon = half_day(at, tz)
    for _n in range(2 * FARTHEST):
        day, is_afternoon = (day + DAY, False) if is_afternoon else (day, True)
        if not is_working(day):
            continue
        for part in AFTERNOON if is_afternoon else MORNING:
            again = datetime.combine(day, part, tz)
            if not is_quiet(again):
                return again
    return datetime.combine(workday(day, 0, is_working), MORNING[0], tz)
