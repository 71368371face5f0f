"""A clock of a record kept in memory, placed in time as the actions place theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from duty.hours import Hours
from tickets import clocks, escalation
from tickets.models import PAUSING, Clock, Escalation, Pause

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class Running:
    """A clock's row, the report-ups that may still come (soonest first), and those that came."""

    row: Clock
    hours: Hours
    planned: list[Escalation]
    fired: list[Escalation] = field(default_factory=list)

    def place(self, pauses: Sequence[Pause], *, pause_ends: datetime | None = None) -> None:
        """Set all instants from the start and the pauses; an open one ends at `pause_ends`, if given."""
        row = self.row
        held_up = pauses if row.kind in PAUSING else []
        intervals = [clocks.Interval(pause.started_at, pause.ended_at or pause_ends) for pause in held_up]
        instant = cache(lambda offset: clocks.instant_at(row.started_at, offset, self.hours, intervals))
        row.due_at = instant(row.limit)
        row.near_at = instant(row.limit * row.near_percent // 100)
        for step in self.planned:
            step.due_at = instant(step.offset)
        self.planned.sort(key=lambda step: step.due_at or NEVER)
        row.next_at = self.next_instant()

    def next_instant(self) -> datetime | None:
        instants = [self.row.near_at if self.row.near_marked_at is None else None]
        instants.append(self.row.due_at if self.row.breached_marked_at is None else None)
        instants += [step.due_at for step in self.planned[:1]]
        return min((instant for instant in instants if instant is not None), default=None)

    def due_steps(self, now: datetime) -> list[escalation.Step]:
        return escalation.due_steps(
            self,
            near_at=None if self.row.near_marked_at else self.row.near_at,
            due_at=None if self.row.breached_marked_at else self.row.due_at,
            planned=[(step.due_at, step) for step in self.planned if step.due_at and step.due_at < now],
            now=now,
        )
