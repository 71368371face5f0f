"""When, by whom and to whom a callback is made. Pure: no database, no clock (§5.3).

A client's rhythm gives slots, days on which something is due by his type. Each slot becomes one callback,
placed on the first working day from the slot on that suits: not in the quiet hours of who is called, not too
soon after the last contact with him, at a free time of whoever of the group has least to do. Days are local
(`Board.tz`), instants aware.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Protocol

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

DAY = timedelta(days=1)
AHEAD = timedelta(days=28)
MOST_A_DAY = 4  # of one person, as long as another day or person does as well
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


# Places -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """Who may call, and the days on which he is away."""

    id: int
    away: Collection[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Want:
    """A callback to be placed, from one day to another, if at all possible.

    `among` are the people who may do it, all where nobody is named. `contacts` may be asked, none known is
    None. `gap` is how many days apart two contacts
    with one of them are. `prefer` know the client, `avoid` would ask about their own work.
    """

    client: int
    earliest: date
    latest: date
    is_on_site: bool = False
    among: Collection[int] = ()
    contacts: Sequence[int | None] = (None,)
    gap: int = 0
    prefer: Collection[int] = ()
    avoid: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """When, by whom (nobody where nobody works there) and to whom; `is_soon`: sooner than the gap allows."""

    at: datetime
    person: int | None
    contact: int | None
    is_soon: bool


@dataclass(slots=True)
class Board:
    """A group's people with what they have to do, and when its clients' contacts were or will be called."""

    people: Sequence[Person]
    is_working: IsWorking
    tz: tzinfo
    quiet: Mapping[tuple[int, int | None], Quiet] = field(default_factory=dict)
    loads: Counter[int] = field(default_factory=Counter)
    busy: set[tuple[int, datetime]] = field(default_factory=set)
    a_day: Counter[tuple[int, date]] = field(default_factory=Counter)
    called: dict[tuple[int, int | None], list[date]] = field(default_factory=lambda: defaultdict(list))

    def take(
        self, at: datetime, person: int | None, client: int, contact: int | None, *, is_on_site: bool
    ) -> None:
        """Note a callback that stands: it fills its time, weighs on its person, and tires its contact."""
        local = at.astimezone(self.tz)
        self.called[client, contact].append(local.date())
        if person is None:
            return
        self.loads[person] += 1
        self.a_day[person, local.date()] += 1
        for part in self._parts(local, is_on_site):
            self.busy.add((person, part))

    def place(self, want: Want, *, now: datetime) -> Placed:
        """Find when, who and whom, and note it. The gap gives way first, then the limit, quiet hours last."""
        local = now.astimezone(self.tz)
        inside = [day for day in _days(want.earliest, want.latest) if self.is_working(day)]
        after = _days(want.latest + DAY, want.latest + FARTHEST * DAY)
        beyond = (day for day in after if self.is_working(day))
        for days, rested, most in (
            (inside, True, MOST_A_DAY),
            (inside, True, None),
            (inside, False, MOST_A_DAY),
            (inside, False, None),
            (beyond, False, None),
        ):
            for day in days:
                found = self._on(day, want, local, rested=rested, most=most)
                if found is not None:
                    self.take(found.at, found.person, want.client, found.contact, is_on_site=want.is_on_site)
                    return found
        return self._anyhow(want, inside[0] if inside else workday(want.latest, 0, self.is_working))

    def is_quiet(self, client: int, contact: int | None, at: datetime) -> bool:
        quiet = self.quiet.get((client, contact))
        return quiet is not None and quiet.is_quiet(at)

    def _on(self, day: date, want: Want, now: datetime, *, rested: bool, most: int | None) -> Placed | None:
        for contact in sorted(want.contacts, key=lambda one: self._last_called(want.client, one, day)):
            is_soon = self._is_soon(want.client, contact, day, want.gap)
            if rested and is_soon:
                continue
            times = [
                at
                for at in self._times(day, want.is_on_site)
                if at > now and not self.is_quiet(want.client, contact, at)
            ]
            if not times:
                continue
            if not any(not want.among or one.id in want.among for one in self.people):
                return Placed(times[0], None, contact, is_soon)
            for person in self._in_turn(day, want, most):
                free = next((at for at in times if self._is_free(person, at, want.is_on_site)), None)
                if free is not None:
                    return Placed(free, person, contact, is_soon)
        return None

    def _in_turn(self, day: date, want: Want, most: int | None) -> list[int]:
        """Who is there that day, least to do first; who knows the client as if he had one less."""
        able = [one for one in self.people if not want.among or one.id in want.among]
        there = [one.id for one in able if day not in one.away] or [one.id for one in able]
        if most is not None:
            there = [one for one in there if self.a_day[one, day] < most]
        return sorted(there, key=lambda one: (one in want.avoid, self.loads[one] - (one in want.prefer), one))

    def _anyhow(self, want: Want, day: date) -> Placed:
        """Somebody who never wants to be called is called all the same: a person decides, not the planner."""
        at = self._times(day, want.is_on_site)[0]
        person = next(iter(self._in_turn(day, want, None)), None)
        self.take(at, person, want.client, want.contacts[0], is_on_site=want.is_on_site)
        return Placed(at, person, want.contacts[0], is_soon=True)

    def _times(self, day: date, is_on_site: bool) -> list[datetime]:
        return [datetime.combine(day, at, self.tz) for at in (COME_TIMES if is_on_site else CALL_TIMES)]

    def _parts(self, at: datetime, is_on_site: bool) -> Iterator[datetime]:
        """The times of calls that a callback fills: to go there takes half a day."""
        half = MORNING if at.time() < NOON else AFTERNOON
        for part in half if is_on_site else (at.time(),):
            yield datetime.combine(at.date(), part, self.tz)

    def _is_free(self, person: int, at: datetime, is_on_site: bool) -> bool:
        return all((person, part) not in self.busy for part in self._parts(at, is_on_site))

    def _is_soon(self, client: int, contact: int | None, day: date, gap: int) -> bool:
        return any(abs((day - called).days) < gap for called in self.called[client, contact])

    def _last_called(self, client: int, contact: int | None, day: date) -> date:
        return max((called for called in self.called[client, contact] if called <= day), default=date.min)


def _days(first: date, last: date) -> Iterator[date]:
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
