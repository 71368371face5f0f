"""A supervisor's word on a span: somebody put on duty, replaced, or taken off it."""

from datetime import timedelta

import pytest

from duty.actions import end_override, place_override, remove_shift
from duty.models import DutyRole, Override, OverrideKind, RosterEvent, Shift
from opsdesk.testing import MONDAY, at
from staff.models import User
from staff.refused import Refused

EVENING, NIGHT, MORNING = at("2026-11-23 18:00"), at("2026-11-24 00:00"), at("2026-11-24 08:00")
NOON = at("2026-11-24 12:00")


def place(cast, kind=OverrideKind.ADD, **more) -> Override:
    facts = {"role": DutyRole.PRIMARY, "starts_at": EVENING, "ends_at": MORNING, "now": MONDAY}
    facts |= {"by": cast.wang, "group": cast.south, "user": cast.chen} | more
    return place_override(facts.pop("group"), kind, **facts)


def publish(cast, person=None, **more) -> Shift:
    """Put somebody on duty; return his shift."""
    override = place(cast, user=person or cast.chen, **more)
    return Shift.objects.get(source_id=override.pk)


def held() -> list[tuple]:
    return list(Shift.objects.values_list("user__username", "starts_at", "ends_at").order_by("starts_at"))


def test_a_shift_holds_from_its_start_and_no_longer_at_its_end(cast):
    shift = publish(cast)
    assert Shift.objects.on_duty(cast.south, EVENING).get() == shift
    assert Shift.objects.on_duty(cast.south, MORNING - timedelta(seconds=1)).get() == shift
    assert not Shift.objects.on_duty(cast.south, MORNING).exists()


def test_the_next_shift_may_begin_when_the_one_before_ends(cast):
    publish(cast, ends_at=NIGHT)
    publish(cast, person=cast.li, starts_at=NIGHT)
    assert Shift.objects.on_duty(cast.south, NIGHT).get().user == cast.li


def test_two_people_cannot_have_the_same_duty_at_once(cast):
    publish(cast)
    with pytest.raises(Refused) as refused:
        publish(
            cast, person=cast.li, starts_at=MORNING - timedelta(minutes=1), ends_at=MORNING + timedelta(1)
        )
    assert refused.value.field == "starts_at"
    assert Shift.objects.count() == 1


def test_another_duty_or_another_group_does_not_collide(cast):
    publish(cast)
    publish(cast, person=cast.li, role=DutyRole.BACKUP)
    publish(cast, group=cast.north, person=cast.outsider, by=cast.admin)
    assert Shift.objects.count() == 3


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"ends_at": EVENING}, "ends_at"),
        ({"ends_at": EVENING - timedelta(hours=1)}, "ends_at"),
        ({"starts_at": at("2026-11-22 08:00"), "ends_at": at("2026-11-22 20:00")}, "ends_at"),
        ({"starts_at": MONDAY - timedelta(hours=1), "ends_at": MONDAY}, "ends_at"),
    ],
    ids=["no length", "backwards", "yesterday", "ends this instant"],
)
def test_a_shift_has_a_length_and_ends_in_the_future(cast, more, field):
    with pytest.raises(Refused) as refused:
        publish(cast, **more)
    assert refused.value.field == field


@pytest.mark.parametrize("who", ["outsider", "liu", "zhao", "sun"])
def test_only_people_who_work_in_the_group_are_on_its_roster(cast, who):
    with pytest.raises(Refused) as refused:
        publish(cast, person=getattr(cast, who))
    assert refused.value.field == "user"


def test_a_person_who_left_gets_no_shift_and_holds_none(cast):
    shift = publish(cast)
    User.objects.filter(pk=cast.chen.pk).update(is_active=False)
    assert not Shift.objects.on_duty(cast.south, shift.starts_at).exists()
    cast.chen.refresh_from_db()
    with pytest.raises(Refused):
        publish(cast, starts_at=MORNING, ends_at=MORNING + timedelta(hours=8))


