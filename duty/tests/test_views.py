"""The page that says who is on duty."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from duty.models import DutyRole, Override, OverrideKind, Shift
from staff.models import Group, User

NOW_URL = reverse("duty:now")
NEW_URL = reverse("duty:shift_create", args=["south"])
NEW_NORTH_URL = reverse("duty:shift_create", args=["north"])
TYPED = "%Y-%m-%dT%H:%M"
BEGAN = timezone.localtime().replace(second=0, microsecond=0)


@pytest.fixture
def sign_in(cast, client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    def sign_in(person):
        client.force_login(person)
        return client

    return sign_in


def hours(number: float):
    """So many hours from now on; the same instant throughout a run."""
    return BEGAN + timedelta(hours=number)


def shift(person, start: float, end: float, role=DutyRole.PRIMARY) -> Shift:
    """A shift as it was placed by hand, and the plan behind it."""
    facts = {"user": person, "role": role, "starts_at": hours(start), "ends_at": hours(end)}
    placed = Override.objects.create(group=person.group, kind=OverrideKind.ADD, **facts)
    return Shift.objects.create(group=person.group, source_id=placed.pk, **facts)


def remove_url(shift: Shift) -> str:
    return reverse("duty:shift_remove", args=[shift.pk])


def board(page):
    (found,) = page.context["boards"]
    return found


# The board


def test_the_board_says_who_is_on_duty_now_in_each_role(cast, sign_in):
    shift(cast.chen, -1, 8)
    shift(cast.li, -1, 8, DutyRole.BACKUP)
    shift(cast.wang, -1, 8, DutyRole.SUPERVISOR)
    page = sign_in(cast.li).get(NOW_URL)
    assert [board(page).now[role].user for role in DutyRole.values] == [cast.chen, cast.li, cast.wang]
    assert board(page).holes[0].starts_at == hours(8)


def test_no_primary_is_said_loudly_even_with_a_backup(cast, sign_in):
    shift(cast.li, -1, 8, DutyRole.BACKUP)
    page = sign_in(cast.li).get(NOW_URL)
    assert board(page).has_gap_now and "Nobody!" in page.content.decode()


def test_a_month_without_a_gap_are_said_to_have_none(cast, sign_in):
    shift(cast.chen, -1, 24 * 31)
    page = sign_in(cast.li).get(NOW_URL)
    assert list(board(page).holes) == [] and "no gap in 30 days" in page.content.decode()
    assert len(board(page).days) == 14


def test_a_gap_of_a_minute_is_found_on_its_day(cast, sign_in):
    shift(cast.chen, -1, 50)
    Shift.objects.create(
        group=cast.south,
        user=cast.li,
        starts_at=hours(50) + timedelta(minutes=1),
        ends_at=hours(24 * 31),
    )
    found = board(sign_in(cast.li).get(NOW_URL))
    (gap,) = found.holes
    assert gap.ends_at - gap.starts_at == timedelta(minutes=1)
    of_that_day = next(day for day in found.days if day.date == timezone.localdate(gap.starts_at))
    assert [piece.shift is None for piece in of_that_day.primary].count(True) == 1


def test_a_person_who_left_leaves_a_gap(cast, sign_in):
    shift(cast.chen, -1, 24 * 31)
    User.objects.filter(pk=cast.chen.pk).update(is_active=False)
    assert board(sign_in(cast.li).get(NOW_URL)).has_gap_now


def test_a_shift_over_midnight_shows_on_both_days(cast, sign_in):
    shift(cast.chen, 24, 48)
    found = board(sign_in(cast.li).get(NOW_URL))
    days = [day for day in found.days if any(piece.shift for piece in day.primary)]
    assert len(days) == 2 or hours(24).hour == hours(24).minute == 0


def test_a_group_sees_its_own_board_and_those_above_see_all(cast, sign_in):
    assert [each.group for each in sign_in(cast.outsider).get(NOW_URL).context["boards"]] == [cast.north]
    assert len(sign_in(cast.zhao).get(NOW_URL).context["boards"]) == 2
    assert sign_in(cast.sun).get(NOW_URL).status_code == 403
    assert sign_in(cast.li).post(NOW_URL).status_code == 405


def test_buttons_are_there_for_the_group_s_supervisor_alone(cast, sign_in):
    held = shift(cast.chen, -1, 8)
    assert NEW_URL in sign_in(cast.wang).get(NOW_URL).content.decode()
    assert remove_url(held) in sign_in(cast.admin).get(NOW_URL).content.decode()
    for person in (cast.li, cast.zhao):
        page = sign_in(person).get(NOW_URL).content.decode()
        assert NEW_URL not in page and remove_url(held) not in page


def test_the_board_costs_the_same_for_one_group_and_for_twelve(cast, sign_in, django_assert_max_num_queries):
    for number in range(10):
        group = Group.objects.create(code=f"g{number}", name=f"组 {number}")
        person = User.objects.create(username=f"p{number}", name="人", role="engineer", group=group)
        for day in range(10):
            shift(person, 24 * day, 24 * day + 24)
    browser = sign_in(cast.zhao)
    with django_assert_max_num_queries(14):
        browser.get(NOW_URL)


# Writing


def form(person, start: float, end: float, **more) -> dict[str, object]:
    return {
        "kind": "add",
        "user": person.pk,
        "role": "primary",
        "starts_at": hours(start).strftime(TYPED),
        "ends_at": hours(end).strftime(TYPED),
    } | more


def test_a_supervisor_puts_somebody_on_duty(cast, sign_in):
    answer = sign_in(cast.wang).post(NEW_URL, form(cast.chen, 1, 9))
    assert answer.url == f"{NOW_URL}#south"
    held = Shift.objects.get()
    assert (held.user, held.group, held.starts_at, held.ends_at) == (
        cast.chen,
        cast.south,
        hours(1),
        hours(9),
    )


def test_the_form_opens_with_the_gap_that_it_is_to_fill(cast, sign_in):
    page = sign_in(cast.wang).get(NEW_URL, {"from": hours(5).isoformat(), "to": hours(7).isoformat()})
    text = page.content.decode()
    assert hours(5).strftime(TYPED) in text and hours(7).strftime(TYPED) in text
    for nonsense in ("x", "2026-99-99T00:00", "2026-01-01T00:00"):
        assert sign_in(cast.wang).get(NEW_URL, {"from": nonsense}).status_code == 200


def test_a_collision_is_an_error_at_its_field_and_nothing_typed_is_lost(cast, sign_in):
    shift(cast.li, 0, 24)
    page = sign_in(cast.wang).post(NEW_URL, form(cast.chen, 1, 9))
    assert page.status_code == 422 and page.context["form"].errors.keys() == {"starts_at"}
    assert hours(9).strftime(TYPED) in page.content.decode()
    assert "Somebody else already has this duty" in page.content.decode()


@pytest.mark.parametrize("bad", [{"role": "king"}, {"starts_at": "soon"}, {"user": "0"}, {"ends_at": ""}])
def test_bad_input_publishes_nothing(cast, sign_in, bad):
    page = sign_in(cast.wang).post(NEW_URL, form(cast.chen, 1, 9, **bad))
    assert page.status_code == 422 and page.context["form"].errors.keys() == bad.keys()
    assert not Shift.objects.exists()


def test_only_people_of_the_group_can_be_chosen(cast, sign_in):
    browser = sign_in(cast.admin)
    assert set(browser.get(NEW_URL).context["form"].fields["user"].queryset) == {
        cast.li,
        cast.chen,
        cast.wang,
    }
    assert browser.post(NEW_URL, form(cast.outsider, 1, 9)).status_code == 422


def test_a_roster_of_another_group_is_a_404_and_one_s_own_without_the_right_a_403(cast, sign_in):
    assert sign_in(cast.wang).get(NEW_NORTH_URL).status_code == 404
    assert sign_in(cast.wang).post(NEW_NORTH_URL, form(cast.outsider, 1, 9)).status_code == 404
    assert sign_in(cast.li).get(NEW_URL).status_code == 403
    assert sign_in(cast.zhao).post(NEW_URL, form(cast.chen, 1, 9)).status_code == 403
    assert sign_in(cast.admin).get(reverse("duty:shift_create", args=["nowhere"])).status_code == 404
    assert sign_in(cast.admin).put(NEW_URL).status_code == 405
    assert not Shift.objects.exists()


def test_a_shift_is_taken_back_by_post_alone(cast, sign_in):
    held = shift(cast.chen, 5, 8)
    browser = sign_in(cast.wang)
    assert browser.get(remove_url(held)).status_code == 405
    assert browser.post(remove_url(held)).url == f"{NOW_URL}#south"
    assert not Shift.objects.exists()


def test_a_past_shift_stays_and_the_page_says_why(cast, sign_in):
    held = shift(cast.chen, -8, -1)
    page = sign_in(cast.wang).post(remove_url(held), follow=True)
    assert "The past does not change." in page.content.decode()
    assert Shift.objects.get() == held


def test_a_foreign_shift_is_a_404_and_one_s_own_without_the_right_a_403(cast, sign_in):
    theirs, ours = shift(cast.outsider, 5, 8), shift(cast.chen, 5, 8)
    assert sign_in(cast.wang).post(remove_url(theirs)).status_code == 404
    assert sign_in(cast.li).post(remove_url(ours)).status_code == 403
    assert sign_in(cast.zhao).post(remove_url(ours)).status_code == 403
    assert Shift.objects.count() == 2


def test_strangers_are_sent_to_sign_in(client, db):
    for url in (NOW_URL, NEW_URL):
        assert client.get(url).url.startswith(reverse("login"))
