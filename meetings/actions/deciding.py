"""Decisions: made in the meeting, set off at once where they order something, settled or dropped later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from meetings.actions.common import forbidden, log, save, taking, tz
from meetings.actions.holding import item_named
from meetings.actions.telling import tell_owner
from meetings.kinds import DecisionState, EventKind, Order, Step
from meetings.models import LONGEST, Decision, Meeting
from meetings.people import leads
from staff.models import User
from staff.refused import Refused, require
from tickets import actions as tickets
from tickets.lifecycle import Moved
from tickets.models import Ticket

FARTHEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided. `order` says what is set off at once with the record: its own action does that.

    Of a dispatch `address` and the contact are the record's own where nothing is said.
    """

    text: str
    owner: User
    due_on: date
    ticket: Ticket | None = None
    order: str = ""
    address: str = ""
    contact_name: str = ""
    contact_phone: str = ""


@transaction.atomic
def decide(meeting: Meeting, key: str, decided: Decided, *, by: User, now: datetime) -> Decision:
    """Write a decision on an item of the agenda, and set off what it orders; both or neither.

    Raises `Refused` at a field, also for what the record's own action refuses.
    """
    fresh = taking(meeting, Step.DECIDE, by)
    text = require(decided.text, "text", longest=LONGEST)
    _check_owner(decided.owner)
    _check_due(decided.due_on, now)
    order = Order(decided.order) if decided.order in Order.values else Order.NOTHING
    if order and decided.ticket is None:
        raise Refused(_("Name the record that this is about."), field="ticket", code="required")
    decision = Decision.objects.create(
        meeting=fresh,
        group=fresh.group,
        item=item_named(fresh, key, by=by, now=now),
        text=text,
        owner=decided.owner,
        due_on=decided.due_on,
        ticket=decided.ticket,
        order=order,
        decided_at=now,
        decided_by=by,
    )
    if decided.ticket is not None and order:
        _carry_out(decision, decided, order, by=by, now=now)
    save(fresh)
    changes: dict[str, object] = {"decision": [None, decision.number], "owner": [None, decided.owner.name]}
    changes["due_on"] = [None, decided.due_on.isoformat()]
    if decided.ticket is not None:
        changes["record"] = [None, decided.ticket.number]
    if order:
        changes["order"] = [None, str(order)]
    log(fresh, EventKind.DECIDED, by=by, now=now, text=text, changes=changes)
    log(decision, EventKind.DECIDED, by=by, now=now, text=text, changes=changes)
    tell_owner(decision, "decided", now=now, by=by)
    return decision


def settle_decision(decision: Decision, *, result: str, by: User, now: datetime) -> Decision:
    """Say that it is done, and what was done: its owner, or who leads the group."""
    return _close(decision, DecisionState.DONE, result, _may_settle, by=by, now=now)


def drop_decision(decision: Decision, *, reason: str, by: User, now: datetime) -> Decision:
    """Give it up for a reason: only who leads the group, or chaired the meeting."""
    return _close(decision, DecisionState.DROPPED, reason, _may_drop, by=by, now=now)


@transaction.atomic
def change_decision(
    decision: Decision,
    *,
    owner: User | None = None,
    due_on: date | None = None,
    reason: str,
    by: User,
    now: datetime,
) -> Decision:
    """Give it to somebody else, or another day, for a reason; how often it came back stays."""
    fresh = _open_one(decision, _may_drop, by)
    reason = require(reason, "reason", longest=LONGEST)
    changes: dict[str, object] = {}
    if owner is not None and owner.pk != fresh.owner_id:
        _check_owner(owner)
        changes["owner"] = [fresh.owner.name, owner.name]
        fresh.owner = owner
    if due_on is not None and due_on != fresh.due_on:
        _check_due(due_on, now)
        changes["due_on"] = [fresh.due_on.isoformat(), due_on.isoformat()]
        fresh.due_on, fresh.told_at = due_on, None
    if not changes:
        raise Refused(_("It is so already."), field="due_on", code="unchanged")
    fresh.version += 1
    fresh.save(update_fields=["owner", "due_on", "told_at", "version"])
    log(fresh, EventKind.DECISION_CHANGED, by=by, now=now, text=reason, changes=changes)
    tell_owner(fresh, "changed", now=now, by=by)
    return fresh


