"""Windows of remote access as time passes (§4.2.2): warned of, over, and what has to be gone then.

Safe to run twice, late, or by two workers: each row says what was done about it, under its record's lock.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from staff.models import User
from tickets.actions import people
from tickets.actions.custody import destroy_held
from tickets.actions.journal import changing, lock
from tickets.actions.telling import tell_people
from tickets.lifecycle import OVER, Move
from tickets.models import (
    Custody,
    PurgeReason,
    RemoteAuthorisation,
    RemoteSession,
    Target,
    Ticket,
)
from tickets.remote import WARNED_BEFORE

log = logging.getLogger(__name__)
REMINDED_EVERY = timedelta(days=1)


def watch_windows(*, now: datetime) -> int:
    """Warn, mark what overran, destroy passwords, remind of paper that is due; return how much was done."""
    sessions = RemoteSession.objects.open()
    over = sessions.filter(authorisation__window_to__lte=now, overrun_at__isnull=True)
    ending = sessions.filter(
        authorisation__window_to__gt=now,
        authorisation__window_to__lte=now + WARNED_BEFORE,
        authorisation__revoked_at__isnull=True,
        warned_at__isnull=True,
    )
    done = _each(over.values_list("pk", flat=True), lambda pk: _mark_overrun(pk, now))
    done += _each(ending.values_list("pk", flat=True), lambda pk: _warn(pk, now))
    done += purge_passwords(now=now)
    return done + _each(_paper_due(now).values_list("pk", flat=True), lambda pk: _remind(pk, now))


def purge_passwords(*, now: datetime) -> int:
    """Destroy every password whose window is over or whose record is; return at how many authorisations."""
    held = Custody.objects.held().values("authorisation")
    done_with = Q(window_to__lte=now) | Q(revoked_at__isnull=False) | Q(ticket__status__in=OVER)
    due = RemoteAuthorisation.objects.filter(done_with, pk__in=held)
    return _each(due.values_list("pk", flat=True), lambda pk: _purge(pk, now))


def _purge(pk: int, now: datetime) -> None:
    authorisation = RemoteAuthorisation.objects.select_related("ticket").get(pk=pk)
    with changing(authorisation.ticket, Move.PURGE_PASSWORD, by=None, now=now) as ticket:
        because = PurgeReason.WINDOW_END if now >= authorisation.window_to else PurgeReason.CLOSED
        if authorisation.is_revoked:
            because = PurgeReason.REVOKED
        destroy_held(ticket, because, authorisation=authorisation, now=now)


@transaction.atomic
def _warn(pk: int, now: datetime) -> None:
    """Fifteen minutes before the window's end whoever is logged in is told, and the owner."""
    session, ticket = _locked(pk)
    if not session.is_open or session.warned_at is not None:
        return
    session.warned_at = now
    session.save(update_fields=["warned_at"])
    _tell(session, ticket, [session.operator, ticket.owner], "remote_ending", now)


@transaction.atomic
def _mark_overrun(pk: int, now: datetime) -> None:
    """A session that outlasts its window is marked, and the supervisor is told too."""
    session, ticket = _locked(pk)
    if not session.is_open or session.overrun_at is not None:
        return
    session.overrun_at = now
    session.save(update_fields=["overrun_at"])
    supervisors, _found_at = people.resolve(Target.SUPERVISOR, ticket, now)
    _tell(session, ticket, [session.operator, ticket.owner, *supervisors], "remote_overrun", now)


@transaction.atomic
def _remind(pk: int, now: datetime) -> None:
    """What the client was to write is overdue: the owner and the supervisor are told, once a day."""
    authorisation = RemoteAuthorisation.objects.get(pk=pk)
    ticket = _lock(authorisation.ticket_id)
    if not _paper_due(now).filter(pk=pk).exists():
        return
    RemoteAuthorisation.objects.filter(pk=pk).update(reminded_at=now)
    supervisors, _found_at = people.resolve(Target.SUPERVISOR, ticket, now)
    told = {person.pk: person for person in [ticket.owner, *supervisors] if person is not None}
    tell_people(
        ticket,
        told.values(),
        "remote_written_overdue",
        key=f"remote_paper:{pk}:{now:%Y%m%d%H%M%S}",
        now=now,
        given_by=authorisation.given_by,
        written_due_at=authorisation.written_due_at.isoformat() if authorisation.written_due_at else None,
    )


def _paper_due(now: datetime):  # type: ignore[no-untyped-def]
    """Authorisations by phone of which nothing written has come, and nobody was reminded within a day."""
    again = Q(reminded_at__lte=now - REMINDED_EVERY) & ~Q(ticket__status__in=OVER)
    overdue = RemoteAuthorisation.objects.awaiting_paper().filter(written_due_at__lte=now)
    return overdue.filter(Q(reminded_at__isnull=True) | again)


def _tell(
    session: RemoteSession, ticket: Ticket, who: Iterable[User | None], kind: str, now: datetime
) -> None:
    told = {person.pk: person for person in who if person is not None}
    tell_people(
        ticket,
        told.values(),
        kind,
        key=f"{kind}:{session.pk}",
        now=now,
        operator=session.operator.name,
        operator_en=session.operator.name_en,
        ends_at=session.authorisation.window_to.isoformat(),
    )


def _locked(pk: int) -> tuple[RemoteSession, Ticket]:
    """A session as it is now, and its record, which is locked."""
    rows = RemoteSession.objects.select_related("authorisation", "operator")
    ticket = _lock(rows.get(pk=pk).authorisation.ticket_id)
    return rows.get(pk=pk), ticket


def _lock(pk: int) -> Ticket:
    """Lock a record, then read it: it may have a new owner since somebody else let go of it."""
    lock(pk)
    return Ticket.objects.select_related("client", "group", "owner").get(pk=pk)


def _each(pks: Iterable[int], deed: Callable[[int], None]) -> int:
    """Do it to each; one that fails is logged and holds up no other."""
    done = 0
    for pk in list(pks):
        try:
            deed(pk)
        except Exception:
            log.exception("Row %s of remote access cannot be looked after", pk)
        else:
            done += 1
    return done
