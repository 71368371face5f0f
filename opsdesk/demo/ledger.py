"""One record kept in memory, by the same rules and with the same rows as the actions keep it in the database.

History is thousands of records whose every step lies in the past. Going through the actions would take
minutes; this takes seconds. What it writes must not be told from theirs: a test performs stories both ways
and compares all rows, field by field. Only what history's stories contain is here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.timezone import localdate

from clients.models import Channel
from opsdesk.demo.coordinated import Coordinated
from opsdesk.demo.lookup import Lookup
from opsdesk.demo.running import Running
from opsdesk.demo.story import SWEEP, Story
from staff.models import User
from tickets import escalation
from tickets.actions import Call
from tickets.actions.firing import is_late, overrun_of
from tickets.models import (
    LIMITED_BY_GRADE,
    PAUSING,
    Cause,
    Clock,
    ClockKind,
    Entry,
    EntryKind,
    Escalation,
    Grade,
    Kind,
    Link,
    LinkKind,
    Overrun,
    Pause,
    PauseReason,
    Status,
    Target,
    Ticket,
    TimeSpent,
)


class Ledger(Coordinated):
    """A record from its call on: `ticket`, `entries`, `clocks`, `pauses`, and who was told of what."""

    ticket: Ticket

    def __init__(self, lookup: Lookup) -> None:
        super().__init__()
        self._lookup = lookup
        self.entries: list[Entry] = []
        self.clocks: list[Running] = []
        self.pauses: list[Pause] = []
        self.told: list[tuple[Escalation, list[User]]] = []
        self.repeat: Link | None = None
        self._named: list[tuple[Entry, str, int, Ticket]] = []
        self.times: list[TimeSpent] = []
        self.overruns: list[Overrun] = []

    def keep(self, story: Story) -> Ledger:
        """Keep a whole story, with the sweeps that came round in between."""
        self._log_call(story.call, by=story.by, now=story.at)
        for step in story.steps:
            self._sweep_until(step.at)
            self._fire_due(step.at)
            getattr(self, f"_{step.verb}")(by=step.by, now=step.at, **step.facts)
            self._finish()
        self._lookup.remember(self.ticket)
        return self

    def name_the_repeated(self) -> None:
        """Write numbers where the history names another record; call when all records have theirs."""
        for entry, name, place, ticket in self._named:
            entry.changes[name][place] = ticket.number

    @property
    def escalations(self) -> list[Escalation]:
        return [step for clock in self.clocks for step in [*clock.fired, *clock.planned]]

    # The verbs, as in tickets.actions ---------------------------------------------------------------------

    def _log_call(self, call: Call, *, by: User, now: datetime) -> None:
        reported_at = call.reported_at or now
        system = call.system
        owner = (system.maintainer or system.backup) if system else None
        self.ticket = Ticket(
            kind=call.kind,
            channel=call.channel,
            client=call.client,
            system=system,
            contact=call.contact,
            caller_name=call.caller_name,
            callback_number=call.callback_number,
            title=call.title,
            details=call.details,
            in_coverage=bool(self._lookup.contracts(call.client, system, reported_at)),
            group=call.client.group,
            owner=owner,
            taken_by=by,
            reported_at=reported_at,
            logged_at=now,
            version=0,
        )
        changes = {"owner": [None, owner.name]} if owner else {}
        self._enter(EntryKind.LOGGED, by, now, call.title, changes)
        self._start(ClockKind.RESPONSE, reported_at)
        if call.kind != Kind.FAULT:
            self._start(ClockKind.RESOLUTION, reported_at)
        self._finish()

    def _grade(self, *, to: Grade, reason: str, by: User, now: datetime) -> None:
        self.ticket.grade, self.ticket.grade_reason = to, reason
        self._enter(EntryKind.GRADED, by, now, reason, {"grade": [None, int(to)]})
        for old in [clock for clock in self._running() if clock.row.kind in LIMITED_BY_GRADE]:
            old.row.superseded_at, old.row.next_at = now, None
            old.planned.clear()
            self._start(ClockKind(old.row.kind), old.row.started_at)
        self._start(ClockKind.DIAGNOSIS, self.ticket.reported_at)
        self._start(ClockKind.RESOLUTION, self.ticket.reported_at)

    def _assign(self, *, owner: User, text: str, by: User, now: datetime) -> None:
        was, self.ticket.owner = self.ticket.owner, owner
        changes = {"owner": [was.name if was else None, owner.name]}
        self._enter(EntryKind.ASSIGNED, by, now, text, changes)

    def _acknowledge(self, *, by: User, now: datetime) -> None:
        was = self.ticket.owner
        changes = {} if was == by else {"owner": [was.name if was else None, by.name]}
        self.ticket.status, self.ticket.acknowledged_at, self.ticket.owner = Status.IN_PROGRESS, now, by
        self._stop(now, ClockKind.RESPONSE)
        self._enter(EntryKind.ACKNOWLEDGED, by, now, "", changes)
        self._promise_word(now)

    def _diagnose(
        self, *, diagnosis: str, cause: Cause, by: User, now: datetime, minutes: int | None = None
    ) -> None:
        self.ticket.diagnosis, self.ticket.cause = diagnosis, cause
        self.ticket.diagnosed_at = self.ticket.diagnosed_at or now
        self._stop(now, ClockKind.DIAGNOSIS)
        self._enter(EntryKind.DIAGNOSED, by, now, diagnosis, {"cause": [None, cause]})
        self._spend(minutes)
        self._settle_repeat(now)

    def _add_note(self, *, text: str, by: User, now: datetime, minutes: int | None = None) -> None:
        self._enter(EntryKind.NOTE, by, now, text)
        self._spend(minutes)

    def _pause(self, *, reason: PauseReason, text: str, until: datetime, by: User, now: datetime) -> None:
        self.pauses.append(Pause(ticket=self.ticket, reason=reason, text=text, started_at=now, until=until))
        self.ticket.status = Status.WAITING
        self._recompute()
        cycle = 1 + sum(clock.row.kind == ClockKind.NEXT_STEP for clock in self.clocks)
        self._plan(ClockKind.NEXT_STEP, now, cycle=cycle, limit=until - now, round_the_clock=True)
        changes = {"reason": [None, reason], "until": [None, until.isoformat()]}
        self._enter(EntryKind.PAUSED, by, now, text, changes)

    def _resume(self, *, text: str, by: User, now: datetime) -> None:
        self._end_pause(now)
        self._enter(EntryKind.RESUMED, by, now, text)

    def _resolve(
        self, *, solution: str, cause: Cause, by: User, now: datetime, minutes: int | None = None
    ) -> None:
        if self.ticket.status == Status.WAITING:
            self._end_pause(now)
        self.ticket.solution, self.ticket.cause = solution, cause
        self.ticket.status, self.ticket.resolved_at = Status.RESOLVED, now
        if self.ticket.is_fault:
            self.ticket.diagnosed_at = self.ticket.diagnosed_at or now
        self._stop(now, ClockKind.DIAGNOSIS, ClockKind.RESOLUTION)
        self._close_without_verdict(now)
        self._start(ClockKind.CONFIRMATION, now)
        self._enter(EntryKind.RESOLVED, by, now, solution, {"cause": [None, cause]})
        self._spend(minutes)
        self._settle_repeat(now)

    def _confirm(self, *, confirmed_by: str, channel: Channel, text: str, by: User, now: datetime) -> None:
        self.ticket.confirmed_by, self.ticket.confirmed_channel = confirmed_by, channel
        self.ticket.status, self.ticket.closed_at = Status.CLOSED, now
        self._stop(now, ClockKind.CONFIRMATION)
        changes = {"confirmed_by": [None, confirmed_by], "confirmed_channel": [None, channel]}
        self._enter(EntryKind.CONFIRMED, by, now, text, changes)

    def _reopen(self, *, reason: str, by: User, now: datetime) -> None:
        self.ticket.status, self.ticket.resolved_at = Status.IN_PROGRESS, None
        self.ticket.reopened_count += 1
        self._stop(now, ClockKind.CONFIRMATION)
        self._start(ClockKind.RESOLUTION, now)
        self._promise_word(now)
        self._enter(EntryKind.REOPENED, by, now, reason)

    # What it repeats, as in tickets.actions.repeats ---------------------------------------------------------

    def _settle_repeat(self, now: datetime) -> None:
        earlier, was = self._lookup.repeated_by(self.ticket), self.repeat
        if was is not None:
            if was.other == earlier:
                return
            changes = {"repeat_of": [None, None], "why": [None, "other_cause"]}
            self._enter(EntryKind.UNLINKED, None, now, changes=changes)
            self._named.append((self.entries[-1], "repeat_of", 0, was.other))
            self.repeat = None
        if earlier is not None:
            self._enter(EntryKind.LINKED, None, now, changes={"repeat_of": [None, None]})
            self._named.append((self.entries[-1], "repeat_of", 1, earlier))
            self.repeat = Link(record=self.ticket, other=earlier, kind=LinkKind.REPEAT, at=now)

    # The clocks, as in tickets.actions.timing -------------------------------------------------------------

    def _start(self, kind: ClockKind, at: datetime) -> None:
        ticket = self.ticket
        limit = self._lookup.limit(kind, ticket.grade, ticket.kind)
        stopped = sum(clock.row.kind == kind and clock.row.stopped_at is not None for clock in self.clocks)
        self._plan(
            kind,
            at,
            cycle=stopped + 1,
            limit=limit.limit,
            near_percent=limit.near_percent,
            round_the_clock=self._lookup.is_round_the_clock(
                kind, ticket.grade, ticket.kind, ticket.client, ticket.system, at
            ),
        )

    def _plan(self, kind: ClockKind, at: datetime, **facts: Any) -> None:
        row = Clock(ticket=self.ticket, kind=kind, grade=self.ticket.grade, started_at=at, **facts)
        hours = self._lookup.hours(self.ticket.client.hours, row.round_the_clock)
        clock = Running(row, hours, [])
        for rule in self._lookup.rules(kind, self.ticket.grade):
            offset = rule.after if rule.after is not None else row.limit * (rule.percent or 0) / 100
            clock.planned.append(
                Escalation(ticket=self.ticket, clock=row, rule=rule, target=rule.target, offset=offset)
            )
        clock.place(self.pauses)
        self.clocks.append(clock)

    def _stop(self, now: datetime, *kinds: ClockKind) -> None:
        for clock in self._running():
            if clock.row.kind in kinds:
                if clock.row.is_paused:
                    clock.place(self.pauses, pause_ends=now)
                clock.row.stopped_at, clock.row.next_at = now, None
                clock.planned.clear()

    def _recompute(self) -> None:
        for clock in self._running():
            if clock.row.kind in PAUSING:
                clock.place(self.pauses)

    def _end_pause(self, now: datetime) -> None:
        self.pauses[-1].ended_at = now
        self.ticket.status = Status.IN_PROGRESS
        self._stop(now, ClockKind.NEXT_STEP)
        self._recompute()

    def _running(self) -> list[Running]:
        return [clock for clock in self.clocks if clock.row.is_running]

    # What falls due, as in tickets.actions.firing ---------------------------------------------------------

    def _sweep_until(self, now: datetime) -> None:
        while True:
            instants = [clock.row.next_at for clock in self._running() if clock.row.next_at]
            if not instants or min(instants) + SWEEP >= now:
                return
            self._fire_due(min(instants) + SWEEP)
            self._finish()

    def _fire_due(self, now: datetime) -> None:
        ringing = [clock for clock in self._running() if clock.row.next_at and clock.row.next_at < now]
        steps = [step for clock in ringing for step in clock.due_steps(now)]
        for step in escalation.in_order(steps):
            if step.kind == escalation.NEAR:
                step.clock.row.near_marked_at = now
                self._mark(EntryKind.NEAR, step.clock, step.at, now)
            elif step.kind == escalation.BREACH:
                step.clock.row.breached_marked_at = now
                self._mark(EntryKind.BREACHED, step.clock, step.at, now)
                self._open_overrun(step.clock, step.at, now)
            else:
                self._report_up(step.report_up, step.clock, now)
        for clock in ringing:
            clock.row.next_at = clock.next_instant()

    def _open_overrun(self, clock: Running, due_at: datetime, now: datetime) -> None:
        person = self.ticket.owner  # every record of history has one
        self.overruns.append(overrun_of(clock.row, self.ticket, person, due_at=due_at, now=now))

    def _report_up(self, step: Escalation, clock: Running, now: datetime) -> None:
        people, reached = self._lookup.reached(Target(step.target), self.ticket.owner, self.ticket.group)
        clock.planned.remove(step)
        clock.fired.append(step)
        step.fired_at, step.is_late = now, is_late(step.due_at, now)
        step.found_nobody = reached != step.target
        self.told.append((step, people))
        names = [person.name for person in people]
        self._mark(
            EntryKind.REPORTED_UP, clock, step.due_at, now, target=step.target, reached=reached, told=names
        )

    def _mark(
        self, kind: EntryKind, clock: Running, due_at: datetime | None, now: datetime, **more: object
    ) -> None:
        due = due_at.isoformat() if due_at else None
        facts = {"clock": clock.row.kind, "due_at": due, "late": is_late(due_at, now)}
        self._enter(kind, None, now, "", facts | more)

    # The frame, as in tickets.actions.journal -------------------------------------------------------------

    def _enter(
        self,
        kind: EntryKind,
        by: User | None,
        now: datetime,
        text: str = "",
        changes: dict[str, Any] | None = None,
    ) -> None:
        self.entries.append(
            Entry(ticket=self.ticket, kind=kind, by=by, at=now, text=text, changes=changes or {})
        )

    def _spend(self, minutes: int | None) -> None:
        if minutes is not None:
            entry = self.entries[-1]
            on = localdate(entry.at)
            row = TimeSpent(ticket=self.ticket, entry=entry, person=entry.by, minutes=minutes, on=on)
            self.times.append(row)

    def _finish(self) -> None:
        due = [clock.row.due_at for clock in self._running() if clock.row.due_at]
        self.ticket.next_due_at = min(due) if due and self.ticket.is_open else None
        self.ticket.version += 1
