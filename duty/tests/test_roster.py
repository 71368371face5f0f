"""Where nobody is on duty: tables without a database."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duty.roster import Span, day_span, gaps, is_night, part_within
from opsdesk.testing import SHANGHAI, at

SINCE, UNTIL = at("2026-11-23 00:00"), at("2026-11-24 00:00")


def span(start: str, end: str) -> Span:
    """A span of November 2026 from "22 20:00" to "08:00"; without a day it is the 23rd."""
    starts_at, ends_at = (at(f"2026-11-{text if ' ' in text else f'23 {text}'}") for text in (start, end))
    return Span(starts_at, ends_at)


@pytest.mark.parametrize(
    ("covered", "expected"),
    [
        pytest.param([], [span("00:00", "24 00:00")], id="nobody at all: the whole span"),
        pytest.param([span("00:00", "24 00:00")], [], id="one person the whole day"),
        pytest.param([span("22 20:00", "25 08:00")], [], id="a shift that reaches beyond both ends"),
        pytest.param([span("00:00", "12:00"), span("12:00", "24 00:00")], [], id="touching shifts"),
        pytest.param(
            [span("00:00", "12:00"), span("12:01", "24 00:00")],
            [span("12:00", "12:01")],
            id="a minute is one",
        ),
        pytest.param(
            [span("08:00", "18:00")],
            [span("00:00", "08:00"), span("18:00", "24 00:00")],
            id="before and after the only shift",
        ),
        pytest.param(
            [span("12:00", "20:00"), span("00:00", "08:00"), span("18:00", "24 00:00")],
            [span("08:00", "12:00")],
            id="any order, overlapping",
        ),
        pytest.param(
            [span("00:00", "20:00"), span("02:00", "03:00")],
            [span("20:00", "24 00:00")],
            id="a short shift inside a long one ends nothing",
        ),
        pytest.param(
            [span("22 00:00", "22 12:00"), span("25 00:00", "25 12:00")],
            [span("00:00", "24 00:00")],
            id="shifts outside the span do not count",
        ),
    ],
)
def test_gaps(covered, expected):
    assert gaps(covered, SINCE, UNTIL) == expected


minutes = st.integers(-600, 2040)


@given(st.lists(st.tuples(minutes, st.integers(1, 900)), max_size=12), st.integers(0, 1439))
def test_an_instant_is_in_a_gap_exactly_when_nobody_holds_it(shifts, minute):
    covered = [Span(SINCE + timedelta(minutes=m), SINCE + timedelta(minutes=m + n)) for m, n in shifts]
    instant = SINCE + timedelta(minutes=minute)
    held = any(one.starts_at <= instant < one.ends_at for one in covered)
    in_gap = [gap for gap in gaps(covered, SINCE, UNTIL) if gap.starts_at <= instant < gap.ends_at]
    assert len(in_gap) == (0 if held else 1)


def test_a_day_of_shanghai_runs_from_midnight_to_midnight():
    assert day_span(date(2026, 11, 23), ZoneInfo("Asia/Shanghai")) == Span(SINCE, UNTIL)


def test_a_day_with_a_clock_change_has_its_own_length():
    day = day_span(date(2026, 10, 25), ZoneInfo("Europe/Berlin"))
    assert day.ends_at.timestamp() - day.starts_at.timestamp() == 25 * 3600


@pytest.mark.parametrize(
    ("whole", "expected"),
    [
        (span("22 20:00", "08:00"), span("00:00", "08:00")),
        (span("08:00", "12:00"), span("08:00", "12:00")),
        (span("20:00", "24 08:00"), span("20:00", "24 00:00")),
        (span("22 08:00", "00:00"), None),
        (span("24 00:00", "24 08:00"), None),
    ],
)
def test_the_part_of_a_span_that_falls_on_a_day(whole, expected):
    assert part_within(whole, Span(SINCE, UNTIL)) == expected


@pytest.mark.parametrize(
    ("starts", "ends", "is_one"),
    [
        pytest.param("11-23 20:00", "11-24 08:00", True, id="across midnight"),
        pytest.param("11-24 00:00", "11-24 08:00", True, id="from midnight on"),
        pytest.param("11-23 08:00", "11-23 20:00", False, id="by day"),
        pytest.param("11-23 15:00", "11-24 03:00", False, id="an evening, over at three"),
        pytest.param("11-24 03:00", "11-24 11:00", True, id="from three on"),
        pytest.param("11-23 08:30", "11-24 08:30", False, id="a whole day"),
    ],
)
def test_a_night_is_a_shift_that_holds_at_three_in_the_morning(starts, ends, is_one):
    assert is_night(Span(at(f"2026-{starts}"), at(f"2026-{ends}")), SHANGHAI) == is_one
