"""How a clock looks at an instant: what the badges and the REST interface show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils.dateparse import parse_datetime

from staff.models import User
from tickets.clocks import state
from tickets.models import Clock, ClockKind, Target, Ticket

NEXT_CLOCKS = """
SELECT DISTINCT ON (ticket_id) ticket_id, kind, cycle, "limit", started_at, near_at, due_at
FROM tickets_clock
WHERE ticket_id = ANY(%s) AND superseded_at IS NULL AND stopped_at IS NULL AND due_at IS NOT NULL
ORDER BY ticket_id, due_at, id
"""


@dataclass(frozen=True, slots=True)
class ClockFace:
    kind: str
    kind_label: str
    state: str
    started_at: datetime
    near_at: datetime | None
    due_at: datetime | None
    stopped_at: datetime | None
    limit: timedelta
    cycle: int

    @property
    def took(self) -> timedelta | None:
        """Calendar time from start to stop, where it has stopped."""
        return self.stopped_at - self.started_at if self.stopped_at else None


@dataclass(frozen=True, slots=True)
class NextStep:
    """A report-up to come: when, of which clock, and to whom."""

    due_at: datetime
    clock_label: str
    target_label: str


def face(clock: Clock, now: datetime) -> ClockFace:
    """Return a clock as it is to be seen at `now`."""
    return ClockFace(
        kind=clock.kind,
        kind_label=clock.kind_label,
        state=str(clock.state(now)),
        started_at=clock.started_at,
        near_at=clock.near_at,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        limit=clock.limit,
        cycle=clock.cycle,
    )


def next_steps(clocks: Iterable[Clock]) -> list[NextStep]:
    """What the clocks (of `with_planned`) have still to report up, soonest first."""
    steps = [
        NextStep(at, clock.kind_label, _who(step))
        for clock in clocks
        for step in clock.planned  # type: ignore[attr-defined]
        if (at := parse_datetime(step["due_at"])) is not None
    ]
    return sorted(steps, key=lambda step: step.due_at)


def _who(step: Mapping[str, str]) -> str:
    """The target of a planned report-up in words; of a named person his name."""
    if step["target"] != Target.PERSON:
        return str(Target(step["target"]).label)
    return User(name=step["name"], name_en=step["name_en"]).label


def next_clocks(tickets: Iterable[Ticket], now: datetime) -> dict[int, ClockFace]:
    """Of each record's running clocks the one that breaks next, by the record's id: one query for all."""
    found: dict[int, ClockFace] = {}
    if not (pks := [ticket.pk for ticket in tickets if ticket.is_open]):
        return found
    with connection.cursor() as cursor:
        cursor.execute(NEXT_CLOCKS, [pks])
        rows = cursor.fetchall()
    labels = {kind: str(label) for kind, label in ClockKind.choices}
    for pk, kind, cycle, limit, started_at, near_at, due_at in rows:
        found[pk] = ClockFace(
            kind=kind,
            kind_label=labels[kind],
            state=str(state(due_at=due_at, near_at=near_at, stopped_at=None, paused=False, now=now)),
            started_at=started_at,
            near_at=near_at,
            due_at=due_at,
            stopped_at=None,
            limit=limit,
            cycle=cycle,
        )
    return found


def strip(clocks: Iterable[Clock], now: datetime) -> list[ClockFace]:
    """The clocks of one record in the order of the process; of each kind the newest cycle."""
    newest = {clock.kind: clock for clock in sorted(clocks, key=lambda clock: clock.pk)}
    hidden = {ClockKind.NEXT_STEP, ClockKind.GRADING, ClockKind.CONFIRMATION, ClockKind.PROGRESS}
    return [
        face(newest[kind], now)
        for kind in ClockKind.values
        if kind in newest and (kind not in hidden or newest[kind].is_running)
    ]
