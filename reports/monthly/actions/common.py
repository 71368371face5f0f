"""What the steps of a monthly report have in common: the lock, who may, the history, who is told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from reports.models import MonthlyEvent, MonthlyReport
from reports.monthly.kinds import Edition, ReportEventKind
from reports.monthly.reading import may_edit, terms
from staff.actions import notify
from staff.models import Group, Role, User
from staff.refused import Refused
from tickets.lifecycle import Moved


def tz() -> tzinfo:
    return timezone.get_default_timezone()


def locked(report: MonthlyReport, by: User) -> MonthlyReport:
    """The report as it now stands, locked. Refuses whoever does not see it."""
    rows = MonthlyReport.objects.visible_to(by).filter(pk=report.pk).values("pk")
    found = MonthlyReport.objects.filter(pk__in=rows).select_for_update(of=("self",)).with_names().first()
    if found is None:
        raise Refused(pgettext("monthly report", "You may not see this report."), code="forbidden")
    return found


def editing(report: MonthlyReport, by: User) -> MonthlyReport:
    """The draft, locked, for one who writes it. Raises `Moved` where it was written to elsewhere since."""
    fresh = locked(report, by)
    if not may_edit(by, fresh, terms()):
        raise Refused(_("Only its editors may change a report."), code="forbidden")
    if fresh.is_published:
        raise Refused(_("This report is published: it stays as it is."), code="wrong_status")
    if fresh.words_version != report.words_version:
        raise Moved(_("It was changed elsewhere meanwhile: look at it as it is now."))
    return fresh


def log(
    report: MonthlyReport, kind: ReportEventKind, *, by: User | None, now: datetime, text: str = ""
) -> MonthlyEvent:
    return MonthlyEvent.objects.create(report=report, kind=kind, by=by, at=now, text=text)


def log_all(reports: Iterable[MonthlyReport], kind: ReportEventKind, *, now: datetime) -> None:
    """The same entry of many reports, by the clock: in one statement."""
    MonthlyEvent.objects.bulk_create(MonthlyEvent(report=one, kind=kind, at=now) for one in reports)


def editors_of(report: MonthlyReport) -> list[User]:
    """Who writes a report, without the administrators, who only may."""
    if report.edition == Edition.DEPARTMENT:
        chosen = terms().editor_ids if terms().pk and not terms()._state.adding else set()
        people = User.objects.filter(is_active=True)
        people = people.filter(pk__in=chosen) if chosen else people.filter(role=Role.AUDITOR)
        return list(people.order_by("pk"))
    group: Group = report.group or report.client.group  # type: ignore[union-attr]
    return list(User.objects.in_group(group).filter(role=Role.SUPERVISOR).order_by("pk"))


def group_of(report: MonthlyReport) -> int | None:
    """Whose supervisor writes it; None: the department's editors do."""
    return report.group_id or (report.client.group_id if report.client else None)


def editors_by_group(reports: Iterable[MonthlyReport]) -> dict[int | None, list[User]]:
    """The editors of many reports, asked for once a group."""
    first = {group_of(report): report for report in reports}
    return {group: editors_of(report) for group, report in first.items()}


def tell(
    people: Iterable[User],
    report: MonthlyReport,
    what: str,
    *,
    now: datetime,
    key: str = "",
    kind: str = "monthly_report",
    url: str = "",
    text: str = "",
    by: User | None = None,
) -> None:
    """Write people a notice about a report; `what` is one of the notice's own words. Not to who did it."""
    subject = report.subject
    facts = {
        "what": what,
        "month": str(report.period),
        "edition": report.edition,
        "subject": subject.name if subject else "",
        "subject_en": subject.name_en if subject else "",
        "due_on": report.due_on.isoformat(),
        "text": text[:300],
    }
    told = [person for person in people if by is None or person.pk != by.pk]
    notify(
        told,
        kind,
        facts,
        url=url or reverse("reports:monthly:report", args=[report.pk]),
        key=f"monthly:{report.pk}:{what}:{key}"[:120],
        now=now,
    )
