"""A word to the client, kept with the record and sent where his address is known (§3.2)."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.conf import settings

from clients.models import Channel
from staff.models import User
from staff.refused import require
from tickets.actions.journal import changing, record
from tickets.actions.progress import keep_word
from tickets.lifecycle import Move
from tickets.models import Entry, EntryKind, OutgoingMail, ReceivedMail, Ticket

LONGEST_SUBJECT = 200
LONGEST_THREAD = 20  # Message-IDs: mail servers fold or refuse headers without end


def write_to_client(ticket: Ticket, *, text: str, by: User | None, now: datetime) -> Ticket:
    """Write a message to the client into the record's history, where its contact can read it.

    Where the contact has an e-mail address a copy goes there, in the thread of the record. Where he has none
    the entry says so: he is told by phone, and reads it when he signs in. It is the progress message due.
    """
    with changing(ticket, Move.MESSAGE, by=by, now=now) as fresh:
        text, address = require(text, "text"), address_of(fresh)
        changes = {"sent_to": [None, address]} if address else {"why": [None, "no_address"]}
        entry = record(fresh, EntryKind.MESSAGE, by=by, now=now, text=text, changes=changes)
        if address:
            send(entry, to=address, text=text, now=now)
        keep_word(fresh, now=now)
    return fresh


def tell_client(
    ticket: Ticket, *, text: str, told: str, how: Channel = Channel.PHONE, by: User, now: datetime
) -> Ticket:
    """Write down what the client was told other than in writing: what, who, how.

    He can read it where he signs in. It is the progress message due.
    """
    with changing(ticket, Move.TELL_CLIENT, by=by, now=now) as fresh:
        text, told = require(text, "text"), require(told, "told")
        changes = {"told": [None, told], "how": [None, str(Channel(how))]}
        record(fresh, EntryKind.MESSAGE, by=by, now=now, text=text, changes=changes)
        keep_word(fresh, now=now)
    return fresh


def address_of(ticket: Ticket) -> str:
    """Return where e-mail reaches the record's contact; nothing where that is not known."""
    return ticket.contact.email if ticket.contact and ticket.contact.is_active else ""


def send(entry: Entry, *, to: str, text: str, now: datetime, is_automatic: bool = False) -> OutgoingMail:
    """Put a copy of an entry into the outbox, in the thread of its record. Not a verb."""
    ticket = entry.ticket
    return OutgoingMail.objects.create(
        ticket=ticket,
        entry=entry,
        to=to,
        subject=subject_of(ticket),
        body=f"{text}\n",
        message_id=f"<{ticket.number}.{secrets.token_hex(16)}@{settings.MAIL_DOMAIN}>",
        thread=" ".join(thread_of(ticket)[-LONGEST_THREAD:]),
        is_automatic=is_automatic,
        next_try_at=now,
        created_at=now,
    )


def subject_of(ticket: Ticket) -> str:
    """Return the subject of every e-mail about a record: an answer to it finds the record again."""
    return " ".join(f"[{ticket.number}] {ticket.title}".split())[:LONGEST_SUBJECT]


def thread_of(ticket: Ticket) -> list[str]:
    """Return the Message-IDs of a record's e-mails, oldest first."""
    sent = OutgoingMail.objects.filter(ticket=ticket).values_list("created_at", "message_id")
    came = ReceivedMail.objects.filter(ticket=ticket, key__startswith="<").values_list("taken_at", "key")
    return [key for _at, key in sorted([*sent, *came])]