def may_settle(decision: Decision, by: User) -> bool:
    return decision.state == DecisionState.OPEN and _may_settle(decision, by)


def may_drop(decision: Decision, by: User) -> bool:
    return decision.state == DecisionState.OPEN and _may_drop(decision, by)


def _may_settle(decision: Decision, by: User) -> bool:
    return by.is_active and (by.pk == decision.owner_id or _may_drop(decision, by))


def _may_drop(decision: Decision, by: User) -> bool:
    return leads(by, decision.group_id) or (by.is_active and by.pk == decision.meeting.chair_id)


@transaction.atomic
def _close(
    decision: Decision,
    state: DecisionState,
    words: str,
    may: Callable[[Decision, User], bool],
    *,
    by: User,
    now: datetime,
) -> Decision:
    fresh = _open_one(decision, may, by)
    field = "result" if state == DecisionState.DONE else "reason"
    fresh.result = require(words, field, longest=LONGEST)
    fresh.state, fresh.settled_at, fresh.settled_by = state, now, by
    fresh.version += 1
    fresh.save(update_fields=["state", "result", "settled_at", "settled_by", "version"])
    kind = EventKind.DECISION_DONE if state == DecisionState.DONE else EventKind.DECISION_DROPPED
    log(fresh, kind, by=by, now=now, text=fresh.result)
    if state == DecisionState.DROPPED:
        tell_owner(fresh, "dropped", now=now, by=by)
    return fresh


def _open_one(decision: Decision, may: Callable[[Decision, User], bool], by: User) -> Decision:
    rows = Decision.objects.select_for_update(of=("self",)).select_related("owner", "meeting", "group")
    fresh = rows.get(pk=decision.pk)
    if not may(fresh, by):
        raise forbidden()
    if fresh.version != decision.version:
        raise Moved(_("Somebody was faster: look at it as it is now."))
    if fresh.state != DecisionState.OPEN:
        raise Refused(_("It is settled already."), code="wrong_status")
    return fresh


def _carry_out(decision: Decision, decided: Decided, order: Order, *, by: User, now: datetime) -> None:
    """Hand the order down; what the record refuses is told at the field of this form."""
    ticket = decided.ticket
    assert ticket is not None
    note = _("Decided in the weekly meeting: %(number)s %(text)s") % {
        "number": decision.number,
        "text": decision.text,
    }
    try:
        if order == Order.ASSIGN:
            if ticket.owner_id != decided.owner.pk:
                tickets.assign(ticket, owner=decided.owner, text=note, by=by, now=now)
            return
        tickets.dispatch(
            ticket,
            engineer=decided.owner,
            address=decided.address.strip() or _address(ticket),
            contact_name=decided.contact_name.strip() or ticket.caller_name,
            contact_phone=decided.contact_phone.strip() or ticket.callback_number,
            note=note,
            by=by,
            now=now,
        )
    except Refused as refused:
        names = {"engineer": "owner", "address": "address", "contact_name": "contact_name"}
        field = names.get(refused.field or "", "order")
        raise Refused(refused.message, field=field, code=refused.code) from None


def _address(ticket: Ticket) -> str:
    """Where the system stands, else the client."""
    site = ticket.system.site if ticket.system is not None else None
    return (site.address if site is not None else "") or ticket.client.address


def _check_owner(owner: User) -> None:
    if owner.is_contact or not owner.is_active:
        raise Refused(_("This person does not work here."), field="owner", code="invalid")


def _check_due(due_on: date, now: datetime) -> None:
    today = now.astimezone(tz()).date()
    if not today <= due_on <= today + FARTHEST:
        raise Refused(_("Choose a day from today on, within a year."), field="due_on", code="invalid")
