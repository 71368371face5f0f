"""The screen of the room: one item of the agenda at a time, its note and its decisions (§6.1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from meetings.actions import refusal_for
from meetings.agenda import MarkedSection
from meetings.drawing import agenda_of
from meetings.forms.steps import FORMS, AttendForm
from meetings.kinds import MeetingState, Presence, Step
from meetings.models import AgendaItem, Meeting
from meetings.people import runs
from meetings.sources import SOURCES
from meetings.sources.improving import closed_to
from meetings.views.seen import meeting_seen
from staff.views.access import house_only

FIRST, LAST = "attendance", "end"


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the way through the agenda: who is there, then each item, then the end."""

    key: str
    label: str | Promise
    count: int | None = None
    is_done: bool = False


@house_only
@require_safe
def room(request: HttpRequest, pk: int) -> HttpResponse:
    """For who runs the meeting; everybody else looks on at the meeting's page."""
    found = meeting_seen(request, pk)
    if not runs(request.user, found):
        raise PermissionDenied
    if found.state not in (MeetingState.RUNNING, MeetingState.ENDED):
        return redirect("meetings:meeting", pk)
    return shown_in_room(request, found, request.GET.get("item", FIRST))


def shown_in_room(
    request: HttpRequest,
    found: Meeting,
    key: str,
    *,
    failed: tuple[Step, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    """One place of the screen; with a form that was refused, and all that was typed into it."""
    user, now = request.user, timezone.now()
    sections = {one.source: one for one in agenda_of(found, now)}
    items = list(found.items.select_related("by"))
    decisions = list(found.decisions.select_related("owner", "ticket").order_by("pk"))
    places = _places(sections, items, {one.item_id for one in decisions})
    keys = [place.key for place in places]
    at = keys.index(key) if key in keys else 0
    item = next((one for one in items if one.key == keys[at]), None)
    own = {Step.NOTE, Step.DECIDE} if keys[at] not in (FIRST, LAST) else set()
    context: dict[str, Any] = {
        "meeting": found,
        "places": places,
        "here": places[at],
        "number": at,
        "number_of": len(places) - 2,
        "before": keys[at - 1] if at else "",
        "after": keys[at + 1] if at + 1 < len(keys) else "",
        "section": (section := sections.get(keys[at])),
        "closed": closed_to(user, [one.line for one in section.shown]) if section else set(),
        "item": item,
        "decisions": [one for one in decisions if keys[at] == LAST or (item and one.item_id == item.pk)],
        "attendance": _attendance(found, request) if keys[at] == FIRST else [],
        "presences": Presence.choices,
        "forms": {
            step.value: _form(step, found, request, item, keys[at], failed)
            for step in own
            if not refusal_for(found, step, user)
        },
        "failed": failed[0].value if failed else "",
        "now": now,
    }
    return render(request, "meetings/room.html", context, status=status)


def _places(sections: dict[str, MarkedSection], items: list[AgendaItem], decided: set[int]) -> list[Place]:
    by_source = {item.source: item for item in items if item.source}

    def is_done(item: AgendaItem | None) -> bool:
        return item is not None and (bool(item.note) or item.pk in decided)

    drawn = [
        Place(name, SOURCES[name].label, section.count, is_done(by_source.get(name)))
        for name, section in sections.items()
    ]
    free = [Place(item.key, item.title, None, is_done(item)) for item in items if not item.source]
    return [Place(FIRST, ""), *drawn, *free, Place(LAST, "")]


def _form(
    step: Step,
    found: Meeting,
    request: HttpRequest,
    item: AgendaItem | None,
    key: str,
    failed: tuple[Step, forms.Form] | None,
) -> forms.Form:
    if failed is not None and failed[0] == step:
        return failed[1]
    initial: dict[str, object] = {"item": key}
    if step == Step.NOTE and item is not None:
        initial |= {"note": item.note, "seen_version": item.version}
    return FORMS[step](meeting=found, user=request.user, initial=initial, auto_id=f"{step.value}-%s")


def _attendance(found: Meeting, request: HttpRequest) -> list[tuple[Any, AttendForm]]:
    rows = found.attendance.select_related("user", "deputy").order_by("-user__management_level", "pk")
    people = AttendForm(meeting=found, user=request.user).fields["deputy"].queryset  # type: ignore[attr-defined]
    choices = [(person.pk, person.label) for person in people]
    return [(row, [(pk, label, pk == row.deputy_id) for pk, label in choices]) for row in rows]  # type: ignore[misc]
