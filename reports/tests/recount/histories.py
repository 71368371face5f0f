"""Random histories of some months: all that people and the house's sweeps do to records and around them.

All is done by the actions themselves, in the order of time. What the rules refuse is left undone; what was
done is counted by its name, so that a test can say that nothing is missing. Deadlines, changes of a month (in
Shanghai, and in UTC) and the ends of windows are met to the second, and missed by one.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from reports.tests.recount.world import BEGINS, ENDS, MONTHS, World
from staff.models import User
from staff.refused import Refused

MICROSECOND, SECOND = timedelta(microseconds=1), timedelta(seconds=1)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
T = TypeVar("T")
M = TypeVar("M", bound=Model)


class History:
    """One history: what is to happen when, and how often what has succeeded."""

    def __init__(self, world: World, seed: str, *, records: int = 40) -> None:
        self.world, self.cast, self.dice, self.records = world, world.cast, random.Random(seed), records
        self.now = BEGINS
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.straight: set[int] = set()  # records with which nearly all goes well
        self._ahead: list[tuple[datetime, int, Callable[[], None]]] = []
        self._number = count()

    def live(self) -> None:
        """Let everything happen that was planned, and what follows from it, until the history ends."""
        while self._ahead and self._ahead[0][0] <= ENDS:
            self.now, _number, happens = heappop(self._ahead)
            happens()
        self.now = ENDS

    def plan(self, at: datetime, happens: Callable[[], None]) -> None:
        heappush(self._ahead, (max(at, self.now), next(self._number), happens))

    def later(self, delay: timedelta, happens: Callable[[], None]) -> None:
        self.plan(self.now + delay, happens)

    def attempt(self, name: str, act: Callable[[], T]) -> T | None:
        """Do something whole or not at all, and count it; None where the rules refuse it."""
        try:
            with transaction.atomic():
                done = act()
        except Refused:
            self.refused[name] += 1
            return None
        self.done[name] += 1
        return done

    # Chance

    def chance(self, share: float) -> bool:
        return self.dice.random() < share

    def one_of(self, things: Sequence[T]) -> T:
        return self.dice.choice(things)

    def any_of(self, rows: QuerySet[M]) -> M | None:
        """One of the first few rows; None where there are none."""
        found = list(rows[:8])
        return self.one_of(found) if found else None

    def exactly(self, instant: datetime, act: Callable[[], None]) -> bool:
        """Now and then let it happen at an instant that decides, where that is still to come."""
        if instant > self.now and self.chance(0.4):
            self.plan(self.near(instant), act)
            return True
        return False

    def anybody(self, group: int) -> User:
        """Somebody of a group, now and then its supervisor."""
        staff = self.world.staff[group]
        return self.world.leads[group] if self.chance(0.2) else self.one_of(staff)

    def near(self, instant: datetime) -> datetime:
        """That instant itself, or just beside it."""
        return instant + self.one_of(
            [timedelta(0), timedelta(0), -MICROSECOND, MICROSECOND, -SECOND, SECOND, -MINUTE]
        )

    def boundaries(self) -> list[datetime]:
        """The first instants of the months in Shanghai."""
        zone = timezone.get_default_timezone()
        return [datetime(day.year, day.month, day.day, tzinfo=zone) for day in MONTHS[1:-1]]

    def boundary(self) -> datetime:
        """The first instant of a month, in Shanghai or by mistake in UTC."""
        instant = self.one_of(self.boundaries())
        return instant if self.chance(0.7) else instant.replace(tzinfo=UTC)

    def some_time(self) -> datetime:
        """Any instant of the history, often in a span around the change of a month."""
        if self.chance(0.4):
            return self.boundary() + self.dice.uniform(-40, 20) * HOUR
        return BEGINS + self.dice.random() * (ENDS - BEGINS)

    def soon(self, instants: Sequence[datetime | None] = ()) -> datetime:
        """When the next thing happens: often to the second of something that is due."""
        due = [instant for instant in instants if instant is not None and instant >= self.now]
        if due and self.chance(0.4):
            return self.near(self.one_of(due))
        if self.chance(0.08) and (boundary := self.near(self.boundary())) > self.now:
            return boundary
        return self.now + self.one_of([0.05, 0.3, 1, 4, 12, 26, 70]) * self.dice.uniform(0.5, 1.5) * HOUR


def lived(world: World, seed: str, *, records: int = 40) -> History:
    """Return a history that has happened: it is in the database."""
    from reports.tests.recount import around, onrecords

    history: Any = History(world, seed, records=records)
    onrecords.begin(history)
    around.begin(history)
    history.live()
    return history
