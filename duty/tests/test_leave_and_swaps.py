"""Leave, swaps and cover: what they do to who is on duty, and what they may not do."""

from datetime import date, timedelta

import pytest

from duty.actions import (
    Duty,
    Placed,
    approve_leave,
    ask_leave,
    ask_swap,
    decline_leave,
    end_temporary,
    left_empty,
    place_override,
    set_temporary,
    take_swap,
    undo_swap,
    withdraw_leave,
    withdraw_swap,
)
from duty.models import (
    DutyRole,
    EmptyShift,
    Leave,
    OverrideKind,
    RosterEvent,
    Shift,
    SwapRequest,
    SwapState,
    TemporarySchedule,
)
from duty.tests.rosters import defined, nights, on_duty
from opsdesk.testing import MONDAY, at
from staff.models import User
from staff.refused import Refused

TUESDAY, WEDNESDAY, THURSDAY = (at(f"2026-11-{day} 18:00") for day in (24, 25, 26))
NIGHT = at("2026-11-25 00:00")


def leave_of(cast, person, starts_at=TUESDAY, ends_at=WEDNESDAY, *, approved=True) -> Leave:
    leave = ask_leave(person, starts_at, ends_at, reason="ill", by=person, now=MONDAY)
    if approved:
        approve_leave(leave, by=cast.wang, now=MONDAY)
    return leave


def wanted(cast, starts_at=TUESDAY, ends_at=WEDNESDAY, role=DutyRole.PRIMARY, **more) -> SwapRequest:
    """李敏 asks for cover of her night from Tuesday to Wednesday."""
    return ask_swap(Duty(role, starts_at, ends_at), **({"by": cast.li, "now": MONDAY} | more))


@pytest.fixture
def roster(cast):
    """陈工 on Monday, 李敏 on Tuesday, 王强 on Wednesday; a fourth person without turns."""
    defined(cast)
    cast.hu = User.objects.create_user("hu", name="胡工", role="engineer", group=cast.south)
    return cast


# Leave


def test_leave_that_is_asked_for_changes_nothing_yet(roster):
    leave = leave_of(roster, roster.li, approved=False)
    assert nights(roster, 24) == ["li"]
    assert [piece.starts_at for piece in left_empty(leave, now=MONDAY)] == [TUESDAY]


def test_approved_leave_empties_the_shifts_and_asks_for_cover(roster):
    leave = leave_of(roster, roster.li, ends_at=at("2026-11-28 00:00"))
    assert nights(roster, 23, 24, 25, 27) == ["chen", None, "wang", None]
    assert EmptyShift.objects.filter(leave=leave).count() == 2
    first, second = SwapRequest.objects.filter(leave=leave, user=roster.li)
    assert (first.starts_at, first.ends_at, first.asked) == (TUESDAY, WEDNESDAY, None)
    assert (second.starts_at, second.ends_at) == (at("2026-11-27 18:00"), at("2026-11-28 00:00"))


def test_a_colleague_covers_a_shift_that_leave_has_emptied(roster):
    leave = leave_of(roster, roster.li)
    take_swap(leave.cover.get(), by=roster.hu, now=MONDAY)
    assert nights(roster, 23, 24, 25) == ["chen", "hu", "wang"]
    assert not EmptyShift.objects.filter(starts_at__lt=WEDNESDAY).exists()
    assert Shift.objects.get(user=roster.hu).instead_of == roster.li


def test_leave_in_the_middle_of_a_shift_cuts_it_and_what_was_held_stays(roster):
    leave = ask_leave(roster.li, NIGHT, WEDNESDAY, by=roster.wang, now=NIGHT)
    approve_leave(leave, by=roster.wang, now=NIGHT)
    assert Shift.objects.get(user=roster.li, starts_at=TUESDAY).ends_at == NIGHT
    assert EmptyShift.objects.get(leave=leave).starts_at == NIGHT
    assert not leave.cover.exists(), "what has begun is filled by the supervisor"
    place_override(
        roster.south,
        OverrideKind.ADD,
        DutyRole.PRIMARY,
        NIGHT,
        WEDNESDAY,
        user=roster.hu,
        by=roster.wang,
        now=NIGHT,
    )
    assert on_duty(roster, "11-25 01:00") == "hu"


def test_leave_goes_over_an_override(roster):
    place_override(
        roster.south,
        OverrideKind.REPLACE,
        DutyRole.PRIMARY,
        TUESDAY,
        WEDNESDAY,
        user=roster.hu,
        by=roster.wang,
        now=MONDAY,
    )
    leave_of(roster, roster.hu)
    assert nights(roster, 24) == [None]
    assert EmptyShift.objects.get(starts_at=TUESDAY).user == roster.hu


