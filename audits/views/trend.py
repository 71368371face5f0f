"""Audits over the months: findings by kind, how much conforms, what is open for how long."""

from __future__ import annotations

from datetime import date, datetime, time

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from audits.counting import by_kind, by_month, open_by_age
from audits.kinds import FindingKind
from audits.models.plan import supervises_a_group
from audits.standing import may_audit
from staff.charts import course, lying_bars, stacked_bars
from staff.models import Group
from staff.views.access import house_only

MONTHS = 12
SERIES = ("s1", "s2", "s3")


@house_only
@require_safe
def trend(request: HttpRequest) -> HttpResponse:
    """The last twelve months, this one so far; of all groups or of one."""
    user, now = request.user, timezone.now()
    if not (user.sees_everything or supervises_a_group(user)):
        raise PermissionDenied
    groups = list(Group.objects.all()) if user.sees_everything else []
    group = user.group if not user.sees_everything else None
    if code := request.GET.get("group", ""):
        group = next((one for one in groups if one.code == code), None)
        if group is None:
            raise Http404
    months = months_until(timezone.localdate(now))
    lines = by_month(user, group, months)
    since = datetime.combine(months[0], time.min, timezone.get_default_timezone())
    chart = stacked_bars(
        [one.month for one in lines],
        [[one.findings[place] for one in lines] for place in range(len(FindingKind))],
    )
    kinds = [str(kind.label) for kind in FindingKind]
    ages = open_by_age(user, group, now)
    most = max((sum(counts) for _age, counts in ages), default=0)
    context = {
        "group": group,
        "groups": groups,
        "lines": [(one, list(zip(FindingKind, one.findings, strict=True))) for one in lines],
        "chart": chart,
        "bars": [(bar, SERIES[bar.series], kinds[bar.series]) for bar in chart.bars],
        "legend": list(zip(SERIES, kinds, strict=True)),
        "course": _course(lines),
        "by_kind": by_kind(user, group, since),
        "ages": [(age, list(zip(FindingKind, counts, strict=True)), sum(counts)) for age, counts in ages],
        "age_bars": lying_bars([(age, sum(counts), str(sum(counts))) for age, counts in ages], most),
        "kinds": FindingKind.choices,
        "may_audit": may_audit(user),
    }
    return render(request, "audits/trend.html", context)


def months_until(today: date) -> list[date]:
    """The first days of the twelve months that end with this one."""
    number = today.year * 12 + today.month - 1
    return [date(one // 12, one % 12 + 1, 1) for one in range(number - MONTHS + 1, number + 1)]


def _course(lines):  # type: ignore[no-untyped-def]
    values = [
        (
            one.month[2:],
            one.conformity.percent,
            one.conformity.interval.low,
            one.conformity.interval.high,
            f"{one.conformity.percent:.0f}",
        )
        for one in lines
        if one.conformity.n
    ]
    return course(values, 0, 100) if values else None
