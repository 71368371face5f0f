"""The roster as spans of time: where nobody is on duty, and what falls on which day. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open span of time; both ends are aware."""

    starts_at: datetime
    ends_at: datetime


def gaps(covered: Iterable[Span], since: datetime, until: datetime) -> list[Span]:
    """Return the spans of [since, until) that no covered span touches, in order (§5.1).

    Spans may overlap, touch, come in any order and reach beyond either end.
    """
    found, reached = [], since
    for span in sorted(covered, key=lambda span: span.starts_at):
        if span.starts_at > reached:
            found.append(Span(reached, min(span.starts_at, until)))
        reached = max(reached, span.ends_at)
        if reached >= until:
            break
    if reached < until:
        found.append(Span(reached, until))
    return [gap for gap in found if gap.starts_at < gap.ends_at]


def day_span(day: date, tz: ZoneInfo) -> Span:
    """Return a calendar day of a time zone, from midnight to midnight."""
    midnight = time(0, tzinfo=tz)
    return Span(datetime.combine(day, midnight), datetime.combine(day + timedelta(days=1), midnight))


def shift_on(day: date, starts: time, ends: time, tz: ZoneInfo) -> Span:
    """Return the shift that starts on a day; an end at or before its start is on the day after."""
    last = day if ends > starts else day + timedelta(days=1)
    return Span(datetime.combine(day, starts, tz), datetime.combine(last, ends, tz))


def is_night(span: Span, tz: ZoneInfo) -> bool:
    """Say whether a shift is one by night: shorter than a day, and it holds at three in the morning."""
    if span.ends_at - span.starts_at >= timedelta(days=1):
        return False
    starts_at = span.starts_at.astimezone(tz)
    three = datetime.combine(starts_at.date(), time(3), tz)
    if three < starts_at:
        three += timedelta(days=1)
    return three < span.ends_at


def part_within(span: Span, window: Span) -> Span | None:
    """Return what of a span lies inside a window, or None."""
    starts_at, ends_at = max(span.starts_at, window.starts_at), min(span.ends_at, window.ends_at)
    return Span(starts_at, ends_at) if starts_at < ends_at else None
