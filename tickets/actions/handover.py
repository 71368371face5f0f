"""A group's duty is handed over: written, handed over, asked back, overruled, signed (§5.1).

Who the two are, the roster says until somebody has signed: whoever stands in for one who fell ill may sign.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from duty.actions import may_roster
from staff.actions import save_terms
from staff.models import Group, User
from staff.refused import require
from tickets.actions import handovernotices as notices
from tickets.actions.bulk import Outcome, each
from tickets.actions.triage import assign
from tickets.handover import Change, HandoverState, Step
from tickets.handovers import (
    blocked_words,
    blocking,
    change_at,
    points_of,
    standing_of,
    terms_of,
)
from tickets.lifecycle import Moved, Refused
from tickets.models import Handover, HandoverEvent, HandoverEventKind, HandoverTerms, Ticket
from tickets.openmatters import open_matters


def open_handover(group: Group, at: datetime, *, by: User, now: datetime) -> Handover:
    """Return the handover of a group's change of duty at an instant, begun where nobody has begun it yet.

    By one of the two, or by somebody who stands above them. A second call changes nothing.
    """
    if found := Handover.objects.with_names().filter(group=group, changes_at=at).first():
        return found
    if (change := change_at(group, at)) is None:
        raise Refused(_no_change(), field="at", code="no_change")
    people = User.objects.in_bulk([change.outgoing, change.incoming])
    fresh = Handover(
        group=group,
        outgoing=people[change.outgoing],
        incoming=people[change.incoming],
        changes_at=change.at,
    )
    standing = standing_of(fresh, change, [], by, now)
    if not (standing.writes or standing.is_incoming):
        raise Refused(_("This handover is not yours."), code="forbidden")
    facts = {"outgoing": fresh.outgoing, "incoming": fresh.incoming}
    begun, _is_new = Handover.objects.get_or_create(group=group, changes_at=change.at, defaults=facts)
    return begun


@transaction.atomic
def save_handover_draft(
    handover: Handover, *, note: str, to_do: str, done: Collection[str], by: User, now: datetime
) -> Handover:
    """Keep what is typed, as long as it is not handed over. No step, so no history."""
    fresh, change = _locked(handover)
    if fresh.is_frozen:
        raise Moved(_overtaken(fresh))
    if not standing_of(fresh, change, [], by, now).writes:
        raise Refused(_("The note is for the person who goes off duty to write."), code="forbidden")
    fresh.note, fresh.to_do, fresh.saved_at = note, to_do, now
    fresh.points = _points(fresh.group, done)
    fresh.save()
    return fresh


def hand_over(
    handover: Handover, *, note: str, to_do: str, done: Collection[str], by: User, now: datetime
) -> Handover:
    """Hand the duty over, with what is open in the group as it is now; the incoming person is told.

    `done` are the names of the points that were gone through. Once more, as long as nobody has signed.
    By the outgoing person; where he cannot, by a supervisor who is not the incoming one.
    """
    with _step(handover, Step.HAND_OVER, by=by, now=now) as (fresh, change):
        fresh.note, fresh.to_do = require(note, "note"), to_do.strip()
        fresh.points = _points(fresh.group, done)
        since = change.began_at if change else now
        fresh.open_matters = open_matters(fresh.group, since=since, now=now).frozen()
        fresh.state, fresh.handed_over_at, fresh.handed_over_by = HandoverState.WAITING, now, by
        fresh.saved_at = now
        text = "\n\n".join(filter(None, (fresh.note, fresh.to_do)))
        _log(fresh, HandoverEventKind.HANDED_OVER, by, now, text=text)
        notices.tell_handed_over(fresh, by=by, now=now)
    return fresh


def send_back(handover: Handover, *, remark: str, by: User, now: datetime) -> Handover:
    """Ask a handover back, or take one's own back, saying what is missing. The other one is told."""
    with _step(handover, Step.SEND_BACK, by=by, now=now) as (fresh, _change):
        fresh.state = HandoverState.RETURNED
        _log(fresh, HandoverEventKind.SENT_BACK, by, now, text=require(remark, "remark"))
        notices.tell_sent_back(fresh, remark, by=by, now=now)
    return fresh


def overrule(handover: Handover, *, reason: str, by: User, now: datetime) -> Handover:
    """Let the duty change hands in spite of the grade-1 faults that are open now, for a written reason (A6).

    By a supervisor of the group or somebody above, never by one of the two. It says nothing of a fault that
    comes later. The department manager is told, and the two.
    """
    with _step(handover, Step.OVERRULE, by=by, now=now) as (fresh, _change):
        faults, reason = blocking(fresh), require(reason, "reason")
        _log(fresh, HandoverEventKind.OVERRULED, by, now, text=reason, records=[fault.pk for fault in faults])
        notices.tell_overruled(fresh, faults, reason, by=by, now=now)
    return fresh


def sign(handover: Handover, *, by: User, now: datetime) -> Handover:
    """Take the duty over by signing for what was handed over; from then on, and not before one's own shift
    begins, the incoming person answers. Raises `Moved` where it is not what he has read (`version`).
    """
    with _step(handover, Step.SIGN, by=by, now=now) as (fresh, _change):
        fresh.state, fresh.signed_at = HandoverState.SIGNED, now
        _log(fresh, HandoverEventKind.SIGNED, by, now)
        notices.tell_signed(fresh, by=by, now=now)
    return fresh


