"""Every page of surveys in a state that shows all of it, for the tests in a browser."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from clients.models import Channel, Contact
from opsdesk.testing import Cast
from staff.tests.hostile import PDF, upload
from surveys import actions
from surveys.actions import Given, Source
from surveys.models import CampaignKind, Invitation, InvitationState
from surveys.tests.surveys import SCALE, closed, published, reachable, running
from surveys.tokens import new_token

DAY = timedelta(days=1)
LONG = "住院收费系统在高峰期反复断开连接并丢失未保存的医嘱" * 4
KINDS = ("scale", "nps", "ces", "yes_no", "single", "multi", "matrix", "text", "number", "date")


def all_kinds() -> list[dict[str, object]]:
    anchors = [{"text": word, "text_en": ""} for word in ("很不满意", "不满意", "一般", "满意", "很满意")]
    options = [{"text": LONG[:60], "text_en": "Phone"}, {"text": "邮件", "text_en": ""}]
    return [
        {
            **SCALE,
            "kind": kind,
            "text": f"{kind} {LONG}"[:200],
            "text_en": "",
            "anchors": anchors if kind == "scale" else [],
            "options": options,
            "rows": options,
            "bad_at": 0 if kind == "yes_no" else 2,
            "why_at": 3,
            "is_required": kind == "scale",
        }
        for kind in KINDS
    ]


def survey_pages(cast: Cast) -> list[tuple[str, str]]:
    now = timezone.now()
    contact = reachable(cast, preferences=LONG, taboos=LONG)
    for number in range(5):
        Contact.objects.create(client=cast.hospital, name=f"{LONG[:20]}{number}", email=f"{number}@h.test")
    wide = published(cast.zhou, *all_kinds(), name=LONG[:60], now=now)
    wave = running(
        cast, version=wide, now=now, channels=[Channel.LETTER, Channel.PHONE], is_double_keyed=True
    )
    actions.tend_surveys(now=now)
    mine, *rest = wave.invitations.order_by("pk")
    paper = Source(Channel.LETTER, now, LONG[:200], files=[upload("scan.pdf", PDF)])
    said = Given({1: 1, 2: 3, 4: "no", 8: LONG, 7: {"o1": 1}}, {1: LONG}, True, True)
    actions.key_again(
        actions.key_answers(mine, said, paper, by=cast.li, now=now), said, by=cast.wang, now=now
    )
    once = actions.key_answers(rest[0], said, paper, by=cast.li, now=now)
    differs = actions.key_answers(rest[1], said, paper, by=cast.li, now=now)
    actions.key_again(differs, Given({1: 5}, {}, False, True), by=cast.wang, now=now)
    actions.returned(rest[2], note=LONG[:100], by=cast.li, now=now)
    standing = running(
        cast,
        CampaignKind.AFTER_TICKET,
        version=published(cast.zhou, name="维护后", now=now),
        now=now - 3 * DAY,
    )
    Contact.objects.filter(pk=contact.pk).update(no_surveys_since=None)
    closed(cast, now - DAY, level=1)
    closed(cast, now - DAY, level=3, contact=None)
    actions.tend_surveys(now=now)
    draft = actions.draft_version(wide.questionnaire, by=cast.zhou)
    links = _links(wave.invitations.all(), now)
    one, other = wide.questionnaire_id, draft.questionnaire_id
    return [
        ("zhou", reverse("surveys:campaigns")),
        ("li", reverse("surveys:campaigns")),
        ("zhou", reverse("surveys:campaign", args=[wave.pk])),
        ("wang", reverse("surveys:campaign", args=[wave.pk])),
        ("zhou", reverse("surveys:campaign", args=[standing.pk])),
        ("wang", reverse("surveys:exclusions", args=[standing.pk])),
        ("zhou", reverse("surveys:campaign_create")),
        ("zhou", reverse("surveys:campaign_create") + "?kind=after_ticket"),
        ("zhou", reverse("surveys:campaign_edit", args=[standing.pk])),
        ("li", reverse("surveys:questionnaires")),
        ("zhou", reverse("surveys:questionnaires")),
        ("zhou", reverse("surveys:questionnaire", args=[one])),
        ("wang", reverse("surveys:questionnaire", args=[one])),
        ("wang", reverse("surveys:questionnaire_edit", args=[other])),
        ("zhou", reverse("surveys:questionnaire_edit", args=[other])),
        ("zhou", reverse("surveys:questionnaire_create")),
        ("zhou", reverse("surveys:questionnaire_words", args=[other])),
        ("zhou", reverse("surveys:question_edit", args=[other, 1])),
        ("wang", reverse("surveys:question_edit", args=[other, 7])),
        ("zhou", reverse("surveys:preview", args=[one, wide.number])),
        ("wang", reverse("surveys:preview", args=[one, wide.number])),
        ("li", reverse("surveys:invitations")),
        ("wang", reverse("surveys:invitations") + "?bad=1"),
        ("zhou", reverse("surveys:invitation", args=[mine.pk])),
        ("li", reverse("surveys:invitation", args=[mine.pk])),
        ("zhou", reverse("surveys:invitation", args=[once.invitation_id])),
        ("li", reverse("surveys:key", args=[rest[3].pk]) + "?way=phone"),
        ("wang", reverse("surveys:key", args=[rest[3].pk]) + "?way=letter"),
        ("wang", reverse("surveys:key_again", args=[once.invitation_id])),
        ("zhou", reverse("surveys:settle", args=[differs.invitation_id])),
        ("li", reverse("surveys:settle", args=[differs.invitation_id])),
        ("li", reverse("surveys:tasks")),
        ("wang", reverse("surveys:tasks")),
        ("li", reverse("surveys:by_number") + "?number=S-1-1"),
        *(("", link) for link in links),
    ]


def _links(invitations: QuerySet[Invitation], now: datetime) -> list[str]:
    """The client's own pages: each page of a long one, a short one, and all that says no."""
    waiting = invitations.filter(state=InvitationState.OPEN, sheet=None).order_by("-pk").first()
    over = Invitation.objects.exclude(state=InvitationState.OPEN).order_by("pk").first()
    tokens = {
        "open": new_token(waiting, expires_at=now + DAY, now=now),
        "over": new_token(over, expires_at=now + DAY, now=now),
    }
    here = reverse("survey", args=[tokens["open"]])
    return [
        f"{here}?language=zh-hans",
        f"{here}?language=en",
        f"{here}?language=en&page=2",
        f"{here}?language=zh-hans&page=3",
        reverse("survey_no_more", args=[tokens["open"]]) + "?language=en",
        reverse("survey", args=[tokens["over"]]) + "?language=zh-hans",
        reverse("survey", args=["x" * 32]),
    ]
