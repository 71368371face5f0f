"""What happens to the roster and the calendar, and who may do it."""

from datetime import date, timedelta

import pytest

from duty.actions import edit_day, load_year, publish_shift, remove_shift
from duty.models import CalendarDay, CalendarYear, DayKind, DutyRole, Shift
from duty.official import plan_of
from opsdesk.testing import MONDAY, at
from staff.models import User
from staff.refused import Refused

EVENING, NIGHT, MORNING = at("2026-11-23 18:00"), at("2026-11-24 00:00"), at("2026-11-24 08:00")


def publish(
    cast, person=None, role=DutyRole.PRIMARY, starts_at=EVENING, ends_at=MORNING, by=None, now=MONDAY
):
    return publish_shift(
        cast.south, person or cast.chen, role, starts_at, ends_at, by=by or cast.wang, now=now
    )


# The roster


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
    publish_shift(cast.north, cast.outsider, DutyRole.PRIMARY, EVENING, MORNING, by=cast.admin, now=MONDAY)
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


# The calendar


def test_a_day_edited_by_hand_survives_the_official_plan(cast):
    on = date(2026, 11, 27)
    edit_day(on, kind=DayKind.DAY_IN_LIEU, name=" 停电 ", name_en="Power cut", by=cast.wang)
    load_year(plan_of(2026))
    day = CalendarDay.objects.get(date=on)
    assert (day.kind, day.name, day.is_edited, day.is_working) == (DayKind.DAY_IN_LIEU, "停电", True, False)


def test_loading_a_year_a_second_time_changes_nothing(cast):
    assert load_year(plan_of(2026)) == 0
    assert CalendarDay.objects.filter(date__year=2026).count() == 365
    assert CalendarYear.objects.get(year=2026).is_official


@pytest.mark.parametrize(
    ("on", "kind"),
    [
        (date(2026, 11, 28), DayKind.WORKDAY),
        (date(2026, 11, 27), DayKind.WEEKEND),
        (date(2026, 11, 27), DayKind.MAKEUP_WORKDAY),
    ],
    ids=["a Saturday is no ordinary workday", "a Friday is no weekend", "a Friday makes nothing up"],
)
def test_the_kind_fits_the_weekday(cast, on, kind):
    with pytest.raises(Refused) as refused:
        edit_day(on, kind=kind, name="", name_en="", by=cast.wang)
    assert refused.value.field == "kind"


@pytest.mark.parametrize("who", ["li", "chen", "liu", "zhou", "zhao", "sun"])
def test_only_supervisors_and_administrators_edit_the_calendar(cast, who):
    with pytest.raises(Refused):
        edit_day(date(2026, 11, 27), kind=DayKind.STATUTORY, name="", name_en="", by=getattr(cast, who))
