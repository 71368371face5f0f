"""Who may take a duty, and what stands against it: the hard rules of a roster. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from duty.fairness import Person, Slot
from duty.roster import Span


class Reason(StrEnum):
    """Why somebody cannot take a duty. The page has the words."""

    ROLE = "role"  # it is not among his
    LEAVE = "leave"  # he is away for some of it
    BUSY = "busy"  # he is on another duty then
    RESTING = "resting"  # too close to a duty before or after it
    WEEK_LIMIT = "week_limit"  # he has as many that week as he may
    PERIOD_LIMIT = "period_limit"  # he has as many as he may


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands against one person's taking one duty: the leave, the other duty or the limit."""

    person: str
    reason: Reason
    leave: Span | None = None
    duty: str | None = None
    limit: int | None = None


def obstacle(person: Person, slot: Slot, duties: Iterable[Slot]) -> Obstacle | None:
    """Return the first thing that stands against a person's taking a duty beside those he has, if any."""
    if found := standing_obstacle(person, slot):
        return found
    others = [other for other in duties if other.key != slot.key]
    for other in others:
        if too_close(slot.span, other.span, timedelta(0)):
            return Obstacle(person.key, Reason.BUSY, duty=other.key)
    for other in others:
        if too_close(slot.span, other.span, person.rest):
            return Obstacle(person.key, Reason.RESTING, duty=other.key)
    that_week = sum(week_of(other) == week_of(slot) for other in others)
    if person.most_a_week is not None and that_week >= person.most_a_week:
        return Obstacle(person.key, Reason.WEEK_LIMIT, limit=person.most_a_week)
    if person.most is not None and len(others) >= person.most:
        return Obstacle(person.key, Reason.PERIOD_LIMIT, limit=person.most)
    return None


def standing_obstacle(person: Person, slot: Slot) -> Obstacle | None:
    """Return what stands against it whatever other duties he has: the role, or leave."""
    if slot.role not in person.roles:
        return Obstacle(person.key, Reason.ROLE)
    for leave in person.leave:
        if too_close(slot.span, leave, timedelta(0)):
            return Obstacle(person.key, Reason.LEAVE, leave=leave)
    return None


def too_close(one: Span, other: Span, rest: timedelta) -> bool:
    """Say whether two spans overlap, or have less than the rest between them."""
    return one.starts_at < other.ends_at + rest and other.starts_at < one.ends_at + rest


def week_of(slot: Slot) -> tuple[int, int]:
    """Return the week, Monday to Sunday, that a duty starts in."""
    year, week, _weekday = slot.day.isocalendar()
    return year, week
