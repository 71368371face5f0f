"""The plan behind a group's roster: rotations, temporary schedules, changes, leave, swaps, history."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duty import actions
from duty.forms import AlarmsForm, RotationForm, TermsForm
from duty.models import (
    DayKind,
    Leave,
    LeaveState,
    Override,
    RosterDraft,
    RosterEvent,
    Rotation,
    SwapRequest,
    SwapState,
    TemporarySchedule,
)
from duty.plans import terms_of
from duty.views.groups import group_led, group_seen
from duty.views.steps import pressed, typed_in
from staff.models import Group
from staff.views.access import house_only

MOST_EVENTS = 50


@house_only
@require_safe
def plan(request: HttpRequest, code: str) -> HttpResponse:
    group, now = group_seen(code, request.user), timezone.now()
    rotations = Rotation.objects.unfinished(now).filter(group=group)
    swaps = SwapRequest.objects.filter(group=group, state__in=[SwapState.OPEN, SwapState.TAKEN])
    context = {
        "group": group,
        "may_roster": actions.may_roster(group, request.user),
        "rotations": [_described(one) for one in rotations.prefetch_related("places__user")],
        "schedules": TemporarySchedule.objects.filter(
            group=group, ended_at=None, last_day__gte=timezone.localdate(now) - timedelta(days=1)
        ),
        "overrides": Override.objects.filter(group=group, ended_at=None, ends_at__gt=now)
        .select_related("user", "instead_of")
        .order_by("starts_at"),
        "swaps": swaps.filter(ends_at__gt=now).select_related("user", "asked", "taker"),
        "leaves": Leave.objects.visible_to(request.user)
        .filter(user__group=group, ends_at__gt=now, state__in=[LeaveState.ASKED, LeaveState.APPROVED])
        .select_related("user"),
        "drafts": RosterDraft.objects.visible_to(request.user)
        .open()
        .filter(group=group)
        .select_related("made_by"),
        "terms": terms_of(group),
        "events": RosterEvent.objects.filter(group=group).select_related("by", "person")[:MOST_EVENTS],
    }
    return render(request, "duty/plan.html", context)


def _described(rotation: Rotation) -> dict[str, object]:
    """A rotation with its restrictions in words."""
    days = [str(WEEKDAYS_ABBR[day]) for day in rotation.weekdays]
    kinds = [str(DayKind(kind).label) for kind in rotation.kinds]
    return {"rotation": rotation, "people": rotation.people, "only": ", ".join([*days, *kinds])}


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def create_rotation(request: HttpRequest, code: str) -> HttpResponse:
    group, now = group_led(code, request.user), timezone.now()
    since = timezone.localtime(_next_midnight(now))
    initial = {"starts": "08:30", "ends": "08:30", "since": since, "first_day": since.date()}
    form = RotationForm(request.POST or None, group=group, initial=initial)
    answer = typed_in(
        request,
        form,
        lambda: actions.define_rotation(
            group, form.turns(), since=form.cleaned_data["since"], by=request.user, now=now
        ),
        said=_("The rotation is defined."),
        back=reverse("duty:plan", args=[group.code]),
    )
    return answer or _rotation_page(request, form, group, None)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit_rotation(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    group, now = group_led(code, request.user), timezone.now()
    rotation = _rotation(group, pk)
    since = max(_next_midnight(now), rotation.since)
    initial = RotationForm.facts_of(rotation) | {"since": timezone.localtime(since)}
    form = RotationForm(request.POST or None, group=group, initial=initial)
    answer = typed_in(
        request,
        form,
        lambda: actions.change_rotation(
            rotation, form.turns(), since=form.cleaned_data["since"], by=request.user, now=now
        ),
        said=_("The rotation is changed from then on."),
        back=reverse("duty:plan", args=[group.code]),
    )
    return answer or _rotation_page(request, form, group, rotation)


@house_only
@require_POST
def end_rotation(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    group = group_led(code, request.user)
    rotation = _rotation(group, pk)
    return pressed(
        request,
        lambda: actions.end_rotation(rotation, by=request.user, now=timezone.now()),
        said=_("The rotation is ended; what was held stays."),
        back=reverse("duty:plan", args=[group.code]),
    )


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit_terms(request: HttpRequest, code: str) -> HttpResponse:
    group = group_led(code, request.user)
    form = TermsForm(request.POST or None, instance=terms_of(group))
    back = reverse("duty:plan", args=[group.code])
    answer = typed_in(
        request,
        form,
        lambda: actions.set_terms(group, **form.cleaned_data, by=request.user, now=timezone.now()),
        said=_("Saved."),
        back=back,
    )
    context = {"form": form, "group": group, "cancel_url": back}
    return answer or render(request, "duty/terms_form.html", context, status=422 if form.errors else 200)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit_alarms(request: HttpRequest, code: str) -> HttpResponse:
    group = group_led(code, request.user)
    form = AlarmsForm(request.POST or None, instance=terms_of(group))
    back = reverse("duty:plan", args=[group.code])
    answer = typed_in(
        request,
        form,
        lambda: actions.set_alarm_terms(group, **form.cleaned_data, by=request.user, now=timezone.now()),
        said=_("Saved."),
        back=back,
    )
    context = {"form": form, "group": group, "cancel_url": back}
    return answer or render(request, "duty/alarms_form.html", context, status=422 if form.errors else 200)


def _rotation(group: Group, pk: int) -> Rotation:
    found = Rotation.objects.filter(group=group).select_related("group", "first")
    return get_object_or_404(found.prefetch_related("places__user"), pk=pk)


def _rotation_page(
    request: HttpRequest, form: RotationForm, group: Group, rotation: Rotation | None
) -> HttpResponse:
    context = {"form": form, "group": group, "rotation": rotation}
    return render(request, "duty/rotation_form.html", context, status=422 if form.errors else 200)


def _next_midnight(now: datetime) -> datetime:
    tomorrow = timezone.localdate(now) + timedelta(days=1)
    return datetime.combine(tomorrow, time(0), timezone.get_default_timezone())
