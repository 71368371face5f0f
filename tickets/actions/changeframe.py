"""The frame that every step of a change runs in: its record locked and written to, its deadline set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from duty.calendar import whole_workdays
from staff.models import User
from tickets import changes as rules
from tickets.actions import timing
from tickets.actions.journal import changing, record
from tickets.changes import ChangeState, Dates, Step
from tickets.changestanding import papers_of, standing_of
from tickets.changewords import PartsMissing
from tickets.lifecycle import Move, Moved, Refused
from tickets.models import Change, ClockKind, Entry, EntryKind, Risk, Ticket


@dataclass(frozen=True, slots=True)
class PlanText:
    """What a plan says."""

    plan: str = ""
    impact: str = ""
    rollback: str = ""
    checks: str = ""
    risk: str = Risk.MEDIUM


@contextmanager
def stepping(
    change: Change, step: Step, *, by: User, now: datetime, move: Move = Move.PLAN_CHANGE
) -> Iterator[Change]:
    """Lock record and change, yield the change fresh where this person may take the step, and save it."""
    with changing(change.ticket, move, by=by, now=now) as ticket:
        fresh = locked(ticket)
        if reason := standing_of(fresh, by).refusal(step):
            if reason == "wrong_status" and ChangeState(change.state) in rules.STEPS[step]:
                message = _("Somebody was faster: it is now “%(state)s”.")
                raise Moved(message % {"state": fresh.get_state_display()})
            raise _refused(reason, fresh)
        was = fresh.state, fresh.window
        yield fresh
        if (fresh.state, fresh.window) != was and fresh.state not in rules.SETTLED:
            settle(fresh, now=now)
        fresh.version += 1
        fresh.save()


def settle(change: Change, *, now: datetime) -> None:
    """Let the record's next-step clock say by when the next step of the change is due. The caller saves."""
    timing.stop(change.ticket, ClockKind.NEXT_STEP, now=now)
    due_at = rules.due_at(
        Dates(change.state, change.window), workdays=whole_workdays(since=now.date()), now=now
    )
    timing.start_next_step(change.ticket, until=due_at, now=now)


def refuse_missing(change: Change, step: Step) -> None:
    papers = papers_of(change)
    if missing := change.facts(papers).missing_to(step):
        raise PartsMissing(missing, papers)


def locked(ticket: Ticket) -> Change:
    rows = Change.objects.select_related("type", "planner", "decided_by", "started_by", "finished_by")
    change = rows.select_for_update(of=("self",)).get(pk=ticket.pk)
    change.ticket, change.told_state = ticket, change.state
    return change


def _refused(reason: str, change: Change) -> Refused:
    words = {
        "forbidden": _("This is not yours to do in this change."),
        "own_plan": _("Somebody other than who planned it has to do this."),
        "own_work": _("Somebody who has neither planned nor carried it out reviews it."),
        "wrong_status": _("Not possible while it is “%(state)s”.") % {"state": change.get_state_display()},
    }
    return Refused(words[reason], code="wrong_status" if reason == "wrong_status" else "forbidden")


def refuse_another_plan(fresh: Change, seen: Change) -> None:
    """Whoever approves or starts does so with what he has read: the plan must not have changed since."""
    if fresh.plan_mark != (seen.read_plan or seen.plan_mark):
        raise Moved(_("The plan has been changed since you opened it: read it first."))


def void(change: Change) -> None:
    """Begin anew: nobody has approved or confirmed this plan, and no window is kept for it."""
    change.state, change.submitted_at = ChangeState.DRAFT, None
    change.decided_at = change.decided_by = None
    change.decision_note = ""
    change.client_at = change.client_evidence = None
    change.client_by = change.client_how = ""
    change.window_from = change.window_to = change.remind_at = None
    change.reminded = 0


def log(
    change: Change,
    *,
    by: User,
    now: datetime,
    text: str = "",
    changes: Mapping[str, object] | None = None,
) -> Entry:
    """Write the step into the history of the record, with the state where that is another."""
    facts = dict(changes or {})
    if change.state != change.told_state:
        facts = {"change_state": [change.told_state, change.state]} | facts
        change.told_state = change.state
    return record(change.ticket, EntryKind.CHANGE, by=by, now=now, text=text, changes=facts)


def span(start: datetime, end: datetime) -> str:
    return f"{timezone.localtime(start):%Y-%m-%d %H:%M} – {timezone.localtime(end):%m-%d %H:%M}"


def of_window(change: Change) -> str:
    return span(*change.window) if change.window else ""
