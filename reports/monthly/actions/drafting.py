"""Reports are drafted when their month is over, and counted; counting is a job that its row carries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Client, Contract
from duty.calendar import working_days
from reports.models import ClientEdition, MonthlyReport
from reports.monthly.actions.common import editing, editors_of, log, log_all, tell
from reports.monthly.gathering import counted
from reports.monthly.kinds import Edition, ReportEventKind, ReportState
from reports.monthly.months import due_on, wanted
from reports.monthly.reading import terms
from reports.periods import Period
from staff.models import Group, User
from staff.refused import Refused

LEASE = timedelta(minutes=5)  # whoever counts for longer is dead; another begins anew


def draft_months(*, now: datetime) -> int:
    """Draft what is missing of the months that are over; return how many. Two at once draft nothing twice."""
    tz = ZoneInfo(settings.TIME_ZONE)
    latest = MonthlyReport.objects.aggregate(month=Max("month"))["month"]
    return sum(draft_month(month, now=now) for month in wanted(latest, now, tz))


@transaction.atomic
def draft_month(month: Period, *, now: datetime) -> int:
    """Draft the editions of a month that are not there yet; after its day nobody owes a new one."""
    there = {
        (edition, group, client)
        for edition, group, client in MonthlyReport.objects.filter(month=month.first).values_list(
            "edition", "group", "client"
        )
    }
    due = due_on(month, terms().due_working_day, working_days(since=month.until))
    if there and timezone.localdate(now) > due:
        return 0
    rows = [
        MonthlyReport(
            month=month.first,
            edition=edition,
            group_id=group,
            client_id=client,
            due_on=due,
            drafted_at=now,
            wanted_at=now,
        )
        for edition, group, client in _editions(month)
        if (edition, group, client) not in there
    ]
    # Somebody else may write the same ones at this moment: the database keeps one of each.
    MonthlyReport.objects.bulk_create(rows, ignore_conflicts=True)
    made = MonthlyReport.objects.filter(month=month.first, events=None)
    new = list(made.select_for_update(of=("self",), skip_locked=True))
    log_all(new, ReportEventKind.DRAFTED, now=now)
    return len(new)


def _editions(month: Period) -> Iterator[tuple[Edition, int | None, int | None]]:
    yield Edition.DEPARTMENT, None, None
    for group in Group.objects.order_by("code").values_list("pk", flat=True):
        yield Edition.GROUP, group, None
    for client in clients_wanting(month).order_by("code").values_list("pk", flat=True):
        yield Edition.CLIENT, None, client


def clients_wanting(month: Period) -> Any:
    """Clients with a contract in that month whose type asks for a report, or with whom one is agreed."""
    in_force = Contract.objects.filter(
        client=OuterRef("pk"), starts_on__lt=month.until, ends_on__gte=month.first
    )
    agreed = ClientEdition.objects.filter(client=OuterRef("pk"))
    in_terms = terms()
    types = [] if in_terms._state.adding else in_terms.client_types.values("pk")
    by_type = Q(type__in=types) & ~Exists(agreed.filter(is_wanted=False))
    return Client.objects.active().filter(
        Q(Exists(agreed.filter(is_wanted=True))) | by_type, Exists(in_force)
    )


def count_due(*, now: datetime, most: int | None = None) -> int:
    """Count the drafts that wait for it, the department's first; return how many were."""
    waiting = MonthlyReport.objects.to_count().filter(_free(now)).order_by("month", "pk")
    done = 0
    for pk in list(waiting.values_list("pk", flat=True)[:most]):
        done += count_report(MonthlyReport.objects.with_names().get(pk=pk), now=now)
    return done


def count_report(report: MonthlyReport, *, now: datetime) -> bool:
    """Count a draft; say whether it was done. It says meanwhile how far it is; words are not touched."""
    claimed = MonthlyReport.objects.to_count().filter(_free(now), pk=report.pk)
    if not claimed.update(begun_at=now, progress=0):
        return False
    rows = MonthlyReport.objects.filter(pk=report.pk, begun_at=now, state=ReportState.DRAFT)
    content, figures = counted(report, terms(), now=now, told=lambda done: _say(rows, done))
    with transaction.atomic():
        is_first = report.counted_at is None
        # Asked for once more meanwhile: it is counted again, from what there is then.
        if not rows.update(
            content=content,
            figures=figures,
            counted_at=now,
            begun_at=None,
            progress=100,
            compared_at=now,
            version=F("version") + 1,
        ):
            return False
        log(report, ReportEventKind.COUNTED, by=None, now=now)
        if is_first:
            tell(editors_of(report), report, "drafted", now=now, kind="monthly_report_due")
    return True


def _say(rows: QuerySet[MonthlyReport], done: int) -> None:
    rows.update(progress=done)


def _free(now: datetime) -> Q:
    """Nobody is counting it, or whoever was has died."""
    return Q(begun_at=None) | Q(begun_at__lt=now - LEASE)


@transaction.atomic
def ask_to_count(report: MonthlyReport, *, by: User, now: datetime) -> MonthlyReport:
    """Have a draft counted anew, because the records were corrected; its words stay."""
    fresh = editing(report, by)
    if fresh.is_counting:
        raise Refused(_("It is being counted already."), code="wrong_status")
    fresh.wanted_at, fresh.progress = now, 0
    fresh.version += 1
    fresh.save(update_fields=["wanted_at", "progress", "version"])
    log(fresh, ReportEventKind.ASKED, by=by, now=now)
    return fresh
