"""The year of the working calendar, and one day of it to edit."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from duty.models import CalendarDay, CalendarYear, DayKind

NATIONAL_DAY = reverse("duty:calendar_day", args=[2026, 10, 1])


def year_url(year: int) -> str:
    return reverse("duty:calendar_year", args=[year])


@pytest.fixture
def sign_in(cast, client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    def sign_in(person):
        client.force_login(person)
        return client

    return sign_in


def cell(page, day: date):
    cells = [each for month in page.context["months"] for week in month.weeks for each in week if each]
    (found,) = [each for each in cells if each.date == day]
    return found


def test_the_calendar_leads_to_this_year(cast, sign_in):
    assert sign_in(cast.li).get(reverse("duty:calendar")).url == year_url(timezone.localdate().year)


def test_a_year_has_all_its_days_and_their_kinds(cast, sign_in, django_assert_max_num_queries):
    browser = sign_in(cast.li)
    with django_assert_max_num_queries(12):
        page = browser.get(year_url(2026))
    cells = [each for month in page.context["months"] for week in month.weeks for each in week if each]
    assert len(cells) == 365
    assert cell(page, date(2026, 10, 1)).kind == DayKind.STATUTORY
    assert cell(page, date(2026, 10, 10)).kind == DayKind.MAKEUP_WORKDAY
    assert cell(page, date(2026, 11, 28)).kind == DayKind.WEEKEND


def test_the_kind_of_a_day_is_told_by_a_word_and_not_by_colour_alone(cast, sign_in):
    page = sign_in(cast.li).get(year_url(2026))
    special = (DayKind.STATUTORY, DayKind.DAY_IN_LIEU, DayKind.MAKEUP_WORKDAY)
    marks = dict(page.context["kinds"])
    assert len({str(marks[kind]) for kind in special}) == 3 and all(marks[kind] for kind in special)
    text = page.content.decode()
    assert all(f"{kind.label} ({marks[kind]})" in text for kind in special)
    assert cell(page, date(2026, 10, 1)).mark == marks[DayKind.STATUTORY]


def test_holidays_are_named_with_their_days(cast, sign_in):
    page = sign_in(cast.li).get(year_url(2026))
    national = [run for run in page.context["breaks"] if run.name == "National Day"]
    assert [(run.first, run.length) for run in national] == [(date(2026, 10, 1), 7)]
    assert date(2026, 10, 10) in [run.first for run in page.context["worked"]]


def test_a_year_whose_plan_is_not_known_says_so(cast, sign_in):
    warning = "official holiday plan of {} is not known"
    browser = sign_in(cast.li)
    assert warning.format(2026) not in browser.get(year_url(2026)).content.decode()
    CalendarYear.objects.filter(year=2026).update(is_official=False)
    assert warning.format(2026) in browser.get(year_url(2026)).content.decode()
    page = browser.get(year_url(2031))
    assert warning.format(2031) in page.content.decode()
    assert cell(page, date(2031, 1, 4)).kind == DayKind.WEEKEND


@pytest.mark.parametrize("year", [0, 1999, 2101, 10**30])
def test_a_year_out_of_reach_is_a_404(cast, sign_in, year):
    assert sign_in(cast.admin).get(f"/duty/calendar/{year}/").status_code == 404
    assert sign_in(cast.admin).get(f"/duty/calendar/{year}/1/1/").status_code == 404


@pytest.mark.parametrize("day", ["2026/13/1", "2026/2/29", "2026/1/0", f"2026/1/{10**30}"])
def test_a_day_that_does_not_exist_is_a_404(cast, sign_in, day):
    assert sign_in(cast.admin).get(f"/duty/calendar/{day}/").status_code == 404


def test_days_lead_to_their_form_for_those_who_may_edit(cast, sign_in):
    assert NATIONAL_DAY in sign_in(cast.wang).get(year_url(2026)).content.decode()
    assert NATIONAL_DAY not in sign_in(cast.li).get(year_url(2026)).content.decode()


def test_a_supervisor_edits_a_day(cast, sign_in):
    browser = sign_in(cast.wang)
    page = browser.get(NATIONAL_DAY)
    assert page.context["form"]["kind"].value() == DayKind.STATUTORY
    answer = browser.post(NATIONAL_DAY, {"kind": "workday", "name": "加班", "name_en": "Overtime"})
    assert answer.url == year_url(2026)
    day = CalendarDay.objects.get(date=date(2026, 10, 1))
    assert (day.kind, day.name, day.name_en, day.is_edited) == ("workday", "加班", "Overtime", True)


def test_an_edited_day_is_let_follow_the_plan_again(cast, sign_in):
    forget = reverse("duty:calendar_forget", args=[2026, 10, 1])
    browser = sign_in(cast.wang)
    assert forget not in browser.get(NATIONAL_DAY).content.decode()
    before = CalendarDay.objects.filter(date=date(2026, 10, 1)).values().get()
    browser.post(NATIONAL_DAY, {"kind": "workday", "name": "加班"})
    assert forget in browser.get(NATIONAL_DAY).content.decode()
    assert browser.get(forget).status_code == 405
    assert browser.post(forget).url == year_url(2026)
    assert CalendarDay.objects.filter(date=date(2026, 10, 1)).values().get() == before
    browser.post("/duty/calendar/2031/10/1/", {"kind": "statutory"})
    browser.post(reverse("duty:calendar_forget", args=[2031, 10, 1]))
    assert not CalendarDay.objects.filter(date=date(2031, 10, 1)).exists()
    for person in (cast.li, cast.sun):
        assert sign_in(person).post(forget).status_code == 403


def test_a_refused_kind_is_an_error_at_its_field_and_nothing_typed_is_lost(cast, sign_in):
    page = sign_in(cast.wang).post(NATIONAL_DAY, {"kind": "weekend", "name": "加班日"})
    assert page.status_code == 422 and page.context["form"].errors.keys() == {"kind"}
    assert "加班日" in page.content.decode()
    assert CalendarDay.objects.get(date=date(2026, 10, 1)).kind == DayKind.STATUTORY


def test_those_who_may_not_edit_get_a_403(cast, sign_in):
    for person in (cast.li, cast.zhao, cast.sun):
        assert sign_in(person).get(NATIONAL_DAY).status_code == 403
        assert sign_in(person).post(NATIONAL_DAY, {"kind": "workday"}).status_code == 403
    assert sign_in(cast.sun).get(year_url(2026)).status_code == 403


def test_pages_know_only_their_methods(cast, sign_in):
    assert sign_in(cast.admin).post(year_url(2026)).status_code == 405
    assert sign_in(cast.admin).delete(NATIONAL_DAY).status_code == 405
