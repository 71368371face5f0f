"""The limits and report-up rules in force, for everybody on the staff to read."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tickets.models import ClockKind, EscalationRule, TimeLimit


@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    if request.user.is_contact:
        raise PermissionDenied
    order = {kind: place for place, kind in enumerate(ClockKind.values)}

    def by_process(row: TimeLimit | EscalationRule) -> tuple[int, int]:
        return order[row.kind], row.grade or 0

    context = {
        "limits": sorted(TimeLimit.objects.filter(contract__isnull=True), key=by_process),
        "rules": sorted(EscalationRule.objects.filter(is_active=True), key=by_process),
    }
    return render(request, "tickets/policy.html", context)
