"""A fair roster proposed: what is hard is never broken, what is soft is balanced, and all has its reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duty import balancing, dividing
from duty.drafting import Draft, draft, explain
from duty.eligibility import Reason
from duty.fairness import (
    DAY_KINDS,
    Holders,
    Kind,
    Period,
    Person,
    Slot,
    Weights,
    fairness_table,
    objective,
    published,
    unfairness,
    unfilled_need,
)
from duty.roster import Span
from duty.seating import NOBODY, Seating
from duty.tests.instances import CASES, DAY, NIGHT, WHOLE, instance, slot
from opsdesk.testing import at

MONDAY = date(2026, 11, 23)
PRIMARY = frozenset({"primary"})
thorough = settings(max_examples=50, derandomize=True, deadline=None, database=None)


def duty(offset: int, kind: Kind = Kind.WORKDAY, holder: str | None = None, role: str = "primary") -> Slot:
    """A whole day's duty, so many days after a Monday."""
    return slot(MONDAY + timedelta(days=offset), kind, role, WHOLE, holder)


def away(offset: int, days: int = 1) -> Span:
    starts_at = at(f"{MONDAY + timedelta(days=offset)} 00:00")
    return Span(starts_at, starts_at + timedelta(days=days))


def people(*keys: str, **facts: object) -> tuple[Person, ...]:
    return tuple(Person(key, PRIMARY, **facts) for key in keys)  # type: ignore[arg-type]


def holders_of(made: Draft, *slots: Slot) -> list[str | None]:
    return [made.holders.get(one.key) for one in slots]


# What is fair


def test_each_kind_of_day_is_shared_by_itself() -> None:
    """Equal points alone would let one have the weekends and the other the workdays."""
    kinds = [Kind.WORKDAY] * 4 + [Kind.WEEKEND] * 2 + [Kind.HOLIDAY] * 2
    made = draft(Period(tuple(duty(n, kind) for n, kind in enumerate(kinds)), people("chen", "liu")))
    for standing in made.after:
        assert [standing.kinds[kind].count for kind in DAY_KINDS] == [2, 1, 1]
        assert standing.together.points == 2 * 1 + 1 * 2 + 1 * 3
    assert made.objective == 0


def test_nights_are_shared_by_themselves() -> None:
    """Four shifts for each of two would be even if one had all the nights: the points say otherwise."""
    slots = [
        slot(MONDAY + timedelta(n), Kind.WORKDAY, "primary", turn) for n in range(4) for turn in (DAY, NIGHT)
    ]
    made = draft(Period(tuple(slots), people("chen", "liu")))
    for standing in made.after:
        assert standing.kinds[Kind.NIGHT].count == 2
        assert (standing.together.count, standing.together.points) == (4, 4 * 1 + 2 * 1)
    assert made.objective == 0


def test_who_has_had_more_nights_gets_fewer() -> None:
    chen, liu = people("chen", "liu")
    chen = replace(chen, load={Kind.WORKDAY: 4, Kind.NIGHT: 4})
    liu = replace(liu, load={Kind.WORKDAY: 4})
    slots = [
        slot(MONDAY + timedelta(n), Kind.WORKDAY, "primary", turn) for n in range(4) for turn in (DAY, NIGHT)
    ]
    made = draft(Period(tuple(slots), (chen, liu)))
    nights = [one for one in slots if one.is_night]
    assert holders_of(made, *nights) == ["liu"] * 4
    assert {one.kinds[Kind.NIGHT].deviation for one in made.after} == {0}


def test_a_night_of_no_weight_is_a_duty_like_any() -> None:
    chen, liu = people("chen", "liu")
    chen = replace(chen, load={Kind.NIGHT: 4})
    period = Period((slot(MONDAY, Kind.WORKDAY, "primary", NIGHT),), (chen, liu), Weights(night=0))
    assert {one.worse for one in explain(period, {}, period.slots[0])} == {0}


def test_by_day_and_by_night_the_rest_lies_between() -> None:
    """Ten hours: not the night after his day, nor the day after his night; the next night he may."""
    chen = Person("chen", PRIMARY, rest=timedelta(hours=10))
    by_day, by_night, next_day, next_night = (
        slot(MONDAY + timedelta(n), Kind.WORKDAY, "primary", turn, holder)
        for n, turn, holder in ((0, DAY, None), (0, NIGHT, "chen"), (1, DAY, None), (1, NIGHT, None))
    )
    made = draft(Period((by_day, by_night, next_day), (chen,)))
    assert holders_of(made, by_day, next_day) == [None, None]
    assert {one.reason for empty in made.unfilled for one in empty.obstacles} == {Reason.RESTING}
    later = replace(next_night, span=Span(at("2026-11-24 18:30"), next_night.span.ends_at))
    assert holders_of(draft(Period((by_night, later), (chen,))), later) == ["chen"]


