"""A call and what it leaves behind: a record, a solved record, or a word on one that is open (§3.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clients.actions import save_contact
from clients.models import Channel, Contact
from clients.phones import InvalidPhone
from staff.files import Upload
from staff.models import User
from staff.refused import require
from tickets.actions.attaching import keep_all
from tickets.actions.closing import confirm, resolve
from tickets.actions.drafts import discard_draft
from tickets.actions.intake import Call, log_call
from tickets.actions.journal import changing, record
from tickets.actions.telling import tell
from tickets.actions.timespent import spend
from tickets.actions.triage import acknowledge, grade
from tickets.actions.work import end_wait_for_client
from tickets.lifecycle import Move, Refused
from tickets.models import Cause, EntryKind, Grade, Kind, Ticket


@dataclass(frozen=True, slots=True)
class Solved:
    """What solved it while the client was on the phone, and whether he said that he is satisfied."""

    solution: str
    cause: Cause
    is_confirmed: bool = False


@transaction.atomic
def take_call(
    call: Call,
    *,
    to: Grade | None = None,
    reason: str = "",
    solved: Solved | None = None,
    new_contact: bool = False,
    uploads: Sequence[Upload] = (),
    by: User,
    now: datetime,
) -> Ticket:
    """Record a call with everything that was settled on the phone, in one save; his draft is gone with it.

    With a grade it is graded, for `reason`. `new_contact` writes the caller into the client's archive under
    his number. `uploads`, such as the scan of a letter, come with the entry of the call. What is solved on
    the phone is the operator's own: nobody else is told that it is his. Raises `Refused` naming the field;
    then nothing of it happened.
    """
    ticket = settle(
        call,
        to=to,
        reason=reason,
        solved=solved,
        new_contact=new_contact,
        uploads=uploads,
        by=by,
        now=now,
    )
    discard_draft(by=by)
    return ticket


@transaction.atomic
def settle(
    call: Call,
    *,
    to: Grade | None,
    reason: str,
    solved: Solved | None,
    new_contact: bool,
    uploads: Sequence[Upload] = (),
    changes: Mapping[str, object] | None = None,
    by: User,
    now: datetime,
) -> Ticket:
    """Record a call, however it came, with everything that was settled with it. Not a verb."""
    if solved and call.kind == Kind.FAULT and to is None:
        raise Refused(_("Grade the fault: it is solved, and counts by its grade."), field="to")
    if new_contact:
        call = replace(call, contact=_save_caller(call, by, now))
    ticket = log_call(call, by=by, now=now, owner=by if solved else None, changes=changes)
    if uploads:
        keep_all(ticket, ticket.entries.get(kind=EntryKind.LOGGED), uploads, by=by, now=now)
    if to is not None and ticket.is_fault:
        ticket = grade(ticket, to, reason=reason, by=by, now=now)
    if solved:
        ticket = acknowledge(ticket, by=by, now=now)
        ticket = _resolve_at_once(ticket, solved, by=by, now=now)
        if solved.is_confirmed:
            ticket = confirm(ticket, confirmed_by=call.caller_name, channel=call.channel, by=by, now=now)
    return ticket


def repeat_contact(
    ticket: Ticket,
    *,
    text: str,
    caller_name: str,
    callback_number: str,
    channel: Channel,
    uploads: Sequence[Upload] = (),
    minutes: int | None = None,
    by: User,
    now: datetime,
) -> Ticket:
    """Write a further call about an open record into its history instead of opening a second one (§3.2).

    It counts as a second call of the client's. The owner is told, and a record that waited for the client
    waits no more. `text` may be empty: then he only asked how far it is.
    """
    with changing(ticket, Move.REPEAT_CONTACT, by=by, now=now) as fresh:
        said = {
            "caller_name": require(caller_name, "caller_name"),
            "callback_number": callback_number.strip(),
            "channel": str(Channel(channel)),
        }
        entry = record(
            fresh,
            EntryKind.REPEAT_CONTACT,
            by=by,
            now=now,
            text=text.strip(),
            changes={name: [None, value] for name, value in said.items() if value},
        )
        keep_all(fresh, entry, uploads, by=by, now=now)
        spend(entry, minutes)
        end_wait_for_client(fresh, by=by, now=now)
        if fresh.owner != by:
            tell(fresh, "repeat_contact", key=f"repeat_contact:{entry.pk}", now=now)
    return fresh


def _resolve_at_once(ticket: Ticket, solved: Solved, *, by: User, now: datetime) -> Ticket:
    try:
        return resolve(ticket, solution=solved.solution, cause=solved.cause, by=by, now=now)
    except Refused as refused:
        if refused.code != "checklist_open":
            raise
        message = _("Such a record has a checklist. Save the call, tick what is mandatory, then solve it.")
        raise Refused(message, field="solved", code=refused.code) from refused


def _save_caller(call: Call, by: User, now: datetime) -> Contact:
    contact = Contact(client=call.client, name=require(call.caller_name, "caller_name"))
    try:
        return save_contact(contact, [call.callback_number], by=by, now=now)
    except InvalidPhone as error:
        raise Refused(error.message, field="callback_number", code="invalid") from error
