"""Changes to a client's system: what may follow what, and what is missing (tail §7.1–7.3). Pure.

A change is planned, submitted, approved by somebody else, given a window, started, ended and reviewed.
Without a rollback plan or an approval it does not start, and without its documents it is not closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from duty.hours import DAY, Hours, add

# Working days within which the next step is due: our defaults, not from the process document.
WORKDAYS = {"draft": 5, "submitted": 2, "rejected": 5, "approved": 2, "done": 3}
USUAL_LENGTH = timedelta(hours=4)  # of work without a window
START_GRACE = timedelta(minutes=30)  # after the window opens; then the start is overdue
LONGEST_WINDOW = timedelta(days=14)
FARTHEST = timedelta(days=731)  # ahead: what lies beyond is a slip of the hand
REMIND_BEFORE = (timedelta(days=1), timedelta(hours=1))  # the window


class ChangeState(TextChoices):
    DRAFT = "draft", _("Being planned")
    SUBMITTED = "submitted", _("To be approved")
    REJECTED = "rejected", _("Turned down")
    APPROVED = "approved", _("Approved")
    SCHEDULED = "scheduled", _("Window set")
    STARTED = "started", _("Work has begun")
    DONE = "done", _("To be reviewed")
    REVIEWED = "reviewed", _("To be confirmed by the client")
    CLOSED = "closed", _("Closed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


S = ChangeState
BEFORE_START = frozenset({S.DRAFT, S.SUBMITTED, S.REJECTED, S.APPROVED, S.SCHEDULED})
OVER = (S.CLOSED, S.WITHDRAWN)
# Nobody works on these any more: the record itself goes on to the client's word.
SETTLED = (S.REVIEWED, *OVER)


class Outcome(TextChoices):
    SUCCEEDED = "succeeded", _("Succeeded")
    ROLLED_BACK = "rolled_back", _("Rolled back")
    FAILED = "failed", _("Failed")


class WorkStep(TextChoices):
    """The steps of a work type that documents may be required for."""

    PLAN = "plan", pgettext_lazy("step of a change", "Plan")
    APPROVAL = "approval", _("Approval")
    WINDOW = "window", pgettext_lazy("of a change", "Window")
    ROLLBACK = "rollback", _("Rollback")
    RESULT = "result", _("Result")
    REVIEW = "review", _("Review")


# What a work type may do without; plan, approval, rollback and result none may.
OPTIONAL = (WorkStep.WINDOW, WorkStep.REVIEW)
NEEDED_TO_START = (WorkStep.PLAN, WorkStep.APPROVAL, WorkStep.WINDOW, WorkStep.ROLLBACK)


class WorkHours(TextChoices):
    """When the windows of a work type ought to lie, seen from the client's service hours."""

    ANY = "any", _("at any time")
    OUTSIDE = "outside", _("outside the client's service hours")
    INSIDE = "inside", _("inside the client's service hours")


class Step(StrEnum):
    """What people do to a change. The client's word on its record closes it."""

    PLAN = "plan"
    SUBMIT = "submit"
    APPROVE = "approve"
    REJECT = "reject"
    CLIENT = "client"
    SCHEDULE = "schedule"
    START = "start"
    FINISH = "finish"
    REVIEW = "review"
    WITHDRAW = "withdraw"
    FILE = "file"
    WAIVE = "waive"


# From which state a step may be taken. Whoever changes the plan begins anew: an approval is of what was read.
STEPS: dict[Step, frozenset[ChangeState]] = {
    Step.PLAN: BEFORE_START,
    Step.SUBMIT: frozenset({S.DRAFT}),
    Step.APPROVE: frozenset({S.SUBMITTED}),
    Step.REJECT: frozenset({S.SUBMITTED}),
    Step.CLIENT: frozenset({S.SUBMITTED, S.APPROVED, S.SCHEDULED}),
    Step.SCHEDULE: frozenset({S.APPROVED, S.SCHEDULED}),
    Step.START: frozenset({S.APPROVED, S.SCHEDULED}),
    Step.FINISH: frozenset({S.STARTED}),
    Step.REVIEW: frozenset({S.DONE}),
    Step.WITHDRAW: BEFORE_START,
    Step.FILE: frozenset(set(S) - set(OVER)),
    Step.WAIVE: frozenset(set(S) - set(SETTLED)),
}
# Only a superior takes these, and never whoever planned it.
BY_SUPERIOR = (Step.APPROVE, Step.REJECT, Step.WAIVE)


