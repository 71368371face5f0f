"""Where a callback goes: a day, a time, a person and a contact. Pure: no database, no clock (§5.3).

It is placed on the first day that suits: not in the quiet hours of who is called, not too soon after the last
contact with him, at a free time of whoever of the group has least to do. Days are local (`Board.tz`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

from visits.planning import (
    AFTERNOON,
    CALL_TIMES,
    COME_TIMES,
    DAY,
    FARTHEST,
    MORNING,
    NOON,
    IsWorking,
    Quiet,
    workday,
)

MOST_A_DAY = 4  # of one person, as long as another day or person does as well


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
