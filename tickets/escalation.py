"""Who must know, and in what order things fall due. Pure: facts and an instant in, steps out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

# How often a report-up is made again at the most.
MOST_REPEATS = 5


class While(TextChoices):
    """In which state of the record a report-up is made; what it leaves once it never comes back to."""

    ANY = "", _("running, whatever its state")
    UNACKNOWLEDGED = "unacknowledged", _("not acknowledged")
    UNDIAGNOSED = "undiagnosed", _("not diagnosed")


class Needs(TextChoices):
    """Whose acknowledgement ends the repeats of a report-up."""

    NONE = "none", _("nobody")
    ONE = "one", _("one of those told")
    ALL = "all", _("all who were told")


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


def holds(only_while: str, *, is_acknowledged: bool, is_diagnosed: bool) -> bool:
    """Say whether a record is still in the state for which a rule was made."""
    if only_while == While.UNACKNOWLEDGED:
        return not is_acknowledged
    return only_while != While.UNDIAGNOSED or not is_diagnosed


def is_settled(needs: str, told: Iterable[int], acknowledged: Iterable[int]) -> bool:
    """Say whether a report-up needs no repeating, from the ids of who was told and who acknowledged it.

    Those who were told of an earlier turn are told of the same thing: `told` is all of them.
    """
    answered, asked = set(acknowledged), set(told)
    if needs == Needs.ONE:
        return bool(answered & asked)
    return needs == Needs.ALL and bool(asked) and asked <= answered


LADDER = ("owner", "on_duty", "supervisor", "technical_lead", "department_manager", "general_manager")


PERSON = "person"


def passes_over_duty(target: str, reached: str, level: int = 0) -> bool:
    """Say whether whoever is on duty should have been told, and nobody was: people were found further up."""
    ladder = ladder_from(target, level)
    on_duty = "on_duty"
    if on_duty not in ladder or reached == on_duty:
        return False
    return reached not in ladder or ladder.index(reached) > ladder.index(on_duty)


def ladder_from(target: str, level: int = 0) -> tuple[str, ...]:
    """Return the targets to try, beginning with `target`: where nobody is found the next level up is told.

    After a named person comes the management level above his own, which is `level`.
    """
    if target == PERSON:
        return (PERSON, *LADDER[LADDER.index("supervisor") + level :])
    return LADDER[LADDER.index(target) :]
