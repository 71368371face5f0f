"""Rotations on the roster: written out ahead, changed from an instant on, ended, followed by the calendar."""

from datetime import date, time, timedelta

import pytest

from duty.actions import change_rotation, edit_day, end_rotation, publish_all, published_until, set_terms
from duty.models import DayKind, DutyRole, EmptyShift, RosterEvent, Rotation, Shift
from duty.tests.rosters import START, daily, defined, nights, on_duty
from opsdesk.testing import MONDAY, at
from staff.models import User
from staff.refused import Refused

NIGHT = at("2026-11-24 03:00")


def test_a_rotation_is_written_out_sixty_days_ahead_without_a_gap(cast):
    defined(cast)
    shifts = list(Shift.objects.order_by("starts_at"))
    assert nights(cast, 23, 24, 25, 26) == ["chen", "li", "wang", "chen"]
    assert shifts[0].starts_at == START and shifts[-1].ends_at == published_until(MONDAY)
    assert all(one.ends_at == other.starts_at for one, other in zip(shifts, shifts[1:], strict=False))
    assert {(shift.source, shift.note) for shift in shifts} == {("rotation", "On call")}


def test_every_day_brings_another_day_into_sight_and_touches_nothing_else(cast):
    defined(cast)
    before = dict(Shift.objects.values_list("pk", "starts_at"))
    tomorrow = MONDAY + timedelta(days=1)
    assert publish_all(now=tomorrow) == 1
    assert before.items() <= dict(Shift.objects.values_list("pk", "starts_at")).items()
    assert Shift.objects.latest("ends_at").ends_at == published_until(tomorrow)
    count = Shift.objects.count()
    publish_all(now=tomorrow)
    assert Shift.objects.count() == count


def test_a_change_holds_from_its_instant_on_and_what_was_held_stays(cast):
    rotation = defined(cast)
    two = daily(cast, people=[cast.wang, cast.li], first_day=date(2026, 11, 25))
    version = change_rotation(rotation, two, since=at("2026-11-25 18:00"), by=cast.wang, now=NIGHT)
    rotation.refresh_from_db()
    assert rotation.until == version.since and version.line == rotation.pk
    assert nights(cast, 23, 24, 25, 26, 27) == ["chen", "li", "wang", "li", "wang"]


def test_a_change_at_once_cuts_the_running_shift_now(cast):
    rotation = defined(cast)
    change_rotation(rotation, daily(cast, people=[cast.wang]), since=NIGHT, by=cast.wang, now=NIGHT)
    first, second = Shift.objects.order_by("starts_at")[:2]
    assert (first.user, first.starts_at, first.ends_at) == (cast.chen, START, NIGHT)
    assert (second.user, second.starts_at) == (cast.wang, NIGHT)


def test_a_version_that_never_held_is_written_over(cast):
    rotation = defined(cast)
    change_rotation(rotation, daily(cast, people=[cast.li]), since=START, by=cast.wang, now=MONDAY)
    assert Rotation.objects.get().people == [cast.li]
    assert nights(cast, 23, 24) == ["li", "li"]


def test_a_rotation_that_has_begun_is_cut_and_one_that_has_not_leaves_no_trace(cast):
    begun = defined(cast)
    planned = defined(cast, role=DutyRole.BACKUP, since=at("2026-12-01 18:00"), people=[cast.li])
    for rotation in (begun, planned):
        end_rotation(rotation, by=cast.wang, now=NIGHT)
    assert Rotation.objects.get().until == NIGHT
    (shift,) = Shift.objects.all()
    assert (shift.user, shift.starts_at, shift.ends_at) == (cast.chen, START, NIGHT)


