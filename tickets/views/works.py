"""Work types, and the calendar of windows."""

from __future__ import annotations

from calendar import Calendar
from datetime import date, datetime, time, timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from duty.calendar import days_of
from staff.forms import show_refusal
from staff.models import Group
from staff.refused import Refused
from staff.views.access import house_only
from tickets import actions
from tickets.changecalendar import windows_between
from tickets.changestanding import may_edit_types
from tickets.models import Change, WorkType
from tickets.workforms import WorkTypeForm

DAY = timedelta(days=1)
FIRST, LAST = date(2000, 1, 1), date(2100, 12, 1)


@house_only
@require_safe
def types(request: HttpRequest) -> HttpResponse:
    """What kinds of planned work there are, and which documents each has to have."""
    rows = WorkType.objects.prefetch_related("documents")
    context = {"rows": rows, "may_edit": may_edit_types(request.user)}
    return render(request, "changes/types.html", context)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit_type(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Write a new type, or change one; what runs keeps what it began with."""
    if not may_edit_types(request.user):
        raise PermissionDenied
    work_type = get_object_or_404(WorkType, pk=pk) if pk else WorkType()
    form = WorkTypeForm(request.POST or None, instance=work_type)
    status = 422 if form.errors else 200
    if form.is_valid():
        written = form.save(commit=False)
        if pk and form.cleaned_data["version"] is not None:
            written.version = form.cleaned_data["version"]
        try:
            actions.save_work_type(written, form.cleaned_data["documents"], by=request.user)
        except Refused as refused:
            show_refusal(form, refused)
            status = 409 if refused.code == "moved" else 422
        else:
            messages.success(request, _("Saved. It holds for changes that are planned from now on."))
            return redirect("changes:types")
    context = {"form": form, "work_type": work_type if pk else None}
    return render(request, "changes/type_form.html", context, status=status)


@house_only
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """The windows of a month, day by day, with what they conflict with."""
    user, today = request.user, timezone.localdate()
    first = _month(request.GET.get("month", ""), today)
    weeks = Calendar().monthdatescalendar(first.year, first.month)
    start, end = _midnight(weeks[0][0]), _midnight(weeks[-1][-1] + DAY)
    rows = Change.objects.visible_to(user)
    group = request.GET.get("group", "")
    if group:
        get_object_or_404(Group, code=group.replace("\0", ""))
        rows = rows.filter(ticket__group__code=group)
    days = days_of(weeks[0][0], weeks[-1][-1])
    kinds = {day.date: day for day in days}
    windows = windows_between(rows, start, end, days)
    later = (first + 31 * DAY).replace(day=1)
    earlier = (first - DAY).replace(day=1)

    def cell(day: date) -> dict[str, object]:
        opens, ends = _midnight(day), _midnight(day + DAY)
        held = [one for one in windows if one.change.window_from < ends and one.change.window_to > opens]
        return {
            "date": day,
            "kind": kinds[day],
            "is_other": day.month != first.month,
            "is_today": day == today,
            "windows": [(one, one.change.window_from >= opens) for one in held],
        }

    context = {
        "first": first,
        "weeks": [[cell(day) for day in week] for week in weeks],
        "windows": windows,
        "earlier": earlier if earlier >= FIRST else None,
        "later": later if later <= LAST else None,
        "groups": Group.objects.all() if user.sees_everything else [],
        "group": group,
        "is_this_month": first == today.replace(day=1),
        "may_plan": user.may_work,
        "week_days": [_midnight(day) for day in weeks[0]],
    }
    return render(request, "changes/calendar.html", context)


def _month(text: str, today: date) -> date:
    if not text:
        return today.replace(day=1)
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise Http404 from None
    if not FIRST <= found <= LAST:
        raise Http404
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_default_timezone())
