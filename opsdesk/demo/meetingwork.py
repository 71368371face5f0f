"""Who came to the coordination meetings on open records, and what these leave to be done (§5.4.1.2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from opsdesk.demo.people import Staff
from opsdesk.demo.texts import load
from tickets import actions
from tickets.coordination import FollowUpKind, FollowUpState, Joined
from tickets.lifecycle import OPEN
from tickets.models import CoordinationMeeting, FollowUp

MEETINGS = 4
HOUR = timedelta(hours=1)


def meet(staff: Staff, *, now: datetime) -> None:
    """Let people join the newest meetings by different ways, and write down measures."""
    texts = load("meetingwork")
    newest = CoordinationMeeting.objects.filter(ticket__status__in=OPEN).select_related("ticket__group")
    for place, meeting in enumerate(newest.order_by("-pk")[:MEETINGS]):
        supervisor = staff.team_of(meeting.ticket.group).supervisors[0]
        engineer = staff.team_of(meeting.ticket.group).engineers[0]
        ticket, at = meeting.ticket, meeting.convened_at
        for way, person in zip(Joined, meeting.invited.order_by("pk")[: 1 + place % 3], strict=False):
            facts = {"person": person, "how": way, "at": at}
            ticket = actions.join_meeting(ticket, **facts, by=supervisor, now=now)
        if meeting.is_open:
            ticket = actions.call_in(ticket, name=texts["outside"], by=supervisor, now=now)
        owed = {"owner": engineer, "by": supervisor, "now": now}
        for number, text in enumerate(texts["measures"]):
            due_at = now + (number + 1) * HOUR
            ticket = actions.follow_up(ticket, text=text, due_at=due_at, kind=FollowUpKind.MEASURE, **owed)
        for text in texts["follow_ups"]:
            ticket = actions.follow_up(ticket, text=text, due_at=now + 72 * HOUR, **owed)
        done = FollowUp.objects.filter(meeting=meeting).order_by("pk")[0]
        actions.settle_follow_up(done, state=FollowUpState.DONE, result=texts["result"], by=engineer, now=now)
