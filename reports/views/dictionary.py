"""The KPI dictionary as pages: what each figure means, what was aimed at, and what it came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from duty.views.steps import typed_in
from reports.actions.targets import may_set_targets, set_target
from reports.addresses import rows_address
from reports.chosen import Chosen, choose_or_own
from reports.figures import figures
from reports.kpiforms import TargetForm
from reports.kpis import KPIS, SUBJECTS
from reports.kpis.definition import Kpi
from reports.kpis.figure import Figure
from reports.models import KpiTarget
from reports.periods import Period, period_of
from reports.targets import Aim, targets_for, targets_of
from reports.wording import UNITS, aimed_words, cohort_in_words, shape_in_words
from staff.models import User
from staff.views.access import house_only

MONTHS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Line:
    """What a KPI came to in a month, what was aimed at then, and where its rows are."""

    month: Period
    figure: Figure
    aim: Aim
    aimed: str
    rows: str
    others: str | None

    @property
    def is_reached(self) -> bool | None:
        return self.aim.is_reached(self.figure)

    @property
    def is_small(self) -> bool:
        return self.aim.is_small(self.figure)


@house_only
@require_safe
def kpis(request: HttpRequest) -> HttpResponse:
    """All KPIs, subject by subject, with what is aimed at this month."""
    aims = targets_for(_this_month())
    subjects = [
        (subject, [(kpi, aims[kpi.key], _aimed(kpi, aims[kpi.key]), UNITS[kpi.unit]) for kpi in subject.kpis])
        for subject in SUBJECTS
    ]
    return render(request, "reports/kpis.html", {"subjects": subjects, "number": len(KPIS)})


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def kpi(request: HttpRequest, key: str) -> HttpResponse:
    """One KPI: its words, its targets, and its last twelve months for the reader."""
    found = KPIS.get(key)
    if found is None:
        raise Http404
    user, now = cast(User, request.user), timezone.now()
    may_set = may_set_targets(user)
    if request.method == "POST" and not may_set:
        raise PermissionDenied
    form = TargetForm(request.POST if request.method == "POST" else None, initial=_initial(found))
    answer = typed_in(
        request,
        form,
        lambda: set_target(key, **form.cleaned_data, by=user, now=now),
        said=_("Target set. Months that are over keep theirs."),
        back=reverse("reports:kpi", args=[key]),
    )
    if answer:
        return answer
    chosen = choose_or_own(user, request.GET)
    aim = targets_for(_this_month())[key]
    context = {
        "kpi": found,
        "chosen": chosen,
        "unit": UNITS[found.unit],
        "shape": shape_in_words(found),
        "cohort": cohort_in_words(found),
        "aim": aim,
        "aimed": _aimed(found, aim),
        "default": aimed_words(found.unit, found.target, higher_is_better=found.higher_is_better),
        "beside": [KPIS[name] for name in found.beside],
        "lines": _lines(found, chosen) if found.measures(chosen.scope) else None,
        "history": [
            (row, aimed_words(found.unit, row.target, higher_is_better=found.higher_is_better))
            for row in KpiTarget.objects.filter(kpi=key).select_related("by")
        ],
        "form": form if may_set else None,
        "now": now,
    }
    return render(request, "reports/kpi.html", context, status=422 if form.errors else 200)


def _lines(kpi: Kpi, chosen: Chosen) -> Sequence[Line]:
    """The last twelve months, the newest first: one query for the targets, and those of the figures."""
    months = [_this_month().plus(-n) for n in range(MONTHS_SHOWN)]
    found = figures([kpi], chosen.scope, months, now=timezone.now())
    aims = targets_of(months)
    return [
        Line(
            month,
            found[kpi.key, month],
            aims[month][kpi.key],
            _aimed(kpi, aims[month][kpi.key]),
            rows_address(kpi.key, chosen, month),
            rows_address(kpi.key, chosen, month, "others") if "others" in kpi.parts else None,
        )
        for month in months
    ]


def _aimed(kpi: Kpi, aim: Aim) -> str:
    """The target with the side on which it is reached; nothing where nothing is aimed at."""
    if aim.target is None:
        return ""
    return aimed_words(kpi.unit, aim.target, higher_is_better=kpi.higher_is_better)


def _initial(kpi: Kpi) -> dict[str, object]:
    aim = targets_for(_this_month())[kpi.key]
    return {"since": _this_month().plus(1), "target": aim.target, "minimum_sample": aim.minimum_sample}


def _this_month() -> Period:
    return period_of(timezone.localdate(timezone=timezone.get_default_timezone()), "month")
