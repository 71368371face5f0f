"""Whose turn it is: a rotation laid out as shifts. Pure.

A shift belongs to the day on which it starts: that day's weekday and kind decide whether it takes place, also
when it ends on the morning after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
KindOf = Callable[[date], str]


@dataclass(frozen=True, slots=True)
class Rotation:
    """People who take one shift a day in turn, from `since` until `until`, which may be open.

    A shift that ends at the time it starts at, or before, ends the next day. A turn lasts `every` shifts, or
    `every` weeks of seven days counted from `first_day`, on which the first person's turn begins.
    No weekdays or kinds of day means all of them.
    """

    role: str
    people: tuple[int, ...]
    starts: time
    ends: time
    first_day: date
    since: datetime
    until: datetime | None = None
    every: int = 1
    by_week: bool = False
    weekdays: frozenset[int] = frozenset()
    kinds: frozenset[str] = frozenset()

    def takes_place(self, day: date, kind_of: KindOf) -> bool:
        fits = not self.weekdays or day.weekday() in self.weekdays
        return fits and (not self.kinds or kind_of(day) in self.kinds)

    def span_on(self, day: date, tz: ZoneInfo) -> tuple[datetime, datetime]:
        last = day if self.ends > self.starts else day + DAY
        starts_at, ends_at = datetime.combine(day, self.starts, tz), datetime.combine(last, self.ends, tz)
        return starts_at.astimezone(UTC), ends_at.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Turn:
    """One shift of a rotation, and who has it."""

    starts_at: datetime
    ends_at: datetime
    person: int


def turns(
    rotation: Rotation, kind_of: KindOf, since: datetime, until: datetime, tz: ZoneInfo
) -> Iterator[Turn]:
    """Yield the shifts that touch [since, until), in order, cut only where the rotation begins or ends."""
    opens, closes = rotation.since, rotation.until or until
    if not rotation.people or max(since, opens) >= min(until, closes):
        return
    # What began the day before may still hold.
    day = max(since, opens).astimezone(tz).date() - DAY
    last = min(until, closes).astimezone(tz).date()
    taken = _shifts_before(day, rotation, kind_of)
    while day <= last:
        if rotation.takes_place(day, kind_of):
            number = (day - rotation.first_day).days // 7 if rotation.by_week else taken
            person = rotation.people[number // rotation.every % len(rotation.people)]
            starts_at, ends_at = rotation.span_on(day, tz)
            starts_at, ends_at = max(starts_at, opens), min(ends_at, rotation.until or ends_at)
            if starts_at < ends_at and starts_at < until and ends_at > since:
                yield Turn(starts_at, ends_at, person)
            taken += 1
        day += DAY


def _shifts_before(day: date, rotation: Rotation, kind_of: KindOf) -> int:
    """Count the shifts from the first day to a day; below zero where the day comes before the first."""
    first, last = sorted([day, rotation.first_day])
    between = (first + n * DAY for n in range((last - first).days))
    count = sum(rotation.takes_place(one, kind_of) for one in between)
    return count if day >= rotation.first_day else -count
