"""What clients have answered: three waves by all ways, the standing survey after records, and what waits.

All of it goes through the actions, as if time had passed: sent, reminded, rung, printed, keyed.
"""

from __future__ import annotations

import io
import random
import zlib
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from clients.models import Channel, Client, ClientType
from opsdesk.demo.people import Staff
from opsdesk.demo.texts import load
from staff.files import Upload
from staff.models import DeliveryState, Role, User
from surveys import actions
from surveys.actions import Given, Share, Source, Terms
from surveys.models import (
    PAPER,
    AnswerSheet,
    Campaign,
    CampaignKind,
    Invitation,
    InvitationState,
    Outreach,
    Questionnaire,
    QuestionnaireVersion,
    SurveyMail,
)
from surveys.questions import QuestionKind
from surveys.tokens import new_token, token_of

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SWEPT = (0, 3, 7, 14, 21)  # days of a wave on which something happens
ANSWERS = 0.8  # of those asked, sooner or later
BOUNCES = 0.04
UNKEYED = 0.25  # of the sheets keyed once that wait for their second time
MOST_CLIENTS = 30  # asked in each wave
BACK = 28  # days in which closed records were asked about
LANGUAGE = "zh-hans"
SCAN = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
SCAN += b"trailer<</Root 1 0 R>>\n%%EOF\n"


def ask(rng: random.Random, staff: Staff, *, now: datetime) -> None:
    """Ask for more than a year. The second version of the questionnaire is in force since the last wave."""
    words = load("surveys")
    by = next(person for person in staff.everyone if person.role == Role.AUDITOR)
    actions.load_defaults(now=now - (words["waves"][0]["ago"] + 30) * DAY)
    general, after = Questionnaire.objects.order_by("pk")
    version = general.versions.get()
    for number, wave in enumerate(words["waves"]):
        begins = _morning(now - wave["ago"] * DAY)
        is_last = number == len(words["waves"]) - 1
        if is_last:
            version = _rewrite(version, words["rewritten"], by, begins - DAY)
        _wave(rng, staff, version, wave, number, by, begins, now, is_last=is_last)
    _after_records(rng, staff, after.versions.get(), words["after"], by, now)
    _leave_some(words, staff, now)


def _morning(at: datetime) -> datetime:
    return at.replace(hour=1, minute=0, second=0, microsecond=0)  # nine o'clock in Shanghai, in UTC


def _rewrite(
    version: QuestionnaireVersion, words: dict[str, Any], by: User, at: datetime
) -> QuestionnaireVersion:
    draft = actions.draft_version(version.questionnaire, by=by)
    question = draft.questions.get(line=words["line"])
    names = ("kind", "dimension", "anchors", "is_required", "weight", "bad_at", "why_at")
    facts = {name: getattr(question, name) for name in names} | words
    del facts["line"]
    actions.save_question(draft, facts, line=question.line, by=by)
    return actions.publish_version(draft, by=by, now=at)


def _wave(
    rng: random.Random,
    staff: Staff,
    version: QuestionnaireVersion,
    words: dict[str, Any],
    number: int,
    by: User,
    begins: datetime,
    now: datetime,
    *,
    is_last: bool,
) -> None:
    asked = Client.objects.active().filter(Q(type__code="A") | Q(type__code="B")).order_by("code")
    terms = Terms(
        name=words["name"],
        name_en=words["name_en"],
        kind=CampaignKind.PERIODIC,
        version=version,
        channels=[Channel.EMAIL, Channel.PHONE, (Channel.LETTER, Channel.FAX, Channel.ON_SITE)[number]],
        opens_on=begins.date(),
        closes_on=(begins + (90 if is_last else 40) * DAY).date(),
        close_days=80 if is_last else 30,
        types=list(ClientType.objects.filter(code__in=["A", "B"])),
        clients=list(asked[:MOST_CLIENTS]),
        is_double_keyed=is_last,
    )
    campaign = actions.make_campaign(terms, by=by, now=begins - DAY)
    actions.start_campaign(campaign, by=by, now=begins - HOUR)
    level = 4.05 + 0.12 * number
    for day in SWEPT:
        at = begins + day * DAY + HOUR
        _sweep(rng, at)
        _answers(rng, staff, campaign, level, at + 3 * HOUR, 0.42)
    if not is_last:
        actions.tend_surveys(now=begins + 45 * DAY)


def _after_records(
    rng: random.Random,
    staff: Staff,
    version: QuestionnaireVersion,
    words: dict[str, Any],
    by: User,
    now: datetime,
) -> None:
    rules = [Share(row["percent"], row["grade"], _type(row)) for row in actions.usual_sampling()]
    terms = Terms(
        **words,
        kind=CampaignKind.AFTER_TICKET,
        version=version,
        channels=[Channel.EMAIL, Channel.PHONE],
        cooldown_days=30,
        rules=rules,
    )
    begins = now - BACK * DAY
    campaign = actions.make_campaign(terms, by=by, now=begins)
    Campaign.objects.filter(pk=campaign.pk).update(seed=f"{rng.getrandbits(128):032x}")
    actions.start_campaign(campaign, by=by, now=begins)
    for day in range(2, BACK, 2):
        at = begins + day * DAY
        _sweep(rng, at)
        _answers(rng, staff, campaign, 4.25, at + HOUR, 0.35)
    _sweep(rng, now)