class Part(StrEnum):
    """What may be missing besides documents."""

    PLAN = "plan"
    ROLLBACK = "rollback"
    APPROVAL = "approval"
    CLIENT = "client"
    WINDOW = "window"
    RESULT = "result"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Paper:
    """A required document: for which step, and whether it is there or somebody said that none is needed."""

    key: int
    step: str
    is_settled: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What of a change decides what is missing."""

    plan: str = ""
    rollback: str = ""
    is_approved: bool = False
    needs_client: bool = False
    is_client_asked: bool = False  # and has confirmed
    needs_window: bool = True
    has_window: bool = False
    has_result: bool = False
    is_reviewed: bool = False
    papers: Sequence[Paper] = ()

    def missing_to(self, step: Step) -> Missing:
        """Return all that is missing before a step may be taken."""
        if step == Step.SUBMIT:
            return Missing(self._planned())
        if step == Step.START:
            return Missing(self._ready(), self._open(NEEDED_TO_START))
        if step == Step.REVIEW:
            return Missing(self._ended(), self._open(tuple(WorkStep)))
        return Missing()

    def missing_to_close(self) -> Missing:
        parts = self._ended() + ([] if self.is_reviewed else [Part.REVIEW])
        return Missing(parts, self._open(tuple(WorkStep)))

    def _planned(self) -> list[Part]:
        there = {Part.PLAN: bool(self.plan.strip()), Part.ROLLBACK: bool(self.rollback.strip())}
        return [part for part, is_there in there.items() if not is_there]

    def _ready(self) -> list[Part]:
        there = {
            Part.APPROVAL: self.is_approved,
            Part.CLIENT: self.is_client_asked or not self.needs_client,
            Part.WINDOW: self.has_window or not self.needs_window,
        }
        return self._planned() + [part for part, is_there in there.items() if not is_there]

    def _ended(self) -> list[Part]:
        return [] if self.has_result else [Part.RESULT]

    def _open(self, steps: Sequence[str]) -> list[int]:
        return [paper.key for paper in self.papers if paper.step in steps and not paper.is_settled]


@dataclass(frozen=True, slots=True)
class Missing:
    """Parts and documents, the latter by their keys; false where nothing is missing."""

    parts: Sequence[Part] = ()
    papers: Sequence[int] = ()

    def __bool__(self) -> bool:
        return bool(self.parts or self.papers)


@dataclass(frozen=True, slots=True)
class Standing:
    """A change as one person meets it."""

    state: str
    works: bool  # in its group, or for all groups; leaders and auditors read
    is_planner: bool
    is_superior: bool  # of its group
    carried_out: bool = False  # he started it, or ended it, or owns it
    needs_review: bool = True

    def refusal(self, step: Step) -> str:
        """Return why this person may not take a step, as a stable code; empty where he may."""
        if not self.works:
            return "forbidden"
        if step in BY_SUPERIOR:
            if self.is_planner:
                return "own_plan"
            if not self.is_superior:
                return "forbidden"
        if step == Step.REVIEW and self.needs_review and (self.carried_out or self.is_planner):
            return "own_work"
        return "" if ChangeState(self.state) in STEPS[step] else "wrong_status"

    def possible(self) -> list[Step]:
        return [step for step in Step if not self.refusal(step)]


def window_fault(start: datetime, end: datetime, *, now: datetime) -> tuple[str, str]:
    """Return the field and the code of what is wrong with a window; empty ones where nothing is."""
    if end <= start:
        return "window_to", "backwards"
    if end <= now:
        return "window_to", "past"
    if start > now + FARTHEST:
        return "window_from", "too_far"
    return ("window_to", "too_long") if end - start > LONGEST_WINDOW else ("", "")


def is_inside(start: datetime | None, end: datetime | None, at: datetime) -> bool:
    """Say whether an instant lies in a window [start, end); without a window nothing lies outside."""
    return start is None or end is None or start <= at < end


@dataclass(frozen=True, slots=True)
class Dates:
    """What of a change says by when its next step is due."""

    state: str
    window: tuple[datetime, datetime] | None = None


def due_at(dates: Dates, *, workdays: Hours, now: datetime) -> datetime:
    """Return by when the next step is due after a step that was taken at `now` (aware); it lies after `now`.

    `workdays` are whole working days. What is settled has no next step of its own: ValueError.
    """
    if dates.state == S.SCHEDULED and dates.window is not None:
        found = start_due_at(*dates.window)
        return found if found > now else max(dates.window[1], now + START_GRACE)
    if dates.state == S.STARTED:
        return end_due_at(dates.window, now=now, usual=USUAL_LENGTH)
    if dates.state not in WORKDAYS:
        raise ValueError(dates.state)
    midnight = datetime.combine(now.astimezone(workdays.tz).date() + DAY, time.min, workdays.tz)
    return add(midnight, WORKDAYS[dates.state] * DAY, workdays)


def start_due_at(start: datetime, end: datetime) -> datetime:
    """By when work has to have begun: half an hour after the window opens, before it ends at the latest."""
    return min(start + START_GRACE, end)


def end_due_at(window: tuple[datetime, datetime] | None, *, now: datetime, usual: timedelta) -> datetime:
    """By when what starts now has to have ended: with its window, or after as long as that lasts."""
    if window is None:
        return now + usual
    return window[1] if window[1] > now else now + (window[1] - window[0])


def remind_at(start: datetime, *, reminded: int) -> datetime | None:
    """Return when the owner is reminded next of a window; None where he has been each time."""
    return start - REMIND_BEFORE[reminded] if reminded < len(REMIND_BEFORE) else None


def already_reminded(start: datetime, *, now: datetime) -> int:
    """How many reminders a window has no time for any more: whoever sets it knows of it."""
    return sum(start - before <= now for before in REMIND_BEFORE)
