"""What happens to one record, as a list of verbs with their instants; and its performance by the actions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min

from staff.models import User
from tickets import actions
from tickets.models import Ticket

# A sweep comes round within a second.
SWEEP = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Step:
    """One verb of `tickets.actions` but for the first, with who does it, when, and its other arguments."""

    at: datetime
    verb: str
    by: User
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Story:
    """A call, who took it and when it was recorded, and what came of it."""

    call: actions.Call
    by: User
    at: datetime
    steps: tuple[Step, ...]

    @property
    def reported_at(self) -> datetime:
        return self.call.reported_at or self.at

    def until(self, now: datetime) -> Iterable[Step]:
        return (step for step in self.steps if step.at <= now)

    def is_over(self, now: datetime) -> bool:
        """Whether all of it has happened by then, and it ended with the client's word."""
        return bool(self.steps) and self.steps[-1].verb == "confirm" and self.steps[-1].at <= now


def perform(story: Story, *, now: datetime) -> Ticket:
    """Let the actions do what happened up to `now`, with the sweeps that came round in between."""
    ticket = actions.log_call(story.call, by=story.by, now=story.at)
    for step in story.until(now):
        sweep_until(ticket, step.at)
        done = getattr(actions, step.verb)(ticket, by=step.by, now=step.at, **step.facts)
        ticket = done if isinstance(done, Ticket) else ticket
    sweep_until(ticket, now)
    ticket.refresh_from_db()
    return ticket


def sweep_until(ticket: Ticket, now: datetime) -> None:
    """Let the sweeps come round that a record was due for up to `now`."""
    while True:
        soonest = ticket.clocks.running().aggregate(soonest=Min("next_at"))["soonest"]
        if soonest is None or soonest + SWEEP >= now:
            return
        actions.enforce_deadlines(now=soonest + SWEEP)
