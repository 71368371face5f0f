"""The resolver against the oracle: generated schedules, and no difference in who has which duty, and why.

`script/drill roster` tries 5,000 of them. OPSDESK_SEED repeats a run; a difference names the schedule.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest

from duty.official import plan_of
from duty.resolving import Absence, Change, Claim, Plan, Source, resolve
from duty.rotation import Rotation, turns
from duty.tests.roster_oracle import SLOTS, Turning, World
from opsdesk.testing import SHANGHAI

IS_DRILL = bool(os.environ.get("OPSDESK_DRILL"))
SCHEDULES = 5_000 if IS_DRILL else 250
SEED = int(os.environ.get("OPSDESK_SEED", "20261126"))
DAYS, PEOPLE, ROLES = 10, [1, 2, 3, 4, 5], ["primary", "backup"]
HALF_HOUR, DAY = timedelta(minutes=30), timedelta(days=1)
LEVELS = ["rotation", "layer", "layer", "holiday"]
CALENDAR = [day for year in (2025, 2026) for day in plan_of(year).days]
KIND_OF = {day.date: str(day.kind) for day in CALENDAR}


def draw(rng: random.Random) -> tuple[World, date]:
    """A schedule of ten days, now and then about a make-up Saturday, a month's end or Spring Festival."""
    zero = rng.randrange(60, len(CALENDAR) - 60)
    world = World([day.date.weekday() for day in CALENDAR], [str(day.kind) for day in CALENDAR], zero)

    def span(longest: int = 3 * SLOTS) -> tuple[int, int]:
        begins = rng.randrange(-SLOTS, DAYS * SLOTS)
        return begins, begins + rng.randint(1, longest)

    for number in range(1, rng.randint(2, 7)):
        level = rng.choice(LEVELS)
        since = rng.choice([-20 * SLOTS, rng.randrange(-SLOTS, 5 * SLOTS)])
        ends = rng.random() < 0.3
        world.rotations.append(
            Turning(
                number=number,
                role=rng.choice(ROLES),
                people=rng.sample(PEOPLE, rng.randint(1, 4)),
                start=rng.randrange(SLOTS),
                end=rng.randrange(SLOTS),
                first=rng.randint(-20, 6),
                since=since,
                until=since + rng.randint(1, 30 * SLOTS) if ends else None,
                every=rng.choice([1, 1, 1, 2, 3]),
                weekly=rng.random() < 0.3,
                weekdays=rng.sample(range(7), rng.randint(1, 5)) if rng.random() < 0.3 else [],
                kinds=rng.sample(sorted(set(world.kind)), rng.randint(1, 4)) if rng.random() < 0.3 else [],
                level=level,
                priority=rng.randint(1, 2) if level == "layer" else 0,
                version_of=number,
            )
        )
        if rng.random() < 0.2:
            _next_version(world, rng)
    taken: set[tuple[str, int]] = set()
    for number in range(1, rng.randint(1, 4)):
        role, (begins, ends) = rng.choice(ROLES), span()
        slots = {(role, slot) for slot in range(begins, ends)}
        if not slots & taken:  # no two temporary schedules of a role at once
            taken |= slots
            world.blocks.append((number, role, rng.choice(PEOPLE), begins, ends))
    for number in range(1, rng.randint(1, 6)):
        goes, comes = rng.sample(PEOPLE, 2)
        world.swaps.append((number, rng.choice(ROLES), goes, comes, *span()))
    for number in range(1, rng.randint(1, 6)):
        one, other = rng.sample(PEOPLE, 2)
        goes, comes = rng.choice([(None, one), (one, other), (one, None), (None, None)])
        world.words.append((number, rng.choice(ROLES), goes, comes, *span()))
    free = dict.fromkeys(PEOPLE, -SLOTS)
    for number in range(1, rng.randint(1, 5)):
        person, (begins, ends) = rng.choice(PEOPLE), span()
        if begins >= free[person]:  # nobody is on two leaves at once
            free[person] = ends
            world.leaves.append((number, person, begins, ends))
    return world, CALENDAR[zero].date


