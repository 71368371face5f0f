"""Plans, samples and steps as pure rules (§4.1.1)."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import product
from random import Random

import pytest

from audits.drawing import draw, shares
from audits.following import OF_AUDITORS, STEPS, Standing, Step
from audits.kinds import AuditKind, Days, FindingKind, FindingState
from audits.planning import Subject, spread

DAY = timedelta(days=1)
WORKDAYS = [day for number in range(365) if (day := date(2026, 1, 1) + number * DAY).weekday() < 5]
TIMES = {AuditKind.PROCESS: 2, AuditKind.DOCUMENTS: 2, AuditKind.SOFTWARE: 1, AuditKind.HARDWARE: 1}


def subjects(groups: int, systems: int) -> dict[AuditKind, list[Subject]]:
    own = [Subject(pk) for pk in range(1, groups + 1)]
    in_use = [Subject(pk % groups + 1, pk) for pk in range(1, systems + 1)]
    return {
        AuditKind.PROCESS: own,
        AuditKind.SOFTWARE: in_use,
        AuditKind.HARDWARE: in_use,
        AuditKind.DOCUMENTS: own,
    }


@pytest.mark.parametrize(("groups", "systems"), [(1, 0), (3, 7), (6, 240), (6, 400)])
def test_the_year_is_spread_over_working_days_and_no_day_is_buried(groups: int, systems: int) -> None:
    plan = spread(subjects(groups, systems), TIMES, WORKDAYS)
    assert len(plan) == groups * 4 + systems * 2
    load = Counter(one.day for one in plan)
    assert set(load) <= set(WORKDAYS)
    assert max(load.values()) <= -(-len(plan) // len(WORKDAYS))
    quarters = Counter((one.day.month - 1) // 3 for one in plan)
    assert max(quarters.values()) - min(quarters.values()) <= max(2, len(plan) // 10)
    assert plan == spread(subjects(groups, systems), TIMES, WORKDAYS)
    # The two turns of one subject lie about half a year apart.
    turns = {(one.kind, one.subject, one.turn): one.day for one in plan}
    for pk in range(1, groups + 1):
        first, second = (turns[AuditKind.PROCESS, Subject(pk), turn] for turn in (1, 2))
        assert 150 <= (second - first).days <= 215


def test_nothing_to_audit_and_no_days_give_no_plan() -> None:
    assert spread({AuditKind.PROCESS: []}, TIMES, WORKDAYS) == []
    assert spread(subjects(2, 2), TIMES, []) == []
    assert spread(subjects(2, 2), dict.fromkeys(TIMES, 0), WORKDAYS) == []


def test_the_same_seed_and_population_draw_the_same_sample_in_whatever_order_it_is_read() -> None:
    population = [(pk, (1, 2, 3, 3, 3, None)[pk % 6]) for pk in range(1, 601)]
    first = draw(population, 30, "2026-Q4")
    Random(5).shuffle(population)
    again = draw(population, 30, "2026-Q4")
    assert first == again and len(first.ids) == len(set(first.ids)) == 30
    assert first.strata == {0: (100, 5), 1: (100, 5), 2: (100, 5), 3: (300, 15)}
    assert draw(population, 30, "another").ids != first.ids
    # One record more is another population, and says so.
    other = draw([*population, (601, 1)], 30, "2026-Q4")
    assert other.digest != first.digest
    regraded = [(pk, 1 if grade != 1 else 2) for pk, grade in population]
    assert draw(regraded, 30, "2026-Q4").digest != first.digest


def test_small_populations_are_taken_whole_and_empty_ones_give_nothing() -> None:
    assert set(draw([(1, 1), (2, None)], 10, "s").ids) == {1, 2}
    assert draw([], 10, "s").ids == ()


def test_each_grade_has_one_where_the_sample_is_large_enough() -> None:
    rng = Random(1)
    for _number in range(300):
        counts = {grade: rng.randint(1, rng.choice([3, 50, 5000])) for grade in range(rng.randint(1, 4))}
        size = rng.randint(1, 100)
        taken = shares(counts, size)
        assert sum(taken.values()) == min(size, sum(counts.values()))
        assert all(0 <= taken[grade] <= counts[grade] for grade in counts)
        if size >= len(counts):
            assert all(taken.values())


def test_every_step_is_taken_by_whom_it_belongs_to_and_from_its_state_alone() -> None:
    for state, step, audits, answers, is_owner, has_order, is_answerer in product(
        FindingState, Step, *[(False, True)] * 5
    ):
        standing = Standing(state, audits, answers, is_owner, has_order, is_answerer)
        allowed = not standing.refusal(step)
        belongs = audits if step in OF_AUDITORS else answers
        fits = state in STEPS[step]
        if step == Step.VERIFY:
            fits = fits and not is_owner and not is_answerer
        if step == Step.WITHDRAW:
            fits = fits and not is_owner
        if step in (Step.OPEN_RECORD, Step.OPEN_CORRECTIVE):
            fits = fits and not has_order
        assert allowed == (belongs and fits)


def test_a_danger_is_due_before_a_problem_and_that_before_a_suggestion() -> None:
    days = [
        Days().for_finding(kind) for kind in (FindingKind.DANGER, FindingKind.PROBLEM, FindingKind.SUGGESTION)
    ]
    assert days == sorted(days) and len(set(days)) == 3
