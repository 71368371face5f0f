"""How old an open record is, in the classes in which the department looks at its backlog. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

# Days since the call: more than, at most; None is open-ended.
AGES: dict[str, tuple[int | None, int | None]] = {
    "0-3": (None, 3),
    "4-7": (3, 7),
    "8-30": (7, 30),
    "30+": (30, None),
}
BOUNDS = sorted({days for age in AGES.values() for days in age if days is not None})


def reported_within(age: str, now: datetime) -> dict[str, datetime]:
    """Return the lookups on `reported_at` (aware) that a class of age stands for at `now`."""
    return reported_between(age, bounds(now))


def bounds(now: datetime) -> dict[int, datetime]:
    """Return the instants between the classes, by their days before `now`, the latest first."""
    return {days: now - timedelta(days=days) for days in BOUNDS}


def reported_between(age: str, ends: Mapping[int, datetime]) -> dict[str, datetime]:
    """Return the same lookups where the instants between the classes are given."""
    more_than, at_most = AGES[age]
    lookups = {}
    if more_than is not None:
        lookups["reported_at__lt"] = ends[more_than]
    if at_most is not None:
        lookups["reported_at__gte"] = ends[at_most]
    return lookups