def _next_version(world: World, rng: random.Random) -> None:
    """The last rotation, changed from an instant on."""
    old = world.rotations[-1]
    if old.until is None or old.until > old.since + 1:
        since = old.since + rng.randint(1, 30 * SLOTS if old.until is None else old.until - old.since - 1)
        facts = vars(old) | {"number": old.number + 100, "since": since, "people": old.people[::-1]}
        old.until = since
        world.rotations.append(Turning(**(facts | {"start": rng.randrange(SLOTS)})))


def plan_of_world(world: World, zero: date) -> tuple[Plan, Callable[[int], datetime]]:
    """The same schedule as the resolver reads it, in an order of no meaning."""

    def instant(slot: int) -> datetime:
        return datetime.combine(zero, time(0), SHANGHAI) + slot * HALF_HOUR

    claims = []
    for one in world.rotations:
        rule = Rotation(
            role=one.role,
            people=tuple(one.people),
            starts=time(one.start // 2, one.start % 2 * 30),
            ends=time(one.end // 2, one.end % 2 * 30),
            first_day=zero + one.first * DAY,
            since=instant(one.since),
            until=None if one.until is None else instant(one.until),
            every=one.every,
            by_week=one.weekly,
            weekdays=frozenset(one.weekdays),
            kinds=frozenset(one.kinds),
        )
        source = Source(one.level)
        for turn in turns(rule, KIND_OF.__getitem__, instant(0), instant(DAYS * SLOTS), SHANGHAI):
            ends = (turn.starts_at, turn.ends_at)
            claims.append(
                Claim(*ends, one.role, turn.person, source, one.number, one.version_of, one.priority)
            )
    for number, role, person, begins, ends in world.blocks:
        claims.append(Claim(instant(begins), instant(ends), role, person, Source.TEMPORARY, number, number))
    random.Random(len(claims)).shuffle(claims)
    changes = [
        Change(instant(begins), instant(ends), role, goes, comes, source, number)
        for source, rows in ((Source.SWAP, world.swaps), (Source.OVERRIDE, world.words))
        for number, role, goes, comes, begins, ends in rows
    ]
    away = [
        Absence(instant(begins), instant(ends), who, number) for number, who, begins, ends in world.leaves
    ]
    return Plan(claims, changes, away), instant


def differences(seed: str) -> list[str]:
    world, zero = draw(random.Random(seed))
    plan, instant = plan_of_world(world, zero)
    said: dict[tuple[str, int], tuple] = {}
    wrong = []
    for piece in resolve(plan, instant(0), instant(DAYS * SLOTS)):
        begins, ends = ((end - instant(0)) // HALF_HOUR for end in (piece.starts_at, piece.ends_at))
        for slot in range(begins, ends):
            if (piece.role, slot) in said:
                wrong.append(f"{seed}: twice at {piece.role} {slot}")
            said[piece.role, slot] = (piece.person, piece.planned, piece.source.value, piece.key, piece.leave)
    for role in ROLES:
        for slot in range(DAYS * SLOTS):
            expected = world.at(slot, role)
            if said.get((role, slot)) != expected:
                wrong.append(f"{seed}: {role} {slot}: {said.get((role, slot))}, not {expected}")
    return wrong


@pytest.mark.drill("roster")
def test_every_half_hour_of_every_schedule_is_as_the_oracle_has_it(record_property):
    wrong = [line for number in range(SCHEDULES) for line in differences(f"{SEED}-{number}")]
    record_property("schedules", SCHEDULES)
    record_property("differences", len(wrong))
    assert not wrong, "\n".join(wrong[:10])


def test_the_oracle_sees_a_difference():
    """A resolver that lets overrides come before swaps is found out."""
    found = 0
    for number in range(40):
        world, zero = draw(random.Random(f"{SEED}-{number}"))
        plan, instant = plan_of_world(world, zero)
        backwards = Plan(plan.claims, plan.changes[::-1], plan.absences)
        end = instant(DAYS * SLOTS)
        found += resolve(backwards, instant(0), end) != resolve(plan, instant(0), end)
    assert found > 5
