"""The in-app inbox."""

import pytest
from django.urls import reverse

from opsdesk.testing import MONDAY
from staff.actions import notify
from staff.models import Notice

URL, READ_URL = reverse("staff:inbox"), reverse("staff:inbox_read")


def tell(person, *, key="one", year=2028, url="/duty/calendar/2028/"):
    notify([person], "calendar_unknown", {"year": year}, url=url, key=key, now=MONDAY)
    return Notice.objects.get(recipient=person, key=key)


@pytest.fixture
def browser(cast, client):
    client.force_login(cast.li)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def test_a_notice_is_put_into_words_and_leads_to_its_page(cast, browser):
    tell(cast.li)
    page = browser.get(URL).content.decode()
    assert "The official holiday plan of 2028 is not in the calendar" in page
    assert 'href="/duty/calendar/2028/"' in page


def test_an_empty_inbox_says_what_will_be_here(cast, browser):
    assert "No notices yet" in browser.get(URL).content.decode()
    assert "Nothing unread" in browser.get(URL, {"unread": "1"}).content.decode()


def test_reading_marks_what_was_on_the_page_and_not_what_came_since(cast, browser):
    seen, later = tell(cast.li), tell(cast.li, key="two")
    assert browser.post(READ_URL, {"upto": seen.pk}).url == URL
    seen.refresh_from_db(), later.refresh_from_db()
    assert seen.read_at is not None and later.read_at is None
    unread = browser.get(URL, {"unread": "1"})
    assert [notice for notice, _subject, _body in unread.context["rows"]] == [later]


def test_a_notice_of_somebody_else_is_neither_shown_nor_marked(cast, browser):
    foreign = tell(cast.wang)
    assert browser.get(URL).context["rows"] == []
    browser.post(READ_URL, {"upto": foreign.pk})
    foreign.refresh_from_db()
    assert foreign.read_at is None


@pytest.mark.parametrize("upto", ["", "x", "-1", "1.5", "9" * 30, "١"])
def test_nonsense_marks_nothing(cast, browser, upto):
    assert browser.post(READ_URL, {"upto": upto}).status_code == 400


def test_no_state_change_by_get(cast, browser):
    assert browser.get(READ_URL).status_code == 405
    assert browser.post(URL).status_code == 405


def test_a_long_inbox_costs_no_more_queries_than_a_short_one(cast, browser, django_assert_max_num_queries):
    for number in range(55):
        tell(cast.li, key=str(number))
    with django_assert_max_num_queries(12):
        first = browser.get(URL)
    assert len(first.context["rows"]) == 50
    second = browser.get(URL + first.context["page"].older_url)
    assert len(second.context["rows"]) == 5
