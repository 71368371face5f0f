"""The rules of a handover, as tables: when a duty changes hands, who answers, who may do what."""

from dataclasses import replace
from datetime import timedelta

import pytest

from opsdesk.testing import at
from tickets.handover import (
    Change,
    HandoverState,
    Standing,
    Step,
    Turn,
    changes,
    current,
    has_passed,
    told_at,
)

LI, CHEN, WANG = 1, 2, 3
EARLY = timedelta(hours=1)
EIGHT, NOON, EVENING = at("2026-11-24 08:00"), at("2026-11-24 12:00"), at("2026-11-24 18:00")
NIGHT, NEXT = at("2026-11-24 20:00"), at("2026-11-25 08:00")


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([], []),
        ([Turn(LI, EIGHT, EVENING)], []),
        ([Turn(LI, EIGHT, EVENING), Turn(CHEN, EVENING, NEXT)], [Change(LI, CHEN, EVENING, EIGHT, EVENING)]),
        ([Turn(CHEN, EVENING, NEXT), Turn(LI, EIGHT, EVENING)], [Change(LI, CHEN, EVENING, EIGHT, EVENING)]),
        ([Turn(LI, EIGHT, NOON), Turn(LI, NOON, EVENING)], []),  # one shift in two pieces
        (
            [Turn(LI, EIGHT, NOON), Turn(CHEN, EVENING, NEXT)],
            [Change(LI, CHEN, EVENING, EIGHT, NOON)],
        ),  # a gap
        ([Turn(LI, EIGHT, NOON), Turn(LI, EVENING, NEXT)], []),  # he comes back after a gap
        (
            [Turn(LI, EIGHT, NOON), Turn(LI, NOON, EVENING), Turn(CHEN, EVENING, NEXT)],
            [Change(LI, CHEN, EVENING, EIGHT, EVENING)],
        ),
        (
            [Turn(LI, EIGHT, NOON), Turn(CHEN, NOON, EVENING), Turn(LI, EVENING, NEXT)],
            [Change(LI, CHEN, NOON, EIGHT, NOON), Change(CHEN, LI, EVENING, NOON, EVENING)],
        ),
    ],
)
def test_a_duty_changes_hands_where_another_person_follows(turns, expected) -> None:
    assert changes(turns) == expected


FOUND = [Change(LI, CHEN, NOON, EIGHT, NOON), Change(CHEN, WANG, NEXT, NOON, EVENING)]


@pytest.mark.parametrize(
    ("now", "signed", "expected"),
    [
        ("2026-11-24 08:00", [], NOON),  # the next one
        ("2026-11-24 12:30", [], NOON),  # nobody has signed yet
        ("2026-11-24 12:30", [NOON], NEXT),
        ("2026-11-24 16:59", [], NOON),
        (
            "2026-11-24 17:00",
            [],
            NEXT,
        ),  # an hour before his shift ends; the next begins at eight
        ("2026-11-25 09:00", [], NEXT),
        ("2026-11-25 09:00", [NOON, NEXT], NEXT),  # nothing lies ahead
    ],
)
def test_the_change_that_matters(now, signed, expected) -> None:
    found = current(FOUND, signed=signed, early=EARLY, now=at(now))
    assert found is not None and found.at == expected


def test_where_nobody_follows_nothing_matters() -> None:
    assert current([], signed=[], early=EARLY, now=NOON) is None


@pytest.mark.parametrize(
    ("signed", "now", "expected"),
    [
        (None, "2026-11-24 17:59", False),
        (None, "2026-11-26 18:00", False),  # however long it takes
        ("2026-11-24 17:45", "2026-11-24 17:59", False),  # signed early: his shift has not begun
        ("2026-11-24 17:45", "2026-11-24 18:00", True),
        ("2026-11-24 18:20", "2026-11-24 18:19", False),
        ("2026-11-24 18:20", "2026-11-24 18:20", True),
    ],
)
def test_who_goes_off_duty_answers_until_it_is_signed(signed, now, expected) -> None:
    assert has_passed(EVENING, at(signed) if signed else None, at(now)) is expected


def test_the_two_are_told_first_and_their_supervisor_after_as_long_again() -> None:
    minutes = timedelta(minutes=15)
    assert told_at(EVENING, minutes) == (EVENING + minutes, EVENING + 2 * minutes)


NOBODY = Standing(
    state=HandoverState.WAITING,
    is_outgoing=False,
    is_incoming=False,
    supervises=False,
    leads=False,
    opens_at=EVENING - EARLY,
    is_blocked=False,
    now=EVENING,
)
OUT, IN = replace(NOBODY, is_outgoing=True), replace(NOBODY, is_incoming=True)
ABOVE, LEAD = replace(NOBODY, supervises=True), replace(NOBODY, leads=True)


@pytest.mark.parametrize(
    ("who", "possible"),
    [
        (NOBODY, []),
        (OUT, ["hand_over", "send_back"]),
        (IN, ["send_back", "sign"]),
        (ABOVE, ["hand_over", "send_back"]),  # in his place
        (LEAD, ["hand_over", "send_back"]),
        (replace(IN, supervises=True), ["send_back", "sign"]),  # nobody writes for himself what he signs
        (replace(OUT, state="written"), ["hand_over"]),
        (replace(IN, state="written"), []),
        (replace(IN, state="returned"), []),
        (replace(OUT, state="signed"), []),
        (replace(IN, state="signed"), []),
        (replace(OUT, state="written", now=EVENING - EARLY), ["hand_over"]),
        (replace(OUT, state="written", now=EVENING - 2 * EARLY), []),
        (replace(OUT, opens_at=None), ["send_back"]),
        (replace(IN, opens_at=None), ["send_back"]),
        # During a major fault nobody hands over and nobody signs; whoever stands above both may allow it.
        (replace(OUT, is_blocked=True), ["send_back"]),
        (replace(IN, is_blocked=True), ["send_back"]),
        (replace(ABOVE, is_blocked=True), ["send_back", "overrule"]),
        (replace(LEAD, is_blocked=True, state="written"), ["overrule"]),
        (replace(OUT, supervises=True, is_blocked=True), ["send_back"]),
        (replace(IN, leads=True, is_blocked=True), ["send_back"]),
    ],
)
def test_what_each_person_may_do(who: Standing, possible: list[str]) -> None:
    assert [step.value for step in who.possible()] == possible


@pytest.mark.parametrize(
    ("who", "step", "reason"),
    [
        (NOBODY, Step.SIGN, "forbidden"),
        (replace(OUT, supervises=True, is_blocked=True), Step.OVERRULE, "own_handover"),
        (replace(IN, state="signed"), Step.SIGN, "wrong_status"),
        (replace(OUT, opens_at=None), Step.HAND_OVER, "no_change"),
        (replace(OUT, now=EVENING - 2 * EARLY), Step.HAND_OVER, "too_early"),
        (replace(IN, is_blocked=True), Step.SIGN, "major_fault"),
        (ABOVE, Step.OVERRULE, "nothing_to_overrule"),
    ],
)
def test_each_refusal_says_why(who: Standing, step: Step, reason: str) -> None:
    assert who.refusal(step) == reason


def test_a_draft_may_be_written_before_it_may_be_handed_over() -> None:
    early = replace(OUT, state="written", now=EVENING - 2 * EARLY)
    assert early.writes and early.refusal(Step.HAND_OVER) == "too_early"
    assert not replace(IN, supervises=True).writes and not replace(OUT, state="signed").writes
