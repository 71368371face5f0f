"""Solved, confirmed by the client, or not after all (§3.2)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from clients.models import Channel
from staff.models import User
from staff.refused import require
from tickets.actions import timing
from tickets.actions.changes import close_change, take_up_change
from tickets.actions.checklists import refuse_open_items
from tickets.actions.coordination import close_without_verdict
from tickets.actions.custody import destroy_held
from tickets.actions.dispatching import nobody_need_come
from tickets.actions.journal import changing, record
from tickets.actions.progress import promise_word
from tickets.actions.repeats import settle_repeat
from tickets.actions.telling import tell_owner, tell_who_answers
from tickets.actions.timespent import spend
from tickets.actions.work import end_pause
from tickets.lifecycle import Move, Refused, Status
from tickets.models import Cause, ClockKind, EntryKind, PurgeReason, Ticket


def resolve(
    ticket: Ticket, *, solution: str, cause: Cause, minutes: int | None = None, by: User, now: datetime
) -> Ticket:
    """State the solution, which stops the resolution clock. What remains is to ask the client (§3.2).

    A fault that was never diagnosed on its own counts as diagnosed with its solution. Nobody owes a verdict,
    an arrival or a progress message on it any more: who is on his way to the client is called off. Refused
    while a mandatory item of a checklist is open. `minutes` is what it took him.
    """
    with changing(ticket, Move.RESOLVE, by=by, now=now) as fresh:
        if fresh.needs_grade:
            raise Refused(_("Grade the fault first."), field="grade", code="ungraded")
        solution = require(solution, "solution")
        refuse_open_items(fresh)
        if fresh.status == Status.WAITING:
            end_pause(fresh, now=now)
        fresh.solution, fresh.cause = solution, Cause(cause)
        fresh.status, fresh.resolved_at = Status.RESOLVED, now
        if fresh.is_fault:
            fresh.diagnosed_at = fresh.diagnosed_at or now
        timing.stop(fresh, ClockKind.DIAGNOSIS, ClockKind.RESOLUTION, now=now)
        close_without_verdict(fresh, ClockKind.PROGRESS, now=now)
        nobody_need_come(fresh, by=by, now=now)
        timing.start(fresh, ClockKind.CONFIRMATION, at=now)
        entry = record(
            fresh, EntryKind.RESOLVED, by=by, now=now, text=solution, changes={"cause": [None, fresh.cause]}
        )
        settle_repeat(fresh, now=now)
        spend(entry, minutes)
    return fresh


def confirm(
    ticket: Ticket, *, confirmed_by: str, channel: Channel, text: str = "", by: User, now: datetime
) -> Ticket:
    """Close a record because the client says that he is satisfied: who said so, how, and when (§3.2)."""
    with changing(ticket, Move.CONFIRM, by=by, now=now) as fresh:
        fresh.confirmed_by = require(confirmed_by, "confirmed_by")
        if fresh.is_change:
            close_change(fresh)
        fresh.confirmed_channel = Channel(channel)
        fresh.status, fresh.closed_at = Status.CLOSED, now
        timing.stop(fresh, ClockKind.CONFIRMATION, now=now)
        record(
            fresh,
            EntryKind.CONFIRMED,
            by=by,
            now=now,
            text=text.strip(),
            changes={"confirmed_by": [None, fresh.confirmed_by], "confirmed_channel": [None, str(channel)]},
        )
        destroy_held(fresh, PurgeReason.CLOSED, now=now)
    return fresh


def reopen(ticket: Ticket, *, reason: str, by: User, now: datetime) -> Ticket:
    """Take a record up again because the client is not satisfied (§3.2).

    Its owner keeps it. A new cycle of the resolution clock starts now: the time between solution and
    reopening counts for nobody, and the first cycle's result stands.
    """
    with changing(ticket, Move.REOPEN, by=by, now=now) as fresh:
        reason = require(reason, "reason")
        fresh.status = Status.IN_PROGRESS
        fresh.resolved_at = fresh.closed_at = None
        fresh.confirmed_by = fresh.confirmed_channel = ""
        fresh.reopened_count += 1
        timing.stop(fresh, ClockKind.CONFIRMATION, now=now)
        if fresh.is_change:
            take_up_change(fresh, now=now)
        else:
            timing.start(fresh, ClockKind.RESOLUTION, at=now)
            promise_word(fresh, now=now)
        entry = record(fresh, EntryKind.REOPENED, by=by, now=now, text=reason)
        if by.is_contact:
            tell_who_answers(fresh, "not_solved", key=f"reopened:{entry.pk}", now=now)
        else:
            tell_owner(entry, by=by, now=now)
    return fresh
