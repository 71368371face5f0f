"""Who may do what about an overrun, and by when: tables, without a database."""

import random
from datetime import date, timedelta
from itertools import product

import pytest

from duty.hours import DAY, MINUTES_A_DAY, Day, Span, WorkingTime
from opsdesk.testing import SHANGHAI, at
from tickets.accountability import ABOVE_ALL, OverrunState, Standing, Step, Terms, may_be_excused

ALL_DAY = (Span(0, MINUTES_A_DAY),)
# The national holiday of 2026 as it is known here: 1 to 7 October off, the Sunday before it worked.
HOLIDAY = {date(2026, 10, day): Day.OFF for day in range(1, 8)} | {date(2026, 9, 27): Day.MAKEUP}
TERMS = Terms(1, 3, 3, 3, WorkingTime((ALL_DAY,) * 5 + ((),) * 2, HOLIDAY, SHANGHAI))
FACTS = {
    "state": OverrunState.OPEN,
    "counts": True,
    "is_own": False,
    "level": 0,
    "ruled_level": 0,
    "was_ruler": False,
    "was_heard": True,
    "is_appealable": True,
}


def standing(**facts: object) -> Standing:
    return Standing(**(FACTS | facts))


@pytest.mark.parametrize(
    ("since", "days", "end"),
    [
        ("2026-11-23 09:30", 1, "2026-11-25 00:00"),  # Monday: the whole of Tuesday
        ("2026-11-23 00:00", 1, "2026-11-25 00:00"),
        ("2026-11-23 23:59", 1, "2026-11-25 00:00"),
        ("2026-11-19 17:00", 3, "2026-11-25 00:00"),  # Thursday: Friday, Monday, Tuesday
        ("2026-11-21 12:00", 1, "2026-11-24 00:00"),  # Saturday
        ("2026-09-29 16:00", 3, "2026-10-10 00:00"),  # Wednesday, then the holiday, Thursday, Friday
        ("2026-09-25 16:00", 1, "2026-09-28 00:00"),  # Friday: the Sunday is worked
        ("2026-10-03 10:00", 3, "2026-10-13 00:00"),  # in the holiday: Thursday, Friday, Monday
    ],
)
def test_a_term_is_whole_working_days_after_the_day_it_began(since: str, days: int, end: str) -> None:
    assert TERMS.ends_at(at(since), days) == at(end)


def test_a_term_is_over_just_when_its_end_has_passed() -> None:
    rng = random.Random(4)
    start = at("2026-09-01 00:00")
    tried = {True: 0, False: 0}
    for _round in range(3000):
        since = start + rng.randrange(60 * 24) * timedelta(hours=1)
        now = since + rng.randrange(14 * 24) * timedelta(hours=1) + rng.choice([0, 1]) * timedelta.resolution
        days = rng.randrange(5)
        is_over = TERMS.ends_at(since, days) < now
        assert (since < TERMS.over_since(now, days)) == is_over, (since, now, days)
        tried[is_over] += 1
    assert min(tried.values()) > 500


def test_each_state_has_its_own_due_time() -> None:
    monday = at("2026-11-23 09:30")
    facts = {
        "has_person": True,
        "opened_at": monday,
        "explained_at": monday + DAY,
        "appeal_until": monday + 2 * DAY,
        "appealed_at": monday + 4 * DAY,
    }
    due = {state: TERMS.due_at(state, **facts) for state in OverrunState}
    assert due == {
        OverrunState.OPEN: at("2026-11-25 00:00"),
        OverrunState.EXPLAINED: at("2026-11-28 00:00"),
        OverrunState.RULED: monday + 2 * DAY,
        OverrunState.APPEALED: at("2026-12-03 00:00"),
        OverrunState.SETTLED: None,
    }
    nobody = facts | {"has_person": False}
    assert TERMS.due_at(OverrunState.OPEN, **nobody) == at("2026-11-27 00:00")  # there to be ruled on at once


@pytest.mark.parametrize(
    ("facts", "possible"),
    [
        ({"is_own": True}, [Step.EXPLAIN]),
        ({}, []),
        ({"level": 1}, [Step.RULE]),
        ({"level": 1, "was_heard": False}, []),
        ({"level": 1, "is_own": True}, [Step.EXPLAIN]),  # a supervisor's own
        ({"level": ABOVE_ALL, "is_own": True}, [Step.EXPLAIN]),
        ({"level": 1, "state": "explained"}, [Step.RULE]),
        ({"is_own": True, "state": "explained"}, []),
        ({"is_own": True, "state": "ruled"}, [Step.APPEAL]),
        ({"is_own": True, "state": "ruled", "is_appealable": False}, []),
        ({"level": 4, "state": "ruled"}, []),
        ({"level": 1, "ruled_level": 1, "state": "appealed"}, []),
        ({"level": 2, "ruled_level": 1, "state": "appealed"}, [Step.DECIDE]),
        ({"level": 2, "ruled_level": 2, "state": "appealed"}, []),  # an equal is not higher
        ({"level": 3, "ruled_level": 2, "state": "appealed"}, [Step.DECIDE]),
        ({"level": ABOVE_ALL, "ruled_level": 4, "state": "appealed"}, [Step.DECIDE]),
        ({"level": ABOVE_ALL, "ruled_level": 1, "was_ruler": True, "state": "appealed"}, []),
        ({"level": ABOVE_ALL, "is_own": True, "ruled_level": 1, "state": "appealed"}, []),
        ({"level": ABOVE_ALL, "state": "settled"}, []),
    ],
)
def test_what_a_person_may_do(facts: dict[str, object], possible: list[Step]) -> None:
    assert standing(**facts).possible() == possible
    assert standing(**facts, counts=False).possible() == []


def test_nobody_judges_his_own_whatever_his_level_and_the_state() -> None:
    for state, level, ruled in product(OverrunState, (0, 1, 2, 3, 4, ABOVE_ALL), (0, 1, 2, 3, 4)):
        own = standing(state=state, level=level, ruled_level=ruled, is_own=True)
        assert not {Step.RULE, Step.DECIDE} & set(own.possible())


@pytest.mark.parametrize(
    ("step", "facts", "code"),
    [
        (Step.RULE, {"is_own": True, "level": 4}, "own_overrun"),
        (Step.RULE, {"level": 1, "was_heard": False}, "unheard"),
        (Step.RULE, {"level": 1, "state": "settled"}, "wrong_status"),
        (Step.APPEAL, {"is_own": True, "state": "ruled", "is_appealable": False}, "appeal_over"),
        (Step.APPEAL, {"state": "ruled"}, "forbidden"),
        (Step.DECIDE, {"level": 9, "was_ruler": True, "state": "appealed"}, "own_ruling"),
        (Step.EXPLAIN, {"is_own": True, "counts": False}, "set_aside"),
    ],
)
def test_a_refusal_says_why(step: Step, facts: dict[str, object], code: str) -> None:
    assert standing(**facts).refusal(step) == code


def test_only_what_was_not_our_own_can_be_an_excuse() -> None:
    assert [may_be_excused(cause) for cause in ("own", "client", "third_party", "force_majeure")] == [
        *(False, True, True, True)
    ]
