"""The limits and report-up rules in force, for everybody on the staff to read."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tickets.models import OVERRUN_WINDOWS, ClockKind, EscalationRule, TimeLimit, Window


@dataclass(frozen=True, slots=True)
class Line:
    """What holds for one clock of one grade."""

    grade: int | None
    limit: TimeLimit | None
    rules: list[EscalationRule]


@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    if request.user.is_contact:
        raise PermissionDenied
    limits = {(row.kind, row.grade): row for row in TimeLimit.objects.filter(contract__isnull=True)}
    rules: dict[tuple[str, int | None], list[EscalationRule]] = {}
    for rule in EscalationRule.objects.filter(is_active=True):
        rules.setdefault((rule.kind, rule.grade), []).append(rule)
    clocks = []
    for kind in ClockKind:
        grades = sorted({grade for key, grade in limits.keys() | rules.keys() if key == kind}, key=str)
        lines = [Line(grade, limits.get((kind, grade)), rules.get((kind, grade), [])) for grade in grades]
        clocks.append((kind.label, lines))
    windows = {row.kind: row for row in Window.objects.all()}
    context = {
        "clocks": clocks,
        "windows": [row for kind, row in windows.items() if kind not in OVERRUN_WINDOWS],
        "terms": [windows[kind] for kind in OVERRUN_WINDOWS if kind in windows],
    }
    return render(request, "tickets/policy.html", context)
