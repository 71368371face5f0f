"""What follows when no answer comes: reminders, another way, and the end of waiting (§4.1.2). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Step(StrEnum):
    REMIND = "remind"
    NEXT_WAY = "next_way"
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True)
class Terms:
    """Days, counted from the first sending."""

    reminder_days: Sequence[int]
    next_way_days: int
    close_days: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How an open invitation stands. `may_remind`: it went by e-mail, and that has not failed."""

    sent_at: datetime
    reminders: int
    may_remind: bool
    has_next_way: bool


def next_step(terms: Terms, one: Standing) -> tuple[Step, datetime]:
    """Return what follows next, and when. There always is something: no invitation waits for ever."""
    steps = []
    if one.may_remind and one.reminders < len(terms.reminder_days):
        days = sorted(terms.reminder_days)[one.reminders]
        if not one.has_next_way or days < terms.next_way_days:
            steps.append((Step.REMIND, one.sent_at + timedelta(days=days)))
    if one.has_next_way:
        steps.append((Step.NEXT_WAY, one.sent_at + timedelta(days=terms.next_way_days)))
    end = (Step.GIVE_UP, one.sent_at + timedelta(days=terms.close_days))
    steps = [step for step in steps if step[1] < end[1]]
    return min([*steps, end], key=lambda step: step[1])


def ways(offered: Sequence[str], usable: Sequence[str], preferred: str) -> list[str]:
    """Return the ways to reach somebody in their order: what he prefers first, where it is offered (§4.3)."""
    found = [way for way in offered if way in usable]
    return sorted(found, key=lambda way: way != preferred)