def test_one_holiday_more_is_answered_with_fewer_workdays() -> None:
    slots = [*(duty(n) for n in range(6)), duty(6, Kind.HOLIDAY)]
    made = draft(Period(tuple(slots), people("chen", "liu")))
    assert {standing.together.points for standing in made.after} == {2 + 3, 4}


def test_what_was_carried_so_far_evens_out() -> None:
    chen, liu = people("chen", "liu")
    chen = replace(chen, load={Kind.HOLIDAY: 2})
    slots = tuple(duty(n, Kind.HOLIDAY) for n in range(2))
    made = draft(Period(slots, (chen, liu)))
    assert holders_of(made, *slots) == ["liu", "liu"]
    before = {standing.person: standing.kinds[Kind.HOLIDAY] for standing in made.before}
    assert (before["chen"].count, before["chen"].points, before["chen"].deviation) == (2, 6, 3.0)
    assert all(standing.kinds[Kind.HOLIDAY].deviation == 0 for standing in made.after)


def test_the_weights_can_be_changed() -> None:
    slots = (duty(0), duty(5, Kind.WEEKEND))
    made = draft(Period(slots, people("chen", "liu"), Weights(workday=1, weekend=1)))
    assert {standing.together.points for standing in made.after} == {1}


def test_wishes_are_met_where_that_costs_no_fairness() -> None:
    chen, liu = people("chen", "liu")
    chen = replace(chen, undesired=frozenset({MONDAY}))
    liu = replace(liu, desired=frozenset({MONDAY}))
    slots = (duty(0), duty(1))
    made = draft(Period(slots, (chen, liu)))
    assert holders_of(made, *slots) == ["liu", "chen"]
    assert (made.unmet_wishes, made.objective) == (0, 0)


def test_a_wish_does_not_empty_a_duty() -> None:
    chen = Person("chen", PRIMARY, undesired=frozenset({MONDAY}))
    made = draft(Period((duty(0),), (chen,)))
    assert holders_of(made, duty(0)) == ["chen"]
    assert (made.unmet_wishes, made.objective) == (1, 2)


def test_an_empty_duty_makes_no_roster_look_fairer() -> None:
    period = Period((duty(0), duty(1)), people("chen", "liu"))
    full = {duty(0).key: "chen", duty(1).key: "liu"}
    assert unfairness(period, full) == 0 < unfairness(period, {duty(0).key: "chen"})


# What is hard, and what is said where nobody can


@pytest.mark.parametrize(
    ("person", "others", "reason", "fact"),
    [
        pytest.param(Person("chen", frozenset({"backup"})), (), Reason.ROLE, None, id="not his role"),
        pytest.param(
            Person("chen", PRIMARY, leave=(away(1),)), (), Reason.LEAVE, away(1), id="leave that begins in it"
        ),
        pytest.param(
            Person("chen", PRIMARY),
            (slot(MONDAY, Kind.WORKDAY, "backup", DAY, "chen"),),
            Reason.BUSY,
            slot(MONDAY, Kind.WORKDAY, "backup", DAY).key,
            id="another duty then",
        ),
        pytest.param(
            Person("chen", PRIMARY, rest=timedelta(days=2)),
            (duty(2, holder="chen"),),
            Reason.RESTING,
            duty(2).key,
            id="one free day of two before the next",
        ),
        pytest.param(
            Person("chen", PRIMARY, most_a_week=1),
            (duty(6, holder="chen"),),
            Reason.WEEK_LIMIT,
            1,
            id="one that week already",
        ),
        pytest.param(
            Person("chen", PRIMARY, most=1),
            (duty(9, holder="chen"),),
            Reason.PERIOD_LIMIT,
            1,
            id="one at all",
        ),
    ],
)
def test_could_not_fill_says_why(
    person: Person, others: tuple[Slot, ...], reason: Reason, fact: object
) -> None:
    made = draft(Period((duty(0), *others), (person,)))
    (unfilled,) = made.unfilled
    (obstacle,) = unfilled.obstacles
    assert (unfilled.slot, obstacle.person, obstacle.reason) == (duty(0), "chen", reason)
    assert (
        next((found for found in (obstacle.leave, obstacle.duty, obstacle.limit) if found is not None), None)
        == fact
    )


