"""A meeting is moved or cancelled by hand, for a reason; people put on its agenda what they want to."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext as _

from duty.calendar import working_days
from meetings.actions.common import forbidden, log, save, taking, tz
from meetings.actions.telling import tell
from meetings.kinds import EventKind, MeetingState, Step, Why
from meetings.models import AgendaItem, Meeting
from meetings.people import runs
from meetings.weeks import DAY, LONGEST_BREAK, announce_at, stays_in_its_week
from staff.models import User
from staff.refused import Refused, require

LONGEST_REASON, MOST_ITEMS = 300, 50


@transaction.atomic
def move_meeting(
    meeting: Meeting,
    *,
    starts_at: datetime,
    reason: str,
    place: str | None = None,
    link: str | None = None,
    by: User,
    now: datetime,
) -> Meeting:
    """Hold it at another time or place; no generator touches it again, and the participants are told.

    It stays in its week, as each week has one. A frozen agenda freezes anew. Raises `Refused`, and
    `Moved` where the meeting is no longer as he saw it.
    """
    fresh = taking(meeting, Step.MOVE, by, checks_version=True)
    reason = require(reason, "reason", longest=LONGEST_REASON)
    if starts_at <= now:
        raise Refused(_("It must lie in the future."), field="starts_at", code="invalid")
    if not stays_in_its_week(fresh.week, fresh.starts_at, starts_at, tz()):
        raise Refused(
            _("Each week has one meeting: choose a day of its own week, or cancel it."),
            field="starts_at",
            code="other_week",
        )
    place = fresh.place if place is None else place.strip()
    link = fresh.link if link is None else link.strip()
    _check(place, link)
    facts = {"starts_at": starts_at, "place": place, "link": link}
    changes = {
        name: [str(getattr(fresh, name)), str(value)]
        for name, value in facts.items()
        if getattr(fresh, name) != value
    }
    if not changes:
        raise Refused(_("It is so already."), field="starts_at", code="unchanged")
    for name, value in facts.items():
        setattr(fresh, name, value)
    fresh.why, fresh.reason, fresh.reason_en, fresh.is_by_hand = Why.BY_HAND, reason, "", True
    is_working = working_days(since=starts_at.date() - LONGEST_BREAK * DAY)
    fresh.announce_at = announce_at(starts_at, is_working, tz())
    fresh.frozen_at, fresh.agenda = None, {}
    _appointment_changed(fresh, now, *facts, "why", "announce_at", "frozen_at", "agenda")
    log(fresh, EventKind.MOVED, by=by, now=now, text=reason, changes=changes)
    tell(fresh, "moved", now=now, by=by, reason=reason)
    return fresh


@transaction.atomic
def cancel_meeting(meeting: Meeting, *, reason: str, by: User, now: datetime) -> Meeting:
    """Hold none in this week. The row stays, so that no generator makes another."""
    fresh = taking(meeting, Step.CANCEL, by, checks_version=True)
    fresh.reason, fresh.reason_en = require(reason, "reason", longest=LONGEST_REASON), ""
    fresh.state, fresh.why, fresh.is_by_hand = MeetingState.CANCELLED, Why.BY_HAND, True
    _appointment_changed(fresh, now, "state", "why")
    log(fresh, EventKind.CANCELLED, by=by, now=now, text=fresh.reason)
    tell(fresh, "cancelled", now=now, by=by, reason=fresh.reason)
    return fresh


@transaction.atomic
def add_item(meeting: Meeting, *, title: str, details: str = "", by: User, now: datetime) -> AgendaItem:
    """Put something on the agenda: whoever works in the group may, until the meeting ends."""
    fresh = taking(meeting, Step.ADD_ITEM, by)
    title = require(title, "title", longest=200)
    if len(details := details.strip()) > 4000:
        raise Refused(_("At most %(n)s characters.") % {"n": 4000}, field="details", code="max_length")
    if fresh.items.filter(source="").count() >= MOST_ITEMS:
        raise Refused(_("The agenda is full."), field="title", code="too_many")
    item = AgendaItem.objects.create(meeting=fresh, title=title, details=details, by=by, at=now)
    log(fresh, EventKind.ITEM_ADDED, by=by, now=now, text=title)
    return item


@transaction.atomic
def remove_item(meeting: Meeting, item: AgendaItem, *, by: User, now: datetime) -> None:
    """Take it off again: whoever put it there, or runs the meeting; before it begins."""
    fresh = taking(meeting, Step.REMOVE_ITEM, by)
    if item.by_id != by.pk and not runs(by, fresh):
        raise forbidden()
    found = fresh.items.filter(pk=item.pk, source="").first()
    if found is None:
        raise Refused(_("It is no longer on the agenda."), code="moved")
    log(fresh, EventKind.ITEM_REMOVED, by=by, now=now, text=found.title)
    found.delete()


def _check(place: str, link: str) -> None:
    if len(place) > 200:
        raise Refused(_("At most %(n)s characters.") % {"n": 200}, field="place", code="max_length")
    if link:
        try:
            URLValidator(["http", "https"])(link)
        except ValidationError:
            raise Refused(_("Enter a valid URL."), field="link", code="invalid") from None


def _appointment_changed(meeting: Meeting, now: datetime, *fields: str) -> None:
    """What calendars show has changed: they take the later of two by its sequence."""
    meeting.sequence += 1
    meeting.changed_at = now
    save(meeting, *fields, "reason", "reason_en", "is_by_hand", "sequence", "changed_at")
