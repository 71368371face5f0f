"""The weekly report of an engineer: which days it covers, when it is due, how it stands (tail §6.2). Pure.

A report covers a week from Monday to Sunday and is due on the Monday after at 12:00. Where that Monday is off
it is due on the next working day, as the meeting is held then; weeks due on the same day are one report.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

IsWorking = Callable[[date], bool]
DAY, WEEK = timedelta(days=1), timedelta(days=7)
DUE_AT, DRAFTED_AT, REMINDED_AT = time(12), time(16), time(9)
# No break is longer; a calendar that has no working day for so long is broken, and moves nothing.
LONGEST_BREAK = 30
MOST_WEEKS = 5
# So far back somebody may still write a report that nobody has drafted.
OLDEST = 8 * WEEK
WORDS = ("done", "problems", "plans", "help_wanted")


class Figure(TextChoices):
    """What is counted for a report, each from rows that stay readable."""

    OWNED = "owned", _("Records I was responsible for")
    WORKED_ON = "worked_on", _("Records worked on")
    SOLVED = "solved", _("Records solved")
    OPEN = "open", _("Records still open")
    OVERDUE = "overdue", _("Records overdue")
    DISPATCHES = "dispatches", _("Visits on site")
    INSPECTIONS = "inspections", _("Inspections finished")
    MISSED = "missed", _("Inspections missed")
    CALLBACKS = "callbacks", _("Callbacks made")
    CALLBACKS_LATE = "callbacks_late", _("Callbacks overdue")
    TIME = "time", _("Time spent")


# More than none of these is a thing to talk about.
BAD = (Figure.OVERDUE, Figure.MISSED, Figure.CALLBACKS_LATE)


class Standing(TextChoices):
    """How a report stands at an instant."""

    SUBMITTED = "submitted", pgettext_lazy("weekly report", "submitted")
    LATE = "late", pgettext_lazy("weekly report", "submitted late")
    DRAFT = "draft", pgettext_lazy("weekly report", "not submitted yet")
    MISSING = "missing", pgettext_lazy("weekly report", "missing")


class ReportEventKind(TextChoices):
    DRAFTED = "drafted", _("Drafted")
    SUBMITTED = "submitted", _("Submitted")
    REOPENED = "reopened", pgettext_lazy("weekly report", "Given back")
    READ = "read", _("Read")
    COMMENTED = "commented", _("Comment")
    OVERDUE = "overdue", _("Not submitted in time")
    MOVED = "moved", _("Deadline moved")


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a report, both ends included, and the working day on which it is due."""

    first: date
    last: date
    due_on: date

    def due_at(self, tz: tzinfo) -> datetime:
        return datetime.combine(self.due_on, DUE_AT, tz)

    def bounds(self, tz: tzinfo) -> tuple[datetime, datetime]:
        """The instants from which on and before which something belongs to it."""
        return datetime.combine(self.first, time(0), tz), datetime.combine(self.last + DAY, time(0), tz)

    @property
    def weeks(self) -> int:
        return ((self.last - self.first).days + 1) // 7


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def due_on(week: date, is_working: IsWorking) -> date:
    """Return on which day the report of a week is due: the next Monday, or the first working day after it."""
    wanted = week + WEEK
    days = (wanted + number * DAY for number in range(LONGEST_BREAK))
    return next((day for day in days if is_working(day)), wanted)


def span_of(day: date, is_working: IsWorking) -> Span:
    """Return the span of the report to which a day belongs. Its first week always has a working day."""
    first = last = monday_of(day)
    due = due_on(first, is_working)
    while monday_of(day) - first < MOST_WEEKS * WEEK and due_on(first - WEEK, is_working) == due:
        first -= WEEK
    while last - monday_of(day) < MOST_WEEKS * WEEK and due_on(last + WEEK, is_working) == due:
        last += WEEK
    return Span(first, last + 6 * DAY, due)


def before(span: Span, is_working: IsWorking) -> Span:
    """Return the span of the report before."""
    return span_of(span.first - DAY, is_working)


def drafted_at(span: Span, is_working: IsWorking, tz: tzinfo) -> datetime:
    """Return when a report is drafted and asked for: 16:00 on the last working day that it covers."""
    days = (span.last - number * DAY for number in range((span.last - span.first).days + 1))
    return datetime.combine(next(filter(is_working, days), span.last), DRAFTED_AT, tz)


def reminded_at(due_at: datetime, tz: tzinfo) -> datetime:
    """Return when whoever has not submitted is reminded: in the morning of the day on which it is due."""
    return datetime.combine(due_at.astimezone(tz).date(), REMINDED_AT, tz)


def standing(
    due_at: datetime, submitted_at: datetime | None, first_at: datetime | None, now: datetime
) -> Standing:
    """Say how a report stands. One that was in time stays so, even where it was reopened since."""
    if submitted_at is None:
        is_late = now >= due_at and first_at is None
        return Standing.MISSING if is_late else Standing.DRAFT
    return Standing.LATE if (first_at or submitted_at) > due_at else Standing.SUBMITTED
