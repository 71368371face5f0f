"""Whom a span of duty does not suit: tables without a database."""

from datetime import timedelta

import pytest

from duty.resolving import Piece, Source
from duty.roster import Span
from duty.suitability import Misfit, misfit
from opsdesk.testing import at

A, B = 1, 2
HOUR = timedelta(hours=1)


def piece(text: str, person: int = A, role: str = "primary", *, absent: bool = False) -> Piece:
    starts_at, ends_at = (at(f"2026-11-{part}") for part in text.split("-"))
    return Piece(starts_at, ends_at, role, person, None if absent else person, Source.ROTATION, 1)


TAKEN = piece("24 08:00-24 20:00")
SPAN = Span(TAKEN.starts_at, TAKEN.ends_at)


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param([], None, id="nothing else"),
        pytest.param([piece("23 12:00-23 22:00")], None, id="just enough rest before"),
        pytest.param([piece("23 12:00-23 22:01")], Misfit.TOO_LITTLE_REST, id="a minute too little before"),
        pytest.param([piece("25 06:00-25 08:00")], None, id="just enough rest after"),
        pytest.param([piece("25 05:59-25 08:00")], Misfit.TOO_LITTLE_REST, id="a minute too little after"),
        pytest.param([piece("24 20:00-25 08:00")], None, id="a whole day in one stretch"),
        pytest.param([piece("24 20:00-25 08:01")], Misfit.TOO_LONG, id="a minute longer than a day"),
        pytest.param([piece("24 12:00-25 08:00", role="backup")], Misfit.ELSEWHERE, id="backup meanwhile"),
        pytest.param([piece("24 20:00-25 08:00", role="backup")], None, id="on call right after it"),
        pytest.param([piece("24 20:00-26 08:00", B)], None, id="somebody else's shifts"),
        pytest.param(
            [piece("20 08:00-20 20:00"), piece("20 21:00-21 08:00")], None, id="what was wrong before stays"
        ),
    ],
)
def test_misfit(others, expected):
    assert misfit(A, SPAN, [TAKEN, *others], rest=10 * HOUR, longest=24 * HOUR) == expected


def test_who_is_absent_then_cannot_take_it():
    absent = piece("24 12:00-24 20:00", absent=True)
    pieces = [piece("24 08:00-24 12:00"), absent]
    assert misfit(A, SPAN, pieces, rest=HOUR, longest=None) == Misfit.ABSENT


def test_people_on_duty_by_the_week_have_no_longest_stretch():
    week = piece("24 20:00-30 20:00")
    assert misfit(A, SPAN, [TAKEN, week], rest=10 * HOUR, longest=None) is None


def test_on_call_needs_no_rest():
    call = piece("24 08:00-24 20:00", role="backup")
    assert misfit(A, SPAN, [call, piece("24 20:00-25 08:00")], rest=10 * HOUR, longest=24 * HOUR) is None
