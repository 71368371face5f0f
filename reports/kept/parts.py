"""What a figure of a period is put together from: kept counts, and spans whose rows are counted now. Pure.

Kept is what stood at `Reckoned.until`, by rows that have changed in no `Stale` since. So a figure is what is
kept of its period, less what is kept of the days that have become stale, more the rows of these days now, and
the rows that have fallen due since. What does not add up (medians, stocks) is kept as a whole or counted as a
whole.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from reports.kept.calendar import Span, days_between, joined, spans_of
from reports.periods import Period

MOST_DAYS = 10  # stale days of one period: beyond them it is counted as a whole
Cell = tuple[str, date]  # the unit and the first day
Stale = tuple[datetime, datetime]  # from and to, both among it


class Nature(StrEnum):
    """How a figure behaves over time."""

    SUM = "sum"  # days add up to any period
    WHOLE = "whole"  # a period cannot be put together from others: medians
    STOCK = "stock"  # what there is at an instant


@dataclass(frozen=True, slots=True)
class Reckoned:
    """How far a figure is counted; as `reports.models.Reckoning`."""

    since: datetime
    until: datetime
    next_at: datetime | None
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Parts:
    """Kept counts to add and to take away, and spans whose rows are added. A stock has one of the two."""

    plus: tuple[Cell, ...] = ()
    minus: tuple[Cell, ...] = ()
    spans: tuple[Span, ...] = ()


NOTHING = Parts()
TICK = datetime.resolution


def parts_of(
    nature: Nature,
    period: Period,
    reckoned: Reckoned | None,
    stale: Sequence[Stale],
    *,
    unkept: Collection[Cell] = (),
    tz: ZoneInfo,
    now: datetime,
) -> Parts:
    """Return what a figure of a period is made of at `now`. `unkept` are counts known to be missing."""
    start, end = period.span(tz)
    stop = min(end, now)
    rows = Parts(spans=((start, stop),))
    cell = period.unit, period.first
    if nature is Nature.STOCK:
        kept = _stock(start, end, stop, cell, reckoned, stale)
    elif stop <= start:
        return NOTHING
    else:
        kept = _flow(nature, start, end, stop, cell, reckoned, stale, tz)
    return rows if kept is None or set(kept.plus + kept.minus) & set(unkept) else kept


def _stock(
    start: datetime,
    end: datetime,
    stop: datetime,
    cell: Cell,
    reckoned: Reckoned | None,
    stale: Sequence[Stale],
) -> Parts | None:
    if reckoned is None:
        return None
    if end > reckoned.until:  # kept as it stood at `until`
        if stop < reckoned.until or start > reckoned.until or _moves(reckoned, stale, stop):
            return None
    elif any(since <= end <= until for since, until in stale):
        return None
    if end <= reckoned.since:
        return NOTHING if reckoned.is_whole else None
    return Parts(plus=(cell,))


def _flow(
    nature: Nature,
    start: datetime,
    end: datetime,
    stop: datetime,
    cell: Cell,
    reckoned: Reckoned | None,
    stale: Sequence[Stale],
    tz: ZoneInfo,
) -> Parts | None:
    if reckoned is None or (start < reckoned.since and not reckoned.is_whole):
        return None
    until = reckoned.until
    if start >= until:
        return None if _moves(reckoned, stale, stop) else NOTHING
    if stop < min(end, until):  # asked for what was, before all that is counted
        return None
    kept_until = min(end, until)
    if nature is Nature.WHOLE and end > reckoned.since:
        if any(since < kept_until and last >= start for since, last in stale):
            return None
        if end > until and (not is_kept_whole(cell[0], end, until) or _moves(reckoned, stale, stop)):
            return None
        return Parts(plus=(cell,))
    days = sorted(
        {
            day
            for since, last in stale
            if since < kept_until and last >= start
            for day in days_between(max(since, start), min(last, kept_until - TICK) + TICK, tz)
        }
        if stale
        else ()
    )
    if end <= reckoned.since:
        return None if days else NOTHING
    since_then = [(until, stop)] if end > until and _moves(reckoned, stale, stop) else []
    if len(days) > MOST_DAYS:
        return None
    spans = joined([*spans_of(days, tz, until=kept_until), *since_then])
    return Parts((cell,), tuple(("day", day) for day in days), tuple(spans))


def is_kept_whole(unit: str, end: datetime, until: datetime) -> bool:
    """Say whether a period that no others add up to is kept: a long one only when it is over.

    To count the rows of a year once more whenever one of them changes would take seconds each time.
    """
    return end <= until or unit not in ("quarter", "year")


def _moves(reckoned: Reckoned, stale: Sequence[Stale], stop: datetime) -> bool:
    """Say whether a row may have fallen due in [until, stop), or changed that does."""
    if reckoned.next_at is not None and reckoned.next_at < stop:
        return True
    return any(since < stop and last >= reckoned.until for since, last in stale)
