"""The pages of satisfaction as the browser tests open them: whose, and their addresses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import Cast
from surveys.actions.complaints import rule_on_complaint
from surveys.actions.correctivesweep import tend_corrective
from surveys.models import Campaign, CorrectiveAction
from surveys.tests import correcting
from tickets.models import Kind

LONG = "住院收费系统在高峰期反复断开连接并丢失未保存的医嘱" * 8


def satisfaction_pages(cast: Cast) -> list[tuple[str, str]]:
    """Two waves of answers, corrective actions in three states, complaints ruled on and not."""
    now, day = timezone.now(), timedelta(days=1)
    version = correcting.questionnaire(cast)
    version.questions.filter(kind="scale").update(dimension="overall", text=LONG[:120], text_en="Overall")
    for wave, points in enumerate([[5, 4, 2, 1, 3, 2], [5, 5, 4, 5, 4, 2]]):
        campaign = Campaign.objects.create(
            name=f"{LONG[:40]} {wave}", version=version, state="closed", started_at=now - 30 * day
        )
        for number in points:
            at = now - (20 - 9 * wave) * day
            facts: dict[str, Any] = {
                "campaign": campaign,
                "is_exception": True,
                "sent_at": at - day,
                "now": at,
            }
            correcting.answered(cast, version, number, LONG if number < 4 else "x" * 90, **facts)
    whole, half = correcting.effective(cast, now - 40 * day), correcting.planned(cast, now - 9 * day)
    complaints = [cast.ticket(now - day, kind=Kind.COMPLAINT, title=LONG[:200]) for _number in range(2)]
    tend_corrective(now=now)
    rule_on_complaint(complaints[0], verdict="founded", reason=LONG, by=cast.wang, now=now)
    bad = CorrectiveAction.objects.filter(source="answer").earliest("pk")
    return [
        ("zhao", reverse("satisfaction:statistics")),
        ("li", reverse("satisfaction:statistics")),
        ("outsider", reverse("satisfaction:statistics")),
        ("zhao", reverse("satisfaction:comments")),
        ("zhao", reverse("satisfaction:correctives")),
        ("wang", reverse("satisfaction:correctives") + "?state=overdue"),
        ("wang", reverse("satisfaction:corrective", args=[whole.pk])),
        ("wang", reverse("satisfaction:corrective", args=[half.pk])),
        ("wang", reverse("satisfaction:corrective", args=[bad.pk])),
        ("zhou", reverse("satisfaction:corrective", args=[half.pk])),
        ("admin", reverse("satisfaction:corrective_terms")),
        ("wang", reverse("satisfaction:corrective_open", args=["client", cast.hospital.pk])),
        ("zhao", reverse("satisfaction:complaints")),
        ("wang", reverse("satisfaction:complaint", args=[complaints[0].pk])),
        ("wang", reverse("satisfaction:complaint", args=[complaints[1].pk])),
    ]
