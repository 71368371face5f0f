"""The pages of changes as the browser tests open them: whose, and their addresses."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import Cast
from tickets import actions
from tickets.actions import PlanText
from tickets.changestanding import papers_of
from tickets.models import WorkType
from tickets.tests.works import DAY, HOUR, WHOLE, done, drafted, reviewed, scheduled, started, submitted

LONG = "住院收费系统在高峰期反复断开连接并丢失未保存的医嘱" * 8


def change_pages(cast: Cast) -> list[tuple[str, str]]:
    """Changes in most states, with long texts, conflicts, documents there, missing and not needed."""
    now = timezone.now()
    text = PlanText(LONG, LONG, LONG, LONG, "high")
    bare = drafted(cast, now, text=PlanText(), title=LONG[:200], code="cutover")
    asked = submitted(cast, now, text=text, code="cutover")
    other = actions.reject_change(submitted(cast, now), reason=LONG, by=cast.wang, now=now)
    soon, clash = scheduled(cast, now, text=text), scheduled(cast, now, opens=DAY + HOUR, code="ha-switch")
    paper = papers_of(clash)[0]
    actions.waive_document(clash, paper=paper.pk, reason=LONG, by=cast.wang, now=now)
    begun, ended = started(cast, now), done(cast, now, outcome="rolled_back")
    last = reviewed(cast, now, code="requirement")
    given_up = actions.withdraw_change(submitted(cast, now), reason=LONG, by=cast.li, now=now)
    actions.plan_change(other, WHOLE, by=cast.li, now=now)
    one = reverse("changes:change", args=[0])

    def page(change) -> str:  # type: ignore[no-untyped-def]
        return one.replace("/0/", f"/{change.pk}/")

    kind = WorkType.objects.get(code="cutover")
    return [
        ("zhao", reverse("changes:list")),
        ("li", reverse("changes:list") + "?state=all&type=cutover"),
        ("outsider", reverse("changes:list")),
        ("wang", reverse("changes:calendar")),
        ("zhao", reverse("changes:calendar")),
        ("wang", reverse("changes:types")),
        ("wang", reverse("changes:type_edit", args=[kind.pk])),
        ("admin", reverse("changes:type_create")),
        ("li", reverse("changes:create")),
        ("li", reverse("changes:create") + f"?client={cast.hospital.pk}"),
        ("li", page(bare)),
        ("wang", page(asked)),
        ("li", page(other)),
        ("chen", page(soon)),
        ("wang", page(clash)),
        ("chen", page(begun)),
        ("wang", page(ended)),
        ("zhou", page(last)),
        ("li", page(given_up)),
        ("wang", reverse("changes:paper", args=[clash.pk, "plan"])),
        ("wang", reverse("changes:paper", args=[last.pk, "result"])),
        ("chen", reverse("tickets:detail", args=[begun.pk])),
    ]
