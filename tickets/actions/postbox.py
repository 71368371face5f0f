"""What waits of the e-mail: somebody makes a record of it, adds it to one, or discards it; each once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from staff.models import User
from staff.refused import require
from tickets.actions.calls import Solved, settle
from tickets.actions.intake import Call
from tickets.actions.mail import add_letter, contacts_at, keep_files_of, origin_of, place
from tickets.lifecycle import Moved, Refused
from tickets.mailing import Letter
from tickets.models import EntryKind, Grade, IntakeMail, IntakeState, Ticket


def record_mail(
    intake: IntakeMail,
    letter: Letter,
    call: Call,
    *,
    to: Grade | None = None,
    reason: str = "",
    solved: Solved | None = None,
    new_contact: bool = False,
    by: User,
    now: datetime,
) -> Ticket:
    """Make a record of an e-mail that waited; it counts from when the e-mail came, with its files.

    Raises `Moved` when somebody else has decided, `Refused` naming the field; then nothing of it happened.
    """
    with _deciding(intake, IntakeState.RECORDED, by=by, now=now) as fresh:
        call = replace(call, reported_at=fresh.mail.received_at)
        ticket = settle(
            call,
            to=to,
            reason=reason,
            solved=solved,
            new_contact=new_contact,
            changes=origin_of(fresh.mail),
            by=by,
            now=now,
        )
        logged = ticket.entries.get(kind=EntryKind.LOGGED)
        place(fresh.mail, logged)
        keep_files_of(letter, logged, by=by, now=now)
    return ticket


def add_mail(intake: IntakeMail, letter: Letter, ticket: Ticket, *, by: User, now: datetime) -> Ticket:
    """Add an e-mail that waited to a record. What is not from the record's client stays the house's own."""
    with _deciding(intake, IntakeState.ADDED, by=by, now=now) as fresh:
        clients = {contact.client_id for contact in contacts_at(fresh.mail.sender)}
        kind = EntryKind.NOTE
        if ticket.client_id in clients:
            kind = EntryKind.MAIL if ticket.is_open else EntryKind.REPLY
        return add_letter(fresh.mail, letter, ticket, kind, by=by, now=now)


def discard_mail(intake: IntakeMail, *, reason: str, by: User, now: datetime) -> None:
    """Discard an e-mail that waited, with the reason; who wrote it and what stays in the log."""
    with _deciding(intake, IntakeState.DISCARDED, by=by, now=now) as fresh:
        fresh.note = require(reason, "reason")


@contextmanager
def _deciding(intake: IntakeMail, state: IntakeState, *, by: User, now: datetime) -> Iterator[IntakeMail]:
    """Lock an e-mail that waits, yield it, and note who has decided what when the block ends.

    Its content goes: the files are with the record, the text in the log, the original in the mailbox.
    """
    if not by.may_work:
        raise Refused(_("You may not do this to a maintenance record."), code="forbidden")
    with transaction.atomic():
        fresh = IntakeMail.objects.select_for_update(of=("self",)).select_related("mail").get(pk=intake.pk)
        if fresh.state != IntakeState.WAITING:
            raise Moved(
                _("Somebody was faster: %(name)s has decided on this e-mail.")
                % {"name": fresh.decided_by.label if fresh.decided_by else "OpsDesk"}
            )
        yield fresh
        fresh.state, fresh.decided_by, fresh.decided_at, fresh.raw = state, by, now, b""
        fresh.save()
