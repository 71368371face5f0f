"""While it is being worked on: diagnosis, notes, waiting and going on."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from staff.models import User
from staff.refused import require
from tickets.actions import timing
from tickets.actions.journal import changing, lock, record
from tickets.actions.mentions import as_changes, mentioned_in, tell_mentioned
from tickets.actions.repeats import settle_repeat
from tickets.actions.telling import tell_who_answers
from tickets.actions.timespent import spend
from tickets.lifecycle import Move, Refused, Status
from tickets.models import Cause, ClockKind, Entry, EntryKind, Grade, Link, Pause, PauseReason, Ticket

# Nothing waits longer than this without somebody looking again; it can be paused anew.
LONGEST_PAUSE = timedelta(days=30)


def diagnose(
    ticket: Ticket, *, diagnosis: str, cause: Cause, minutes: int | None = None, by: User, now: datetime
) -> Ticket:
    """Confirm the diagnosis, which stops the diagnosis clock (§5.4). A later one replaces the text.

    With its cause known, a fault that repeats an earlier one is tied to it. `minutes` is what it took him.
    """
    with changing(ticket, Move.DIAGNOSE, by=by, now=now) as fresh:
        _refuse_ungraded(fresh)
        fresh.diagnosis, fresh.cause = require(diagnosis, "diagnosis"), Cause(cause)
        fresh.diagnosed_at = fresh.diagnosed_at or now
        timing.stop(fresh, ClockKind.DIAGNOSIS, now=now)
        entry = record(
            fresh,
            EntryKind.DIAGNOSED,
            by=by,
            now=now,
            text=fresh.diagnosis,
            changes={"cause": [None, fresh.cause]},
        )
        settle_repeat(fresh, now=now)
        spend(entry, minutes)
    return fresh


def add_note(ticket: Ticket, *, text: str, minutes: int | None = None, by: User, now: datetime) -> Entry:
    """Write a note into the record's history; return the entry. `minutes` is what it took him.

    Who is mentioned in it is told. When the client himself writes, the owner is told, or who answers where
    nobody owns it; and a record that waited for the client waits no more. What is written on a merged record
    reaches the one that answers for it too.
    """
    with transaction.atomic():
        answering = Link.objects.answering_for(ticket)
        if answering is not None:
            lock(ticket.pk, answering.pk)
        with changing(ticket, Move.NOTE, by=by, now=now) as fresh:
            text = require(text, "text")
            meant = mentioned_in(text, fresh, by=by, field="text")
            entry = record(fresh, EntryKind.NOTE, by=by, now=now, text=text, changes=as_changes(meant))
            spend(entry, minutes)
            tell_mentioned(entry, meant.values(), by=by, now=now)
            if by.is_contact and answering is None:
                end_wait_for_client(fresh, by=by, now=now)
                tell_who_answers(fresh, "client_note", key=f"note:{entry.pk}", now=now)
        if answering is not None:
            _pass_on(entry, answering, by=by, now=now)
    return entry


def _pass_on(entry: Entry, answering: Ticket, *, by: User, now: datetime) -> None:
    """Write a note on a merged record into the record that answers for it; whoever could write that could."""
    with changing(answering, Move.NOTE, by=None, now=now) as fresh:
        changes = {"duplicate": [None, entry.ticket.number]}
        again = record(fresh, EntryKind.NOTE, by=by, now=now, text=entry.text, changes=changes)
        if by.is_contact:
            end_wait_for_client(fresh, by=by, now=now)
            tell_who_answers(fresh, "client_note", key=f"note:{again.pk}", now=now)


def pause(
    ticket: Ticket, *, reason: PauseReason, text: str, until: datetime, by: User, now: datetime
) -> Ticket:
    """Let a record wait, with the reason and the instant to look again; its clocks stand still (§3.2).

    Never for grade 1. The dated next step takes the place of the clocks, so that it cannot sink.
    """
    with changing(ticket, Move.PAUSE, by=by, now=now) as fresh:
        _refuse_ungraded(fresh)
        if fresh.grade == Grade.ONE:
            raise Refused(
                _("A grade-1 fault never waits: its clocks run on. Put what it lacks into a note."),
                code="grade_one",
            )
        text = require(text, "text")
        if not now < until <= now + LONGEST_PAUSE:
            raise Refused(_("Choose a time within the next 30 days."), field="until", code="invalid")
        Pause.objects.create(ticket=fresh, reason=PauseReason(reason), text=text, started_at=now, until=until)
        fresh.status = Status.WAITING
        timing.recompute(fresh)
        timing.start_next_step(fresh, until=until, now=now)
        record(
            fresh,
            EntryKind.PAUSED,
            by=by,
            now=now,
            text=text,
            changes={"reason": [None, reason], "until": [None, until.isoformat()]},
        )
    return fresh


def resume(ticket: Ticket, *, text: str = "", by: User, now: datetime) -> Ticket:
    """Go on after waiting: the clocks run on from where they stood."""
    with changing(ticket, Move.RESUME, by=by, now=now) as fresh:
        end_pause(fresh, now=now)
        record(fresh, EntryKind.RESUMED, by=by, now=now, text=text.strip())
    return fresh


def end_wait_for_client(ticket: Ticket, *, by: User | None, now: datetime) -> None:
    """Let a locked record that waits for its client wait no more: he has spoken. Not a verb."""
    if Pause.objects.filter(ticket=ticket, ended_at__isnull=True, reason=PauseReason.CLIENT).exists():
        end_pause(ticket, now=now)
        record(ticket, EntryKind.RESUMED, by=by, now=now, changes={"why": [None, "client_answered"]})


def end_pause(ticket: Ticket, *, now: datetime) -> None:
    """End the open pause of a locked record and set its clocks going again. Not a verb."""
    Pause.objects.filter(ticket=ticket, ended_at__isnull=True).update(ended_at=now)
    ticket.status = Status.IN_PROGRESS
    timing.stop(ticket, ClockKind.NEXT_STEP, now=now)
    timing.recompute(ticket)


def _refuse_ungraded(ticket: Ticket) -> None:
    if ticket.needs_grade:
        raise Refused(_("Grade the fault first."), field="grade", code="ungraded")
