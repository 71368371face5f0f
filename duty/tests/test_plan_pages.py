"""The pages behind the roster: month, plan, rotations, temporary schedules, my duties, leave and swaps."""

from datetime import datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from duty.actions import Turns, approve_leave, ask_leave, define_rotation, place_override
from duty.models import (
    DutyRole,
    EmptyShift,
    Leave,
    Override,
    OverrideKind,
    RosterTerms,
    Rotation,
    Shift,
    SwapRequest,
    TemporarySchedule,
)
from staff.models import User

SOUTH = ["south"]
PLAN, MINE = reverse("duty:plan", args=SOUTH), reverse("duty:mine")
NEW_ROTATION = reverse("duty:rotation_create", args=SOUTH)
TYPED = "%Y-%m-%dT%H:%M"
DAY = timedelta(days=1)
NOW = timezone.now()
TODAY = timezone.localdate(NOW)


def noon(days: int) -> datetime:
    return datetime.combine(TODAY + days * DAY, time(12), timezone.get_default_timezone())


@pytest.fixture
def sign_in(cast, client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    def sign_in(person):
        client.force_login(person)
        return client

    return sign_in


@pytest.fixture
def roster(cast):
    """陈工 and 李敏 a day each from noon to noon, 陈工 from noon of tomorrow; 胡工 is free."""
    cast.hu = User.objects.create_user("hu", name="胡工", role="engineer", group=cast.south)
    turns = Turns("Days", DutyRole.PRIMARY, [cast.chen, cast.li], time(12), time(12), TODAY + DAY)
    define_rotation(cast.south, turns, since=noon(1), by=cast.wang, now=NOW)
    return cast


def rotation_form(cast, **more) -> dict[str, object]:
    return {
        "name": "Nights",
        "role": "primary",
        "starts": "17:00",
        "ends": "08:30",
        "every": "1",
        "unit": "week",
        "first_day": (TODAY + DAY).isoformat(),
        "weekdays": ["0", "1", "2", "3", "4"],
        "priority": "0",
        "since": noon(1).strftime(TYPED),
        f"place_{cast.chen.pk}": "2",
        f"place_{cast.li.pk}": "1",
    } | more


def test_a_supervisor_defines_changes_and_ends_a_rotation(cast, sign_in):
    browser = sign_in(cast.wang)
    assert browser.post(NEW_ROTATION, rotation_form(cast)).url == PLAN
    rotation = Rotation.objects.get()
    assert (rotation.people, rotation.unit, rotation.weekdays) == (
        [cast.li, cast.chen],
        "week",
        [0, 1, 2, 3, 4],
    )
    edit = reverse("duty:rotation_edit", args=[*SOUTH, rotation.pk])
    assert 'value="17:00"' in browser.get(edit).content.decode()
    assert browser.post(edit, rotation_form(cast, name="Later", since=noon(9).strftime(TYPED))).url == PLAN
    assert [one.name for one in Rotation.objects.order_by("pk")] == ["Nights", "Later"]
    browser.post(reverse("duty:rotation_end", args=[*SOUTH, rotation.pk]))
    assert not Rotation.objects.exists() and not Shift.objects.exists()


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"name": ""}, "name"),
        ({"every": "0"}, "every"),
        ({"starts": "25:00"}, "starts"),
        ({"since": noon(-1).strftime(TYPED)}, "since"),
        ({"weekdays": ["7"]}, "weekdays"),
        ({"kinds": ["rainy"]}, "kinds"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(cast, sign_in, bad, field):
    page = sign_in(cast.wang).post(NEW_ROTATION, rotation_form(cast) | bad)
    assert page.status_code == 422 and page.context["form"].errors.keys() == {field}
    assert 'value="08:30"' in page.content.decode()
    assert not Rotation.objects.exists()


def test_an_order_without_people_or_with_two_on_one_place_is_none(cast, sign_in):
    chen, li = f"place_{cast.chen.pk}", f"place_{cast.li.pk}"
    browser = sign_in(cast.wang)
    assert browser.post(NEW_ROTATION, rotation_form(cast) | {chen: "", li: ""}).status_code == 422
    page = browser.post(NEW_ROTATION, rotation_form(cast) | {chen: "1"})
    assert page.context["form"].errors.keys() == {chen, li}
    assert not Rotation.objects.exists()


def test_the_plan_shows_all_that_settles_who_is_on_duty(roster, sign_in):
    place_override(
        roster.south,
        OverrideKind.REPLACE,
        DutyRole.PRIMARY,
        noon(1),
        noon(2),
        user=roster.hu,
        reason="training",
        by=roster.wang,
        now=NOW,
    )
    ask_leave(roster.li, noon(2), noon(3), by=roster.li, now=NOW)
    page = sign_in(roster.wang).get(PLAN).content.decode()
    for word in ("Days", "training", "asked for", "Rotation defined", "10 h"):
        assert word in page
    for person in (roster.li, roster.zhao):
        seen = sign_in(person).get(PLAN)
        assert seen.status_code == 200 and NEW_ROTATION not in seen.content.decode()
    assert sign_in(roster.outsider).get(PLAN).status_code == 404


def test_the_month_has_a_row_a_person_and_a_column_a_day(roster, sign_in):
    board = sign_in(roster.li).get(reverse("duty:month", args=[*SOUTH, TODAY.year, TODAY.month]))
    assert len(board.context["columns"]) >= 28
    assert {row.person.username for row in board.context["rows"]} == {"chen", "hu", "li", "wang"}
    assert [column.date for column in board.context["columns"] if column.is_today] == [TODAY]


def test_a_month_that_is_not_written_out_yet_is_shown_as_planned(roster, sign_in):
    far = TODAY + 200 * DAY
    board = sign_in(roster.li).get(reverse("duty:month", args=[*SOUTH, far.year, far.month]))
    held = [cell.held for row in board.context["rows"] for cell in row.cells if cell.held]
    assert len(held) >= 28 and board.context["published_until"] and not board.context["holes"]
    for nonsense in ([1999, 1], [2101, 1], [2026, 13], [2026, 0]):
        assert sign_in(roster.li).get(reverse("duty:month", args=[*SOUTH, *nonsense])).status_code == 404


def test_the_month_costs_the_same_for_three_people_and_for_forty(
    roster, sign_in, django_assert_max_num_queries
):
    people = [
        User.objects.create_user(f"e{number}", name="人", role="engineer", group=roster.south)
        for number in range(40)
    ]
    turns = Turns("Backup", DutyRole.BACKUP, people, time(0), time(0), TODAY + DAY)
    define_rotation(roster.south, turns, since=noon(1), by=roster.wang, now=NOW)
    browser, next_month = sign_in(roster.zhao), (TODAY.replace(day=1) + 32 * DAY)
    with django_assert_max_num_queries(12):
        browser.get(reverse("duty:month", args=[*SOUTH, next_month.year, next_month.month]))


def test_a_block_of_days_is_planned_on_one_screen_and_taken_back(roster, sign_in):
    browser = sign_in(roster.wang)
    first, last = TODAY + 5 * DAY, TODAY + 7 * DAY
    asked = browser.get(reverse("duty:temporary_block", args=SOUTH), {"first_day": first, "last_day": last})
    typed = {
        "name": "Festival",
        "starts": "12:00",
        "ends": "12:00",
        f"primary_{first:%Y%m%d}": roster.hu.pk,
        f"backup_{first:%Y%m%d}": roster.wang.pk,
    }
    assert browser.post(asked.url, typed).url == PLAN
    assert Shift.objects.get(starts_at=noon(5), role="primary").user == roster.hu
    assert Shift.objects.get(starts_at=noon(6), role="primary").source == "rotation"
    again = browser.post(asked.url, typed)
    assert again.status_code == 422 and f"primary_{first:%Y%m%d}" in again.context["form"].errors
    browser.post(reverse("duty:temporary_end", args=[*SOUTH, TemporarySchedule.objects.get().pk]))
    assert not Shift.objects.filter(user=roster.hu).exists()


@pytest.mark.parametrize("days", [("x", "y"), ("2026-01-02", "2026-01-01"), ("2026-01-01", "2027-01-01")])
def test_a_block_that_is_none_is_not_found(cast, sign_in, days):
    url = reverse("duty:temporary_create", args=[*SOUTH, *days])
    assert sign_in(cast.wang).get(url).status_code == 404
    wrong = {"first_day": days[0], "last_day": days[1]}
    assert sign_in(cast.wang).get(reverse("duty:temporary_block", args=SOUTH), wrong).status_code == 422


def test_cover_is_asked_for_and_taken(roster, sign_in):
    own = Shift.objects.get(user=roster.li, starts_at=noon(2))
    ask = reverse("duty:swap_ask", args=[own.pk])
    half = {"starts_at": noon(2).strftime(TYPED), "ends_at": (noon(2) + timedelta(hours=6)).strftime(TYPED)}
    assert sign_in(roster.chen).get(ask).status_code == 404
    assert sign_in(roster.li).post(ask, half).url == MINE
    request = SwapRequest.objects.get()
    take = reverse("duty:swap_take", args=[request.pk])
    assert take in sign_in(roster.hu).get(MINE).content.decode()
    assert take not in sign_in(roster.li).get(MINE).content.decode()
    assert sign_in(roster.outsider).post(take).status_code == 404
    assert sign_in(roster.hu).get(take).status_code == 405
    page = sign_in(roster.chen).post(take, follow=True).content.decode()
    assert "too little rest" in page or "longer than a stretch" in page
    sign_in(roster.hu).post(take)
    assert [one.user for one in Shift.objects.filter(starts_at__gte=noon(2), starts_at__lt=noon(3))] == [
        roster.hu,
        roster.li,
    ]
    sign_in(roster.wang).post(reverse("duty:swap_undo", args=[request.pk]))
    assert Shift.objects.get(starts_at=noon(2)).user == roster.li


def test_a_swap_is_asked_of_who_has_the_other_duty(roster, sign_in):
    own, theirs = (Shift.objects.get(starts_at=noon(day)) for day in (2, 3))
    typed = {"starts_at": noon(2).strftime(TYPED), "ends_at": noon(3).strftime(TYPED), "back": theirs.pk}
    ask = reverse("duty:swap_ask", args=[own.pk])
    wrong = sign_in(roster.li).post(ask, typed | {"asked": roster.hu.pk})
    assert wrong.status_code == 422 and "back" in wrong.context["form"].errors
    sign_in(roster.li).post(ask, typed)
    request = SwapRequest.objects.get()
    assert (request.asked, request.back_starts_at) == (roster.chen, noon(3))
    sign_in(roster.li).post(reverse("duty:swap_withdraw", args=[request.pk]))
    request.refresh_from_db()
    assert request.state == "withdrawn"


def test_leave_is_asked_for_decided_on_and_leaves_shifts_to_cover(roster, sign_in):
    typed = {"starts_at": noon(2).strftime(TYPED), "ends_at": noon(3).strftime(TYPED), "reason": "fever"}
    assert sign_in(roster.li).post(reverse("duty:leave_ask"), typed).url == MINE
    leave = Leave.objects.get()
    decide = reverse("duty:leave_decide", args=[leave.pk])
    assert sign_in(roster.chen).get(decide).status_code == 404
    assert sign_in(roster.li).get(decide).status_code == 403
    page = sign_in(roster.wang).get(decide)
    assert [piece.starts_at for piece, _role in page.context["left_empty"]] == [noon(2)]
    refused = sign_in(roster.wang).post(decide, {"verdict": "decline", "answer": ""})
    assert refused.status_code == 422 and "answer" in refused.context["form"].errors
    sign_in(roster.wang).post(decide, {"verdict": "approve", "answer": "get well"})
    assert EmptyShift.objects.get(leave=leave).starts_at == noon(2)
    board = sign_in(roster.wang).get(reverse("duty:now"))
    (found,) = board.context["boards"]
    assert roster.li in [hole.absent for hole in found.holes]
    assert "get well" in sign_in(roster.li).get(MINE).content.decode()
    sign_in(roster.li).post(reverse("duty:leave_withdraw", args=[leave.pk]))
    assert not EmptyShift.objects.exists()


def test_a_supervisor_files_leave_for_somebody_who_cannot(roster, sign_in):
    typed = {"user": roster.li.pk, "starts_at": noon(2).strftime(TYPED), "ends_at": noon(3).strftime(TYPED)}
    url = reverse("duty:leave_file", args=SOUTH)
    assert sign_in(roster.li).post(url, typed).status_code == 403
    assert sign_in(roster.wang).post(url, typed).url == PLAN
    assert sign_in(roster.wang).post(url, typed).status_code == 422
    assert Leave.objects.get().user == roster.li


def test_a_hole_on_the_board_opens_the_form_that_fills_it(roster, sign_in):
    approve_leave(ask_leave(roster.li, noon(2), noon(3), by=roster.li, now=NOW), by=roster.wang, now=NOW)
    page = sign_in(roster.wang).get(reverse("duty:now")).content.decode()
    assert "is away" in page
    fill = {"from": noon(2).isoformat(), "to": noon(3).isoformat(), "role": "primary"}
    form = sign_in(roster.wang).get(reverse("duty:shift_create", args=SOUTH), fill).context["form"]
    assert (form.initial["starts_at"], form.initial["ends_at"]) == (noon(2), noon(3))
    typed = {"kind": "add", "role": "primary", "user": roster.hu.pk, "reason": "covers"}
    times = {"starts_at": noon(2).strftime(TYPED), "ends_at": noon(3).strftime(TYPED)}
    sign_in(roster.wang).post(reverse("duty:shift_create", args=SOUTH), typed | times)
    assert Shift.objects.get(starts_at=noon(2)).user == roster.hu
    change = Override.objects.get()
    sign_in(roster.wang).post(reverse("duty:override_end", args=[*SOUTH, change.pk]))
    assert EmptyShift.objects.get().user == roster.li


def test_the_rest_between_shifts_is_a_setting_of_the_group(cast, sign_in):
    url = reverse("duty:terms", args=SOUTH)
    assert sign_in(cast.wang).post(url, {"rest_hours": "8", "longest_hours": ""}).url == PLAN
    terms = RosterTerms.objects.get()
    assert (terms.rest_hours, terms.longest_hours) == (8, None)
    page = sign_in(cast.wang).post(url, {"rest_hours": "49", "longest_hours": "169"})
    assert page.status_code == 422 and page.context["form"].errors.keys() == {"rest_hours", "longest_hours"}
    assert sign_in(cast.li).get(url).status_code == 403


@pytest.mark.parametrize(
    "name",
    ["plan", "this_month", "terms", "rotation_create", "shift_create", "temporary_block", "leave_file"],
)
def test_the_roster_of_another_group_is_not_found_and_no_contact_s_business(cast, sign_in, name):
    url = reverse(f"duty:{name}", args=["north"])
    assert sign_in(cast.wang).get(url).status_code == 404
    assert sign_in(cast.sun).get(url).status_code == 403


def test_buttons_post_and_nothing_else(roster, sign_in):
    rotation = Rotation.objects.get()
    browser = sign_in(roster.wang)
    for url in (
        reverse("duty:rotation_end", args=[*SOUTH, rotation.pk]),
        reverse("duty:override_end", args=[*SOUTH, 1]),
        reverse("duty:temporary_end", args=[*SOUTH, 1]),
        reverse("duty:leave_withdraw", args=[1]),
        reverse("duty:swap_undo", args=[1]),
        reverse("duty:swap_withdraw", args=[1]),
    ):
        assert browser.get(url).status_code == 405
    assert (
        sign_in(roster.li).post(reverse("duty:rotation_end", args=[*SOUTH, rotation.pk])).status_code == 403
    )
    assert Rotation.objects.get().until is None
