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
from reports.monthly.actions.common import editors_by_group, group_of, log, log_all, tell, tz
from reports.monthly.actions.drafting import draft_months
from reports.monthly.adjusting import same
from reports.monthly.asked import scope_of
from reports.monthly.kinds import ReportEventKind, ReportState

COMPARED_FOR = timedelta(days=370)  # after it was published; later nobody corrects records any more
COMPARED_EVERY = timedelta(hours=12)
LOOKED_AT = 5  # of those that wait: the first may be another worker's by the time it is taken


def tend_monthly(*, now: datetime) -> None:
    """Draft and remind: a second run changes nothing.

    What takes its time comes after it, in this order: counting (`count_due`), for a draft is waited for, and
    with the time that is left comparing (`compare_next`), of which one in each run comes in any case.
    """
    draft_months(now=now)
    _remind(now)


@transaction.atomic
def _remind(now: datetime) -> None:
    """Past the day by which it was to be published its editors are told, once."""
    today = now.astimezone(tz()).date()
    rows = MonthlyReport.objects.filter(state=ReportState.DRAFT, due_on__lt=today, reminded_at=None)
    late = list(rows.select_for_update(of=("self",), skip_locked=True).with_names().without_content())
    if not late:
        return
    editors = editors_by_group(late)
    for report in late:
        tell(editors[group_of(report)], report, "late", now=now, kind="monthly_report_due")
    log_all(late, ReportEventKind.REMINDED, now=now)
    MonthlyReport.objects.filter(pk__in=[report.pk for report in late]).update(reminded_at=now)


def compare_published(*, now: datetime) -> int:
    """Count the figures of published reports anew; say where they differ. Return how many do so newly."""
    found = 0
    while (new := compare_next(now=now)) is not None:
        found += new
    return found


def compare_next(*, now: datetime) -> int | None:
    """Compare the report that waits longest; return how many figures differ newly, None where none waits.

    It is taken before it is counted: one that cannot be counted holds up no other.
    """
    rows = MonthlyReport.objects.published().filter(published_at__gt=now - COMPARED_FOR)
    due = rows.filter(Q(compared_at=None) | Q(compared_at__lte=now - COMPARED_EVERY))
    for pk in due.order_by("compared_at", "pk").values_list("pk", flat=True)[:LOOKED_AT]:
        if due.filter(pk=pk).update(compared_at=now):  # else somebody else has it
            return _compare(pk, now)
    return None


@transaction.atomic
def _compare(pk: int, now: datetime) -> int:
    report = MonthlyReport.objects.with_names().without_content().get(pk=pk)
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
    return len(new)
