"""Who is told of meetings, and how."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from meetings.invitation import as_invitation
from meetings.models import Decision, Meeting
from meetings.people import participants
from staff.actions import notify
from staff.models import User

# What an appointment's own file goes with: by e-mail it is taken into calendars at once.
IN_CALENDARS = ("invited", "moved", "merged", "cancelled")


def tell(
    meeting: Meeting,
    what: str,
    *,
    now: datetime,
    people: Iterable[User] | None = None,
    kind: str = "meeting",
    url: str = "",
    by: User | None = None,
    mark: str = "",
    **more: object,
) -> None:
    """Write the participants a notice; `what` is one of the notice's own words. Not to who did it himself.

    Of the same occasion (`mark` tells two apart) of the same appointment each hears once.
    """
    everybody = participants(meeting)
    told = everybody if people is None else people
    if what in IN_CALENDARS:
        page = settings.SITE_URL.rstrip("/") + reverse("meetings:meeting", args=[meeting.pk])
        with translation.override(settings.LANGUAGE_CODE):
            more["calendar"] = as_invitation(meeting, everybody, address=page).decode()
    notify(
        [person for person in told if by is None or person.pk != by.pk],
        kind,
        {
            "what": what,
            "number": meeting.number,
            "group": meeting.group.name,
            "group_en": meeting.group.name_en,
            "starts_at": meeting.starts_at.isoformat(),
            "place": meeting.place,
            "link": meeting.link,
        }
        | more,
        url=url or reverse("meetings:meeting", args=[meeting.pk]),
        key=f"meeting:{meeting.pk}:{what}:{mark or meeting.sequence}",
        now=now,
    )


def tell_owner(decision: Decision, what: str, *, now: datetime, by: User | None = None) -> None:
    """Tell whoever has to do it; not where he decided it himself."""
    owner = decision.owner
    if not owner.is_active or (by is not None and owner.pk == by.pk):
        return
    notify(
        [owner],
        "decision_overdue" if what == "overdue" else "decision",
        {
            "what": what,
            "number": decision.number,
            "text": decision.text[:200],
            "due_on": decision.due_on.isoformat(),
        },
        url=reverse("meetings:decision", args=[decision.pk]),
        key=f"decision:{decision.pk}:{what}:{decision.owner_id}:{decision.due_on}",
        now=now,
    )
