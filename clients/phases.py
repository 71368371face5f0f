"""When a system counts as new (§5.3). Pure: a day in, a day out."""

from __future__ import annotations

import calendar
from datetime import date

NEW_FOR = 3  # months from the day on which a system goes live


def new_until(go_live: date) -> date:
    """Return the first day on which a system that went live on `go_live` is new no longer.

    The same day three months later; the last of that month where it has no such day.
    """
    months = go_live.month - 1 + NEW_FOR
    year, month = go_live.year + months // 12, months % 12 + 1
    return date(year, month, min(go_live.day, calendar.monthrange(year, month)[1]))


def is_new(go_live: date | None, day: date) -> bool:
    """Say whether a system is in its new-system phase on a day: from go-live on, for three months."""
    return go_live is not None and go_live <= day < new_until(go_live)
