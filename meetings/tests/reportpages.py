"""The pages of weekly reports, each with something on it, for the test that opens every page."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from meetings.actions import reports as actions
from meetings.reporting import DAY
from meetings.tests.reports import submitted, worked
from opsdesk.testing import Cast
from staff.models import Role, User

LONG = "住院收费系统在高峰期反复断开连接并丢失未保存的医嘱" * 5


def report_pages(cast: Cast) -> list[tuple[str, str]]:
    """One report submitted, read, commented and reopened before; one as a draft; one missing."""
    now = timezone.now()
    User.objects.filter(pk=cast.chen.pk).update(date_joined=now - 90 * DAY)
    worked(cast, now - timedelta(hours=1))
    last = submitted(cast, now - 7 * DAY, problems=LONG, help_wanted=LONG)
    actions.read_report(last, by=cast.wang, now=now)
    actions.comment_report(last, text=LONG, by=cast.wang, now=now)
    last.refresh_from_db()
    reopened = actions.reopen_report(last, reason=LONG, by=cast.wang, now=now)
    last = actions.submit_report(reopened, {"done": LONG}, by=cast.chen, now=now)
    actions.read_report(last, by=cast.wang, now=now)
    open_one = actions.draft_report(timezone.localdate(now), by=cast.chen, now=now)
    other = User.objects.create_user("he", name="何工程师" * 6, role=Role.ENGINEER, group=cast.south)
    User.objects.filter(pk=other.pk).update(date_joined=now - 90 * DAY)
    today = timezone.localdate(now)
    week, one = reverse("weekly_reports:week", args=[(today - 7 * DAY).isoformat()]), "weekly_reports:report"
    return [
        ("chen", reverse("weekly_reports:mine")),
        ("li", reverse("weekly_reports:mine")),
        ("chen", reverse(one, args=[open_one.pk])),
        ("chen", reverse(one, args=[last.pk])),
        ("wang", reverse(one, args=[last.pk])),
        ("li", reverse(one, args=[last.pk])),
        ("wang", reverse("weekly_reports:paper", args=[last.pk])),
        ("wang", reverse("weekly_reports:rows", args=[open_one.pk, "worked_on"])),
        ("chen", reverse("weekly_reports:rows", args=[open_one.pk, "time"])),
        ("li", reverse("weekly_reports:rows", args=[last.pk, "dispatches"])),
        ("wang", reverse("weekly_reports:weeks")),
        ("zhao", reverse("weekly_reports:weeks")),
        ("wang", week),
        ("li", week),
        ("zhao", f"{week}?group=south&state=help"),
    ]
