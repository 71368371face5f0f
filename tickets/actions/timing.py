"""Start, stop and recompute the clocks of a locked record. Not verbs: the verbs call these.

Every instant comes from `tickets.clocks.instant_at`: the deadline, the near mark and each report-up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Contract
from duty.calendar import working_time
from duty.hours import ROUND_THE_CLOCK, Hours
from staff.prepared import prepared
from tickets import clocks, escalation, terms
from tickets.lifecycle import Refused
from tickets.models import (
    LIMITED_BY_GRADE,
    PAUSING,
    Clock,
    ClockKind,
    Escalation,
    EscalationRule,
    Grade,
    Pause,
    PolicyState,
    Ticket,
    TimeLimit,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A clock that is not written yet, placed in time, with one report-up per rule that applies to it."""

    clock: Clock
    report_ups: Sequence[Escalation]


def start(ticket: Ticket, kind: ClockKind, *, at: datetime) -> Clock:
    """Start a clock by the time limit of the record's grade, with its report-ups planned.

    `at` is when the client's waiting began (the call, or the reopening), not when the row is written.
    Raises `Refused` when no limit is set for this clock and grade.
    """
    return write(plan(ticket, kind, at=at))[0]


def plan(
    ticket: Ticket, kind: ClockKind, *, at: datetime, contracts: Sequence[Contract] | None = None
) -> Plan:
    """Plan what `start` starts; a record that is not written yet has had no clock and no pause.

    `contracts` are those that cover the record at that time, where they are known already.
    """
    contracts = contracts_for(ticket, at) if contracts is None else contracts
    limit = limit_for(ticket, kind, contracts)
    before = ticket.clocks.filter(kind=kind, stopped_at__isnull=False).count() if ticket.pk else 0
    clock = Clock(
        ticket=ticket,
        kind=kind,
        cycle=before + 1,
        grade=ticket.grade,
        limit=limit.limit,
        near_percent=limit.near_percent,
        round_the_clock=_is_round_the_clock(ticket, limit, contracts),
        started_at=at,
    )
    return _plan(clock, ticket)


def write(*plans: Plan) -> list[Clock]:
    """Write planned clocks of a record that is written, and their report-ups: two statements for all."""
    clocks = Clock.objects.bulk_create([plan.clock for plan in plans])
    Escalation.objects.bulk_create([report_up for plan in plans for report_up in plan.report_ups])
    return clocks


def start_next_step(ticket: Ticket, *, until: datetime, now: datetime) -> Clock:
    """Give the record a dated next step: a clock that ends at `until`, round the clock."""
    clock = Clock(
        ticket=ticket,
        kind=ClockKind.NEXT_STEP,
        cycle=ticket.clocks.filter(kind=ClockKind.NEXT_STEP).count() + 1,
        grade=ticket.grade,
        limit=until - now,
        round_the_clock=True,
        started_at=now,
    )
    return write(_plan(clock, ticket))[0]


def stop(ticket: Ticket, *kinds: ClockKind, now: datetime) -> None:
    """Stop the running clocks of these kinds; their report-ups that have not fired never will."""
    for clock in ticket.clocks.running().filter(kind__in=kinds):
        if clock.is_paused:
            _place(clock, ticket, pause_ends=now)  # a stopped clock keeps the deadline that it would have had
        clock.stopped_at, clock.next_at = now, None
        clock.save()
        clock.escalations.filter(fired_at__isnull=True).delete()


def drop(ticket: Ticket, *kinds: ClockKind, now: datetime) -> set[str]:
    """End the running clocks of these kinds without an answer: nothing is owed any more. Return which ran.

    One that was not due yet counts for nothing; one that was overdue has been stopped too late.
    """
    dropped = list(ticket.clocks.running().filter(kind__in=kinds))
    for clock in dropped:
        if clock.due_at is not None and clock.due_at < now:
            clock.stopped_at = now
        else:
            clock.superseded_at = now
        clock.next_at = None
        clock.save()
        clock.escalations.filter(fired_at__isnull=True).delete()
    return {clock.kind for clock in dropped}