def test_withdrawn_leave_gives_the_duties_back_and_asks_for_cover_no_longer(roster):
    leave = leave_of(roster, roster.li)
    withdraw_leave(leave, by=roster.li, now=NIGHT)
    assert on_duty(roster, "11-25 01:00") == "li"
    assert on_duty(roster, "11-24 20:00") is None, "the hours that nobody held stay empty"
    assert leave.cover.get().state == SwapState.WITHDRAWN
    assert EmptyShift.objects.get().ends_at == NIGHT


def test_leave_is_decided_on_once_by_the_supervisor_and_never_by_oneself(roster):
    leave, own = leave_of(roster, roster.li, approved=False), leave_of(roster, roster.wang, approved=False)
    for who in ("chen", "li", "zhao", "outsider"):
        with pytest.raises(Refused):
            approve_leave(leave, by=getattr(roster, who), now=MONDAY)
    with pytest.raises(Refused):
        approve_leave(own, by=roster.wang, now=MONDAY)
    with pytest.raises(Refused) as refused:
        decline_leave(leave, answer=" ", by=roster.wang, now=MONDAY)
    assert refused.value.field == "answer"
    assert decline_leave(leave, answer="too few", by=roster.wang, now=MONDAY).answer == "too few"
    with pytest.raises(Refused):
        approve_leave(leave, by=roster.wang, now=MONDAY)
    assert nights(roster, 24) == ["li"]


def test_leave_twice_in_one_span_or_for_somebody_else_is_refused(roster):
    leave_of(roster, roster.li)
    with pytest.raises(Refused) as refused:
        leave_of(roster, roster.li, starts_at=NIGHT)
    assert refused.value.field == "starts_at"
    with pytest.raises(Refused):
        ask_leave(roster.li, THURSDAY, THURSDAY + timedelta(1), by=roster.chen, now=MONDAY)


# Swaps and cover


def test_what_is_only_asked_for_changes_nothing(roster):
    wanted(roster)
    assert nights(roster, 24) == ["li"]


def test_a_part_of_a_shift_is_taken(roster):
    take_swap(wanted(roster, starts_at=NIGHT), by=roster.hu, now=MONDAY)
    shifts = Shift.objects.filter(starts_at__gte=TUESDAY, starts_at__lt=WEDNESDAY).order_by("starts_at")
    assert [(one.user, one.starts_at, one.ends_at) for one in shifts] == [
        (roster.li, TUESDAY, NIGHT),
        (roster.hu, NIGHT, WEDNESDAY),
    ]


def test_two_people_change_places(roster):
    """李敏's Friday for 王强's Saturday."""
    back = Duty(DutyRole.PRIMARY, at("2026-11-28 18:00"), at("2026-11-29 18:00"))
    ends = {"starts_at": at("2026-11-27 18:00"), "ends_at": at("2026-11-28 18:00")}
    request = wanted(roster, asked=roster.wang, back=back, **ends)
    with pytest.raises(Refused):
        take_swap(request, by=roster.hu, now=MONDAY)
    take_swap(request, by=roster.wang, now=MONDAY)
    assert nights(roster, 27, 28) == ["wang", "li"]
    undo_swap(request, by=roster.wang, now=NIGHT)
    assert nights(roster, 27, 28) == ["li", "wang"]


def test_a_taken_swap_that_is_undone_on_the_way_is_undone_for_what_is_left(roster):
    request = take_swap(wanted(roster), by=roster.hu, now=MONDAY)
    undo_swap(request, by=roster.wang, now=NIGHT)
    assert (on_duty(roster, "11-24 20:00"), on_duty(roster, "11-25 01:00")) == ("hu", "li")
    with pytest.raises(Refused):
        undo_swap(request, by=roster.wang, now=NIGHT)


def test_past_its_start_nobody_takes_it_and_it_stays_where_it_was(roster):
    request = wanted(roster)
    assert request.is_past_due(TUESDAY) and not request.is_past_due(MONDAY)
    with pytest.raises(Refused):
        take_swap(request, by=roster.hu, now=TUESDAY)
    assert nights(roster, 24) == ["li"]
    assert list(SwapRequest.objects.open_at(MONDAY)) == [request]
    assert not SwapRequest.objects.open_at(TUESDAY).exists()


def test_what_was_withdrawn_or_taken_is_not_taken_again(roster):
    request = withdraw_swap(wanted(roster), by=roster.li, now=MONDAY)
    with pytest.raises(Refused):
        take_swap(request, by=roster.hu, now=MONDAY)
    taken = take_swap(wanted(roster), by=roster.hu, now=MONDAY)
    for act in (take_swap, withdraw_swap):
        with pytest.raises(Refused):
            act(taken, by=roster.wang, now=MONDAY)


