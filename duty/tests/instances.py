"""Thirty rosters to make, from 5 to 40 people and 1 to 6 months, with little leave and with much."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import product

from duty.fairness import DAY_KINDS, Kind, Period, Person, Slot
from duty.official import plan_of
from duty.roster import Span
from opsdesk.testing import SHANGHAI

CASES = list(product([5, 8, 12, 20, 40], [1, 3, 6], [False, True]))  # people, months, tight
KINDS = {
    "workday": Kind.WORKDAY,
    "makeup_workday": Kind.WORKDAY,
    "weekend": Kind.WEEKEND,
    "day_in_lieu": Kind.WEEKEND,
    "statutory": Kind.HOLIDAY,
}
DAY, NIGHT = (time(8, 30), 9), (time(17, 30), 15)
WHOLE = (time(8, 30), 24)
BY_NIGHT = 20  # so many people have shifts by day and by night


@dataclass(frozen=True)
class Instance:
    """A period, and how it came about."""

    people: int
    months: int
    tight: bool
    period: Period

    def __str__(self) -> str:
        return f"{self.people} people, {self.months} months, {'tight' if self.tight else 'loose'}"


@cache
def kinds_of(year: int) -> dict[date, Kind]:
    return {planned.date: KINDS[planned.kind] for planned in plan_of(year).days}


def instance(people: int, months: int, *, tight: bool) -> Instance:
    """Tight: two free days between duties, two duties a week, a fifth of the time on leave, many wishes."""
    chance = random.Random(f"{people}/{months}/{tight}")
    first = date(2026, chance.randint(1, 12 - months + 1), 1)
    days = [first + timedelta(n) for n in range(30 * months + 1)]
    team = tuple(_person(number, people, days, chance, tight=tight) for number in range(people))
    return Instance(people, months, tight, Period(_published(_slots(people, days), team, chance), team))


def slot(day: date, kind: Kind, role: str, hours: tuple[time, int], holder: str | None = None) -> Slot:
    starts_at = datetime.combine(day, hours[0], SHANGHAI)
    span = Span(starts_at, starts_at + timedelta(hours=hours[1]))
    return Slot(
        f"{day} {hours[0]:%H:%M}+{hours[1]} {role}",
        role,
        day,
        kind,
        span,
        holder,
        2 if role == "primary" else 1,
        is_night=hours == NIGHT,
    )


def _slots(people: int, days: list[date]) -> list[Slot]:
    """Five people: one a day. Eight: a backup too. Twelve: a duty supervisor. Twenty: by day and by night."""
    kinds = kinds_of(2026)
    roles = ["primary", "backup"] if people >= 8 else ["primary"]
    turns = [DAY, NIGHT] if people >= BY_NIGHT else [WHOLE]
    slots = [slot(day, kinds[day], role, turn) for day in days for role in roles for turn in turns]
    if people >= 12:
        slots += [slot(day, kinds[day], "supervisor", WHOLE) for day in days]
    return slots


def _person(number: int, people: int, days: list[date], chance: random.Random, *, tight: bool) -> Person:
    roles = {"primary", "backup"} if number % 5 else {"backup"} if people >= 12 else {"primary", "backup"}
    if number % 3 == 0:
        roles |= {"supervisor"}
    leave, away = [], len(days) / (5 if tight else 20)
    while away > 0:
        length, starts = chance.randint(1, 7), chance.choice(days)
        midnight = datetime.combine(starts, time(0), SHANGHAI)
        leave.append(Span(midnight, midnight + timedelta(days=length)))
        away -= length
    kinds = Kind if people >= BY_NIGHT else DAY_KINDS
    wishes = chance.sample(days, (3 if tight else 1) * len(days) // 30)
    return Person(
        f"p{number:02}",
        frozenset(roles),
        tuple(leave),
        rest=timedelta(days=2) if tight else timedelta(hours=16),
        most_a_week=2 if tight else 3,
        desired=frozenset(wishes[:1]),
        undesired=frozenset(wishes[1:]),
        load={kind: chance.randint(0, 3) for kind in kinds},
    )


def _published(slots: list[Slot], team: tuple[Person, ...], chance: random.Random) -> tuple[Slot, ...]:
    """The first day's duties were published with the period before, each to somebody who may do it."""
    free, first = {person.key for person in team}, slots[0].day
    fixed = []
    for one in slots:
        able = [person.key for person in team if one.role in person.roles and person.key in free]
        if one.day == first and able:
            one = replace(one, holder=chance.choice(able))
            free.discard(one.holder)
        fixed.append(one)
    return tuple(fixed)
