"""The engine against the oracle: generated lives of records, and no difference in what fired, when, to whom.

`script/drill` lives 10,000 of them. OPSDESK_SEED repeats a run; a difference names the history to live again.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import astuple, dataclass, field
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from clients.models import Client, Contract, ServiceHours, ServiceSpan
from duty.models import CalendarDay, DutyRole, Shift
from opsdesk.testing import Cast, at
from staff.models import Notice, User
from tickets import actions
from tickets.models import (
    Cause,
    ClockKind,
    EntryKind,
    Escalation,
    EscalationRule,
    Grade,
    Kind,
    Outcome,
    PauseReason,
    PolicyVersion,
    Ticket,
    TimeLimit,
)
from tickets.tests.oracle import DAY, EPOCH, GRADED, Fired, Limit, Record, Rule, Timetable

IS_DRILL = bool(os.environ.get("OPSDESK_DRILL"))
# In parts: each life is taken back, and what many leave behind in one transaction slows the next ones down.
LIVES, PARTS = (200, 50) if IS_DRILL else (60, 1)
SEED = int(os.environ.get("OPSDESK_SEED", "20261126"))
MINUTE, HOUR = 60, 3600
ZERO = at(f"{EPOCH} 00:00")
FIRST, LAST = at("2026-01-02 00:00"), at("2026-11-20 00:00")
LADDER = ["owner", "on_duty", "supervisor", "technical_lead", "department_manager", "general_manager"]


def seconds(instant: datetime) -> int:
    return round((instant - ZERO).total_seconds())


def instant(second: int) -> datetime:
    return ZERO + timedelta(seconds=second)


@dataclass
class World:
    """The clients, people and shifts among whom the records live, and the same as the oracle sees them."""

    cast: Cast
    clients: list[Client] = field(default_factory=list)
    timetables: dict[int, Timetable] = field(default_factory=dict)
    shifts: list[tuple[int, int, int, User]] = field(default_factory=list)


def build_world(cast: Cast) -> World:
    """Clients with lunch hours, nights, holidays or none of them; a roster with holes; two contracts."""
    world = World(cast)
    kinds = dict(CalendarDay.objects.values_list("date", "kind"))
    holidays = {day for day, kind in kinds.items() if kind in ("statutory", "day_in_lieu")}
    makeup = {day for day, kind in kinds.items() if kind == "makeup_workday"}
    patterns: list[tuple[str, list[int], list[tuple[int, int]], bool]] = [
        ("lunch", [0, 1, 2, 3, 4], [(9 * HOUR, 12 * HOUR), (13 * HOUR + 30 * MINUTE, 18 * HOUR)], False),
        ("six", [0, 1, 2, 3, 4, 5], [(8 * HOUR, 20 * HOUR)], True),
        ("night", [0, 1, 2, 3, 4, 5, 6], [(0, 6 * HOUR), (22 * HOUR, DAY)], False),
    ]
    for code, days, spans, on_holidays in patterns:
        hours = ServiceHours.objects.create(code=code, name=code, open_on_holidays=on_holidays)
        ServiceSpan.objects.bulk_create(
            ServiceSpan(hours=hours, weekday=day, starts=instant(start).time(), ends=instant(end).time())
            for day in days
            for start, end in spans
        )
        group = cast.north if code == "six" else cast.south
        client = Client.objects.create(
            code=code, name=code, type=cast.hospital.type, group=group, hours=hours, address="x"
        )
        world.clients.append(client)
        week = [spans if day in days else [] for day in range(7)]
        world.timetables[client.pk] = Timetable(week, holidays, makeup, on_holidays)
    always = ServiceHours.objects.filter(round_the_clock=True).first()
    client = Client.objects.create(
        code="always", name="a", type=cast.hospital.type, group=cast.south, hours=always, address="x"
    )
    world.clients.append(client)
    world.timetables[client.pk] = Timetable(None)
    _contracts(world)
    _roster(world)
    return world


def _contracts(world: World) -> None:
    lunch, six, *_others = world.clients
    span = {"starts_on": "2025-01-01", "ends_on": "2027-12-31"}
    Contract.objects.create(client=lunch, number="OFFICE-2", grade_two_round_the_clock=False, **span)
    own = Contract.objects.create(client=six, number="OWN", **span)
    for kind, grade, minutes in [("diagnosis", 2, 95), ("resolution", 3, 660), ("response", None, 25)]:
        TimeLimit.objects.create(
            version=PolicyVersion.objects.adopted().get(),
            contract=own,
            kind=kind,
            grade=grade,
            limit=timedelta(minutes=minutes),
            round_the_clock=grade != 3,
            near_percent=60,
            source="the contract",
        )


def _roster(world: World) -> None:
    """Turns of twelve hours with every fifth one empty, for one group; the other has none."""
    people = [world.cast.chen, world.cast.li]
    for number, start in enumerate(range(seconds(FIRST), seconds(LAST) + 60 * DAY, 12 * HOUR)):
        if number % 5:
            world.shifts.append((world.cast.south.pk, start, start + 12 * HOUR, people[number % 2]))
    Shift.objects.bulk_create(
        Shift(
            group_id=group, user=user, role=DutyRole.PRIMARY, starts_at=instant(start), ends_at=instant(end)
        )
        for group, start, end, user in world.shifts
    )


class Life:
    """One record lived twice: by the engine in the database, and by the oracle."""

    def __init__(self, world: World, dice: random.Random) -> None:
        self.world, self.dice = world, dice
        self.client = dice.choice(world.clients)
        self.now = seconds(FIRST) + dice.randrange(seconds(LAST) - seconds(FIRST)) // MINUTE * MINUTE
        self.is_fault = dice.random() < 0.85
        self.told: list[str] = []
        kind = Kind.FAULT if self.is_fault else Kind.REQUEST
        cast = world.cast
        reported = self.now - dice.choice([0, 0, 5, 90]) * MINUTE
        call = actions.Call(
            client=self.client, caller_name="x", title="x", kind=kind, reported_at=instant(reported)
        )
        self.ticket = actions.log_call(call, by=cast.li, now=instant(self.now))
        self.group = self.client.group
        self.owner = self._on_duty(self.now)
        assert self.owner == self.ticket.owner
        self.record = Record(
            self._limit, self._rules, world.timetables[self.client.pk], self._reach, is_fault=self.is_fault
        )
        self.record.log(reported)

    # The policy's rows, as they stand in the tables

    def _limit(self, kind: str, grade: int | None) -> Limit:
        rows = TimeLimit.objects.filter(kind=kind, grade=grade, work="")
        row = rows.filter(contract__client=self.client).first() or rows.get(contract=None)
        round_the_clock = row.round_the_clock
        if self.client.code == "lunch" and self.record.grade == 2 and row.contract is None:
            round_the_clock = False  # what its contract says of grade 2
        return Limit(round(row.limit.total_seconds()), row.near_percent, round_the_clock)

    def _rules(self, kind: str, grade: int | None) -> list[Rule]:
        rows = EscalationRule.objects.filter(kind=kind, grade=grade, is_active=True)
        return [
            Rule(round(row.after.total_seconds()) if row.after is not None else None, row.percent, row.target)
            for row in rows
        ]

    # Who is told

    def _reach(self, target: str, now: int) -> tuple[str, ...]:
        for step in LADDER[LADDER.index(target) :]:
            if found := self._people(step, now):
                return tuple(sorted(found))
        return (self.world.cast.admin.username,)

    def _people(self, step: str, now: int) -> list[str]:
        cast = self.world.cast
        there = {
            "owner": [self.owner] if self.owner else [],
            "on_duty": [self._on_duty(now)] if self._on_duty(now) else [],
            "supervisor": [cast.wang] if self.group == cast.south else [],
            "technical_lead": [cast.liu],
            "department_manager": [cast.zhao],
            "general_manager": [cast.qian],
        }[step]
        return [user.username for user in there if user.is_active]

    def _on_duty(self, now: int) -> User | None:
        for pk, start, end, user in self.world.shifts:
            if pk == self.group.pk and start <= now < end:
                return user if user.is_active else None
        return None

    # Living

    def live(self) -> None:
        for _step in range(self.dice.randrange(2, 14)):
            self._wait()
            possible = self._possible()
            if not possible:
                break
            self.dice.choice(possible)()
            self.ticket.refresh_from_db()
            assert self.ticket.status == self.record.status
        self.now += 40 * DAY
        self._sweep()

    def _wait(self) -> None:
        """Let time pass: often to the very second of something, or the one after."""
        coming = self.record.upcoming()
        if coming and self.dice.random() < 0.35:
            self.now = max(self.now, self.dice.choice(coming[:4]) + self.dice.choice([0, 0, 1]))
        else:
            self.now += self.dice.choice([0, 1, 7, 40, 200, 1500, 4000]) * MINUTE + self.dice.choice([0, 13])

    def _possible(self) -> list[Callable[[], None]]:
        record, graded = self.record, self.record.grade is not None or not self.is_fault
        found: list[Callable[[], None]] = [self._sweep, self._sweep, self._somebody_leaves_or_returns]
        if record.status in ("logged", "in_progress", "waiting"):
            found += [self._assign] + ([self._grade] if self.is_fault else [])
            found += [self._convene] if record.grade in (1, 2) and record.meeting != "open" else []
            found += [self._decide] * 2 if self._outcomes() else []
        if record.status == "logged":
            found += [self._acknowledge] * 2
        if record.status in ("in_progress", "waiting"):
            found += [self._diagnose] if self.is_fault and graded and not record.diagnosed else []
            found += [self._resolve] if graded else []
            found += [self._tell_client] if self.is_fault else []
        if record.status == "in_progress" and graded and record.grade != 1:
            found += [self._pause] * 2
        if record.status == "waiting":
            found += [self._resume] * 2
        if record.status == "resolved":
            found.append(self._confirm)
        if record.status in ("resolved", "closed"):
            found.append(self._reopen)
        return found

    def _do(self, verb: Callable[..., object], by: User, **more: object) -> None:
        verb(self.ticket, **more, by=by, now=instant(self.now))

    def _sweep(self) -> None:
        actions.enforce_deadlines(now=instant(self.now))
        self.record.look(self.now)

    def _somebody_leaves_or_returns(self) -> None:
        user = self.dice.choice([self.world.cast.chen, self.world.cast.wang, self.world.cast.liu])
        self._sweep()  # who is told is decided when it fires
        user.is_active = not user.is_active
        user.save(update_fields=["is_active"])

    def _assign(self) -> None:
        cast = self.world.cast
        people = [cast.outsider] if self.group == cast.north else [cast.chen, cast.wang, cast.li]
        owner = self.dice.choice([user for user in people if user.is_active])
        self.record.look(self.now)
        self._do(actions.assign, cast.li, owner=owner)
        self.owner = owner

    def _acknowledge(self) -> None:
        self.record.acknowledge(self.now)
        by = self.world.cast.li
        self._do(actions.acknowledge, by)
        self.owner = by

    def _grade(self) -> None:
        to = self.dice.choice([grade for grade in (1, 2, 3) if grade != self.record.grade])
        self.record.set_grade(to, self.now)
        self._do(actions.grade, self.world.cast.admin, to=Grade(to), reason=f"x{self.now}")

    def _diagnose(self) -> None:
        self.record.diagnose(self.now)
        self._do(actions.diagnose, self.world.cast.li, diagnosis="x", cause=Cause.OTHER)

    def _tell_client(self) -> None:
        self.record.tell_client(self.now)
        self._do(actions.tell_client, self.world.cast.li, text="x", told="x")

    def _convene(self) -> None:
        self.record.convene(self.now)
        self._do(actions.convene, self.world.cast.li, reason="x")

    def _outcomes(self) -> list[str]:
        """What may be decided: what its grade knows, but for what has been decided."""
        known = {1: ["remote_can", "remote_cannot"], 2: ["guide", "remote", "on_site"]}
        met = self.record.meeting not in ("", "closed")
        return [each for each in known.get(self.record.grade or 0, []) if met and each != self.record.meeting]

    def _decide(self) -> None:
        outcome = self.dice.choice(self._outcomes())
        self.record.decide(outcome, self.now)
        self._do(actions.decide, self.world.cast.li, outcome=Outcome(outcome), reason="x")

    def _pause(self) -> None:
        until = self.now + self.dice.choice([10, 95, 1440, 5000]) * MINUTE
        self.record.pause(self.now, until)
        self._do(actions.pause, self.world.cast.li, reason=PauseReason.PARTS, text="x", until=instant(until))

    def _resume(self) -> None:
        self.record.resume(self.now)
        self._do(actions.resume, self.world.cast.li)

    def _resolve(self) -> None:
        self.record.resolve(self.now)
        self._do(actions.resolve, self.world.cast.li, solution="x", cause=Cause.OTHER)

    def _confirm(self) -> None:
        self.record.confirm(self.now)
        self._do(actions.confirm, self.world.cast.li, confirmed_by="x", channel="phone")

    def _reopen(self) -> None:
        self.record.reopen(self.now)
        self._do(actions.reopen, self.world.cast.li, reason="x")


def written(ticket: Ticket) -> list[Fired]:
    """What the record's history says, in the order in which it was written."""
    usernames = dict(User.objects.values_list("name", "username"))
    found = []
    kinds = [EntryKind.NEAR, EntryKind.BREACHED, EntryKind.REPORTED_UP]
    for entry in ticket.entries.filter(kind__in=kinds).order_by("pk"):
        says = entry.changes
        due = seconds(datetime.fromisoformat(says["due_at"]))
        told = tuple(sorted(usernames[name] for name in says.get("told", ())))
        found.append(
            Fired(seconds(entry.at), due, str(entry.kind), says["clock"], says.get("target", ""), told)
        )
    return found


