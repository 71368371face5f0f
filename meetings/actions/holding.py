"""The meeting itself: its agenda is frozen, it begins, notes and attendance are written, it ends."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from duty.models import Leave
from meetings.actions.common import log, save, taking
from meetings.agenda import KEPT, as_json
from meetings.drawing import asked_for, draw
from meetings.kinds import EventKind, MeetingState, Presence, Step
from meetings.models import AgendaItem, Attendance, Decision, Meeting
from meetings.people import participants
from meetings.sources import SOURCES
from staff.models import User
from staff.refused import Refused, refuse_too_long
from tickets.lifecycle import Moved

LONGEST_NOTE = 200  # of somebody's attendance


def freeze(meeting: Meeting, *, now: datetime) -> None:
    """Keep the agenda as it stands; what changes from now on is marked. The meeting is locked already.

    Each decision that is overdue then has come back once more.
    """
    asked = asked_for(meeting, now)
    overdue = Decision.objects.overdue(asked.today).filter(group=meeting.group_id)
    overdue.update(came_back=F("came_back") + 1)
    meeting.agenda = as_json(draw(asked, limit=KEPT))
    meeting.frozen_at = now
    save(meeting, "agenda", "frozen_at")
    log(meeting, EventKind.FROZEN, by=None, now=now)


@transaction.atomic
def start_meeting(meeting: Meeting, *, by: User, now: datetime) -> Meeting:
    """Begin: from now on time is taken. Everybody counts as present but for those on leave.

    Whoever begins a meeting that has no chair chairs it. Raises `Refused` before the agenda freezes.
    """
    fresh = taking(meeting, Step.START, by)
    if now < fresh.freezes_at:
        raise Refused(_("It begins half an hour before its time at the earliest."), code="too_early")
    if fresh.frozen_at is None:
        freeze(fresh, now=now)
    fresh.state, fresh.started_at = MeetingState.RUNNING, now
    fresh.chair = fresh.chair or by
    save(fresh, "state", "started_at", "chair")
    people = participants(fresh)
    away = set(Leave.objects.held(now, now).filter(user__in=people).values_list("user", flat=True))
    Attendance.objects.bulk_create(
        Attendance(
            meeting=fresh,
            user=person,
            presence=Presence.ABSENT if person.pk in away else Presence.PRESENT,
            note=_("on leave") if person.pk in away else "",
        )
        for person in people
    )
    log(fresh, EventKind.STARTED, by=by, now=now)
    return fresh


@transaction.atomic
def write_note(
    meeting: Meeting, key: str, *, text: str, seen_version: int | None = None, by: User, now: datetime
) -> AgendaItem:
    """Write what was said about an item: a source of the agenda, or what somebody put there.

    `seen_version` is that of the item as its writer saw it (0: no note yet): raises `Moved` where somebody
    else wrote meanwhile.
    """
    fresh = taking(meeting, Step.NOTE, by)
    item = item_named(fresh, key, by=by, now=now)
    if seen_version is not None and item.noted_at is not None and item.version != seen_version:
        raise Moved(_("Somebody was faster: look at it as it is now."))
    if len(text := text.strip()) > 4000:
        raise Refused(_("At most %(n)s characters.") % {"n": 4000}, field="note", code="max_length")
    if item.note == text:
        return item
    before, item.note, item.noted_at = item.note, text, now
    item.version += 1
    item.save(update_fields=["note", "noted_at", "version"])
    save(fresh)
    log(
        fresh,
        EventKind.NOTED,
        by=by,
        now=now,
        text=text,
        changes={"note": [before, text], "item": [None, key]},
    )
    return item


def item_named(meeting: Meeting, key: str, *, by: User, now: datetime) -> AgendaItem:
    """The item of the agenda with a key; that of a source is made when it is first needed."""
    if key in SOURCES:
        item, _is_new = AgendaItem.objects.get_or_create(
            meeting=meeting, source=key, defaults={"by": by, "at": now}
        )
        return item
    number = key.removeprefix("item-")
    found = meeting.items.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 19 else None
    if found is None:
        raise Refused(_("There is no such item on the agenda."), field="item", code="invalid")
    return found


@transaction.atomic
def write_attendance(
    meeting: Meeting,
    user: User,
    *,
    presence: str,
    deputy: User | None = None,
    note: str = "",
    by: User,
    now: datetime,
) -> Attendance:
    """Write down whether somebody was there, or sent whom. Guests may be written down too."""
    fresh = taking(meeting, Step.ATTEND, by)
    if user.is_contact or presence not in Presence.values:
        raise Refused(_("Choose one of the choices."), field="presence", code="invalid")
    if presence == Presence.DEPUTY:
        if deputy is None:
            raise Refused(_("Say who came instead."), field="deputy", code="required")
        if deputy.pk == user.pk or deputy.is_contact or not deputy.is_active:
            raise Refused(_("This person cannot be the deputy."), field="deputy", code="invalid")
    found = Attendance.objects.filter(meeting=fresh, user=user).first() or Attendance(
        meeting=fresh, user=user
    )
    before = found.presence
    refuse_too_long(note.strip(), "note", longest=LONGEST_NOTE)
    found.presence, found.note = presence, note.strip()
    found.deputy = deputy if presence == Presence.DEPUTY else None
    found.save()
    changes = {"presence": [before or None, presence], "person": [None, user.name]}
    if found.deputy is not None:
        changes["deputy"] = [None, found.deputy.name]
    save(fresh)
    log(fresh, EventKind.ATTENDED, by=by, now=now, changes=changes)
    return found


@transaction.atomic
def end_meeting(meeting: Meeting, *, by: User, now: datetime) -> Meeting:
    """End it: the minutes are due within 24 hours from now."""
    fresh = taking(meeting, Step.END, by)
    fresh.state, fresh.ended_at = MeetingState.ENDED, max(now, fresh.started_at or now)
    save(fresh, "state", "ended_at")
    log(fresh, EventKind.ENDED, by=by, now=now)
    return fresh
