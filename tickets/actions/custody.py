"""Passwords that the client gave, kept until they are used (§4.2.2): encrypted, seen once, then destroyed.

Off unless keys are set (`tickets/vault.py`). No entry, notice or refusal ever holds a password.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from staff.models import Role, User
from staff.refused import require
from tickets import remote, vault
from tickets.actions.journal import changing, record
from tickets.actions.telling import tell_who_answers
from tickets.lifecycle import Move, Refused
from tickets.models import (
    Custody,
    EntryKind,
    Grade,
    PurgeReason,
    RemoteAuthorisation,
    RemoteSession,
    Reveal,
    Ticket,
)

APPROVAL_HOLDS = timedelta(hours=1)
LONGEST_PASSWORD = 200


@sensitive_variables("password")
def deposit_password(
    authorisation: RemoteAuthorisation, *, account: str, password: str, by: User, now: datetime
) -> Custody:
    """Take a password into custody until the window's end. Raises `Refused` where custody is off."""
    _refuse_off()
    with changing(authorisation.ticket, Move.DEPOSIT_PASSWORD, by=by, now=now) as fresh:
        found = RemoteAuthorisation.objects.get(pk=authorisation.pk, ticket=fresh)
        _refuse_ended(found, now)
        account = require(account, "account")
        if not password:
            raise Refused(_("This field is required."), field="password", code="required")
        if len(password) > LONGEST_PASSWORD:
            raise Refused(_("At most 200 characters."), field="password", code="max_length")
        if password in account:
            raise Refused(_("The name of the account must not hold the password."), field="account")
        custody = Custody.objects.create(
            authorisation=found,
            account=account,
            ciphertext=vault.locked(password),
            key_id=vault.newest_key_id(),
            deposited_by=by,
            deposited_at=now,
        )
        record(fresh, EntryKind.DEPOSITED, by=by, now=now, changes={"account": [None, account]})
    return custody


def may_approve(user: User) -> bool:
    """Say whether this person may be the second one who approves a look: a supervisor or a specialist."""
    return user.may_supervise or (user.is_active and user.role == Role.SPECIALIST)


def needs_second_person(ticket: Ticket) -> bool:
    """Say whether a look at a password needs a second person: on a grade-1 fault."""
    return ticket.grade == Grade.ONE


def approve_reveal(custody: Custody, *, by: User, now: datetime) -> Custody:
    """Approve, as the second person, that somebody else looks at a password within the next hour."""
    with changing(custody.authorisation.ticket, Move.REVEAL_PASSWORD, by=by, now=now) as fresh:
        if not may_approve(by):
            raise Refused(_("Only a supervisor or a specialist may approve it."), code="forbidden")
        found = _held(custody, fresh)
        found.approved_by, found.approved_at = by, now
        found.save(update_fields=["approved_by", "approved_at"])
        record(fresh, EntryKind.NOTE, by=by, now=now, changes={"look_approved": [None, found.account]})
    return found


@sensitive_variables()
def reveal_password(custody: Custody, *, reason: str, by: User, now: datetime) -> str:
    """Return a password, this once, to who has a session open. Who looked and why is committed before it is
    decrypted: a look that nobody wrote down cannot happen, not even where the machine dies in between.

    Raises `Refused`, also where the authorisation does not hold any more (`remote.bar_to_work`). That `by`
    has just proven who he is, the caller makes sure of.
    """
    _refuse_off()
    with (
        transaction.atomic(durable=True),
        changing(custody.authorisation.ticket, Move.REVEAL_PASSWORD, by=by, now=now) as fresh,
    ):
        found = _held(custody, fresh)
        reason = require(reason, "reason")
        _refuse_barred(found.authorisation, fresh, now)
        _refuse_without_session(found, by)
        approved_by = _second_person(found, fresh, by=by, now=now)
        if not vault.has_key(found.key_id):
            raise Refused(_("The key that it was encrypted with is not here any more."), code="unreadable")
        ciphertext, key_id = found.ciphertext, found.key_id
        Reveal.objects.create(custody=found, by=by, at=now, reason=reason)
        changes = {"account": [None, found.account]}
        if approved_by is not None:
            changes["approved_by"] = [None, approved_by.name]
        record(fresh, EntryKind.REVEALED, by=by, now=now, text=reason, changes=changes)
    try:
        return vault.unlocked(ciphertext, key_id)
    except vault.Unreadable:
        raise Refused(
            _("What is stored cannot be decrypted. Ask the client again."), code="unreadable"
        ) from None


