"""What is due, and when (§5.4). Pure: a start, an offset, hours and pauses in; an instant or a state out.

`instant_at` computes every instant of a clock: the deadline, the near mark and each report-up. So they cannot
disagree, and any of them may be computed anew at any time from the same facts. What follows from it:

- Boundary: an instant has passed when now lies strictly after it (`has_passed`). What is done at the very
  instant of the deadline is in time, and a clock is breached only after it.
- A pause is half-open, [start, end): no instant ever lies inside it, so nothing comes due in a pause.
- What had passed when a pause began stays where it was. What had not is unknown (None) while it is open.
- A new limit or other hours (a regrade) change nothing about the time used: same start, same pauses.
- An instant of a clock that runs in working hours lies in them or at their close, never in the night. An
  offset of zero is no exception: it means as soon as the clock runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from duty import hours as working
from duty.hours import Hours


class ClockState(TextChoices):
    """How a clock stands; the last two are for good."""

    RUNNING = "running", _("Running")
    NEAR = "near", _("Close to the limit")
    BREACHED = "breached", _("Overdue")
    PAUSED = "paused", _("Paused")
    MET = "met", _("In time")
    MISSED = "missed", _("Too late")


@dataclass(frozen=True, slots=True)
class Interval:
    """A span of time, half-open; no end yet means that it is still open. Kept in UTC.

    Raises ValueError for a naive datetime and for an end before the start.
    """

    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", working.to_utc(self.start))
        if self.end is not None:
            object.__setattr__(self, "end", working.to_utc(self.end))
            if self.end < self.start:
                raise ValueError(f"A pause cannot end before it starts: {self.start} to {self.end}.")


def due_at(start: datetime, limit: timedelta, hours: Hours, pauses: Sequence[Interval]) -> datetime | None:
    """Return the instant by which the limit is used up, in UTC; None while a pause holds it up (§5.4).

    Then `elapsed(start, due, hours, pauses) == limit`. Errors as in `instant_at`.
    """
    return instant_at(start, limit, hours, pauses)


def near_at(
    start: datetime, limit: timedelta, near_percent: int, hours: Hours, pauses: Sequence[Interval]
) -> datetime | None:
    """Return the instant at which so much of the limit is used, in UTC; None while a pause holds it up.

    Errors as in `instant_at`.
    """
    return instant_at(start, limit * near_percent // 100, hours, pauses)


def instant_at(
    start: datetime, offset: timedelta, hours: Hours, pauses: Sequence[Interval]
) -> datetime | None:
    """Return the earliest instant, outside every pause, by which `offset` of the clock's time is used.

    In UTC; None while an open pause holds it up. Pauses may come in any order, overlap, begin before the
    start, lie outside working hours or be empty. Raises ValueError for naive datetimes or a negative offset,
    and `duty.hours.NeverOpen` where these hours never come to it.
    """
    runs_from, left = working.to_utc(start), offset
    for pause in _joined(pauses, runs_from):
        instant = _after(runs_from, left, hours)
        if instant < pause.start:
            return instant
        if pause.end is None:
            return None
        left -= working.elapsed(runs_from, pause.start, hours)
        runs_from = pause.end
    return _after(runs_from, left, hours)


def elapsed(start: datetime, now: datetime, hours: Hours, pauses: Sequence[Interval]) -> timedelta:
    """Return the time used on a clock between `start` and `now`: working time without the pauses.

    Nothing before the start. For a stopped clock, `now` is when it stopped. Naive datetimes: ValueError.
    """
    start, now = working.to_utc(start), working.to_utc(now)
    used = working.elapsed(start, now, hours)
    for pause in _joined(pauses, start):
        until = now if pause.end is None else min(pause.end, now)
        used -= working.elapsed(pause.start, until, hours)
    return used


def remaining(
    start: datetime, limit: timedelta, now: datetime, hours: Hours, pauses: Sequence[Interval]
) -> timedelta:
    """Return the time left on a clock, negative when overdue, standing still in pauses and outside hours.

    It is zero from the deadline to the next working moment: whether a clock is breached, `state` says.
    """
    return limit - elapsed(start, now, hours, pauses)


def state(
    *,
    due_at: datetime | None,
    near_at: datetime | None,
    stopped_at: datetime | None,
    paused: bool,
    now: datetime,
) -> ClockState:
    """Say how a clock stands at `now`, from its computed instants.

    `due_at` is None while a pause holds it up: a clock stopped then is met. One that was overdue before its
    pause began stays breached.
    """
    if stopped_at is not None:
        return ClockState.MISSED if has_passed(due_at, stopped_at) else ClockState.MET
    if has_passed(due_at, now):
        return ClockState.BREACHED
    if paused or due_at is None:
        return ClockState.PAUSED
    return ClockState.NEAR if has_passed(near_at, now) else ClockState.RUNNING


def has_passed(instant: datetime | None, now: datetime) -> bool:
    """Say whether an instant has passed: now lies strictly after it. An unknown one has not."""
    return instant is not None and now > instant


def _after(start: datetime, amount: timedelta, hours: Hours) -> datetime:
    """Return when `amount` has passed since `start`; with none left to pass, when the clock runs next."""
    return working.add(start, amount, hours) if amount else working.opening(start, hours)


def _joined(pauses: Iterable[Interval], start: datetime) -> list[Interval]:
    """Return the pauses from `start` on, in order, with what overlaps or touches made one; none empty."""
    joined: list[Interval] = []
    for pause in sorted(pauses, key=lambda pause: pause.start):
        begins = max(pause.start, start)
        if pause.end is not None and pause.end <= begins:
            continue
        if not joined or (joined[-1].end is not None and joined[-1].end < begins):
            joined.append(Interval(begins, pause.end))
        elif joined[-1].end is not None and (pause.end is None or pause.end > joined[-1].end):
            joined[-1] = Interval(joined[-1].start, pause.end)
    return joined
