"""The pages of monthly reports, each with something on it, for the test that opens every page."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import SHANGHAI, Cast
from reports.models import ClientEdition, MonthlyReport
from reports.monthly import actions
from reports.monthly.kinds import LONGEST_LINE, Edition
from reports.monthly.months import drafted_at, last_over

LONG = "住院收费系统在高峰期反复断开连接并丢失未保存的医嘱" * 5


def monthly_pages(cast: Cast) -> list[tuple[str, str]]:
    """A draft of the group, the department's published and commented, the hospital's published."""
    now = timezone.now()
    agreed = ClientEdition.objects.create(client=cast.hospital)
    agreed.told.add(cast.contact)
    then = drafted_at(last_over(now, SHANGHAI), SHANGHAI)
    actions.draft_months(now=then)
    actions.count_due(now=then)
    found = {one.reference[11:]: one for one in MonthlyReport.objects.with_names()}
    draft, department, client = found["G-south"], found["D"], found["C-hospital"]
    line = LONG[:LONGEST_LINE]
    words = {"achievements": line, "risks": f"{line}\n{line}", "comment_faults": LONG * 3}
    actions.write_report(draft, words, by=cast.wang, now=now)
    for one, by in ((department, cast.zhou), (client, cast.wang)):
        actions.publish_report(one, words, counted_at=one.counted_at, by=by, now=then + timedelta(days=1))
    actions.acknowledge_report(department, by=cast.zhao, now=now)
    actions.comment_report(department, text=LONG, by=cast.zhao, now=now)
    one = "reports:monthly:report"
    assert client.edition == Edition.CLIENT
    return [
        ("wang", reverse("reports:monthly:archive")),
        ("wang", reverse(one, args=[draft.pk])),
        ("zhao", reverse(one, args=[department.pk])),
        ("li", reverse(one, args=[client.pk])),
        ("zhao", reverse("reports:monthly:terms")),
        ("wang", reverse("reports:monthly:client", args=["hospital"])),
        ("sun", reverse("monthly_portal:reports")),
        ("sun", reverse("monthly_portal:report", args=[client.pk])),
    ]