@pytest.mark.parametrize(
    ("who", "code"), [("chen", "too_long"), ("li", "forbidden"), ("outsider", "refused"), ("liu", "refused")]
)
def test_whom_it_does_not_suit_cannot_take_it(roster, who, code):
    """陈工's own day ends as this one begins: two days on end."""
    with pytest.raises(Refused) as refused:
        take_swap(wanted(roster), by=getattr(roster, who), now=MONDAY)
    assert refused.value.code == code
    assert nights(roster, 24) == ["li"]


def test_who_is_on_leave_or_has_another_duty_then_cannot_take_it(roster):
    leave_of(roster, roster.hu, starts_at=NIGHT)
    with pytest.raises(Refused) as refused:
        take_swap(wanted(roster), by=roster.hu, now=MONDAY)
    assert refused.value.code == "absent"
    defined(roster, role=DutyRole.BACKUP, people=[roster.wang])
    with pytest.raises(Refused) as refused:
        take_swap(SwapRequest.objects.get(), by=roster.wang, now=MONDAY)
    assert refused.value.code == "elsewhere"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"starts_at": TUESDAY - timedelta(minutes=1)}, "starts_at"),
        ({"ends_at": WEDNESDAY + timedelta(minutes=1)}, "starts_at"),
        ({"role": DutyRole.BACKUP}, "starts_at"),
        ({"ends_at": TUESDAY}, "ends_at"),
        ({"now": TUESDAY}, "starts_at"),
        ({"back": Duty(DutyRole.PRIMARY, WEDNESDAY, THURSDAY)}, "asked"),
    ],
)
def test_only_a_duty_of_one_s_own_that_lies_ahead_can_be_asked_about(roster, more, field):
    with pytest.raises(Refused) as refused:
        wanted(roster, **more)
    assert refused.value.field == field and not SwapRequest.objects.exists()


def test_the_duty_given_back_must_be_the_other_s_and_asking_twice_is_once_too_often(roster):
    back = Duty(DutyRole.PRIMARY, WEDNESDAY, THURSDAY)
    with pytest.raises(Refused) as refused:
        wanted(roster, asked=roster.chen, back=back)
    assert refused.value.field == "back"
    wanted(roster)
    with pytest.raises(Refused):
        wanted(roster, starts_at=NIGHT)


def test_the_history_of_a_swap(roster):
    request = take_swap(wanted(roster), by=roster.hu, now=MONDAY)
    undo_swap(request, by=roster.wang, now=MONDAY)
    kinds = RosterEvent.objects.filter(person=roster.li).order_by("pk").values_list("kind", "by__username")
    assert list(kinds) == [("swap_asked", "li"), ("swap_taken", "hu"), ("swap_undone", "wang")]


# Temporary schedules


def block(cast, *people, first=date(2026, 12, 5), role=DutyRole.PRIMARY, **more) -> TemporarySchedule:
    days = [first + timedelta(days=number) for number in range(len(people))]
    placed = [
        Placed(person, role, at(f"{day} 18:00"), at(f"{day + timedelta(1)} 18:00"), f"primary_{day:%Y%m%d}")
        for day, person in zip(days, people, strict=True)
    ]
    return set_temporary(
        cast.south, "Festival", days[0], days[-1], placed, **({"by": cast.wang, "now": MONDAY} | more)
    )


def test_a_block_has_its_own_plan_and_the_rotation_holds_around_it(roster):
    schedule = block(roster, roster.hu, roster.chen, roster.hu)
    times = ("12-04 23:00", "12-05 23:00", "12-06 23:00", "12-07 23:00", "12-08 23:00")
    assert [on_duty(roster, text) for text in times] == ["wang", "hu", "chen", "hu", "chen"]
    assert set(Shift.objects.filter(source="temporary").values_list("note", flat=True)) == {"Festival"}
    end_temporary(schedule, by=roster.wang, now=at("2026-12-06 20:00"))
    assert [on_duty(roster, text) for text in times] == ["wang", "hu", "li", "wang", "chen"]


def test_two_plans_for_one_block_are_refused_at_the_day(roster):
    block(roster, roster.hu)
    with pytest.raises(Refused) as refused:
        block(roster, roster.chen, roster.li, first=date(2026, 12, 4))
    assert refused.value.field == "primary_20261205"
    assert TemporarySchedule.objects.count() == 1


def test_a_block_that_suits_somebody_ill_is_refused_at_the_day(roster):
    leave_of(roster, roster.hu, at("2026-12-06 00:00"), at("2026-12-07 00:00"))
    with pytest.raises(Refused) as refused:
        block(roster, roster.hu, roster.chen)
    assert (refused.value.field, refused.value.code) == ("primary_20261205", "absent")
