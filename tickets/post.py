"""E-mails to clients leave the house: at least once, under one Message-ID, in the thread of their record."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage

from staff.outbox import send_waiting
from tickets.models import OutgoingMail


def post(*, now: datetime) -> int:
    """Send waiting e-mails to clients, soonest first, at most 20; return how many left."""
    return send_waiting(OutgoingMail.objects.all(), _message, now=now)


def _message(mail: OutgoingMail) -> EmailMessage:
    headers = {"Message-ID": mail.message_id}
    if mail.thread:
        headers |= {"In-Reply-To": mail.thread.split()[-1], "References": mail.thread}
    if mail.is_automatic:
        # No machine answers what says that a machine wrote it.
        headers |= {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
    answers_go_elsewhere = settings.MAIL_ADDRESS not in settings.DEFAULT_FROM_EMAIL
    return EmailMessage(
        subject=mail.subject,
        body=mail.body,
        to=[mail.to],
        reply_to=[settings.MAIL_ADDRESS] if answers_go_elsewhere else None,
        headers=headers,
    )
