"""Who comes to a coordination meeting: called, and joined, by phone or in the room (§5.4.1.2)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from staff.models import User
from staff.refused import require
from tickets.actions import people
from tickets.actions.journal import changing, record
from tickets.actions.telling import tell_people
from tickets.coordination import Joined
from tickets.lifecycle import Move, Refused
from tickets.models import CoordinationMeeting, EntryKind, MeetingGuest, Ticket


def call_in(ticket: Ticket, *, person: User | None = None, name: str = "", by: User, now: datetime) -> Ticket:
    """Call one more person to the meeting that is open, who is told at once; or note that somebody from
    outside, such as a vendor's engineer, was called.

    Raises `Refused` without an open meeting, for whoever is called already or may not see the record.
    """
    with changing(ticket, Move.ATTEND, by=by, now=now) as fresh:
        meeting = meeting_of(fresh, must_be_open=True)
        name = name.strip() if person is None else ""
        if person is None:
            require(name, "name")
        elif not person.is_active or not people.reads(person, fresh):
            raise Refused(
                _("%(name)s may not see this record.") % {"name": person.label},
                field="person",
                code="invalid",
            )
        if _is_called(meeting, person, name):
            field = "name" if person is None else "person"
            raise Refused(_("Called already."), field=field, code="taken")
        MeetingGuest.objects.create(meeting=meeting, person=person, name=name, called_at=now, called_by=by)
        who = person.name if person else name
        entry = record(fresh, EntryKind.CALLED_IN, by=by, now=now, changes={"called": [None, who]})
        if person is not None and person != by:
            facts = {"reason": meeting.reason, "place": meeting.place}
            tell_people(fresh, [person], "convened", key=f"convened:{entry.pk}", now=now, **facts)
    return fresh


def join_meeting(
    ticket: Ticket,
    *,
    person: User | None = None,
    name: str = "",
    how: Joined = Joined.ROOM,
    at: datetime | None = None,
    by: User,
    now: datetime,
) -> Ticket:
    """Note who has joined the last meeting, at which instant (now unless said), by phone or in the room.

    Nobody named: oneself. Whoever comes uncalled is noted as called at that instant. Raises `Refused` for
    whoever has joined already, an instant that lies ahead, before the convening, or after the verdict.
    """
    with changing(ticket, Move.ATTEND, by=by, now=now) as fresh:
        meeting = meeting_of(fresh)
        name = name.strip()
        if person is None and not name:
            person = by
        if person is not None and not people.reads(person, fresh):
            raise Refused(
                _("%(name)s may not see this record.") % {"name": person.label},
                field="person",
                code="invalid",
            )
        at = at or now
        if not meeting.convened_at <= at <= now:
            raise Refused(
                _("Choose an instant after the meeting was convened, and not ahead."),
                field="at",
                code="invalid",
            )
        if meeting.closed_at is not None and at > meeting.closed_at:
            raise Refused(_("The meeting was over then: say when he joined."), field="at", code="invalid")
        who = {"person": person} if person else {"person": None, "name": name}
        guest = MeetingGuest.objects.filter(meeting=meeting, **who).first()
        if guest is not None and guest.joined_at is not None:
            raise Refused(_("He has joined already."), field="person" if person else "name", code="taken")
        if guest is None:
            invited = person is not None and meeting.invited.filter(pk=person.pk).exists()
            called_at, called_by = (meeting.convened_at, meeting.convened_by) if invited else (at, by)
            guest = MeetingGuest(meeting=meeting, called_at=called_at, called_by=called_by, **who)
        guest.called_at = min(guest.called_at, at)
        guest.joined_at, guest.how, guest.noted_by = at, Joined(how), by
        guest.save()
        changes: dict[str, object] = {
            "joined": [None, person.name if person else name],
            "joined_how": [None, Joined(how)],
        }
        if at != now:
            changes["happened_at"] = [None, at.isoformat()]
        record(fresh, EntryKind.JOINED, by=by, now=now, changes=changes)
    return fresh


def meeting_of(ticket: Ticket, *, must_be_open: bool = False) -> CoordinationMeeting:
    """The last meeting of a record. Raises `Refused` where there is none, or where it is to be open still."""
    meeting = CoordinationMeeting.objects.filter(ticket=ticket).order_by("-pk").first()
    if meeting is None or (must_be_open and not meeting.is_open):
        raise Refused(_("No coordination meeting has been convened."), code="no_meeting")
    return meeting


def _is_called(meeting: CoordinationMeeting, person: User | None, name: str) -> bool:
    if person is None:
        return meeting.guests.filter(person=None, name=name).exists()
    return meeting.invited.filter(pk=person.pk).exists() or meeting.guests.filter(person=person).exists()
