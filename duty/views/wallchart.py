"""The quarter board of a group: people × days of up to three months, on the screen and on the wall."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from duty.forms import ChartForm
from duty.views.groups import group_seen
from duty.wallchart import chart_of
from staff.views.access import house_only


@house_only
@require_safe
def wallchart(request: HttpRequest, code: str) -> HttpResponse:
    group, now = group_seen(code, request.user), timezone.now()
    today = timezone.localdate(now)
    form = ChartForm(request.GET if {"first_day", "last_day"} & set(request.GET) else quarter_from(today))
    if not form.is_valid():
        context = {"group": group, "form": form, "chart": None}
        return render(request, "duty/wallchart.html", context, status=422)
    first, last = form.cleaned_data["first_day"], form.cleaned_data["last_day"]
    context = {
        "group": group,
        "form": form,
        "chart": chart_of(group, first, last, now=now),
        "paper": form.cleaned_data["paper"],
        "first": first,
        "last": last,
        "today": today,
        "now": now,
    }
    return render(request, "duty/wallchart.html", context)


def quarter_from(day: date) -> dict[str, object]:
    """This month and the next two, for the larger paper."""
    first = day.replace(day=1)
    last = (first + timedelta(days=95)).replace(day=1) - timedelta(days=1)
    return {"first_day": first, "last_day": last, "paper": "a3"}
