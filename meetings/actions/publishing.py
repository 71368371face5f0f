"""Minutes: published once, frozen, told to everybody; corrected only by what is added (§6.1.1)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from meetings import minutes
from meetings.actions.common import log, save, taking
from meetings.actions.telling import tell
from meetings.agenda import read
from meetings.kinds import EventKind, MeetingState, Order, Presence, Step
from meetings.models import LONGEST, AgendaItem, Attendance, Decision, Meeting, Minutes, MinutesAddition
from meetings.people import participants
from meetings.sources import SOURCES
from staff.bilingual import as_read
from staff.models import User
from staff.refused import Refused, require
from tickets.documents.structure import Document
from tickets.documents.words import listed, moment


@transaction.atomic
def publish_minutes(meeting: Meeting, *, language: str, by: User, now: datetime) -> Minutes:
    """Freeze the minutes as they stand and tell the participants; once and for all.

    Raises `Refused` while the meeting runs, and once there are minutes.
    """
    fresh = taking(meeting, Step.PUBLISH, by)
    if language not in dict(settings.LANGUAGES):
        raise Refused(_("There is no such language."), field="language", code="invalid")
    document = draft(fresh, language=language, by=by, now=now)
    published = Minutes.objects.create(
        meeting=fresh, language=language, content=document.as_json(), by=by, at=now
    )
    fresh.state, fresh.published_at = MeetingState.PUBLISHED, now
    save(fresh, "state", "published_at")
    log(fresh, EventKind.PUBLISHED, by=by, now=now)
    guests = User.objects.filter(pk__in=fresh.attendance.values("user"), is_active=True)
    deputies = User.objects.filter(pk__in=fresh.attendance.values("deputy"), is_active=True)
    people = {person.pk: person for person in [*participants(fresh), *guests, *deputies]}
    tell(fresh, "minutes", now=now, by=by, people=people.values(), url=_address(fresh))
    return published


@transaction.atomic
def add_to_minutes(meeting: Meeting, *, text: str, by: User, now: datetime) -> MinutesAddition:
    """Add a correction: what was published stays, and behind it stands this with who and when."""
    fresh = taking(meeting, Step.ADD_TO, by)
    text = require(text, "text", longest=LONGEST)
    published = Minutes.objects.select_related("meeting").get(meeting=fresh)
    with translation.override(published.language):
        facts = {"name": by.label, "when": moment(now.astimezone(_tz()))}
        title = _("Added by %(name)s on %(when)s") % facts
    added = MinutesAddition.objects.create(minutes=published, title=title[:200], text=text, by=by, at=now)
    save(fresh)
    log(fresh, EventKind.ADDED_TO, by=by, now=now, text=text)
    tell(fresh, "added", now=now, by=by, url=_address(fresh), mark=str(added.pk))
    return added


def draft(meeting: Meeting, *, language: str, by: User, now: datetime) -> Document:
    """The minutes as they would be published now."""
    with translation.override(language):
        return minutes.compose(_facts(meeting, language, by, now))


def _facts(meeting: Meeting, language: str, by: User, now: datetime) -> minutes.Facts:
    tz = _tz()
    attendance = list(meeting.attendance.select_related("user", "deputy"))
    decisions = list(meeting.decisions.select_related("owner", "ticket").order_by("pk"))
    upcoming = Meeting.objects.filter(group=meeting.group_id, starts_at__gt=meeting.starts_at)
    later = upcoming.meeting().order_by("starts_at").values_list("starts_at", flat=True).first()
    started, ended = meeting.started_at or meeting.starts_at, meeting.ended_at or now
    frozen = meeting.frozen_at
    return minutes.Facts(
        number=f"WM-{meeting.group.code}-{meeting.number}",
        group=meeting.group.label,
        starts_at=meeting.starts_at.astimezone(tz),
        started_at=started.astimezone(tz),
        ended_at=ended.astimezone(tz),
        place=" · ".join(filter(None, (meeting.place, meeting.link))),
        chair=meeting.chair.label if meeting.chair else "",
        recorder=by.label,
        why=_why(meeting),
        present=[one.user.label for one in attendance if one.presence == Presence.PRESENT],
        deputies=[_deputy(one) for one in attendance if one.presence == Presence.DEPUTY],
        absent=[_absent(one) for one in attendance if one.presence == Presence.ABSENT],
        items=_items(meeting, decisions),
        decisions=[_decided(one) for one in decisions],
        published_at=now.astimezone(tz),
        next_at=later.astimezone(tz) if later else None,
        language=language,
        frozen_at=frozen.astimezone(tz) if frozen else None,
    )


def _items(meeting: Meeting, decisions: list[Decision]) -> list[minutes.Said]:
    """First what was drawn, in the agenda's order, then what people put there."""
    items = list(meeting.items.all())
    by_source = {item.source: item for item in items if item.source}
    numbers: dict[int, list[str]] = {}
    for one in decisions:
        numbers.setdefault(one.item_id, []).append(one.number)

    def said(item: AgendaItem | None) -> dict[str, object]:
        if item is None:
            return {}
        return {"note": item.note, "decisions": numbers.get(item.pk, ())}

    drawn = [
        minutes.Said(str(SOURCES[one.source].label), one, **said(by_source.get(one.source)))  # type: ignore[arg-type]
        for one in read(meeting.agenda)
        if one.source in SOURCES
    ]
    free = [
        minutes.Said(item.title, None, details=item.details, **said(item))  # type: ignore[arg-type]
        for item in items
        if not item.source
    ]
    return drawn + free


def _decided(one: Decision) -> minutes.DecidedThen:
    return minutes.DecidedThen(
        number=one.number,
        text=one.text,
        owner=one.owner.label,
        due_on=one.due_on,
        record=one.ticket.number if one.ticket else "",
        effect=str(Order(one.order).label) if one.order else "",
    )


def _deputy(one: Attendance) -> str:
    facts = {"name": one.user.label, "deputy": one.deputy.label if one.deputy else ""}
    return _("%(name)s (by %(deputy)s)") % facts


def _absent(one: Attendance) -> str:
    return f"{one.user.label} ({one.note})" if one.note else one.user.label


def _why(meeting: Meeting) -> str:
    if not meeting.why:
        return ""
    return listed((meeting.why_label, as_read(meeting.reason, meeting.reason_en)))


def _address(meeting: Meeting) -> str:
    return reverse("meetings:minutes", args=[meeting.pk])


def _tz() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)
