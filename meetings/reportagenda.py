"""The weekly reports of a group as a part of its weekly meeting's agenda."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from meetings.models import WeeklyReport, WeeklyReportRead
from meetings.reporting import Standing
from staff.models import Group, User


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """A number of the agenda: what it counts, and where its rows are read."""

    key: str
    label: str | Promise
    number: int
    url: str
    is_bad: bool = False


LABELS = {
    "all": _("Weekly reports"),
    Standing.SUBMITTED: pgettext_lazy("weekly reports", "Submitted in time"),
    Standing.LATE: pgettext_lazy("weekly reports", "Submitted late"),
    Standing.DRAFT: pgettext_lazy("weekly reports", "Not submitted yet"),
    Standing.MISSING: pgettext_lazy("weekly reports", "Missing"),
    "unread": pgettext_lazy("weekly reports", "Not read by you yet"),
    "problems": pgettext_lazy("weekly reports", "With problems"),
    "help": pgettext_lazy("weekly reports", "Help wanted"),
}
BAD = (Standing.LATE, Standing.MISSING, "help")


def reports_of_week(group: Group, week: date, viewer: User, *, now: datetime) -> list[AgendaLine]:
    """Count a group's reports that cover a day, as far as the viewer sees them; each number has its rows.

    `week` is any day of the week that the reports are about. One query.
    """
    rows = WeeklyReport.objects.visible_to(viewer).filter(group=group, first_on__lte=week, last_on__gte=week)
    counts = rows.aggregate(**{str(key): Count("pk", filter=condition(key, viewer, now)) for key in LABELS})

    base = reverse("weekly_reports:week", args=[week.isoformat()])
    return [
        AgendaLine(
            str(key),
            label,
            counts[key],
            f"{base}?{urlencode({'group': group.code, 'state': key})}",
            key in BAD and counts[key] > 0,
        )
        for key, label in LABELS.items()
    ]


def condition(key: str, viewer: User, now: datetime) -> Q:
    """What a report is like that is counted under a key of `LABELS`."""
    submitted = Q(submitted_at__isnull=False)
    match key:
        case Standing.SUBMITTED | Standing.LATE | Standing.DRAFT | Standing.MISSING:
            return Q(pk__in=WeeklyReport.objects.standing(Standing(key), now).values("pk"))
        case "unread":
            his = WeeklyReportRead.objects.filter(
                report=OuterRef("pk"), edition=OuterRef("edition"), reader=viewer
            )
            return submitted & ~Q(person=viewer) & ~Q(Exists(his))
        case "problems":
            return submitted & ~Q(problems="")
        case "help":
            return submitted & ~Q(help_wanted="")
    return Q(pk__isnull=False)
