"""What has changed in a person's duties, however many steps it took. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class Duty(NamedTuple):
    """A half-open span of one role."""

    starts_at: datetime
    ends_at: datetime
    role: str


@dataclass(frozen=True, slots=True)
class Step:
    """A duty that somebody was given, or that was taken from him."""

    duty: Duty
    is_given: bool


@dataclass(frozen=True, slots=True)
class News:
    """What it comes to: new duties, those dropped, and those of which the span is another (before, now)."""

    new: list[Duty]
    dropped: list[Duty]
    changed: list[tuple[Duty, Duty]]

    def __bool__(self) -> bool:
        return bool(self.new or self.dropped or self.changed)


def news_of(steps: Iterable[Step], now: datetime) -> News:
    """Return what a person's steps, in any order, come to for what is not over; nothing where they cancel."""
    count: Counter[Duty] = Counter()
    for step in steps:
        count[step.duty] += 1 if step.is_given else -1
    ahead = {duty: number for duty, number in sorted(count.items()) if duty.ends_at > now}
    new = [duty for duty, number in ahead.items() if number > 0]
    dropped = [duty for duty, number in ahead.items() if number < 0]
    changed = []
    for duty in list(dropped):
        instead = next((one for one in new if _replaces(one, duty)), None)
        if instead is not None:
            changed.append((duty, instead))
            dropped.remove(duty)
            new.remove(instead)
    return News(new, dropped, changed)


def _replaces(new: Duty, old: Duty) -> bool:
    return new.role == old.role and new.starts_at < old.ends_at and new.ends_at > old.starts_at
