"""A person's own assessments, month by month; who is not assessed reads which scheme holds."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from reports.assessment.views.base import tabs
from reports.models import Assessment
from staff.paging import page
from staff.views.access import house_only


@house_only
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """One's own, newest first; an appeal that one may rule on stands above them."""
    user, now = request.user, timezone.now()
    visible = Assessment.objects.visible_to(user).with_names()
    found = page(visible.filter(person=user), request=request, order=("-month", "-pk"))
    waiting = visible.to_rule(user)
    context = {
        "rows": [(row, row.is_overdue(now)) for row in found.rows],
        "page": found,
        "to_rule": list(waiting.order_by("due_at", "pk")[:20]),
        **tabs(request, "mine"),
    }
    return render(request, "reports/assessment/mine.html", context)