@pytest.mark.parametrize("who", ["li", "chen", "liu", "zhou", "zhao", "outsider", "sun"])
def test_nobody_but_the_group_s_supervisor_and_administrators_changes_the_roster(cast, who):
    shift = publish(cast)
    with pytest.raises(Refused):
        publish(cast, role=DutyRole.BACKUP, by=getattr(cast, who))
    with pytest.raises(Refused):
        remove_shift(shift, by=getattr(cast, who), now=MONDAY)
    assert Shift.objects.get() == shift


def test_a_shift_that_has_not_begun_is_taken_back_whole(cast):
    remove_shift(publish(cast), by=cast.wang, now=MONDAY)
    assert not Shift.objects.exists()


def test_a_shift_that_has_begun_ends_now_and_the_past_stays(cast):
    shift = publish(cast)
    remove_shift(shift, by=cast.admin, now=NIGHT)
    shift.refresh_from_db()
    assert (shift.starts_at, shift.ends_at) == (EVENING, NIGHT)
    with pytest.raises(Refused):
        remove_shift(shift, by=cast.admin, now=MORNING)


def test_somebody_is_replaced_in_a_part_of_his_shift_alone(cast):
    publish(cast)
    place(cast, OverrideKind.REPLACE, user=cast.li, instead_of=cast.chen, starts_at=NIGHT, reason="fever")
    assert held() == [("chen", EVENING, NIGHT), ("li", NIGHT, MORNING)]
    late = Shift.objects.get(user=cast.li)
    assert (late.instead_of, late.note, late.source) == (cast.chen, "fever", "override")


def test_who_is_not_on_duty_cannot_be_relieved(cast):
    publish(cast)
    for kind in (OverrideKind.REPLACE, OverrideKind.REMOVE):
        with pytest.raises(Refused) as refused:
            place(cast, kind, user=cast.li, instead_of=cast.wang)
        assert refused.value.field == "instead_of"
    with pytest.raises(Refused):
        place(cast, OverrideKind.REMOVE, starts_at=MORNING, ends_at=NOON)
    assert Override.objects.count() == 1


def test_a_change_that_is_taken_back_lets_the_one_below_hold_again_from_now_on(cast):
    publish(cast)
    change = place(cast, OverrideKind.REPLACE, user=cast.li)
    end_override(change, by=cast.wang, now=NIGHT)
    assert held() == [("li", EVENING, NIGHT), ("chen", NIGHT, MORNING)]
    with pytest.raises(Refused):
        end_override(change, by=cast.wang, now=NIGHT)


def test_a_running_shift_that_nothing_touches_stays_the_row_it_was(cast):
    shift = publish(cast)
    place(cast, role=DutyRole.BACKUP, user=cast.li, starts_at=MORNING, ends_at=NOON, now=NIGHT)
    assert Shift.objects.get(pk=shift.pk).ends_at == MORNING
    assert held()[0] == ("chen", EVENING, MORNING)


def test_nothing_is_put_into_the_past(cast):
    place(cast, starts_at=MONDAY - timedelta(hours=5), ends_at=EVENING)
    assert held() == [("chen", MONDAY, EVENING)]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"role": DutyRole.BACKUP}, "elsewhere"),
        (
            {"starts_at": MORNING + timedelta(hours=9), "ends_at": MORNING + timedelta(hours=12)},
            "too_little_rest",
        ),
        ({"starts_at": MORNING, "ends_at": MORNING + timedelta(hours=11)}, "too_long"),
    ],
)
def test_a_duty_that_does_not_suit_somebody_is_refused_with_the_reason(cast, more, code):
    publish(cast)
    with pytest.raises(Refused) as refused:
        place(cast, **more)
    assert (refused.value.code, refused.value.field) == (code, "user")
    assert Shift.objects.count() == 1


def test_the_history_says_who_changed_what_when_and_why(cast):
    change = place(cast, reason="night of the cutover")
    end_override(change, by=cast.admin, now=NIGHT)
    placed, ended = RosterEvent.objects.order_by("pk")
    assert (placed.kind, placed.by, placed.at, placed.person) == (
        "override_placed",
        cast.wang,
        MONDAY,
        cast.chen,
    )
    assert placed.note == "night of the cutover"
    assert (ended.kind, ended.by, ended.at) == ("override_ended", cast.admin, NIGHT)
