"""The frame that every verb runs in: lock, check, change, write down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Min
from django.utils.translation import gettext as _

from staff.models import User
from tickets.actions import firing, indexing, timing
from tickets.lifecycle import CHANGES_ONLY, NOT_OF_CHANGES, OVER, Move, Moved, Refused, may
from tickets.linking import REFUSALS
from tickets.models import Entry, EntryKind, Status, Ticket

# What a client's contact may do himself.
CONTACT_MOVES = (Move.CONFIRM, Move.REOPEN, Move.NOTE, Move.ATTACH, Move.WITHDRAW, Move.REVOKE_REMOTE)
# No work on a record, so that leaders may too: who may judge, `tickets.accountability` says.
JUDGING_MOVES = (Move.RULE, Move.DECIDE_APPEAL, Move.ACKNOWLEDGE_REPORT_UP)
# What `finish` saves, for many records at once.
FINISH = """
UPDATE tickets_ticket t SET version = version + 1, next_due_at = (
  SELECT min(due_at) FROM tickets_clock
  WHERE ticket_id = t.id AND superseded_at IS NULL AND stopped_at IS NULL
) WHERE id = ANY(%s) AND status <> ALL(%s)
"""


@contextmanager
def changing(ticket: Ticket, move: Move, *, by: User | None, now: datetime) -> Iterator[Ticket]:
    """Lock a record, yield it fresh, and save it with its next due time and version when the block ends.

    Raises `Moved` when the record has left the status in which the person saw it and the verb no longer
    applies, `Refused` when the verb never applied or `by` may not work on records.
    """
    with transaction.atomic():
        # Not in one query: a row joined to its group that is handed over while one waits is not found then.
        lock(ticket.pk)
        fresh = Ticket.objects.select_related("client", "group").get(pk=ticket.pk)
        if by is not None and not _may_do(by, fresh, move):
            raise Refused(_("You may not do this to a maintenance record."), code="forbidden")
        if move in (NOT_OF_CHANGES if fresh.is_change else CHANGES_ONLY):
            raise Refused(_not_of_this_kind(fresh), code="wrong_kind")
        if not may(move, fresh.status):
            seen = Status(ticket.status)
            if may(move, seen):
                raise Moved(_overtaken(fresh, by))
            raise Refused(
                _("Not possible while the record is “%(status)s”.") % {"status": fresh.get_status_display()},
                code="wrong_status",
            )
        firing.fire_due(fresh, now=now)
        before, stages = indexing.own_texts(fresh), _stages(fresh)
        yield fresh
        if _stages(fresh) != stages:
            timing.drop_moot(fresh)
        finish(fresh)
        if (texts := indexing.own_texts(fresh)) != before:
            indexing.learn(fresh, *texts)


@contextmanager
def changing_both(
    ticket: Ticket, move: Move, other: Ticket, other_move: Move, *, by: User | None, now: datetime
) -> Iterator[tuple[Ticket, Ticket]]:
    """Change two records in one transaction, each as `changing` does; yield both fresh.

    They are locked in the order of their numbers, so two people who tie the same two never wait for each
    other in a circle. Raises `Refused` too where both are the same record.
    """
    if ticket.pk == other.pk:
        raise Refused(REFUSALS["itself"], field="other", code="itself")
    with transaction.atomic():
        lock(ticket.pk, other.pk)
        with (
            changing(ticket, move, by=by, now=now) as fresh,
            changing(other, other_move, by=by, now=now) as fresh_other,
        ):
            yield fresh, fresh_other


def lock(*pks: int) -> None:
    """Lock several records in the order of their numbers, in the transaction that is open."""
    locked = Ticket.objects.filter(pk__in=pks).order_by("pk")
    list(locked.select_for_update(no_key=True).values_list("pk"))


def finish(ticket: Ticket) -> None:
    """Save a locked record with its next due time, the earliest deadline among its running clocks."""
    ticket.next_due_at = None
    if ticket.is_open:
        ticket.next_due_at = ticket.clocks.running().aggregate(soonest=Min("due_at"))["soonest"]
    ticket.version += 1
    ticket.save()


def finish_all(pks: Iterable[int]) -> None:
    """Do so for many locked records in one statement, where nothing else of them has changed."""
    with connection.cursor() as cursor:
        cursor.execute(FINISH, [list(pks), list(OVER)])


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


def _stages(ticket: Ticket) -> tuple[bool, bool]:
    """What the rules for report-ups ask about the record's state (`tickets.escalation.While`)."""
    return ticket.acknowledged_at is not None, ticket.diagnosed_at is not None


def _not_of_this_kind(ticket: Ticket) -> str:
    if ticket.is_change:
        return _("%(number)s is a planned change: it goes the way of its plan.") % {"number": ticket.number}
    return _("%(number)s is no planned change.") % {"number": ticket.number}


def _overtaken(ticket: Ticket, by: User | None) -> str:
    """Say by whom: whoever of the others wrote last, where the system did not do it by itself."""
    others = Entry.objects.filter(ticket=ticket, by__isnull=False).exclude(by=by).select_related("by")
    if by is not None:
        others = others.visible_to(by)
    last = others.order_by("-at", "-pk").first()
    facts = {"number": ticket.number, "status": ticket.get_status_display()}
    if last is None or last.by is None:
        return _("Somebody was faster: %(number)s is now “%(status)s”.") % facts
    facts["name"] = last.by.label
    return _("Somebody was faster: since %(name)s's entry %(number)s is “%(status)s”.") % facts


def _may_do(by: User, ticket: Ticket, move: Move) -> bool:
    """Staff who work on records may; a contact may only speak for himself.

    Leaders judge, and say that they know of a report-up: that is no work on the record.
    """
    if by.is_contact:
        owns = ticket.contact_id is not None and ticket.contact.user_id == by.pk  # type: ignore[union-attr]
        return owns and move in CONTACT_MOVES
    return by.may_work or (by.is_active and move in JUDGING_MOVES)
