"""How many duties somebody had on which kind of day: what allowances are paid by. Pure.

A shift counts for the day on which it starts, as a whole; its hours are its own length. One that was shared
counts for each who had a part of it, with the hours of his part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from duty.rotation import KindOf


class PaidKind(StrEnum):
    """The kinds of day that differ in pay: a make-up workday is a workday."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    STATUTORY = "statutory"
    DAY_IN_LIEU = "day_in_lieu"


MAKEUP = "makeup_workday"


@dataclass(frozen=True, slots=True)
class Duty:
    """A shift as it was held: whose, which duty, and from when to when (half-open, aware)."""

    person: int
    role: str
    starts_at: datetime
    ends_at: datetime


@dataclass(slots=True)
class Count:
    shifts: int = 0
    time: timedelta = timedelta(0)

    @property
    def hours(self) -> float:
        """Hours, to two decimal places."""
        return round(self.time.total_seconds() / 3600, 2)

    def add(self, time: timedelta, shifts: int = 1) -> None:
        self.shifts += shifts
        self.time += time


@dataclass(frozen=True, slots=True)
class Tally:
    """What one person had of one duty: by kind of day, and in all."""

    person: int
    role: str
    kinds: Mapping[PaidKind, Count] = field(default_factory=lambda: {kind: Count() for kind in PaidKind})

    @property
    def total(self) -> Count:
        whole = Count()
        for count in self.kinds.values():
            whole.add(count.time, count.shifts)
        return whole


def tallies(
    duties: Iterable[Duty], first: date, last: date, kind_of: KindOf, tz: ZoneInfo
) -> dict[tuple[int, str], Tally]:
    """Count the duties that start on one of the days from `first` to `last`, by person and duty."""
    found: dict[tuple[int, str], Tally] = {}
    for duty in duties:
        day = duty.starts_at.astimezone(tz).date()
        if not first <= day <= last:
            continue
        kind = kind_of(day)
        tally = found.setdefault((duty.person, duty.role), Tally(duty.person, duty.role))
        paid = PaidKind.WORKDAY if kind == MAKEUP else PaidKind(kind)
        tally.kinds[paid].add(duty.ends_at - duty.starts_at)
    return found
