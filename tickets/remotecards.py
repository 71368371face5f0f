"""Remote access of a record as its page shows it: each authorisation, how it stands, its sessions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

from staff.models import User
from tickets import remote, vault
from tickets.lifecycle import MOVES, Move
from tickets.models import Custody, RemoteAuthorisation, RemoteSession, Ticket


@dataclass(slots=True)
class Access:
    """An authorisation with its sessions and passwords (without what is encrypted)."""

    authorisation: RemoteAuthorisation
    bar: remote.Bar | None
    standing: remote.Standing
    sessions: list[RemoteSession] = field(default_factory=list)
    custodies: list[Custody] = field(default_factory=list)
    own: RemoteSession | None = None

    @property
    def open_sessions(self) -> list[RemoteSession]:
        return [session for session in self.sessions if session.is_open]

    @property
    def is_valid(self) -> bool:
        return self.standing == remote.Standing.VALID

    @property
    def is_live(self) -> bool:
        """Whether it can still be used one day: neither withdrawn nor over."""
        return self.standing not in (remote.Standing.OVER, remote.Standing.REVOKED)

    @property
    def lacks_paper(self) -> bool:
        return not self.authorisation.has_evidence

    @property
    def to_be_told(self) -> list[Custody]:
        """Passwords that are destroyed here and that the client has not been told to change."""
        return [each for each in self.custodies if not each.is_held and each.told_client_to_change_at is None]


@dataclass(frozen=True, slots=True)
class RemoteCard:
    """What the card on the record's page shows; `may_*` is what this person may do now."""

    accesses: list[Access]
    may_authorise: bool
    may_open: bool


def remote_card(ticket: Ticket, user: User, now: datetime) -> RemoteCard | None:
    """The card of a record, without a query where it has no authorisation (`has_remote` of `visible`)."""
    has_any = getattr(ticket, "has_remote", True)
    accesses = accesses_of(RemoteAuthorisation.objects.filter(ticket=ticket), user, now) if has_any else []
    may = {
        move: user.may_work and ticket.status in MOVES[move]
        for move in (Move.AUTHORISE_REMOTE, Move.OPEN_REMOTE)
    }
    if not accesses and not may[Move.AUTHORISE_REMOTE]:
        return None
    return RemoteCard(accesses, may[Move.AUTHORISE_REMOTE], may[Move.OPEN_REMOTE])


def accesses_of(rows: QuerySet[RemoteAuthorisation], user: User, now: datetime) -> list[Access]:
    """These authorisations as they stand, the newest first, in four queries at the most."""
    related = ("ticket", "contact", "evidence", "written_evidence", "recorded_by", "revoked_by")
    found = list(
        rows.with_sessions().select_related(*related).prefetch_related("systems").order_by("-pk")  # type: ignore[attr-defined]
    )
    pks = [each.pk for each in found]
    sessions: dict[int, list[RemoteSession]] = defaultdict(list)
    for session in RemoteSession.objects.filter(authorisation__in=pks).select_related("operator"):
        sessions[session.authorisation_id].append(session)
    custodies: dict[int, list[Custody]] = defaultdict(list)
    held = Custody.objects.visible_to(user).filter(authorisation__in=pks).without_secrets()
    for custody in held.select_related("deposited_by", "approved_by", "told_by", "reveal__by"):
        custodies[custody.authorisation_id].append(custody)
    return [
        Access(
            authorisation,
            remote.bar(authorisation.facts, now),
            remote.standing(authorisation.facts, now),
            sessions[authorisation.pk],
            custodies[authorisation.pk],
            next(
                (each for each in sessions[authorisation.pk] if each.is_open and each.operator_id == user.pk),
                None,
            ),
        )
        for authorisation in found
    ]


def stores_passwords() -> bool:
    """Say whether this installation takes passwords into custody."""
    return vault.is_on()