def replace(ticket: Ticket, *, now: datetime) -> None:
    """Put new limits on the running clocks after a regrade. Elapsed time is kept, the old rows too.

    What the new grade has no limit for, and need not have one, is not owed any more.
    """
    for old in ticket.clocks.running().filter(kind__in=LIMITED_BY_GRADE):
        if old.kind == ClockKind.PROGRESS and not is_limited(ticket, ClockKind.PROGRESS, at=old.started_at):
            drop(ticket, ClockKind.PROGRESS, now=now)
            continue
        contracts = contracts_for(ticket, old.started_at)
        limit = limit_for(ticket, ClockKind(old.kind), contracts)
        round_the_clock = _is_round_the_clock(ticket, limit, contracts)
        if (old.limit, old.round_the_clock, old.grade) == (limit.limit, round_the_clock, ticket.grade):
            continue
        old.superseded_at, old.next_at = now, None
        old.save()
        old.escalations.filter(fired_at__isnull=True).delete()
        start(ticket, ClockKind(old.kind), at=old.started_at)


def recompute(ticket: Ticket) -> None:
    """Place the running clocks anew, after a pause began or ended."""
    for clock in ticket.clocks.running().filter(kind__in=PAUSING):
        _place(clock, ticket)
        clock.next_at = next_instant(clock)
        clock.save()


def set_aside(ticket: Ticket, *, now: datetime) -> None:
    """Let no clock of a record count any more: another record answers for it (`take_up_again`).

    What was stopped already is set aside too, so that one matter counts once. Nothing of them is lost.
    """
    for clock in ticket.clocks.current():
        clock.superseded_at, clock.next_at = now, None
        clock.save()
        clock.escalations.filter(fired_at__isnull=True).update(due_at=None)


def drop_moot(ticket: Ticket) -> None:
    """Let no report-up come that was meant for a state which a locked record has left (§5.4)."""
    planned = Escalation.objects.filter(ticket=ticket, fired_at__isnull=True).exclude(rule__only_while="")
    cancel(step for step in planned.select_related("rule") if not _is_in_state(step.rule, ticket))


def cancel(report_ups: Iterable[Escalation]) -> None:
    """Let these report-ups of locked records never come, and their clocks ring when the others say."""
    dropped = list(report_ups)
    Escalation.objects.filter(pk__in=[step.pk for step in dropped]).delete()
    for clock in Clock.objects.running().filter(pk__in={step.clock_id for step in dropped}):
        clock.next_at = next_instant(clock)
        clock.save(update_fields=["next_at"])


def take_up_again(ticket: Ticket, *, set_aside_at: datetime) -> None:
    """Let the clocks count again that were set aside at that instant, as if they had run all the time.

    Start, limit and pauses are what they were, so nothing is forgiven: what has come due meanwhile is due.
    """
    newest: dict[tuple[str, int], Clock] = {}
    for clock in ticket.clocks.filter(superseded_at=set_aside_at).order_by("pk"):
        newest[clock.kind, clock.cycle] = clock  # a regrade at the same instant has left older ones
    for clock in newest.values():
        clock.superseded_at = None
        if clock.stopped_at is None:
            _place(clock, ticket)
            clock.next_at = next_instant(clock)
        clock.save()


def contracts_for(ticket: Ticket, at: datetime) -> list[Contract]:
    """Return the contracts that cover the record's system on the day of `at`."""
    return _covering(ticket.client_id, ticket.system_id, timezone.localdate(at))


def limit_for(ticket: Ticket, kind: ClockKind, contracts: Sequence[Contract]) -> TimeLimit:
    """Return the limit that holds by the policy in force: the contract's own, else the default."""
    limit = _limit(ticket, kind, contracts)
    if limit is None:
        raise Refused(_("No time limit is set for this clock and grade."), code="no_time_limit")
    return limit


def is_limited(ticket: Ticket, kind: ClockKind, *, at: datetime) -> bool:
    """Say whether the policy in force has a limit for a clock of this record that starts at `at`."""
    return _limit(ticket, kind, contracts_for(ticket, at)) is not None


def _limit(ticket: Ticket, kind: ClockKind, contracts: Sequence[Contract]) -> TimeLimit | None:
    found = _limits(ClockKind(kind), _grade_for(kind, ticket), ticket.client_id)
    return terms.limit_that_holds(found, ticket.kind, [contract.pk for contract in contracts])


@prepared
def _covering(client: int, system: int | None, on: date) -> QuerySet[Contract]:
    return Contract.objects.covering(client, system, on)


