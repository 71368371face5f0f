"""What a source of the agenda is asked, and what it answers; all of them are asked in one statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet, Window
from django.utils import timezone
from django.utils.functional import Promise

from meetings.agenda import Line
from staff.models import Group
from staff.prepared import Prepared, prepared

MOST = 500  # lines behind a number
ONE = "SELECT %s AS source, (SELECT json_agg(line) FROM ({rows}) AS line)"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """For whose meeting a source draws: the weeks that it looks back on, and the one that it looks ahead to.

    `since` and `until` bound what is behind, half-open, at local midnights, and so do `since_on` and
    `until_on` in days; `before` is as long before `since`. `end` is the end of the meeting's own week, which
    begins at `until`. `of` narrows the rows behind a number to one of its lines.
    """

    group: int
    meeting: int
    now: datetime
    before: datetime
    since: datetime
    until: datetime
    end: datetime
    today: date
    since_on: date
    until_on: date
    code: str = ""
    of: str = ""

    @property
    def values(self) -> tuple[object, ...]:
        """What differs from one time to the next in the statements of the sources."""
        instants = (self.now, self.before, self.since, self.until, self.end)
        return (self.group, self.meeting, *instants, self.today, self.since_on, self.until_on)


def asked_about(group: Group, meeting: int, week: date, weeks: int, now: datetime, of: str = "") -> Asked:
    """What is asked of a meeting of the week that begins on a Monday, and that covers so many weeks."""
    since_on, span = week - timedelta(weeks=weeks), timedelta(weeks=weeks)
    return Asked(
        group=group.pk,
        meeting=meeting,
        now=now,
        before=_midnight(since_on - span),
        since=_midnight(since_on),
        until=_midnight(week),
        end=_midnight(week + timedelta(weeks=1)),
        today=timezone.localdate(now, timezone.get_default_timezone()),
        since_on=since_on,
        until_on=week,
        code=group.code,
        of=of,
    )


@dataclass(frozen=True, slots=True)
class Drawn:
    """How many there are, and the first of them."""

    count: int
    lines: tuple[Line, ...]


Rows = Callable[[Asked], QuerySet[Any, Any]]
ToLine = Callable[[Row, Asked], Line]
Draw = Callable[[Asked, int], Drawn]


@dataclass(frozen=True)
class Source:
    """A part of the agenda: `rows` as `values()` in their order, and the line that each becomes.

    The database gives rows as JSON: an instant is a text with its offset, a day a text. The statement is
    written once (`staff.prepared`), so `rows` looks at none of the values. Where the number is not that of
    the rows, `count` says it, and `behind` what it opens. A source may `draw` itself, bounded by a limit.
    """

    label: str | Promise
    rows: Rows | None = None
    line: ToLine | None = None
    draw: Draw | None = None
    count: Callable[[Sequence[Row]], int] | None = None
    behind: tuple[Rows, ToLine] | None = None

    def rows_behind(self, asked: Asked, limit: int = MOST) -> Drawn:
        """What the number opens."""
        if self.behind is not None:
            rows, line = self.behind
            found = list(_with_count(rows(asked))[:limit])
            return Drawn(found[0]["in_all"] if found else 0, tuple(line(row, asked) for row in found))
        return in_one({"": self}, asked, limit)[""]

    def drawn(self, found: Sequence[Row], asked: Asked) -> Drawn:
        if not found or self.line is None:
            return Drawn(0, ())
        count = self.count(found) if self.count else found[0]["in_all"]
        return Drawn(count, tuple(self.line(row, asked) for row in found))

    @cached_property
    def question(self) -> Prepared[Any]:
        def ask(*values: Any) -> QuerySet[Any, Any]:
            assert self.rows is not None
            found = self.rows(Asked(*values))
            return found if self.count else _with_count(found)

        return prepared(ask)


def in_one(sources: Mapping[str, Source], asked: Asked, limit: int) -> dict[str, Drawn]:
    """Ask for the first rows of sources, each with how many it has in all, in one statement."""
    parts: list[str] = []
    params: list[Any] = []
    found: dict[str, Any] = {}
    for name, source in sources.items():
        if source.draw is not None:
            continue
        sql, values = source.question.statement(*asked.values)
        if sql:
            parts.append(ONE.format(rows=f"{sql} LIMIT {limit:d}"))
            params += [name, *values]
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), params)
            found = dict(cursor.fetchall())
    return {
        name: source.draw(asked, limit) if source.draw else source.drawn(found.get(name) or (), asked)
        for name, source in sources.items()
    }


def _with_count(rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    return rows.annotate(in_all=Window(Count("*")))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_default_timezone())
