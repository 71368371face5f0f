"""How old an open record is, in the classes in which the department looks at its backlog. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

# Days since the call: more than, at most; None is open-ended.
AGES: dict[str, tuple[int | None, int | None]] = {
    "0-3": (None, 3),
    "4-7": (3, 7),
    "8-30": (7, 30),
    "30+": (30, None),
}


def reported_within(age: str, now: datetime) -> dict[str, datetime]:
    """Return the lookups on `reported_at` (aware) that a class of age stands for at `now`."""
    more_than, at_most = AGES[age]
    lookups = {}
    if more_than is not None:
        lookups["reported_at__lt"] = now - timedelta(days=more_than)
    if at_most is not None:
        lookups["reported_at__gte"] = now - timedelta(days=at_most)
    return lookups
