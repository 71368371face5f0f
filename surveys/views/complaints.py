"""The register of complaints, and one of them as it is ruled on."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from staff.forms import show_refusal
from staff.models import Group
from staff.paging import page
from staff.refused import Refused
from staff.views.access import house_only
from surveys.actions.complaints import may_rule, rule_on_complaint
from surveys.complaints import asked_for, counted, lines
from surveys.forms.corrective import RulingForm
from surveys.models import complaints as complaints_of

COUNTED_DAYS = 365


@house_only
@require_safe
def complaints(request: HttpRequest) -> HttpResponse:
    """All complaints, newest first, with how each was answered, ruled and followed up."""
    user, now = request.user, timezone.now()
    asked = asked_for(request.GET, user, now)
    found = page(asked.rows, request=request, order=("-pk",))
    groups = list(Group.objects.all()) if user.sees_everything else []
    group = next((each for each in groups if each.code == asked.chosen.get("group")), None)
    start = datetime.combine(
        timezone.localdate(now) - timedelta(days=COUNTED_DAYS), time.min, timezone.get_current_timezone()
    )
    context = {
        "lines": [(line, line.is_late(now)) for line in lines(found.rows)],
        "page": found,
        "asked": asked,
        "groups": groups,
        "counts": counted(start, now, user=user, group=group),
    }
    return render(request, "surveys/complaints.html", context)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def complaint(request: HttpRequest, pk: int) -> HttpResponse:
    """One complaint: its answer, its ruling, what followed; the supervisor rules here."""
    user, now = request.user, timezone.now()
    rows = complaints_of(user).select_related("client", "group", "owner", "contact")
    ticket = get_object_or_404(rows, pk=pk)
    [line] = lines([ticket])
    allowed = may_rule(ticket, user)
    if request.method == "POST" and not allowed:
        raise PermissionDenied
    initial = {"verdict": line.ruling.verdict, "reason": line.ruling.reason} if line.ruling else None
    form = RulingForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            rule_on_complaint(ticket, **form.cleaned_data, by=user, now=now)
        except Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("Ruled. The record keeps it."))
            return redirect("satisfaction:complaint", pk)
    context = {
        "ticket": ticket,
        "line": line,
        "is_late": line.is_late(now),
        "form": form if allowed else None,
    }
    return render(request, "surveys/complaint.html", context, status=422 if form.errors else 200)
