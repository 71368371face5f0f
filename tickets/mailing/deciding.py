"""Where an e-mail belongs: a new record, one that is there, nowhere, or before somebody's eyes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from tickets.lifecycle import Status
from tickets.mailing.letter import Letter

NUMBER = re.compile(r"(?<![A-Za-z0-9_-])T-([1-9]\d{4,17})(?!\d)", re.IGNORECASE)
OWN_ID = re.compile(r"<(T-\d+\.[0-9a-f]{32}|notice-\d+)@")
FROM_MACHINES = re.compile(r"(mailer-daemon|postmaster)@")


class Outcome(TextChoices):
    RECORD = "record", _("New record")
    ENTRY = "entry", _("Added to a record")
    IGNORED = "ignored", _("Ignored")
    QUEUED = "queued", _("Waits for a decision")


class Reason(TextChoices):
    """Why an e-mail was ignored, or why somebody has to look at it."""

    OWN = "own", _("It is one of our own")
    AUTOMATIC = "automatic", _("A machine answers")
    BOUNCE = "bounce", _("A mail server reports")
    LIST = "list", _("A mailing list")

    UNKNOWN_SENDER = "unknown_sender", _("Nobody in the archive has this address")
    SEVERAL_CONTACTS = "several_contacts", _("Several contacts have this address")
    NO_SENDER = "no_sender", _("It says nothing usable of who sent it")
    SEVERAL_SENDERS = "several_senders", _("It names several senders")
    OTHER_CLIENT = "other_client", _("Its sender has nothing to do with the record that it names")
    LONG_CLOSED = "long_closed", _("It is about a record that was closed long ago, or has no owner now")
    EMPTY = "empty", _("It is empty")
    TOO_LARGE = "too_large", _("It is too large; only its beginning was read")
    TOO_MANY_FILES = "too_many_files", _("It has too many files")
    TOO_MANY = "too_many", _("Its sender has sent very many within an hour")
    FAILED = "failed", _("It could not be read")


@dataclass(frozen=True, slots=True)
class Thread:
    """The record that an e-mail says it is about.

    `is_ours`: it answers a Message-ID that we made, which nobody can guess. `is_answer`: what it answers was
    written by one of us to be answered, not by a machine or by the client himself.
    """

    client: int
    status: str
    closed_at: datetime | None
    has_owner: bool
    is_ours: bool
    is_answer: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What the house knows of an e-mail: the clients of the contacts with its address, and its record.

    `recent` counts the sender's e-mails within the last hour, this one not among them.
    """

    clients: tuple[int, ...]
    thread: Thread | None
    recent: int
    most_recent: int
    most_files: int
    answers_for: timedelta
    is_too_large: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of it. `is_repeat`: nobody had asked, so it is a second call about an open record."""

    outcome: Outcome
    reason: Reason | None = None
    is_repeat: bool = False


def ignored(letter: Letter, *, own: frozenset[str]) -> Reason | None:
    """Say why nobody has to read it, or None. `own` are the addresses that we send from, in lower case.

    What a machine wrote is never answered, so that no two machines talk to each other for ever.
    """
    headers = {name: value.lower() for name, value in letter.headers.items()}
    if letter.sender in own or OWN_ID.match(letter.key):
        return Reason.OWN
    is_report = headers.get("content-type") == "multipart/report"
    if is_report or headers.get("return-path") == "<>" or FROM_MACHINES.match(letter.sender):
        return Reason.BOUNCE
    is_bulk = headers.get("precedence") in ("list", "bulk", "junk")
    if is_bulk or "list-id" in headers or "list-post" in headers:
        return Reason.LIST
    says = headers.get("auto-submitted", "no").partition(";")[0].strip()
    marks = ("x-auto-response-suppress", "x-autoreply", "x-autorespond")
    is_automatic = says != "no" or headers.get("precedence") == "auto_reply"
    return Reason.AUTOMATIC if is_automatic or any(mark in headers for mark in marks) else None


def ticket_in(subject: str) -> int | None:
    """Return the number of the record that a subject names."""
    found = NUMBER.search(subject)
    return int(found[1]) if found else None


def decide(letter: Letter, facts: Facts, *, now: datetime) -> Verdict:
    """Decide where an e-mail belongs that is not to be ignored."""
    if (reason := _unfit(letter, facts)) is not None:
        return Verdict(Outcome.QUEUED, reason)
    thread = facts.thread
    if thread is None:
        if len(facts.clients) == 1:
            return Verdict(Outcome.RECORD)
        return Verdict(Outcome.QUEUED, Reason.SEVERAL_CONTACTS if facts.clients else Reason.UNKNOWN_SENDER)
    # A number in a subject is easily forged, and so is a sender; an answer to what only he can have is not.
    is_his = thread.client in facts.clients or (thread.is_ours and not facts.clients)
    if not is_his:
        return Verdict(Outcome.QUEUED, Reason.OTHER_CLIENT)
    if thread.status == Status.CLOSED:
        is_recent = thread.closed_at is not None and now - thread.closed_at <= facts.answers_for
        if is_recent and thread.has_owner:
            return Verdict(Outcome.ENTRY)
        return Verdict(Outcome.QUEUED, Reason.LONG_CLOSED)
    return Verdict(Outcome.ENTRY, is_repeat=not thread.is_answer)


def _unfit(letter: Letter, facts: Facts) -> Reason | None:
    """Say what about the e-mail itself keeps it from being taken without a look."""
    checks = {
        Reason.TOO_LARGE: facts.is_too_large,
        Reason.SEVERAL_SENDERS: letter.senders > 1,
        Reason.NO_SENDER: not letter.sender,
        Reason.TOO_MANY: facts.recent >= facts.most_recent,
        Reason.TOO_MANY_FILES: len(letter.files) > facts.most_files,
        Reason.EMPTY: not (letter.text or letter.title or letter.files),
    }
    return next((reason for reason, is_so in checks.items() if is_so), None)
