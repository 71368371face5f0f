"""An overrun is explained, ruled on, appealed against and decided (§3.2). The sweep opens the case.

Locks are taken in one order: the record, then the case. The record's history says that an overrun was ruled
on and as what cause; what was written concerns a person and stays on the case.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from staff.models import User
from staff.refused import require
from tickets.accountability import OverrunCause, OverrunState, Step, Terms, may_be_excused, may_follow
from tickets.actions.journal import changing, record
from tickets.actions.overdue import tell_decided, tell_next
from tickets.lifecycle import Move, Moved, Refused
from tickets.models import EntryKind, Overrun, Ticket
from tickets.overruns import standing_of, terms_for


def explain(overrun: Overrun, *, text: str, cause: OverrunCause, by: User, now: datetime) -> Overrun:
    """Say how it came to the overrun and what the cause was, as the person answerable sees it.

    He may do so until it is ruled on, late too. Whoever rules is told.
    """
    with transaction.atomic(), _step(overrun, Step.EXPLAIN, by=by, now=now) as (case, _terms):
        case.explanation, case.proposed_cause = require(text, "text"), OverrunCause(cause)
        case.explained_at, case.state = now, OverrunState.EXPLAINED
        case.save()
        tell_next(case, now=now)
    return case


def rule(
    overrun: Overrun, *, cause: OverrunCause, is_excused: bool, reason: str, by: User, now: datetime
) -> Overrun:
    """Rule what the cause was and whether it is excused; the person is told, and until when he may appeal.

    By a superior, never by the person himself; before he has explained only once his time for it is over.
    """
    with (
        _on_record(overrun, Move.RULE, by=by, now=now) as ticket,
        _step(overrun, Step.RULE, by=by, now=now) as (case, terms),
    ):
        _judge(case, cause, is_excused)
        case.ruling, case.ruled_by, case.ruled_at = require(reason, "reason"), by, now
        case.ruled_cause, case.ruled_excused = case.cause, case.is_excused
        case.appeal_until, case.state = terms.ends_at(now, terms.appeal), OverrunState.RULED
        case.save()
        _enter(case, ticket, None, by=by, now=now)
        tell_decided(case, by=by, now=now)
    return case


def appeal(overrun: Overrun, *, text: str, by: User, now: datetime) -> Overrun:
    """Appeal against the ruling, up to the very end of the term. Those who may decide are told."""
    with transaction.atomic(), _step(overrun, Step.APPEAL, by=by, now=now) as (case, _terms):
        case.appeal, case.appealed_at = require(text, "text"), now
        case.state = OverrunState.APPEALED
        case.save()
        tell_next(case, now=now)
    return case


def decide_appeal(
    overrun: Overrun, *, cause: OverrunCause, is_excused: bool, reason: str, by: User, now: datetime
) -> Overrun:
    """Decide on an appeal for good: by somebody higher than the one who ruled. Both are told."""
    with (
        _on_record(overrun, Move.DECIDE_APPEAL, by=by, now=now) as ticket,
        _step(overrun, Step.DECIDE, by=by, now=now) as (case, _terms),
    ):
        ruled = case.cause
        _judge(case, cause, is_excused)
        case.decision, case.decided_by = require(reason, "reason"), by
        case.settled_at, case.state = now, OverrunState.SETTLED
        case.save()
        _enter(case, ticket, ruled, by=by, now=now)
        tell_decided(case, by=by, now=now)
    return case


@contextmanager
def _on_record(overrun: Overrun, move: Move, *, by: User, now: datetime) -> Iterator[Ticket]:
    with changing(overrun.ticket, move, by=by, now=now) as ticket:
        yield ticket


@contextmanager
def _step(overrun: Overrun, step: Step, *, by: User, now: datetime) -> Iterator[tuple[Overrun, Terms]]:
    """Lock a case and yield it fresh, with the terms in force, where this person may take the step.

    Raises `Moved` when somebody else has taken it since the person saw the case, else `Refused`.
    """
    rows = Overrun.objects.select_for_update(of=("self",), no_key=True)
    related = ("ticket__client", "clock", "group", "person", "ruled_by")
    case = rows.select_related(*related).get(pk=overrun.pk)
    terms = terms_for([case], now)
    if reason := standing_of(case, by, terms, now).refusal(step):
        if reason == "wrong_status" and may_follow(step, overrun.state):
            raise Moved(_("Somebody was faster: the case is now “%(state)s”.") % _facts(case))
        raise Refused(_why_not(reason, case), code="forbidden" if reason in FORBIDDEN else reason)
    yield case, terms


FORBIDDEN = ("forbidden", "own_overrun", "own_ruling")


def _why_not(reason: str, case: Overrun) -> str:
    words = {
        "forbidden": _("This is not yours to do in this case."),
        "own_overrun": _("Nobody rules on his own overrun."),
        "own_ruling": _("Whoever ruled does not decide on the appeal."),
        "set_aside": _("This case does not count any more."),
        "unheard": _("Wait for the explanation, or until the time for it is over."),
        "appeal_over": _("The time for an appeal is over; the ruling is final."),
        "wrong_status": _("Not possible while the case is “%(state)s”.") % _facts(case),
    }
    return words[reason]


def _facts(case: Overrun) -> dict[str, object]:
    return {"state": case.get_state_display()}


def _judge(case: Overrun, cause: OverrunCause, is_excused: bool) -> None:
    """Set what counts; what was the person's or the group's own cause is no excuse."""
    if is_excused and not may_be_excused(cause):
        message = _("Our own cause is no excuse. Choose another cause, or do not excuse it.")
        raise Refused(message, field="is_excused", code="own_cause")
    case.cause, case.is_excused = OverrunCause(cause), is_excused


def _enter(case: Overrun, ticket: Ticket, ruled: str | None, *, by: User, now: datetime) -> None:
    record(ticket, EntryKind.RULED, by=by, now=now, changes=ruled_changes(case, ruled))


def ruled_changes(case: Overrun, ruled: str | None) -> dict[str, object]:
    """What the record's history says of a ruling, and nothing about a person.

    `ruled` is the cause as it stood before an appeal was decided.
    """
    changes: dict[str, object] = {"clock": [None, case.kind]}
    changes["overrun_cause"] = [ruled if ruled != case.cause else None, case.cause]
    return changes if ruled is None else changes | {"why": [None, "appeal"]}
