"""A change, step by step: planned, submitted, decided, given a window, started, ended, reviewed, closed.

What a step lacks is refused all at once, each by its name. The record's next-step clock holds each step's
deadline, so what stands still is reported up as any other record.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.utils.translation import gettext as _

from staff.models import User
from staff.refused import require
from tickets import changes as rules
from tickets.actions import timing
from tickets.actions.changeframe import (
    PlanText,
    locked,
    log,
    of_window,
    refuse_another_plan,
    refuse_missing,
    settle,
    span,
    stepping,
    void,
)
from tickets.actions.changenotices import tell_decided, tell_submitted, tell_to_review
from tickets.actions.checklists import refuse_open_items
from tickets.actions.dispatching import nobody_need_come
from tickets.actions.journal import record
from tickets.changes import ChangeState, Outcome, Step
from tickets.changestanding import is_superior, papers_of
from tickets.changewords import PartsMissing
from tickets.lifecycle import Move, Refused
from tickets.models import Cause, Change, ClockKind, EntryKind, Risk, Status, Ticket


def plan_change(change: Change, text: PlanText, *, by: User, now: datetime) -> Change:
    """Write the plan anew. Whatever was approved, confirmed or set for the old one is void."""
    with stepping(change, Step.PLAN, by=by, now=now) as fresh:
        if text.risk not in Risk.values:
            raise Refused(_("Choose how risky it is."), field="risk", code="required")
        values = {name: value.strip() for name, value in asdict(text).items()}
        edited = [name for name, value in values.items() if getattr(fresh, name) != value]
        if not edited and fresh.state == ChangeState.DRAFT:
            return fresh
        for name, value in values.items():
            setattr(fresh, name, value)
        fresh.planner = by
        void(fresh)
        names = ", ".join(edited)
        log(fresh, by=by, now=now, text=fresh.plan, changes={"edited": [None, names]} if names else {})
    return fresh


def submit_change(change: Change, *, by: User, now: datetime) -> Change:
    """Ask for approval. Raises `PartsMissing` where the plan is not whole; superiors are told."""
    with stepping(change, Step.SUBMIT, by=by, now=now) as fresh:
        refuse_missing(fresh, Step.SUBMIT)
        fresh.state, fresh.submitted_at = ChangeState.SUBMITTED, now
        tell_submitted(log(fresh, by=by, now=now), fresh, by=by, now=now)
    return fresh


def approve_change(change: Change, *, note: str = "", by: User, now: datetime) -> Change:
    """Approve the plan as it was submitted, as a superior who has not written it."""
    with stepping(change, Step.APPROVE, by=by, now=now) as fresh:
        refuse_another_plan(fresh, change)
        fresh.state = ChangeState.SCHEDULED if fresh.window else ChangeState.APPROVED
        fresh.decided_at, fresh.decided_by, fresh.decision_note = now, by, note.strip()
        tell_decided(log(fresh, by=by, now=now, text=fresh.decision_note), fresh, by=by, now=now)
    return fresh


def reject_change(change: Change, *, reason: str, by: User, now: datetime) -> Change:
    """Turn it down with the reason; it goes back to who planned it."""
    with stepping(change, Step.REJECT, by=by, now=now) as fresh:
        refuse_another_plan(fresh, change)
        fresh.state = ChangeState.REJECTED
        fresh.decided_at, fresh.decided_by, fresh.decision_note = now, by, require(reason, "reason")
        tell_decided(log(fresh, by=by, now=now, text=fresh.decision_note), fresh, by=by, now=now)
    return fresh


def schedule_change(
    change: Change, *, window_from: datetime, window_to: datetime, by: User, now: datetime
) -> Change:
    """Set the window, or move it. What it conflicts with is shown, not refused."""
    with stepping(change, Step.SCHEDULE, by=by, now=now) as fresh:
        field, code = rules.window_fault(window_from, window_to, now=now)
        if code:
            words = {
                "backwards": _("The window ends before it begins."),
                "past": _("This window is over."),
                "too_far": _("A window begins within two years."),
                "too_long": _("A window lasts 14 days at the most."),
            }
            raise Refused(words[code], field=field, code="invalid")
        was = fresh.window
        fresh.window_from, fresh.window_to = window_from, window_to
        fresh.state = ChangeState.SCHEDULED
        fresh.reminded = rules.already_reminded(window_from, now=now)
        fresh.remind_at = rules.remind_at(window_from, reminded=fresh.reminded)
        told = [span(*was) if was else None, span(window_from, window_to)]
        log(fresh, by=by, now=now, changes={"window": told})
    return fresh


def start_change(change: Change, *, overrule: str = "", by: User, now: datetime) -> Change:
    """Begin. Raises `PartsMissing` with all that is missing: plan, rollback plan, approval, documents, …

    Outside its window only a superior begins, with the reason (`overrule`).
    """
    with stepping(change, Step.START, by=by, now=now) as fresh:
        refuse_missing(fresh, Step.START)
        refuse_another_plan(fresh, change)
        overrule = overrule.strip()
        if not rules.is_inside(fresh.window_from, fresh.window_to, now):
            if not is_superior(by, fresh.ticket.group_id):
                message = _("The window is %(window)s. Outside it a supervisor alone may let it begin.")
                raise Refused(message % {"window": of_window(fresh)}, field="overrule", code="outside_window")
            if not overrule:
                message = _("The window is %(window)s. Say why it begins outside it.")
                raise Refused(message % {"window": of_window(fresh)}, field="overrule", code="outside_window")
            fresh.overruled = overrule
        fresh.state, fresh.started_at, fresh.started_by = ChangeState.STARTED, now, by
        fresh.remind_at = None
        changes = {"overruled": [None, fresh.overruled]} if fresh.overruled else {}
        log(fresh, by=by, now=now, changes=changes)
    return fresh


def finish_change(change: Change, *, outcome: str, result: str, by: User, now: datetime) -> Change:
    """Say how it ended and what was done; superiors are asked to review it."""
    with stepping(change, Step.FINISH, by=by, now=now) as fresh:
        if outcome not in Outcome.values:
            raise Refused(_("Say how it ended."), field="outcome", code="required")
        fresh.outcome, fresh.result = Outcome(outcome), require(result, "result")
        fresh.state, fresh.finished_at, fresh.finished_by = ChangeState.DONE, now, by
        changes = {"change_outcome": [None, fresh.outcome]}
        entry = log(fresh, by=by, now=now, text=fresh.result, changes=changes)
        tell_to_review(entry, fresh, by=by, now=now)
    return fresh


def review_change(change: Change, *, review: str, by: User, now: datetime) -> Change:
    """Review it as somebody who has not carried it out; its record is solved then, and the client is asked.

    Raises `PartsMissing` with every document that is missing.
    """
    with stepping(change, Step.REVIEW, by=by, now=now, move=Move.CONCLUDE_CHANGE) as fresh:
        fresh.review = require(review, "review")
        refuse_missing(fresh, Step.REVIEW)
        refuse_open_items(fresh.ticket)
        fresh.state, fresh.reviewed_at, fresh.reviewed_by = ChangeState.REVIEWED, now, by
        log(fresh, by=by, now=now, text=fresh.review)
        solution = f"{Outcome(fresh.outcome).label} · {fresh.result}"
        _solve(fresh.ticket, solution, by=by, now=now)
    return fresh


def withdraw_change(change: Change, *, reason: str, by: User, now: datetime) -> Change:
    """Give it up before it has begun, with the reason. The client is told by its record, and confirms."""
    with stepping(change, Step.WITHDRAW, by=by, now=now, move=Move.CONCLUDE_CHANGE) as fresh:
        fresh.withdrawn_because = require(reason, "reason")
        fresh.state, fresh.remind_at = ChangeState.WITHDRAWN, None
        fresh.window_from = fresh.window_to = None
        log(fresh, by=by, now=now, text=fresh.withdrawn_because)
        _solve(fresh.ticket, fresh.withdrawn_because, by=by, now=now)
    return fresh


def close_change(ticket: Ticket) -> None:
    """Close the change of a locked record, whose client is satisfied. Not a verb: `confirm` calls it.

    Raises `PartsMissing` with all that is missing: without its documents it stays open.
    """
    change = locked(ticket)
    if change.state == ChangeState.WITHDRAWN:
        return
    papers = papers_of(change)
    if missing := change.facts(papers).missing_to_close():
        raise PartsMissing(missing, papers)
    change.state = ChangeState.CLOSED
    change.version += 1
    change.save()


def take_up_change(ticket: Ticket, *, now: datetime) -> None:
    """Let the change of a locked record go on that the client takes up again. Not a verb: `reopen` calls it.

    What was carried out is reviewed anew; what was withdrawn is planned anew.
    """
    change = locked(ticket)
    if change.state == ChangeState.WITHDRAWN:
        change.withdrawn_because = ""
        void(change)
    else:
        change.state = ChangeState.DONE
        change.reviewed_at, change.reviewed_by, change.review = None, None, ""
    settle(change, now=now)
    change.version += 1
    change.save()


def _solve(ticket: Ticket, solution: str, *, by: User, now: datetime) -> None:
    """The record of a locked change is solved: what remains is to ask the client (§3.2)."""
    ticket.solution, ticket.cause = solution, Cause.OTHER
    ticket.status, ticket.resolved_at = Status.RESOLVED, now
    timing.stop(ticket, ClockKind.NEXT_STEP, now=now)
    nobody_need_come(ticket, by=by, now=now)
    timing.start(ticket, ClockKind.CONFIRMATION, at=now)
    record(ticket, EntryKind.RESOLVED, by=by, now=now, text=solution)
