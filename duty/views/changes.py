"""Overrides and temporary schedules: a supervisor's word on a span, or on a block of days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from duty import actions
from duty.forms import BlockForm, OverrideForm, TemporaryForm
from duty.forms.changes import MOST_DAYS
from duty.models import CalendarDay, DutyRole, Override, OverrideKind, Shift, TemporarySchedule
from duty.views.groups import group_led
from duty.views.steps import instant_asked, press, to_plan, typed_in
from staff.models import User
from staff.views.access import house_only

USUAL_SHIFT = timedelta(hours=12)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def create_override(request: HttpRequest, code: str) -> HttpResponse:
    """The form for a change; the address of a hole on the board fills in its span and its duty."""
    group = group_led(code, request.user)
    at = timezone.now()
    form = OverrideForm(request.POST or None, group=group, initial=_proposed(request, at))
    answer = typed_in(
        request,
        form,
        lambda: actions.place_override(group, **form.cleaned_data, by=request.user, now=at),
        said=_("The roster is changed."),
        back=f"{reverse('duty:now')}#{group.code}",
    )
    context = {"form": form, "group": group}
    return answer or render(request, "duty/override_form.html", context, status=422 if form.errors else 200)


def _proposed(request: HttpRequest, at: datetime) -> dict[str, Any]:
    starts_at, ends_at = instant_asked(request, "from"), instant_asked(request, "to")
    if starts_at is None:
        starts_at = timezone.localtime(at).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    role, kind = request.GET.get("role"), request.GET.get("kind")
    return {
        "starts_at": starts_at,
        "ends_at": ends_at or starts_at + USUAL_SHIFT,
        "role": role if role in DutyRole.values else DutyRole.PRIMARY,
        "kind": kind if kind in OverrideKind.values else OverrideKind.ADD,
    }


def _to_board(shift: Shift, _user: User) -> str:
    return f"{reverse('duty:now')}#{shift.group.code}"


def _shift(request: HttpRequest, pk: int) -> Shift:
    shift = get_object_or_404(Shift.objects.visible_to(request.user).select_related("group", "user"), pk=pk)
    group_led(shift.group.code, request.user)
    return shift


def _override(request: HttpRequest, code: str, pk: int) -> Override:
    group = group_led(code, request.user)
    return get_object_or_404(Override.objects.select_related("group"), group=group, pk=pk)


take_back = press(_shift, actions.remove_shift, said=_("The shift is taken back."), back=_to_board)
end_override = press(_override, actions.end_override, said=_("The change is taken back."), back=to_plan)


@house_only
@require_http_methods(["GET", "HEAD"])
def choose_block(request: HttpRequest, code: str) -> HttpResponse:
    """Which days: the first step to a temporary schedule; holidays ahead are proposed."""
    group = group_led(code, request.user)
    form = BlockForm(request.GET or None)
    if request.GET and form.is_valid():
        first, last = form.cleaned_data["first_day"], form.cleaned_data["last_day"]
        return redirect("duty:temporary_create", group.code, first.isoformat(), last.isoformat())
    context = {"form": form, "group": group, "holidays": _holidays_ahead(timezone.localdate())}
    return render(request, "duty/block_form.html", context, status=422 if form.errors else 200)


def _holidays_ahead(today: date) -> list[tuple[date, date, str]]:
    """The next breaks of the calendar: days off in a row that have one name."""
    days = CalendarDay.objects.filter(date__gt=today, kind__in=["statutory", "day_in_lieu"])
    found: list[tuple[date, date, str]] = []
    for row in days.order_by("date")[:60]:
        if found and found[-1][1] + timedelta(days=1) == row.date and found[-1][2] == row.label:
            found[-1] = (found[-1][0], row.date, row.label)
        else:
            found.append((row.date, row.date, row.label))
    return found[:6]


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def create_temporary(request: HttpRequest, code: str, first: str, last: str) -> HttpResponse:
    """One screen for the whole block: each day and duty, and who has it."""
    group = group_led(code, request.user)
    days = _block(first, last)
    named = CalendarDay.objects.filter(date__range=(days[0], days[-1])).in_bulk()
    known = next((row.label for row in named.values() if row.label), "")
    initial = {"name": known, "starts": "08:30", "ends": "08:30"}
    form = TemporaryForm(request.POST or None, group=group, days=days, initial=initial)
    answer = typed_in(
        request,
        form,
        lambda: actions.set_temporary(
            group,
            form.cleaned_data["name"],
            days[0],
            days[-1],
            form.placed(),
            by=request.user,
            now=timezone.now(),
        ),
        said=_("These days are planned."),
        back=reverse("duty:plan", args=[group.code]),
    )
    context = {"form": form, "group": group, "days": days, "named": named, "roles": DutyRole}
    return answer or render(request, "duty/temporary_form.html", context, status=422 if form.errors else 200)


def _block(first: str, last: str) -> list[date]:
    try:
        start, end = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise Http404 from None
    if not 0 <= (end - start).days < MOST_DAYS:
        raise Http404
    return [start + timedelta(days=number) for number in range((end - start).days + 1)]


def _schedule(request: HttpRequest, code: str, pk: int) -> TemporarySchedule:
    group = group_led(code, request.user)
    return get_object_or_404(TemporarySchedule.objects.select_related("group"), group=group, pk=pk)


end_temporary = press(
    _schedule, actions.end_temporary, said=_("The temporary schedule is taken back."), back=to_plan
)
