"""A questionnaire as paper shows it: finished strings for the setter, with the number and the link as QR."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import segno
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from surveys.forms.answers import card
from surveys.models import Invitation, Question
from surveys.paper.maker import MOST_SECONDS
from surveys.reaching import language_of
from surveys.tokens import new_token
from tickets.documents.making import run_maker

MOST_SHEETS = 50
MODULE = "surveys.paper.maker"


def printed(invitations: Sequence[Invitation], *, now: datetime) -> bytes:
    """Return one PDF with the paper of each invitation, in its contact's language; each with a new link.

    Raises `tickets.documents.making.NotMade` where it cannot be set in time.
    """
    sheets = [_sheet(one, now) for one in invitations]
    content = json.dumps(
        {"sheets": sheets, "printed_at": now.isoformat(timespec="seconds")}, ensure_ascii=False
    )
    return run_maker(
        MODULE, "pdf", content.encode(), name=f"paper of {len(sheets)} surveys", within=MOST_SECONDS
    )


def _sheet(invitation: Invitation, now: datetime) -> dict[str, Any]:
    campaign, version = invitation.campaign, invitation.version
    days = max(campaign.token_days, campaign.close_days)
    secret = new_token(invitation, expires_at=now + timedelta(days=days), now=now)
    link = settings.SITE_URL.rstrip("/") + reverse("survey", args=[secret])
    language = language_of(invitation.contact)
    with translation.override(language):
        about = ""
        if invitation.ticket is not None:
            about = _("About %(number)s: %(title)s") % {
                "number": invitation.ticket.number,
                "title": invitation.ticket.title,
            }
        return {
            "language": language,
            "number": invitation.number,
            "title": version.questionnaire.label,
            "to": f"{invitation.client.label} · {invitation.contact.label}",
            "about": about,
            "greeting": version.greeting,
            "how": _(
                "Mark one box in each line, and send this sheet back by letter or fax, or hand it over."
            ),
            "online": _("Or answer here"),
            "questions": [_asked(one) for one in version.questions.all()],
            "ticks": [
                *([_("This is a complaint")] if version.asks_complaint else []),
                *([_("I would like a reply")] if version.asks_reply else []),
            ],
            "signed": [_("Date"), _("Signature (if you like)")],
            "page_words": _("Page {page} of {pages}"),
            "qr": [[int(dot) for dot in row] for row in segno.make(link, error="m").matrix],
        }


def _asked(question: Question) -> dict[str, Any]:
    shown = card(question, None)
    points = [[one.value, one.label] for one in shown.choices]
    if question.kind == "yes_no":
        points = [["", one.label] for one in shown.choices]
    return {
        "text": question.label,
        "shape": shown.shape,
        "is_required": question.is_required,
        "choices": points,
        "lines": [[one.label, [each.value for each in one.choices]] for one in shown.lines],
        "ends": list(shown.ends),
        "why": _("Why? (at %(points)s or less)") % {"points": question.why_at} if shown.asks_why else "",
    }
