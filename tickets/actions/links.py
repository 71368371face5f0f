"""Tie two records together by hand, and take the tie away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from staff.models import User
from tickets.actions.journal import changing_both, record
from tickets.lifecycle import Move, Refused
from tickets.linking import BY_HAND, ENDS, REFUSALS, End, refusal
from tickets.models import ClockKind, CoordinationMeeting, Dispatch, EntryKind, Link, LinkKind, Ticket


def link(
    ticket: Ticket, *, other: Ticket, kind: LinkKind, reason: str = "", by: User, now: datetime
) -> Ticket:
    """Say what a record is to another one: has to do with it, repeats it, is part of it (a mass fault).

    It stands in the history of both. What is tied so already stays as it is. Raises `Refused` at `other`.
    """
    with changing_both(ticket, Move.LINK, other, Move.LINK, by=by, now=now) as (fresh, fresh_other):
        if kind not in BY_HAND:
            raise Refused(_("This link comes with an action of its own."), field="kind", code="invalid")
        tie(fresh, fresh_other, kind, reason=reason, by=by, now=now)
    return fresh


def adopt(ticket: Ticket, *, child: Ticket, by: User, now: datetime) -> Ticket:
    """Put another record under this mass fault; return the mass fault. Raises `Refused` at `child`."""
    try:
        with changing_both(ticket, Move.LINK, child, Move.LINK, by=by, now=now) as (fresh, fresh_child):
            tie(fresh_child, fresh, LinkKind.CHILD, by=by, now=now)
    except Refused as refused:
        refused.field = "child" if refused.field == "other" else refused.field
        raise
    return fresh


def unlink(
    ticket: Ticket, *, other: Ticket, kind: LinkKind, reason: str = "", by: User, now: datetime
) -> Ticket:
    """Take away a tie that was made by hand or by the rule for repeats; both histories say so.

    Where there is none, nothing happens.
    """
    with changing_both(ticket, Move.UNLINK, other, Move.UNLINK, by=by, now=now) as (fresh, fresh_other):
        if kind not in BY_HAND:
            raise Refused(_("This link goes with an action of its own."), field="kind", code="invalid")
        ends = {end.pk: end for end in (fresh, fresh_other)}
        for found in Link.objects.filter(_between(fresh, fresh_other), kind=kind):
            found.delete()
            first, second = ends[found.record_id], ends[found.other_id]
            _write_down(EntryKind.UNLINKED, first, second, kind, reason=reason, by=by, now=now)
    return fresh


def tie(
    first: Ticket, second: Ticket, kind: LinkKind, *, reason: str = "", by: User, now: datetime
) -> Link | None:
    """Tie two locked records and write it down in both; None where they are tied already. Not a verb."""
    if kind == LinkKind.RELATED and first.pk < second.pk:
        first, second = second, first
    if Link.objects.filter(_between(first, second), kind=kind).exists():
        return None
    check(first, second, kind)
    made = Link.objects.create(record=first, other=second, kind=kind, reason=reason.strip(), by=by, at=now)
    _write_down(EntryKind.LINKED, first, second, kind, reason=reason, by=by, now=now)
    return made


def check(first: Ticket, second: Ticket, kind: LinkKind, *, field: str = "other") -> None:
    """Raise `Refused` where the rules do not let `first` be tied to `second` in this way. Not a verb."""
    if why := refusal(kind, _end(first, kind), _end(second, kind)):
        raise Refused(REFUSALS[why], field=field, code=why)


def _between(first: Ticket, second: Ticket) -> Q:
    return Q(record=first, other=second) | Q(record=second, other=first)


def _end(ticket: Ticket, kind: LinkKind) -> End:
    more: dict[str, Any] = {}
    if kind in (LinkKind.CHILD, LinkKind.DUPLICATE):
        parts = Link.objects.filter(kind=LinkKind.CHILD)
        more["has_parts"] = parts.filter(other=ticket).exists()
        more["part_of"] = parts.filter(record=ticket).values_list("other_id", flat=True).first()
    if kind == LinkKind.DUPLICATE:
        is_owed = ticket.clocks.running().filter(kind=ClockKind.ARRIVAL).exists()
        more["awaits_engineer"] = is_owed or Dispatch.objects.filter(ticket=ticket).open().exists()
        more["in_meeting"] = CoordinationMeeting.objects.filter(ticket=ticket).open().exists()
    return End(ticket.pk, ticket.client_id, ticket.is_fault, ticket.reported_at, **more)


def _write_down(
    kind: EntryKind, first: Ticket, second: Ticket, tie: LinkKind, *, reason: str, by: User, now: datetime
) -> None:
    outward, inward = ENDS[tie]
    for ticket, name, other in ((first, outward, second), (second, inward, first)):
        change = [None, other.number] if kind == EntryKind.LINKED else [other.number, None]
        record(ticket, kind, by=by, now=now, text=reason.strip(), changes={name: change})
