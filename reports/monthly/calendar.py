"""Monthly reports as an iCalendar file (RFC 5545): by when one's own are to be out, and those that came out.

A day says which reports, never what they say. As with duty, the same facts give the same file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Q
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from icalendar import Event

from duty.calendar import working_days
from duty.feeds import empty_calendar
from reports.models import MonthlyReport, MonthlySubscription
from reports.monthly.kinds import Edition, ReportState
from reports.monthly.months import due_on
from reports.monthly.reading import edited_by, is_told_of_all, terms
from reports.periods import period_of
from staff.models import User

BACK = timedelta(days=400)
MOST = 200  # reports that came out; calendars are read again and again
EDITION = 1  # of how it is written: part of every tag


@dataclass(frozen=True, slots=True)
class Dated:
    """A whole day. `key` names it for ever, `path` leads to it; `changed_at` is when it became what it is."""

    key: str
    on: date
    title: str
    path: str
    changed_at: datetime


def events_of(user: User, *, now: datetime, tz: ZoneInfo) -> list[Dated]:
    """What a person's calendar shows: a year back, and the day by which the running month's are to be out."""
    return [*_due(user, now, tz), *_published(user, now, tz)]


def _due(user: User, now: datetime, tz: ZoneInfo) -> list[Dated]:
    own = edited_by(user)
    if own is None:
        return []
    since = (now - BACK).date()
    rows = MonthlyReport.objects.visible_to(user).filter(own, month__gte=since).order_by()
    changed = Max(Greatest("drafted_at", "published_at"))
    is_open = Count("pk", filter=Q(state=ReportState.DRAFT))
    archive = reverse("reports:monthly:archive")
    found = []
    for row in rows.values("month", "due_on").annotate(open=is_open, changed=changed).order_by("due_on"):
        month = period_of(row["month"], "month")
        title = _("Monthly reports of %(month)s: published") % {"month": month}
        if row["open"]:
            words = ngettext(
                "Monthly reports of %(month)s: %(n)s to be published",
                "Monthly reports of %(month)s: %(n)s to be published",
                row["open"],
            )
            title = words % {"month": month, "n": row["open"]}
        found.append(Dated(f"due-{month}-{row['due_on']}", row["due_on"], title, archive, row["changed"]))
    running = period_of(now.astimezone(tz).date(), "month")
    due = due_on(running, terms().due_working_day, working_days(since=running.until))
    title = _("Monthly reports of %(month)s are to be published") % {"month": running}
    begun = running.span(tz)[0]
    return [*found, Dated(f"due-{running}-{due}", due, title, archive, begun)]


def _published(user: User, now: datetime, tz: ZoneInfo) -> list[Dated]:
    """Those that he is told of: what he has subscribed to, and the house's where the terms say so."""
    wanted = Q(edition__in=[Edition.DEPARTMENT, Edition.GROUP]) if is_told_of_all(user) else Q(pk__in=[])
    for asked in MonthlySubscription.objects.filter(user=user):
        wanted |= Q(edition=asked.edition, group=asked.group_id, client=asked.client_id)
    rows = MonthlyReport.objects.visible_to(user).published().filter(wanted, published_at__gt=now - BACK)
    found = []
    for one in rows.with_names().without_content().order_by("-published_at", "-pk")[:MOST]:
        title = _("Monthly report %(month)s published: %(whose)s") % {
            "month": one.period,
            "whose": one.subject_label,
        }
        path = reverse("reports:monthly:report", args=[one.pk])
        assert one.published_at is not None
        day = one.published_at.astimezone(tz).date()
        found.append(Dated(f"out-{one.pk}", day, title, path, one.published_at))
    return found


def tag_of(user: User, events: Sequence[Dated], language: str) -> str:
    """The calendar's ETag, known before it is written."""
    known = repr((EDITION, language, user.label, events))
    return f'"{hashlib.sha256(known.encode()).hexdigest()[:32]}"'


def as_calendar(user: User, events: Sequence[Dated], *, site: str) -> bytes:
    """Write the calendar in the language spoken; `site` is the address that links begin with."""
    name = _("Monthly reports · %(whose)s") % {"whose": user.label}
    calendar = empty_calendar(name, of="Monthly reports")
    for event in events:
        calendar.add_component(_written(event, user, site))
    return calendar.to_ical()


def _written(event: Dated, user: User, site: str) -> Event:
    written = Event()
    host = site.partition("://")[2]
    written.add("uid", f"monthly-{event.key}-{user.pk}@{host}")
    written.add("summary", event.title)
    written.add("dtstart", event.on)
    written.add("dtend", event.on + timedelta(days=1))
    written.add("dtstamp", event.changed_at.astimezone(UTC))
    written.add("last-modified", event.changed_at.astimezone(UTC))
    written.add("url", f"{site}{event.path}")
    written.add("transp", "TRANSPARENT")
    return written
