"""E-mails with surveys leave the house: at least once, under one Message-ID, each copy with its own link.

The link is made when the copy is written, so that it stands nowhere before and after. Where a sender dies in
between, the next copy has another, and both are good until one of them is finished.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from staff.outbox import send_waiting
from surveys.models import Invitation, InvitationState, Occasion, SurveyMail
from surveys.tokens import new_token


class Over(Exception):
    """The invitation is over: there is nothing to be sent any more."""


def post(*, now: datetime) -> int:
    """Send waiting e-mails with surveys, soonest first, at most 20; return how many left."""
    return send_waiting(SurveyMail.objects.all(), lambda mail: _message(mail, now), now=now)


def _message(mail: SurveyMail, now: datetime) -> EmailMessage:
    related = ("campaign__version", "contact", "version", "ticket")
    invitation = Invitation.objects.select_related(*related).get(pk=mail.outreach.invitation_id)
    if invitation.state != InvitationState.OPEN:
        raise Over(invitation.number)
    expires_at = now + timedelta(days=invitation.campaign.token_days)
    secret = new_token(invitation, expires_at=expires_at, now=now)
    link = settings.SITE_URL.rstrip("/") + reverse("survey", args=[secret])
    with translation.override(mail.language):
        is_reminder = mail.outreach.occasion == Occasion.REMINDER
        subject = _("How satisfied are you with our service?")
        if is_reminder:
            subject = _("Reminder: %(subject)s") % {"subject": subject}
        body = render_to_string(
            "mail/survey.txt",
            {
                "invitation": invitation,
                "name": invitation.contact.label,
                "greeting": invitation.version.greeting,
                "link": link,
                "opt_out": link + "no-more/",
                "expires_at": expires_at,
                "is_reminder": is_reminder,
            },
        )
    answers_go_elsewhere = settings.MAIL_ADDRESS not in settings.DEFAULT_FROM_EMAIL
    return EmailMessage(
        subject=subject,
        body=body,
        to=[mail.to],
        reply_to=[settings.MAIL_ADDRESS] if answers_go_elsewhere else None,
        headers={
            "Message-ID": mail.message_id,
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "List-Unsubscribe": f"<{link}no-more/>",
        },
    )
