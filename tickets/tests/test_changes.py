"""The rules of changes: what each step needs, who may take it, when the next one is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from duty.hours import MINUTES_A_DAY, Span, WorkingTime
from opsdesk.testing import MONDAY, SHANGHAI, at
from tickets.changes import (
    BY_SUPERIOR,
    OVER,
    SETTLED,
    START_GRACE,
    STEPS,
    ChangeState,
    Dates,
    Facts,
    Paper,
    Part,
    Standing,
    Step,
    WorkStep,
    already_reminded,
    due_at,
    is_inside,
    remind_at,
    window_fault,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WHOLE = Facts(
    plan="p",
    rollback="r",
    is_approved=True,
    needs_client=True,
    is_client_asked=True,
    has_window=True,
    has_result=True,
    is_reviewed=True,
    papers=[Paper(number, step, True) for number, step in enumerate(WorkStep)],
)
day = (Span(0, MINUTES_A_DAY),)
WORKDAYS = WorkingTime(weekly=(day,) * 5 + ((),) * 2, days={}, tz=SHANGHAI)


@pytest.mark.parametrize(
    ("lacks", "part", "steps"),
    [
        ({"plan": " "}, Part.PLAN, {Step.SUBMIT, Step.START}),
        ({"rollback": ""}, Part.ROLLBACK, {Step.SUBMIT, Step.START}),
        ({"is_approved": False}, Part.APPROVAL, {Step.START}),
        ({"is_client_asked": False}, Part.CLIENT, {Step.START}),
        ({"has_window": False}, Part.WINDOW, {Step.START}),
        ({"has_result": False}, Part.RESULT, {Step.REVIEW}),
    ],
)
def test_what_each_step_needs(lacks: dict[str, object], part: Part, steps: set[Step]) -> None:
    facts = replace(WHOLE, **lacks)  # type: ignore[arg-type]
    assert {step for step in Step if part in facts.missing_to(step).parts} == steps
    assert not any(WHOLE.missing_to(step) for step in Step) and not WHOLE.missing_to_close()


def test_what_a_type_does_without_is_not_missing() -> None:
    facts = replace(WHOLE, needs_client=False, is_client_asked=False, needs_window=False, has_window=False)
    assert not facts.missing_to(Step.START)


@pytest.mark.parametrize("step", WorkStep)
def test_documents_are_asked_for_in_time(step: WorkStep) -> None:
    key = list(WorkStep).index(step)
    papers = [replace(paper, is_settled=paper.key != key) for paper in WHOLE.papers]
    facts = replace(WHOLE, papers=papers)
    before = step in (WorkStep.PLAN, WorkStep.APPROVAL, WorkStep.WINDOW, WorkStep.ROLLBACK)
    assert facts.missing_to(Step.START).papers == ([key] if before else [])
    assert facts.missing_to(Step.REVIEW).papers == facts.missing_to_close().papers == [key]


def test_all_that_is_missing_is_named_at_once() -> None:
    papers = [Paper(1, WorkStep.PLAN, False), Paper(2, WorkStep.RESULT, False)]
    nothing = Facts(needs_client=True, papers=papers)
    start = nothing.missing_to(Step.START)
    assert (start.parts, start.papers) == (
        [Part.PLAN, Part.ROLLBACK, Part.APPROVAL, Part.CLIENT, Part.WINDOW],
        [1],
    )
    assert nothing.missing_to_close().papers == [1, 2]


def test_who_may_do_what() -> None:
    for state, planner, superior, carried in product(ChangeState, *[(True, False)] * 3):
        standing = Standing(state, True, planner, superior, carried)
        for step in standing.possible():
            assert state in STEPS[step]
            assert step not in BY_SUPERIOR or (superior and not planner)
            assert step != Step.REVIEW or not (planner or carried)
        assert Standing(state, False, planner, superior).possible() == []
    own = Standing(ChangeState.DONE, True, True, False, True, needs_review=False)
    assert Step.REVIEW in own.possible()


def test_nothing_is_done_to_what_is_over() -> None:
    for state in OVER:
        assert Standing(state, True, False, True).possible() == []


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("draft", at("2026-12-01 00:00")),
        ("submitted", at("2026-11-26 00:00")),
        ("done", at("2026-11-27 00:00")),
        ("scheduled", at("2026-11-23 12:00")),
        ("started", at("2026-11-23 13:30")),
    ],
)
def test_when_the_next_step_is_due(state: str, expected: object) -> None:
    window = (MONDAY + 2 * HOUR, MONDAY + 4 * HOUR)
    assert due_at(Dates(state, window), workdays=WORKDAYS, now=MONDAY) == expected


def test_the_next_step_is_never_due_before_now() -> None:
    for state, ago in product(set(ChangeState) - set(SETTLED), range(0, 72, 5)):
        window = (MONDAY - ago * HOUR, MONDAY - ago * HOUR + 4 * HOUR)
        assert due_at(Dates(state, window), workdays=WORKDAYS, now=MONDAY) > MONDAY
    with pytest.raises(ValueError, match="closed"):
        due_at(Dates(ChangeState.CLOSED), workdays=WORKDAYS, now=MONDAY)


def test_windows_are_half_open() -> None:
    start, end = MONDAY, MONDAY + HOUR
    assert is_inside(start, end, start) and not is_inside(start, end, end)
    assert not is_inside(start, end, start - timedelta.resolution)
    assert is_inside(None, None, end)
    assert window_fault(start, start, now=MONDAY) == ("window_to", "backwards")
    assert window_fault(start - 2 * DAY, start - DAY, now=MONDAY) == ("window_to", "past")
    assert window_fault(start, start + 15 * DAY, now=MONDAY) == ("window_to", "too_long")
    assert window_fault(start, end, now=MONDAY) == ("", "")
    assert window_fault(start + 732 * DAY, end + 732 * DAY, now=MONDAY) == ("window_from", "too_far")


def test_reminders_a_day_and_an_hour_before() -> None:
    opens = MONDAY + 2 * DAY
    assert [remind_at(opens, reminded=number) for number in range(3)] == [opens - DAY, opens - HOUR, None]
    assert [already_reminded(opens, now=opens - ago) for ago in (2 * DAY, DAY, 2 * HOUR, HOUR)] == [
        0,
        1,
        1,
        2,
    ]
    assert START_GRACE < HOUR
