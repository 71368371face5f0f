"""The calls of the telephone: filed once a day and group, replaced, seen by the group alone (§3.1)."""

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from opsdesk.tests.rest import caller
from reports.actions.phone import file_calls
from reports.models import PhoneDay, PhoneEntry
from reports.tests.making import NOW, day
from staff.refused import Refused


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def signed_in(person) -> Browser:
    person.language = "en"
    person.save()
    browser = Browser()
    browser.force_login(person)
    return browser


def test_calls_of_a_day_are_filed_once_and_replaced(cast):
    facts = {"by": cast.wang, "now": NOW}
    first = file_calls(cast.south, day("2026-11-20"), offered=10, answered=8, **facts)
    assert file_calls(cast.south, day("2026-11-20"), offered=10, answered=8, **facts) == first
    assert PhoneEntry.objects.count() == 1
    file_calls(cast.south, day("2026-11-20"), offered=12, answered=9, note="补报", **facts)
    (row,) = PhoneDay.objects.all()
    assert (row.offered, row.answered, row.version) == (12, 9, 2)
    assert [(entry.offered, entry.note) for entry in row.entries.all()] == [(12, "补报"), (10, "")]


@pytest.mark.parametrize(
    ("who", "group", "wrong", "field"),
    [
        ("wang", "north", {}, None),
        ("chen", "south", {}, None),
        ("zhou", "south", {}, None),
        ("wang", "south", {"day": day("2026-11-24")}, "day"),
        ("wang", "south", {"day": day("1999-12-31")}, "day"),
        ("wang", "south", {"answered": 11}, "answered"),
        ("wang", "south", {"offered": 1_000_000}, "offered"),
        ("admin", "south", {"note": "长" * 201}, "note"),
    ],
)
def test_who_may_file_which_calls(cast, who, group, wrong, field):
    facts = {"day": day("2026-11-20"), "offered": 10, "answered": 8} | wrong
    with pytest.raises(Refused) as refused:
        file_calls(getattr(cast, group), **facts, by=getattr(cast, who), now=NOW)
    assert refused.value.field == field and not PhoneDay.objects.exists()


def test_calls_are_filed_on_the_page_and_seen_by_the_group(cast):
    address, typed = reverse("reports:phone"), {"group": "south", "day": "2026-11-20", "offered": "10"}
    supervisor = signed_in(cast.wang)
    refused = supervisor.post(address, typed | {"answered": "11"})
    assert refused.status_code == 422 and "No more than came in" in refused.content.decode()
    assert supervisor.post(address, typed | {"answered": "9", "group": "north"}).status_code == 422
    assert supervisor.post(address, typed | {"answered": "9"}).status_code == 302
    (row,) = PhoneDay.objects.all()
    one = reverse("reports:phone_day", args=[row.pk])
    assert "9 / 10" in supervisor.get(one).content.decode()
    outsider = signed_in(cast.outsider)
    assert outsider.get(one).status_code == 404 and outsider.get(address).context["page"].rows == []
    assert outsider.post(address, typed | {"answered": "9"}).status_code == 403
    assert signed_in(cast.sun).get(address).status_code == 403


def test_calls_are_filed_by_rest(cast):
    body = {"group": "south", "day": "2026-11-20", "offered": 10, "answered": 9}
    ask = caller(cast.wang)
    first, again = (ask.post("/phone-days/", body) for _n in range(2))
    assert first.status_code == 200 and first.json() == again.json() and PhoneEntry.objects.count() == 1
    assert ask.post("/phone-days/", body | {"answered": 11}).status_code == 422
    assert ask.post("/phone-days/", body | {"group": "north"}).status_code == 403
    assert caller(cast.outsider).get("/phone-days/").json()["results"] == []
    assert [one["answered"] for one in ask.get("/phone-days/").json()["results"]] == [9]
