"""The answer to the client of a corrective action: by e-mail, or by a person and then written down (§4.3)."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from clients.models import Channel
from staff.models import User
from staff.outbox import send_waiting
from staff.refused import Refused
from surveys.models import CorrectiveAction, CorrectiveReply
from tickets.actions import tell_client, write_to_client
from tickets.models import Ticket


def answer_client(
    action: CorrectiveAction, *, text: str, how: Channel, told: str, by: User, now: datetime
) -> str:
    """Send the answer or write down that it was given; return whom it reached. Runs inside the step."""
    record = action.ticket
    if how != Channel.EMAIL:
        told = told.strip() or (action.contact.name if action.contact else "")
        if not told:
            raise Refused(_("Say who was told."), field="reply_to", code="required")
        if record is not None:
            tell_client(record, text=text, told=told, how=how, by=by, now=now)
        return told
    if record is not None and _reaches(record):
        write_to_client(record, text=text, by=by, now=now)
        return record.contact.email if record.contact else ""
    return _send(action, text, now)


def _reaches(record: Ticket) -> bool:
    return record.contact is not None and record.contact.is_active and bool(record.contact.email)


def _send(action: CorrectiveAction, text: str, now: datetime) -> str:
    contact = action.contact
    if contact is None or not contact.is_active or not contact.email:
        message = _("No e-mail address of the client is known: tell him, and write down whom.")
        raise Refused(message, field="reply_how", code="no_address")
    CorrectiveReply.objects.create(
        action=action,
        to=contact.email,
        subject=f"[{action.number}] {action.title}"[:200],
        body=f"{text}\n",
        message_id=f"<{action.number}.{secrets.token_hex(16)}@{settings.MAIL_DOMAIN}>",
        next_try_at=now,
    )
    return contact.email


def post_replies(*, now: datetime) -> int:
    """Send the answers that wait in the outbox, at least once each; return how many left."""
    return send_waiting(CorrectiveReply.objects.all(), _message, now=now)


def _message(mail: CorrectiveReply) -> EmailMessage:
    return EmailMessage(
        subject=mail.subject,
        body=mail.body,
        to=[mail.to],
        reply_to=[settings.MAIL_ADDRESS],
        headers={"Message-ID": mail.message_id},
    )
