"""The frame that every verb runs in: lock, check, change, write down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.db.models import Min
from django.utils.translation import gettext as _

from staff.models import User
from tickets.actions import firing, indexing
from tickets.lifecycle import Move, Moved, Refused, may
from tickets.models import Entry, EntryKind, Status, Ticket


@contextmanager
def changing(ticket: Ticket, move: Move, *, by: User | None, now: datetime) -> Iterator[Ticket]:
    """Lock a record, yield it fresh, and save it with its next due time and version when the block ends.

    Raises `Moved` when the record has left the status in which the person saw it and the verb no longer
    applies, `Refused` when the verb never applied or `by` may not work on records.
    """
    with transaction.atomic():
        fresh = (
            Ticket.objects.select_for_update(of=("self",)).select_related("client", "group").get(pk=ticket.pk)
        )
        if by is not None and not _may_do(by, fresh, move):
            raise Refused(_("You may not do this to a maintenance record."), code="forbidden")
        if not may(move, fresh.status):
            seen = Status(ticket.status)
            if may(move, seen):
                raise Moved(
                    _("Somebody was faster: %(number)s is now “%(status)s”.")
                    % {"number": fresh.number, "status": fresh.get_status_display()}
                )
            raise Refused(
                _("Not possible while the record is “%(status)s”.") % {"status": fresh.get_status_display()},
                code="wrong_status",
            )
        firing.fire_due(fresh, now=now)
        before = indexing.own_texts(fresh)
        yield fresh
        finish(fresh)
        if (texts := indexing.own_texts(fresh)) != before:
            indexing.learn(fresh, *texts)


def finish(ticket: Ticket) -> None:
    """Save a locked record with its next due time, the earliest deadline among its running clocks."""
    ticket.next_due_at = None
    if ticket.is_open:
        ticket.next_due_at = ticket.clocks.running().aggregate(soonest=Min("due_at"))["soonest"]
    ticket.version += 1
    ticket.save()


def record(
    ticket: Ticket,
    kind: EntryKind,
    *,
    by: User | None,
    now: datetime,
    text: str = "",
    changes: Mapping[str, object] | None = None,
) -> Entry:
    """Append one entry to the record's history; its text can be found in the same transaction."""
    if text and text not in indexing.own_texts(ticket):  # these are learnt with the record
        indexing.learn(ticket, text)
    return Entry.objects.create(
        ticket=ticket, kind=kind, by=by, at=now, text=text, changes=dict(changes or {})
    )


def require(text: str, field: str) -> str:
    """Return the text without outer blanks; refuse an empty one at its field."""
    if not (text := text.strip()):
        raise Refused(_("This field is required."), field=field, code="required")
    return text


def _may_do(by: User, ticket: Ticket, move: Move) -> bool:
    """Staff who work on records may; a contact may only speak for himself: confirm, reopen, add a note."""
    if by.is_contact:
        owns = ticket.contact_id is not None and ticket.contact.user_id == by.pk  # type: ignore[union-attr]
        return owns and move in (Move.CONFIRM, Move.REOPEN, Move.NOTE)
    return by.may_work
