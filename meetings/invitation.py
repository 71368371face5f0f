"""A meeting as an iCalendar file (RFC 5545, 5546): imported, updated by its next version, cancelled. Pure.

Times are in UTC, so that no reader needs a table of time zones. `SEQUENCE` rises with every change that a
calendar shows; whoever imports an older file after a newer one keeps the newer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parseaddr

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText

from meetings.models import Meeting
from staff.models import User


def as_invitation(meeting: Meeting, people: Iterable[User], *, address: str) -> bytes:
    """Write the invitation in the language spoken; `address` is that of the meeting's page.

    A meeting that is cancelled, or merged into another, is a cancellation.
    """
    is_off = not meeting.takes_place
    calendar = Calendar()
    calendar.add("prodid", "-//OpsDesk//Meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if is_off else "REQUEST")
    event = Event()
    title = _("Weekly meeting · %(group)s") % {"group": meeting.group.label}
    event.add("uid", f"{meeting.uid}@opsdesk")
    event.add("summary", _("Cancelled: %(meeting)s") % {"meeting": title} if is_off else title)
    event.add("dtstart", _utc(meeting.starts_at))
    event.add("dtend", _utc(meeting.ends_at))
    event.add("dtstamp", _utc(meeting.changed_at))
    event.add("last-modified", _utc(meeting.changed_at))
    event.add("sequence", meeting.sequence)
    event.add("status", "CANCELLED" if is_off else "CONFIRMED")
    if where := " · ".join(filter(None, (meeting.place, meeting.link))):
        event.add("location", where)
    if meeting.reason:
        event.add("description", f"{meeting.why_label}: {meeting.reason}")
    event.add("url", address)
    if meeting.chair is not None and meeting.chair.email:
        event.add("organizer", _person(meeting.chair, "CHAIR"))
    else:  # an invitation without one is none
        event.add("organizer", vCalAddress(f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}"))
    for person in people:
        if person.email:
            event.add("attendee", _person(person, "REQ-PARTICIPANT"))
    calendar.add_component(event)
    return calendar.to_ical()


def _person(person: User, role: str) -> vCalAddress:
    found = vCalAddress(f"mailto:{person.email}")
    found.params["CN"] = vText(person.label)
    found.params["ROLE"] = vText(role)
    return found


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)