def take_records(handover: Handover, tickets: Sequence[Ticket], *, by: User, now: datetime) -> list[Outcome]:
    """Take over records that the outgoing person owned, after one has signed; return what became of each.

    Each by itself: what somebody else has changed meanwhile is refused and holds up no other.
    """
    if not (handover.is_signed and by.pk == handover.incoming_id):
        raise Refused(_("Sign the handover first: then its records are yours to take."), code="forbidden")
    outcomes = each(tickets, partial(_take, handover, by=by, now=now))
    if taken := [outcome.ticket.pk for outcome in outcomes if not outcome.refusal]:
        _log(handover, HandoverEventKind.RECORDS_TAKEN, by, now, records=taken)
    return outcomes


def set_handover_terms(terms: HandoverTerms, *, by: User, now: datetime) -> HandoverTerms:
    """Set when a group hands over, by when it is signed, and what is gone through."""
    if not may_roster(terms.group, by):
        raise Refused(_("Only the group's supervisor may change this."), code="forbidden")
    save_terms(terms, by=by, now=now)
    return terms


def _take(handover: Handover, ticket: Ticket, *, by: User, now: datetime) -> None:
    if ticket.owner_id != handover.outgoing_id or ticket.group_id != handover.group_id:
        raise Refused(
            _("It does not belong to %(name)s any more.") % {"name": handover.outgoing.label}, code="moved"
        )
    assign(ticket, owner=by, text=_("Taken over with the duty."), by=by, now=now)


@contextmanager
def _step(
    handover: Handover, step: Step, *, by: User, now: datetime
) -> Iterator[tuple[Handover, Change | None]]:
    """Lock a handover and yield it fresh, with its change of duty, where this person may take the step.

    Raises `Moved` where it is no longer what the person saw, by its `version`, else `Refused`.
    """
    with transaction.atomic():
        fresh, change = _locked(handover)
        faults = blocking(fresh)
        reason = standing_of(fresh, change, faults, by, now).refusal(step)
        if reason not in ("forbidden", "own_handover") and fresh.version != handover.version:
            raise Moved(_overtaken(fresh))
        if reason:
            code = "forbidden" if reason == "own_handover" else reason
            raise Refused(_why_not(reason, fresh, change, faults), code=code)
        yield fresh, change
        fresh.version += step != Step.OVERRULE  # which changes nothing of what is handed over
        fresh.save()


def _locked(handover: Handover) -> tuple[Handover, Change | None]:
    """The handover under its lock; as long as nobody has signed its two are those of the roster."""
    rows = Handover.objects.select_for_update(of=("self",), no_key=True).with_names()
    fresh = rows.get(pk=handover.pk)
    change = change_at(fresh.group, fresh.changes_at)
    if change and not fresh.is_signed and (change.outgoing, change.incoming) != _two(fresh):
        people = User.objects.in_bulk([change.outgoing, change.incoming])
        fresh.outgoing, fresh.incoming = people[change.outgoing], people[change.incoming]
    return fresh, change


def _two(handover: Handover) -> tuple[int, int]:
    return handover.outgoing_id, handover.incoming_id


def _points(group: Group, done: Collection[str]) -> list[dict[str, object]]:
    return [asdict(point) for point in points_of(terms_of(group), done)]


def _log(
    handover: Handover,
    kind: HandoverEventKind,
    by: User,
    now: datetime,
    *,
    text: str = "",
    records: Sequence[int] = (),
) -> None:
    HandoverEvent.objects.create(
        handover=handover, kind=kind, at=now, by=by, text=text, records=list(records)
    )


def _overtaken(fresh: Handover) -> str:
    words = {
        HandoverState.SIGNED: _("Somebody was faster: %(name)s has signed it already."),
        HandoverState.RETURNED: _("Somebody was faster: it was asked back."),
        HandoverState.WAITING: _("Somebody was faster: it was handed over meanwhile. Read it again."),
        HandoverState.WRITTEN: _("Somebody was faster. Read it again."),
    }
    return words[HandoverState(fresh.state)] % {"name": fresh.incoming.label}


def _why_not(reason: str, fresh: Handover, change: Change | None, faults: Iterable[Ticket]) -> str:
    if reason == "major_fault":
        return blocked_words(faults)
    if reason == "no_change":
        return _no_change()
    if reason == "too_early":
        minutes = terms_of(fresh.group).opens_before
        return _("It is too early: at most %(n)s minutes before the shift ends.") % {"n": minutes}
    words = {
        "forbidden": _("This is not yours to do in this handover."),
        "own_handover": _("Neither of the two may allow it: ask a supervisor who is not on duty."),
        "wrong_status": _("Not possible while the handover is “%(state)s”."),
        "nothing_to_overrule": _("No grade-1 fault is open in the group: there is nothing to allow."),
    }
    return words[reason] % {"state": fresh.get_state_display()}


def _no_change() -> str:
    return _("By the roster nobody follows anybody at that time: it may have been changed.")
