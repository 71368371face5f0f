"""What a record says, as far as its documents need it: names and labels in the document's language. Pure.

Instants are aware, in the zone in which the document writes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tickets.clocks import ClockState


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of the course of events. What is not `for_client` is the house's own."""

    at: datetime
    what: str
    who: str
    detail: str
    said: str
    for_client: bool
    names_who_to_client: bool
    said_to_client: bool


@dataclass(frozen=True, slots=True)
class Limit:
    """A clock with its limit; `is_promised` to the client or the house's own."""

    name: str
    limit: timedelta
    round_the_clock: bool
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    state: ClockState
    is_promised: bool


@dataclass(frozen=True, slots=True)
class ReportUp:
    at: datetime
    clock: str
    target: str
    told: tuple[str, ...]
    acknowledged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    engineer: str
    ordered_at: datetime
    departed_at: datetime | None
    arrived_at: datetime | None
    left_at: datetime | None
    called_off_at: datetime | None
    outcome: str
    reason: str
    signed_by: str

    @property
    def is_open(self) -> bool:
        return self.left_at is None and self.called_off_at is None


@dataclass(frozen=True, slots=True)
class Decision:
    at: datetime
    outcome: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Meeting:
    convened_at: datetime
    reason: str
    invited: tuple[str, ...]
    decisions: tuple[Decision, ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Session:
    operator: str
    allowed_by: str
    started_at: datetime
    ended_at: datetime | None
    summary: str


@dataclass(frozen=True, slots=True)
class Case:
    """An overrun as far as it has come; without a ruling `cause` and `ruling` are empty."""

    clock: str
    due_at: datetime
    late: timedelta
    person: str
    state: str
    explanation: str
    cause: str
    is_excused: bool
    ruling: str


@dataclass(frozen=True, slots=True)
class Worker:
    name: str
    parts: tuple[str, ...]
    minutes: int
    for_client: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """One record at `now`, whole: what an edition leaves out, the document decides."""

    now: datetime
    zone: str
    number: str
    title: str
    details: str
    client: str
    system: str
    caller: str
    group: str
    owner: str
    hotline: str
    grade: str
    clause: str
    grade_reason: str
    status: str
    reported_at: datetime
    logged_at: datetime
    acknowledged_at: datetime | None
    diagnosed_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    reopened: int
    cause: str
    diagnosis: str
    solution: str
    confirmed_by: str
    confirmed_how: str
    files: tuple[str, ...]
    happenings: tuple[Happening, ...]
    limits: tuple[Limit, ...]
    report_ups: tuple[ReportUp, ...]
    visits: tuple[Visit, ...]
    meetings: tuple[Meeting, ...]
    sessions: tuple[Session, ...]
    cases: tuple[Case, ...]
    workers: tuple[Worker, ...]