def test_ending_a_rotation_ends_the_versions_planned_for_later_too(cast):
    rotation = defined(cast)
    change_rotation(rotation, daily(cast), since=at("2026-12-01 18:00"), by=cast.wang, now=NIGHT)
    end_rotation(Rotation.objects.get(pk=rotation.pk), by=cast.wang, now=NIGHT)
    assert Rotation.objects.count() == 1 and not Shift.objects.filter(ends_at__gt=NIGHT).exists()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"since": MONDAY - timedelta(seconds=1)}, "since"),
        ({"people": []}, "people"),
    ],
)
def test_what_makes_no_rotation_is_refused_at_its_field(cast, more, field):
    with pytest.raises(Refused) as refused:
        defined(cast, **more)
    assert refused.value.field == field and not Rotation.objects.exists()


def test_only_people_of_the_group_take_turns(cast):
    with pytest.raises(Refused) as refused:
        defined(cast, people=[cast.chen, cast.outsider])
    assert refused.value.field == "people"


def test_a_version_is_changed_only_while_it_holds(cast):
    rotation = defined(cast)
    with pytest.raises(Refused) as refused:
        change_rotation(rotation, daily(cast), since=MONDAY + timedelta(hours=1), by=cast.wang, now=MONDAY)
    assert refused.value.field == "since"
    end_rotation(rotation, by=cast.wang, now=NIGHT)
    with pytest.raises(Refused):
        change_rotation(rotation, daily(cast), since=NIGHT, by=cast.wang, now=NIGHT)


@pytest.mark.parametrize("who", ["li", "chen", "liu", "zhou", "zhao", "outsider", "sun"])
def test_nobody_but_the_group_s_supervisor_and_administrators_plans(cast, who):
    rotation, by = defined(cast), getattr(cast, who)
    for act in (
        lambda: change_rotation(rotation, daily(cast), since=NIGHT, by=by, now=MONDAY),
        lambda: end_rotation(rotation, by=by, now=NIGHT),
        lambda: set_terms(cast.south, rest_hours=1, longest_hours=None, by=by, now=NIGHT),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "forbidden"


def test_a_layer_over_the_base_and_a_holiday_layer_over_both(cast):
    """12-05 is a Saturday; it becomes a holiday."""
    defined(cast, people=[cast.chen])
    weekend = {"weekdays": [5, 6], "starts": time(8), "ends": time(8), "first_day": date(2026, 11, 28)}
    defined(cast, name="Weekend", people=[cast.li], priority=1, **weekend)
    holiday = {"starts": time(0), "ends": time(0), "kinds": [DayKind.STATUTORY], "for_holidays": True}
    defined(cast, name="Holiday", people=[cast.wang], **holiday)
    times = ("12-04 12:00", "12-05 12:00", "12-06 12:00")
    assert [on_duty(cast, text) for text in times] == ["chen", "li", "li"]
    edit_day(date(2026, 12, 5), kind=DayKind.STATUTORY, name="x", name_en="", by=cast.wang, now=MONDAY)
    assert [on_duty(cast, text) for text in times] == ["chen", "wang", "li"]
    assert Shift.objects.filter(note="Holiday").first().source == "holiday"


def test_who_leaves_empties_his_shifts_and_nobody_reads_them_as_held(cast):
    defined(cast)
    User.objects.filter(pk=cast.li.pk).update(is_active=False)
    publish_all(now=NIGHT)
    assert nights(cast, 23, 24, 25) == ["chen", None, "wang"]
    assert {(empty.user, empty.leave) for empty in EmptyShift.objects.all()} == {(cast.li, None)}


def test_the_history_names_each_step(cast):
    rotation = defined(cast)
    change_rotation(rotation, daily(cast), since=NIGHT, by=cast.admin, now=NIGHT)
    set_terms(cast.south, rest_hours=8, longest_hours=None, by=cast.wang, now=NIGHT)
    kinds = list(RosterEvent.objects.order_by("pk").values_list("kind", "by__username", "note"))
    assert kinds == [
        ("rotation_defined", "wang", "On call"),
        ("rotation_changed", "admin", "On call"),
        ("terms_changed", "wang", "8 h / - h"),
    ]
