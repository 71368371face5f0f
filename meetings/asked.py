"""What a source of the agenda is asked, and what it answers; all of them are asked in one statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, QuerySet, Window
from django.utils import timezone
from django.utils.functional import Promise

from meetings.agenda import Line
from staff.models import Group

MOST = 500  # lines behind a number
ONE = "SELECT %s AS source, (SELECT json_agg(line) FROM ({rows}) AS line)"


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


@dataclass(frozen=True, slots=True)
class Rows:
    """What is read for a section: `values()` of rows in their order, and the line that each becomes.

    The database gives them as JSON: an instant is a text with its offset, a day a text.
    """

    rows: QuerySet[Any, Any]
    line: Callable[[Mapping[str, Any]], Line]

    def drawn(self, found: list[Mapping[str, Any]] | None) -> Drawn:
        return Drawn(found[0]["in_all"], tuple(map(self.line, found))) if found else Drawn(0, ())


Ask = Callable[[Asked], Rows]
Draw = Callable[[Asked, int], Drawn]


@dataclass(frozen=True, slots=True)
class Source:
    """A part of the agenda: either rows to be asked for, or a `draw` of its own, bounded by a limit.

    `behind` is what the number opens, where that is something else than the section's own rows.
    """

    label: str | Promise
    asks: Ask | None = None
    draw: Draw | None = None
    behind: Ask | None = None

    def rows_behind(self, asked: Asked, limit: int = MOST) -> Drawn:
        if (ask := self.behind or self.asks) is not None:
            return in_one({"": ask(asked)}, limit)[""]
        assert self.draw is not None
        return self.draw(asked, limit)


def in_one(wanted: Mapping[str, Rows], limit: int) -> dict[str, Drawn]:
    """Ask for the first rows of many sources, each with how many it has in all, in one statement."""
    parts, params = [], []
    for name, one in wanted.items():
        rows = one.rows.annotate(in_all=Window(Count("*")))[:limit]
        try:
            sql, values = rows.query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(ONE.format(rows=sql))
        params += [name, *values]
    found: dict[str, Any] = {}
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), params)
            found = dict(cursor.fetchall())
    return {name: one.drawn(found.get(name)) for name, one in wanted.items()}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_default_timezone())