def reached(ticket: Ticket) -> list[tuple[object, ...]]:
    """Whom the report-ups themselves name."""
    fired = Escalation.objects.fired().filter(ticket=ticket).prefetch_related("told")
    return sorted(
        (
            seconds(step.fired_at),
            seconds(step.due_at),
            step.target,
            tuple(sorted(u.username for u in step.told.all())),
        )
        for step in fired
    )


def test_every_kind_of_clock_is_known_to_the_oracle() -> None:
    known = {*GRADED, "grading", "confirmation", "next_step"}
    assert {str(kind) for kind in ClockKind} == known


@pytest.mark.drill("oracle")
@pytest.mark.django_db
@pytest.mark.parametrize("part", range(PARTS))
def test_the_engine_and_the_oracle_agree(cast: Cast, part: int) -> None:
    world = build_world(cast)
    fired, differences = 0, []
    for number in range(part * LIVES, (part + 1) * LIVES):
        with transaction.atomic():
            for user in (cast.chen, cast.wang, cast.liu):
                user.is_active = True
            life = Life(world, random.Random(f"{SEED}/{number}"))
            life.live()
            engine, oracle = written(life.ticket), life.record.history
            fired += len(oracle)
            if [(step.at, step.due) for step in engine] != [(step.at, step.due) for step in oracle]:
                differences.append(f"history {number}: another order")
            differences += [f"history {number}, the engine alone: {step}" for step in alone(engine, oracle)]
            differences += [f"history {number}, the oracle alone: {step}" for step in alone(oracle, engine)]
            said = sorted((s.at, s.due, s.target, s.told) for s in oracle if s.target)
            if reached(life.ticket) != said:
                differences.append(f"history {number}: the report-ups name others")
            if Notice.objects.filter(kind="report_up").count() != sum(len(step.told) for step in oracle):
                differences.append(f"history {number}: not one notice for each who was told")
            transaction.set_rollback(True)
    print(f"{LIVES} histories, {fired} steps, {len(differences)} differences")  # noqa: T201
    assert fired > LIVES * 5
    assert not differences, "\n".join(differences[:20])


def alone(these: list[Fired], those: list[Fired]) -> list[tuple[object, ...]]:
    return sorted((Counter(map(astuple, these)) - Counter(map(astuple, those))).elements())


@pytest.mark.django_db
def test_the_oracle_would_see_a_difference(cast: Cast) -> None:
    """The control: one second more on one limit is one difference at least."""
    world = build_world(cast)
    with transaction.atomic():
        life = Life(world, random.Random(SEED))
        life.record.clocks[0].limit.seconds += 1
        life.now += 40 * DAY
        life._sweep()
        assert sorted(written(life.ticket)) != sorted(life.record.history)
