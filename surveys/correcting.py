"""An expectation was not met: what has to follow, and what is still missing of it (§4.3, P4.3). Pure.

The cause is analysed, a measure is carried out by somebody until some day, the client is given an answer,
somebody else verifies, and later the effect is checked. Only with all of them it may be closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum, StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from duty.hours import DAY, Hours, add

MOST_WHYS = 5


class CorrectiveState(TextChoices):
    OPEN = "open", _("To be analysed")
    ACTING = "acting", _("Being carried out")
    DONE = "done", _("To be verified")
    VERIFIED = "verified", _("Effect to be checked")
    CLOSED = "closed", _("Closed")
    DROPPED = "dropped", _("Dropped")


OVER = (CorrectiveState.CLOSED, CorrectiveState.DROPPED)


class Source(TextChoices):
    """Where it comes from."""

    ANSWER = "answer", _("Survey answer")
    COMPLAINT = "complaint", _("Complaint")
    CALLBACK = "callback", _("Callback")
    RECORD = "record", _("Maintenance record")
    CLIENT = "client", _("Client")
    AUDIT = "audit", _("Quality audit")


class RootCause(TextChoices):
    PEOPLE = "people", _("Skill or training")
    ATTITUDE = "attitude", _("Attitude")
    PROCESS = "process", _("Process or agreement")
    COMMUNICATION = "communication", _("Communication")
    STAFFING = "staffing", _("Too few people")
    TECHNICAL = "technical", _("Product or technique")
    PARTS = "parts", _("Parts or tools")
    THIRD_PARTY = "third_party", _("Third party")
    CLIENT_SIDE = "client_side", _("On the client's side")
    OTHER = "other", _("Other")


class Effect(TextChoices):
    EFFECTIVE = "effective", _("Effective")
    NOT_EFFECTIVE = "not_effective", _("Not effective")


class Step(StrEnum):
    """What happens to it; each is done by the action of that name."""

    ANALYSE = "analyse"
    PLAN = "plan"
    CARRY_OUT = "carry_out"
    REPLY = "reply"
    VERIFY = "verify"
    ASK_AGAIN = "ask_again"
    CHECK_EFFECT = "check_effect"
    CLOSE = "close"
    DROP = "drop"


class Part(StrEnum):
    """A part that closing needs, named as the field that it is missing at; in the order of the work."""

    WHYS = "whys"
    ROOT_CAUSE = "root_cause"
    MEASURE = "measure"
    OWNER = "owner"
    DUE_ON = "due_on"
    RESULT = "result"
    REPLY = "reply"
    VERIFICATION = "verification"
    EFFECT = "effect"


class Told(IntEnum):
    """How far people have been told that the next step waits; the order is that in which it happens."""

    NOBODY = 0
    REMINDED = 1
    OVERDUE = 2
    SUPERVISOR = 3
    TECHNICAL_LEAD = 4
    DEPARTMENT_MANAGER = 5


@dataclass(frozen=True, slots=True)
class Facts:
    """What there is of one."""

    whys: Sequence[str] = ()
    root_cause: str = ""
    measure: str = ""
    has_owner: bool = False
    due_on: date | None = None
    is_carried_out: bool = False
    is_replied: bool = False
    is_verified: bool = False
    effect: str = ""
    owes_reply: bool = True  # to the client; of what an audit found he knows nothing

    def missing(self) -> list[Part]:
        """Return what stands between it and its being closed."""
        there = {
            Part.WHYS: bool(self.whys),
            Part.ROOT_CAUSE: bool(self.root_cause),
            Part.MEASURE: bool(self.measure),
            Part.OWNER: self.has_owner,
            Part.DUE_ON: self.due_on is not None,
            Part.RESULT: self.is_carried_out,
            Part.REPLY: self.is_replied or not self.owes_reply,
            Part.VERIFICATION: self.is_verified,
            Part.EFFECT: self.effect == Effect.EFFECTIVE,
        }
        return [part for part in Part if not there[part]]

    def state(self) -> CorrectiveState:
        """Return how it stands while it is neither closed nor dropped. The reply goes its own way beside."""
        if self.is_verified:
            return CorrectiveState.VERIFIED
        if self.is_carried_out:
            return CorrectiveState.DONE
        planned = self.whys and self.root_cause and self.measure and self.has_owner and self.due_on
        return CorrectiveState.ACTING if planned else CorrectiveState.OPEN


# From which state a step may be taken. To answer the client is always right.
STEPS: dict[Step, frozenset[CorrectiveState]] = {
    Step.ANALYSE: frozenset({CorrectiveState.OPEN, CorrectiveState.ACTING}),
    Step.PLAN: frozenset({CorrectiveState.OPEN, CorrectiveState.ACTING}),
    Step.CARRY_OUT: frozenset({CorrectiveState.ACTING}),
    Step.REPLY: frozenset(set(CorrectiveState) - set(OVER)),
    Step.VERIFY: frozenset({CorrectiveState.DONE}),
    Step.ASK_AGAIN: frozenset({CorrectiveState.VERIFIED}),
    Step.CHECK_EFFECT: frozenset({CorrectiveState.VERIFIED}),
    Step.CLOSE: frozenset(set(CorrectiveState) - set(OVER)),
    Step.DROP: frozenset(set(CorrectiveState) - set(OVER)),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """One of them as one person meets it."""

    state: str
    works: bool  # in its group, or for all groups; leaders and auditors read
    is_owner: bool
    is_supervisor: bool  # of its group, or above

    def refusal(self, step: Step) -> str:
        """Return why this person may not take a step, as a stable code; empty where he may."""
        if not self.works:
            return "forbidden"
        if step in (Step.VERIFY, Step.DROP) and self.is_owner:
            return "own_action"
        if step == Step.DROP and not self.is_supervisor:
            return "forbidden"
        return "" if CorrectiveState(self.state) in STEPS[step] else "wrong_status"

    def possible(self) -> list[Step]:
        return [step for step in Step if not self.refusal(step)]


@dataclass(frozen=True, slots=True)
class Days:
    """How long each step may take, in working days; the effect is checked so many days of the calendar after.

    The last three are how long after the step was due whom it is reported up to. All are our defaults, not
    from the process document.
    """

    analyse: int = 2
    act: int = 10
    reply: int = 2
    verify: int = 3
    effect: int = 30
    supervisor: int = 1
    technical_lead: int = 3
    department_manager: int = 5


@dataclass(frozen=True, slots=True)
class Dates:
    """The dated facts of one that tell when its next step is due."""

    state: str
    since: datetime  # opened, or found to be without effect
    due_on: date | None = None
    carried_out_at: datetime | None = None
    effect_due_on: date | None = None
    opened_at: datetime | None = None
    is_replied: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """The days in force, laid over the company's working days (whole days, in local time)."""

    days: Days
    workdays: Hours

    def due_at(self, dates: Dates) -> datetime | None:
        """Return by when the next step is due, the reply among them; None where nothing is to be done."""
        if dates.state in OVER:
            return None
        found = [self._step_due(dates)]
        if not dates.is_replied:
            found.append(self.after(dates.opened_at or dates.since, self.days.reply))
        return min(found)

    def _step_due(self, dates: Dates) -> datetime:
        if dates.state == CorrectiveState.ACTING and dates.due_on:
            return self.end_of(dates.due_on)
        if dates.state == CorrectiveState.DONE and dates.carried_out_at:
            return self.after(dates.carried_out_at, self.days.verify)
        if dates.state == CorrectiveState.VERIFIED and dates.effect_due_on:
            return self.end_of(dates.effect_due_on)
        return self.after(dates.since, self.days.analyse)

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
        next_day = datetime.combine(
            since.astimezone(self.workdays.tz).date() + DAY, time.min, self.workdays.tz
        )
        return add(next_day, days * DAY, self.workdays)

    def end_of(self, day: date) -> datetime:
        return datetime.combine(day + DAY, time.min, self.workdays.tz)

    def workday_after(self, since: datetime, days: int) -> date:
        """Return the so-manieth working day after the day of `since`."""
        return (self.after(since, days) - timedelta.resolution).astimezone(self.workdays.tz).date()
