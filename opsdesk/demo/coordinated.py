"""The coordination meetings of a record kept in memory, as `tickets.actions.coordination` keeps them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from clients.models import Channel
from opsdesk.demo.lookup import Lookup
from opsdesk.demo.running import Running
from staff.models import User
from tickets.coordination import skips
from tickets.models import (
    ClockKind,
    CoordinationMeeting,
    EntryKind,
    Outcome,
    ServiceStep,
    Target,
    Ticket,
    Verdict,
    Way,
)

# What nobody owes on a solved record any more.
OWED = (ClockKind.VERDICT, ClockKind.ARRIVAL, ClockKind.PROGRESS)


class Coordinated:
    """The part of a ledger about the ladder of service, its meetings, and word to the client."""

    ticket: Ticket
    _lookup: Lookup
    _start: Any
    _stop: Any
    _running: Any
    _enter: Any

    def __init__(self) -> None:
        self.meetings: list[CoordinationMeeting] = []
        self.invited: list[list[User]] = []
        self.verdicts: list[Verdict] = []
        self.steps: list[ServiceStep] = []

    def _convene(self, *, reason: str, by: User, now: datetime) -> None:
        meeting = CoordinationMeeting(
            ticket=self.ticket, cycle=len(self.meetings) + 1, convened_at=now, convened_by=by, reason=reason
        )
        owner, group = self.ticket.owner, self.ticket.group
        lead, _step = self._lookup.reached(Target.TECHNICAL_LEAD, owner, group)
        supervisors, _step = self._lookup.reached(Target.SUPERVISOR, owner, group)
        everybody = [*lead, *supervisors, *self._lookup.specialists, *([owner] if owner else [])]
        invited = list({person.pk: person for person in everybody}.values())
        self.meetings.append(meeting)
        self.invited.append(invited)
        self._start(ClockKind.VERDICT, now)
        changes = {"invited": [None, ", ".join(person.name for person in invited)]}
        self._enter(EntryKind.CONVENED, by, now, reason, changes)

    def _decide(self, *, outcome: Outcome, reason: str, by: User, now: datetime) -> None:
        meeting = self.meetings[-1]
        self.verdicts.append(
            Verdict(meeting=meeting, grade=self.ticket.grade, outcome=outcome, reason=reason, at=now, by=by)
        )
        meeting.closed_at = now
        self._stop(now, ClockKind.VERDICT)
        self._enter(EntryKind.DECIDED, by, now, reason, {"outcome": [None, outcome]})
        if outcome.sends_an_engineer:
            self._start(ClockKind.ARRIVAL, now)
        self._move_to(outcome.way, reason, by, now)

    def _move_to(self, way: Way, reason: str, by: User, now: datetime) -> None:
        before = Way(self.steps[-1].way) if self.steps else Way.GUIDANCE
        if before == way:
            return
        changes: dict[str, object] = {"way": [before, way]}
        if skips(before, way):
            changes["why"] = [None, "rung_skipped"]
        self._enter(EntryKind.STEPPED, by, now, reason, changes)
        self.steps.append(ServiceStep(ticket=self.ticket, way=way, started_at=now, by=by, reason=reason))

    def _tell_client(self, *, text: str, told: str, how: Channel, by: User, now: datetime) -> None:
        changes: dict[str, object] = {"told": [None, told], "how": [None, how]}
        self._enter(EntryKind.MESSAGE, by, now, text, changes)
        self._stop(now, ClockKind.PROGRESS)
        self._promise_word(now)

    def _promise_word(self, now: datetime) -> None:
        if self.ticket.grade is not None:
            self._start(ClockKind.PROGRESS, now)

    def _close_without_verdict(self, now: datetime) -> None:
        """End the clocks on which nothing is owed any more, as `timing.drop` does."""
        dropped: list[Running] = [clock for clock in self._running() if clock.row.kind in OWED]
        for clock in dropped:
            row = clock.row
            if row.due_at is not None and row.due_at < now:
                row.stopped_at = now
            else:
                row.superseded_at = now
            row.next_at = None
            clock.planned.clear()
            if row.kind == ClockKind.VERDICT:
                self.meetings[-1].closed_at = now
