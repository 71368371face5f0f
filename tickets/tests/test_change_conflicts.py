"""What windows conflict with: half-open spans, local days, service hours, leave and duty."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from clients.quiet import Period
from duty.hours import Span as Open
from duty.hours import WorkingTime
from opsdesk.testing import SHANGHAI, at
from tickets.changeconflicts import ConflictKind, Known, Planned, Span, conflicts_of

HOUR = timedelta(hours=1)
NIGHT = Planned(1, at("2026-11-24 22:00"), at("2026-11-25 02:00"), group=7, system=5, owner=3)
office = (Open(9 * 60, 18 * 60),)
OFFICE = WorkingTime(weekly=(office,) * 5 + ((),) * 2, days={}, tz=SHANGHAI)
ON_DUTY = Known(SHANGHAI, duties=[Span(3, NIGHT.start, NIGHT.end, 7)], rostered={7: NIGHT.end})


def kinds(window: Planned, **known: object) -> list[ConflictKind]:
    return [one.kind for one in conflicts_of(window, replace(ON_DUTY, **known))]  # type: ignore[arg-type]


def test_an_undisturbed_window_has_none() -> None:
    assert kinds(NIGHT, service=OFFICE) == []


@pytest.mark.parametrize(
    ("shift", "length", "system", "collides"),
    [
        (timedelta(), 4 * HOUR, 5, True),
        (4 * HOUR, HOUR, 5, False),
        (-HOUR, HOUR, 5, False),
        (-HOUR, HOUR + timedelta.resolution, 5, True),
        (HOUR, HOUR, 6, False),
        (HOUR, HOUR, None, False),
    ],
)
def test_two_windows_on_one_system(
    shift: timedelta, length: timedelta, system: int | None, collides: bool
) -> None:
    start = NIGHT.start + shift
    other = Planned(2, start, start + length, group=7, system=system)
    found = conflicts_of(NIGHT, replace(ON_DUTY, windows=[NIGHT, other]))
    assert [one.other for one in found] == ([2] if collides else [])


def test_days_are_local_and_a_midnight_belongs_to_the_day_before() -> None:
    until_midnight = replace(NIGHT, end=at("2026-11-25 00:00"))
    holidays = {date(2026, 11, 25): "假日"}
    assert kinds(NIGHT, holidays=holidays) == [ConflictKind.HOLIDAY]
    assert kinds(until_midnight, holidays=holidays) == []
    quiet = [Period(date(2026, 11, 25), date(2026, 11, 26), reason="封网")]
    [found] = conflicts_of(NIGHT, replace(ON_DUTY, quiet=quiet))
    assert (found.kind, found.about) == (ConflictKind.QUIET, "封网")
    assert kinds(until_midnight, quiet=quiet) == []


@pytest.mark.parametrize(
    ("start", "hours", "found"),
    [
        ("2026-11-24 17:00", "outside", [ConflictKind.SERVICE]),
        ("2026-11-24 18:00", "outside", []),
        ("2026-11-24 17:00", "inside", [ConflictKind.NOT_SERVICE]),
        ("2026-11-24 10:00", "inside", []),
        ("2026-11-24 10:00", "any", []),
    ],
)
def test_as_the_type_says(start: str, hours: str, found: list[ConflictKind]) -> None:
    window = replace(NIGHT, start=at(start), end=at(start) + 2 * HOUR, hours=hours)
    assert kinds(window, service=OFFICE, rostered={}) == found
    assert kinds(window, rostered={}) == []  # served round the clock


def test_the_person_is_away_or_not_on_duty() -> None:
    assert kinds(NIGHT, away=[Span(3, NIGHT.start, NIGHT.end)]) == [ConflictKind.LEAVE]
    assert kinds(NIGHT, away=[Span(4, NIGHT.start, NIGHT.end)]) == []
    assert kinds(NIGHT, duties=[Span(4, NIGHT.start, NIGHT.end, 7)]) == [ConflictKind.NOT_ON_DUTY]
    assert kinds(NIGHT, duties=[Span(4, NIGHT.start, NIGHT.end, 8)]) == [ConflictKind.NOBODY]
    assert kinds(NIGHT, duties=[], rostered={7: NIGHT.end - HOUR}) == []  # not written out yet
