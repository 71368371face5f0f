"""Who must know, and in what order things fall due. Pure: facts and an instant in, steps out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

NEAR = "near"
BREACH = "breach"
REPORT_UP = "report_up"
_ORDER = {NEAR: 0, BREACH: 1, REPORT_UP: 2}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do about a clock: mark it near, mark it breached, or report it up (`report_up`)."""

    at: datetime
    kind: str
    clock: Any
    report_up: Any = None


def due_steps(
    clock: Any,
    *,
    near_at: datetime | None,
    due_at: datetime | None,
    planned: Iterable[tuple[datetime, Any]],
    now: datetime,
) -> list[Step]:
    """Return what fell due on a clock before `now` (§5.4).

    `near_at` and `due_at` are None where already marked or standing still. All datetimes are aware.
    """
    steps = [Step(at, REPORT_UP, clock, item) for at, item in planned if at < now]
    if near_at is not None and near_at < now:
        steps.append(Step(near_at, NEAR, clock))
    if due_at is not None and due_at < now:
        steps.append(Step(due_at, BREACH, clock))
    return steps


def in_order(steps: Iterable[Step]) -> list[Step]:
    """Return the steps of one record, of all its clocks, in the order of their instants.

    At equal instants the mark comes before the report-up, so that the history reads in its natural order.
    """
    return sorted(steps, key=lambda step: (step.at, _ORDER[step.kind]))


LADDER = ("owner", "on_duty", "supervisor", "technical_lead", "department_manager", "general_manager")


def ladder_from(target: str) -> tuple[str, ...]:
    """Return the targets to try, beginning with `target`: where nobody is found the next level up is told."""
    return LADDER[LADDER.index(target) :]
