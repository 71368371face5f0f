"""Remote access with the client's authorisation (§4.2.2): recorded, proven, used, withdrawn.

No session begins without one that holds at that very instant; `tickets.remote.bar` says why not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from clients.models import Contact, System
from staff.files import Upload
from staff.models import User
from staff.refused import require
from tickets import remote
from tickets.actions.attaching import keep
from tickets.actions.custody import destroy_held
from tickets.actions.journal import changing, record
from tickets.actions.ladder import current_way, move_to
from tickets.actions.telling import tell_people, tell_who_answers
from tickets.lifecycle import Move, Refused
from tickets.models import (
    Attachment,
    Entry,
    EntryKind,
    Grade,
    HowGiven,
    PurgeReason,
    RemoteAuthorisation,
    RemoteSession,
    Ticket,
    Way,
)


@dataclass(frozen=True, slots=True)
class Grant:
    """What the client allows. `evidence` is a file of the record, or a new one; a call may have a recording.

    `given_at` is when he said or sent so, now where it is left out. The window is [from, to).
    """

    given_by: str
    how: HowGiven
    purpose: str
    window_from: datetime
    window_to: datetime
    systems: Sequence[System] = ()
    other_systems: str = ""
    contact: Contact | None = None
    callback_number: str = ""
    given_at: datetime | None = None
    max_sessions: int = 1
    evidence: Attachment | Upload | None = field(default=None)


def authorise_remote(ticket: Ticket, grant: Grant, *, by: User, now: datetime) -> RemoteAuthorisation:
    """Record that the client allows remote access. Raises `Refused` at the field where it cannot be so.

    It may be recorded before its evidence has come; until then no session begins.
    """
    with changing(ticket, Move.AUTHORISE_REMOTE, by=by, now=now) as fresh:
        given_at = grant.given_at or now
        given_by = require(grant.given_by, "given_by")
        purpose = require(grant.purpose, "purpose")
        callback_number, other_systems = grant.callback_number.strip(), grant.other_systems.strip()
        _check_client(fresh, grant)
        if not grant.systems and not other_systems:
            raise Refused(_("Say to which systems."), field="systems", code="required")
        remote.refuse_unfit(
            how=grant.how,
            callback_number=callback_number,
            window_from=grant.window_from,
            window_to=grant.window_to,
            max_sessions=grant.max_sessions,
            given_at=given_at,
            is_grade_one=fresh.grade == Grade.ONE,
            now=now,
        )
        names = [*(system.name for system in grant.systems), other_systems]
        entry = record(
            fresh,
            EntryKind.AUTHORISED,
            by=by,
            now=now,
            text=purpose,
            changes={
                "given_by": [None, given_by],
                "how_given": [None, str(grant.how)],
                "systems": [None, ", ".join(filter(None, names))],
                "window": [grant.window_from.isoformat(), grant.window_to.isoformat()],
            },
        )
        authorisation = RemoteAuthorisation.objects.create(
            ticket=fresh,
            contact=grant.contact,
            given_by=given_by,
            how=grant.how,
            callback_number=callback_number,
            given_at=given_at,
            evidence=_paper(fresh, entry, grant.evidence, by=by, now=now),
            other_systems=other_systems,
            purpose=purpose,
            window_from=grant.window_from,
            window_to=grant.window_to,
            max_sessions=grant.max_sessions,
            recorded_by=by,
            recorded_at=now,
            written_due_at=remote.written_due_at(grant.how, given_at),
        )
        authorisation.systems.set(grant.systems)
    return authorisation


def add_evidence(
    authorisation: RemoteAuthorisation, evidence: Attachment | Upload | None, *, by: User, now: datetime
) -> Entry:
    """Add the paper to an authorisation that lacks it: after a call, what the client has sent in writing."""
    with changing(authorisation.ticket, Move.ADD_EVIDENCE, by=by, now=now) as fresh:
        found = _as_it_stands(authorisation, fresh)
        if found.has_evidence:
            raise Refused(_("The evidence is there already."), field="evidence", code="taken")
        if evidence is None:
            raise Refused(_("Choose a file."), field="evidence", code="required")
        changes = {"evidence": [None, evidence.name], "given_by": [None, found.given_by]}
        entry = record(fresh, EntryKind.ATTACHED, by=by, now=now, changes=changes)
        paper = _paper(fresh, entry, evidence, by=by, now=now)
        if found.is_verbal:
            found.written_evidence, found.written_received_at = paper, now
        else:
            found.evidence = paper
        found.save(update_fields=["evidence", "written_evidence", "written_received_at"])
    return entry


def revoke_remote(
    authorisation: RemoteAuthorisation, *, reason: str, by: User, now: datetime
) -> RemoteAuthorisation:
    """Withdraw an authorisation at the client's word, or by himself; passwords given for it are destroyed.

    Whoever is logged in under it is told to leave, and the owner with him.
    """
    with changing(authorisation.ticket, Move.REVOKE_REMOTE, by=by, now=now) as fresh:
        found = _as_it_stands(authorisation, fresh)
        if found.is_revoked:
            raise Refused(remote.Bar.REVOKED.label, code="wrong_status")
        if now >= found.window_to:
            raise Refused(remote.Bar.TOO_LATE.label, code="wrong_status")
        found.revoked_at, found.revoked_by = now, by
        found.revoked_reason = require(reason, "reason")
        found.save(update_fields=["revoked_at", "revoked_by", "revoked_reason"])
        changes = {"given_by": [None, found.given_by]}
        record(fresh, EntryKind.REVOKED, by=by, now=now, text=found.revoked_reason, changes=changes)
        destroy_held(fresh, PurgeReason.REVOKED, authorisation=found, now=now)
        key = f"remote_revoked:{found.pk}"
        logged_in = User.objects.filter(
            pk__in=RemoteSession.objects.open().filter(authorisation=found).values("operator")
        )
        tell_people(fresh, logged_in.exclude(pk=by.pk), "remote_revoked", key=key, now=now)
        if fresh.owner_id != by.pk:
            tell_who_answers(fresh, "remote_revoked", key=key, now=now)
    return found


def open_remote(authorisation: RemoteAuthorisation, *, by: User, now: datetime) -> RemoteSession:
    """Begin a session. Raises `Refused` with the reason where the authorisation does not hold now."""
    with changing(authorisation.ticket, Move.OPEN_REMOTE, by=by, now=now) as fresh:
        found = _as_it_stands(authorisation, fresh)
        if RemoteSession.objects.open().filter(authorisation=found, operator=by).exists():
            raise Refused(_("You have a session under it already."), code="taken")
        if (bar := remote.bar(found.facts, now)) is not None:
            raise Refused(bar.label, code=bar.value)
        session = RemoteSession.objects.create(authorisation=found, operator=by, started_at=now)
        number = found.facts.sessions_begun + 1
        changes = {
            "given_by": [None, found.given_by],
            "session": [None, f"{number}/{found.max_sessions}"],
        }
        record(fresh, EntryKind.REMOTE_OPENED, by=by, now=now, changes=changes)
        if current_way(fresh) == Way.GUIDANCE:
            move_to(fresh, Way.REMOTE, reason=found.purpose, by=by, now=now)
    return session


def close_remote(
    session: RemoteSession, *, summary: str, witness: str = "", by: User, now: datetime
) -> RemoteSession:
    """End a session with what was done and, where somebody watched, who. By its operator or a supervisor."""
    with changing(session.authorisation.ticket, Move.CLOSE_REMOTE, by=by, now=now) as fresh:
        found = RemoteSession.objects.select_related("authorisation", "operator").get(pk=session.pk)
        if found.operator_id != by.pk and not by.may_supervise:
            raise Refused(_("Only who began the session or a supervisor may end it."), code="forbidden")
        if not found.is_open:
            raise Refused(_("This session has ended already."), code="wrong_status")
        found.summary, found.witness = require(summary, "summary"), witness.strip()
        found.ended_at, found.ended_by = now, by
        found.save(update_fields=["summary", "witness", "ended_at", "ended_by"])
        changes: dict[str, object] = {
            "operator": [None, found.operator.name],
            "lasted": [None, _minutes(now - found.started_at)],
        }
        if found.witness:
            changes["witness"] = [None, found.witness]
        if now > found.authorisation.window_to:
            changes["overran"] = [None, _minutes(now - found.authorisation.window_to)]
        record(fresh, EntryKind.REMOTE_CLOSED, by=by, now=now, text=found.summary, changes=changes)
    return found


def _as_it_stands(authorisation: RemoteAuthorisation, ticket: Ticket) -> RemoteAuthorisation:
    """The authorisation as it is now; the lock on its record keeps it so."""
    found = RemoteAuthorisation.objects.with_facts().get(pk=authorisation.pk, ticket=ticket)
    found.ticket = ticket
    return found


def _check_client(ticket: Ticket, grant: Grant) -> None:
    """Nobody authorises access to the systems of another client."""
    if any(system.client_id != ticket.client_id for system in grant.systems):
        raise Refused(_("This system is not the client's."), field="systems", code="invalid")
    if grant.contact is not None and grant.contact.client_id != ticket.client_id:
        raise Refused(_("This contact is not the client's."), field="contact", code="invalid")


def _paper(
    ticket: Ticket, entry: Entry, evidence: Attachment | Upload | None, *, by: User, now: datetime
) -> Attachment | None:
    """The file as one of the record's; a new one comes with the entry."""
    if isinstance(evidence, Upload):
        return keep(ticket, entry, evidence, by=by, now=now)
    if evidence is not None and (evidence.ticket_id != ticket.pk or not evidence.is_present):
        raise Refused(_("This file is not one of the record's."), field="evidence", code="invalid")
    return evidence


def _minutes(span: timedelta) -> int:
    """Whole minutes, begun ones counted."""
    return -(-span // timedelta(minutes=1))
