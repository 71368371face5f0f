"""The steps taken about a meeting and in it. What is refused comes back with all that was typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from meetings import actions
from meetings.actions import Decided
from meetings.forms.steps import FORMS
from meetings.kinds import MeetingState, Step
from meetings.models import Meeting
from meetings.views.meetings import shown
from meetings.views.minutes import shown as minutes_shown
from meetings.views.room import FIRST, shown_in_room
from meetings.views.seen import meeting_seen
from staff.forms import show_refusal
from staff.models import User
from staff.refused import Refused
from staff.views.access import house_only
from staff.views.stated import stated

IN_ROOM = (Step.NOTE, Step.DECIDE, Step.ATTEND)
DONE = {
    Step.MOVE: _("Moved. The participants are told."),
    Step.CANCEL: _("Cancelled. The participants are told."),
    Step.ADD_ITEM: _("It is on the agenda."),
    Step.START: _("The meeting has begun."),
    Step.DECIDE: _("Decided. The owner is told."),
    Step.END: _("The meeting has ended. The minutes are due within 24 hours."),
    Step.PUBLISH: _("Published. The participants are told."),
    Step.ADD_TO: _("Added. What was published stays as it is."),
}


@house_only
@require_POST
def take(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Take one step."""
    found, now = meeting_seen(request, pk), timezone.now()
    if step not in Step.values or Step(step) not in FORMS:
        raise Http404
    taken = Step(step)
    form = FORMS[taken](request.POST, meeting=found, user=request.user, auto_id=f"{taken.value}-%s")
    status = 422
    if form.is_valid():
        found.version = stated(request, "seen", unsaid=found.version)
        try:
            TAKEN[taken](found, form.cleaned_data, request.user, now)
        except Refused as refused:
            field = {"ticket": "record"}.get(refused.field or "", refused.field)
            show_refusal(form, Refused(refused.message, field=field, code=refused.code))
            status = {"moved": 409, "forbidden": 403}.get(refused.code, 422)
        else:
            if taken in DONE:
                messages.success(request, DONE[taken])
            return redirect(_after(taken, pk, request))
    return _failed(request, taken, form, status)


@house_only
@require_POST
def remove_item(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    found = meeting_seen(request, pk)
    try:
        actions.remove_item(
            found, get_object_or_404(found.items, pk=item), by=request.user, now=timezone.now()
        )
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("It is off the agenda."))
    return redirect("meetings:meeting", pk)


def _after(taken: Step, pk: int, request: HttpRequest) -> str:
    if taken in (Step.START, Step.ATTEND):
        return reverse("meetings:room", args=[pk])
    if taken in (Step.NOTE, Step.DECIDE):
        where = request.POST.get("then") or request.POST.get("item", FIRST)
        query = forms.SlugField().clean(where) if where.replace("-", "").isalnum() else FIRST
        return f"{reverse('meetings:room', args=[pk])}?item={query}"
    if taken in (Step.PUBLISH, Step.ADD_TO):
        return reverse("meetings:minutes", args=[pk])
    return reverse("meetings:meeting", args=[pk])


def _failed(request: HttpRequest, taken: Step, form: forms.Form, status: int) -> HttpResponse:
    """The page on which the form stands, as things stand now."""
    fresh = meeting_seen(request, form.meeting.pk)  # type: ignore[attr-defined]
    if taken in IN_ROOM and fresh.state in (MeetingState.RUNNING, MeetingState.ENDED) and status != 403:
        for name, errors in form.errors.items() if taken == Step.ATTEND else ():
            messages.error(request, " ".join(map(str, errors)))
            del name
        key = request.POST.get("item", FIRST)
        return shown_in_room(request, fresh, key, failed=(taken, form), status=status)
    if taken == Step.ADD_TO:
        return minutes_shown(request, fresh, failed=form, status=status)
    return shown(request, fresh, failed=(taken, form), status=status)


def _decide(meeting: Meeting, data: Mapping[str, Any], by: User, now: datetime) -> object:
    decided = Decided(
        text=data["text"],
        owner=data["owner"],
        due_on=data["due_on"],
        ticket=data["record"],
        order=data["order"],
        address=data["address"],
    )
    return actions.decide(meeting, data["item"], decided, by=by, now=now)


def _note(meeting: Meeting, data: Mapping[str, Any], by: User, now: datetime) -> object:
    seen = data["seen_version"]
    return actions.write_note(
        meeting, data["item"], text=data["note"], seen_version=seen or 0, by=by, now=now
    )


Take = Callable[[Meeting, Mapping[str, Any], User, datetime], object]
TAKEN: Mapping[Step, Take] = {
    Step.MOVE: lambda meeting, data, by, now: actions.move_meeting(meeting, **data, by=by, now=now),
    Step.CANCEL: lambda meeting, data, by, now: actions.cancel_meeting(meeting, **data, by=by, now=now),
    Step.ADD_ITEM: lambda meeting, data, by, now: actions.add_item(meeting, **data, by=by, now=now),
    Step.START: lambda meeting, data, by, now: actions.start_meeting(meeting, by=by, now=now),
    Step.NOTE: _note,
    Step.ATTEND: lambda meeting, data, by, now: actions.write_attendance(meeting, **data, by=by, now=now),
    Step.DECIDE: _decide,
    Step.END: lambda meeting, data, by, now: actions.end_meeting(meeting, by=by, now=now),
    Step.PUBLISH: lambda meeting, data, by, now: actions.publish_minutes(meeting, **data, by=by, now=now),
    Step.ADD_TO: lambda meeting, data, by, now: actions.add_to_minutes(meeting, **data, by=by, now=now),
}
