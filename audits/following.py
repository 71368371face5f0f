"""A finding from being raised to being verified: who may take which step, and when each is due. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum, StrEnum

from audits.kinds import OVER, Days, FindingKind, FindingState
from duty.hours import DAY, Hours, add


class Step(StrEnum):
    """What happens to a finding; each is done by the action of that name."""

    OPEN_RECORD = "open_record"
    OPEN_CORRECTIVE = "open_corrective"
    ANSWER = "answer"
    VERIFY = "verify"
    WITHDRAW = "withdraw"


class Told(IntEnum):
    """How far people have been told of a finding that waits, in the order in which it happens."""

    NOBODY = 0
    REMINDED = 1
    OVERDUE = 2
    SUPERVISOR = 3
    TECHNICAL_LEAD = 4
    DEPARTMENT_MANAGER = 5


ORDERS = (Step.OPEN_RECORD, Step.OPEN_CORRECTIVE)
OF_AUDITORS = (*ORDERS, Step.VERIFY, Step.WITHDRAW)
STEPS: dict[Step, frozenset[FindingState]] = {
    Step.OPEN_RECORD: frozenset({FindingState.OPEN}),
    Step.OPEN_CORRECTIVE: frozenset({FindingState.OPEN}),
    Step.ANSWER: frozenset({FindingState.OPEN}),
    Step.VERIFY: frozenset({FindingState.ANSWERED}),
    Step.WITHDRAW: frozenset({FindingState.OPEN, FindingState.ANSWERED}),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """One finding as one person meets it."""

    state: str
    audits: bool  # a QA auditor
    answers: bool  # its owner, or a superior of its group
    is_owner: bool
    has_order: bool  # a record or a corrective action was opened of it in this round
    is_answerer: bool = False  # he has reported it remedied

    def refusal(self, step: Step) -> str:
        """Return why this person may not take a step, as a stable code; empty where he may."""
        if step in OF_AUDITORS and not self.audits or step == Step.ANSWER and not self.answers:
            return "forbidden"
        if step == Step.VERIFY and (self.is_owner or self.is_answerer):
            return "own_finding"
        if step == Step.WITHDRAW and self.is_owner:
            return "own_finding"
        if FindingState(self.state) not in STEPS[step]:
            return "wrong_status"
        return "has_order" if step in ORDERS and self.has_order else ""

    def possible(self) -> list[Step]:
        return [step for step in Step if not self.refusal(step)]


def needs_order(kind: str) -> bool:
    """Whether a record or a corrective action has to be opened; a suggestion may be answered alone."""
    return kind != FindingKind.SUGGESTION


@dataclass(frozen=True, slots=True)
class Terms:
    """The days in force, laid over the company's working days (whole days, in local time)."""

    days: Days
    workdays: Hours

    def due_on(self, kind: str, since: datetime) -> date:
        """Return the last day for the remedy of a finding that was raised, or given back, at `since`."""
        end = self.after(since, self.days.for_finding(kind))
        return (end - timedelta.resolution).astimezone(self.workdays.tz).date()

    def due_at(self, state: str, due_on: date, answered_at: datetime | None) -> datetime | None:
        """Return by when its next step is due; None where nothing is to be done."""
        if state in OVER:
            return None
        if state == FindingState.ANSWERED and answered_at is not None:
            return self.after(answered_at, self.days.verify)
        return datetime.combine(due_on + DAY, time.min, self.workdays.tz)

    def tell_at(self, due_at: datetime, told: int) -> datetime | None:
        """Return when somebody is told next of a step that is due then; None where all have been."""
        match told:
            case Told.NOBODY:
                return due_at - DAY
            case Told.REMINDED:
                return due_at
            case Told.OVERDUE:
                return self.after(due_at - timedelta.resolution, self.days.supervisor)
            case Told.SUPERVISOR:
                return self.after(due_at - timedelta.resolution, self.days.technical_lead)
            case Told.TECHNICAL_LEAD:
                return self.after(due_at - timedelta.resolution, self.days.department_manager)
        return None

    def after(self, since: datetime, days: int) -> datetime:
        """Return the end of the so-manieth working day after the day of `since` (aware)."""
        local = since.astimezone(self.workdays.tz).date()
        return add(datetime.combine(local + DAY, time.min, self.workdays.tz), days * DAY, self.workdays)