@pytest.mark.parametrize(
    ("person", "others"),
    [
        pytest.param(Person("chen", PRIMARY, leave=(away(2),)), (), id="leave from the day after its end"),
        pytest.param(
            Person("chen", PRIMARY, rest=timedelta(days=2)), (duty(3, holder="chen"),), id="two free days"
        ),
        pytest.param(
            Person("chen", PRIMARY, rest=timedelta(hours=9)),
            (slot(MONDAY + timedelta(days=1), Kind.WORKDAY, "primary", NIGHT, "chen"),),
            id="nine hours after",
        ),
        pytest.param(
            Person("chen", PRIMARY, most_a_week=1), (duty(7, holder="chen"),), id="the next week's duty"
        ),
        pytest.param(Person("chen", PRIMARY, most=2), (duty(9, holder="chen"),), id="room for one more"),
    ],
)
def test_what_only_touches_stands_against_nothing(person: Person, others: tuple[Slot, ...]) -> None:
    made = draft(Period((duty(0), *others), (person,)))
    assert not made.unfilled


def test_where_nobody_is_left_every_person_has_his_reason() -> None:
    chen, liu = people("chen", "liu")
    team = (replace(chen, leave=(away(0),)), replace(liu, roles=frozenset({"backup"})))
    (unfilled,) = draft(Period((duty(0),), team)).unfilled
    assert [(one.person, one.reason) for one in unfilled.obstacles] == [
        ("chen", Reason.LEAVE),
        ("liu", Reason.ROLE),
    ]


def test_of_two_duties_the_one_that_is_needed_more_is_filled() -> None:
    backup = slot(MONDAY, Kind.WORKDAY, "backup", WHOLE)
    primary = slot(MONDAY, Kind.WORKDAY, "primary", WHOLE)
    assert backup.need < primary.need
    made = draft(Period((backup, primary), (Person("chen", frozenset({"primary", "backup"})),)))
    assert [one.slot for one in made.unfilled] == [backup]


def test_others_make_room_so_that_all_is_filled() -> None:
    """Only liu may take the second day, so the first goes to chen, though he carries more."""
    chen, liu = people("chen", "liu", rest=timedelta(days=1))
    chen = replace(chen, leave=(away(2),), load={Kind.WORKDAY: 5})
    slots = (duty(0), duty(1))
    assert holders_of(draft(Period(slots, (chen, liu))), *slots) == ["chen", "liu"]


def test_who_was_given_more_than_he_may_gets_nothing_besides() -> None:
    chen, liu = people("chen", "liu")
    slots = (duty(0, holder="chen"), duty(2, holder="chen"), duty(4))
    made = draft(Period(slots, (replace(chen, most=1), liu)))
    assert holders_of(made, *slots) == ["chen", "chen", "liu"]


def test_nobody_to_choose_from() -> None:
    made = draft(Period((duty(0),), ()))
    assert [(one.slot, one.obstacles) for one in made.unfilled] == [(duty(0), ())]
    assert draft(Period((), people("chen"))).holders == {}


def test_keys_are_of_one_thing_each() -> None:
    with pytest.raises(ValueError, match="more than one chen"):
        draft(Period((), people("chen", "chen")))
    with pytest.raises(ValueError, match="more than one"):
        draft(Period((duty(0), duty(0)), ()))


# Why this person


def test_a_choice_shows_the_load_of_each_candidate() -> None:
    chen, liu, wang = people("chen", "liu", "wang")
    chen = replace(chen, load={Kind.WORKDAY: 3})
    wang = replace(wang, leave=(away(0),))
    period = Period((duty(0),), (chen, liu, wang))
    first, second, third = explain(period, draft(period).holders, duty(0))
    assert (first.person, first.points, first.together, first.worse, first.obstacle) == ("liu", 0, 0, 0, None)
    assert (second.person, second.points, second.worse) == ("chen", 3, 2 * (3 + 3))
    assert third.person == "wang" and third.obstacle and third.obstacle.reason == Reason.LEAVE


