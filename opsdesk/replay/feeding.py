"""Each row of an incident becomes the verb that it means, at the instant at which it was written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from clients.models import Channel
from opsdesk.replay.cast import UNKNOWN_CALLER, Cast, system_name
from opsdesk.replay.rows import Incident, Row, State
from staff.models import Delivery, Notice
from tickets import actions
from tickets.lifecycle import Refused
from tickets.models import Cause, Grade, PauseReason, Status, Ticket

# The log does not say when somebody would look again at what waits.
LOOK_AGAIN_AFTER = timedelta(days=7)
REASONS = {
    State.AWAITING_USER: PauseReason.CLIENT,
    State.AWAITING_EVIDENCE: PauseReason.CLIENT,
    State.AWAITING_VENDOR: PauseReason.THIRD_PARTY,
    State.AWAITING_PROBLEM: PauseReason.THIRD_PARTY,
}
DONE = (Status.RESOLVED, Status.CLOSED)


class Impossible(Exception):
    """The incident cannot be placed at all; the text says why."""


Lines = dict[str, list[int]]


def _lines() -> Lines:
    return defaultdict(list)


@dataclass(slots=True)
class Outcome:
    """What was done, and the line numbers, by reason, of what could not be done as the log says it."""

    steps: Counter[str] = field(default_factory=Counter)
    adjusted: Lines = field(default_factory=_lines)
    noted: Lines = field(default_factory=_lines)
    refused: Lines = field(default_factory=_lines)

    def add(self, other: Outcome) -> None:
        self.steps.update(other.steps)
        for name in ("adjusted", "noted", "refused"):
            for reason, lines in getattr(other, name).items():
                getattr(self, name)[reason].extend(lines)


@transaction.atomic
def feed(incident: Incident, cast: Cast) -> Outcome:
    """Write one incident through the actions, all of it or nothing.

    A row that an action refuses is left out and the rest goes on. Raises `Impossible` where not even the
    call can be recorded.
    """
    newest = Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    feeding = _Feeding(incident, cast)
    feeding.run()
    _keep_quiet(feeding.ticket, newest)
    return feeding.outcome


def _keep_quiet(ticket: Ticket, newest: int) -> None:
    """Nobody is called on about what was over years ago: its notices are read, and no e-mail goes out."""
    told = Notice.objects.filter(pk__gt=newest, url=reverse("tickets:detail", args=[ticket.pk]))
    Delivery.objects.filter(notice__in=told).delete()
    told.filter(read_at__isnull=True).update(read_at=F("created_at"))


class _Feeding:
    """One incident on its way: the record as it stands, the simulated now, and what came of it so far."""

    ticket: Ticket

    def __init__(self, incident: Incident, cast: Cast) -> None:
        self.incident, self.cast, self.outcome = incident, cast, Outcome()
        self.now: datetime = incident.rows[0].updated_at
        self.pause_reason: PauseReason | None = None

    def run(self) -> None:
        for line in self.incident.out_of_order:
            self.outcome.adjusted["stands in the file after a later row: placed by its time"].append(line)
        first, *rest = self.incident.rows
        self._begin(first)
        self._attempt(first, lambda: self._move(first))
        was = first
        for row in rest:
            self._attempt(row, partial(self._follow, row, was))
            was = row

    def _begin(self, row: Row) -> None:
        """Record the call with its first grade, group and owner."""
        grade = next((each.grade for each in self.incident.rows if each.grade), None)
        if grade is None:
            raise Impossible("no row names a priority")
        reported_at = row.opened_at or row.created_at or row.updated_at
        if row.opened_at is None:
            self._adjusted("no time of the call: the first time known is taken", row)
        if reported_at > row.updated_at:
            self._adjusted("updated before it was opened: reported when first updated", row)
            reported_at = row.updated_at
        self.now = max(reported_at, min(row.created_at or row.updated_at, row.updated_at))
        try:
            self.ticket = actions.log_call(self._call(row, reported_at), by=self.cast.desk, now=self.now)
            self._grade(row, grade)
            self._assign(row)
        except Refused as refused:
            raise Impossible(f"line {row.line}: {refused}") from refused

    def _call(self, row: Row, reported_at: datetime) -> actions.Call:
        return actions.Call(
            client=self.cast.client_of(row),
            system=self.cast.system_of(row),
            contact=self.cast.contact_of(row),
            caller_name=row.caller or UNKNOWN_CALLER,
            title=row.symptom or system_name(row) or row.number,
            details=", ".join(part for part in (row.number, row.location, system_name(row)) if part),
            reported_at=reported_at,
            external_ref=row.number,
        )

    def _attempt(self, row: Row, steps: Callable[[], object]) -> None:
        """Do what one row tells. Refused: nothing of the row is done, and the next one goes on."""
        ticket, now, pause_reason, so_far = self.ticket, self.now, self.pause_reason, self.outcome
        self.outcome = Outcome()
        if row.updated_at < now:
            self._adjusted("earlier than what came before it: placed at that instant", row)
        self.now = max(now, row.updated_at)
        try:
            with transaction.atomic():
                steps()
        except Refused as refused:
            self.ticket, self.now, self.pause_reason, self.outcome = ticket, now, pause_reason, Outcome()
            self.outcome.refused[str(refused)].append(row.line)
        so_far.add(self.outcome)
        self.outcome = so_far

    def _follow(self, row: Row, was: Row) -> None:
        did = self._reopen(row, was) + self._hand_over(row, was) + self._regrade(row) + self._move(row)
        self._note(row, was, did)

    # What a row can mean ---------------------------------------------------------------------------------

    def _reopen(self, row: Row, was: Row) -> int:
        is_back = self.ticket.status in DONE and (row.state == State.ACTIVE or row.state.is_awaiting)
        if not is_back and row.reopenings <= was.reopenings:
            return 0
        if self.ticket.status not in DONE:
            return self._instead("reopened in the log while it was still open: a note", row)
        reason = f"Reopened in the log. {row.updated_by}".strip()
        return self._do("reopened", actions.reopen, reason=reason, by=self.cast.actor_of(row))

    def _hand_over(self, row: Row, was: Row) -> int:
        if (row.group, row.person) == (was.group, was.person):
            if row.reassignments > was.reassignments:
                return self._instead("counted as reassigned, but group and person stay: a note", row)
            return 0
        if self.ticket.status == Status.CLOSED:
            return self._instead("handed over after it was closed: a note", row)
        self._assign(row)
        self.outcome.steps["handed over"] += 1
        self.outcome.steps["handed to another group"] += row.group != was.group
        return 1

    def _assign(self, row: Row) -> None:
        group = self.cast.groups[row.group]
        owner = self.cast.people[row.person] if row.person else None
        if group == self.ticket.group and owner is None and self.ticket.owner is None:
            return
        self.ticket = actions.assign(
            self.ticket, owner=owner, group=group, text=row.updated_by, by=self.cast.desk, now=self.now
        )

    def _regrade(self, row: Row) -> int:
        if row.grade is None or row.grade == self.ticket.grade:
            return 0
        if self.ticket.status in DONE:
            return self._instead("another priority after it was resolved: a note", row)
        self._grade(row, row.grade)
        self.outcome.steps["regraded"] += 1
        return 1

    def _grade(self, row: Row, grade: Grade) -> None:
        reason = f"The log says “{row.priority}”." if row.priority else "The log's first priority."
        self.ticket = actions.grade(
            self.ticket, grade, reason=reason, by=self.cast.supervisors[row.group], now=self.now
        )

    def _move(self, row: Row) -> int:
        """Bring the record into the row's state, through the states that must come between."""
        if row.state == State.NEW:
            if self.ticket.status != Status.LOGGED:
                return self._instead("“New” again after work had begun: a note", row)
            return 0
        did = 0
        by = self.cast.actor_of(row)
        if self.ticket.status == Status.LOGGED:
            did += self._do("acknowledged", actions.acknowledge, by=by)
        if row.state == State.ACTIVE and self.ticket.status == Status.WAITING:
            did += self._do("resumed", actions.resume, text=row.updated_by, by=by)
        elif row.state.is_awaiting:
            did += self._pause(row)
        elif row.state == State.RESOLVED and self.ticket.status == Status.CLOSED:
            did += self._instead("“Resolved” again after it was closed: a note", row)
        elif row.state == State.RESOLVED and self.ticket.status != Status.RESOLVED:
            did += self._resolve(row)
        elif row.state == State.CLOSED and self.ticket.status != Status.CLOSED:
            did += self._close(row)
        return did

    def _pause(self, row: Row) -> int:
        if self.ticket.grade == Grade.ONE:
            return self._instead("waiting, which grade 1 never does: a note", row)
        reason, by, did = REASONS[row.state], self.cast.actor_of(row), 0
        if self.ticket.status == Status.WAITING:
            if reason == self.pause_reason:
                return 0
            did += self._do("resumed", actions.resume, text=row.updated_by, by=by)
        self.pause_reason = reason
        until = self.now + LOOK_AGAIN_AFTER
        return did + self._do(
            "paused", actions.pause, reason=reason, text=row.state.value, until=until, by=by
        )

    def _resolve(self, row: Row) -> int:
        parts = [row.closed_code, row.resolved_by]
        solution = ", ".join(part for part in parts if part) or "The log gives no solution."
        by = self.cast.actor_of(row)
        return self._do("resolved", actions.resolve, solution=solution, cause=Cause.OTHER, by=by)

    def _close(self, row: Row) -> int:
        did = 0
        if self.ticket.status != Status.RESOLVED:
            self._adjusted("closed without a row that resolves it: resolved first", row)
            if row.resolved_at and self.now > row.resolved_at >= self._last_change():
                self.now = row.resolved_at
            did += self._resolve(row)
            self.now = max(self.now, row.updated_at)
        if row.closed_at and row.closed_at > self.now:
            self._adjusted("closed_at is later than the row: closed at closed_at", row)
            self.now = row.closed_at
        confirmed_by = row.caller or UNKNOWN_CALLER
        by = self.cast.actor_of(row)
        return did + self._do(
            "confirmed",
            actions.confirm,
            confirmed_by=confirmed_by,
            channel=Channel.PHONE,
            text=row.updated_by,
            by=by,
        )

    def _note(self, row: Row, was: Row, did: int) -> None:
        """Write down what no verb carries: an update that changes no state, and other columns' changes."""
        other = _other_changes(row, was, self.ticket.grade == row.grade != was.grade)
        if did and not other:
            return
        text = ". ".join(part for part in [row.state.value, row.updated_by, *other] if part)
        actions.add_note(self.ticket, text=text, by=self.cast.actor_of(row), now=self.now)
        self.outcome.steps["notes"] += 1

    # -----------------------------------------------------------------------------------------------------

    def _do(self, step: str, verb, **facts: object) -> int:  # type: ignore[no-untyped-def]
        self.ticket = verb(self.ticket, now=self.now, **facts)
        self.outcome.steps[step] += 1
        return 1

    def _instead(self, reason: str, row: Row) -> int:
        self.outcome.noted[reason].append(row.line)
        return 0

    def _adjusted(self, reason: str, row: Row) -> None:
        self.outcome.adjusted[reason].append(row.line)

    def _last_change(self) -> datetime:
        return self.ticket.entries.latest("at").at


def _other_changes(row: Row, was: Row, is_regraded: bool) -> list[str]:
    fields = ["caller", "location", "category", "subcategory", "symptom", "closed_code"]
    fields += [] if is_regraded else ["priority"]
    changed = [name for name in fields if getattr(row, name) != getattr(was, name)]
    return [f"{name}: {getattr(was, name) or '?'} → {getattr(row, name) or '?'}" for name in changed]
