"""What the tests of surveys have in common: a questionnaire, campaigns, an invitation, its link."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from django.core import mail

from clients.models import Channel, Contact
from opsdesk.testing import MONDAY, Cast
from staff.models import User
from surveys import actions
from surveys.actions import Share, Terms
from surveys.models import Campaign, CampaignKind, Invitation, Questionnaire, QuestionnaireVersion
from surveys.post import post
from surveys.questions import QuestionKind
from tickets.actions import acknowledge, confirm, grade, resolve
from tickets.models import Cause, Grade, Ticket

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SCALE = {
    "text": "总体满意吗?",
    "text_en": "Satisfied?",
    "kind": QuestionKind.SCALE,
    "dimension": "overall",
    "is_required": True,
    "bad_at": 2,
    "why_at": 3,
}
SOLVED = {
    "text": "解决了吗?",
    "text_en": "Solved?",
    "kind": QuestionKind.YES_NO,
    "dimension": "result",
    "bad_at": 0,
}
WORDS = {"text": "还有什么?", "text_en": "Anything else?", "kind": QuestionKind.TEXT}
QUESTIONS = (SCALE, SOLVED, WORDS)
SATISFIED, SOLVED_LINE, ELSE = 1, 2, 3  # their lines


def published(
    by: User, *questions: dict[str, Any], name: str = "满意度", now: datetime = MONDAY
) -> QuestionnaireVersion:
    """A questionnaire in force; unless others are given of three questions."""
    made = actions.write_questionnaire(name, "Satisfaction", by=by, now=now)
    return next_version(made, *(questions or QUESTIONS), by=by, now=now)


def next_version(
    made: Questionnaire, *questions: dict[str, Any], by: User, now: datetime = MONDAY
) -> QuestionnaireVersion:
    draft = actions.draft_version(made, by=by)
    for question in questions:
        actions.save_question(draft, question, line=None, by=by)
    return actions.publish_version(draft, by=by, now=now)


def terms(version: QuestionnaireVersion, kind: CampaignKind = CampaignKind.PERIODIC, **more: Any) -> Terms:
    facts: dict[str, Any] = {
        "name": "2026",
        "kind": kind,
        "version": version,
        "channels": [Channel.EMAIL, Channel.PHONE],
    }
    if kind == CampaignKind.AFTER_TICKET:
        facts |= {"rules": [Share(100), *(Share(100, grade) for grade in Grade)], "cooldown_days": 30}
    return Terms(**(facts | more))


def running(
    cast: Cast,
    kind: CampaignKind = CampaignKind.PERIODIC,
    *,
    version: QuestionnaireVersion | None = None,
    now: datetime = MONDAY,
    **more: Any,
) -> Campaign:
    """A campaign of QA that was started."""
    version = version or published(cast.zhou)
    made = actions.make_campaign(terms(version, kind, **more), by=cast.zhou, now=now)
    return actions.start_campaign(made, by=cast.zhou, now=now)


def reachable(cast: Cast, **more: Any) -> Contact:
    """The hospital's contact, with an e-mail address."""
    Contact.objects.filter(pk=cast.contact.pk).update(**({"email": "sun@hospital.test"} | more))
    cast.contact.refresh_from_db()
    return cast.contact


def closed(cast: Cast, now: datetime = MONDAY, *, level: Grade | None = Grade.THREE, **more: Any) -> Ticket:
    """A record that 陈工 solved and the client confirmed, within an hour."""
    ticket = cast.ticket(now - HOUR, **more)
    if level is not None:
        ticket = grade(ticket, level, reason="clause", by=cast.li, now=now - HOUR)
    ticket = acknowledge(ticket, by=cast.chen, now=now - HOUR)
    return close(cast, ticket, now)


def close(cast: Cast, ticket: Ticket, now: datetime) -> Ticket:
    ticket = resolve(ticket, solution="已重启", cause=Cause.SOFTWARE, by=cast.chen, now=now - HOUR / 2)
    return confirm(ticket, confirmed_by="孙主任", channel=Channel.PHONE, by=cast.li, now=now)


def invited(cast: Cast, now: datetime = MONDAY, **more: Any) -> Invitation:
    """One open invitation by e-mail, sent at that instant."""
    reachable(cast)
    campaign = running(cast, now=now, **more)
    actions.tend_surveys(now=now)
    return campaign.invitations.get()


def links(now: datetime = MONDAY) -> list[str]:
    """Send what waits; the secrets in all e-mails of the test, oldest first."""
    while post(now=now):
        pass
    return [re.findall(r"/s/([\w-]{32})/\n", str(message.body))[0] for message in mail.outbox]