@prepared
def _limits(kind: ClockKind, grade: Grade | None, client: int) -> QuerySet[TimeLimit]:
    """The limits in force of a clock and grade: the defaults, and those of this client's contracts."""
    in_force = TimeLimit.objects.filter(version__state=PolicyState.ADOPTED, kind=kind, grade=grade)
    return in_force.filter(Q(contract__isnull=True) | Q(contract__client=client))


@prepared
def _rules(kind: ClockKind, grade: Grade | None) -> QuerySet[EscalationRule]:
    in_force = EscalationRule.objects.filter(version__state=PolicyState.ADOPTED, is_active=True)
    return in_force.filter(kind=kind, grade=grade).order_by("id")


def next_instant(clock: Clock) -> datetime | None:
    """Return the next instant at which something is to happen to a running clock, or None."""
    return _soonest(clock, clock.escalations.planned().values_list("due_at", flat=True)[:1])


def hours_for(ticket: Ticket, round_the_clock: bool, since: datetime) -> Hours:
    """Return the hours in which a clock of this record runs."""
    return ROUND_THE_CLOCK if round_the_clock else working_time(ticket.client.hours, since=since.date())


def _grade_for(kind: str, ticket: Ticket) -> Grade | None:
    return Grade(ticket.grade) if ticket.grade and kind in LIMITED_BY_GRADE else None


def _is_round_the_clock(ticket: Ticket, limit: TimeLimit, contracts: Sequence[Contract]) -> bool:
    return terms.is_round_the_clock(
        limit, ticket.grade, [contract.grade_two_round_the_clock for contract in contracts]
    )


def _is_in_state(rule: EscalationRule, ticket: Ticket) -> bool:
    return escalation.holds(
        rule.only_while,
        is_acknowledged=ticket.acknowledged_at is not None,
        is_diagnosed=ticket.diagnosed_at is not None,
    )


def _plan(clock: Clock, ticket: Ticket) -> Plan:
    """Place a new clock in time, with one planned report-up per rule that applies to it."""
    intervals, hours = _place(clock, ticket)
    planned = []
    for rule in _rules(ClockKind(clock.kind), _grade_for(clock.kind, ticket)):
        if not _is_in_state(rule, ticket):
            continue
        for turn, offset in enumerate(terms.offsets(rule, clock.limit)):
            planned.append(
                Escalation(
                    ticket=ticket,
                    clock=clock,
                    rule=rule,
                    turn=turn,
                    target=rule.target,
                    offset=offset,
                    due_at=clocks.instant_at(clock.started_at, offset, hours, intervals),
                )
            )
    clock.next_at = _soonest(clock, (report_up.due_at for report_up in planned))
    return Plan(clock, planned)


def _soonest(clock: Clock, report_ups: Iterable[datetime | None]) -> datetime | None:
    """Of a clock's own instants that have not been marked, and its report-ups to come, the first."""
    instants = [clock.near_at if clock.near_marked_at is None else None]
    instants.append(clock.due_at if clock.breached_marked_at is None else None)
    instants.extend(report_ups)
    return min((instant for instant in instants if instant is not None), default=None)


def _place(
    clock: Clock, ticket: Ticket, *, pause_ends: datetime | None = None
) -> tuple[Sequence[clocks.Interval], Hours]:
    """Set the clock's instants, and those of its report-ups still to come, from its start and the pauses.

    An open pause leaves them empty, unless it is to be reckoned as if it ended at `pause_ends`.
    """
    intervals: list[clocks.Interval] = []
    if clock.kind in PAUSING and ticket.pk:
        pauses = Pause.objects.filter(ticket=ticket)
        intervals = [clocks.Interval(pause.started_at, pause.ended_at or pause_ends) for pause in pauses]
    hours = hours_for(ticket, clock.round_the_clock, clock.started_at)
    clock.due_at = clocks.due_at(clock.started_at, clock.limit, hours, intervals)
    clock.near_at = clocks.near_at(clock.started_at, clock.limit, clock.near_percent, hours, intervals)
    if clock.pk:
        for step in clock.escalations.filter(fired_at__isnull=True):
            step.due_at = clocks.instant_at(clock.started_at, step.offset, hours, intervals)
            step.save(update_fields=["due_at"])
    return intervals, hours