def test_a_choice_can_be_explained_after_the_supervisor_changed_it() -> None:
    chen, liu = people("chen", "liu")
    period = Period((duty(0), duty(1)), (chen, liu))
    moved = {duty(0).key: "chen", duty(1).key: "chen"}
    first, second = explain(period, moved, duty(0))
    assert (first.person, first.worse) == ("liu", -4)
    assert (second.person, second.worse) == ("chen", 0)
    with_liu = moved | {duty(0).key: "liu"}
    assert objective(period, with_liu) - objective(period, moved) == first.worse


# On invented periods

kinds = st.sampled_from(DAY_KINDS)
hours = st.sampled_from([DAY, NIGHT, WHOLE])
roles = st.sampled_from(["primary", "backup"])
offsets = st.integers(0, 9)
taken = st.sampled_from([*[None] * 8, "p0"])
days = st.frozensets(offsets.map(lambda n: MONDAY + timedelta(days=n)), max_size=2)


@st.composite
def periods(draw: st.DrawFn, most_slots: int = 12, most_people: int = 4) -> Period:
    team = tuple(
        Person(
            f"p{number}",
            draw(st.frozensets(roles, min_size=1)),
            tuple(away(n, draw(st.integers(1, 3))) for n in draw(st.lists(offsets, max_size=2))),
            timedelta(hours=draw(st.sampled_from([0, 16, 24, 48]))),
            draw(st.none() | st.integers(1, 3)),
            draw(st.none() | st.integers(1, 5)),
            draw(days),
            draw(days),
            draw(st.dictionaries(st.sampled_from(Kind), st.integers(0, 3))),
        )
        for number in range(draw(st.integers(1, most_people)))
    )
    places = draw(st.lists(st.tuples(offsets, roles, hours), unique=True, min_size=1, max_size=most_slots))
    slots = [
        slot(
            MONDAY + timedelta(days=offset),
            draw(kinds),
            role,
            turn,
            draw(st.sampled_from([None] * 8 + ["p0"])),
        )
        for offset, role, turn in places
    ]
    return Period(tuple(slots), team)


@pytest.fixture
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(balancing, "STEPS", 800)
    monkeypatch.setattr(balancing, "LEAST_A_SLOT", 5)
    monkeypatch.setattr(balancing, "QUICK", balancing.Effort(150, 150, 150, 30))
    monkeypatch.setattr(balancing, "LONG", balancing.Effort(150, 150, 150, 30))


def broken(period: Period, holders: Holders) -> list[str]:
    """Every hard rule that a proposed duty breaks, looked for in the plainest way."""
    held = published(period)
    found = [f"{key} was published" for key, who in held.items() if holders.get(key) != who]
    for person in period.people:
        own = [slot for slot in period.slots if holders.get(slot.key) == person.key]
        for one in own:
            if one.holder is not None:
                continue
            start, end = one.span.starts_at, one.span.ends_at
            if one.role not in person.roles:
                found.append(f"{person.key} {one.key}: role")
            if any(start < leave.ends_at and leave.starts_at < end for leave in person.leave):
                found.append(f"{person.key} {one.key}: leave")
            for other in own:
                gap = max(other.span.starts_at - end, start - other.span.ends_at)
                if other is not one and gap < person.rest:
                    found.append(f"{person.key} {one.key}: rest")
            monday = one.day - timedelta(days=one.day.weekday())
            week = [other for other in own if timedelta(0) <= other.day - monday < timedelta(days=7)]
            if person.most_a_week is not None and len(week) > person.most_a_week:
                found.append(f"{person.key} {one.key}: week")
            if person.most is not None and len(own) > person.most:
                found.append(f"{person.key} {one.key}: period")
    return found


