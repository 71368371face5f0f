"""Pages of assessments in states that show all of them, for the tests in a browser."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import get_default_timezone

from audits.tests.auditing import through
from opsdesk.testing import Cast
from reports.assessment import actions
from reports.assessment.standing import month_of
from reports.models import Assessment
from reports.periods import period_of
from reports.tests.assessing import DAY, HOUR

LONG = "住院收费系统在高峰期反复断开连接并丢失未保存的医嘱" * 4


def assessment_pages(cast: Cast) -> list[tuple[str, str]]:
    """Last month: one appealed against, one ruled on, drafts; a scheme that is being changed."""
    now = timezone.now()
    month = period_of(month_of(now), "month").plus(-1)
    start, end = month.span(get_default_timezone())
    actions.load_defaults(now=start)
    for hours in range(6):
        through(cast, cast.ticket(start + hours * HOUR, title=LONG[:200]), start + hours * HOUR)
    actions.tend_assessments(now=max(now, end + 3 * HOUR))

    def of(**who: object) -> Assessment:
        return Assessment.objects.select_related("group", "person", "scheme").get(month=month.first, **who)

    record = cast.ticket(now - HOUR)
    one, other = of(person=cast.chen), of(person=cast.li)
    for code in ("praise", "forged"):
        one = actions.add_item(one, code=code, reason=LONG, record=record, by=cast.wang, now=now)
    forged = one.items.get(code="forged")
    one = actions.take_out(one, item=forged.pk, reason=LONG, by=cast.wang, now=now)
    ruled, waits = (actions.show(draft, note=LONG, by=cast.wang, now=now) for draft in (one, other))
    ruled = actions.appeal(ruled, text=LONG, by=cast.chen, now=now)
    ruled = actions.rule(ruled, outcome="upheld", reason=LONG, lines=[4], by=cast.liu, now=now)
    draft = actions.begin_scheme(by=cast.zhao, now=now - DAY)
    table = reverse("reports:assessment_table")
    return [
        ("chen", reverse("reports:assessments")),
        ("chen", reverse("reports:assessment", args=[ruled.pk])),
        ("li", reverse("reports:assessment", args=[waits.pk])),
        ("wang", f"{table}?month={month}&sort=score"),
        ("zhao", f"{table}?month={month}"),
        ("zhao", reverse("reports:assessment", args=[of(person=cast.wang).pk])),
        ("zhao", reverse("reports:schemes")),
        ("zhao", reverse("reports:scheme", args=[draft.number])),
        ("zhao", reverse("reports:scheme_edit", args=[draft.number])),
        ("zhao", reverse("reports:scheme_simulation", args=[draft.number]) + "?group=south&months=1"),
    ]
