"""What the window of a change conflicts with. Pure: windows, days and spans in, conflicts out.

A conflict is shown, never refused: there are cutovers that belong on a holiday.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from clients.quiet import Period, Wish, quiet_on
from duty.hours import ROUND_THE_CLOCK, Hours, elapsed
from tickets.changes import WorkHours

DAY = timedelta(days=1)


class ConflictKind(TextChoices):
    SAME_SYSTEM = "same_system", _("another window on the same system")
    HOLIDAY = "holiday", _("on a statutory holiday")
    QUIET = "quiet", _("in a quiet period of the client")
    SERVICE = "service", _("in the client's service hours")
    NOT_SERVICE = "not_service", _("outside the client's service hours")
    LEAVE = "leave", _("the owner is on leave")
    NOT_ON_DUTY = "not_on_duty", _("the owner is not on duty then")
    NOBODY = "nobody", _("nobody of the group is on duty then")


# What has to be mended, as against what has to be known.
GRAVE = (ConflictKind.SAME_SYSTEM, ConflictKind.LEAVE, ConflictKind.NOBODY)


@dataclass(frozen=True, slots=True)
class Planned:
    """A window [start, end) on a system, and who works in it."""

    key: int
    start: datetime
    end: datetime
    group: int
    system: int | None = None
    owner: int | None = None
    hours: str = WorkHours.ANY


@dataclass(frozen=True, slots=True)
class Span:
    """Somebody is away, or on duty."""

    person: int
    start: datetime
    end: datetime
    group: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """All that windows may conflict with. `rostered` is until when a group's duties are written out."""

    tz: tzinfo
    windows: Sequence[Planned] = ()
    holidays: Mapping[date, str] = field(default_factory=dict)
    service: Hours = ROUND_THE_CLOCK
    quiet: Sequence[Period] = ()
    away: Sequence[Span] = ()
    duties: Sequence[Span] = ()
    rostered: Mapping[int, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conflict:
    """`about` is a holiday's name or the reason of a quiet time; `other` the change it collides with."""

    kind: ConflictKind
    about: str = ""
    other: int | None = None

    @property
    def is_grave(self) -> bool:
        return self.kind in GRAVE


def conflicts_of(window: Planned, known: Known) -> list[Conflict]:
    """Return all that a window conflicts with, in the order of their kinds."""
    found = [
        Conflict(ConflictKind.SAME_SYSTEM, other=other.key)
        for other in known.windows
        if other.key != window.key
        and window.system is not None
        and other.system == window.system
        and _touch(window, other.start, other.end)
    ]
    days = _days(window, known.tz)
    names = dict.fromkeys(known.holidays[day] for day in days if day in known.holidays)
    found += [Conflict(ConflictKind.HOLIDAY, name) for name in names]
    wish = Wish(periods=known.quiet)
    reasons = dict.fromkeys(period.reason for day in days if (period := quiet_on(wish, day)))
    found += [Conflict(ConflictKind.QUIET, reason) for reason in reasons]
    found += _service(window, known.service)
    return found + _people(window, known)


def _service(window: Planned, service: Hours) -> list[Conflict]:
    if service is ROUND_THE_CLOCK or window.hours == WorkHours.ANY:
        return []
    served = elapsed(window.start, window.end, service)
    if window.hours == WorkHours.OUTSIDE:
        return [Conflict(ConflictKind.SERVICE)] if served else []
    return [Conflict(ConflictKind.NOT_SERVICE)] if served < window.end - window.start else []


def _people(window: Planned, known: Known) -> list[Conflict]:
    found = []
    if any(one.person == window.owner and _touch(window, one.start, one.end) for one in known.away):
        found.append(Conflict(ConflictKind.LEAVE))
    if window.end > known.rostered.get(window.group, window.start):
        return found
    then = [one for one in known.duties if one.group == window.group and _touch(window, one.start, one.end)]
    if not then:
        found.append(Conflict(ConflictKind.NOBODY))
    elif window.owner is not None and all(one.person != window.owner for one in then):
        found.append(Conflict(ConflictKind.NOT_ON_DUTY))
    return found


def _touch(window: Planned, start: datetime, end: datetime) -> bool:
    return window.start < end and start < window.end


def _days(window: Planned, tz: tzinfo) -> list[date]:
    """The local days that a window touches; its end belongs to none where that is midnight."""
    first = window.start.astimezone(tz).date()
    last = (window.end - timedelta.resolution).astimezone(tz).date()
    return [first + number * DAY for number in range((last - first).days + 1)]
