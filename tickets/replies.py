"""A canned reply as it is inserted: its variables filled in from a record."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import override

from staff.models import User
from tickets.models import CannedReply, Ticket
from tickets.variables import fill

CHINESE = "zh-hans"


def filled(reply: CannedReply, ticket: Ticket, *, me: User, language: str, now: datetime) -> str:
    """Return the reply's text for a record; names and times are in the language that the text is in."""
    language = "en" if language.startswith("en") and reply.body_en else CHINESE
    with override(language):
        return fill(reply.text_in(language), values_of(ticket, me, now))


def values_of(ticket: Ticket, me: User, now: datetime) -> dict[str, str]:
    """Return what the variables stand for, in the active language; empty where the record does not say."""
    due = ticket.next_due_at
    return {
        "client": ticket.client.label,
        "caller": ticket.caller_name,
        "number": ticket.number,
        "title": ticket.title,
        "system": ticket.system.label if ticket.system else "",
        "owner": ticket.owner.label if ticket.owner else "",
        "due": f"{timezone.localtime(due):%m-%d %H:%M}" if due else "",
        "me": me.label,
        "today": f"{timezone.localtime(now):%Y-%m-%d}",
    }
