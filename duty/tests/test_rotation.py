"""Whose turn it is: tables without a database."""

from datetime import date, time, timedelta
from itertools import pairwise

import pytest

from duty.official import plan_of
from duty.rotation import Rotation, Turn, turns
from opsdesk.testing import SHANGHAI, at

A, B, C = 1, 2, 3
KINDS = {day.date: day.kind for day in plan_of(2026).days}


def kind_of(day: date) -> str:
    return KINDS[day]


def rotation(**more) -> Rotation:
    facts = {
        "role": "primary",
        "people": (A, B, C),
        "starts": time(8, 30),
        "ends": time(8, 30),
        "first_day": date(2026, 11, 23),
        "since": at("2026-11-23 00:00"),
    }
    return Rotation(**(facts | more))


def turns_of(one: Rotation, since: str = "2026-11-23 00:00", until: str = "2026-11-27 00:00") -> list[Turn]:
    return list(turns(one, kind_of, at(since), at(until), SHANGHAI))


def test_people_take_a_day_each_and_nobody_is_missing_in_between():
    found = turns_of(rotation())
    assert [turn.person for turn in found] == [C, A, B, C, A]
    assert all(one.ends_at == other.starts_at for one, other in pairwise(found))
    assert found[0].starts_at == at("2026-11-23 00:00"), "it begins where the rotation does"


def test_a_turn_of_two_shifts_or_of_a_week():
    assert [turn.person for turn in turns_of(rotation(every=2, since=at("2026-11-23 08:30")))] == [A, A, B, B]
    weekly = rotation(by_week=True, since=at("2026-11-23 08:30"))
    found = turns_of(weekly, until="2026-12-14 08:30")
    assert [turn.person for turn in found] == [A] * 7 + [B] * 7 + [C] * 7


def test_a_night_shift_belongs_to_the_day_on_which_it_starts():
    nights = rotation(starts=time(17), kinds=frozenset({"workday"}), since=at("2026-11-01 00:00"))
    friday, saturday = turns_of(nights, "2026-11-27 12:00", "2026-11-29 00:00"), at("2026-11-28 08:30")
    assert [(turn.starts_at, turn.ends_at) for turn in friday] == [(at("2026-11-27 17:00"), saturday)]


def test_a_make_up_saturday_is_a_workday_and_its_night_ends_on_sunday_morning():
    """2026-05-09 is worked for the May holiday."""
    nights = rotation(
        starts=time(17),
        kinds=frozenset({"workday", "makeup_workday"}),
        first_day=date(2026, 5, 8),
        since=at("2026-05-08 00:00"),
    )
    found = turns_of(nights, "2026-05-08 12:00", "2026-05-12 00:00")
    starts = [(turn.starts_at, turn.person) for turn in found]
    assert starts == [(at("2026-05-08 17:00"), A), (at("2026-05-09 17:00"), B), (at("2026-05-11 17:00"), C)]
    assert found[1].ends_at == at("2026-05-10 08:30")


def test_with_seven_people_on_sundays_everybody_has_his_turn():
    """Counted in days, the same person would come every time."""
    sundays = rotation(people=tuple(range(7)), weekdays=frozenset({6}), since=at("2026-01-01 00:00"))
    found = turns_of(sundays, "2026-01-01 00:00", "2026-03-01 00:00")
    assert len({turn.person for turn in found[:7]}) == 7


def test_the_end_of_a_month_and_of_a_year_change_nothing():
    found = turns_of(rotation(), "2026-11-29 12:00", "2026-12-02 12:00")
    assert [turn.person for turn in found] == [A, B, C, A]
    assert found[1].starts_at == at("2026-11-30 08:30") and found[1].ends_at == at("2026-12-01 08:30")


def test_it_is_cut_where_it_begins_and_where_it_ends_and_nowhere_else():
    one = rotation(since=at("2026-11-24 12:00"), until=at("2026-11-25 12:00"))
    found = turns_of(one)
    assert [(turn.starts_at, turn.ends_at) for turn in found] == [
        (at("2026-11-24 12:00"), at("2026-11-25 08:30")),
        (at("2026-11-25 08:30"), at("2026-11-25 12:00")),
    ]
    (whole,) = turns_of(rotation(), "2026-11-25 12:00", "2026-11-25 13:00")
    assert whole.ends_at - whole.starts_at == timedelta(days=1)


@pytest.mark.parametrize("people", [(), (A,)])
def test_nobody_or_one_person_alone(people):
    assert {turn.person for turn in turns_of(rotation(people=people))} == set(people)
