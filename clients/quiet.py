"""When somebody may be disturbed (§4.3). Pure: wishes, days and instants in, days and instants out.

A wish has hours of weekdays and quiet periods of whole days. Days are local, instants aware; `tz` is the wall
clock of whoever is called. Nothing here knows working time: who plans a call combines the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

LONGEST_LOOK = 400  # days: longer than any quiet period that comes again every year
MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class Hours:
    """A span of a weekday (0 is Monday), half-open; an end of 00:00 is midnight."""

    weekday: int
    starts: time
    ends: time

    def holds(self, moment: time) -> bool:
        return self.starts <= moment and (moment < self.ends or self.ends == MIDNIGHT)


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both included; `every_year` means the same days of each year, over New Year too."""

    starts_on: date
    ends_on: date
    every_year: bool = False
    reason: str = ""

    def holds(self, day: date) -> bool:
        if not self.every_year:
            return self.starts_on <= day <= self.ends_on
        if (self.ends_on - self.starts_on).days >= 365:
            return True
        first, last, asked = _of_year(self.starts_on), _of_year(self.ends_on), _of_year(day)
        return first <= asked <= last if first <= last else asked >= first or asked <= last


@dataclass(frozen=True, slots=True)
class Wish:
    """When somebody may be disturbed: within his hours, where he has any, and never in a quiet period."""

    hours: Sequence[Hours] = ()
    periods: Sequence[Period] = ()


def combined(client: Wish, contact: Wish | None) -> Wish:
    """Return what holds for a contact: his own hours before his client's, and the quiet periods of both.

    A house that closes its books is closed for everyone in it.
    """
    if contact is None:
        return client
    return Wish(contact.hours or client.hours, (*client.periods, *contact.periods))


def quiet_on(wish: Wish, day: date) -> Period | None:
    """Return the quiet period that a day lies in, or None."""
    return next((period for period in wish.periods if period.holds(day)), None)


def is_quiet(wish: Wish, day: date) -> bool:
    """Say whether a whole day is quiet: in a quiet period, or of a weekday without hours."""
    if quiet_on(wish, day) is not None:
        return True
    return bool(wish.hours) and not any(span.weekday == day.weekday() for span in wish.hours)


def is_allowed(wish: Wish, at: datetime, tz: tzinfo) -> bool:
    """Say whether somebody may be disturbed at an instant."""
    local = at.astimezone(tz)
    if quiet_on(wish, local.date()) is not None:
        return False
    moment = local.time().replace(fold=0)
    today = [span for span in wish.hours if span.weekday == local.weekday()]
    return not wish.hours or any(span.holds(moment) for span in today)


def next_allowed(wish: Wish, at: datetime, tz: tzinfo) -> datetime | None:
    """Return `at`, or the first instant after it at which somebody may be disturbed.

    None when there is no such instant within 400 days.
    """
    if is_allowed(wish, at, tz):
        return at
    local = at.astimezone(tz)
    for ahead in range(LONGEST_LOOK):
        day = local.date() + timedelta(days=ahead)
        if quiet_on(wish, day) is not None:
            continue
        starts = sorted(_starts(wish.hours, day))
        for start in starts:
            instant = datetime.combine(day, start, tzinfo=tz)
            if instant >= at:
                return instant
    return None


def faults(hours: Iterable[Hours]) -> list[int]:
    """Return the places, from 0, of spans that end before they begin or that overlap an earlier one."""
    wrong, taken = [], list[Hours]()
    for place, span in enumerate(hours):
        backwards = span.ends != MIDNIGHT and span.ends <= span.starts
        if backwards or any(_overlap(span, other) for other in taken):
            wrong.append(place)
        else:
            taken.append(span)
    return wrong


def _starts(hours: Sequence[Hours], day: date) -> Iterable[time]:
    if not hours:
        return [MIDNIGHT]
    return (span.starts for span in hours if span.weekday == day.weekday())


def _overlap(one: Hours, other: Hours) -> bool:
    if one.weekday != other.weekday:
        return False
    return one.holds(other.starts) or other.holds(one.starts)


def _of_year(day: date) -> tuple[int, int]:
    return day.month, day.day
