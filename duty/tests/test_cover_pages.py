"""Holiday cover as pages and through REST; when alarms are raised, as a form; who leaves a roster."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from duty.actions import Duty as Span
from duty.actions import ask_swap, empty_shifts_of
from duty.models import CalendarDay, DutyRole, EmptyShift, Shift, SwapRequest
from duty.tests.rosters import defined
from opsdesk.testing import Cast
from opsdesk.tests.rest import caller
from staff.models import Group, Role, User

NOW = timezone.now()
FIRST = timezone.localdate(NOW) + timedelta(days=10)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OVERVIEW = reverse("duty:cover")
BLOCK = reverse("duty:cover_block", args=["south", FIRST.isoformat()])
ALARMS = reverse("duty:alarms", args=["south"])


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), timezone.get_default_timezone())


@pytest.fixture
def holiday(cast: Cast) -> Cast:
    """Two days off in ten days, a key holiday, on which all three duties are held, by people with numbers."""
    CalendarDay.objects.filter(date__gte=FIRST - 2 * DAY, date__lt=FIRST + 12 * DAY).update(kind="workday")
    facts = {"name": "春节", "name_en": "Spring Festival", "source": "test"}
    for day, kind in ((FIRST, "statutory"), (FIRST + DAY, "day_in_lieu")):
        CalendarDay.objects.update_or_create(date=day, defaults=facts | {"kind": kind})
    for number, role in enumerate(DutyRole):
        person = User.objects.create_user(
            f"p{number}",
            name=f"人{number}",
            role=Role.ENGINEER,
            group=cast.south,
            phone=f"1380000111{number}",
        )
        Shift.objects.create(
            group=cast.south,
            user=person,
            role=role,
            starts_at=midnight(FIRST - 3 * DAY),
            ends_at=midnight(FIRST + 3 * DAY),
        )
    return cast


@pytest.fixture
def browse(client):
    def browse(person: User):
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        client.force_login(person)
        return client

    return browse


def test_a_complete_cover_is_said_to_be_with_every_number(holiday, browse):
    page = browse(holiday.li).get(BLOCK).content.decode()
    assert "The cover is complete." in page and "Spring Festival" in page
    assert page.count('href="tel:13800001111"') == 2  # on both days
    assert "Plan these days" not in page
    assert "complete" in browse(holiday.li).get(OVERVIEW).content.decode()
    assert reverse("duty:cover") in browse(holiday.li).get(reverse("duty:now")).content.decode()


def test_what_lacks_stands_there_with_what_fills_it(holiday, browse):
    Shift.objects.filter(role="backup").update(ends_at=midnight(FIRST) + 20 * HOUR)
    EmptyShift.objects.create(
        group=holiday.south,
        user=holiday.chen,
        role="backup",
        starts_at=midnight(FIRST) + 20 * HOUR,
        ends_at=midnight(FIRST) + 22 * HOUR,
    )
    User.objects.filter(username="p0").update(phone="")
    page = browse(holiday.wang).get(BLOCK)
    text = page.content.decode()
    assert [(lack.role, lack.why) for lack, _person in page.context["lacks"]] == [
        ("primary", "phone"),
        ("backup", "absent"),
        ("backup", "nobody"),
    ]
    assert "人0 has no phone number" in text and "陈工 is away" in text
    assert text.count("&amp;role=backup") == 2
    block = [FIRST.isoformat(), (FIRST + DAY).isoformat()]
    assert reverse("duty:temporary_create", args=["south", *block]) in text
    assert "3 things lack" in browse(holiday.wang).get(OVERVIEW).content.decode()
    assert "&amp;role=" not in browse(holiday.li).get(BLOCK).content.decode()


def test_a_group_sees_its_own_cover_and_those_above_see_all(holiday, browse):
    assert browse(holiday.outsider).get(BLOCK).status_code == 404
    assert browse(holiday.outsider).get(OVERVIEW).context["groups"] == [holiday.north]
    assert len(browse(holiday.zhao).get(OVERVIEW).context["groups"]) == 2
    assert browse(holiday.zhao).get(BLOCK).status_code == 200
    for url in (OVERVIEW, BLOCK):
        assert browse(holiday.sun).get(url).status_code == 403
        assert browse(holiday.li).post(url).status_code == 405
    for first in (FIRST + DAY, "2026-13-01", "soon"):
        assert browse(holiday.li).get(reverse("duty:cover_block", args=["south", first])).status_code == 404


def test_the_overview_costs_the_same_for_two_groups_and_twelve(
    holiday, browse, django_assert_max_num_queries
):
    for number in range(10):
        group = Group.objects.create(code=f"g{number}", name=f"组 {number}")
        person = User.objects.create(username=f"q{number}", name="人", role="engineer", group=group)
        Shift.objects.create(
            group=group, user=person, starts_at=midnight(FIRST), ends_at=midnight(FIRST + 2 * DAY)
        )
    browser = browse(holiday.zhao)
    with django_assert_max_num_queries(12):
        browser.get(OVERVIEW)


def test_cover_through_rest(holiday):
    User.objects.filter(username="p2").update(phone="")
    answer = caller(holiday.li).get("/duty/cover/", {"group": "south"})
    plan = next(one for one in answer.json()["results"] if one["first_day"] == FIRST.isoformat())
    assert (plan["is_key"], plan["is_complete"], plan["name"]) == (True, False, "Spring Festival")
    assert [one["phone"] for one in plan["duties"]].count("13800001110") == 1
    (lack,) = plan["lacks"]
    assert (lack["duty"], lack["why"], lack["person"]["id"]) == ("supervisor", "phone", "p2")
    assert caller(holiday.outsider).get("/duty/cover/", {"group": "south"}).status_code == 404
    assert caller(holiday.li).get("/duty/cover/", {"month": "1"}).status_code == 422


def test_alarms_are_set_by_the_supervisor_and_nonsense_is_said_at_its_field(cast, browse):
    sent = {"warn_days": "3, 10", "plan_days": "20", "plan_alarm_days": "9"}
    assert browse(cast.wang).post(ALARMS, sent).url == reverse("duty:plan", args=["south"])
    text = browse(cast.wang).get(reverse("duty:plan", args=["south"])).content.decode()
    assert "10 days before" in text and "20 days before" in text
    for field, value in (
        ("warn_days", "x"),
        ("warn_days", "40"),
        ("plan_days", "0"),
        ("plan_alarm_days", "6"),
    ):
        page = browse(cast.wang).post(ALARMS, sent | {field: value})
        assert page.status_code == 422 and page.context["form"].errors.keys() == {field}
        assert f'value="{value}"' in page.content.decode()
    assert browse(cast.li).get(ALARMS).status_code == 403
    assert browse(cast.outsider).get(ALARMS).status_code == 404


def test_a_swap_is_declined_on_the_page_by_whom_it_was_asked_of(cast, browse):
    defined(cast, since=midnight(FIRST), now=NOW, first_day=FIRST, starts=time(0), ends=time(0))
    own = Shift.objects.filter(user=cast.li).earliest("starts_at")
    duty = Span(DutyRole.PRIMARY, own.starts_at, own.ends_at)
    swap = ask_swap(duty, asked=cast.chen, by=cast.li, now=NOW)
    url, mine = reverse("duty:swap_decline", args=[swap.pk]), reverse("duty:mine")
    assert url in browse(cast.chen).get(mine).content.decode()
    assert url not in browse(cast.wang).get(mine).content.decode()
    assert browse(cast.chen).get(url).status_code == 405
    browse(cast.wang).post(url)
    assert SwapRequest.objects.get().state == "open"
    browse(cast.chen).post(url)
    assert SwapRequest.objects.get().state == "declined"
    assert "turned down · 陈工" in browse(cast.li).get(mine).content.decode()
    assert browse(cast.outsider).post(url).status_code == 404


# Who leaves


@pytest.fixture
def administrator(cast, browse):
    User.objects.filter(pk=cast.admin.pk).update(is_staff=True, is_superuser=True)
    return browse(User.objects.get(pk=cast.admin.pk))


def typed(person: User, **more) -> dict[str, object]:
    names = ("username", "name", "role", "theme", "density", "time_format", "management_level")
    sent = {name: getattr(person, name) for name in names}
    sent |= {"group": person.group_id, "is_active": "on", "email_notices": "on"}
    day, clock = timezone.localtime(person.date_joined).strftime("%Y-%m-%d %H:%M:%S").split()
    sent |= {"date_joined_0": day, "date_joined_1": clock} | more
    return {name: value for name, value in sent.items() if value is not None}


@pytest.mark.parametrize("change", [{"is_active": None}, {"role": "auditor"}, {"group": "north"}])
def test_somebody_with_duties_ahead_leaves_only_on_a_word_that_they_stay_empty(cast, administrator, change):
    defined(cast, since=midnight(FIRST), now=NOW, first_day=FIRST, starts=time(0), ends=time(0))
    if change.get("group"):
        change = {"group": cast.north.pk}
    url = reverse("admin:staff_user_change", args=[cast.chen.pk])
    held = Shift.objects.filter(user=cast.chen).count()
    refused = administrator.post(url, typed(cast.chen, **change))
    assert f"{held} duties lie ahead, the first at {FIRST} 00:00" in refused.content.decode()
    assert administrator.post(url, typed(cast.chen, **change, leave_empty="on")).status_code == 302
    assert not Shift.objects.filter(user=cast.chen).exists()
    assert EmptyShift.objects.filter(user=cast.chen).count() == held
    assert empty_shifts_of(cast.chen, by=cast.admin, now=NOW) == 0


def test_other_changes_of_a_person_ask_for_nothing(cast, administrator):
    defined(cast, since=midnight(FIRST), now=NOW, first_day=FIRST, starts=time(0), ends=time(0))
    url = reverse("admin:staff_user_change", args=[cast.chen.pk])
    assert administrator.post(url, typed(cast.chen, name="陈师傅")).status_code == 302
    assert Shift.objects.filter(user=cast.chen).exists()
    url = reverse("admin:staff_user_change", args=[cast.outsider.pk])
    assert administrator.post(url, typed(cast.outsider, is_active=None)).status_code == 302
