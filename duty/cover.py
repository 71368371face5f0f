"""Statutory holidays, and whether a plan covers them: what has to be there, and what lacks (§5.5). Pure.

Every moment of every day of a break somebody is on duty and somebody is duty supervisor; on the four holidays
that §5.5 names (New Year, Spring Festival, 1 May, National Day) there is a backup as well. Whoever has one of
these duties can be called. That these are the conditions is our reading of "support must be there".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from duty.roster import Span, day_span, gaps, part_within

DAY = timedelta(days=1)
ALWAYS = ("primary", "supervisor")
DOUBLE = ("primary", "backup", "supervisor")
FIXED = frozenset({(1, 1), (5, 1), (10, 1)})  # New Year, 1 May, National Day
SPRING_FESTIVAL = ("Spring Festival", "Chinese New Year")


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day off of the calendar: by law (`is_statutory`), or belonging to the same break."""

    date: date
    name: str
    name_en: str
    is_statutory: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A break: days off in a row of which one at least is a statutory holiday."""

    days: tuple[DayOff, ...]

    @property
    def first(self) -> date:
        return self.days[0].date

    @property
    def last(self) -> date:
        return self.days[-1].date

    @property
    def name(self) -> str:
        return _joined(day.name for day in self.days if day.is_statutory)

    @property
    def name_en(self) -> str:
        return _joined(day.name_en for day in self.days if day.is_statutory)

    @property
    def is_key(self) -> bool:
        """Whether it is one of the four holidays that §5.5 names."""
        fixed = any((day.date.month, day.date.day) in FIXED for day in self.days)
        return fixed or any(name in day.name_en for day in self.days for name in SPRING_FESTIVAL)

    @property
    def duties(self) -> tuple[str, ...]:
        return DOUBLE if self.is_key else ALWAYS

    def span(self, tz: ZoneInfo) -> Span:
        return Span(day_span(self.first, tz).starts_at, day_span(self.last, tz).ends_at)


class Why(StrEnum):
    NOBODY = "nobody"  # nobody is planned
    ABSENT = "absent"  # whoever was planned is away
    PHONE = "phone"  # whoever is planned cannot be called


@dataclass(frozen=True, slots=True)
class Planned:
    """Somebody's span of a duty; not `is_there` where he is away or has left."""

    starts_at: datetime
    ends_at: datetime
    role: str
    person: int
    is_there: bool = True


@dataclass(frozen=True, slots=True)
class Lack:
    """What a plan lacks in a span: of a duty, and of a person where it is his."""

    starts_at: datetime
    ends_at: datetime
    role: str
    why: Why
    person: int | None = None


def blocks_of(days: Iterable[DayOff]) -> list[Block]:
    """Return the breaks among days off that come in order; without a holiday in them they are none."""
    runs: list[list[DayOff]] = []
    for day in days:
        if runs and runs[-1][-1].date + DAY == day.date:
            runs[-1].append(day)
        else:
            runs.append([day])
    return [Block(tuple(run)) for run in runs if any(day.is_statutory for day in run)]


def lacks(
    block: Block,
    planned: Sequence[Planned],
    *,
    callable_: Collection[int],
    since: datetime,
    tz: ZoneInfo,
) -> list[Lack]:
    """Return what the plan of a break lacks from `since` on, in order; `callable_` are who has a number."""
    whole = block.span(tz)
    window = Span(max(whole.starts_at, since), whole.ends_at)
    found: list[Lack] = []
    for role in block.duties if window.starts_at < window.ends_at else ():
        own = [one for one in planned if one.role == role]
        spans = [Span(one.starts_at, one.ends_at) for one in own]
        found += [
            Lack(gap.starts_at, gap.ends_at, role, Why.NOBODY)
            for gap in gaps(spans, window.starts_at, window.ends_at)
        ]
        for one, span in zip(own, spans, strict=True):
            part = part_within(span, window)
            if part and not one.is_there:
                found.append(Lack(part.starts_at, part.ends_at, role, Why.ABSENT, one.person))
            elif part and one.person not in callable_:
                found.append(Lack(part.starts_at, part.ends_at, role, Why.PHONE, one.person))
    return sorted(found, key=lambda lack: (lack.starts_at, lack.role))


def _joined(names: Iterable[str]) -> str:
    return " · ".join(dict.fromkeys(filter(None, names)))
