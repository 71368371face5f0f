"""Who answers for a limit that was exceeded, and how that is judged (§3.2). Pure: no database, no clock.

The person answerable explains, a superior rules on the cause, the person may appeal within some working
days, and somebody higher than the one who ruled decides for good. Two sentences stand above everything:
nobody rules on his own overrun, and nobody is judged unheard before his time to explain is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import IntEnum, StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from duty.hours import DAY, Hours, add


class OverrunState(TextChoices):
    OPEN = "open", _("To be explained")
    EXPLAINED = "explained", _("To be ruled on")
    RULED = "ruled", _("Ruled, open to appeal")
    APPEALED = "appealed", _("Appealed")
    SETTLED = "settled", _("Settled")


class OverrunCause(TextChoices):
    OWN = "own", _("Our own cause")
    CLIENT = "client", _("The client's cause")
    THIRD_PARTY = "third_party", _("A third party's cause")
    FORCE_MAJEURE = "force_majeure", _("Force majeure")


class Step(StrEnum):
    """What happens to a case; each is done by the action of that name."""

    EXPLAIN = "explain"
    RULE = "rule"
    APPEAL = "appeal"
    DECIDE = "decide"


class Told(IntEnum):
    """How far people have been told of a case that waits. The order is the one in which it happens."""

    NOBODY = 0
    TO_EXPLAIN = 1
    NOT_EXPLAINED = 2
    NOT_RULED = 3
    NOT_DECIDED = 4


STEPS: Mapping[Step, frozenset[OverrunState]] = {
    Step.EXPLAIN: frozenset({OverrunState.OPEN}),
    Step.RULE: frozenset({OverrunState.OPEN, OverrunState.EXPLAINED}),
    Step.APPEAL: frozenset({OverrunState.RULED}),
    Step.DECIDE: frozenset({OverrunState.APPEALED}),
}
# How many working days each step has: defaults of the product, not from the process document. The rows of
# `tickets.models.Window` rule.
DAYS: dict[Step, int] = {Step.EXPLAIN: 1, Step.RULE: 3, Step.APPEAL: 3, Step.DECIDE: 3}
# The levels of the ladder as far as a case goes: those of `staff.models.ManagementLevel`, and one above them.
NO_LEVEL, SUPERVISOR, TECHNICAL_LEAD, ABOVE_ALL = 0, 1, 2, 9


def may_follow(step: Step, state: str) -> bool:
    """Say whether a step may start from a state."""
    return OverrunState(state) in STEPS[step]


def may_be_excused(cause: str) -> bool:
    """Say whether a cause can be an excuse at all: what was our own never is."""
    return OverrunCause(cause) != OverrunCause.OWN


@dataclass(frozen=True, slots=True)
class Standing:
    """A case as one person meets it at one instant. `level` is his, as far as this case goes."""

    state: str
    counts: bool  # False once its clock is set aside: another one answers
    is_own: bool
    level: int
    ruled_level: int  # of whoever ruled
    was_ruler: bool
    was_heard: bool  # explained, or nobody is there to explain, or the time for it is over
    is_appealable: bool

    def refusal(self, step: Step) -> str:
        """Return why this person may not take a step, as a stable code; empty where he may."""
        if not self.counts:
            return "set_aside"
        if reason := self._not_his(step):
            return reason
        if not may_follow(step, self.state):
            return "wrong_status"
        if step == Step.RULE and not self.was_heard:
            return "unheard"
        if step == Step.APPEAL and not self.is_appealable:
            return "appeal_over"
        return ""

    def possible(self) -> list[Step]:
        """The steps that this person may take now, in their order."""
        return [step for step in Step if not self.refusal(step)]

    def _not_his(self, step: Step) -> str:
        if step in (Step.EXPLAIN, Step.APPEAL):
            return "" if self.is_own else "forbidden"
        if self.is_own:
            return "own_overrun"
        if step == Step.DECIDE and self.was_ruler:
            return "own_ruling"
        least = SUPERVISOR if step == Step.RULE else max(TECHNICAL_LEAD, self.ruled_level + 1)
        return "" if self.level >= least else "forbidden"


@dataclass(frozen=True, slots=True)
class Terms:
    """How many working days each step has, and the days that are worked (whole days, in local time).

    A term ends with the last of its working days, at midnight; the day on which it began does not count.
    """

    explain: int
    rule: int
    appeal: int
    decide: int
    workdays: Hours

    def due_at(
        self,
        state: str,
        *,
        has_person: bool,
        opened_at: datetime,
        explained_at: datetime | None,
        appeal_until: datetime | None,
        appealed_at: datetime | None,
    ) -> datetime | None:
        """Return by when the next step is due; of a ruled case, when it becomes final. UTC; settled: None."""
        if state == OverrunState.OPEN:
            return self.ends_at(opened_at, self.explain if has_person else self.rule)
        if state == OverrunState.EXPLAINED and explained_at:
            return self.ends_at(explained_at, self.rule)
        if state == OverrunState.APPEALED and appealed_at:
            return self.ends_at(appealed_at, self.decide)
        return appeal_until if state == OverrunState.RULED else None

    def ends_at(self, since: datetime, days: int) -> datetime:
        """Return the end of the so-manieth working day after the day of `since` (aware), in UTC."""
        local = since.astimezone(self.workdays.tz)
        next_day = datetime.combine(local.date() + DAY, time.min, self.workdays.tz)
        return add(next_day, days * DAY, self.workdays)

    def over_since(self, now: datetime, days: int) -> datetime:
        """Return the instant before which a term of so many days must have begun to be over by `now`.

        The other side of `ends_at`: `ends_at(since, days) < now` just where `since < over_since(now, days)`.
        """
        tz = self.workdays.tz
        first = (now - timedelta.resolution).astimezone(tz).date()
        while days:
            first -= DAY
            days -= bool(self.workdays.minutes_on(first))
        return datetime.combine(first, time.min, tz)
