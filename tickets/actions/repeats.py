"""A fault whose cause is known is tied to the earlier one that it repeats (§3.2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from tickets.actions.journal import record
from tickets.linking import ENDS
from tickets.models import EntryKind, Kind, Link, LinkKind, Status, Ticket, Window, WindowKind
from tickets.repeats import Fault, can_repeat, repeated

# Of so many, solved last, the newest that fits: nobody takes back more ties than that on one record.
LOOKED_AT = 10
OUTWARD, _INWARD = ENDS[LinkKind.REPEAT]


def settle_repeat(ticket: Ticket, *, now: datetime) -> None:
    """Tie a locked fault to the one that it repeats, or tie it anew where its cause has changed. Not a verb.

    Where somebody has said himself what it repeats, or that it does not repeat this one, his word holds.
    """
    if not ticket.is_fault:
        return
    ties = list(Link.objects.filter(record=ticket, kind=LinkKind.REPEAT))
    if any(tie.by_id for tie in ties):
        return
    earlier = _repeated(ticket)
    for tie in ties:
        if tie.other_id == earlier:
            return
        tie.delete()
        changes = {OUTWARD: [Ticket(pk=tie.other_id).number, None], "why": [None, "other_cause"]}
        record(ticket, EntryKind.UNLINKED, by=None, now=now, changes=changes)
    if earlier is not None:
        Link.objects.create(record=ticket, other_id=earlier, kind=LinkKind.REPEAT, by=None, at=now)
        changes = {OUTWARD: [None, Ticket(pk=earlier).number]}
        record(ticket, EntryKind.LINKED, by=None, now=now, changes=changes)


def _repeated(ticket: Ticket) -> int | None:
    fault = _facts(ticket)
    window = Window.objects.filter(kind=WindowKind.REPEAT_FAULT).first()
    if window is None or not can_repeat(fault):
        return None
    earlier = repeated(fault, _candidates(fault, window.span), window.span)
    if earlier is not None and (taken_back := _taken_back(ticket)):
        left = [each for each in _candidates(fault, window.span) if each.number not in taken_back]
        earlier = repeated(fault, left, window.span)
    return earlier.number if earlier else None


def _candidates(fault: Fault, window: timedelta) -> list[Fault]:
    """The faults of the same system and cause that were solved within the window, the last first."""
    solved = Ticket.objects.filter(
        kind=Kind.FAULT,
        system=fault.system,
        cause=fault.cause,
        resolved_at__range=(fault.reported_at - window, fault.reported_at),
    )
    others = solved.exclude(pk=fault.number).exclude(status=Status.MERGED)
    return [_facts(ticket) for ticket in others.order_by("-resolved_at", "-pk")[:LOOKED_AT]]


def _taken_back(ticket: Ticket) -> set[int]:
    """The faults of which somebody has said that this one does not repeat them."""
    removed = ticket.entries.filter(kind=EntryKind.UNLINKED, by__isnull=False)
    numbers = (
        change[OUTWARD][0] for change in removed.values_list("changes", flat=True) if OUTWARD in change
    )
    return {int(number.removeprefix("T-")) for number in numbers}


def _facts(ticket: Ticket) -> Fault:
    return Fault(ticket.pk, ticket.system_id, ticket.cause, ticket.reported_at, ticket.resolved_at)
