"""Weekly meetings: the list, one of them with its agenda, the rows behind a number, the invitation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from meetings.actions import refusal_for
from meetings.agenda import MarkedSection, read
from meetings.asked import MOST, Drawn
from meetings.drawing import agenda_of, asked_for
from meetings.forms.steps import FORMS
from meetings.invitation import as_invitation
from meetings.kinds import MeetingState, Step
from meetings.models import Meeting
from meetings.people import participants, runs
from meetings.sources import SOURCES
from meetings.sources.improving import closed_to
from meetings.views.seen import meeting_seen
from staff.models import Group
from staff.paging import page
from staff.views.access import house_only

AHEAD, BEHIND = "ahead", "behind"
# What is done on the meeting's page; the rest is done in the room.
HERE = (Step.ADD_ITEM, Step.MOVE, Step.CANCEL, Step.PUBLISH)


@house_only
@require_safe
def meetings(request: HttpRequest) -> HttpResponse:
    """The meetings ahead, the next one first, or those behind, the last one first."""
    user, now = request.user, timezone.now()
    is_behind = request.GET.get("list") == BEHIND
    rows = Meeting.objects.visible_to(user).with_names()
    chosen = request.GET.get("group", "").replace("\0", "")
    if chosen:
        rows = rows.filter(group__code=chosen)
    over = [MeetingState.PUBLISHED, MeetingState.CANCELLED, MeetingState.MERGED]
    day = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    if is_behind:
        found = page(rows.filter(starts_at__lt=now), request=request, order=("-starts_at", "-pk"))
    else:
        ahead = rows.filter(starts_at__gte=day) | rows.exclude(state__in=over)
        found = page(ahead, request=request, order=("starts_at", "pk"))
    context = {
        "rows": found.rows,
        "page": found,
        "list": BEHIND if is_behind else AHEAD,
        "groups": Group.objects.all() if user.sees_everything else [],
        "group": chosen,
        "now": now,
    }
    return render(request, "meetings/meetings.html", context)


@house_only
@require_safe
def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    return shown(request, meeting_seen(request, pk))


@house_only
@require_safe
def rows(request: HttpRequest, pk: int, source: str) -> HttpResponse:
    """What lies behind a number of the agenda: as it is now, or with `frozen=1` as it was frozen."""
    found = meeting_seen(request, pk)
    if source not in SOURCES:
        raise Http404
    now = timezone.now()
    is_frozen = "frozen" in request.GET and found.frozen_at is not None and not SOURCES[source].behind
    if is_frozen:
        kept = next((one for one in read(found.agenda) if one.source == source), None)
        drawn = Drawn(kept.count, kept.lines) if kept else Drawn(0, ())
    else:
        drawn = SOURCES[source].rows_behind(asked_for(found, now, of=request.GET.get("of", "")))
    context = {
        "meeting": found,
        "label": SOURCES[source].label,
        "drawn": drawn,
        "closed": closed_to(request.user, drawn.lines),
        "is_frozen": is_frozen,
        "source": source,
        "most": MOST,
    }
    return render(request, "meetings/rows.html", context)


@house_only
@require_safe
def invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """The meeting as a calendar file; read again it is the newest version."""
    found = meeting_seen(request, pk)
    address = request.build_absolute_uri(reverse("meetings:meeting", args=[found.pk]))
    written = as_invitation(found, participants(found), address=address)
    method = "REQUEST" if found.takes_place else "CANCEL"
    answer = HttpResponse(written, content_type=f"text/calendar; charset=utf-8; method={method}")
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="meeting-{found.group.code}-{found.number}.ics"'
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def shown(
    request: HttpRequest,
    found: Meeting,
    *,
    failed: tuple[Step, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The meeting's page; with a form that was refused, and all that was typed into it."""
    user, now = request.user, timezone.now()
    possible = {step for step in Step if not refusal_for(found, step, user)}
    steps = {
        step: FORMS[step](meeting=found, user=user, auto_id=f"{step.value}-%s")
        for step in HERE
        if step in possible
    }
    if failed is not None:
        steps[failed[0]] = failed[1]  # type: ignore[assignment]
    takes_place = found.takes_place
    sections: list[MarkedSection] = agenda_of(found, now) if takes_place else []
    context: dict[str, Any] = {
        "meeting": found,
        "sections": sections,
        "closed": closed_to(user, [one.line for section in sections for one in section.shown]),
        "labels": {name: source.label for name, source in SOURCES.items()},
        "items": [item for item in found.items.select_related("by") if not item.source],
        "steps": [(step, steps[step]) for step in Step if step in steps],
        "possible": {step.value for step in possible},
        "failed": failed[0].value if failed else "",
        "is_open": now >= found.freezes_at,
        "runs_it": runs(user, found),
        "decisions": found.decisions.select_related("owner", "ticket") if found.started_at else [],
        "attendance": found.attendance.select_related("user", "deputy") if found.started_at else [],
        "events": found.events.select_related("by").order_by("-pk")[:30],
        "covers": found.covers.order_by("week") if found.merged else [],  # type: ignore[attr-defined]
        "now": now,
    }
    return render(request, "meetings/meeting.html", context, status=status)
