"""What the tests of corrective actions have in common: one opened, and brought as far as is wanted."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from clients.models import Channel
from opsdesk.testing import MONDAY, Cast, at
from staff.models import User
from surveys.actions import corrective as actions
from surveys.actions.opening import open_by_hand
from surveys.correcting import Effect, RootCause
from surveys.models import (
    Answer,
    AnswerSheet,
    Campaign,
    CorrectiveAction,
    Invitation,
    InvitationState,
    Question,
    Questionnaire,
    QuestionnaireVersion,
)
from tickets.models import Ticket
from visits.models import Callback

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FRIDAY = date(2026, 11, 27)


def opened(cast: Cast, now: datetime = MONDAY, **more: Any) -> CorrectiveAction:
    """One that 陈工 opened by hand for the hospital; 王强, the supervisor, owns it."""
    facts = {"client": cast.hospital, "title": "回复太慢", "contact": cast.contact} | more
    return open_by_hand(**facts, by=cast.chen, now=now)


def planned(
    cast: Cast, now: datetime = MONDAY, *, due_on: date | None = None, **more: Any
) -> CorrectiveAction:
    """Analysed, and planned for 陈工; of the cast's Monday until Friday, else four days on."""
    due_on = due_on or timezone.localdate(now) + 4 * DAY
    action = opened(cast, now, **more)
    action = actions.analyse(
        action, whys=["没有人看队列", "交接不清"], root_cause=RootCause.PROCESS, by=cast.wang, now=now
    )
    return actions.plan_measure(
        action, measure="每小时看一次队列", owner=cast.chen, due_on=due_on, by=cast.wang, now=now
    )


def replied(cast: Cast, now: datetime = MONDAY) -> CorrectiveAction:
    return actions.reply_to_client(
        planned(cast, now), text="今后一小时内答复。", how=Channel.PHONE, told="孙主任", by=cast.chen, now=now
    )


def verified(cast: Cast, now: datetime = MONDAY) -> CorrectiveAction:
    action = actions.carry_out(replied(cast, now), result="已开始执行", by=cast.chen, now=now + HOUR)
    return actions.verify(action, is_done=True, note="看了三天的队列", by=cast.wang, now=now + 2 * HOUR)


def effective(cast: Cast, now: datetime = MONDAY) -> CorrectiveAction:
    return actions.check_effect(
        verified(cast, now), effect=Effect.EFFECTIVE, note="再次调查 5 分", by=cast.wang, now=now + 30 * DAY
    )


def questionnaire(cast: Cast) -> QuestionnaireVersion:
    """One scale that is bad at 2, and a text."""
    form = Questionnaire.objects.create(name="满意度", name_en="Satisfaction")
    version = QuestionnaireVersion.objects.create(
        questionnaire=form, number=1, published_at=at("2026-11-01 09:00"), published_by=cast.wang
    )
    Question.objects.create(
        version=version, line=1, position=1, kind="scale", text="总体", text_en="Overall", bad_at=2, why_at=3
    )
    Question.objects.create(version=version, line=2, position=2, kind="text", text="其他", weight=0)
    return version


def invited(cast: Cast, version: QuestionnaireVersion, **more: Any) -> Invitation:
    """The hospital's contact, asked by e-mail; each in a campaign of its own unless one is given."""
    campaign = more.pop("campaign", None) or Campaign.objects.create(name="第四季度", version=version)
    facts: dict[str, Any] = {
        "campaign": campaign,
        "version": version,
        "client": cast.hospital,
        "contact": cast.contact,
        "group": cast.south,
        "client_type": cast.hospital.type,
        "engineer": cast.chen,
        "state": InvitationState.ANSWERED,
        "channel": Channel.EMAIL,
        "created_at": MONDAY - DAY,
        "sent_at": MONDAY - DAY,
        "over_at": MONDAY,
    }
    return Invitation.objects.create(**(facts | more))


def answered(
    cast: Cast,
    version: QuestionnaireVersion,
    points: int | None,
    text: str = "",
    *,
    now: datetime = MONDAY,
    is_complaint: bool = False,
    **more: Any,
) -> AnswerSheet:
    """A finished sheet with so many points of 5, and a comment."""
    scale, comment = version.questions.order_by("line")
    is_bad = is_complaint or (points is not None and points <= 2)
    sheet = AnswerSheet.objects.create(
        invitation=invited(cast, version, **more),
        channel=Channel.WEB,
        begun_at=now,
        finished_at=now,
        given_at=now,
        is_complaint=is_complaint,
        is_bad=is_bad,
        score=None if points is None else points * 20,
    )
    if points is not None:
        Answer.objects.create(
            sheet=sheet,
            question=scale,
            value=points,
            number=points,
            is_bad=points <= 2,
            why="太慢" * (points <= 3),
        )
    if text:
        Answer.objects.create(sheet=sheet, question=comment, value=text)
    return sheet


def disappointed(cast: Cast, now: datetime = MONDAY, ticket: Ticket | None = None) -> Callback:
    """A callback in which the client said that an expectation was not met."""
    return Callback.objects.create(
        kind="by_hand",
        state="done",
        client=cast.hospital,
        group=cast.south,
        contact=cast.contact,
        ticket=ticket,
        person=cast.li,
        due_at=now,
        limit_at=now + DAY,
        done_at=now,
        done_by=cast.li,
        channel=Channel.PHONE,
        spoke_with="孙主任",
        expectation_not_met=True,
        expectation_words="说好周一来,周三才来",
        created_at=now - DAY,
    )


def corrective_for(verb: str, cast: Cast) -> tuple[CorrectiveAction, User]:
    """One on which the example of a REST verb is possible, and who may do so."""
    now = timezone.now() - 2 * DAY
    match verb:
        case "verify":
            action = actions.carry_out(replied(cast, now), result="x", by=cast.chen, now=now + HOUR)
        case "carry_out":
            action = planned(cast, now)
            return action, cast.chen
        case "ask_again":
            if not Questionnaire.objects.exists():
                questionnaire(cast)
            action = verified(cast, now)
        case "check_effect":
            action = verified(cast, now)
        case "close":
            action = actions.check_effect(
                verified(cast, now), effect=Effect.EFFECTIVE, note="x", by=cast.wang, now=now + 3 * HOUR
            )
        case "drop":
            action = replied(cast, now)
        case _:
            action = opened(cast, now)
    return action, cast.wang
