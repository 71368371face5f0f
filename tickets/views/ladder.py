"""How a record is served: the ladder and its coordination meetings on a page; the meetings that are open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from staff.models import User
from staff.views.access import house_only
from tickets.coordination import LADDER, graver
from tickets.faces import ClockFace, face
from tickets.lifecycle import OPEN
from tickets.models import (
    Clock,
    ClockKind,
    CoordinationMeeting,
    Grade,
    ServiceStep,
    Status,
    Ticket,
    Way,
)
from tickets.views.asked import Met, meetings_of

MOST = 100
BEGUN = (Status.IN_PROGRESS, Status.WAITING)


@dataclass(frozen=True, slots=True)
class Rung:
    """One way of service: how it stands (`now`, `before`, `skipped` or `ahead`), and the last step to it."""

    way: Way
    stands: str
    step: ServiceStep | None


@dataclass(frozen=True, slots=True)
class LadderCard:
    """What the card shows of a record; nothing of one that nobody has taken up."""

    rungs: list[Rung]
    meetings: list[Met]
    verdict: ClockFace | None


@dataclass(frozen=True, slots=True)
class Upgrade:
    """A grade to raise a fault to that was not solved within its limit, and what the form says of it."""

    to: Grade
    reason: str


@dataclass(frozen=True, slots=True)
class OpenMeeting:
    meeting: CoordinationMeeting
    verdict: ClockFace | None


def ladder_of(ticket: Ticket, user: User, clocks: Sequence[Clock], now: datetime) -> LadderCard | None:
    """The ladder of a record of `with_ladder`; without a query where it has neither steps nor meetings."""
    if user.is_contact or not (ticket.way or ticket.has_met or ticket.status in BEGUN):  # type: ignore[attr-defined]
        return None
    steps: dict[str, ServiceStep] = {}
    if ticket.way:  # type: ignore[attr-defined]
        steps = {step.way: step for step in ServiceStep.objects.filter(ticket=ticket).select_related("by")}
    current = Way(ticket.way or Way.GUIDANCE)  # type: ignore[attr-defined]
    meetings = meetings_of(ticket.pk) if ticket.has_met else []  # type: ignore[attr-defined]
    running = [clock for clock in clocks if clock.kind == ClockKind.VERDICT and clock.is_running]
    return LadderCard(
        rungs=[Rung(way, _stands(way, current, steps), steps.get(way)) for way in LADDER],
        meetings=meetings,
        verdict=face(running[0], now) if running else None,
    )


def upgrade_of(ticket: Ticket, user: User, clocks: Sequence[Clock], now: datetime) -> Upgrade | None:
    """What to suggest where a fault of grade 2 or 3 runs on past the limit of its solution (§5.4)."""
    to = graver(ticket.grade)
    overdue = [
        clock
        for clock in clocks
        if clock.kind == ClockKind.RESOLUTION and clock.is_running and clock.due_at and clock.due_at < now
    ]
    if to is None or not overdue or not user.may_work:
        return None
    reason = _("Not solved within the limit of %(grade)s.") % {"grade": ticket.get_grade_display()}
    return Upgrade(to, reason)


@house_only
@require_safe
def coordination(request: HttpRequest) -> HttpResponse:
    """The meetings that have no verdict yet, whose verdict is due soonest first."""
    now = timezone.now()
    rows = CoordinationMeeting.objects.visible_to(request.user).open().filter(ticket__status__in=OPEN)
    related = ("ticket__client", "ticket__owner", "ticket__group", "convened_by", "escalation__clock")
    meetings = list(rows.select_related(*related)[:MOST])
    running = Clock.objects.running().filter(
        kind=ClockKind.VERDICT, ticket__in=[meeting.ticket_id for meeting in meetings]
    )
    verdicts = {clock.ticket_id: clock for clock in running}
    # One that was given its verdict between the two questions has no clock any more.
    waiting = [meeting for meeting in meetings if meeting.ticket_id in verdicts]
    waiting.sort(key=lambda meeting: verdicts[meeting.ticket_id].due_at or now)
    lines = [OpenMeeting(meeting, face(verdicts[meeting.ticket_id], now)) for meeting in waiting]
    return render(request, "tickets/coordination.html", {"lines": lines})


def _stands(way: Way, current: Way, steps: dict[str, ServiceStep]) -> str:
    if way == current:
        return "now"
    if LADDER.index(way) > LADDER.index(current):
        return "ahead"
    return "before" if way in steps or way == Way.GUIDANCE else "skipped"