def _type(row: dict[str, Any]) -> ClientType | None:
    return ClientType.objects.get(code=row["type"]) if "type" in row else None


def _sweep(rng: random.Random, at: datetime) -> None:
    """A day's run, and what the mail server made of it."""
    actions.tend_surveys(now=at)
    for mail in SurveyMail.objects.filter(state=DeliveryState.WAITING).order_by("pk"):
        if rng.random() < BOUNCES:
            mail.state, mail.error = DeliveryState.FAILED, "550 5.1.1 user unknown"
        else:
            mail.state, mail.sent_at = DeliveryState.SENT, at
        mail.attempts = 1
        mail.save()
    actions.tend_surveys(now=at + HOUR / 2)


def _answers(
    rng: random.Random, staff: Staff, campaign: Campaign, level: float, at: datetime, share: float
) -> None:
    related = ("campaign", "ticket", "version", "group", "contact__client")
    waiting = campaign.invitations.filter(state=InvitationState.OPEN, sent_at__lt=at)
    waiting = waiting.exclude(sheet__keyed_at__isnull=False)  # paper keyed once, for its second time
    for invitation in waiting.select_related(*related).order_by("pk"):
        drawn = rng.random()
        if inclination(invitation) > ANSWERS or drawn > share:
            continue
        given = _given(rng, invitation, level)
        if invitation.channel == Channel.EMAIL:
            secret = new_token(invitation, expires_at=at + DAY, now=at)
            token = token_of(secret)
            assert token is not None
            actions.submit(token, given, language=LANGUAGE, now=at)
        else:
            _key(rng, invitation, given, staff, at)


def inclination(invitation: Invitation) -> float:
    """Whether somebody is one who answers, from 0 (always) to 1: in each wave and database the same."""
    contact = invitation.contact
    return zlib.crc32(f"{contact.client.code} {contact.name}".encode()) % 100 / 100


def _key(rng: random.Random, invitation: Invitation, given: Given, staff: Staff, at: datetime) -> None:
    team = staff.team_of(invitation.group)
    first, second = (
        (team.operators * 2)[:2] if len(team.operators) > 1 else (team.operators[0], team.supervisors[0])
    )
    channel = Channel(invitation.channel)
    files = [Upload("scan.pdf", io.BytesIO(SCAN))] if channel in PAPER else []
    for task in invitation.outreaches.filter(state="waiting", channel__in=PAPER):
        actions.posted(task, by=first, now=at - HOUR)
    source = Source(channel, at - HOUR, load("surveys")["evidence"][channel], files=files)
    sheet = actions.key_answers(invitation, given, source, by=first, now=at)
    if sheet.finished_at is None and rng.random() >= UNKEYED:
        actions.key_again(sheet, given, by=second, now=at + HOUR)


def _given(rng: random.Random, invitation: Invitation, level: float) -> Given:
    words = load("surveys")
    mood = rng.gauss(level, 0.7) + (0.25 if invitation.channel == Channel.PHONE else 0)
    values: dict[int, Any] = {}
    whys: dict[int, str] = {}
    for question in invitation.version.questions.all():
        match question.kind:
            case QuestionKind.SCALE:
                if not question.is_required and rng.random() < 0.06:
                    continue
                slower = 0.3 if question.dimension in ("response", "documentation") else 0
                point = min(5, max(1, round(rng.gauss(mood - slower, 0.5))))
                values[question.line] = point
                if point <= 3 and rng.random() < 0.5:
                    whys[question.line] = rng.choice(words["whys"])
            case QuestionKind.NPS:
                values[question.line] = min(10, max(0, round(mood * 2.1 + rng.gauss(-0.3, 0.8))))
            case QuestionKind.YES_NO:
                values[question.line] = "yes" if mood > 2.6 else "no"
            case QuestionKind.TEXT:
                if rng.random() < 0.3:
                    values[question.line] = rng.choice(words["good" if mood > 3.6 else "bad"])
    return Given(values, whys, mood < 2.4, mood < 3 and rng.random() < 0.6)


def _leave_some(words: dict[str, Any], staff: Staff, now: datetime) -> None:
    """Of today's calls one was not taken, one was declined; one sheet was keyed twice and differs."""
    calls = list(
        Outreach.objects.to_do().filter(channel=Channel.PHONE).select_related("invitation__group")[:2]
    )
    outcomes = ((actions.not_reached, words["not_reached"]), (actions.refuse, words["refused"]))
    for task, (act, note) in zip(calls, outcomes, strict=False):
        act(task, note=note, by=staff.team_of(task.invitation.group).operators[0], now=now)
    once = AnswerSheet.objects.filter(keyed_at__isnull=False, finished_at=None, second=None)
    if sheet := once.select_related("invitation__group", "invitation__version").first():
        kept = actions.kept(sheet)
        line = sheet.invitation.version.questions.get(dimension="overall").line
        other = Given({**kept.values, line: 2}, kept.whys, kept.is_complaint, kept.wants_reply)
        supervisor = staff.team_of(sheet.invitation.group).supervisors[0]
        actions.key_again(sheet, other, by=supervisor, now=now)
