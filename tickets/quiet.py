"""When nobody is to be disturbed (§5.4). Pure: an instant and a span of the day in, an instant out."""

from __future__ import annotations

from datetime import datetime, time, timedelta, tzinfo


def not_before(
    at: datetime, quiet_from: time | None, quiet_until: time | None, tz: tzinfo
) -> datetime | None:
    """Return when what happens at `at` may leave the house, where that is later than at once; else None.

    The span is half-open, [from, until), on the wall clock of `tz`, and may pass midnight.
    """
    if quiet_from is None or quiet_until is None:
        return None
    local = at.astimezone(tz)
    day, moment = local.date(), local.time().replace(fold=0)
    if quiet_from < quiet_until:
        is_quiet = quiet_from <= moment < quiet_until
    else:
        is_quiet = moment >= quiet_from or moment < quiet_until
        if moment >= quiet_from:
            day += timedelta(days=1)
    return datetime.combine(day, quiet_until, tzinfo=tz) if is_quiet else None
