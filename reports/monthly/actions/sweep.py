"""What time does to monthly reports: drafted, reminded of, compared with what is counted since (§5.2).

Pulls what is due: as late as it comes, and as often; each row says what was done about it.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from reports.figures import figures
from reports.kpis import KPIS
from reports.models import MonthlyAdjustment, MonthlyReport, MonthlySnapshot
from reports.monthly.actions.common import editors_of, log, tell, tz
from reports.monthly.actions.drafting import draft_months
from reports.monthly.adjusting import same
from reports.monthly.asked import scope_of
from reports.monthly.kinds import ReportEventKind, ReportState

BATCH = 20
COMPARED_FOR = timedelta(days=370)  # after it was published; later nobody corrects records any more
COMPARED_EVERY = timedelta(hours=12)


def tend_monthly(*, now: datetime) -> None:
    """Do all that is due but counting, which takes its time (`count_due`); a second run changes nothing."""
    draft_months(now=now)
    _remind(now)
    compare_published(now=now)


@transaction.atomic
def _remind(now: datetime) -> None:
    """Past the day by which it was to be published its editors are told, once."""
    today = now.astimezone(tz()).date()
    late = MonthlyReport.objects.filter(state=ReportState.DRAFT, due_on__lt=today, reminded_at=None)
    for report in late.select_for_update(of=("self",), skip_locked=True).with_names().without_content():
        tell(editors_of(report), report, "late", now=now, kind="monthly_report_due")
        log(report, ReportEventKind.REMINDED, by=None, now=now)
        MonthlyReport.objects.filter(pk=report.pk).update(reminded_at=now)


def compare_published(*, now: datetime) -> int:
    """Count the figures of published reports anew; say where they differ. Return how many do so newly."""
    rows = MonthlyReport.objects.published().filter(published_at__gt=now - COMPARED_FOR)
    due = rows.filter(Q(compared_at=None) | Q(compared_at__lte=now - COMPARED_EVERY))
    pks = list(due.order_by("compared_at", "pk").values_list("pk", flat=True)[:BATCH])
    return sum(_compare(pk, now) for pk in pks)


@transaction.atomic
def _compare(pk: int, now: datetime) -> int:
    row = MonthlyReport.objects.published().select_for_update(of=("self",), skip_locked=True)
    report = row.with_names().without_content().filter(pk=pk).first()
    if report is None:
        return 0
    frozen = MonthlySnapshot.objects.get(report=report).figures["month"]
    kpis = [KPIS[key] for key in frozen if key in KPIS]
    month = report.period
    fresh = figures(kpis, scope_of(report.group, report.client), [month], now=now)
    known: dict[str, Any] = {}
    for key, counted in MonthlyAdjustment.objects.filter(report=report).values_list("kpi", "counted"):
        known[key] = counted  # in the order in which they were found: the last one counts
    new = [
        MonthlyAdjustment(report=report, kpi=kpi.key, frozen=frozen[kpi.key], counted=found, found_at=now)
        for kpi in kpis
        if (kpi.key, month) in fresh
        and not same(found := asdict(fresh[kpi.key, month]), known.get(kpi.key, frozen[kpi.key]))
    ]
    MonthlyAdjustment.objects.bulk_create(new)
    if new:
        keys = ", ".join(one.kpi for one in new)
        log(report, ReportEventKind.ADJUSTED, by=None, now=now, text=keys)
    MonthlyReport.objects.filter(pk=pk).update(compared_at=now)
    return len(new)