def purge_password(custody: Custody, *, by: User, now: datetime) -> Custody:
    """Destroy a password that nobody needs any more."""
    with changing(custody.authorisation.ticket, Move.PURGE_PASSWORD, by=by, now=now) as fresh:
        found = Custody.objects.select_related("authorisation").get(
            pk=custody.pk, authorisation__ticket=fresh
        )
        if not found.is_held:
            raise Refused(_("This password has been destroyed already."), code="wrong_status")
        _destroy(fresh, found, PurgeReason.BY_HAND, by=by, now=now)
    return found


def tell_client_to_change(custody: Custody, *, by: User, now: datetime) -> Custody:
    """Tick that the client was told to change the password, once it is destroyed here."""
    with changing(custody.authorisation.ticket, Move.PURGE_PASSWORD, by=by, now=now) as fresh:
        found = Custody.objects.get(pk=custody.pk, authorisation__ticket=fresh)
        if found.is_held or found.told_client_to_change_at is not None:
            raise Refused(_("There is nothing to tick."), code="wrong_status")
        found.told_client_to_change_at, found.told_by = now, by
        found.save(update_fields=["told_client_to_change_at", "told_by"])
        record(fresh, EntryKind.NOTE, by=by, now=now, changes={"told_to_change": [None, found.account]})
    return found


def destroy_held(
    ticket: Ticket,
    because: PurgeReason,
    *,
    authorisation: RemoteAuthorisation | None = None,
    now: datetime,
) -> int:
    """Destroy the passwords of a locked record, or of one authorisation; return how many. Not a verb."""
    held = Custody.objects.held().filter(authorisation__ticket=ticket).order_by("pk")
    if authorisation is not None:
        held = held.filter(authorisation=authorisation)
    found = list(held)
    for custody in found:
        _destroy(ticket, custody, because, by=None, now=now)
    return len(found)


def _destroy(
    ticket: Ticket, custody: Custody, because: PurgeReason, *, by: User | None, now: datetime
) -> None:
    """Overwrite what is stored, and ask that the client is told to change the password."""
    custody.ciphertext, custody.purged_at, custody.purged_because = "", now, because
    custody.save(update_fields=["ciphertext", "purged_at", "purged_because"])
    changes = {"account": [None, custody.account], "purged_because": [None, str(because)]}
    record(ticket, EntryKind.PURGED, by=by, now=now, changes=changes)
    tell_who_answers(ticket, "remote_change_password", key=f"custody:{custody.pk}", now=now)


def _held(custody: Custody, ticket: Ticket) -> Custody:
    """The custody as it is now; refused where there is nothing left to look at."""
    rows = Custody.objects.select_related("authorisation", "approved_by")
    found = rows.get(pk=custody.pk, authorisation__ticket=ticket)
    if not found.is_held:
        raise Refused(_("This password has been destroyed already."), code="wrong_status")
    if Reveal.objects.filter(custody=found).exists():
        raise Refused(
            _("This password has been looked at; it is shown once. Ask the client again."),
            code="wrong_status",
        )
    return found


def _refuse_off() -> None:
    if not vault.is_on():
        raise Refused(_("This installation stores no passwords."), code="custody_off")


def _refuse_ended(authorisation: RemoteAuthorisation, now: datetime) -> None:
    if authorisation.is_revoked:
        raise Refused(remote.Bar.REVOKED.label, code=remote.Bar.REVOKED.value)
    if now >= authorisation.window_to:
        raise Refused(remote.Bar.TOO_LATE.label, code=remote.Bar.TOO_LATE.value)


def _refuse_barred(authorisation: RemoteAuthorisation, ticket: Ticket, now: datetime) -> None:
    """Nobody logs in who may not work there now: its paper may be withdrawn, or the fault graded down."""
    found = RemoteAuthorisation.objects.with_facts().get(pk=authorisation.pk, ticket=ticket)
    if (bar := remote.bar_to_work(found.facts, now)) is not None:
        raise Refused(bar.label, code=bar.value)


def _refuse_without_session(custody: Custody, by: User) -> None:
    sessions = RemoteSession.objects.open().filter(authorisation=custody.authorisation, operator=by)
    if not sessions.exists():
        raise Refused(_("Begin a session first: a password is shown to who logs in now."), code="no_session")


def _second_person(custody: Custody, ticket: Ticket, *, by: User, now: datetime) -> User | None:
    """Who approved the look, where somebody has to."""
    if not needs_second_person(ticket):
        return None
    second, since = custody.approved_by, custody.approved_at
    if second is None or since is None or second.pk == by.pk or now - since > APPROVAL_HOLDS:
        raise Refused(
            _("On a grade-1 fault a second person, a supervisor or specialist, has to approve it first."),
            code="second_person",
        )
    return second
