"""Quiet hours: until when a copy that may wait does so."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


def held_until(now: datetime, start: time | None, end: time | None, *, zone: str) -> datetime:
    """Return the end of the quiet hours that `now` (aware) lies in, or `now` where it lies in none.

    The hours run from `start` up to, not including, `end` by the wall clock of `zone`, over midnight where
    `end` is the earlier of the two. The same time twice means that there are none.
    """
    if start is None or end is None or start == end:
        return now
    local = now.astimezone(ZoneInfo(zone))
    clock = local.time()
    over_midnight = end < start
    is_quiet = (clock >= start or clock < end) if over_midnight else start <= clock < end
    if not is_quiet:
        return now
    day = local.date() + timedelta(days=1 if over_midnight and clock >= start else 0)
    return datetime.combine(day, end, tzinfo=local.tzinfo)
