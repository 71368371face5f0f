"""What a source of the agenda is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, QuerySet, Window
from django.utils import timezone
from django.utils.functional import Promise

from meetings.agenda import Line
from staff.models import Group

MOST = 500  # lines behind a number


@dataclass(frozen=True, slots=True)
class Asked:
    """For whose meeting a source draws: the weeks that it looks back on, and the one that it looks ahead to.

    `since` and `until` bound what is behind, half-open, at local midnights; `end` is the end of the meeting's
    own week, which begins at `until`. `of` narrows the rows behind a number to one of its lines.
    """

    group: Group
    meeting: int
    week: date
    weeks: int
    now: datetime
    of: str = ""

    @property
    def since(self) -> datetime:
        return _midnight(self.week - timedelta(weeks=self.weeks))

    @property
    def until(self) -> datetime:
        return _midnight(self.week)

    @property
    def end(self) -> datetime:
        return _midnight(self.week + timedelta(weeks=1))

    @property
    def before(self) -> datetime:
        """The beginning of the span of the same length before `since`: what last week is compared with."""
        return _midnight(self.week - timedelta(weeks=2 * self.weeks))

    @property
    def today(self) -> date:
        return timezone.localdate(self.now, timezone.get_default_timezone())


@dataclass(frozen=True, slots=True)
class Drawn:
    """How many there are, and the first of them."""

    count: int
    lines: tuple[Line, ...]


Draw = Callable[[Asked, int], Drawn]


@dataclass(frozen=True, slots=True)
class Source:
    """A part of the agenda. `draw` returns at most so many lines, in one bounded query.

    `rows` is what the number opens, where that is something else than the section's own lines.
    """

    label: str | Promise
    draw: Draw
    rows: Draw | None = None

    def behind(self, asked: Asked, limit: int = MOST) -> Drawn:
        return (self.rows or self.draw)(asked, limit)


def counted(rows: QuerySet[object, dict[str, object]], line: Callable[[dict], Line], limit: int) -> Drawn:
    """The first rows as lines, and how many there are altogether, in one query. `rows` are `values()`."""
    found = list(rows.annotate(in_all=Window(Count("*")))[:limit])
    return Drawn(found[0]["in_all"] if found else 0, tuple(map(line, found)))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_default_timezone())
