"""Which holes of a roster are to be told of now: what is new, what has come near, what was filled. Pure.

A hole is told of when it is found, again at each of its steps (so many days before it begins, one day before,
and at its start), and anew where it has been filled meanwhile. Steps that were missed collapse into the last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from duty.roster import Span, gaps

DAY = timedelta(days=1)
LAST_STEPS = (1, 0)  # a day before, and at the start: whatever a group has set besides
NOW = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A hole as the roster has it now; one at the end of what is looked at may go on behind it."""

    starts_at: datetime
    ends_at: datetime
    role: str
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A hole that somebody was told of, at which step last (None: when it was still far)."""

    key: int
    starts_at: datetime
    ends_at: datetime
    role: str
    goes_on: bool = False
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be kept of a hole: under which key (None: as a new one), its step, and whether to tell."""

    found: Found
    key: int | None
    step: int | None
    is_told: bool


def step_of(starts_at: datetime, now: datetime, warn_days: Iterable[int]) -> int | None:
    """Return the last step that a hole has reached, in days before its start; None while it is far."""
    reached = [days for days in {*warn_days, *LAST_STEPS} if now >= starts_at - days * DAY]
    return min(reached, default=None)


def is_urgent(step: int | None) -> bool:
    """Whether the department hears of it: it begins within 24 hours, or has begun."""
    return step is not None and step <= 1


def judge(
    found: Sequence[Found], known: Sequence[Known], *, now: datetime, warn_days: Iterable[int]
) -> list[Verdict]:
    """Compare the holes there are with those told of; a known one that no verdict names has been filled.

    A part of a known hole needs no new telling; what reaches beyond what was told of does.
    """
    days = tuple(warn_days)
    free: set[int | None] = {one.key for one in known}
    verdicts = []
    for hole in found:
        kin = [one for one in known if one.role == hole.role and _touches(one, hole)]
        key = next((one.key for one in kin if one.key in free), None)
        free -= {key}
        told = min((one.step for one in kin if one.step is not None), default=None)
        step = step_of(hole.starts_at, now, days)
        has_come_near = step is not None and (told is None or step < told)
        heard = [Span(one.starts_at, hole.ends_at if one.goes_on else one.ends_at) for one in kin]
        is_news = bool(gaps(heard, hole.starts_at, hole.ends_at))
        verdicts.append(Verdict(hole, key, step, is_news or has_come_near))
    return verdicts


def _touches(known: Known, hole: Found) -> bool:
    return known.starts_at < hole.ends_at and (known.goes_on or known.ends_at > hole.starts_at)
