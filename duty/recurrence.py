"""On which days something is to be done: daily, on workdays, weekly, monthly (tail 7.1). Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

DAY = timedelta(days=1)
# Longer than any holiday with the days around it.
FURTHEST_MOVE = 16

IsWorking = Callable[[date], bool]


class Often(TextChoices):
    DAILY = "daily", _("Every day")
    WORKDAYS = "workdays", _("Every workday")
    WEEKLY = "weekly", _("Once a week")
    MONTHLY = "monthly", _("Once a month")


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How often. `weekday` counts from Monday as 0; a month that lacks `day` has its last day instead.

    `moved` puts a weekly or monthly day that is not worked off to the next one that is.
    """

    often: Often
    weekday: int | None = None
    day: int | None = None
    moved: bool = False


def falls_on(recurrence: Recurrence, day: date, is_working: IsWorking) -> bool:
    """Say whether it is to be done on a day of the working calendar. Two that meet on one day are one."""
    match recurrence.often:
        case Often.DAILY:
            return True
        case Often.WORKDAYS:
            return is_working(day)
    if not recurrence.moved:
        return _is_named(recurrence, day)
    if not is_working(day):
        return False
    meant = day
    for _step in range(FURTHEST_MOVE):
        if _is_named(recurrence, meant):
            return True
        meant -= DAY
        if is_working(meant):
            return False
    return False


def _is_named(recurrence: Recurrence, day: date) -> bool:
    """Whether this is the day of the week or month, wherever it may be moved to."""
    if recurrence.often == Often.WEEKLY:
        return day.weekday() == recurrence.weekday
    return day.day == min(recurrence.day or 1, monthrange(day.year, day.month)[1])
