"""A call comes in (§3.1, §3.2, §5.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clients.models import Channel, Client, Contact, System
from staff.models import User
from staff.refused import require
from tickets.actions import indexing, timing
from tickets.actions.checklists import attach_automatic
from tickets.actions.journal import record
from tickets.actions.people import first_owner
from tickets.actions.telling import tell_owner
from tickets.lifecycle import Refused
from tickets.models import ClockKind, EntryKind, Kind, Ticket


@dataclass(frozen=True, slots=True)
class Call:
    """What the caller says. `reported_at` is when he reported it, where that was before it is recorded."""

    client: Client
    caller_name: str
    title: str
    system: System | None = None
    contact: Contact | None = None
    callback_number: str = ""
    details: str = ""
    kind: Kind = Kind.FAULT
    channel: Channel = Channel.PHONE
    reported_at: datetime | None = None
    external_ref: str | None = None


@transaction.atomic
def log_call(
    call: Call,
    *,
    by: User | None,
    now: datetime,
    owner: User | None = None,
    changes: Mapping[str, object] | None = None,
) -> Ticket:
    """Record a call and start its response clock in the same transaction, so that it cannot sink (§3.2).

    Anyone on the staff may record for any client (§5.1); the first receiver is kept. The owner is the one
    given, else the system's dedicated maintainer, else who is on duty. `changes` says more in the history of
    where it comes from. Raises `Refused` naming the field at fault.
    """
    _check(call, by, now)
    reported_at = call.reported_at or now
    ticket = Ticket(
        kind=call.kind,
        channel=call.channel,
        client=call.client,
        system=call.system,
        contact=call.contact,
        caller_name=require(call.caller_name, "caller_name"),
        callback_number=call.callback_number.strip(),
        title=require(call.title, "title"),
        details=call.details.strip(),
        group=call.client.group,
        owner=owner or first_owner(call.system, call.client.group, now),
        taken_by=by,
        reported_at=reported_at,
        logged_at=now,
        external_ref=call.external_ref,
    )
    kinds = [ClockKind.RESPONSE] if call.kind == Kind.FAULT else [ClockKind.RESPONSE, ClockKind.RESOLUTION]
    contracts = timing.contracts_for(ticket, reported_at)
    plans = [timing.plan(ticket, kind, at=reported_at, contracts=contracts) for kind in kinds]
    ticket.in_coverage = bool(contracts)
    ticket.next_due_at = min(plan.clock.due_at for plan in plans if plan.clock.due_at)
    ticket.save()
    timing.write(*plans)
    facts = _first_owner_of(ticket) | dict(changes or {})
    logged = record(ticket, EntryKind.LOGGED, by=by, now=now, text=ticket.title, changes=facts)
    if call.kind != Kind.FAULT:
        attach_automatic(ticket, now=now)
    indexing.learn_new(ticket)
    tell_owner(logged, by=by, now=now)
    return ticket


def _check(call: Call, by: User | None, now: datetime) -> None:
    if call.kind == Kind.CHANGE:
        raise Refused(_("A change is planned, not called in."), field="kind", code="invalid")
    if by is not None:
        _check_receiver(call, by)
    if call.system is not None and call.system.client_id != call.client.pk:
        raise Refused(_("This system belongs to another client."), field="system", code="invalid")
    if call.contact is not None and call.contact.client_id != call.client.pk:
        raise Refused(_("This contact belongs to another client."), field="contact", code="invalid")
    if call.reported_at is not None and call.reported_at > now:
        raise Refused(_("A call cannot be reported in the future."), field="reported_at", code="invalid")


def _check_receiver(call: Call, by: User) -> None:
    if by.is_contact:
        if call.contact is None or call.contact.user_id != by.pk:
            raise Refused(_("You can only report for yourself."), field="contact", code="forbidden")
    elif not by.may_work:
        raise Refused(_("You may not do this to a maintenance record."), code="forbidden")


def _first_owner_of(ticket: Ticket) -> dict[str, object]:
    return {"owner": [None, ticket.owner.name]} if ticket.owner else {}