@pytest.mark.usefixtures("few_steps")
class TestInventedPlans:
    @thorough
    @given(periods())
    def test_no_hard_rule_is_broken_and_published_duties_stay(self, period: Period) -> None:
        made = draft(period)
        assert broken(period, made.holders) == []
        assert published(period).items() <= made.holders.items()

    @thorough
    @given(periods(), st.randoms(use_true_random=False))
    def test_the_order_of_people_and_slots_does_not_matter(self, period: Period, chance) -> None:  # type: ignore[no-untyped-def]
        slots, team = list(period.slots), list(period.people)
        chance.shuffle(slots)
        chance.shuffle(team)
        again = draft(Period(tuple(slots), tuple(team)))
        assert again.holders == draft(period).holders

    @thorough
    @given(periods())
    def test_publishing_what_was_proposed_changes_nothing(self, period: Period) -> None:
        made = draft(period)
        fixed = replace(
            period, slots=tuple(replace(slot, holder=made.holders.get(slot.key)) for slot in period.slots)
        )
        again = draft(fixed)
        assert (again.holders, again.objective) == (made.holders, made.objective)

    @thorough
    @given(periods())
    def test_what_is_unfilled_nobody_could_simply_take(self, period: Period) -> None:
        for unfilled in draft(period).unfilled:
            assert {one.person for one in unfilled.obstacles} == {person.key for person in period.people}

    @thorough
    @given(periods())
    def test_nobody_could_take_a_single_duty_and_make_the_roster_fairer(self, period: Period) -> None:
        made = draft(period)
        for one in period.slots:
            if one.holder is None and one.key in made.holders:
                able = [each for each in explain(period, made.holders, one) if each.obstacle is None]
                assert min(each.worse for each in able) == 0
                for each in able:
                    other = dict(made.holders) | {one.key: each.person}
                    assert objective(period, other) - made.objective == each.worse

    @thorough
    @given(periods())
    def test_the_deviations_of_a_kind_cancel_out(self, period: Period) -> None:
        for kind in Kind:
            deviations = [
                standing.kinds[kind].deviation for standing in fairness_table(period, draft(period).holders)
            ]
            assert sum(deviations) == pytest.approx(0)

    @settings(thorough, max_examples=15)
    @given(periods(most_slots=5, most_people=3))
    def test_of_a_few_duties_the_best_roster_of_all_is_found(self, period: Period) -> None:
        made = draft(period)
        assert (unfilled_need(period, made.holders), made.objective) == best_of_all(period)

    @settings(thorough, max_examples=30)
    @given(periods(most_slots=5, most_people=3))
    def test_the_program_alone_finds_it(self, period: Period) -> None:
        seating = Seating(period)
        with pytest.MonkeyPatch.context() as exact:
            exact.setattr(dividing, "LEAST_GAIN", 0)
            dividing.divide_anew(seating, range(len(seating.people)), seating.movable)
        holders = published(period) | {
            seating.slots[slot].key: seating.people[who].key
            for slot, who in seating.holders().items()
            if who != NOBODY
        }
        assert broken(period, holders) == []
        assert (unfilled_need(period, holders), objective(period, holders)) == best_of_all(period)


def best_of_all(period: Period) -> tuple[int, Fraction]:
    """Return the need unfilled and the objective of the best of every roster there is."""
    keys = [person.key for person in period.people]
    choices = [[None, *keys] if slot.holder is None else [slot.holder] for slot in period.slots]
    every = (
        {slot.key: who for slot, who in zip(period.slots, chosen, strict=True) if who is not None}
        for chosen in product(*choices)
    )
    return min(
        (unfilled_need(period, one), objective(period, one)) for one in every if not broken(period, one)
    )


# On thirty rosters of whole teams


@pytest.mark.usefixtures("few_steps")
@pytest.mark.parametrize(("people", "months", "tight"), CASES)
def test_thirty_rosters_break_no_hard_rule(people: int, months: int, tight: bool) -> None:
    period = instance(people, months, tight=tight).period
    made = draft(period)
    assert broken(period, made.holders) == []
    assert len(made.holders) + len(made.unfilled) == len(period.slots)


@pytest.mark.parametrize(
    ("people", "tight", "unfilled", "optimum"),
    [
        pytest.param(5, False, 0, 96.0),
        pytest.param(5, True, 2, 214.8),
        pytest.param(8, False, 0, 193.0),
        pytest.param(8, True, 5, 129.5),
        pytest.param(12, False, 0, 119.833),
        pytest.param(12, True, 8, 272.5),
    ],
)
def test_a_month_is_as_fair_as_the_solver_proves_possible(
    people: int, tight: bool, unfilled: int, optimum: float
) -> None:
    """Within 2 % of what CP-SAT has proven to be the best (the drill `solver`)."""
    period = instance(people, 1, tight=tight).period
    made = draft(period)
    assert unfilled_need(period, made.holders) == unfilled
    assert optimum * 0.999 <= made.objective <= optimum * 1.02


def test_the_same_plan_gives_the_same_roster() -> None:
    period = instance(8, 1, tight=True).period
    assert draft(period) == draft(period)
    assert isinstance(draft(period).objective, Fraction)
