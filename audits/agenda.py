"""What the weekly meeting of a group hears of audits (§6.1.1): each number with the way to its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audits.kinds import FindingKind, PlanState
from audits.models import Finding, PlannedAudit
from staff.models import Group


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """One number of an agenda: what it counts, how many, and the address of the rows behind it."""

    label: str | Promise
    number: int
    url: str
    is_alarming: bool = False


def agenda_of(group: Group, now: datetime) -> Sequence[AgendaLine]:
    """Return a group's open and overdue findings, its open hidden dangers, and this week's and missed audits.

    Two queries, whatever there is.
    """
    today = timezone.localdate(now)
    counts = (
        Finding.objects.open()
        .filter(group=group)
        .aggregate(
            open=Count("pk"),
            overdue=Count("pk", filter=Q(due_at__lte=now)),
            danger=Count("pk", filter=Q(kind=FindingKind.DANGER)),
        )
    )
    planned = PlannedAudit.objects.filter(group=group, state=PlanState.PLANNED).aggregate(
        week=Count("pk", filter=Q(planned_on__gte=today, planned_on__lte=_sunday(today))),
        missed=Count("pk", filter=Q(planned_on__lt=today, year=today.year)),
    )
    findings, plan = reverse("audits:findings"), reverse("audits:plan")
    own = {"group": group.code}
    return [
        AgendaLine(_("Audit findings overdue"), counts["overdue"], _at(findings, own, state="overdue"), True),
        AgendaLine(_("Hidden dangers open"), counts["danger"], _at(findings, own, kind="danger"), True),
        AgendaLine(_("Audit findings open"), counts["open"], _at(findings, own, state="waiting")),
        AgendaLine(
            _("Audits planned this week"), planned["week"], _at(plan, own, year=today.year, state="planned")
        ),
        AgendaLine(
            _("Audits missed"), planned["missed"], _at(plan, own, year=today.year, state="missed"), True
        ),
    ]


def findings_of(group: Group, now: datetime, *, most: int = 50) -> Sequence[Finding]:
    """Return the open findings themselves, those that are due first at the head: one query."""
    rows = Finding.objects.open().filter(group=group).with_names()
    return list(rows.order_by("due_at", "pk")[:most])


def _sunday(day: date) -> date:
    return day + timedelta(days=6 - day.weekday())


def _at(path: str, own: dict[str, str], **more: object) -> str:
    return f"{path}?{urlencode(own | {name: str(value) for name, value in more.items()})}"
